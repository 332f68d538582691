//! `rolecall naming`: the declared grammar of names.

mod check;
mod filter;
mod propose;

use clap::{Args, Subcommand};

use super::options::SourceArgs;
use super::{CliError, Exit};
use crate::config::FILE_NAME;
use crate::mapping::grammar::NamingGrammar;
use crate::model::federation::Federation;
use crate::sources::load::{Loaded, load};

/// The declared grammar of names.
#[derive(Debug, Args)]
pub(crate) struct NamingArgs {
    #[command(subcommand)]
    command: NamingCommand,
}

#[derive(Debug, Subcommand)]
enum NamingCommand {
    /// The Group Filter that takes just the declared names; on standard error the proof of it, and what would change
    Filter(Box<filter::FilterArgs>),
    /// Which names obey the declaration; of each other where it stops, what was expected, and the nearest
    Check(Box<check::CheckArgs>),
    /// A table `[naming]` for the names there are, as a first draft
    Propose(Box<propose::ProposeArgs>),
}

/// Runs `rolecall naming`.
pub(crate) fn run(args: &NamingArgs) -> Result<Exit, CliError> {
    match &args.command {
        NamingCommand::Filter(args) => filter::run(args),
        NamingCommand::Check(args) => check::run(args),
        NamingCommand::Propose(args) => propose::run(args),
    }
}

/// The exports; nothing but the configuration where no source is named.
fn loaded(sources: &SourceArgs) -> Result<Loaded, CliError> {
    let configuration = sources.configuration()?;
    let named = configuration.is_some_and(|found| !found.config.sources.is_empty());
    if named || !sources.sources.is_empty() {
        return sources.load();
    }
    let mut loaded = load(Vec::new());
    sources.declare(&mut loaded.federation);
    Ok(loaded)
}

/// The grammar that the configuration declares.
fn grammar(sources: &SourceArgs, federation: &Federation) -> Result<NamingGrammar, CliError> {
    let found = sources.configuration()?;
    let known = federation.accounts.in_use();
    let grammar = found.and_then(|found| found.config.naming.grammar(known));
    let grammar = grammar.ok_or_else(|| {
        CliError::Message(format!(
            "no `[naming]` is declared, expected one in `{FILE_NAME}`; `rolecall naming propose` drafts it from the names \
             there are"
        ))
    })?;
    if grammar.is_empty() {
        return Err(CliError::Message(
            "`accounts = \"known\"` in `[naming]`, and no `[[account]]` and no export names one, expected some".to_owned(),
        ));
    }
    Ok(grammar)
}
