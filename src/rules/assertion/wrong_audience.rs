//! `assertion/wrong-audience`: a sign-in is not for AWS, or for another partition.

use super::{ASSERTIONS, SignIn, TROUBLE, answer, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::xml::Spotted;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/wrong-audience",
        summary: "the audience of a sign-in is missing or not AWS's",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Every AudienceRestriction has to name AWS: `urn:amazon:webservices`, or the sign-in \
                      address; `urn:amazon:webservices:govcloud` for GovCloud. For China \
                      `urn:amazon:webservices:cn-north-1` was seen and nothing is documented, so another \
                      audience is a warning there. The trust policy's `saml:aud` is not this but the \
                      Recipient.",
        remediation: "Set the app's audience (*Audience Restriction*, SP entity ID) to that of the \
                      partition.",
        references: &[TROUBLE, ASSERTIONS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.filter_map(|sign_in| of(context, &sign_in)).collect())
}

fn of(context: &Context<'_>, sign_in: &SignIn<'_>) -> Option<Finding> {
    let partition = sign_in.partition(context);
    let assertion = sign_in.assertion;
    let wanted = urns(partition).first().copied().unwrap_or_default();
    let right = format!("the audience of partition `{partition}` is `{wanted}`");
    let restrictions: Vec<_> =
        assertion.conditions.iter().flat_map(|one| &one.restrictions).collect();
    if restrictions.iter().all(|restriction| restriction.is_empty()) {
        let at = assertion.conditions.first().map_or(&assertion.at, |conditions| &conditions.at);
        let message = "the assertion has no Audience".to_owned();
        let found = sign_in.finding(&RULE.info, at, message).help(right);
        return Some(found.help(answer(Refusal::Audience)));
    }
    let fits = |audience: &&Spotted<String>| is_of(&audience.value, partition);
    let unmet = restrictions.iter().find(|one| one.iter().find(fits).is_none())?;
    let audience = unmet.first()?;
    let others = match unmet.len() {
        1 => String::new(),
        count => format!(", the first of {count} audiences that are not AWS's"),
    };
    let message = match other_partition(&audience.value) {
        Some(other) => format!(
            "the audience {} is of partition `{other}`, the sign-in of `{partition}`{others}",
            Quoted(&audience.value)
        ),
        None => format!("the audience is {}{others}, expected `{wanted}`", Quoted(&audience.value)),
    };
    let found = sign_in.finding(&RULE.info, &audience.at, message);
    let found = if other_partition(&audience.value).is_some() { found.help(right) } else { found };
    if partition == Partition::China && other_partition(&audience.value).is_none() {
        return Some(found.severity(Severity::Warning));
    }
    Some(found.help(answer(Refusal::Audience)))
}

/// The entity ids of AWS in a partition, the usual one first.
const fn urns(partition: Partition) -> &'static [&'static str] {
    match partition {
        Partition::Aws => &["urn:amazon:webservices"],
        Partition::China => {
            &["urn:amazon:webservices:cn-north-1", "urn:amazon:webservices:cn-northwest-1"]
        }
        Partition::GovCloud => &["urn:amazon:webservices:govcloud"],
    }
}

/// Whether an audience is AWS in a partition: an entity id, or a sign-in address.
fn is_of(audience: &str, partition: Partition) -> bool {
    urns(partition).contains(&audience) || Partition::of_sign_in(audience) == Some(partition)
}

/// The partition that an audience is of.
fn other_partition(audience: &str) -> Option<Partition> {
    let all = [Partition::Aws, Partition::China, Partition::GovCloud];
    all.into_iter().find(|&partition| is_of(audience, partition))
}
