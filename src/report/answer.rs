//! One user's picker, one `why`, one `who`, as JSON; for people see [`screen`](super::screen).

use std::io::{self, Write};

use serde::Serialize;

use super::screen::PickerNotes;
use crate::entitlement::admission::Admission;
use crate::entitlement::derivation::Step;
use crate::entitlement::picker::RolePicker;
use crate::entitlement::refusal::Refusal;
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::stage::StageReport;
use crate::explain::ticket::ticket;
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
    #[serde(skip_serializing_if = "Option::is_none")]
    aws: Option<JsonAdmission<'a>>,
}

/// What AWS does when the role is chosen.
#[derive(Debug, Serialize)]
struct JsonAdmission<'a> {
    /// `assumable`, `refused` or `unknown`.
    answer: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    says: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<JsonError>,
}

impl<'a> JsonAdmission<'a> {
    fn new(admission: &'a Admission) -> Self {
        Self {
            answer: admission.as_str(),
            stage: admission.stage.map(crate::entitlement::stage::Stage::as_str),
            says: &admission.says,
            error: admission.refusal.map(JsonError::new),
        }
    }
}

/// What AWS prints.
#[derive(Debug, Serialize)]
struct JsonError {
    text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// `documented`, `seen` or `inferred`.
    evidence: &'static str,
    page: &'static str,
}

impl JsonError {
    fn new(refusal: Refusal) -> Self {
        Self {
            text: refusal.text(),
            status: refusal.code().map(|code| code.0),
            code: refusal.code().map(|code| code.1),
            evidence: refusal.evidence().as_str(),
            page: refusal.page(),
        }
    }
}

fn json_picker<'a>(picker: &'a RolePicker, about: &'a PickerNotes) -> JsonPicker<'a> {
    let PickerNotes { user, notes, missing, .. } = about;
    let mut admissions = about.admissions.iter();
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
                    aws: admissions.next().map(JsonAdmission::new),
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
    pretty(out, json_picker(picker, about))
}

/// Appends a picker as one line of JSON.
pub fn picker_jsonl(out: &mut Vec<u8>, picker: &RolePicker, about: &PickerNotes) {
    if serde_json::to_writer(&mut *out, &json_picker(picker, about)).is_ok() {
        out.push(b'\n');
    }
}

#[derive(Debug, Serialize)]
struct JsonWhy<'a> {
    user: &'a str,
    role: &'a str,
    visible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    aws: Option<JsonAdmission<'a>>,
    first_failure: Option<&'static str>,
    account: Option<String>,
    group: Option<&'a str>,
    path: &'a [String],
    stages: Vec<JsonStage<'a>>,
    change: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<JsonError>,
}

/// Writes the chain of stages as one JSON object.
pub fn why_json(out: &mut dyn Write, why: &Explanation, sources: &SourceMap) -> io::Result<()> {
    let stage = |report: &'_ StageReport| -> &'static str { report.stage.as_str() };
    let admission = why.admission();
    let stages = why
        .stages
        .iter()
        .map(|report| JsonStage {
            stage: stage(report),
            answer: report.answer.as_str(),
            says: &report.says,
            places: report.places.iter().filter_map(|&place| json_place(sources, place)).collect(),
            nearest: &report.nearest,
            error: report.refusal.map(JsonError::new),
        })
        .collect();
    pretty(
        out,
        JsonWhy {
            user: &why.user,
            role: &why.role,
            visible: why.is_visible(),
            aws: why.decides_aws().then(|| JsonAdmission::new(&admission)),
            first_failure: why.first_failure().map(stage),
            account: why.account.map(|id| id.to_string()),
            group: why.group.as_deref(),
            path: &why.path,
            stages,
            change: why.change.as_deref(),
            ticket: ticket(why),
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
    aws: JsonAdmission<'a>,
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
            aws: JsonAdmission::new(&holder.admission),
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
