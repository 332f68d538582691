//! Files and folders become inputs; `rolecall.toml` says which.
#![expect(clippy::disallowed_methods, reason = "this is where files are opened")]

use std::fs::{self, File};
use std::io::{self, Cursor, Read, Write as _};
use std::path::{Path, PathBuf};

use super::CliError;
use crate::config::{Config, ConfigSource, FILE_NAME};
use crate::model::federation::Federation;
use crate::rules::settings::fits;
use crate::sources::input::{Input, SourceOptions, Stream, read_over};
use crate::text::{Shown, SourceId};

/// How deep folders are walked.
const DEPTH: usize = 16;

/// Largest configuration that is read.
const CONFIG_LIMIT: u64 = 1 << 20;

/// Largest file of expectations that is read.
const EXPECTATIONS_LIMIT: u64 = 16 << 20;

/// The usual name of a file of expectations; `*.expect.toml` are some too.
pub(crate) const EXPECTATIONS: &str = "expectations.toml";

/// A configuration and where it was found.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    /// The file, as messages name it.
    pub(crate) name: String,
    /// The folder its paths are relative to.
    pub(crate) folder: PathBuf,
    /// Its text.
    text: String,
    /// What it says.
    pub(crate) config: Config,
}

impl Configuration {
    /// Its lines become lines of the run, and what it declares of accounts is said of them.
    pub(crate) fn declare(&self, federation: &mut Federation) -> SourceId {
        let lines = memchr::memchr_iter(b'\n', self.text.as_bytes()).count() + 1;
        let lines = u32::try_from(lines).unwrap_or(u32::MAX);
        let source = federation.sources.append(self.name.clone(), lines);
        self.config.declare(federation, source);
        source
    }

    /// The file itself, so that lines of it can be shown.
    pub(crate) fn input(&self) -> Input {
        let text = self.text.clone();
        let open = Box::new(move || {
            Ok(Box::new(Cursor::new(text.clone().into_bytes())) as Box<dyn Stream>)
        });
        let options = SourceOptions {
            encoding: Some("utf-8".to_owned()),
            is_configuration: true,
            ..SourceOptions::default()
        };
        Input { name: self.name.clone(), open, found: false, options }
    }

    /// The inputs it names.
    pub(crate) fn inputs(&self) -> Result<Vec<Input>, CliError> {
        let mut all = Vec::new();
        for source in &self.config.sources {
            let found = self.inputs_of(source).map_err(|error| {
                let (name, line) = (Shown(&self.name), source.line);
                CliError::Message(format!("{name}:{line}: {error}"))
            })?;
            all.extend(found);
        }
        Ok(all)
    }

    fn inputs_of(&self, source: &ConfigSource) -> Result<Vec<Input>, CliError> {
        let mut found = Vec::new();
        for path in matching(&self.folder, &source.path)? {
            found.extend(inputs(&path, &source.options)?);
        }
        Ok(found)
    }
}

/// The configuration named, or the one found in the working directory or above it, up to the
/// repository's root.
pub(crate) fn configuration(named: Option<&Path>) -> Result<Option<Configuration>, CliError> {
    let path = match named {
        Some(path) => path.to_path_buf(),
        None => match found_upwards().map_err(CliError::Io)? {
            Some(path) => path,
            None => return Ok(None),
        },
    };
    let name = path.display().to_string();
    let text = read_text(&path, CONFIG_LIMIT).map_err(|error| {
        CliError::Message(format!("`{}` cannot be read: {}", Shown(&name), plain(&error)))
    })?;
    let config = Config::parse(&text)
        .map_err(|error| CliError::Message(format!("{}:{}: {error}", Shown(&name), error.line)))?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(Some(Configuration { name, folder, text, config }))
}

fn found_upwards() -> io::Result<Option<PathBuf>> {
    let levels = std::env::current_dir()?.ancestors().count();
    let mut folder = PathBuf::new();
    for _ in 0..levels {
        let file = folder.join(FILE_NAME);
        if file.is_file() {
            return Ok(Some(file));
        }
        if folder.join(".git").exists() {
            break;
        }
        folder.push("..");
    }
    Ok(None)
}

/// A file's text, of so many bytes at most.
pub(crate) fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    file.take(limit + 1).read_to_string(&mut text)?;
    if text.len() as u64 > limit {
        let message = format!("over {limit} bytes, expected a smaller file");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(text)
}

/// The path itself or, where its last part holds a `*`, every entry of its folder that fits, sorted.
fn matching(base: &Path, pattern: &str) -> Result<Vec<PathBuf>, CliError> {
    let (folder, last) = match pattern.rsplit_once('/') {
        Some((folder, last)) => (base.join(folder), last),
        None => (base.to_path_buf(), pattern),
    };
    if !pattern.contains('*') {
        return Ok(vec![base.join(pattern)]);
    }
    if pattern.matches('*').count() > last.matches('*').count() {
        let shown = Shown(pattern);
        return Err(CliError::Message(format!("`{shown}`, expected a `*` in the last part only")));
    }
    let read = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
    let entries = fs::read_dir(read).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| {
        let shown = read.display().to_string();
        CliError::Message(format!("`{}` cannot be read: {}", Shown(&shown), plain(&error)))
    })?;
    let mut names: Vec<String> = entries
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && fits(last, name))
        .collect();
    if names.is_empty() {
        let shown = Shown(pattern);
        return Err(CliError::Message(format!("nothing fits `{shown}`, expected exports")));
    }
    names.sort();
    Ok(names.iter().map(|name| folder.join(name)).collect())
}

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

/// Name and text of a file of at most so many bytes.
pub(crate) fn text(path: &Path, limit: u64) -> Result<(String, String), CliError> {
    let name = path.display().to_string();
    let refuse = |why: &str| CliError::Message(format!("`{}` cannot be read: {why}", Shown(&name)));
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    read.map_err(|error| refuse(&plain(&error)))?;
    if bytes.len() as u64 > limit {
        return Err(refuse(&format!("over {limit} bytes, expected a smaller file")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to() + 1;
        refuse(&format!("byte {at} is not UTF-8"))
    })?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Ok((name, text))
}

/// An input that opens a file.
pub(crate) fn input(path: &Path, options: SourceOptions, found: bool) -> Input {
    let (name, path) = (path.display().to_string(), path.to_path_buf());
    let open = Box::new(move || {
        let file =
            File::open(&path).map_err(|error| io::Error::new(error.kind(), plain(&error)))?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "is a folder, expected a file",
            ));
        }
        Ok(Box::new(Opened { file, about }) as Box<dyn Stream>)
    });
    Input { name, open, found, options }
}

/// Standard input; it can be opened once.
pub(crate) fn standard_input() -> Input {
    let open = Box::new(|| Ok(Box::new(Piped(io::stdin())) as Box<dyn Stream>));
    let options = SourceOptions::default();
    Input { name: "standard input".to_owned(), open, found: false, options }
}

/// A stream that can only be read on.
struct Piped<R>(R);

impl<R: Read> Read for Piped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read + Send> Stream for Piped<R> {
    fn pass_over(&mut self, bytes: u64) -> io::Result<()> {
        read_over(&mut self.0, bytes)
    }
}

/// A file, and what the system said of it when it was opened.
struct Opened {
    file: File,
    about: fs::Metadata,
}

impl Read for Opened {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Stream for Opened {
    fn pass_over(&mut self, bytes: u64) -> io::Result<()> {
        self.file.pass_over(bytes)
    }

    /// A pipe's or a device's says nothing.
    fn size(&mut self) -> Option<u64> {
        self.about.is_file().then_some(self.about.len())
    }

    fn modified(&self) -> Option<i64> {
        let since = self.about.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    }
}

/// Whether a name is that of a configuration or of a file of expectations, which is no export.
fn is_ours(name: &str) -> bool {
    name == FILE_NAME || is_expectations(name)
}

/// Whether a name is that of a file of expectations.
pub(crate) fn is_expectations(name: &str) -> bool {
    name == EXPECTATIONS || name.ends_with(".expect.toml")
}

/// Files of expectations in a folder, by name.
pub(crate) fn expectations_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let read = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(read)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if is_expectations(&name) && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names.iter().map(|name| folder.join(name)).collect())
}

/// A file of expectations.
pub(crate) fn expectations_text(path: &Path) -> io::Result<String> {
    read_text(path, EXPECTATIONS_LIMIT)
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
        } else if kind.is_file() && !is_ours(&entry.file_name().to_string_lossy()) {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// Writes a file under another name and then gives it its own, so that nobody finds half of it.
pub(crate) fn write_beside(target: &Path, text: &[u8]) -> io::Result<()> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = target.with_file_name(format!(".{name}.{}", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
    let written = file.write_all(text).and_then(|()| fs::rename(&beside, target));
    if written.is_err() {
        // The error that is reported is the first one.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// The working folder, as names of files may begin with it; empty where it is not known.
pub(crate) fn working_folder() -> String {
    std::env::current_dir().map_or_else(|_| String::new(), |folder| folder.display().to_string())
}

/// The operating system's word without its number.
pub(crate) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_lowercase(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, expected) in [
            ("*.json", "roles.json", true),
            ("*.json", "roles.json.bak", false),
            ("*", "anything", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c", false),
            ("ab*ba", "aba", false),
            ("ab*ba", "abba", true),
            ("*-roles-*", "053918264407-roles-1.json", true),
            ("roles.json", "roles.json", true),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
