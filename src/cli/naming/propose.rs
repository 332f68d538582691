//! `rolecall naming propose`.

use std::io::{self, Write};

use clap::Args;

use crate::cli::options::SourceArgs;
use crate::cli::{CliError, Exit};
use crate::config::Config;
use crate::entitlement::resolve::Entitlements;
use crate::explain::naming::propose;
use crate::report::naming::proposal_toml;

/// Arguments of `naming propose`.
#[derive(Debug, Args)]
pub(super) struct ProposeArgs {
    #[command(flatten)]
    sources: SourceArgs,
}

/// Runs the command.
pub(super) fn run(args: &ProposeArgs) -> Result<Exit, CliError> {
    let loaded = args.sources.load()?;
    let mapping = args.sources.mapping(&loaded)?;
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let proposal = propose(&entitlements).map_err(|error| CliError::Message(error.to_string()))?;
    let mut text = Vec::new();
    proposal_toml(&mut text, &proposal)?;
    // What is written has to be read back.
    Config::parse(&String::from_utf8_lossy(&text))
        .map_err(|error| CliError::Message(format!("the draft cannot be declared: {error}")))?;
    io::stdout().lock().write_all(&text)?;
    Ok(Exit::Clean)
}
