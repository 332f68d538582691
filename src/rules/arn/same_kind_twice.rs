//! `arn/same-kind-twice`: a Role value has two roles or two providers.

use super::ask;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::model::arn::Arn;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/same-kind-twice",
        summary: "a Role value has two roles or two providers",
        severity: Severity::Error,
        on: true,
        follows: super::BROKEN_PATTERN,
        options: &[],
        since: "0.1.0",
        explanation: "A value of the Role attribute joins one role to the provider through which it \
                      is assumed. Two of a kind are no pair, and AWS ignores them or refuses the \
                      response.",
        remediation: "Replace one of the two by the ARN of the other kind.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |value, read| {
        let (kind, missing) = match read.parts.as_slice() {
            [(_, Ok(Arn::Role(_))), (_, Ok(Arn::Role(_)))] => ("roles", "provider"),
            [(_, Ok(Arn::SamlProvider(_))), (_, Ok(Arn::SamlProvider(_)))] => ("providers", "role"),
            _ => return None,
        };
        let message = format!("{} has two {kind} and no {missing}", value.named());
        let found = value.finding(context, &RULE.info, message);
        let help = format!("put the {missing}'s ARN in the place of one of the two");
        Some(value.unread(found.help(help)))
    })
}
