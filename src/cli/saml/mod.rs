//! `rolecall saml`: SAML messages as they were captured, and messages made as Okta would make them.

mod verify;

use clap::{Args, Subcommand};

use super::{CliError, Exit};

/// SAML messages, read and made.
#[derive(Debug, Args)]
pub(crate) struct SamlArgs {
    #[command(subcommand)]
    command: SamlCommand,
}

#[derive(Debug, Subcommand)]
enum SamlCommand {
    /// Whether a known key signed what would be read, file by file
    Verify(verify::VerifyArgs),
}

/// Runs `rolecall saml`.
pub(crate) fn run(args: &SamlArgs) -> Result<Exit, CliError> {
    match &args.command {
        SamlCommand::Verify(args) => verify::run(args),
    }
}
