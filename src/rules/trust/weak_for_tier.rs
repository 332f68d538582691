//! `trust/weak-for-tier`: an admin-tier role has fewer conditions than the tier demands.

use std::collections::BTreeSet;

use super::{At, FOR_SAML, KEYS, ask};
use crate::finding::{Finding, RuleInfo, RuleOption, Severity};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Condition, Family, SetOperator};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/weak-for-tier",
        summary: "an admin-tier role has fewer conditions than the tier demands",
        severity: Severity::Warning,
        on: false,
        follows: &[
            "trust/impossible-audience",
            "trust/no-audience",
            "trust/open-audience",
            "trust/wrong-action",
        ],
        options: &[RuleOption {
            name: "conditions",
            default: 2,
            meaning: "different keys that conditions of an admin-tier role want to have a value",
        }],
        since: "0.1.0",
        explanation: "What an admin-tier role can do deserves more than a test of the audience: of the issuer, of the address signed in from, of a session tag. Counted are the different keys that conditions of an Allow statement want to have a value. Which roles are of the tier is set in the table `[tiers]` of `rolecall.toml`.",
        remediation: "Add a condition, such as `IpAddress` on `aws:SourceIp` or `StringEquals` on `SAML:iss`.",
        references: &[FOR_SAML, KEYS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let demanded = usize::try_from(context.settings.number(&RULE.info, "conditions")).unwrap_or(0);
    ask(context, |spot| {
        let accounts = &context.federation.accounts;
        let admin = spot.roles.alike.all().any(|role| {
            let is_admin = |name| context.settings.is_admin(accounts, role.account, name);
            role.name.is_some_and(is_admin)
        });
        let conditions = spot.statement.conditions.iter();
        let keys: BTreeSet<&str> =
            conditions.filter(|one| narrows(one)).map(|one| one.key.as_str()).collect();
        if !admin || !spot.signs_in() || keys.len() >= demanded || spot.roles.document.has_holes {
            return None;
        }
        let tested = match keys.len() {
            0 => "no key".to_owned(),
            1 => format!("1 key ({})", some_of(keys.iter().copied())),
            many => format!("{many} keys ({})", some_of(keys.iter().copied())),
        };
        let message = format!(
            "{} tests {tested}, expected {demanded} for a role of the admin tier",
            spot.named()
        );
        let help = "add a condition, such as `IpAddress` on `aws:SourceIp` or `StringEquals` on `SAML:iss`";
        let provider = spot.providers.first()?.text;
        Some(spot.finding(&RULE.info, At::value(provider), message, help))
    })
}

/// Whether a condition wants its key to have some value.
fn narrows(condition: &Condition) -> bool {
    condition.operator.is_some_and(|operator| {
        !operator.negated
            && !operator.if_exists
            && operator.set != Some(SetOperator::All)
            && operator.family() != Family::Null
    }) && condition.values.iter().all(|wanted| wanted.text != "*")
}
