//! `trust/wrong-action`: a statement trusts a SAML provider, but not for signing in with SAML.

use super::{ASSUME_WITH_SAML, At, CHECKS, FOR_SAML, SET_SOURCE_IDENTITY, Spot, TAG_SESSION, ask};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::declared::has_hole;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::PrincipalKind;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/wrong-action",
        summary: "a statement trusts a SAML provider, but not for `sts:AssumeRoleWithSAML`",
        severity: Severity::Error,
        on: true,
        follows: &["trust/malformed-principal"],
        options: &[],
        since: "0.1.0",
        explanation: "A SAML provider signs users in with `sts:AssumeRoleWithSAML` and with no other action: with `sts:AssumeRole` everybody is refused with `Not authorized to perform sts:AssumeRoleWithSAML`. `sts:TagSession` and `sts:SetSourceIdentity` may stand in a statement of their own where another one has the action. `sts:AssumeRole` beside the right action does nothing and is a warning.",
        remediation: "Write `sts:AssumeRoleWithSAML`.",
        references: &[FOR_SAML, CHECKS],
    },
    check,
};

/// Actions that go with signing in and do not replace it.
const COMPANIONS: [&str; 3] = [TAG_SESSION, SET_SOURCE_IDENTITY, "sts:SetContext"];

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, of_statement)
}

fn of_statement(spot: &Spot<'_>) -> Option<Finding> {
    let statement = spot.statement;
    let actions: Vec<&str> = statement.actions().map(|(action, _)| action).collect();
    let is_companion =
        |action: &&str| COMPANIONS.iter().any(|one| one.eq_ignore_ascii_case(action));
    if actions.iter().any(|action| has_hole(action)) {
        return None;
    }
    let only_saml =
        statement.principals().all(|named| named.kind == Some(PrincipalKind::Federated));
    let other = |action: &&&str| {
        action.eq_ignore_ascii_case("sts:AssumeRole")
            || action.eq_ignore_ascii_case("sts:AssumeRoleWithWebIdentity")
    };
    if spot.signs_in() {
        let beside =
            actions.iter().find(other).filter(|_| only_saml && !statement.excludes_actions());
        return beside.map(|action| {
            let message = format!(
                "{} allows a SAML provider {} beside `{ASSUME_WITH_SAML}`, which does nothing",
                spot.named(),
                Quoted(action)
            );
            let help = "take it out, or give it a statement with the principals it is meant for";
            spot.finding(&RULE.info, At::value(action), message, help).severity(Severity::Warning)
        });
    }
    let others = spot.roles.allowing();
    let elsewhere = spot.providers.iter().all(|provider| {
        others.iter().any(|other| {
            other.signs_in() && other.providers.iter().any(|own| own.text == provider.text)
        })
    });
    if elsewhere && !statement.excludes_actions() && actions.iter().all(is_companion) {
        return None;
    }
    let provider = spot.providers.first()?;
    let wrong = actions.iter().find(|action| !is_companion(action)).or(actions.first());
    let message = match wrong {
        Some(_) if statement.excludes_actions() => format!(
            "{} excludes `{ASSUME_WITH_SAML}` for SAML provider {}",
            spot.named(),
            Quoted(provider.text)
        ),
        Some(action) => format!(
            "{} lets SAML provider {} use {}, expected `{ASSUME_WITH_SAML}`",
            spot.named(),
            Quoted(provider.text),
            Quoted(action)
        ),
        None => format!("{} has no action, expected `{ASSUME_WITH_SAML}`", spot.named()),
    };
    let help = format!("write `{ASSUME_WITH_SAML}`: it is the one action of a SAML provider");
    let value = wrong.copied().unwrap_or_default();
    let found = spot.finding(&RULE.info, At::value(value), message, &help);
    // An action that no SAML provider can use can only be a slip, where nobody else may use it.
    if !only_saml || statement.excludes_actions() || !other(&&value) {
        return Some(found);
    }
    Some(spot.with_value(found, value, ASSUME_WITH_SAML))
}
