//! Findings as tests, for whatever reads JUnit XML: a suite a group of rules, a test a rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::io::{self, Write};

use super::check_text::suppression_words;
use super::checked::{Checked, UnreadInput};
use crate::finding::Finding;
use crate::rules::Suppressed;
use crate::text::Shown;

/// The suite of what could not be read.
const INPUTS: &str = "inputs";

/// A test.
struct Case<'a> {
    name: &'a str,
    result: Verdict,
    /// What is told beside the result.
    told: String,
}

enum Verdict {
    Passed,
    Failed { kind: &'static str, message: String, text: String },
    Skipped { reason: String },
    Error { message: String },
}

/// Writes a suite a group of rules.
///
/// A rule fails with the findings that make the run fail; what else it found is told beside it. A rule that
/// could not be checked is skipped, and what could not be read is an error.
pub(super) fn write(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let mut suites: BTreeMap<&str, Vec<Case<'_>>> = BTreeMap::new();
    for case in cases(checked) {
        let group = case.name.split_once('/').map_or(case.name, |(group, _)| group);
        suites.entry(group).or_default().push(case);
    }
    let lost: Vec<Case<'_>> =
        checked.inputs.unread.iter().filter(|one| one.is_loss).map(unreadable).collect();
    if !lost.is_empty() {
        suites.entry(INPUTS).or_default().extend(lost);
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    let all: Vec<&Case<'_>> = suites.values().flatten().collect();
    writeln!(out, "<testsuites name=\"rolecall\"{}>", Totals(&all))?;
    for (group, cases) in &suites {
        let all: Vec<&Case<'_>> = cases.iter().collect();
        writeln!(out, "  <testsuite name=\"{}\"{}>", Xml(group), Totals(&all))?;
        for case in cases {
            write_case(out, group, case)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn unreadable(one: &UnreadInput) -> Case<'_> {
    let line = one.line.map_or_else(String::new, |line| format!("line {line}: "));
    let message = format!("{line}{}", one.message);
    Case { name: &one.file, result: Verdict::Error { message }, told: String::new() }
}

/// A test for every rule that was asked, or was to be, sorted by id.
fn cases<'a>(checked: &Checked<'a>) -> Vec<Case<'a>> {
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
    let case = |rule| {
        let found = findings.get(rule).map(Vec::as_slice).unwrap_or_default();
        let quiet = suppressed.get(rule).map(Vec::as_slice).unwrap_or_default();
        let skipped = reasons.get(rule).filter(|_| found.is_empty());
        let result = match skipped {
            Some(reason) => Verdict::Skipped { reason: reason.clone() },
            None => verdict(checked, found),
        };
        Case { name: rule, result, told: told(checked, found, quiet) }
    };
    rules.into_iter().map(case).collect()
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
    Verdict::Failed { kind: worst.severity.as_str(), message, text }
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

fn write_case(out: &mut dyn Write, group: &str, case: &Case<'_>) -> io::Result<()> {
    let (name, group) = (Xml(case.name), Xml(group));
    write!(out, "    <testcase name=\"{name}\" classname=\"rolecall.{group}\"")?;
    if matches!(case.result, Verdict::Passed) && case.told.is_empty() {
        return writeln!(out, "/>");
    }
    writeln!(out, ">")?;
    match &case.result {
        Verdict::Passed => {}
        Verdict::Failed { kind, message, text } => writeln!(
            out,
            "      <failure type=\"{kind}\" message=\"{}\">{}</failure>",
            Xml(message),
            Lines(text)
        )?,
        Verdict::Skipped { reason } => {
            writeln!(out, "      <skipped message=\"{}\"/>", Xml(reason))?;
        }
        Verdict::Error { message } => {
            writeln!(out, "      <error type=\"unreadable\" message=\"{}\"/>", Xml(message))?;
        }
    }
    if !case.told.is_empty() {
        writeln!(out, "      <system-out>{}</system-out>", Lines(&case.told))?;
    }
    writeln!(out, "    </testcase>")
}

/// How many tests there are, and of which result.
struct Totals<'a>(&'a [&'a Case<'a>]);

impl fmt::Display for Totals<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |is: fn(&Verdict) -> bool| self.0.iter().filter(|one| is(&one.result)).count();
        write!(
            f,
            " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
            self.0.len(),
            count(|result| matches!(result, Verdict::Failed { .. })),
            count(|result| matches!(result, Verdict::Error { .. })),
            count(|result| matches!(result, Verdict::Skipped { .. })),
        )
    }
}

/// Text in XML, in an attribute or an element: what XML forbids, or nobody sees, is shown as `\u{..}`.
struct Xml<'a>(&'a str);

/// Text of several lines in an element.
struct Lines<'a>(&'a str);

impl fmt::Display for Xml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in Shown(self.0).to_string().chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                // No characters in XML 1.0.
                '\u{fffe}' | '\u{ffff}' => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in self.0.split('\n').enumerate() {
            let end = if number == 0 { "" } else { "\n" };
            write!(f, "{end}{}", Xml(line))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_one_text_in_xml(text in "[\u{0}-\u{10ffff}]{0,40}|(]]>|<!--|&amp;|\"|\n){0,9}") {
            let document = format!("<a b=\"{}\">{}</a>", Xml(&text), Lines(&text));
            let parsed = roxmltree::Document::parse(&document);
            prop_assert!(parsed.is_ok(), "{document:?}");
            let mut reader = Reader::from_str(&document);
            let mut events = 0;
            while !matches!(reader.read_event().unwrap(), Event::Eof) {
                events += 1;
            }
            prop_assert!(events >= 2);
            let parsed = parsed.unwrap();
            let shown = Shown(&text).to_string();
            let shown = shown.replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}");
            prop_assert_eq!(parsed.root_element().attribute("b"), Some(&*shown));
        }
    }
}
