//! Files that get other bytes: written beside and renamed, so that nobody finds half of one.
#![expect(clippy::disallowed_methods, reason = "this is where files are written")]

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use super::super::CliError;
use super::super::files::plain;
use crate::text::Shown;

/// A file as it was read, and as it shall be.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Rewritten<'a> {
    pub(in crate::cli) name: &'a str,
    pub(in crate::cli) before: &'a [u8],
    pub(in crate::cli) now: &'a [u8],
}

/// Writes the files that changed; none where one of them cannot be.
pub(in crate::cli) fn rewrite(files: &[Rewritten<'_>]) -> Result<(), CliError> {
    let changed = || files.iter().filter(|file| file.before != file.now);
    for file in changed() {
        may_write(file).map_err(|why| {
            CliError::Message(format!("`{}` is not changed: {why}", Shown(file.name)))
        })?;
    }
    for file in changed() {
        beside(Path::new(file.name), file.now).map_err(|error| {
            let (name, why) = (Shown(file.name), plain(&error));
            CliError::Message(format!("`{name}` cannot be written: {why}"))
        })?;
    }
    Ok(())
}

/// Whether a file is still the one that was read, and may be another.
fn may_write(file: &Rewritten<'_>) -> Result<(), String> {
    let path = Path::new(file.name);
    let about = fs::symlink_metadata(path).map_err(|error| plain(&error))?;
    if about.is_symlink() {
        return Err("it is a symbolic link, expected the file itself".to_owned());
    }
    if about.permissions().readonly() {
        return Err("it is read-only".to_owned());
    }
    let mut bytes = Vec::new();
    let most = file.before.len() as u64 + 1;
    let read = File::open(path).and_then(|open| open.take(most).read_to_end(&mut bytes));
    read.map_err(|error| plain(&error))?;
    if bytes != file.before {
        return Err("it changed since it was read, expected nobody else to write it".to_owned());
    }
    Ok(())
}

fn beside(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = target.with_file_name(format!(".{name}.{}", std::process::id()));
    let permissions = fs::metadata(target)?.permissions();
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| fs::set_permissions(&beside, permissions))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, target));
    if written.is_err() {
        // The error that is reported is the first one.
        let _ = fs::remove_file(&beside);
    }
    written
}
