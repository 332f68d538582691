//! Folders become federations, for the tests.
#![expect(clippy::disallowed_methods, reason = "tests read files")]
#![allow(dead_code, reason = "not every test module uses every helper")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rolecall::sources::input::{Input, SourceOptions, Stream};
use rolecall::sources::load::{Loaded, load};

/// The project's fixtures.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Data from elsewhere, where `ROLECALL_SHARED` says it is.
pub(crate) fn shared() -> Option<PathBuf> {
    let found = std::env::var("ROLECALL_SHARED").ok().map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: ROLECALL_SHARED is not set");
    }
    found
}

/// Whether a file of a world is an input rather than something about it.
fn is_input(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name != "README.md"
        && name != "rolecall.toml"
        && !name.starts_with("expected.")
        && !name.ends_with("expectations.toml")
        && !name.ends_with(".expect.toml")
}

/// All inputs below a path, sorted, named relative to `root`.
pub(crate) fn inputs(root: &Path, path: &Path) -> Vec<Input> {
    let mut files = Vec::new();
    walk(path, &mut files);
    files.sort();
    files.into_iter().filter(|file| is_input(file)).map(|file| input(root, &file)).collect()
}

pub(crate) fn input(root: &Path, file: &Path) -> Input {
    let name = file.strip_prefix(root).unwrap_or(file).display().to_string();
    let file = file.to_path_buf();
    let open = Box::new(move || Ok(Box::new(File::open(&file)?) as Box<dyn Stream>));
    Input { name, open, found: false, options: SourceOptions::default() }
}

/// An input held in memory.
pub(crate) fn memory(name: &str, bytes: Vec<u8>) -> Input {
    let open =
        Box::new(move || Ok(Box::new(std::io::Cursor::new(bytes.clone())) as Box<dyn Stream>));
    Input { name: name.to_owned(), open, found: false, options: SourceOptions::default() }
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            walk(&entry.unwrap().path(), files);
        }
    } else {
        files.push(path.to_path_buf());
    }
}

pub(crate) fn load_folder(path: &Path) -> Loaded {
    load(inputs(path, path))
}
