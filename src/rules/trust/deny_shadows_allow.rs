//! `trust/deny-shadows-allow`: a Deny refuses everybody whom the policy lets in.

use std::collections::BTreeSet;

use super::{At, FOR_SAML, Roles, Spot, roles};
use crate::entitlement::reachable::{names_of, users_of_roles};
use crate::entitlement::role_policies::RolePolicy;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Audience, AudienceHow, Federated, SignIn, audience_tests};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/deny-shadows-allow",
        summary: "a Deny refuses everybody whom a trust policy lets in",
        severity: Severity::Error,
        on: true,
        follows: &["trust/impossible-audience", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "A Deny wins over every Allow. Reported is one that holds for every sign-in that the policy lets in: without conditions, or with conditions on the audience that every audience the Allow admits meets. Where it denies by NameID or session name, and every mapped user's login is denied, this is a warning: that the login is what Okta sends is its default and not known.",
        remediation: "Take the Deny out, or narrow it down to what it is meant for.",
        references: &[
            FOR_SAML,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
        ],
    },
    check,
};

/// Keys that do not depend on the user.
const OF_EVERYBODY: &[&str] = &["saml:aud", "saml:doc", "aws:securetransport"];
/// Keys that are the user's login by default, beside those.
const OF_THE_LOGIN: &[&str] =
    &["saml:aud", "saml:doc", "aws:securetransport", "saml:sub", "sts:rolesessionname"];

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut found = Vec::new();
    let mut by_login = Vec::new();
    for roles in roles(context)? {
        let allowing = roles.signing_in();
        for deny in roles.denying() {
            let reads =
                |keys: &[&str]| deny.statement.conditions.iter().all(|one| one.reads_only(keys));
            if allowing.is_empty() || !refuses_providers(&deny, &allowing) {
                continue;
            }
            if reads(OF_EVERYBODY) {
                found.extend(shadows(&deny, &allowing, "").then(|| finding(&deny)));
            } else if reads(OF_THE_LOGIN) {
                by_login.push((roles, deny));
            }
        }
    }
    found.extend(of_logins(context, &by_login));
    Ok(found)
}

/// Whether it is about every provider that is let in.
fn refuses_providers(deny: &Spot<'_>, allowing: &[Spot<'_>]) -> bool {
    let everybody = deny.statement.principals().any(|named| named.everybody);
    let mut providers = allowing.iter().flat_map(|spot| &spot.providers);
    // Two that are not known before deployment are not known to be the same.
    providers.all(|provider| match provider.what {
        Federated::Unknown => everybody,
        _ => deny.statement.covers_principal(provider.text),
    })
}

/// Whether it holds for a login at every audience that is let in.
fn shadows(deny: &Spot<'_>, allowing: &[Spot<'_>], login: &str) -> bool {
    allowing.iter().all(|spot| {
        let Some(audiences) = audiences(deny, spot) else { return false };
        spot.providers.iter().all(|provider| {
            audiences.iter().all(|audience| {
                let sign_in = SignIn {
                    provider: provider.text,
                    recipient: audience,
                    name_id: (!login.is_empty()).then_some(login),
                    session_name: (!login.is_empty()).then_some(login),
                    ..SignIn::default()
                };
                let request = sign_in.request();
                deny.statement.conditions.iter().all(|one| one.is_met(&request.context))
            })
        })
    })
}

/// The audiences that an Allow admits, as far as the Deny asks for them; `None` where they are too many to
/// list.
fn audiences(deny: &Spot<'_>, allow: &Spot<'_>) -> Option<Vec<String>> {
    if deny.statement.conditions.iter().all(|one| {
        one.reads_only(&["saml:doc", "aws:securetransport", "saml:sub", "sts:rolesessionname"])
    }) {
        return Some(vec![String::new()]);
    }
    let mut tests = audience_tests(allow.statement);
    let test = tests.find(|test| test.how == AudienceHow::Values)?;
    let exact = |(wanted, audience): &(&crate::trust::Wanted, Audience)| {
        let is_exact =
            matches!(audience, Audience::Endpoints(_)) && !wanted.text.contains(['*', '?']);
        is_exact.then(|| wanted.text.clone())
    };
    test.values.iter().map(exact).collect()
}

fn finding(deny: &Spot<'_>) -> Finding {
    let message = format!(
        "{} denies `sts:AssumeRoleWithSAML` to everybody whom the policy lets in",
        deny.named()
    );
    let help = "take the statement out, or narrow it down to those it is meant for";
    deny.finding(&RULE.info, At::value("Deny"), message, help)
}

/// Those that deny every mapped user by login.
fn of_logins(context: &Context<'_>, denying: &[(Roles<'_>, Spot<'_>)]) -> Vec<Finding> {
    let Ok(entitlements) = context.entitlements else { return Vec::new() };
    let directory = &entitlements.federation.directory;
    let identities =
        |roles: &Roles<'_>| roles.alike.all().map(RolePolicy::identity).collect::<Vec<_>>();
    let wanted: BTreeSet<String> =
        denying.iter().flat_map(|(roles, _)| identities(roles)).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let users = users_of_roles(entitlements, &wanted);
    let refuses = |(roles, deny): &&(Roles<'_>, Spot<'_>)| {
        let allowing = roles.signing_in();
        let mut mapped =
            identities(roles).into_iter().filter_map(|role| users.get(&role)).flatten().peekable();
        mapped.peek().is_some()
            && mapped
                .all(|&user| names_of(directory, user).all(|name| shadows(deny, &allowing, name)))
    };
    let of = |(_, deny): &(Roles<'_>, Spot<'_>)| {
        let message = format!(
            "{} denies `sts:AssumeRoleWithSAML` to every mapped user, if Okta sends the login as it does by default",
            deny.named()
        );
        let help = "take the statement out, or narrow it down to those it is meant for";
        deny.finding(&RULE.info, At::value("Deny"), message, help).severity(Severity::Warning)
    };
    denying.iter().filter(refuses).map(of).collect()
}
