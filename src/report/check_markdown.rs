//! Findings for a pull request, or the summary of a job: counts, a table of the rules, the first findings.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::check_text::{counted, found_words, not_checked_by_reason, suppressed_words};
use super::checked::{Checked, UnreadInput};
use super::markdown::{Code, Prose, Span};
use crate::finding::{Finding, Severity};
use crate::rules::{Outcome, find};

/// Findings that are shown at once.
const FIRST: usize = 20;

/// Findings that are shown folded: a comment takes 65,536 characters, the summary of a step a MiB.
const FOLDED: usize = 80;

/// Inputs that could not be read, or rules that could not be checked for one reason, that are named.
const NAMED: usize = 20;

/// Writes the summary.
pub(super) fn write(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let outcome = checked.outcome;
    writeln!(out, "## rolecall: {}\n", found_words(outcome))?;
    write_unread(out, checked)?;
    write_rules(out, outcome)?;
    write_findings(out, checked)?;
    if let Some(words) = suppressed_words(outcome.suppressed_counts) {
        writeln!(out, "{words}.\n")?;
    }
    write_not_checked(out, outcome)?;
    let checked = counted(outcome.checked.len(), "rule");
    match outcome.not_checked.len() {
        0 => writeln!(out, "{checked} checked."),
        not => writeln!(out, "{checked} checked, {not} not."),
    }
}

fn write_unread(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let lost: Vec<&UnreadInput> = checked.inputs.unread.iter().filter(|one| one.is_loss).collect();
    if lost.is_empty() {
        return Ok(());
    }
    writeln!(out, "**Inputs could not be read whole:**\n")?;
    for one in lost.iter().take(NAMED) {
        let mut place = checked.inputs.relative(&one.file);
        if let Some(line) = one.line {
            place = format!("{place}:{line}");
        }
        writeln!(out, "- {}: {}", Span(&place), Prose(&one.message))?;
    }
    if let Some(more) = lost.len().checked_sub(NAMED).filter(|&more| more > 0) {
        writeln!(out, "- and {more} more")?;
    }
    writeln!(out)
}

/// A line a rule, the worst first.
fn write_rules(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let mut rules: BTreeMap<&str, (Severity, usize)> = BTreeMap::new();
    for finding in &outcome.findings {
        let (worst, count) = rules.entry(finding.rule).or_insert((finding.severity, 0));
        *worst = finding.severity.max(*worst);
        *count += 1;
    }
    for cut in &outcome.cut {
        // Those of the rule that are over the limit are counted too.
        if let Some((_, count)) = rules.get_mut(cut.rule) {
            *count += cut.found.saturating_sub(cut.kept);
        }
    }
    if rules.is_empty() {
        return Ok(());
    }
    let mut rules: Vec<(&str, (Severity, usize))> = rules.into_iter().collect();
    rules.sort_by_key(|(_, (worst, _))| std::cmp::Reverse(*worst));
    writeln!(out, "| Severity | Rule | Findings | What |\n|---|---|--:|---|")?;
    for (rule, (severity, count)) in rules {
        let summary = find(rule).map_or("", |rule| rule.info.summary);
        let summary = Prose(summary).to_string().replace('|', "\\|");
        writeln!(out, "| {severity} | {} | {count} | {summary} |", Code(rule))?;
    }
    writeln!(out)
}

fn write_findings(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let findings = &checked.outcome.findings;
    for finding in findings.iter().take(FIRST) {
        write_finding(out, checked, finding)?;
    }
    if !findings.is_empty() {
        writeln!(out)?;
    }
    let Some(more) = findings.len().checked_sub(FIRST).filter(|&more| more > 0) else {
        return Ok(());
    };
    writeln!(out, "<details>\n<summary>{} more</summary>\n", counted(more, "finding"))?;
    for finding in findings.iter().skip(FIRST).take(FOLDED) {
        write_finding(out, checked, finding)?;
    }
    if let Some(left) = more.checked_sub(FOLDED).filter(|&left| left > 0) {
        writeln!(out, "- and {left} more, in the other formats")?;
    }
    writeln!(out, "\n</details>\n")
}

fn write_finding(out: &mut dyn Write, checked: &Checked<'_>, finding: &Finding) -> io::Result<()> {
    let Finding { rule, severity, message, primary, help, .. } = finding;
    write!(out, "- **{severity}** {}: {}", Span(rule), Prose(message))?;
    match checked.at(primary) {
        Some(at) => writeln!(out, " (at {})", Span(&at))?,
        None => writeln!(out)?,
    }
    for help in help {
        writeln!(out, "  - help: {}", Prose(help))?;
    }
    Ok(())
}

fn write_not_checked(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let count = outcome.not_checked.len();
    if count == 0 {
        return Ok(());
    }
    let rules = counted(count, "rule");
    writeln!(out, "<details>\n<summary>{rules} could not be checked</summary>\n")?;
    for (reason, rules) in not_checked_by_reason(outcome) {
        let named: Vec<String> =
            rules.iter().take(NAMED).map(|rule| Span(rule).to_string()).collect();
        let more = match rules.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(out, "- {}{more}: {}", named.join(", "), Prose(&reason))?;
    }
    writeln!(out, "\n</details>\n")
}
