//! `trust/foreign-partition-audience`: the wanted audience is a sign-in endpoint of another partition.

use super::{At, ENDPOINTS, FOR_SAML, Spot, ask};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Audience, AudienceHow, AudienceTest, audience_tests};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/foreign-partition-audience",
        summary: "a condition on `SAML:aud` wants only sign-in endpoints of another partition",
        severity: Severity::Error,
        on: true,
        follows: &["trust/impossible-audience", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "Each partition has sign-in endpoints of its own, and a role is only assumed through those of its partition. Endpoints of several partitions beside each other are fine: templates that are used in all of them have that. That GovCloud has regional endpoints is inferred.",
        remediation: "Write the sign-in endpoint of the role's partition.",
        references: &[ENDPOINTS, FOR_SAML],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |spot| {
        let tests: Vec<AudienceTest<'_>> =
            if spot.signs_in() { audience_tests(spot.statement).collect() } else { Vec::new() };
        tests.iter().find_map(|test| of_test(spot, test))
    })
}

fn of_test(spot: &Spot<'_>, test: &AudienceTest<'_>) -> Option<Finding> {
    let own = spot.roles.partition()?;
    if !matches!(test.how, AudienceHow::Values | AudienceHow::ValuesOrNone) {
        return None;
    }
    let mut foreign: Option<(&str, Partition)> = None;
    for (wanted, audience) in &test.values {
        match audience {
            Audience::Endpoints(partitions) if !partitions.contains(&own) => {
                let partition = partitions.first().copied()?;
                foreign.get_or_insert((&wanted.text, partition));
            }
            Audience::Nothing(_) => {}
            _ => return None,
        }
    }
    let (value, partition) = foreign?;
    let message = format!(
        "{} wants `SAML:aud` {} of partition `{partition}`, and the role is in `{own}`",
        spot.named(),
        Quoted(value)
    );
    let help = format!("write `{}`", own.sign_in());
    let found = spot.finding(&RULE.info, At::value(value), message, &help);
    Some(if test.values.len() == 1 { spot.with_value(found, value, own.sign_in()) } else { found })
}
