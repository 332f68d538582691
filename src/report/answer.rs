//! One user's picker, one `why`, one `who`: as text and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::entitlement::derivation::Step;
use crate::entitlement::picker::RolePicker;
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::stage::Answer;
use crate::explain::stages::StageReport;
use crate::explain::who::Holders;
use crate::explain::why::Explanation;
use crate::text::{Place, Shown, SourceMap};

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

/// What the picker of one user is about, beside its entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickerNotes {
    /// The login.
    pub user: String,
    /// Whether the user gets as far as AWS: able to sign in, and with the app's tile.
    pub reaches_aws: bool,
    /// Why the picker is empty, or what is not known about it; sentences.
    pub notes: Vec<String>,
}

/// Writes a picker as AWS's page reads.
pub fn picker_text(
    out: &mut dyn Write,
    picker: &RolePicker,
    about: &PickerNotes,
) -> io::Result<()> {
    let count = picker.entries().count();
    let roles = if count == 1 { "role" } else { "roles" };
    writeln!(out, "{} sees {count} {roles}", Shown(&about.user))?;
    for account in &picker.accounts {
        writeln!(out, "\n  {}", Shown(&account.heading))?;
        let names = account.entries.iter().map(|entry| Shown(&entry.pair.role.name).columns());
        let width = names.max().unwrap_or(0);
        for entry in &account.entries {
            let name = Shown(&entry.pair.role.name);
            let space = width.saturating_sub(name.columns());
            let ways = match entry.ways {
                1 => String::new(),
                ways => format!("  through {ways} of their groups"),
            };
            writeln!(
                out,
                "    {name}{:space$}  {}{ways}",
                "",
                Shown(&entry.pair.role.to_string())
            )?;
        }
    }
    let page = if picker.is_empty() && !about.reaches_aws {
        None
    } else if picker.is_empty() {
        Some(
            "AWS shows an error page: \"Your request included an invalid SAML response. To logout, click here.\"",
        )
    } else if picker.is_skipped() {
        Some("With one role AWS skips the picker and opens the console.")
    } else {
        None
    };
    if page.is_some() || !about.notes.is_empty() {
        writeln!(out)?;
    }
    for line in page.into_iter().chain(about.notes.iter().map(String::as_str)) {
        writeln!(out, "  {}", Shown(line))?;
    }
    Ok(())
}

#[derive(Debug, Serialize)]
struct JsonPicker<'a> {
    user: &'a str,
    /// `none`: AWS shows an error; `skipped`: one role; `shown`.
    page: &'static str,
    accounts: Vec<JsonAccount<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
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

fn json_picker<'a>(picker: &'a RolePicker, user: &'a str, notes: &'a [String]) -> JsonPicker<'a> {
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
    JsonPicker { user, page, accounts, notes }
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
    pretty(out, json_picker(picker, &about.user, &about.notes))
}

/// Appends a picker as one line of JSON.
pub fn picker_jsonl(out: &mut Vec<u8>, picker: &RolePicker, user: &str) {
    if serde_json::to_writer(&mut *out, &json_picker(picker, user, &[])).is_ok() {
        out.push(b'\n');
    }
}

/// Writes the chain of stages for a person.
pub fn why_text(out: &mut dyn Write, why: &Explanation, sources: &SourceMap) -> io::Result<()> {
    let (user, role) = (Shown(&why.user), Shown(&why.role));
    match why.first_failure() {
        Some(report) if report.stage.decides_picker() => {
            writeln!(out, "{user} does not see {role}: the {} stage fails", report.stage)?;
        }
        Some(report) => {
            writeln!(
                out,
                "{user} sees {role}, but AWS will refuse it: the {} stage fails",
                report.stage
            )?;
        }
        None => writeln!(out, "{user} sees {role}")?,
    }
    writeln!(out)?;
    for report in &why.stages {
        let mark = match report.answer {
            Answer::Holds => "ok",
            Answer::Unknown => "?",
            Answer::Fails => "FAILS",
        };
        writeln!(out, "  {mark:<5}  {:<10}  {}", report.stage, Shown(&report.says))?;
        for &place in report.places.iter().filter(|&&place| place != Place::NOWHERE) {
            writeln!(out, "  {:<5}  {:<10}    at {}", "", "", sources.show(place))?;
        }
    }
    writeln!(out)?;
    if let Some(change) = &why.change {
        writeln!(out, "  to mend it: {}", Shown(change))?;
    }
    if !why.other_groups.is_empty() {
        let names: Vec<String> =
            why.other_groups.iter().map(|name| format!("`{}`", Shown(name))).collect();
        writeln!(out, "  also mapped to this role: {}", names.join(", "))?;
    }
    let unknown: Vec<&str> = why.unknown().map(|report| report.stage.as_str()).collect();
    if !unknown.is_empty() {
        writeln!(out, "  not known from these exports: {}", unknown.join(", "))?;
    }
    writeln!(out, "  not decided here: the role's trust policy and the session's limits")
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

/// Writes everybody who sees a role, for a person.
pub fn who_text(
    out: &mut dyn Write,
    role: &str,
    holders: &Holders,
    entitlements: &Entitlements<'_>,
) -> io::Result<()> {
    let directory = &entitlements.federation.directory;
    let count = holders.holders.len();
    let (users, see) = if count == 1 { ("user", "sees") } else { ("users", "see") };
    writeln!(out, "{count} {users} {see} {}", Shown(role))?;
    let width =
        holders.holders.iter().map(|holder| Shown(&holder.login).columns()).max().unwrap_or(0);
    for holder in &holders.holders {
        let login = Shown(&holder.login);
        let space = width.saturating_sub(login.columns());
        let path: Vec<String> = steps(holder.derivation.as_ref().map(|d| d.path.as_slice()))
            .map(|step| Shown(directory.group_name(step.group)).to_string())
            .collect();
        let ways = match holder.ways {
            1 => String::new(),
            ways => format!("  ({ways} ways)"),
        };
        let unknown =
            if holder.unknown { "  (if able to sign in and assigned: not known)" } else { "" };
        writeln!(out, "  {login}{:space$}  {}{ways}{unknown}", "", path.join(" → "))?;
    }
    Ok(())
}

fn steps(path: Option<&[Step]>) -> impl Iterator<Item = &Step> {
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
