//! Captured messages from files, folders and standard input.

use std::path::PathBuf;

use super::CliError;
use crate::cli::files::{self, plain};
use crate::cli::warn;
use crate::saml::bindings::{CaptureError, captures};
use crate::saml::capture::Capture;
use crate::sources::input::{SourceOptions, Stream};
use crate::text::Shown;

/// A captured message, or why there is none.
pub(super) type Captured = Result<Capture, CaptureError>;

/// Hands on every message of files, folders and, for `-`, standard input, file by file. A file of a folder
/// that is something else altogether is passed over with a warning.
pub(super) fn each(
    paths: &[PathBuf],
    mut take: impl FnMut(Captured) -> Result<(), CliError>,
) -> Result<(), CliError> {
    for path in paths {
        if path.as_os_str() == "-" {
            captures("standard input", std::io::stdin().lock())
                .into_iter()
                .try_for_each(&mut take)?;
            continue;
        }
        for input in files::inputs(path, &SourceOptions::default())? {
            let opened: Result<Box<dyn Stream>, _> = (input.open)();
            let opened = opened.map_err(|error| {
                let why = plain(&error);
                CliError::Message(format!("`{}` cannot be read: {why}", Shown(&input.name)))
            })?;
            for captured in captures(&input.name, opened) {
                match captured {
                    Err(error) if input.found && error.problem.is_foreign() => {
                        warn(&format!("`{}` is passed over: {error}", Shown(&error.name)));
                    }
                    other => take(other)?,
                }
            }
        }
    }
    Ok(())
}

/// What is wrong, with file and line.
pub(super) fn complaint(error: &CaptureError) -> String {
    let name = Shown(&error.name);
    match error.line {
        Some(line) => format!("{name}:{line}: {error}"),
        None => format!("{name}: {error}"),
    }
}
