//! `rolecall saml mutate`.
#![expect(clippy::disallowed_methods, reason = "`--out` writes files")]

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::redact::message;
use super::signer::SignerArgs;
use crate::cli::files::plain;
use crate::cli::terminal::width;
use crate::cli::{CliError, Exit, warn};
use crate::config::nearest_rule;
use crate::report::saml_kinds as report;
use crate::saml::mutate::{AT, Example, Kind, kind, kinds};
use crate::saml::redact::TestKeys;
use crate::saml::verify::{KeyOrigin, KnownKeys, SignatureReport, verify};
use crate::saml::xml::{METADATA, Tree};
use crate::text::Shown;

/// Arguments of `saml mutate`.
#[derive(Debug, Args)]
pub(super) struct MutateArgs {
    /// What to make: `CLASS/KIND`, as `--list` names them
    #[arg(required_unless_present_any = ["list", "all"], value_name = "KIND")]
    kind: Option<String>,
    /// A valid message to start from, as it was captured; `-` reads standard input (default: an example, handed in
    /// at 2026-11-24T12:00:00Z)
    #[arg(value_name = "FILE", conflicts_with = "list")]
    file: Option<PathBuf>,
    /// List every kind: what it makes, and which rule finds it
    #[arg(long, conflicts_with_all = ["kind", "all"])]
    list: bool,
    /// Make every kind
    #[arg(long, requires = "out", conflicts_with = "kind")]
    all: bool,
    /// The new or empty folder for `--all`: a folder a class, a file a kind, and the metadata that they are held against
    #[arg(long, value_name = "DIR", requires = "all")]
    out: Option<PathBuf>,
    /// Break a message that somebody else's key signed: what is made of it holds what it holds, and may still be a credential
    #[arg(long, requires = "file")]
    show_secrets: bool,
    #[command(flatten)]
    signer: SignerArgs,
}

/// Runs `saml mutate`.
pub(super) fn run(args: &MutateArgs) -> Result<Exit, CliError> {
    let mut out = anstream::stdout().lock();
    if args.list {
        report::list(&mut out, width())?;
        out.flush()?;
        return Ok(Exit::Clean);
    }
    let known = args.signer.signer()?;
    let embedded = TestKeys::embedded().map_err(|error| CliError::Message(error.to_string()))?;
    let keys = TestKeys { known, ..embedded };
    let example = Example::new(&keys).map_err(|error| CliError::Message(error.to_string()))?;
    if let (true, Some(folder)) = (args.all, &args.out) {
        return write_all(&example, &keys, folder);
    }
    let name = args.kind.as_deref().unwrap_or_default();
    let kind = kind(name).ok_or_else(|| unknown(name))?;
    let text = if let Some(file) = &args.file {
        let text = message(file, None)?;
        if !args.show_secrets && !is_own(&text, &keys) {
            return Err(not_own(file));
        }
        text
    } else {
        warn(&format!("made of an example that is handed in at {AT}: check it with `--at {AT}`"));
        own(kind, &example).to_owned()
    };
    let made = kind.make(&text, &keys).map_err(|error| {
        CliError::Message(format!("`{}` cannot be made: {}", kind.name, Shown(&error.to_string())))
    })?;
    out.write_all(&made)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// Whether nobody but the keys that are at hand here signed anything of a message.
fn is_own(text: &str, keys: &TestKeys) -> bool {
    let mut known = KnownKeys::default();
    for signer in [&keys.known, &keys.stranger, &keys.p256, &keys.p384] {
        // A key of no known kind has signed nothing that could be recognised.
        let _ = known.add_certificate("own", &signer.certificate);
    }
    // What cannot be read is told when it is to be changed.
    let Ok(tree) = Tree::parse(text, METADATA) else { return true };
    let of_known = |one: &SignatureReport| matches!(one.key, Some(KeyOrigin::Known(_)));
    verify(&tree, &known).signatures.iter().all(of_known)
}

fn not_own(file: &Path) -> CliError {
    let name = file.display().to_string();
    CliError::Message(format!(
        "`{}` is signed by a key that is not at hand, so what is made of it may be a credential; expected a copy that \
         `rolecall saml redact` makes, or `--show-secrets`",
        Shown(&name)
    ))
}

fn unknown(name: &str) -> CliError {
    let near = nearest_rule(name, kinds().map(|kind| kind.name));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    CliError::Message(format!("no kind `{}`, expected one of `--list`{near}", Shown(name)))
}

/// Writes every kind, and what they are made of.
fn write_all(example: &Example, keys: &TestKeys, folder: &Path) -> Result<Exit, CliError> {
    let shown = folder.display().to_string();
    let failed = |error: &io::Error| {
        CliError::Message(format!("`{}` cannot be written: {}", Shown(&shown), plain(error)))
    };
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    if fs::read_dir(folder).map_err(|error| failed(&error))?.next().is_some() {
        let says = format!("`{}` is not empty, expected a new or empty folder", Shown(&shown));
        return Err(CliError::Message(says));
    }
    let write = |name: &str, bytes: &[u8]| {
        let file = folder.join(name);
        let made = file.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(&file, bytes)).map_err(|error| failed(&error))
    };
    write("okta_metadata.xml", example.metadata.as_bytes())?;
    let mut count = 0;
    for kind in kinds() {
        let made = kind.make(own(kind, example), keys);
        let made = made.map_err(|error| CliError::Message(format!("`{}`: {error}", kind.name)))?;
        write(&format!("{}.{}", kind.name, kind.extension), &made)?;
        count += 1;
    }
    let mut out = anstream::stdout().lock();
    writeln!(
        out,
        "{count} documents are in `{}`, and `okta_metadata.xml`, whose keys they are held against.",
        Shown(&shown)
    )?;
    writeln!(out, "Handed in at {AT}: check them with `--at {AT}`.")?;
    Ok(Exit::Clean)
}

/// What a kind is made of where no file is given.
fn own<'e>(kind: &Kind, example: &'e Example) -> &'e str {
    if kind.is_of_metadata() { &example.metadata } else { &example.response }
}
