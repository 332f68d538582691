//! `arn/not-a-pair`: a Role value is not exactly two ARNs with a comma between them.

use super::{Origin, ask};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/not-a-pair",
        summary: "a Role value is not exactly two ARNs with a comma between them",
        severity: Severity::Error,
        on: true,
        follows: super::BROKEN_PATTERN,
        options: &[],
        since: "0.1.0",
        explanation: "Each value of the SAML Role attribute is one role ARN and one SAML provider \
                      ARN with a comma between them. With fewer or more AWS takes none of it, and a \
                      user with no other role sees `Your request included an invalid SAML response`. \
                      In `samlRoles` a bare role name, or the ARN of a role, is fine: the app adds \
                      its provider.",
        remediation: "Write both ARNs, with one comma; several roles are several values.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |value, read| {
        match read.parts.as_slice() {
            [_, _] => return None,
            [(_, Ok(arn))] if value.takes_alone(arn) => return None,
            // What is one ARN or nothing there is malformed if it does not read as one.
            [(_, Err(_))] if value.origin == Origin::IdentityProvider => return None,
            _ => {}
        }
        let count = read.parts.len();
        let message = format!(
            "{} is {count} ARN{}, expected a provider ARN and a role ARN",
            value.named(),
            if count == 1 { "" } else { "s" }
        );
        let found = value.finding(context, &RULE.info, message);
        Some(value.unread(found.help("write `PROVIDER_ARN,ROLE_ARN`, one comma and no more")))
    })
}
