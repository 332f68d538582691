//! `rolecall rules`: the catalogue, and one rule's page.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::selection::{RuleArgs, unknown};
use super::{CliError, Exit, files};
use crate::report::rules::{write_list, write_page, write_standing};

/// The catalogue with its examples, as generated.
const PAGES: &str = include_str!("../../docs/rules.md");

/// Arguments of `rules`.
#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    /// The rule: `group/problem-name`
    id: Option<String>,
    /// The configuration to read, instead of the `rolecall.toml` here or in a folder above
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    rules: RuleArgs,
}

/// Runs the command.
pub(crate) fn run(args: &RulesArgs) -> Result<Exit, CliError> {
    let configuration = files::configuration(args.config.as_deref())?;
    let (_, rows) = args.rules.settings(configuration.as_ref())?;
    let mut out = io::stdout().lock();
    let Some(id) = &args.id else {
        write_list(&mut out, &rows)?;
        return Ok(Exit::Clean);
    };
    let row = rows.iter().find(|row| row.info.id == id).ok_or_else(|| unknown(id))?;
    match page(row.info.id) {
        Some(page) => writeln!(out, "{page}")?,
        None => write_page(&mut out, row.info, "")?,
    }
    writeln!(out)?;
    write_standing(&mut out, row)?;
    Ok(Exit::Clean)
}

/// A rule's part of the generated pages.
fn page(id: &str) -> Option<&'static str> {
    let (_, after) = PAGES.split_once(&format!("<a id=\"{id}\"></a>\n"))?;
    let (page, _) = after.split_once("\n<a id=").unwrap_or((after, ""));
    Some(page.trim())
}
