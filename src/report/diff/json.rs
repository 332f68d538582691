//! What changed, for a program.

use std::io::{self, Write};

use serde::Serialize;

use super::filters::{self, JsonFilters};
use super::{Count, View, tier_word, word};
use crate::diff::outcome::{Cause, Change, Effect, Kind, Row, State};
use crate::report::answer::VERSION;
use crate::report::safe_json;

#[derive(Serialize)]
struct JsonDiff<'a> {
    version: u32,
    before: &'a str,
    after: &'a str,
    summary: JsonSummary,
    changes: Vec<JsonChange<'a>>,
    renamed: Vec<JsonRenamed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<JsonFilters<'a>>,
    unknown: Vec<String>,
}

#[derive(Serialize)]
struct JsonSummary {
    users: usize,
    gained: usize,
    gained_admin: usize,
    gained_break_glass: usize,
    lost: usize,
    lost_admin: usize,
    lost_break_glass: usize,
    changed: usize,
    changed_admin: usize,
    changed_break_glass: usize,
}

#[derive(Serialize)]
struct JsonChange<'a> {
    causes: Vec<JsonCause<'a>>,
    users: usize,
    roles: Vec<JsonRow<'a>>,
}

#[derive(Serialize)]
struct JsonCause<'a> {
    kind: &'static str,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<JsonPlace<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<JsonPlace<'a>>,
}

#[derive(Serialize)]
struct JsonPlace<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct JsonRow<'a> {
    role: &'a str,
    account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
    name: &'a str,
    admin: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    tier: &'static str,
    change: &'static str,
    effect: &'static str,
    before: JsonState<'a>,
    after: JsonState<'a>,
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<&'a [String]>,
}

#[derive(Serialize)]
struct JsonState<'a> {
    pairs: Vec<JsonPair<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aws: Option<&'static str>,
}

#[derive(Serialize)]
struct JsonPair<'a> {
    role: &'a str,
    provider: &'a str,
}

#[derive(Serialize)]
struct JsonRenamed<'a> {
    before: &'a str,
    after: &'a str,
}

/// One user's change about one role, in a line.
#[derive(Serialize)]
struct JsonLine<'a> {
    user: &'a str,
    role: &'a str,
    account: String,
    name: &'a str,
    admin: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    tier: &'static str,
    change: &'static str,
    effect: &'static str,
    before: JsonState<'a>,
    after: JsonState<'a>,
    causes: Vec<JsonCause<'a>>,
}

/// Writes a comparison as one JSON object.
pub fn diff_json(out: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
    let diff = view.diff;
    let [gained, lost, changed] =
        [Kind::Gained, Kind::Lost, Kind::Changed].map(|kind| Count::of(diff, kind));
    let users = diff.users();
    let renamed = diff.renamed.iter();
    safe_json::pretty(
        out,
        &JsonDiff {
            version: VERSION,
            before: view.before,
            after: view.after,
            summary: JsonSummary {
                users,
                gained: gained.all,
                gained_admin: gained.admin,
                gained_break_glass: gained.break_glass,
                lost: lost.all,
                lost_admin: lost.admin,
                lost_break_glass: lost.break_glass,
                changed: changed.all,
                changed_admin: changed.admin,
                changed_break_glass: changed.break_glass,
            },
            changes: diff.changes.iter().map(|change| json_change(view, change)).collect(),
            renamed: renamed.map(|(before, after)| JsonRenamed { before, after }).collect(),
            filter: view.filters.map(filters::json),
            unknown: diff.unknown.iter().map(ToString::to_string).collect(),
        },
    )
}

/// Writes a line for each user and role.
pub fn diff_jsonl(out: &mut dyn Write, view: &View<'_>) -> io::Result<()> {
    for change in &view.diff.changes {
        for row in &change.rows {
            for user in &row.users {
                safe_json::line(
                    out,
                    &JsonLine {
                        user,
                        role: &row.role,
                        account: row.account.to_string(),
                        name: &row.name,
                        admin: row.tier.is_some(),
                        tier: tier_word(row.tier),
                        change: row.kind.as_str(),
                        effect: effect(row),
                        before: json_state(&row.before),
                        after: json_state(&row.after),
                        causes: change.causes.iter().map(json_cause).collect(),
                    },
                )?;
            }
        }
    }
    Ok(())
}

fn json_change<'a>(view: &View<'_>, change: &'a Change) -> JsonChange<'a> {
    let row = |row: &'a Row| JsonRow {
        role: &row.role,
        account: row.account.to_string(),
        alias: row.alias.as_deref(),
        name: &row.name,
        admin: row.tier.is_some(),
        tier: tier_word(row.tier),
        change: row.kind.as_str(),
        effect: effect(row),
        before: json_state(&row.before),
        after: json_state(&row.after),
        count: row.users.len(),
        users: view.users.then_some(row.users.as_slice()),
    };
    JsonChange {
        causes: change.causes.iter().map(json_cause).collect(),
        users: change.users,
        roles: change.rows.iter().map(row).collect(),
    }
}

fn json_cause(cause: &Cause) -> JsonCause<'_> {
    fn place(place: Option<&(String, u32)>) -> Option<JsonPlace<'_>> {
        place.map(|(file, line)| JsonPlace { file, line: *line })
    }
    JsonCause {
        kind: cause.kind,
        says: cause.says.to_string(),
        before: place(cause.before.as_ref()),
        after: place(cause.after.as_ref()),
    }
}

fn json_state(state: &State) -> JsonState<'_> {
    let pairs = state.pairs.iter();
    JsonState {
        pairs: pairs.map(|(role, provider)| JsonPair { role, provider }).collect(),
        aws: state.answer.map(word),
    }
}

const fn effect(row: &Row) -> &'static str {
    match row.effect() {
        Effect::Gain => "gain",
        Effect::Loss => "loss",
        Effect::Other => "other",
    }
}
