//! Findings for programs: one versioned JSON object, or JSON Lines. `docs/check.schema.json` describes both.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::check_text::View;
use super::safe_json;
use crate::finding::{Finding, FixHint, Label, Mark};
use crate::rules::settings::Settings;
use crate::rules::{Cut, Outcome, Suppressed, Suppression, find};
use crate::sources::excerpt::{Excerpt, Field};

/// Version of the object; it changes when a field changes its meaning or goes.
pub const VERSION: u32 = 1;

#[derive(Serialize)]
struct Envelope<'a> {
    version: u32,
    findings: Vec<FindingRecord<'a>>,
    suppressed: Vec<SuppressedRecord<'a>>,
    summary: Summary<'a>,
}

/// A line of JSON Lines.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Record<'a> {
    Finding {
        version: u32,
        #[serde(flatten)]
        finding: FindingRecord<'a>,
    },
    Suppressed {
        version: u32,
        #[serde(flatten)]
        finding: SuppressedRecord<'a>,
    },
    Summary {
        version: u32,
        #[serde(flatten)]
        summary: Summary<'a>,
    },
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
    /// The numbers that the rule went by.
    options: BTreeMap<&'static str, i64>,
    fingerprint: String,
}

/// A finding that is not reported, and why.
#[derive(Serialize)]
struct SuppressedRecord<'a> {
    #[serde(flatten)]
    finding: FindingRecord<'a>,
    suppression: SuppressionRecord<'a>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum SuppressionRecord<'a> {
    Waiver { reason: &'a str, expires: &'a str, file: &'a str, line: u32 },
    Baseline,
}

/// A file as named in the run, and where in it; lines and columns from one.
#[derive(Serialize)]
struct PlaceRecord<'a> {
    file: &'a str,
    line: u32,
    /// What stands on the line, where the file could be read again.
    #[serde(flatten)]
    span: Option<SpanRecord<'a>>,
}

#[derive(Serialize)]
struct SpanRecord<'a> {
    column: u64,
    end_column: u64,
    byte: u64,
    end_byte: u64,
    exact: bool,
    field: Option<FieldRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decoded: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum FieldRecord<'a> {
    Cell { row: u64, column: Option<&'a str> },
    Attribute { dn: &'a str, attribute: Option<&'a str> },
    Pointer { pointer: &'a str },
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
    ProposeName { from: &'a str, to: &'a str },
    SetSetting { setting: &'static str, from: &'a str, to: &'a str },
    ReplaceInPolicy { role: &'a str, account: Option<&'a str>, from: &'a str, to: &'a str },
}

#[derive(Serialize)]
struct Summary<'a> {
    errors: usize,
    warnings: usize,
    notes: usize,
    /// Counted above, but below the severity shown or over the limit of a rule.
    not_shown: usize,
    /// Not counted above.
    waived: usize,
    in_baseline: usize,
    checked: &'a [&'static str],
    not_checked: Vec<NotCheckedRecord>,
    cut: Vec<CutRecord>,
}

#[derive(Serialize)]
struct NotCheckedRecord {
    rule: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct CutRecord {
    rule: &'static str,
    kept: usize,
    found: usize,
}

/// Writes the object, indented.
pub fn write(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &View<'_>,
    settings: &Settings,
) -> io::Result<()> {
    let record = |finding| record(finding, view, settings);
    let envelope = Envelope {
        version: VERSION,
        findings: outcome.findings.iter().map(record).collect(),
        suppressed: outcome.suppressed.iter().map(|one| suppressed(one, view, settings)).collect(),
        summary: summary(outcome),
    };
    safe_json::pretty(out, &envelope)
}

/// Writes one line a finding, and a last one that counts.
pub fn write_lines(
    out: &mut dyn Write,
    outcome: &Outcome,
    view: &View<'_>,
    settings: &Settings,
) -> io::Result<()> {
    let version = VERSION;
    for finding in &outcome.findings {
        let finding = record(finding, view, settings);
        safe_json::line(out, &Record::Finding { version, finding })?;
    }
    for one in &outcome.suppressed {
        let finding = suppressed(one, view, settings);
        safe_json::line(out, &Record::Suppressed { version, finding })?;
    }
    safe_json::line(out, &Record::Summary { version, summary: summary(outcome) })
}

fn summary(outcome: &Outcome) -> Summary<'_> {
    let not_checked = outcome.not_checked.iter();
    Summary {
        errors: outcome.counts.errors,
        warnings: outcome.counts.warnings,
        notes: outcome.counts.notes,
        not_shown: outcome.hidden(),
        waived: outcome.suppressed_counts.waived,
        in_baseline: outcome.suppressed_counts.in_baseline,
        checked: &outcome.checked,
        not_checked: not_checked
            .map(|not| NotCheckedRecord { rule: not.rule, reason: not.reason.to_string() })
            .collect(),
        cut: outcome
            .cut
            .iter()
            .map(|&Cut { rule, kept, found }| CutRecord { rule, kept, found })
            .collect(),
    }
}

fn suppressed<'a>(
    suppressed: &'a Suppressed,
    view: &View<'a>,
    settings: &Settings,
) -> SuppressedRecord<'a> {
    let Suppressed { finding, by } = suppressed;
    SuppressedRecord {
        finding: record(finding, view, settings),
        suppression: match by {
            Suppression::Waiver { reason, expires, file, line } => {
                SuppressionRecord::Waiver { reason, expires, file, line: *line }
            }
            Suppression::Baseline => SuppressionRecord::Baseline,
        },
    }
}

fn record<'a>(finding: &'a Finding, view: &View<'a>, settings: &Settings) -> FindingRecord<'a> {
    // Taken apart so that a new field has to be thought of here.
    let Finding {
        rule,
        severity,
        subject,
        message,
        stems_from: _,
        also: _,
        primary,
        related,
        help,
        fix,
        fingerprint,
    } = finding;
    let info = find(rule).map(|rule| &rule.info);
    let options = info.into_iter().flat_map(|info| {
        info.options.iter().map(|option| (option.name, settings.number(info, option.name)))
    });
    FindingRecord {
        rule,
        severity: severity.as_str(),
        subject,
        message,
        at: place(primary, view),
        related: related
            .iter()
            .map(|label| RelatedRecord { at: place(label, view), message: &label.message })
            .collect(),
        help,
        fix: fix.as_ref().map(|fix| match fix {
            FixHint::RenameGroup { from, to } => FixRecord::RenameGroup { from, to },
            FixHint::ProposeName { from, to } => FixRecord::ProposeName { from, to },
            FixHint::SetSetting { setting, at: _, from, to } => {
                FixRecord::SetSetting { setting, from, to }
            }
            FixHint::ReplaceInPolicy { role, at: _, from, to, policy: _ } => {
                let (role, account) = (role.name.as_str(), role.account.as_deref());
                FixRecord::ReplaceInPolicy { role, account, from, to }
            }
        }),
        options: options.collect(),
        fingerprint: fingerprint.to_string(),
    }
}

fn place<'a>(label: &Label, view: &View<'a>) -> Option<PlaceRecord<'a>> {
    let Label { place, mark: Mark { .. }, message: _ } = label;
    let (file, line) = view.sources.resolve(*place)?;
    let excerpt = view.excerpts.of(label);
    let line = excerpt.map_or(line, |excerpt| excerpt.line);
    Some(PlaceRecord { file, line, span: excerpt.map(span) })
}

fn span(excerpt: &Excerpt) -> SpanRecord<'_> {
    SpanRecord {
        column: excerpt.columns.start,
        end_column: excerpt.columns.end,
        byte: excerpt.bytes.start,
        end_byte: excerpt.bytes.end,
        exact: excerpt.exact,
        field: excerpt.field.as_ref().map(|field| match field {
            Field::Cell { row, column } => {
                FieldRecord::Cell { row: *row, column: column.as_deref() }
            }
            Field::Attribute { dn, name } => {
                FieldRecord::Attribute { dn, attribute: name.as_deref() }
            }
            Field::Pointer(pointer) => FieldRecord::Pointer { pointer },
        }),
        decoded: excerpt.decoded.as_deref(),
    }
}
