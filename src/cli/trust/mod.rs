//! `rolecall trust`: what trust policies decide, and whom they trust.

mod cases;
mod decide;
mod listed;
mod mend;
mod request;
mod review;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use clap::{Args, Subcommand};

use super::files::plain;
use super::{CliError, Exit};
use crate::sources::policy_text::policy_text;
use crate::text::Shown;
use crate::trust::TrustPolicy;

/// What trust policies decide.
#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    #[command(subcommand)]
    command: TrustCommand,
}

#[derive(Debug, Subcommand)]
enum TrustCommand {
    /// Decide a sign-in by one policy or role, or many cases: the statement that decides, or what is not met
    Decide(Box<decide::DecideArgs>),
    /// Every role: whom it trusts, under which conditions, and who reaches it
    Review(Box<review::ReviewArgs>),
}

/// Runs `rolecall trust`.
pub(crate) fn run(args: &TrustArgs) -> Result<Exit, CliError> {
    match &args.command {
        TrustCommand::Decide(args) => decide::run(args),
        TrustCommand::Review(args) => review::run(args),
    }
}

/// Largest file that is read for one policy; percent-encoded it may take three times its size.
const POLICY_LIMIT: u64 = 16 << 20;

/// The trust policy of a file, as JSON that parses.
pub(super) fn read_policy(path: &Path) -> Result<String, CliError> {
    let (name, text) = read_text(path)?;
    let refuse = |why: String| CliError::Message(format!("{}: {why}", Shown(&name)));
    let policy = policy_text(&text).map_err(|error| refuse(error.to_string()))?;
    TrustPolicy::parse(&policy.json).map_err(|error| refuse(error.to_string()))?;
    Ok(policy.json.into_owned())
}

/// Name and text of a file with a policy, `-` for standard input.
fn read_text(path: &Path) -> Result<(String, String), CliError> {
    let is_stdin = path.as_os_str() == "-";
    let name = if is_stdin { "standard input".to_owned() } else { path.display().to_string() };
    let refuse = |why: &str| CliError::Message(format!("`{}` cannot be read: {why}", Shown(&name)));
    let mut bytes = Vec::new();
    let read = if is_stdin {
        io::stdin().lock().take(POLICY_LIMIT + 1).read_to_end(&mut bytes)
    } else {
        #[expect(clippy::disallowed_methods, reason = "this is where the file is opened")]
        File::open(path).and_then(|file| file.take(POLICY_LIMIT + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| refuse(&plain(&error)))?;
    if bytes.len() as u64 > POLICY_LIMIT {
        return Err(refuse(&format!("over {POLICY_LIMIT} bytes, expected a smaller file")));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to() + 1;
            Err(refuse(&format!("byte {at} is not UTF-8")))
        }
    }
}
