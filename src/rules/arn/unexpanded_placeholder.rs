//! `arn/unexpanded-placeholder`: a Role value still has a placeholder that nothing filled in.

use super::{Origin, values};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/unexpanded-placeholder",
        summary: "a Role value still has a placeholder that nothing filled in",
        severity: Severity::Error,
        on: true,
        follows: &[
            "mapping/iac-escaping",
            "mapping/invalid-role-value",
            "mapping/placeholder-literal",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "Okta fills in `${accountid}` and `${role}`, and only in the Role Value \
                      Pattern. Anything else in `${…}` or `{{…}}`, and both in `samlRoles` or the \
                      identity provider ARN, is sent as it stands.",
        remediation: "Write the account and role, or use the Role Value Pattern with group mapping.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-enable-role-based.htm",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let values = values(context, |mapped| mapped.value.contains('{'))?;
    let found = values.iter().filter_map(|value| {
        let read = value.read();
        let part = read.placeholder()?;
        let text = value.text.get(part.clone()).unwrap_or_default();
        let message = format!("{} still has {}", value.named(), Quoted(text));
        let found = value.finding(context, &RULE.info, message);
        Some(match value.origin {
            Origin::Group(_) => found.help("only `${accountid}` and `${role}` are filled in"),
            Origin::Captured { .. } => value.unread(found.at(value.part(part))),
            _ => found.at(value.part(part)).help("nothing is filled in here: write the ARN itself"),
        })
    });
    Ok(found.collect())
}
