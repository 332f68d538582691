//! An old Group Filter against a new one, as text, JSON and Markdown.

use std::io::{self, Write};

use serde::Serialize;

use crate::diff::filters::Filters;
use crate::mapping::analysis::Witness;
use crate::mapping::analysis::compare::{ReadTwice, Verdict};
use crate::report::answer::VERSION;
use crate::report::markdown::Span;
use crate::report::safe_json;
use crate::report::wrap::{Pieces, Width};

/// Writes the comparison for a person.
pub(super) fn text(out: &mut dyn Write, filters: &Filters, width: Width) -> io::Result<()> {
    let mut line = |indent: usize, text: &str| {
        write!(out, "{:indent$}", "")?;
        Pieces::prose(text).write(out, width, indent, indent + 2)
    };
    let quoted = |text: &str| format!("`{text}`");
    line(0, "the old filter against the new one:")?;
    write_real(filters, "real ", &mut line)?;
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

/// Two filters by themselves, for a person.
pub(in crate::report) fn alone(
    out: &mut dyn Write,
    filters: &Filters,
    width: Width,
) -> io::Result<()> {
    let mut line = |indent: usize, text: &str| {
        write!(out, "{:indent$}", "")?;
        Pieces::prose(text).write(out, width, indent, indent + 2)
    };
    match filters.verdict() {
        Verdict::Equivalent => {
            line(0, "equivalent: both filters read every name on one line alike")?;
        }
        Verdict::Different => line(0, "different: the filters do not read every name alike")?,
        Verdict::Undecided(why) => line(0, &format!("not shown equivalent: {why}"))?,
    }
    for read in &filters.every.names {
        line(2, &twice(read, |text: &str| format!("`{text}`")))?;
    }
    if filters.real > 0 { write_real(filters, "", &mut line) } else { Ok(()) }
}

/// Names that there are.
fn write_real(
    filters: &Filters,
    kind: &str,
    line: &mut dyn FnMut(usize, &str) -> io::Result<()>,
) -> io::Result<()> {
    line(2, &real(filters, kind))?;
    for read in &filters.different {
        line(4, &twice(read, |text: &str| format!("`{text}`")))?;
    }
    match filters.count.saturating_sub(filters.different.len()) {
        0 => Ok(()),
        more => line(4, &format!("and {more} more")),
    }
}

const OUTSIDERS: &str =
    "names that no group has yet, and that would now give a role of the admin tier:";

/// Writes the comparison as Markdown.
pub(super) fn markdown(out: &mut dyn Write, filters: &Filters) -> io::Result<()> {
    let code = |text: &str| Span(text).to_string();
    writeln!(out, "\n**The old filter against the new one**\n")?;
    writeln!(out, "- {}", real(filters, "real "))?;
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

fn real(filters: &Filters, kind: &str) -> String {
    let (real, count) = (filters.real, filters.count);
    let names = if real == 1 { "name" } else { "names" };
    match count {
        0 => format!("equivalent over all {real} {kind}{names}"),
        1 => format!("of {real} {kind}{names}, 1 is read otherwise:"),
        _ => format!("of {real} {kind}{names}, {count} are read otherwise:"),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    outsiders: Option<Vec<JsonOutsider<'a>>>,
}

/// Two filters by themselves, for a program.
#[derive(Serialize)]
struct JsonAlone<'a> {
    version: u32,
    filter: &'a str,
    against: &'a str,
    verdict: &'static str,
    #[serde(flatten)]
    compared: JsonFilters<'a>,
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

/// Writes two filters by themselves as one JSON object.
pub(in crate::report) fn alone_json(
    out: &mut dyn Write,
    (filter, against): (&str, &str),
    filters: &Filters,
    in_lines: bool,
) -> io::Result<()> {
    let compared = JsonFilters { outsiders: None, ..json(filters) };
    let (verdict, _) = verdict(&filters.verdict());
    let alone = JsonAlone { version: VERSION, filter, against, verdict, compared };
    if in_lines { safe_json::line(out, &alone) } else { safe_json::pretty(out, &alone) }
}

fn verdict(verdict: &Verdict) -> (&'static str, Option<String>) {
    match verdict {
        Verdict::Equivalent => ("equivalent", None),
        Verdict::Different => ("different", None),
        Verdict::Undecided(why) => ("undecided", Some(why.to_string())),
    }
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
    let (verdict, why) = verdict(&filters.every.verdict);
    let outsiders = filters.outsiders.iter();
    let outsiders = outsiders.map(|one| JsonOutsider {
        name: &one.name,
        role: &one.role,
        account: &one.account,
    });
    JsonFilters {
        real_names: filters.real,
        different: filters.count,
        examples: filters.different.iter().map(read).collect(),
        every_name: JsonEvery {
            verdict,
            why,
            examples: filters.every.names.iter().map(read).collect(),
        },
        outsiders: Some(outsiders.collect()),
    }
}

fn json_captured(witness: &Witness) -> JsonCaptured<'_> {
    JsonCaptured { role: &witness.role, account: &witness.account }
}
