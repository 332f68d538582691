//! `trust/mixed-principals`: one statement is for SAML providers and for others.

use super::{At, CHECKS, FOR_SAML, ask};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Federated, PrincipalKind};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/mixed-principals",
        summary: "one statement names a SAML provider and principals of other kinds",
        severity: Severity::Warning,
        on: true,
        follows: &["trust/malformed-principal", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "AWS principals and services assume a role with `sts:AssumeRole`, SAML providers with `sts:AssumeRoleWithSAML`. In one statement each gets the actions and has to meet the conditions that are meant for the other: a condition on `SAML:aud` refuses every AWS principal, and without it the provider goes untested.",
        remediation: "Give each kind of principal a statement of its own.",
        references: &[FOR_SAML, CHECKS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |spot| {
        let other = spot.statement.principals().find(|named| {
            let elsewhere = matches!(
                named.kind,
                Some(PrincipalKind::Aws | PrincipalKind::Service | PrincipalKind::CanonicalUser)
            );
            (elsewhere && !named.names_saml_provider()) || named.federated() == Some(Federated::Web)
        })?;
        let kind = other.kind.map_or("", PrincipalKind::as_str);
        let message = format!(
            "{} is for a SAML provider and for `{kind}` principal {}",
            spot.named(),
            Quoted(other.name)
        );
        let help = "give each kind of principal a statement with its own action and conditions";
        Some(spot.finding(&RULE.info, At::value(other.name), message, help))
    })
}
