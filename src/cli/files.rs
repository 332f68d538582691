//! Files and folders become inputs.
#![expect(clippy::disallowed_methods, reason = "this is where files are opened")]

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::CliError;
use crate::sources::input::{Input, SourceOptions};
use crate::text::Shown;

/// How deep folders are walked.
const DEPTH: usize = 16;

/// Inputs of a path: the file itself, or every file below a folder, sorted by name. Hidden files, links
/// that leave the folder and what is no regular file are passed over.
pub(crate) fn inputs(path: &Path, options: &SourceOptions) -> Result<Vec<Input>, CliError> {
    let shown = path.display().to_string();
    let about = fs::metadata(path).map_err(|error| {
        CliError::Message(format!("`{}` cannot be read: {}", Shown(&shown), plain(&error)))
    })?;
    if !about.is_dir() {
        return Ok(vec![input(path, options.clone(), false)]);
    }
    let mut found = Vec::new();
    walk(path, DEPTH, &mut found).map_err(|error| {
        CliError::Message(format!("`{}` cannot be read: {}", Shown(&shown), plain(&error)))
    })?;
    if found.is_empty() {
        return Err(CliError::Message(format!(
            "`{}` holds no files, expected exports",
            Shown(&shown)
        )));
    }
    found.sort();
    Ok(found.iter().map(|file| input(file, options.clone(), true)).collect())
}

/// An input that opens a file.
pub(crate) fn input(path: &Path, options: SourceOptions, found: bool) -> Input {
    let (name, path) = (path.display().to_string(), path.to_path_buf());
    let open = Box::new(move || {
        let file = File::open(&path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "is a folder, expected a file",
            ));
        }
        Ok(Box::new(file) as Box<dyn Read + Send>)
    });
    Input { name, open, found, options }
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() && depth > 0 {
            walk(&entry.path(), depth - 1, found)?;
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// The operating system's word without its number.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}
