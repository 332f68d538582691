//! An old Group Filter against a new one, as text, JSON and Markdown.

use std::io::{self, Write};

use serde::Serialize;

use crate::diff::filters::Filters;
use crate::mapping::analysis::Witness;
use crate::mapping::analysis::compare::{ReadTwice, Verdict};
use crate::report::markdown::Span;
use crate::report::wrap::{Pieces, Width};

/// Writes the comparison for a person.
pub(super) fn text(out: &mut dyn Write, filters: &Filters, width: Width) -> io::Result<()> {
    let mut line = |indent: usize, text: &str| {
        write!(out, "{:indent$}", "")?;
        Pieces::prose(text).write(out, width, indent, indent + 2)
    };
    let quoted = |text: &str| format!("`{text}`");
    line(0, "the old filter against the new one:")?;
    line(2, &real(filters))?;
    for read in &filters.different {
        line(4, &twice(read, quoted))?;
    }
    let more = filters.count.saturating_sub(filters.different.len());
    if more > 0 {
        line(4, &format!("and {more} more"))?;
    }
    line(2, &every(filters))?;
    for read in &filters.every.names {
        line(4, &twice(read, quoted))?;
    }
    if !filters.outsiders.is_empty() {
        line(2, OUTSIDERS)?;
    }
    for witness in &filters.outsiders {
        line(4, &format!("`{}`: {}", witness.name, captured(witness, quoted)))?;
    }
    Ok(())
}

const OUTSIDERS: &str =
    "names that no group has yet, and that would now give a role of the admin tier:";

/// Writes the comparison as Markdown.
pub(super) fn markdown(out: &mut dyn Write, filters: &Filters) -> io::Result<()> {
    let code = |text: &str| Span(text).to_string();
    writeln!(out, "\n**The old filter against the new one**\n")?;
    writeln!(out, "- {}", real(filters))?;
    for read in &filters.different {
        writeln!(out, "  - {}", twice(read, code))?;
    }
    let more = filters.count.saturating_sub(filters.different.len());
    if more > 0 {
        writeln!(out, "  - and {more} more")?;
    }
    writeln!(out, "- {}", every(filters))?;
    for read in &filters.every.names {
        writeln!(out, "  - {}", twice(read, code))?;
    }
    if !filters.outsiders.is_empty() {
        writeln!(out, "- {OUTSIDERS}")?;
    }
    for witness in &filters.outsiders {
        writeln!(out, "  - {}: {}", Span(&witness.name), captured(witness, code))?;
    }
    Ok(())
}

fn real(filters: &Filters) -> String {
    let (real, count) = (filters.real, filters.count);
    let names = if real == 1 { "name" } else { "names" };
    match count {
        0 => format!("equivalent over all {real} real {names}"),
        1 => format!("of {real} real {names}, 1 is read otherwise:"),
        _ => format!("of {real} real {names}, {count} are read otherwise:"),
    }
}

fn every(filters: &Filters) -> String {
    match filters.every.verdict {
        Verdict::Equivalent => "equivalent for every name on one line".to_owned(),
        Verdict::Different => "not equivalent for every name, such as".to_owned(),
        Verdict::Undecided(why) => format!("for every name: {why}"),
    }
}

fn twice(read: &ReadTwice, quote: impl Fn(&str) -> String + Copy) -> String {
    let side = |witness: &Option<Witness>| match witness {
        Some(witness) => captured(witness, quote),
        None => "no match".to_owned(),
    };
    format!("{}: {} → {}", quote(&read.name), side(&read.old), side(&read.new))
}

fn captured(witness: &Witness, quote: impl Fn(&str) -> String) -> String {
    format!("role {}, account {}", quote(&witness.role), quote(&witness.account))
}

#[derive(Serialize)]
pub(super) struct JsonFilters<'a> {
    real_names: usize,
    different: usize,
    examples: Vec<JsonRead<'a>>,
    every_name: JsonEvery<'a>,
    outsiders: Vec<JsonOutsider<'a>>,
}

#[derive(Serialize)]
struct JsonEvery<'a> {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    examples: Vec<JsonRead<'a>>,
}

#[derive(Serialize)]
struct JsonRead<'a> {
    name: &'a str,
    before: Option<JsonCaptured<'a>>,
    after: Option<JsonCaptured<'a>>,
}

#[derive(Serialize)]
struct JsonCaptured<'a> {
    role: &'a str,
    account: &'a str,
}

#[derive(Serialize)]
struct JsonOutsider<'a> {
    name: &'a str,
    role: &'a str,
    account: &'a str,
}

/// The comparison for a program.
pub(super) fn json(filters: &Filters) -> JsonFilters<'_> {
    fn read(read: &ReadTwice) -> JsonRead<'_> {
        JsonRead {
            name: &read.name,
            before: read.old.as_ref().map(json_captured),
            after: read.new.as_ref().map(json_captured),
        }
    }
    let (verdict, why) = match filters.every.verdict {
        Verdict::Equivalent => ("equivalent", None),
        Verdict::Different => ("different", None),
        Verdict::Undecided(why) => ("undecided", Some(why.to_string())),
    };
    let outsiders = filters.outsiders.iter();
    JsonFilters {
        real_names: filters.real,
        different: filters.count,
        examples: filters.different.iter().map(read).collect(),
        every_name: JsonEvery {
            verdict,
            why,
            examples: filters.every.names.iter().map(read).collect(),
        },
        outsiders: outsiders
            .map(|one| JsonOutsider { name: &one.name, role: &one.role, account: &one.account })
            .collect(),
    }
}

fn json_captured(witness: &Witness) -> JsonCaptured<'_> {
    JsonCaptured { role: &witness.role, account: &witness.account }
}
