//! What does not hold as annotations of GitHub Actions, at the lines of the expectations.

use std::io::{self, Write};

use super::{ExpectView, counted, summary};
use crate::expect::{Case, Outcome, Verdict};
use crate::finding::Severity;
use crate::report::checked::Spot;
use crate::report::workflow::{Annotation, Room};
use crate::text::Shown;

/// Writes an annotation or a line for everything that does not hold, and a line that counts.
pub(super) fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &ExpectView<'_>,
) -> io::Result<()> {
    let missed = || outcome.cases.iter().filter(|case| case.verdict != Verdict::Passed);
    let level = |case: &Case| match case.verdict {
        Verdict::Undecided if view.allow_undecided => Severity::Note,
        _ => Severity::Error,
    };
    let mut room = Room::for_all(&missed().map(level));
    for case in missed() {
        let (file, line) = view.file(case);
        let spot = Spot { file, line: Some(line), columns: None, within: None, excerpt: None };
        let annotation = Annotation { title: case.verdict.as_str(), spot: Some(&spot) };
        annotation.write(out, level(case), &message(case), &mut room)?;
    }
    writeln!(out, "{}", Shown(&counted(outcome, view.allow_undecided)))?;
    room.write_rest(out, "expectation")
}

/// The expectation, the first thing that is otherwise, and what would mend it, a line each.
fn message(case: &Case) -> String {
    let more = case.misses.len().saturating_sub(1) + case.more;
    let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    let text = format!("{}: {}{more}", Shown(&case.title), summary(case));
    match case.misses.iter().find_map(|miss| miss.change.as_ref()) {
        Some(change) => format!("{text}\nto mend it: {}", Shown(change)),
        None => text,
    }
}
