//! Findings as tests, for whatever reads JUnit XML: a suite a group of rules, a test a rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use super::check_text::suppression_words;
use super::checked::{Checked, UnreadInput};
use super::junit::{self, Failure, Suite, Test, Verdict};
use crate::finding::Finding;
use crate::rules::Suppressed;
use crate::text::Shown;

/// The suite of what could not be read.
const INPUTS: &str = "inputs";

/// Writes a suite a group of rules.
///
/// A rule fails with the findings that make the run fail; what else it found is told beside it. A rule that
/// could not be checked is skipped, and what could not be read is an error.
pub(super) fn write(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let mut suites: BTreeMap<&str, Vec<Test<'_>>> = BTreeMap::new();
    for test in tests(checked) {
        suites.entry(group_of(test.name)).or_default().push(test);
    }
    let lost = checked.inputs.unread.iter().filter(|one| one.is_loss);
    for one in lost {
        suites.entry(INPUTS).or_default().push(unreadable(one));
    }
    let suites: Vec<Suite<'_>> =
        suites.into_iter().map(|(name, tests)| Suite { name, tests }).collect();
    junit::write(out, &suites)
}

fn group_of(rule: &str) -> &str {
    rule.split_once('/').map_or(rule, |(group, _)| group)
}

fn unreadable(one: &UnreadInput) -> Test<'_> {
    let line = one.line.map_or_else(String::new, |line| format!("line {line}: "));
    let message = format!("{line}{}", one.message);
    Test {
        name: &one.file,
        class: format!("rolecall.{INPUTS}"),
        at: None,
        result: Verdict::Error(Failure { kind: "unreadable", message, text: String::new() }),
        told: String::new(),
    }
}

/// A test for every rule that was asked, or was to be, sorted by id.
fn tests<'a>(checked: &Checked<'a>) -> Vec<Test<'a>> {
    let outcome = checked.outcome;
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &outcome.findings {
        findings.entry(finding.rule).or_default().push(finding);
    }
    let mut suppressed: BTreeMap<&str, Vec<&Suppressed>> = BTreeMap::new();
    for one in &outcome.suppressed {
        suppressed.entry(one.finding.rule).or_default().push(one);
    }
    let reasons: BTreeMap<&str, String> =
        outcome.not_checked.iter().map(|not| (not.rule, not.reason.to_string())).collect();
    let rules: BTreeSet<&str> =
        outcome.checked.iter().copied().chain(findings.keys().copied()).collect();
    let rules: BTreeSet<&str> = rules.into_iter().chain(reasons.keys().copied()).collect();
    let test = |rule| {
        let found = findings.get(rule).map(Vec::as_slice).unwrap_or_default();
        let quiet = suppressed.get(rule).map(Vec::as_slice).unwrap_or_default();
        let skipped = reasons.get(rule).filter(|_| found.is_empty());
        let result = match skipped {
            Some(reason) => Verdict::Skipped(reason.clone()),
            None => verdict(checked, found),
        };
        let class = format!("rolecall.{}", group_of(rule));
        Test { name: rule, class, at: None, result, told: told(checked, found, quiet) }
    };
    rules.into_iter().map(test).collect()
}

fn verdict(checked: &Checked<'_>, found: &[&Finding]) -> Verdict {
    let failing: Vec<&Finding> =
        found.iter().copied().filter(|one| checked.is_failure(one)).collect();
    // The worst come first.
    let Some(worst) = failing.first() else { return Verdict::Passed };
    let message = match failing.as_slice() {
        [one] => one.message.clone(),
        all => format!("{} findings", all.len()),
    };
    let text = failing.iter().map(|one| told_of(checked, one)).collect();
    Verdict::Failed(Failure { kind: worst.severity.as_str(), message, text })
}

/// What does not make the rule fail.
fn told(checked: &Checked<'_>, found: &[&Finding], suppressed: &[&Suppressed]) -> String {
    let passing = found.iter().filter(|one| !checked.is_failure(one));
    let mut text: String = passing.map(|one| told_of(checked, one)).collect();
    for Suppressed { finding, by } in suppressed {
        let words = suppression_words(by, |file| checked.inputs.relative(file));
        // A string takes everything.
        let _ = write!(text, "suppressed, {}: {}", Shown(&words), told_of(checked, finding));
    }
    text
}

/// A finding in lines: place, severity, message, and what to do.
fn told_of(checked: &Checked<'_>, finding: &Finding) -> String {
    let Finding { severity, message, primary, help, .. } = finding;
    let at = checked.at(primary).map_or_else(String::new, |at| format!("{at}: "));
    let mut text = format!("{at}{severity}: {}\n", Shown(message));
    for help in help {
        // A string takes everything.
        let _ = writeln!(text, "  help: {}", Shown(help));
    }
    text
}
