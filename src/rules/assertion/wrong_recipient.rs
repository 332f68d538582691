//! `assertion/wrong-recipient`: a sign-in is addressed to no sign-in endpoint, or to another one.

use super::{ASSERTIONS, ENDPOINTS, SignIn, captured};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::xml::Spotted;
use crate::trust::{Audience, Family, Wrong};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/wrong-recipient",
        summary: "the Recipient or Destination is not a sign-in endpoint of the partition or region",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "The Recipient has to be the sign-in endpoint that the message is posted to, letter \
                      for letter, and trust policies read it as `saml:aud`. Each partition has its own, \
                      and so has each region; `--region`, or `region` of `[sign_in]`, names the one \
                      expected. An address that AWS's guide named once and no longer does \
                      (`/static/saml`), and a message that a browser posted to another endpoint of AWS, \
                      are warnings.",
        remediation: "Set the app's ACS URL to the endpoint, or leave it empty for that of `us-east-1`.",
        references: &[ASSERTIONS, ENDPOINTS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.filter_map(|sign_in| of(context, &sign_in)).collect())
}

/// An address and what it is called.
type Address<'s> = (&'static str, &'s Spotted<String>);

fn of(context: &Context<'_>, sign_in: &SignIn<'_>) -> Option<Finding> {
    let partition = sign_in.partition(context);
    let response = sign_in.said.message.response.as_ref();
    let destination = response.and_then(|response| response.destination.as_ref());
    let recipients = sign_in.recipients().map(|one| ("Recipient", one));
    let addresses: Vec<Address<'_>> =
        recipients.chain(destination.map(|one| ("Destination", one))).collect();
    let region = context.settings.sign_in.region.as_deref();
    let wrong = addresses.iter().find_map(|&(what, address)| {
        let (severity, says) = wrong(&address.value, partition, region)?;
        Some((what, address, severity, says))
    });
    let Some((what, address, severity, says)) = wrong else {
        return posted_elsewhere(sign_in, addresses.first()?);
    };
    let message = format!("the {what} {} {says}", Quoted(&address.value));
    let found = sign_in.finding(&RULE.info, &address.at, message).severity(severity);
    let same = addresses.iter().find(|(other, one)| *other != what && one.value == address.value);
    let found = match same {
        Some((other, one)) => found.related(sign_in.label(&one.at, &format!("so is {other}"))),
        None => found,
    };
    Some(found.help(format!("the endpoint is `{}`", endpoint(partition, region))))
}

/// What is wrong with an address.
fn wrong(address: &str, partition: Partition, region: Option<&str>) -> Option<(Severity, String)> {
    let exact = Family::Text { wildcards: false, case: true };
    let says = match Audience::of(address, exact) {
        Some(Audience::Endpoints(_)) => return of_another(address, partition, region),
        Some(Audience::Nothing(wrong)) => match wrong {
            Wrong::Audience => "is an audience, expected a sign-in endpoint",
            Wrong::TrailingSlash => "has a `/` at its end that no sign-in endpoint has",
            Wrong::Plain => "begins `http:`, and sign-in endpoints begin `https:`",
            Wrong::Case => "has capitals, and the sign-in endpoint is in lower case",
            Wrong::LiteralWildcard | Wrong::Other => "is no sign-in endpoint of AWS",
        },
        Some(Audience::Anything | Audience::Unknown) | None => "is no sign-in endpoint of AWS",
    };
    Some((Severity::Error, says.to_owned()))
}

/// What is wrong with an endpoint of AWS.
fn of_another(
    address: &str,
    partition: Partition,
    region: Option<&str>,
) -> Option<(Severity, String)> {
    let Some(own) = Partition::of_sign_in(address) else {
        let says = "is an endpoint that AWS's guide no longer names".to_owned();
        return Some((Severity::Warning, says));
    };
    if own != partition {
        let says = format!("is of partition `{own}`, the sign-in of `{partition}`");
        return Some((Severity::Error, says));
    }
    let region = region?;
    let bare = address.split_once("/acs/").map_or(address, |(bare, _)| bare);
    (bare != endpoint(partition, Some(region)))
        .then(|| (Severity::Error, format!("is not the endpoint of region `{region}`")))
}

/// The endpoint of a partition, or of a region of it.
fn endpoint(partition: Partition, region: Option<&str>) -> String {
    let own = partition.sign_in();
    match (region, own.strip_prefix("https://")) {
        // The endpoint without a region is the one of `us-east-1`.
        (Some(region), Some(host)) if region != "us-east-1" => format!("https://{region}.{host}"),
        _ => own.to_owned(),
    }
}

/// A message that was posted to another endpoint than it is addressed to.
fn posted_elsewhere(sign_in: &SignIn<'_>, (what, address): &Address<'_>) -> Option<Finding> {
    let posted = sign_in.captured.origin.posted_to.as_deref()?;
    Partition::of_sign_in(posted).filter(|_| posted != address.value)?;
    let message = format!(
        "the {what} is {}, and the message was posted to {}",
        Quoted(&address.value),
        Quoted(posted)
    );
    Some(sign_in.finding(&RULE.info, &address.at, message).severity(Severity::Warning))
}
