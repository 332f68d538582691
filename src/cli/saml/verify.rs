//! `rolecall saml verify`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::captures::{Captured, each};
use super::keys::{KeyArgs, OpenArgs, known_keys};
use super::{CliError, Exit};
use crate::report::saml_verification::{self as report, Verified};
use crate::saml::decrypt::open;
use crate::saml::private_key::PrivateKey;
use crate::saml::verify::{KnownKeys, Verification, verify};

/// Which messages to verify, with which keys.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// SAML messages, metadata or captures, or folders of them; - for standard input
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) keys: KeyArgs,
    #[command(flatten)]
    opens: OpenArgs,
    /// Who verifies
    #[cfg(feature = "samael")]
    #[arg(long, value_enum, default_value_t)]
    engine: super::samael::Engine,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Jsonl,
}

/// Runs `rolecall saml verify`: 1 where a message is not accepted.
pub(crate) fn run(args: &VerifyArgs) -> Result<Exit, CliError> {
    #[cfg(feature = "samael")]
    if args.engine == super::samael::Engine::Samael {
        return super::samael::run(args);
    }
    let keys = known_keys(&args.keys)?;
    let private = args.opens.private_key()?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut exit = Exit::Clean;
    each(&args.files, |captured| {
        let (name, found) = verified(captured, &keys, private.as_ref());
        if !found.verdict().is_fine() {
            exit = Exit::Findings;
        }
        match args.format {
            Format::Text => report::text(&mut out, &name, &found)?,
            Format::Jsonl => report::json_line(&mut out, &name, &found)?,
        }
        Ok(())
    })?;
    out.flush()?;
    Ok(exit)
}

/// What is proven of a captured message; what is no message at all is rejected.
fn verified(
    captured: Captured,
    keys: &KnownKeys,
    private: Option<&PrivateKey>,
) -> (String, Verified) {
    let capture = match captured {
        Ok(capture) => capture,
        Err(error) => {
            let place = error.line.map(|line| format!("line {line}: ")).unwrap_or_default();
            return (error.name.clone(), Verified::unread(format!("{place}{error}")));
        }
    };
    let found = match capture.tree() {
        Ok(tree) => {
            let outer = verify(&tree, keys);
            let opened = private.map(|private| open(&tree, &outer, private, keys));
            let detached = capture.detached.as_ref().map(|detached| detached.verify(keys));
            Verified { opened, detached, ..Verified::of(outer) }
        }
        Err(error) => Verified::of(Verification::refused(&error)),
    };
    (capture.name, found)
}
