//! `rolecall saml`: SAML messages as they were captured, and messages made as Okta would make them.

mod captures;
pub(super) mod check;
mod decode;
mod issue;
pub(super) mod keys;
mod mutate;
mod redact;
#[cfg(feature = "samael")]
mod samael;
mod signer;
mod verify;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use clap::{Args, Subcommand};

use super::files::plain;
use super::{CliError, Exit};
use crate::text::Shown;

/// SAML messages, read and made.
#[derive(Debug, Args)]
pub(crate) struct SamlArgs {
    #[command(subcommand)]
    command: SamlCommand,
}

#[derive(Debug, Subcommand)]
enum SamlCommand {
    /// Check captured sign-ins with the rules about them: whether AWS would take them, and why not
    Check(Box<check::CheckArgs>),
    /// A copy to share: same structure, names replaced, signed anew with public TEST keys
    Redact(redact::RedactArgs),
    /// Attacks, mistakes and near misses made of a valid message: to test who reads it
    Mutate(mutate::MutateArgs),
    /// The response that Okta would send for a user, signed: to try everything without Okta
    Issue(Box<issue::IssueArgs>),
    /// What a captured message says: who signs in, to which roles, until when
    Decode(decode::DecodeArgs),
    /// Whether a known key signed what would be read, file by file
    Verify(verify::VerifyArgs),
}

/// Runs `rolecall saml`.
pub(crate) fn run(args: &SamlArgs) -> Result<Exit, CliError> {
    match &args.command {
        SamlCommand::Check(args) => check::run(args),
        SamlCommand::Issue(args) => issue::run(args),
        SamlCommand::Mutate(args) => mutate::run(args),
        SamlCommand::Redact(args) => redact::run(args),
        SamlCommand::Decode(args) => decode::run(args),
        SamlCommand::Verify(args) => verify::run(args),
    }
}

/// Largest file that is read whole: metadata, base64 and some room.
const FILE_LIMIT: u64 = 32 << 20;

/// The bytes of a file, `-` for standard input.
fn read_bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
    let refuse = |why: &str| CliError::Message(format!("`{}` cannot be read: {why}", Shown(&name)));
    let mut bytes = Vec::new();
    let read = if is_stdin {
        io::stdin().lock().take(FILE_LIMIT + 1).read_to_end(&mut bytes)
    } else {
        #[expect(clippy::disallowed_methods, reason = "this is where the file is opened")]
        File::open(path).and_then(|file| file.take(FILE_LIMIT + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| refuse(&plain(&error)))?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(refuse(&format!("over {FILE_LIMIT} bytes, expected a smaller file")));
    }
    Ok(bytes)
}
