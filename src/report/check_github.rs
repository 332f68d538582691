//! Findings as annotations of GitHub Actions, and as lines of its log.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::check_text::{not_checked_lines, summary_line};
use super::checked::{Checked, Spot, UnreadInput};
use super::workflow::{Annotation, Room};
use crate::finding::{Finding, Severity};
use crate::text::Shown;

/// Writes an annotation or a line for every finding, and a last line that counts.
pub(super) fn write(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let outcome = checked.outcome;
    let lost: Vec<&UnreadInput> = checked.inputs.unread.iter().filter(|one| one.is_loss).collect();
    let of_lost = lost.iter().map(|_| Severity::Error);
    let of_findings = outcome.findings.iter().map(|finding| finding.severity);
    let mut room = Room::for_all(&of_lost.chain(of_findings));
    for one in lost {
        let file = checked.inputs.relative(&one.file);
        let spot = Spot { file, line: one.line, columns: None, within: None, excerpt: None };
        let annotation = Annotation { title: "unreadable input", spot: Some(&spot) };
        annotation.write(out, Severity::Error, &one.message, &mut room)?;
    }
    // The worst come first.
    for finding in &outcome.findings {
        let spot = checked.spot(&finding.primary);
        let annotation = Annotation { title: finding.rule, spot: spot.as_ref() };
        annotation.write(out, finding.severity, &message(finding), &mut room)?;
    }
    for line in not_checked_lines(outcome) {
        writeln!(out, "{}", Shown(&line))?;
    }
    writeln!(out, "{}", Shown(&summary_line(outcome)))?;
    room.write_rest(out, "finding")
}

/// What is wrong and what to do, a line each.
fn message(finding: &Finding) -> String {
    let mut text = Shown(&finding.message).to_string();
    for help in &finding.help {
        // A string takes everything.
        let _ = write!(text, "\nhelp: {}", Shown(help));
    }
    text
}
