//! The chain of stages for a person.

use std::io::{self, Write};

use super::super::wrap::{Pieces, Width};
use super::{BOLD, ROOM, style};
use crate::entitlement::stage::{Answer, Stage, StageReport};
use crate::explain::survey::Missing;
use crate::explain::ticket::ticket;
use crate::explain::why::Explanation;
use crate::text::{Place, SourceMap};

/// The word for a stage's answer.
pub(super) const fn mark(answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => "ok",
        Answer::Unknown => "unknown",
        Answer::Fails => "FAILS",
    }
}

/// Writes the chain of stages for a person.
///
/// Styled: the writer takes the styles off where they are not wanted.
pub fn why_text(
    out: &mut dyn Write,
    why: &Explanation,
    sources: &SourceMap,
    width: Width,
) -> io::Result<()> {
    let admission = why.admission();
    let (sees, fails) = match (why.first_failure(), admission.answer) {
        (Some(report), _) if report.stage.decides_picker() => {
            ("does not see", format!(": the {} stage fails", report.stage))
        }
        (Some(report), _) => {
            ("sees", format!(", but AWS refuses it: the {} stage fails", report.stage))
        }
        _ if !why.is_mapped() => ("may see", "; what would tell is missing".to_owned()),
        (None, Answer::Holds) if !why.decides_aws() => ("sees", String::new()),
        (None, Answer::Holds) => ("sees", ", and AWS lets them in".to_owned()),
        (None, _) => ("sees", "; whether AWS lets them in is not known".to_owned()),
    };
    let (stop, rest) = fails.split_once(' ').unwrap_or((&fails, ""));
    let mut head = Pieces::default()
        .and(0, &why.user)
        .and_prose(1, sees)
        .and(1, &format!("{}{stop}", why.role));
    if !rest.is_empty() {
        head = head.and_prose(1, rest);
    }
    write!(out, "{BOLD}")?;
    head.write(out, width, 0, 2)?;
    writeln!(out, "{BOLD:#}")?;
    write_stages(out, &why.stages.iter().collect::<Vec<_>>(), (sources, 2), width)?;
    writeln!(out)?;
    if let Some(refusal) = why.refusal() {
        write!(out, "  {BOLD}AWS answers:{BOLD:#} ")?;
        let says = format!("{refusal}, see {}", refusal.page());
        Pieces::prose(&says).write(out, width, "  AWS answers: ".len(), 4)?;
    }
    if let Some(change) = &why.change {
        write!(out, "  {BOLD}to mend it:{BOLD:#} ")?;
        Pieces::prose(change).write(out, width, "  to mend it: ".len(), 4)?;
    }
    if !why.other_groups.is_empty() {
        let names: Vec<String> = why.other_groups.iter().map(|name| format!("`{name}`")).collect();
        write!(out, "  ")?;
        let says = format!("also mapped to this role: {}", names.join(", "));
        Pieces::prose(&says).write(out, width, 2, 4)?;
    }
    let unknown: Vec<&str> = why.unknown().map(|report| report.stage.as_str()).collect();
    if !unknown.is_empty() {
        write!(out, "  ")?;
        let says = format!("not known from these exports: {}", unknown.join(", "));
        Pieces::prose(&says).write(out, width, 2, 4)?;
    }
    if let Some(says) = ticket(why) {
        write!(out, "  {BOLD}for a ticket:{BOLD:#} ")?;
        Pieces::prose(&says).write(out, width, "  for a ticket: ".len(), 4)?;
    }
    Ok(())
}

/// Writes the commands that export what would answer some stages, each on a line to be copied.
pub fn needed_text(out: &mut dyn Write, needed: &[(Vec<Stage>, Missing)]) -> io::Result<()> {
    if needed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  what would tell, each as a further `--source`:")?;
    for (stages, missing) in needed {
        let stages: Vec<&str> = stages.iter().map(|stage| stage.as_str()).collect();
        writeln!(out, "    {}: {}", stages.join(", "), missing.what)?;
        let command = missing.commands.first().map_or("", String::as_str);
        let (command, _) = command.split_once("  # ").unwrap_or((command, ""));
        writeln!(out, "      {command}")?;
    }
    Ok(())
}

/// Stages, each with its places, behind some spaces.
pub(super) fn write_stages(
    out: &mut dyn Write,
    stages: &[&StageReport],
    (sources, indent): (&SourceMap, usize),
    width: Width,
) -> io::Result<()> {
    let marks = stages.iter().map(|report| mark(report.answer).len()).max().unwrap_or(0).max(5);
    for report in stages {
        let places = report.places.iter().filter(|&&place| place != Place::NOWHERE);
        let row = Row {
            name: report.stage.as_str(),
            answer: report.answer,
            says: &report.says,
            places: places.map(|&place| sources.show(place)).collect(),
        };
        write_row(out, &row, (indent, marks), width)?;
    }
    Ok(())
}

/// A line of a chain.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) answer: Answer,
    pub(super) says: &'a str,
    /// Files and lines, ready to be shown.
    pub(super) places: Vec<String>,
}

/// Mark and name, and what is said beside them, or below where that has no room.
pub(super) fn write_row(
    out: &mut dyn Write,
    row: &Row<'_>,
    (indent, marks): (usize, usize),
    width: Width,
) -> io::Result<()> {
    let (word, style) = (mark(row.answer), style(row.answer));
    let space = marks.saturating_sub(word.len());
    write!(out, "{:indent$}{style}{word}{style:#}{:space$}  ", "", "")?;
    let beside = indent + marks + 2 + 10 + 2;
    let indent = if width.fits(beside + ROOM) {
        write!(out, "{:<10}  ", row.name)?;
        beside
    } else {
        let below = indent + 4;
        write!(out, "{}\n{:below$}", row.name, "")?;
        below
    };
    Pieces::prose(row.says).write(out, width, indent, indent)?;
    for place in &row.places {
        writeln!(out, "{:indent$}  at {place}", "")?;
    }
    Ok(())
}
