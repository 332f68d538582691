//! `rolecall rules`: the catalogue, and one rule's page.

use std::io::{self, Write};

use clap::Args;

use super::{CliError, Exit};
use crate::explain::near::nearest;
use crate::report::rules::{write_list, write_page};
use crate::rules::{RETIRED, all, find};
use crate::text::Shown;

/// The catalogue with its examples, as generated.
const PAGES: &str = include_str!("../../docs/rules.md");

/// Arguments of `rules`.
#[derive(Debug, Args)]
pub(crate) struct RulesArgs {
    /// The rule: `group/problem-name`
    id: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: &RulesArgs) -> Result<Exit, CliError> {
    let mut out = io::stdout().lock();
    let Some(id) = &args.id else {
        let rules: Vec<_> = all().map(|rule| &rule.info).collect();
        write_list(&mut out, &rules)?;
        return Ok(Exit::Clean);
    };
    let rule = find(id).ok_or_else(|| unknown(id))?;
    match page(rule.info.id) {
        Some(page) => writeln!(out, "{page}")?,
        None => write_page(&mut out, &rule.info, "")?,
    }
    Ok(Exit::Clean)
}

/// A rule's part of the generated pages.
fn page(id: &str) -> Option<&'static str> {
    let (_, after) = PAGES.split_once(&format!("<a id=\"{id}\"></a>\n"))?;
    let (page, _) = after.split_once("\n<a id=").unwrap_or((after, ""));
    Some(page.trim())
}

fn unknown(id: &str) -> CliError {
    let shown = Shown(id);
    if RETIRED.contains(&id) {
        return CliError::Message(format!(
            "rule `{shown}` is retired: nothing reports it any more"
        ));
    }
    let by_problem = all()
        .map(|rule| rule.info.id)
        .find(|known| known.split_once('/').is_some_and(|(_, problem)| problem == id));
    let near = by_problem
        .map(str::to_owned)
        .or_else(|| nearest(id, all().map(|rule| rule.info.id), 1).into_iter().next());
    CliError::Message(match near {
        Some(near) => format!("no rule is called `{shown}`; the nearest: `{near}`"),
        None => format!("no rule is called `{shown}`; `rolecall rules` lists them"),
    })
}
