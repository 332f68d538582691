//! `rolecall naming check`.

use std::io::{self, BufRead, BufWriter, Write};

use clap::{Args, ValueEnum};

use super::{grammar, loaded};
use crate::cli::filter::{LINE_LIMIT, read_line};
use crate::cli::options::SourceArgs;
use crate::cli::terminal::width;
use crate::cli::{CliError, Exit};
use crate::entitlement::role_group::RoleGroups;
use crate::mapping::explain::Explainer;
use crate::mapping::grammar::GrammarReader;
use crate::mapping::group_filter::{GroupFilter, MatchMode};
use crate::mapping::nearest::Known;
use crate::report::naming::{Checked, checked_json, checked_text};
use crate::sources::load::Loaded;

/// Longest Group Filter, in bytes, that is asked for the nearest name; with longer ones that takes its time.
const MENDED: usize = 2_000;

/// Arguments of `naming check`.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Names of groups; `-` reads them from standard input, one a line; without any those of the exports that
    /// the Group Filter maps or that begin as the template does
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sources: SourceArgs,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object a line
    Jsonl,
}

/// Runs the command: exit code 1 where a name does not obey.
pub(super) fn run(args: &CheckArgs) -> Result<Exit, CliError> {
    let loaded = loaded(&args.sources)?;
    let grammar = grammar(&args.sources, &loaded.federation)?;
    let is_asked = !args.names.is_empty();
    let mut names = Vec::new();
    for name in &args.names {
        if name == "-" { from_input(&mut names)? } else { names.push(name.clone()) }
    }
    if !is_asked {
        names = from_exports(args, &loaded, grammar.beginning());
    }
    let mut reader = GrammarReader::new(&grammar);
    let filter = grammar.filter().filter(|text| text.len() <= MENDED);
    let filter = filter.and_then(|text| GroupFilter::parse(&text).ok());
    let mut explainer = filter.as_ref().map(|filter| Explainer::new(filter, MatchMode::Full));
    let mut out = BufWriter::new(io::stdout().lock());
    let mut wrong = 0;
    for name in &names {
        let deviations = reader.deviations(name);
        let read = reader.read(name);
        let nearest = if read.is_none() {
            let by_parts = reader.nearest(name, &deviations);
            // Where the separators are wrong, the filter knows what was meant.
            by_parts.or_else(|| {
                let near = explainer.as_mut()?.nearest(name, &Known::default())?.name;
                reader.read(&near).map(|_| near)
            })
        } else {
            None
        };
        wrong += usize::from(read.is_none());
        let checked = Checked {
            name,
            read: read.as_ref(),
            deviations: &deviations,
            nearest: nearest.as_deref(),
        };
        match args.format {
            Format::Jsonl => checked_json(&mut out, &checked)?,
            // Of the exports' names those that obey are many, and nobody asked for them.
            Format::Text if is_asked || read.is_none() => {
                checked_text(&mut out, &checked, width())?;
            }
            Format::Text => {}
        }
    }
    if args.format == Format::Text && (!is_asked || names.len() > 1) {
        let count = names.len();
        let word = if count == 1 { "name" } else { "names" };
        writeln!(out, "{count} {word}: {} obey, {wrong} do not", count - wrong)?;
    }
    out.flush()?;
    Ok(if wrong > 0 { Exit::Findings } else { Exit::Clean })
}

fn from_input(names: &mut Vec<String>) -> Result<(), CliError> {
    let mut input = io::stdin().lock();
    lines(&mut input, names)
}

fn lines(input: &mut impl BufRead, names: &mut Vec<String>) -> Result<(), CliError> {
    let mut line = Vec::new();
    let mut number = 0_u64;
    while let Some(length) = read_line(input, &mut line)? {
        number += 1;
        let wrong =
            |why: String| CliError::Message(format!("standard input, line {number}: {why}"));
        if length > LINE_LIMIT {
            return Err(wrong(format!("over {LINE_LIMIT} bytes, expected a shorter name")));
        }
        let name = String::from_utf8(line.clone()).map_err(|error| {
            wrong(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to() + 1))
        })?;
        names.push(name);
    }
    Ok(())
}

/// The names of groups that are role groups or look like ones, sorted.
fn from_exports(args: &CheckArgs, loaded: &Loaded, beginning: &str) -> Vec<String> {
    let federation = &loaded.federation;
    let directory = &federation.directory;
    let mapped =
        args.sources.try_mapping(loaded).map(|mapping| RoleGroups::read(federation, &mapping));
    let mapped = mapped.unwrap_or_default();
    let groups = directory.groups().filter(|(id, _)| {
        let name = directory.group_name(*id);
        mapped.of(*id).is_some() || !beginning.is_empty() && name.starts_with(beginning)
    });
    let mut names: Vec<String> =
        groups.map(|(id, _)| directory.group_name(id).to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(mut bytes: &[u8]) -> Result<Vec<String>, String> {
        let mut names = Vec::new();
        lines(&mut bytes, &mut names).map(|()| names).map_err(|error| error.to_string())
    }

    #[test]
    fn every_line_is_a_name() {
        assert_eq!(read(b"aws#a#b#1\r\n\nx y").unwrap(), ["aws#a#b#1", "", "x y"]);
    }

    #[test]
    fn a_line_that_is_no_name_is_an_error_with_its_number() {
        assert_eq!(read(b"a\n\xff").unwrap_err(), "standard input, line 2: byte 1 is not UTF-8");
        let long = [vec![b'x'; LINE_LIMIT], b"\n".to_vec()].concat();
        assert_eq!(read(&long).unwrap().len(), 1);
        let longer = [b"x", long.as_slice()].concat();
        assert_eq!(
            read(&longer).unwrap_err(),
            "standard input, line 1: over 1048576 bytes, expected a shorter name"
        );
    }
}
