//! `assertion/shared-session-name`: several users have the same session name.

use std::collections::BTreeMap;

use super::{ASSERTIONS, CALL, SignIn, captured};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/shared-session-name",
        summary: "several users have the same session name",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "CloudTrail tells sessions of a role apart by the session name. Where users share \
                      one, a constant or a name cut short, nobody can say afterwards who did what. Users \
                      are told apart by their NameID, over all messages of the run.",
        remediation: "Send something that is each user's own, such as the login.",
        references: &[ASSERTIONS, CALL],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut by_name: BTreeMap<&str, BTreeMap<&str, SignIn<'_>>> = BTreeMap::new();
    for sign_in in captured(context)? {
        let [name] = sign_in.aws.session_name.as_slice() else { continue };
        let Some(subject) = &sign_in.assertion.subject else { continue };
        let Some(name_id) = &subject.name_id else { continue };
        let users = by_name.entry(name.value.as_str()).or_default();
        users.entry(name_id.value.text.value.as_str()).or_insert(sign_in);
    }
    let shared = by_name.into_iter().filter(|(_, users)| users.len() > 1);
    Ok(shared.filter_map(|(name, users)| of(name, &users)).collect())
}

fn of(name: &str, users: &BTreeMap<&str, SignIn<'_>>) -> Option<Finding> {
    let (first, sign_in) = users.first_key_value()?;
    let (other, second) = users.iter().nth(1)?;
    let at = |sign_in: &SignIn<'_>, words: &str| {
        let spot = sign_in.aws.session_name.first().map(|one| one.at.clone()).unwrap_or_default();
        sign_in.label(&spot, words)
    };
    let message = format!(
        "{} users have the session name {}: {} and {}{}",
        users.len(),
        Quoted(name),
        Quoted(first),
        Quoted(other),
        if users.len() > 2 { ", and more" } else { "" },
    );
    let found = Finding::new(&RULE.info, name, message).at(at(sign_in, ""));
    Some(found.related(at(second, "the other user's")))
}
