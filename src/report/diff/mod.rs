//! What changed between two federations, as text, JSON, JSON Lines and Markdown.

pub(super) mod filters;
mod json;
mod markdown;
mod text;

pub use json::{diff_json, diff_jsonl};
pub use markdown::diff_markdown;
pub use text::diff_text;

use crate::diff::filters::Filters;
use crate::diff::outcome::{Diff, Kind, Row, State};
use crate::diff::phrase::{Part, Phrase};
use crate::entitlement::stage::Answer;
use crate::model::account::Tier;

/// What is shown of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The comparison.
    pub diff: &'a Diff,
    /// What was compared, as the user named it: before.
    pub before: &'a str,
    /// And after.
    pub after: &'a str,
    /// Whether users are listed.
    pub users: bool,
    /// Where another Group Filter is tried: the old one against it.
    pub filters: Option<&'a Filters>,
}

/// How many entries changed in one way.
struct Count {
    all: usize,
    /// Those of the admin tier.
    admin: usize,
    /// Those of them that are for emergencies.
    break_glass: usize,
}

impl Count {
    fn of(diff: &Diff, kind: Kind) -> Self {
        let count = |fits: fn(Option<Tier>) -> bool| {
            let rows = diff.rows().filter(|row| row.kind == kind && fits(row.tier));
            rows.map(|row| row.users.len()).sum()
        };
        Self {
            all: count(|_| true),
            admin: count(|tier| tier.is_some()),
            break_glass: count(|tier| tier == Some(Tier::BreakGlass)),
        }
    }
}

/// A tier as reports name it.
const fn tier_word(tier: Option<Tier>) -> &'static str {
    match tier {
        None => "",
        Some(Tier::Admin) => "admin",
        Some(Tier::BreakGlass) => "break-glass",
    }
}

/// `2 roles gained (1 of the admin tier), 1 lost, for 3 users`.
fn summary(diff: &Diff) -> String {
    if diff.is_empty() {
        let known = if diff.unknown.is_empty() { "" } else { "as far as is known, " };
        return format!("{known}nobody gains or loses a role");
    }
    let mut parts = Vec::new();
    for kind in [Kind::Gained, Kind::Lost, Kind::Changed] {
        let Count { all, admin, break_glass } = Count::of(diff, kind);
        if all == 0 {
            continue;
        }
        let noun = match (parts.is_empty(), all) {
            (true, 1) => " role",
            (true, _) => " roles",
            _ => "",
        };
        let admin = match (admin, break_glass) {
            (0, _) => String::new(),
            (admin, 0) => format!(" ({admin} of the admin tier)"),
            (admin, some) => format!(" ({admin} of the admin tier, {some} of them break-glass)"),
        };
        parts.push(format!("{all}{noun} {}{admin}", kind.as_str()));
    }
    let users = diff.users();
    let noun = if users == 1 { "user" } else { "users" };
    format!("{} for {users} {noun}", parts.join(", "))
}

/// What AWS does, in a word.
const fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => "assumable",
        Answer::Unknown => "unknown",
        Answer::Fails => "refused",
    }
}

/// What there is to say about a row beside role and users.
fn detail(row: &Row) -> Phrase {
    let answer = |state: &State| state.answer.map_or("", word);
    match row.kind {
        Kind::Gained if row.after.answer == Some(Answer::Unknown) => Phrase::default(),
        Kind::Gained => Phrase::words(answer(&row.after)),
        Kind::Lost if row.before.answer == Some(Answer::Fails) => Phrase::words("was refused"),
        Kind::Lost => Phrase::default(),
        Kind::Changed => {
            let mut phrase = Phrase::default();
            if row.before.answer != row.after.answer {
                let (old, new) = (answer(&row.before), answer(&row.after));
                phrase = phrase.and(format!("{old} → {new}"));
            }
            let parts: [(&str, PartOf); 2] =
                [("provider", |pair| last(&pair.1)), ("path", |pair| last(&pair.0))];
            for (what, part) in parts {
                let (old, new) = (joined(&row.before, part), joined(&row.after, part));
                if old != new {
                    let gap = if phrase.0.is_empty() { "" } else { ", " };
                    let named = phrase.and(format!("{gap}{what} ")).named(old);
                    phrase = named.and(" → ").named(new);
                }
            }
            phrase
        }
    }
}

/// A part of a pair's role and provider.
type PartOf = fn(&(String, String)) -> &str;

fn joined(state: &State, part: PartOf) -> String {
    let mut all: Vec<&str> = state.pairs.iter().map(part).collect();
    all.dedup();
    all.join(" and ")
}

/// What of an ARN tells it from another of its account.
fn last(arn: &str) -> &str {
    let (_, rest) = arn.rsplit_once(':').unwrap_or(("", arn));
    rest.split_once('/').map_or(rest, |(_, name)| name)
}

/// Where a cause is stated: the line before, the line after, or both.
fn places(before: Option<&(String, u32)>, after: Option<&(String, u32)>) -> Phrase {
    let named = |place: &(String, u32)| format!("{}:{}", place.0, place.1);
    match (before, after) {
        (Some(old), Some(new)) => Phrase::name(named(old)).and(" → ").named(named(new)),
        (Some(one), None) | (None, Some(one)) => Phrase::name(named(one)),
        (None, None) => Phrase::default(),
    }
}

/// Names without their backticks.
fn bare(phrase: &Phrase) -> String {
    let text = |part: &Part| match part {
        Part::Words(text) | Part::Name(text) => text.clone(),
    };
    phrase.0.iter().map(text).collect()
}
