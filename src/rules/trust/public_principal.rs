//! `trust/public-principal`: a role that signs users in trusts everybody.

use super::{At, CHECKS, PRINCIPALS, Roles, Spot, roles};
use crate::entitlement::role_policies::ASSUME_WITH_SAML;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Condition, Effect, Family, Statement};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/public-principal",
        summary: "a statement lets everybody assume a role",
        severity: Severity::Error,
        on: true,
        follows: &["trust/prohibited-element"],
        options: &[],
        since: "0.1.0",
        explanation: "`\"Principal\": \"*\"` and `{\"AWS\": \"*\"}` are everybody, in every account. Only conditions stand between them and the role; where one of them tests the caller's organization, account or ARN this is a warning. With `sts:AssumeRoleWithSAML` it is taken to admit any SAML provider (inferred: AWS warns against it and does not say).",
        remediation: "Name the provider under `Federated`, and AWS principals by their ARNs.",
        references: &[PRINCIPALS, CHECKS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(roles(context)?.flat_map(of_roles).collect())
}

/// Keys that say who calls.
const CALLER: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

fn of_roles(roles: Roles<'_>) -> Vec<Finding> {
    let all = roles.policy.statements.iter().enumerate();
    let found = all.filter_map(|(number, statement)| {
        let open = statement.effect == Effect::Allow
            && statement.refused_text().is_none()
            && !statement.excludes_principals()
            && statement.principals().any(|named| named.everybody);
        if !open {
            return None;
        }
        let spot = Spot { roles, number, statement, providers: Vec::new() };
        let saml = statement.covers_action(ASSUME_WITH_SAML);
        let narrowed = !saml && tests_caller(statement);
        let message = if narrowed {
            format!("{} lets everybody assume the role whom its conditions admit", spot.named())
        } else {
            format!("{} lets everybody assume the role", spot.named())
        };
        let help = if saml {
            "name the SAML provider under `Federated`"
        } else {
            "name the principals that are meant by their ARNs"
        };
        let found = spot.finding(&RULE.info, At::value("*"), message, help);
        Some(if narrowed { found.severity(Severity::Warning) } else { found })
    });
    found.collect()
}

fn tests_caller(statement: &Statement) -> bool {
    let narrows = |condition: &Condition| {
        condition.operator.is_some_and(|operator| {
            !operator.negated && !operator.if_exists && operator.family() != Family::Null
        }) && CALLER.contains(&condition.key_lower())
            && condition.values.iter().all(|wanted| wanted.text != "*")
    };
    statement.conditions.iter().any(narrows)
}
