//! Findings for GitLab's merge requests: the report of its code quality jobs.

use std::io::{self, Write};

use serde::Serialize;

use super::checked::Checked;
use super::safe_json;
use crate::finding::{Finding, Severity};
use crate::text::Shown;

/// The path of what no file states: GitLab wants one.
const NO_FILE: &str = ".";

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Writes one issue a finding; what is suppressed is none.
pub(super) fn write(out: &mut dyn Write, checked: &Checked<'_>) -> io::Result<()> {
    let findings = checked.outcome.findings.iter();
    let issues: Vec<Issue<'_>> = findings.map(|finding| issue(checked, finding)).collect();
    safe_json::pretty(out, &issues)
}

fn issue<'a>(checked: &Checked<'_>, finding: &'a Finding) -> Issue<'a> {
    let Finding { rule, severity, message, primary, fingerprint, .. } = finding;
    let spot = checked.spot(primary);
    let line = spot.as_ref().and_then(|spot| spot.line);
    Issue {
        description: Shown(message).to_string(),
        check_name: rule,
        fingerprint: fingerprint.to_string(),
        severity: match severity {
            Severity::Note => "info",
            Severity::Warning => "minor",
            Severity::Error => "major",
        },
        location: Location {
            path: spot.map_or_else(|| NO_FILE.to_owned(), |spot| Shown(&spot.file).to_string()),
            lines: Lines { begin: line.unwrap_or(1) },
        },
    }
}
