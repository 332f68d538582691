//! Findings for programs: one versioned JSON object.

use std::io::{self, Write};

use serde::Serialize;

use crate::finding::{Finding, FixHint};
use crate::rules::Outcome;
use crate::text::{Place, SourceMap};

/// Version of the object; it changes when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Envelope<'a> {
    version: u32,
    findings: Vec<FindingRecord<'a>>,
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct FindingRecord<'a> {
    rule: &'static str,
    severity: &'static str,
    subject: &'a str,
    message: &'a str,
    /// Null for what no file states.
    at: Option<PlaceRecord<'a>>,
    related: Vec<RelatedRecord<'a>>,
    help: &'a [String],
    fix: Option<FixRecord<'a>>,
}

/// A file as named in the run, and its line from one.
#[derive(Serialize)]
struct PlaceRecord<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct RelatedRecord<'a> {
    at: Option<PlaceRecord<'a>>,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum FixRecord<'a> {
    RenameGroup { from: &'a str, to: &'a str },
}

#[derive(Serialize)]
struct Summary<'a> {
    errors: usize,
    warnings: usize,
    notes: usize,
    /// Counted above, but below the severity shown or over the limit of a rule.
    not_shown: usize,
    checked: &'a [&'static str],
    not_checked: Vec<NotCheckedRecord>,
}

#[derive(Serialize)]
struct NotCheckedRecord {
    rule: &'static str,
    reason: String,
}

/// Writes the object, indented.
pub fn write(out: &mut dyn Write, outcome: &Outcome, sources: &SourceMap) -> io::Result<()> {
    let counts = outcome.counts;
    let envelope = Envelope {
        version: VERSION,
        findings: outcome.findings.iter().map(|finding| record(finding, sources)).collect(),
        summary: Summary {
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            not_shown: outcome.hidden(),
            checked: &outcome.checked,
            not_checked: outcome
                .not_checked
                .iter()
                .map(|not| NotCheckedRecord { rule: not.rule, reason: not.reason.to_string() })
                .collect(),
        },
    };
    serde_json::to_writer_pretty(&mut *out, &envelope)?;
    writeln!(out)
}

fn record<'a>(finding: &'a Finding, sources: &'a SourceMap) -> FindingRecord<'a> {
    FindingRecord {
        rule: finding.rule,
        severity: finding.severity.as_str(),
        subject: &finding.subject,
        message: &finding.message,
        at: place(sources, finding.primary.place),
        related: finding
            .related
            .iter()
            .map(|label| RelatedRecord { at: place(sources, label.place), message: &label.message })
            .collect(),
        help: &finding.help,
        fix: finding.fix.as_ref().map(|fix| match fix {
            FixHint::RenameGroup { from, to } => FixRecord::RenameGroup { from, to },
        }),
    }
}

fn place(sources: &SourceMap, place: Place) -> Option<PlaceRecord<'_>> {
    sources.resolve(place).map(|(file, line)| PlaceRecord { file, line })
}
