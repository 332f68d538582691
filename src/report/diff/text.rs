//! What changed, for a person at a terminal.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{View, bare, detail, filters, places, summary, tier_word};
use crate::diff::outcome::{Cause, Change, Effect, Kind, Row};
use crate::report::wrap::{Pieces, Width};
use crate::text::Shown;

const BOLD: Style = Style::new().bold();

/// Renamed users that are shown, before the rest is counted.
const RENAMED: usize = 10;

/// Writes a comparison for a person.
pub fn diff_text(out: &mut dyn Write, view: &View<'_>, width: Width) -> io::Result<()> {
    let diff = view.diff;
    Pieces::prose(&summary(diff)).write(out, width, 0, 2)?;
    for change in &diff.changes {
        writeln!(out)?;
        write_change(out, view, change, width)?;
    }
    if !diff.renamed.is_empty() {
        writeln!(out, "\nusers with another login:")?;
        for (old, new) in diff.renamed.iter().take(RENAMED) {
            write!(out, "  ")?;
            Pieces::prose(&format!("`{old}` → `{new}`")).write(out, width, 2, 4)?;
        }
        let more = diff.renamed.len().saturating_sub(RENAMED);
        if more > 0 {
            writeln!(out, "  and {more} more")?;
        }
    }
    if let Some(filters) = view.filters {
        writeln!(out)?;
        filters::text(out, filters, width)?;
    }
    if !diff.unknown.is_empty() {
        writeln!(out, "\nnot known:")?;
        for says in &diff.unknown {
            write!(out, "  ")?;
            Pieces::prose(&says.to_string()).write(out, width, 2, 4)?;
        }
    }
    Ok(())
}

fn write_change(
    out: &mut dyn Write,
    view: &View<'_>,
    change: &Change,
    width: Width,
) -> io::Result<()> {
    for (at, cause) in change.causes.iter().enumerate() {
        let lead = if at == 0 { "" } else { "and " };
        write!(out, "{BOLD}")?;
        Pieces::prose(&format!("{lead}{}", cause.says)).write(out, width, 0, 2)?;
        write!(out, "{BOLD:#}")?;
        write_places(out, cause, width)?;
    }
    let columns = |row: &Row| Shown(&row.role).columns();
    let widest = change.rows.iter().map(columns).max().unwrap_or(0);
    let tiers = change.rows.iter().map(|row| tier_word(row.tier).len()).max().unwrap_or(0);
    let tiers = if tiers == 0 { 0 } else { tiers + 2 };
    for row in &change.rows {
        write_row(out, row, (widest, tiers), width)?;
        if view.users && row.users.len() > 1 {
            let list = row.users.iter().enumerate();
            let pieces = list.fold(Pieces::default(), |pieces, (at, user)| {
                pieces.and(if at == 0 { 0 } else { 2 }, user)
            });
            write!(out, "      ")?;
            pieces.write(out, width, 6, 6)?;
        }
    }
    Ok(())
}

fn write_places(out: &mut dyn Write, cause: &Cause, width: Width) -> io::Result<()> {
    let places = bare(&places(cause.before.as_ref(), cause.after.as_ref()));
    if places.is_empty() {
        return Ok(());
    }
    write!(out, "    at ")?;
    Pieces::prose(&places).write(out, width, 7, 6)
}

fn write_row(
    out: &mut dyn Write,
    row: &Row,
    (widest, tiers): (usize, usize),
    width: Width,
) -> io::Result<()> {
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    let style = match row.effect() {
        Effect::Gain => color(AnsiColor::Green),
        Effect::Loss => color(AnsiColor::Red),
        Effect::Other => color(AnsiColor::Yellow),
    };
    let sign = match row.kind {
        Kind::Gained => '+',
        Kind::Lost => '-',
        Kind::Changed => '~',
    };
    let space = widest.saturating_sub(Shown(&row.role).columns());
    let tier = tier_word(row.tier);
    write!(out, "  {style}{sign} {}{style:#}{:space$}  {tier:tiers$}", Shown(&row.role), "")?;
    let users = match row.users.as_slice() {
        [user] => user.clone(),
        users => format!("{} users", users.len()),
    };
    let at = 2 + 2 + widest + 2 + tiers;
    let mut pieces = Pieces::default().and(0, &users);
    let detail = detail(row);
    if !detail.0.is_empty() {
        pieces = pieces.and_prose(2, &detail.to_string());
    }
    pieces.write(out, width, at, 6)
}
