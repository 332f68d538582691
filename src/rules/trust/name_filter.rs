//! `trust/name-filter`: a condition on the user's name that no mapped user meets.

use std::collections::BTreeSet;

use super::{At, KEYS, Spot, TROUBLE, roles, sent_attribute};
use crate::entitlement::reachable::{names_of, users_of_roles};
use crate::entitlement::role_policies::RolePolicy;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::directory::UserId;
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Condition, Family, SignIn};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/name-filter",
        summary: "a condition on NameID or session name that no mapped user meets",
        severity: Severity::Warning,
        on: true,
        follows: &["trust/deny-shadows-allow", "trust/malformed-principal", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "By default Okta sends the user's login as NameID (`saml:sub`) and as RoleSessionName. Where none of the users whose groups lead to a role has a login, or another name in the exports, that the condition wants, nobody gets in. That the app sends the default is inferred: the export does not say. Nothing is said of a role that no user reaches, nor of the session name where an attribute statement of the app sets it.",
        remediation: "Write the logins as Okta sends them, or leave the condition out: the groups decide already.",
        references: &[KEYS, TROUBLE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut tests = Vec::new();
    for roles in roles(context)? {
        for spot in roles.signing_in() {
            let conditions = spot.statement.conditions.iter();
            let own = conditions.filter(|one| is_about_name(context, one)).cloned();
            tests.extend(own.map(|condition| (spot.clone(), condition)));
        }
    }
    let Ok(entitlements) = context.entitlements else { return Ok(Vec::new()) };
    let identities =
        tests.iter().flat_map(|(spot, _)| spot.roles.alike.all().map(RolePolicy::identity));
    let wanted: BTreeSet<String> = identities.collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let users = users_of_roles(entitlements, &wanted);
    let of = |(spot, condition): &(Spot<'_>, Condition)| {
        let roles = spot.roles.alike.all();
        let mapped: BTreeSet<UserId> =
            roles.filter_map(|role| users.get(&role.identity())).flatten().copied().collect();
        of_test(context, spot, condition, &mapped)
    };
    Ok(tests.iter().filter_map(of).collect())
}

/// Whether a condition wants a name, and only a name.
fn is_about_name(context: &Context<'_>, condition: &Condition) -> bool {
    let Some(operator) = condition.operator else { return false };
    let key = condition.key_lower();
    let set = context.federation.app.as_ref().is_some_and(|app| {
        key == "sts:rolesessionname" && sent_attribute(app, "RoleSessionName").is_some()
    });
    matches!(operator.family(), Family::Text { .. })
        && !operator.negated
        && operator.set.is_none()
        && !set
        && matches!(key, "saml:sub" | "sts:rolesessionname")
        && condition.reads_only(&[key])
}

fn of_test(
    context: &Context<'_>,
    spot: &Spot<'_>,
    condition: &Condition,
    mapped: &BTreeSet<UserId>,
) -> Option<Finding> {
    let directory = &context.federation.directory;
    let meets = |name: &str| {
        let sign_in = SignIn { name_id: Some(name), session_name: Some(name), ..SignIn::default() };
        condition.is_met(&sign_in.request().context)
    };
    let mut known = mapped.iter().flat_map(|&user| names_of(directory, user));
    if mapped.is_empty() || known.any(meets) {
        return None;
    }
    let values = condition.values.iter().map(|wanted| wanted.text.as_str());
    let message = format!(
        "{} wants {} {}, and no mapped user's login is it, if Okta sends the login as it does by default",
        spot.named(),
        Quoted(&condition.key),
        some_of(values)
    );
    let logins = some_of(mapped.iter().map(|&user| directory.login(user)));
    let value = condition.values.first().map_or("", |wanted| wanted.text.as_str());
    let help = format!("the logins are {logins}");
    Some(spot.finding(&RULE.info, At::value(value), message, &help))
}
