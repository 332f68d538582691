//! `rolecall saml redact`.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::keys::{KeyArgs, known_keys};
use crate::cli::files::plain;
use crate::cli::{CliError, Exit, warn};
use crate::saml::bindings::captures;
use crate::saml::certificate::Certificate;
use crate::saml::redact::{TestKeys, redact};
use crate::saml::verify::{KnownKeys, verify};
use crate::saml::xml::{MESSAGE, Tree, text_of};
use crate::text::Shown;

/// Arguments of `saml redact`.
#[derive(Debug, Args)]
pub(super) struct RedactArgs {
    /// A SAML message as it was captured: XML, base64, a form, a HAR file; `-` reads standard input
    file: PathBuf,
    /// Which message of a file that has several, counted from 1
    #[arg(long, value_name = "N")]
    message: Option<usize>,
    /// Leave the values of this attribute or element as they are, such as `Role` or `Issuer` (repeatable)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    keep: Vec<String>,
    /// Keys that are believed, so that the copy verifies as the message does with them; without any, the
    /// certificates that the message carries are
    #[command(flatten)]
    keys: KeyArgs,
}

/// Runs `saml redact`.
pub(super) fn run(args: &RedactArgs) -> Result<Exit, CliError> {
    let text = message(&args.file, args.message)?;
    let refuse = |why: &str| refused(&args.file, why);
    let tree = Tree::parse(&text, MESSAGE)
        .map_err(|error| refuse(&format!("line {}: {error}", error.at.line)))?;
    let keys = known(args, &tree)?;
    let verification = verify(&tree, &keys);
    let test_keys = TestKeys::embedded().map_err(|error| CliError::Message(error.to_string()))?;
    let redacted = redact(&tree, &verification, &args.keep, &test_keys);
    let redacted = redacted.map_err(|error| refuse(&error.to_string()))?;
    for note in &redacted.notes {
        warn(note);
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}", redacted.text)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// The keys that are believed: those given or, without any, those that the message carries.
fn known(args: &RedactArgs, tree: &Tree<'_>) -> Result<KnownKeys, CliError> {
    let mut keys = known_keys(&args.keys)?;
    if keys.is_empty() {
        let carried = tree.root().descendants();
        let carried = carried.filter(|node| node.tag_name().name() == "X509Certificate");
        for certificate in carried.filter_map(|one| Certificate::from_base64(&text_of(one)).ok()) {
            // What is no key to verify with verifies nothing.
            let _ = keys.add_certificate("its own certificate", &certificate);
        }
    }
    Ok(keys)
}

/// The one message in a file, or the one that is asked for.
pub(super) fn message(file: &Path, number: Option<usize>) -> Result<String, CliError> {
    let refuse = |why: &str| refused(file, why);
    let is_stdin = file.as_os_str() == "-";
    let name = file.display().to_string();
    let found = if is_stdin {
        captures("standard input", io::stdin().lock())
    } else {
        #[expect(clippy::disallowed_methods, reason = "this is where the file is opened")]
        let opened = File::open(file);
        let opened =
            opened.map_err(|error| refuse(&format!("cannot be read: {}", plain(&error))))?;
        captures(&name, opened)
    };
    let count = found.len();
    let chosen = match number {
        None if count == 1 => 1,
        None => {
            let why = format!("{count} messages in it; choose one with `--message N`");
            return Err(refuse(&why));
        }
        Some(number) => number,
    };
    match found.into_iter().nth(chosen.saturating_sub(1)) {
        Some(Ok(capture)) if chosen > 0 => Ok(capture.text),
        Some(Err(error)) => Err(refuse(&error.to_string())),
        _ => Err(refuse(&format!("no message {chosen}, expected 1 to {count}"))),
    }
}

fn refused(path: &Path, why: &str) -> CliError {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
    CliError::Message(format!("`{}`: {}", Shown(&name), Shown(why)))
}
