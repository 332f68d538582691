//! `assertion/illegal-session-name`: a `RoleSessionName` is not one that AWS takes.

use super::{ASSERTIONS, TROUBLE, answer, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::session::{NAME, is_of_names, is_session_name};
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Shown;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/illegal-session-name",
        summary: "a RoleSessionName is not one that AWS takes",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A session name has 2 to 64 of the characters `a-zA-Z_0-9+=,.@-`. Okta sends the \
                      user's name in the app, so a login with an apostrophe, a space or a letter outside \
                      ASCII, or one of more than 64 characters, keeps its owner out of every account.",
        remediation: "Give the app a user name template that makes a legal name of every login.",
        references: &[TROUBLE, ASSERTIONS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = captured(context)?.filter_map(|sign_in| {
        let [name] = sign_in.aws.session_name.as_slice() else { return None };
        let wrong = wrong(&name.value)?;
        let message = format!("the session name {} {}", Quoted(&name.value), wrong.0);
        let found = sign_in.finding(&RULE.info, &name.at, message);
        let found = match wrong.1 {
            Some(part) => {
                let label = part_of(sign_in.label(&name.at, ""), &name.value, part);
                found.at(label)
            }
            None => found,
        };
        Some(found.help(answer(Refusal::SessionName)))
    });
    Ok(found.collect())
}

/// What is wrong with a name, and the bytes of it that are.
pub(super) fn wrong(name: &str) -> Option<(String, Option<std::ops::Range<usize>>)> {
    if is_session_name(name) {
        return None;
    }
    if let Some((at, c)) = name.char_indices().find(|(_, c)| !is_of_names(*c)) {
        let shown = c.to_string();
        let words = format!("has `{}` in it, which AWS does not take", Shown(&shown));
        return Some((words, Some(at..at + c.len_utf8())));
    }
    let (count, least, most) = (name.len(), NAME.start(), NAME.end());
    let plural = if count == 1 { "" } else { "s" };
    Some((format!("has {count} character{plural}, AWS takes {least} to {most}"), None))
}

/// Underlines a part of a value, where it is written as it reads.
pub(super) fn part_of(label: Label, value: &str, part: std::ops::Range<usize>) -> Label {
    if label.mark.value == value {
        let from = label.mark.from;
        return label.mark_part(value, part).from(from);
    }
    label
}
