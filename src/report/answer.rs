//! One user's picker, one `why`, one `who`, as JSON; for people see [`screen`](super::screen).

use std::io::{self, Write};

use serde::Serialize;

use super::screen::PickerNotes;
use crate::entitlement::derivation::Step;
use crate::entitlement::picker::RolePicker;
use crate::entitlement::resolve::Entitlements;
use crate::explain::missing::Missing;
use crate::explain::stages::StageReport;
use crate::explain::who::Holders;
use crate::explain::why::Explanation;
use crate::text::{Place, SourceMap};

/// Version of every JSON answer.
pub const VERSION: u32 = 1;

/// A line of a file, as JSON shows it.
#[derive(Debug, Serialize)]
struct JsonPlace<'a> {
    file: &'a str,
    line: u32,
}

fn json_place(sources: &SourceMap, place: Place) -> Option<JsonPlace<'_>> {
    sources.resolve(place).map(|(file, line)| JsonPlace { file, line })
}

#[derive(Debug, Serialize)]
struct JsonPicker<'a> {
    user: &'a str,
    /// `none`: AWS shows an error; `skipped`: one role; `shown`.
    page: &'static str,
    accounts: Vec<JsonAccount<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missing: Vec<JsonMissing<'a>>,
}

/// A role that something keeps out of an empty picker.
#[derive(Debug, Serialize)]
struct JsonMissing<'a> {
    role: &'a str,
    stage: &'static str,
    says: &'a str,
}

#[derive(Debug, Serialize)]
struct JsonAccount<'a> {
    heading: &'a str,
    id: String,
    roles: Vec<JsonRole<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonRole<'a> {
    name: &'a str,
    arn: String,
    provider: String,
    ways: u32,
}

fn json_picker<'a>(
    picker: &'a RolePicker,
    user: &'a str,
    notes: &'a [String],
    missing: &'a [Missing],
) -> JsonPicker<'a> {
    let page = if picker.is_empty() {
        "none"
    } else if picker.is_skipped() {
        "skipped"
    } else {
        "shown"
    };
    let accounts = picker
        .accounts
        .iter()
        .map(|account| JsonAccount {
            heading: &account.heading,
            id: account
                .entries
                .first()
                .map(|entry| entry.pair.role.account.to_string())
                .unwrap_or_default(),
            roles: account
                .entries
                .iter()
                .map(|entry| JsonRole {
                    name: &entry.pair.role.name,
                    arn: entry.pair.role.to_string(),
                    provider: entry.pair.provider.to_string(),
                    ways: entry.ways,
                })
                .collect(),
        })
        .collect();
    let missing = missing
        .iter()
        .map(|one| JsonMissing { role: &one.role, stage: one.stage.as_str(), says: &one.says })
        .collect();
    JsonPicker { user, page, accounts, notes, missing }
}

#[derive(Debug, Serialize)]
struct Envelope<T> {
    version: u32,
    #[serde(flatten)]
    answer: T,
}

fn pretty(out: &mut dyn Write, answer: impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Envelope { version: VERSION, answer })?;
    writeln!(out)
}

/// Writes a picker as one JSON object.
pub fn picker_json(
    out: &mut dyn Write,
    picker: &RolePicker,
    about: &PickerNotes,
) -> io::Result<()> {
    pretty(out, json_picker(picker, &about.user, &about.notes, &about.missing))
}

/// Appends a picker as one line of JSON.
pub fn picker_jsonl(out: &mut Vec<u8>, picker: &RolePicker, user: &str) {
    if serde_json::to_writer(&mut *out, &json_picker(picker, user, &[], &[])).is_ok() {
        out.push(b'\n');
    }
}

#[derive(Debug, Serialize)]
struct JsonWhy<'a> {
    user: &'a str,
    role: &'a str,
    visible: bool,
    first_failure: Option<&'static str>,
    account: Option<String>,
    group: Option<&'a str>,
    path: &'a [String],
    stages: Vec<JsonStage<'a>>,
    change: Option<&'a str>,
    other_groups: &'a [String],
}

#[derive(Debug, Serialize)]
struct JsonStage<'a> {
    stage: &'static str,
    answer: &'static str,
    says: &'a str,
    places: Vec<JsonPlace<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    nearest: &'a [String],
}

/// Writes the chain of stages as one JSON object.
pub fn why_json(out: &mut dyn Write, why: &Explanation, sources: &SourceMap) -> io::Result<()> {
    let stage = |report: &'_ StageReport| -> &'static str { report.stage.as_str() };
    let stages = why
        .stages
        .iter()
        .map(|report| JsonStage {
            stage: stage(report),
            answer: report.answer.as_str(),
            says: &report.says,
            places: report.places.iter().filter_map(|&place| json_place(sources, place)).collect(),
            nearest: &report.nearest,
        })
        .collect();
    pretty(
        out,
        JsonWhy {
            user: &why.user,
            role: &why.role,
            visible: why.is_visible(),
            first_failure: why.first_failure().map(stage),
            account: why.account.map(|id| id.to_string()),
            group: why.group.as_deref(),
            path: &why.path,
            stages,
            change: why.change.as_deref(),
            other_groups: &why.other_groups,
        },
    )
}

pub(super) fn steps(path: Option<&[Step]>) -> impl Iterator<Item = &Step> {
    path.into_iter().flatten()
}

#[derive(Debug, Serialize)]
struct JsonWho<'a> {
    role: &'a str,
    count: usize,
    users: Vec<JsonHolder<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonHolder<'a> {
    user: &'a str,
    ways: u32,
    known: bool,
    path: Vec<JsonStep<'a>>,
}

#[derive(Debug, Serialize)]
struct JsonStep<'a> {
    group: &'a str,
    at: Option<JsonPlace<'a>>,
}

/// Writes everybody who sees a role as one JSON object.
pub fn who_json(
    out: &mut dyn Write,
    role: &str,
    holders: &Holders,
    entitlements: &Entitlements<'_>,
) -> io::Result<()> {
    let federation = entitlements.federation;
    let users: Vec<JsonHolder<'_>> = holders
        .holders
        .iter()
        .map(|holder| JsonHolder {
            user: &holder.login,
            ways: holder.ways,
            known: !holder.unknown,
            path: steps(holder.derivation.as_ref().map(|d| d.path.as_slice()))
                .map(|step| JsonStep {
                    group: federation.directory.group_name(step.group),
                    at: json_place(&federation.sources, step.place),
                })
                .collect(),
        })
        .collect();
    pretty(out, JsonWho { role, count: users.len(), users })
}
