//! `trust/several-providers`: more than one SAML provider may sign users in to a role.

use std::collections::BTreeSet;

use super::{At, FOR_SAML, named, roles};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/several-providers",
        summary: "a role trusts more than one SAML provider",
        severity: Severity::Warning,
        on: true,
        follows: &["trust/foreign-provider", "trust/unknown-provider"],
        options: &[],
        since: "0.1.0",
        explanation: "Each provider decides for itself whom it lets into the role, so the role is as safe as the weakest of them. Two providers are usual while one replaces the other, and then the old one is easily forgotten.",
        remediation: "Take out the provider that is not in use any more.",
        references: &[FOR_SAML],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = roles(context)?.filter_map(|roles| {
        let spots = roles.signing_in();
        let providers: BTreeSet<&str> =
            spots.iter().flat_map(|spot| spot.arns().map(|(_, text)| text)).collect();
        if providers.len() < 2 {
            return None;
        }
        let message = format!(
            "{} trusts {} SAML providers: {}",
            named(&roles.alike.first),
            providers.len(),
            some_of(providers.iter().copied())
        );
        let second = spots.iter().flat_map(super::Spot::arns).map(|(_, text)| text).nth(1);
        let help = "take out the one that is not in use any more";
        let at = At::value(second.unwrap_or_default());
        Some(roles.finding(&RULE.info, at, message, help))
    });
    Ok(found.collect())
}
