//! `trust/other-doors`: a role for SAML can also be assumed in other ways.

use super::{At, FOR_SAML, PRINCIPALS, named, roles};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Effect, Federated, Named, PrincipalKind};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/other-doors",
        summary: "a role for SAML can also be assumed by AWS principals, services or web identity providers",
        severity: Severity::Note,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Who reaches the role through Okta is not all who can have it: whoever may act as one of these principals has it too, and no group in the directory says so. Principals of statements that are for SAML providers too are left to `trust/mixed-principals`, everybody to `trust/public-principal`.",
        remediation: "Nothing, where it is meant; else take the principals out, or give them a role of their own.",
        references: &[PRINCIPALS, FOR_SAML],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = roles(context)?.filter_map(|roles| {
        let saml: Vec<usize> = roles.allowing().iter().map(|spot| spot.number).collect();
        if saml.is_empty() {
            return None;
        }
        let others = roles.policy.statements.iter().enumerate().filter(|(number, statement)| {
            !saml.contains(number)
                && statement.effect == Effect::Allow
                && statement.refused_text().is_none()
                && !statement.excludes_principals()
        });
        let mut doors: Vec<&str> = others
            .flat_map(|(_, statement)| statement.principals())
            .filter(is_door)
            .map(|named| named.name)
            .collect();
        doors.sort_unstable();
        doors.dedup();
        let first = *doors.first()?;
        let message = format!(
            "{} can also be assumed by {}",
            named(&roles.alike.first),
            some_of(doors.iter().copied())
        );
        let help = "whoever may act as one of them has the role without a group in the directory";
        Some(roles.finding(&RULE.info, At::value(first), message, help))
    });
    Ok(found.collect())
}

fn is_door(named: &Named<'_>) -> bool {
    match named.kind {
        Some(PrincipalKind::Aws | PrincipalKind::Service) => !named.names_saml_provider(),
        Some(PrincipalKind::Federated) => named.federated() == Some(Federated::Web),
        Some(PrincipalKind::CanonicalUser) | None => false,
    }
}
