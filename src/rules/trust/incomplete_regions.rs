//! `trust/incomplete-regions`: a condition does not admit all the regions that are planned for.

use super::{At, ENDPOINTS, FOR_SAML, Spot, ask};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{
    Audience, AudienceHow, Context as Presented, Presented as Value, audience_tests,
};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/incomplete-regions",
        summary: "a condition on `SAML:aud` does not admit the endpoint of a region planned for",
        severity: Severity::Warning,
        on: false,
        follows: &[
            "trust/foreign-partition-audience",
            "trust/impossible-audience",
            "trust/no-audience",
            "trust/open-audience",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "Should the region of one sign-in endpoint fail, users sign in through another, and only where the trust policies admit that one too: `https://signin.aws.amazon.com/saml` is in us-east-1 and not global. The regions are those of `regions` in the table `[trust]` of `rolecall.toml`; without any this is not checked.",
        remediation: "Add the endpoints, or one pattern for all regions under `StringLike`.",
        references: &[
            FOR_SAML,
            ENDPOINTS,
            "https://aws.amazon.com/blogs/security/how-to-use-regional-saml-endpoints-for-failover/",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let regions = &context.settings.regions;
    if regions.is_empty() {
        let why = "no regions are planned for: set `regions` in the table `[trust]`";
        return Err(CannotCheck(why.to_owned()));
    }
    ask(context, |spot| of_statement(spot, regions))
}

/// The sign-in endpoint of a region.
fn endpoint(region: &str) -> (Partition, String) {
    let partition = match region {
        _ if region.starts_with("cn-") => Partition::China,
        _ if region.starts_with("us-gov-") => Partition::GovCloud,
        _ => Partition::Aws,
    };
    let own = partition.sign_in();
    let host = own.strip_prefix("https://").unwrap_or(own);
    let url =
        if region == "us-east-1" { own.to_owned() } else { format!("https://{region}.{host}") };
    (partition, url)
}

fn of_statement(spot: &Spot<'_>, regions: &[String]) -> Option<Finding> {
    let own = spot.roles.partition()?;
    if !spot.signs_in() {
        return None;
    }
    let tests = || audience_tests(spot.statement);
    let first = tests().find(|test| test.how == AudienceHow::Values)?;
    let known = |audience: &Audience| !matches!(audience, Audience::Unknown);
    if !tests().all(|test| test.values.iter().all(|(_, audience)| known(audience))) {
        return None;
    }
    let planned = regions.iter().map(|region| endpoint(region));
    let missing: Vec<String> = planned
        .filter(|(partition, _)| *partition == own)
        .map(|(_, url)| url)
        .filter(|url| {
            let audience = [("saml:aud", Value::One(url.clone()))];
            let presented: Presented = audience.into_iter().collect();
            !tests().all(|test| test.condition.is_met(&presented))
        })
        .collect();
    let missed = missing.first()?;
    let message = format!(
        "{} does not admit {} of the regions planned for: {}",
        spot.named(),
        if missing.len() == 1 {
            "an endpoint".to_owned()
        } else {
            format!("{} endpoints", missing.len())
        },
        some_of(missing.iter().map(String::as_str))
    );
    let value = first.values.first().map_or("", |(wanted, _)| wanted.text.as_str());
    let help = format!("add {} to the values of `SAML:aud`", Quoted(missed));
    Some(spot.finding(&RULE.info, At::value(value), message, &help))
}
