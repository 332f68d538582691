//! `rolecall saml redact`.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;

use super::keys::{KeyArgs, known_keys};
use super::read_bytes;
use crate::cli::{CliError, Exit, warn};
use crate::saml::certificate::Certificate;
use crate::saml::redact::{TestKeys, redact};
use crate::saml::verify::{KnownKeys, verify};
use crate::saml::xml::{MESSAGE, Tree, text_of};
use crate::text::Shown;

/// Arguments of `saml redact`.
#[derive(Debug, Args)]
pub(super) struct RedactArgs {
    /// A SAML message, XML or base64; `-` reads standard input
    file: PathBuf,
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
    let text = message(&args.file)?;
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

/// The message in a file.
fn message(path: &Path) -> Result<String, CliError> {
    let refuse = |why: &str| refused(path, why);
    let text = String::from_utf8(read_bytes(path)?)
        .map_err(|_| refuse("not UTF-8, expected XML or base64"))?;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return Ok(text);
    }
    let packed: String = text.split_ascii_whitespace().collect();
    let decoded = STANDARD.decode(packed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.ok_or_else(|| refuse("neither XML nor base64 of it, expected a SAML message"))
}

fn refused(path: &Path, why: &str) -> CliError {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
    CliError::Message(format!("`{}`: {}", Shown(&name), Shown(why)))
}
