//! `rolecall filter --against`: two Group Filters, over names and over every name there could be.

use std::collections::BTreeSet;
use std::io::{BufRead, Write};

use super::{FilterArgs, Format, parsed, stream};
use crate::cli::options::SourceArgs;
use crate::cli::terminal::width;
use crate::cli::{CliError, Exit};
use crate::diff::filters::compared;
use crate::mapping::analysis::compare::Verdict;
use crate::report::filter as report;

/// Runs the comparison: 0 where both read every name alike, 1 where they do not, or where that is not shown,
/// 2 where it could not run.
pub(super) fn run(
    args: &FilterArgs,
    other: &str,
    input: &mut impl BufRead,
    out: &mut impl Write,
    errors: &mut impl Write,
) -> Result<Exit, CliError> {
    let (Some(filter), Some(against)) = (parsed(&args.filter, errors)?, parsed(other, errors)?)
    else {
        return Ok(Exit::CouldNotRun);
    };
    let (names, unreadable) = names(args, input, errors)?;
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let mode = args.match_mode.into();
    let filters = compared(&names, (&filter, mode), (&against, mode));
    match args.format {
        Format::Text => report::write_comparison(out, &filters, width())?,
        Format::Json | Format::Jsonl => {
            let in_lines = args.format == Format::Jsonl;
            report::write_comparison_json(out, (&args.filter, other), &filters, in_lines)?;
        }
    }
    out.flush()?;
    Ok(match filters.verdict() {
        _ if unreadable > 0 => Exit::CouldNotRun,
        Verdict::Equivalent => Exit::Clean,
        Verdict::Different | Verdict::Undecided(_) => Exit::Findings,
    })
}

/// The names given, those of standard input where one is `-`, and those of the groups of exports; and how
/// many lines of the input held none.
fn names(
    args: &FilterArgs,
    input: &mut impl BufRead,
    errors: &mut impl Write,
) -> Result<(BTreeSet<String>, u64), CliError> {
    let mut names = BTreeSet::new();
    let mut unreadable = 0;
    for name in &args.names {
        if name == "-" {
            unreadable += stream(args.input, input, errors, &mut |name| {
                names.insert(name.to_owned());
                Ok(())
            })?;
        } else {
            names.insert(name.clone());
        }
    }
    if !args.sources.is_empty() {
        let mut sources = SourceArgs::default();
        sources.sources.clone_from(&args.sources);
        let loaded = sources.load()?;
        let directory = &loaded.federation.directory;
        names.extend(directory.groups().map(|(id, _)| directory.group_name(id).to_owned()));
    }
    Ok((names, unreadable))
}
