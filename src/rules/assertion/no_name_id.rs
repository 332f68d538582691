//! `assertion/no-name-id`: a sign-in names no user.

use super::{CORE, SignIn, TROUBLE, answer, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/no-name-id",
        summary: "a sign-in names no user: Subject or NameID is missing",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "AWS wants a Subject with a NameID, which is the trust policy's `saml:sub`; without \
                      one it answers as if the role were not allowed. It documents encrypted assertions, \
                      and not an encrypted name within one (`EncryptedID`), which is a warning.",
        remediation: "Set *Application username* of the app, so that Okta sends a NameID.",
        references: &[TROUBLE, CORE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.filter_map(|sign_in| of(&sign_in)).collect())
}

fn of(sign_in: &SignIn<'_>) -> Option<Finding> {
    let (at, message) = match &sign_in.assertion.subject {
        None => (&sign_in.assertion.at, "the assertion has no Subject"),
        Some(subject) if subject.name_id.is_none() && subject.encrypted_id => {
            let message = "the Subject has an EncryptedID and no NameID, and that AWS reads one is \
                           not documented";
            let found = sign_in.finding(&RULE.info, &subject.at, message.to_owned());
            return Some(found.severity(Severity::Warning));
        }
        Some(subject) => match &subject.name_id {
            None => (&subject.at, "the Subject has no NameID"),
            Some(name) if name.value.text.value.trim().is_empty() => {
                (&name.value.text.at, "the NameID is empty")
            }
            Some(_) => return None,
        },
    };
    let found = sign_in.finding(&RULE.info, at, message.to_owned());
    Some(found.help(answer(Refusal::NotTrusted)))
}
