//! `rolecall schema`: the contracts for programs.

use std::io::{self, Write};

use clap::{Args, ValueEnum};

use super::{CliError, Exit};
use crate::config::schema;

/// What `check --format json` and `jsonl` write.
const CHECK: &str = include_str!("../../docs/check.schema.json");

/// What `diff` and `what-if` write as JSON.
const DIFF: &str = include_str!("../../docs/diff.schema.json");

/// What `test` writes as JSON.
const TEST: &str = include_str!("../../docs/test.schema.json");

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Of what
    #[arg(value_enum, value_name = "NAME")]
    of: Contract,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Contract {
    /// `rolecall.toml`, for editors and for validators of TOML
    Config,
    /// What `check` and `saml check` write as JSON and as JSON Lines
    Check,
    /// What `diff` and `what-if` write as JSON and as JSON Lines
    Diff,
    /// What `test` writes as JSON and as JSON Lines
    Test,
}

/// Runs the command.
pub(crate) fn run(args: &SchemaArgs) -> Result<Exit, CliError> {
    let text = match args.of {
        Contract::Config => schema::text(),
        Contract::Check => CHECK.to_owned(),
        Contract::Diff => DIFF.to_owned(),
        Contract::Test => TEST.to_owned(),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Exit::Clean)
}
