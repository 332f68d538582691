//! `assertion/joined-values`: several pairs stand in one value of the Role attribute.

use super::{ASSERTIONS, SignIn, TROUBLE, answer, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::aws::SentRole;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/joined-values",
        summary: "several pairs stand in one value of the Role attribute",
        severity: Severity::Error,
        on: true,
        follows: &["arn/unexpanded-placeholder"],
        options: &[],
        since: "0.1.0",
        explanation: "Every role is an `AttributeValue` of its own, with one comma between its two ARNs. \
                      Pairs joined into one value, with commas, semicolons or line breaks, are no pair, \
                      and AWS shows none of them. It happens where an attribute statement joins what is a \
                      list.",
        remediation: "Make each pair a value of its own.",
        references: &[ASSERTIONS, TROUBLE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.flat_map(|sign_in| of(&sign_in)).collect())
}

fn of(sign_in: &SignIn<'_>) -> Vec<Finding> {
    let joined = sign_in.aws.roles.iter().filter(|role| is_joined(role));
    let found = joined.map(|role| {
        let count = role.text.value.matches("arn:").count();
        let message = format!(
            "the Role value {} has {count} ARNs, expected a provider and a role",
            Quoted(&role.text.value)
        );
        let found = sign_in.finding(&RULE.info, &role.text.at, message);
        // What is known by the value is explained too.
        let found = found.also(&*role.text.value);
        if sign_in.aws.roles.iter().any(|role| role.pair.is_ok()) {
            found
        } else {
            found.help(answer(Refusal::NoRole))
        }
    });
    found.collect()
}

/// Whether a value has more than one pair can have.
fn is_joined(role: &SentRole) -> bool {
    role.parts.len() > 2 || role.text.value.matches("arn:").count() > 2
}
