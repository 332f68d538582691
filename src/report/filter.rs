//! What `rolecall filter` says: text for people, JSON Lines for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::diff::filters;
use super::wrap::{Pieces, Width};
use crate::diff::filters::Filters;
use crate::mapping::group_filter::FilterError;
use crate::mapping::nearest::{Mend, Nearest};
use crate::mapping::stop::Stop;
use crate::mapping::trial::{Trial, Verdict};
use crate::text::Shown;

/// Columns shown of a long name before and after the place that matters.
const BEFORE: usize = 60;
const AFTER: usize = 40;

/// One line of the JSON form; the order of the fields is part of it.
#[derive(Serialize)]
struct Record<'a> {
    name: &'a str,
    matched: Option<bool>,
    captures: Option<CapturesRecord<'a>>,
    pair: Option<&'a str>,
    stopped_at: Option<usize>,
    expected: Option<String>,
    nearest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode_dependent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pair_problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mends: Option<Vec<MendRecord<'a>>>,
}

#[derive(Serialize)]
struct CapturesRecord<'a> {
    role: Option<&'a str>,
    accountid: Option<&'a str>,
}

#[derive(Serialize)]
struct MendRecord<'a> {
    kind: &'static str,
    at: usize,
    found: &'a str,
    wanted: &'a str,
}

/// Writes a trial as one JSON line.
pub(crate) fn write_json(trial: &Trial<'_>, out: &mut impl Write) -> io::Result<()> {
    let nearest = trial.nearest.as_ref();
    let mut record = Record {
        name: trial.name,
        matched: None,
        captures: None,
        pair: None,
        stopped_at: None,
        expected: None,
        nearest: nearest.map(|nearest| nearest.name.as_str()),
        reason: None,
        mode_dependent: trial.mode_dependent.then_some(true),
        pair_problem: None,
        mends: nearest.map(|nearest| nearest.mends.iter().map(mend_record).collect()),
    };
    match &trial.verdict {
        Verdict::Match { role, account_id, pair } => {
            record.matched = Some(true);
            record.captures = Some(CapturesRecord { role: *role, accountid: *account_id });
            record.pair = pair.as_ref().ok().copied();
            record.pair_problem = pair.as_ref().err().map(ToString::to_string);
        }
        Verdict::NoMatch(stop) => {
            record.matched = Some(false);
            record.stopped_at = stop.as_ref().map(|stop| stop.at);
            record.expected = stop.as_ref().map(Stop::expectation);
        }
        Verdict::Undecided(reason) => record.reason = Some(reason),
    }
    serde_json::to_writer(&mut *out, &record)?;
    out.write_all(b"\n")
}

fn mend_record(mend: &Mend) -> MendRecord<'_> {
    MendRecord {
        kind: mend.kind.as_str(),
        at: mend.range.start,
        found: &mend.found,
        wanted: &mend.wanted,
    }
}

/// Writes a trial for people.
pub(crate) fn write_text(trial: &Trial<'_>, width: Width, out: &mut impl Write) -> io::Result<()> {
    match &trial.verdict {
        Verdict::Match { role, account_id, pair } => {
            writeln!(out, "match      {}", Excerpt::around(trial.name, 0).text)?;
            let shown = |part: Option<&str>| part.map(|part| Shown(part).to_string());
            let role = shown(*role).unwrap_or_else(|| "none".to_owned());
            let account_id = shown(*account_id).unwrap_or_else(|| "none".to_owned());
            let account = format!("`{account_id}`");
            let says = Pieces::prose("role").and(1, &format!("`{role}`,"));
            below(&says.and_prose(1, "account").and(1, &account), width, out)?;
            match pair {
                Ok(value) => below(&Pieces::default().and(0, value), width, out)?,
                Err(problem) => below(&Pieces::prose(&format!("no pair: {problem}")), width, out)?,
            }
        }
        Verdict::NoMatch(stop) => write_stop(trial.name, stop.as_ref(), width, out)?,
        Verdict::Undecided(reason) => {
            writeln!(out, "undecided  {}", Excerpt::around(trial.name, 0).text)?;
            below(&Pieces::prose(reason), width, out)?;
        }
    }
    if trial.mode_dependent {
        let says = "find and full match answer differently for this name";
        below(&Pieces::prose(says), width, out)?;
    }
    match &trial.nearest {
        Some(nearest) => write_nearest(nearest, width, out),
        None => Ok(()),
    }
}

/// Columns before what is said of a name.
const INDENT: usize = 11;

/// Writes what is said of a name, below it.
fn below(pieces: &Pieces, width: Width, out: &mut impl Write) -> io::Result<()> {
    write!(out, "{:INDENT$}", "")?;
    pieces.write(out, width, INDENT, INDENT)
}

fn write_stop(
    name: &str,
    stop: Option<&Stop>,
    width: Width,
    out: &mut impl Write,
) -> io::Result<()> {
    let Some(stop) = stop else {
        writeln!(out, "no match   {}", Excerpt::around(name, 0).text)?;
        let says = "where it stops cannot be told for this filter";
        return below(&Pieces::prose(says), width, out);
    };
    // A caret needs the name on one line.
    let room = width.0.map_or(BEFORE + AFTER, |width| width.saturating_sub(INDENT + 2));
    let before = BEFORE.min(room * BEFORE / (BEFORE + AFTER));
    let excerpt = Excerpt::within(name, stop.at, (before, room - before));
    writeln!(out, "no match   {}", excerpt.text)?;
    let capture = stop.capture.as_ref().map_or(String::new(), |name| format!(" (in `{name}`)"));
    let found = match stop.found {
        Some(c) => format!("`{}`", Shown(c.encode_utf8(&mut [0; 4]))),
        None => "the end of the name".to_owned(),
    };
    let says = format!("byte {}: {found}, expected {}{capture}", stop.at, stop.expectation());
    let column = INDENT + excerpt.column;
    write!(out, "{:column$}^", "")?;
    if width.fits(column + 2 + Shown(&says).columns()) {
        return Pieces::default().and(0, " ").and_prose(0, &says).write(
            out,
            width,
            column + 1,
            INDENT,
        );
    }
    writeln!(out)?;
    below(&Pieces::prose(&says), width, out)
}

fn write_nearest(nearest: &Nearest, width: Width, out: &mut impl Write) -> io::Result<()> {
    let mut kinds: Vec<&str> = nearest.mends.iter().map(|mend| mend.kind.as_str()).collect();
    kinds.dedup();
    let says = Pieces::prose("nearest:").and(1, &nearest.name);
    below(&says.and_prose(1, &format!("({})", kinds.join(", "))), width, out)
}

/// Writes why a filter is refused, with a caret under the place.
pub(crate) fn write_refusal(
    filter: &str,
    error: &FilterError,
    out: &mut impl Write,
) -> io::Result<()> {
    let excerpt = Excerpt::around(filter, error.offset);
    let message = &error.message;
    writeln!(out, "error: the Group Filter is refused at byte {}: {message}", error.offset)?;
    writeln!(out, "  {}", excerpt.text)?;
    writeln!(out, "  {:column$}^", "", column = excerpt.column)
}

/// Writes how two filters differ, for a person.
pub(crate) fn write_comparison(
    out: &mut dyn Write,
    compared: &Filters,
    width: Width,
) -> io::Result<()> {
    filters::alone(out, compared, width)
}

/// Writes how two filters differ, for a program: as one line or as several.
pub(crate) fn write_comparison_json(
    out: &mut dyn Write,
    texts: (&str, &str),
    compared: &Filters,
    in_lines: bool,
) -> io::Result<()> {
    filters::alone_json(out, texts, compared, in_lines)
}

/// A text neutralised, cut to what lies around a place if it is long.
pub(super) struct Excerpt {
    pub(super) text: String,
    /// Columns before the place.
    pub(super) column: usize,
}

impl Excerpt {
    pub(super) fn around(text: &str, place: usize) -> Self {
        Self::within(text, place, (BEFORE, AFTER))
    }

    /// With at most so many columns before and after the place, more after where fewer are before.
    fn within(text: &str, place: usize, (most_before, most_after): (usize, usize)) -> Self {
        let (before, after) = text.split_at_checked(place).unwrap_or((text, ""));
        let columns = |c: char| Shown(c.encode_utf8(&mut [0; 4])).columns();
        let kept = |chars: &mut dyn Iterator<Item = char>, limit: usize| {
            let mut used = 0;
            chars
                .take_while(|&c| {
                    used += columns(c);
                    used <= limit
                })
                .map(char::len_utf8)
                .sum::<usize>()
        };
        let head = kept(&mut before.chars().rev(), most_before);
        let tail = kept(&mut after.chars(), most_before + most_after - head.min(most_before));
        let (cut, before) = before.split_at_checked(before.len() - head).unwrap_or(("", before));
        let (after, rest) = after.split_at_checked(tail).unwrap_or((after, ""));
        let lead = if cut.is_empty() { "" } else { "…" };
        let after_mark = if rest.is_empty() { "" } else { "…" };
        Self {
            column: Shown(before).columns() + lead.chars().count(),
            text: format!("{lead}{}{}{after_mark}", Shown(before), Shown(after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_is_whole_and_its_column_counts_escapes() {
        let excerpt = Excerpt::around("a\u{200b}b", 4);
        assert_eq!((excerpt.text.as_str(), excerpt.column), ("a\\u{200b}b", 9));
    }

    #[test]
    fn a_long_text_is_cut_on_both_sides_of_the_place() {
        let excerpt = Excerpt::around(&"x".repeat(1000), 500);
        assert_eq!(excerpt.text.chars().count(), 1 + 60 + 40 + 1);
        assert_eq!(excerpt.column, 61);
    }

    #[test]
    fn a_place_inside_a_character_does_no_harm() {
        assert_eq!(Excerpt::around("é", 1).text, "é");
    }
}
