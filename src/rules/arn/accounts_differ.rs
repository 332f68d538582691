//! `arn/accounts-differ`: role and provider of a pair are in different accounts.

use super::ask;
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/accounts-differ",
        summary: "role and provider of a pair are in different accounts",
        severity: Severity::Error,
        on: true,
        follows: super::BROKEN_PATTERN,
        options: &[],
        since: "0.1.0",
        explanation: "A role can be assumed only through a SAML provider of its own account. For any \
                      other STS answers `Principal exists outside the account of the Role being \
                      assumed`.",
        remediation: "Create the provider in the role's account and name that one.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
            "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |value, read| {
        let (role, provider) = read.role_and_provider()?;
        if role.account == provider.account {
            return None;
        }
        let message = format!(
            "{} has a role in account {} and a provider in account {}",
            value.named(),
            role.account,
            provider.account
        );
        let found = value.finding(context, &RULE.info, message);
        let found = found.help(format!("name the provider of account {}", role.account));
        Some(value.refused(found, Refusal::OtherAccount))
    })
}
