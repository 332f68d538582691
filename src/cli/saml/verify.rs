//! `rolecall saml verify`.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, Exit};

/// Which messages to verify.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// SAML messages, metadata or captures; - for standard input
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// Runs `rolecall saml verify`.
pub(crate) fn run(args: &VerifyArgs) -> Result<Exit, CliError> {
    let _ = &args.files;
    Ok(Exit::CouldNotRun)
}
