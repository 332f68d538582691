//! `mapping/conflicting-provider`: the app's identity provider ARN contradicts the Role Value Pattern.

use super::{GUIDE, sample, with_setting};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/conflicting-provider",
        summary: "the app's identity provider ARN contradicts the Role Value Pattern",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "The identity provider ARN belongs to an app for one account, the Role Value \
                      Pattern to one for many. Where they name different providers one of them is \
                      out of date, and turning Use Group Mapping off or on changes which provider \
                      everybody signs in with.",
        remediation: "Empty it, or name the same provider in both.",
        references: &[
            "https://help.okta.com/en/prod/Content/Topics/DeploymentGuides/AWS/aws-configure-aws-app.htm",
            GUIDE,
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let setting =
        context.federation.app.as_ref().and_then(|app| app.identity_provider_arn.as_ref());
    let (Some(setting), Some(single), Ok(pair)) =
        (setting, &entitlements.mapping.single_provider, sample(&entitlements.mapping.pattern))
    else {
        return Ok(Vec::new());
    };
    let message = if single.name != pair.provider.name {
        format!(
            "the identity provider ARN names {}, the Role Value Pattern {}",
            Quoted(&single.name),
            Quoted(&pair.provider.name)
        )
    } else if single.partition != pair.provider.partition {
        format!(
            "the identity provider ARN is of partition `{}`, the Role Value Pattern of `{}`",
            single.partition, pair.provider.partition
        )
    } else {
        return Ok(Vec::new());
    };
    let mapping = entitlements.mapping;
    let pattern = Label::new(mapping.places.pattern, "the Role Value Pattern");
    let found = Finding::new(&RULE.info, "identityProviderArn", message)
        .at(Label::new(setting.place, "").mark(&*setting.value))
        .related(pattern)
        .help("empty the identity provider ARN: with group mapping the pattern decides");
    Ok(vec![with_setting(found, "identityProviderArn", setting.place, (&setting.value, ""))])
}
