//! `mapping/acs-override`: the app's ACS URL is not one of the Role Value Pattern's partition.

use super::{ASSERTIONS, app, sample};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::Partition;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/acs-override",
        summary: "the app's ACS URL is not one of the Role Value Pattern's partition",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "The ACS URL is where Okta posts the response and what it writes as Recipient, \
                      and each partition has sign-in endpoints of its own. A response with ARNs of \
                      one partition posted to another is refused. Whether the trust policies accept \
                      the endpoint (`SAML:aud`) is not looked at here. That GovCloud has regional \
                      endpoints is inferred.",
        remediation: "Empty the ACS URL for the commercial regions, or set the endpoint of the \
                      pattern's partition.",
        references: &[
            ASSERTIONS,
            "https://docs.aws.amazon.com/general/latest/gr/signin-service.html",
            "https://support.okta.com/help/s/article/How-to-Integrate-Amazon-Web-Service-China-instance-via-User-Groups",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let url = app(context)?.override_acs_url.as_ref().filter(|url| !url.value.trim().is_empty());
    let (Some(url), Ok(pair)) = (url, sample(&entitlements.mapping.pattern)) else {
        return Ok(Vec::new());
    };
    let pattern = pair.role.partition;
    let message = match Partition::of_sign_in(&url.value) {
        Some(partition) if partition == pattern => return Ok(Vec::new()),
        Some(partition) => format!(
            "the ACS URL {} is of partition `{partition}`, the Role Value Pattern of `{pattern}`",
            Quoted(&url.value)
        ),
        None => format!("the ACS URL {} is no sign-in endpoint of AWS", Quoted(&url.value)),
    };
    let place = entitlements.mapping.places.pattern;
    Ok(vec![
        Finding::new(&RULE.info, "overrideAcsURL", message)
            .at(Label::new(url.place, "").mark(&*url.value))
            .related(Label::new(place, "the Role Value Pattern"))
            .help(format!("set it to `{}`, or one of a region", pattern.sign_in())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::app::OktaApp;
    use crate::rules::mapping::tests::{guide, messages};
    use crate::text::{Place, Sourced};

    #[test]
    fn what_is_no_sign_in_endpoint_is_said_so() {
        let said = |url: &str| {
            let override_acs_url = Some(Sourced { value: url.to_owned(), place: Place(1) });
            messages(&RULE, OktaApp { override_acs_url, ..guide() }).concat()
        };
        assert!(said("https://signin.aws.example.com/saml").contains("no sign-in endpoint"));
        assert!(said("http://signin.aws.amazon.com/saml").contains("no sign-in endpoint"));
        assert_eq!(said("https://eu-west-1.signin.aws.amazon.com/saml"), "");
        assert_eq!(said("https://signin.aws.amazon.com/saml"), "");
        assert_eq!(said(" "), "");
    }
}
