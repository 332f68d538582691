//! What does not hold, for a pull request or the summary of a job.

use std::io::{self, Write};

use super::{ExpectView, counted};
use crate::expect::{Case, Coverage, Miss, Outcome, Verdict};
use crate::report::markdown::{Prose, Span};

/// Cases that are shown at once.
const FIRST: usize = 20;

/// Cases that are shown folded: a comment takes 65,536 characters, the summary of a step a MiB.
const FOLDED: usize = 80;

/// Misses that are shown of a case.
const MISSES: usize = 5;

/// Roles that no expectation names, of which so many are listed.
const UNCOVERED: usize = 50;

/// Writes the summary.
pub(super) fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &ExpectView<'_>,
) -> io::Result<()> {
    writeln!(out, "## rolecall test: {}\n", counted(outcome, view.allow_undecided))?;
    let missed: Vec<&Case> =
        outcome.cases.iter().filter(|case| case.verdict != Verdict::Passed).collect();
    for case in missed.iter().take(FIRST) {
        write_case(out, case, view)?;
    }
    if let Some(more) = missed.len().checked_sub(FIRST).filter(|&more| more > 0) {
        let what = if more == 1 { "expectation" } else { "expectations" };
        writeln!(out, "\n<details>\n<summary>{more} {what} more</summary>\n")?;
        for case in missed.iter().skip(FIRST).take(FOLDED) {
            write_case(out, case, view)?;
        }
        if let Some(left) = more.checked_sub(FOLDED).filter(|&left| left > 0) {
            writeln!(out, "- and {left} more, in the other formats")?;
        }
        writeln!(out, "\n</details>")?;
    }
    if view.coverage {
        write_coverage(out, &outcome.coverage)?;
    }
    Ok(())
}

fn write_case(out: &mut dyn Write, case: &Case, view: &ExpectView<'_>) -> io::Result<()> {
    let (file, line) = view.file(case);
    let (verdict, at) = (case.verdict.as_str(), format!("{file}:{line}"));
    writeln!(out, "- **{verdict}** {} (at {})", Prose(&case.title), Span(&at))?;
    for miss in case.misses.iter().take(MISSES) {
        write_miss(out, miss)?;
    }
    match case.misses.len().saturating_sub(MISSES) + case.more {
        0 => Ok(()),
        more => writeln!(out, "  - and {more} more"),
    }
}

fn write_miss(out: &mut dyn Write, miss: &Miss) -> io::Result<()> {
    let (key, got) = (Span(miss.key.as_str()), Prose(&miss.got));
    match miss.verdict {
        Verdict::Invalid => writeln!(out, "  - {key}: {got}")?,
        _ => writeln!(out, "  - {key}: wanted {}; got: {got}", Prose(&miss.wanted))?,
    }
    match &miss.change {
        Some(change) => writeln!(out, "    - to mend it: {}", Prose(change)),
        None => Ok(()),
    }
}

fn write_coverage(out: &mut dyn Write, coverage: &Coverage) -> io::Result<()> {
    let Coverage { roles, covered, uncovered, .. } = coverage;
    let percent = coverage.percent();
    writeln!(out, "\nExpectations name {percent}% of the roles ({covered} of {roles}).")?;
    if uncovered.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nRoles that no expectation names:\n")?;
    for role in uncovered.iter().take(UNCOVERED) {
        writeln!(out, "- {}", Span(role))?;
    }
    match uncovered.len().saturating_sub(UNCOVERED) {
        0 => Ok(()),
        more => writeln!(out, "- and {more} more"),
    }
}
