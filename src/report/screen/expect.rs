//! What comes of expectations, for a person.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::super::expect::{ExpectView, counted};
use super::super::wrap::{Pieces, Width};
use super::BOLD;
use super::why::write_stages;
use crate::entitlement::stage::{Answer, StageReport};
use crate::expect::{Case, Coverage, Fact, Key, Miss, Outcome, Verdict};
use crate::text::{Shown, SourceMap};

/// Columns of the widest verdict.
const VERDICT: usize = 9;

/// Roles that the coverage lists.
const UNCOVERED: usize = 50;

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "ok",
        Verdict::Undecided => "undecided",
        Verdict::Failed => "FAILED",
        Verdict::Invalid => "INVALID",
    }
}

fn style(verdict: Verdict) -> Style {
    let colored = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match verdict {
        Verdict::Passed => colored(AnsiColor::Green),
        Verdict::Undecided => colored(AnsiColor::Yellow),
        Verdict::Failed | Verdict::Invalid => colored(AnsiColor::Red).bold(),
    }
}

/// Writes the cases that do not hold, and how many there are of each verdict.
///
/// Styled: the writer takes the styles off where they are not wanted.
pub(crate) fn expect_text(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &ExpectView<'_>,
) -> io::Result<()> {
    for case in &outcome.cases {
        if case.verdict == Verdict::Passed {
            if view.verbose {
                head(out, case, view)?;
            }
            continue;
        }
        head(out, case, view)?;
        case_text(out, case, view.sources, view.width)?;
        writeln!(out)?;
    }
    if view.coverage {
        write_coverage(out, &outcome.coverage, view.width)?;
        writeln!(out)?;
    }
    let says = counted(outcome, view.allow_undecided);
    Pieces::prose(&says).write(out, view.width, 0, 2)
}

fn head(out: &mut dyn Write, case: &Case, view: &ExpectView<'_>) -> io::Result<()> {
    let (word, style) = (word(case.verdict), style(case.verdict));
    write!(out, "{style}{word}{style:#}{:1$}", "", VERDICT + 2 - word.len())?;
    write!(out, "{BOLD}")?;
    Pieces::prose(&case.title).write(out, view.width, VERDICT + 2, VERDICT + 2)?;
    write!(out, "{BOLD:#}")?;
    if case.verdict != Verdict::Passed {
        writeln!(out, "{:1$}at {2}", "", VERDICT + 2, view.sources.show(case.place))?;
    }
    Ok(())
}

/// Writes what of a case does not hold.
pub(crate) fn case_text(
    out: &mut dyn Write,
    case: &Case,
    sources: &SourceMap,
    width: Width,
) -> io::Result<()> {
    for miss in &case.misses {
        write_miss(out, miss, sources, width)?;
    }
    match case.more {
        0 => Ok(()),
        1 => writeln!(out, "\n  and 1 more"),
        more => writeln!(out, "\n  and {more} more"),
    }
}

fn write_miss(
    out: &mut dyn Write,
    miss: &Miss,
    sources: &SourceMap,
    width: Width,
) -> io::Result<()> {
    writeln!(out, "\n  {BOLD}{}{BOLD:#}  at {}", miss.key.as_str(), sources.show(miss.place))?;
    if miss.verdict != Verdict::Invalid {
        write!(out, "    wanted  ")?;
        Pieces::prose(&miss.wanted).write(out, width, 12, 12)?;
    }
    write!(out, "    got     ")?;
    Pieces::prose(&miss.got).write(out, width, 12, 12)?;
    let stages = told(miss);
    write_stages(out, &stages, (sources, 6), width)?;
    if miss.is_too_much && !miss.facts.is_empty() {
        let these = if miss.facts.len() == 1 { "this does" } else { "all of these do" };
        writeln!(out, "    it ends when {these}:")?;
        for fact in &miss.facts {
            write_fact(out, fact, sources, width)?;
        }
    }
    if let Some(change) = &miss.change {
        write!(out, "    {BOLD}to mend it:{BOLD:#} ")?;
        Pieces::prose(change).write(out, width, 16, 6)?;
    }
    Ok(())
}

fn write_fact(
    out: &mut dyn Write,
    fact: &Fact,
    sources: &SourceMap,
    width: Width,
) -> io::Result<()> {
    write!(out, "      ")?;
    Pieces::prose(&fact.says).write(out, width, 6, 8)?;
    for &place in &fact.places {
        writeln!(out, "        at {}", sources.show(place))?;
    }
    Ok(())
}

/// The stages that are shown: to the first that fails; where the picker shows too much, those of the picker;
/// where something is not known, those that are not.
fn told(miss: &Miss) -> Vec<&StageReport> {
    let Some(why) = &miss.why else { return Vec::new() };
    let of_picker = |report: &&StageReport| report.stage.decides_picker();
    if miss.verdict == Verdict::Undecided {
        let of_aws = matches!(miss.key, Key::CanAssume | Key::Refused);
        return why.unknown().filter(|report| of_aws || of_picker(report)).collect();
    }
    if miss.is_too_much {
        return why.stages.iter().filter(of_picker).collect();
    }
    let mut is_open = true;
    why.stages
        .iter()
        .filter(|report| {
            let shown = is_open;
            is_open &= report.answer != Answer::Fails;
            shown
        })
        .collect()
}

fn write_coverage(out: &mut dyn Write, coverage: &Coverage, width: Width) -> io::Result<()> {
    let Coverage { roles, covered, accounts, .. } = coverage;
    let known = accounts - coverage.uncovered_accounts.len();
    let says = format!(
        "coverage: {}% of the roles that pickers may show ({covered} of {roles}), in {known} of {accounts} accounts",
        coverage.percent()
    );
    Pieces::prose(&says).write(out, width, 0, 2)?;
    for (what, names) in
        [("accounts", &coverage.uncovered_accounts), ("roles", &coverage.uncovered)]
    {
        if names.is_empty() {
            continue;
        }
        writeln!(out, "  {what} that no expectation names:")?;
        for name in names.iter().take(UNCOVERED) {
            writeln!(out, "    {}", Shown(name))?;
        }
        if let Some(more) = names.len().checked_sub(UNCOVERED).filter(|&more| more > 0) {
            writeln!(out, "    and {more} more")?;
        }
    }
    Ok(())
}
