//! `assertion/no-session-name`: a sign-in has no `RoleSessionName`, or several.

use super::{ASSERTIONS, SignIn, TROUBLE, answer, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::aws::{PREFIX, SESSION_NAME};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/no-session-name",
        summary: "a sign-in has no RoleSessionName, or several",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "AWS names the session after the one value of \
                      `https://aws.amazon.com/SAML/Attributes/RoleSessionName`; it stands in CloudTrail \
                      and in the console. Without it nobody gets in. AWS documents exactly one value and \
                      not which of several counts.",
        remediation: "Send the attribute once, with one value, such as the user's login.",
        references: &[ASSERTIONS, TROUBLE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.filter_map(|sign_in| of(&sign_in)).collect())
}

fn of(sign_in: &SignIn<'_>) -> Option<Finding> {
    match sign_in.aws.session_name.as_slice() {
        [_] => None,
        [first, second, ..] => {
            let count = sign_in.aws.session_name.len();
            let message = format!("{count} values of RoleSessionName, expected one");
            let found = sign_in.finding(&RULE.info, &second.at, message);
            Some(found.related(sign_in.label(&first.at, "the first")))
        }
        [] if !sign_in.assertion.encrypted_attributes.is_empty() => None,
        [] => Some(missing(sign_in).help(answer(Refusal::NoSessionName))),
    }
}

fn missing(sign_in: &SignIn<'_>) -> Finding {
    let wanted = format!("{PREFIX}{SESSION_NAME}");
    let like = sign_in.aws.look_alikes.iter().find(|like| like.meant == wanted);
    if let Some(empty) = sign_in.assertion.attributes_named(&wanted).next() {
        let message = "the attribute RoleSessionName has no value".to_owned();
        return sign_in.finding(&RULE.info, &empty.name.at, message);
    }
    if let Some(like) = like {
        let message =
            format!("no attribute is named {}, only {}", Quoted(&wanted), Quoted(&like.name.value));
        return sign_in.finding(&RULE.info, &like.name.at, message);
    }
    let message = "the assertion has no RoleSessionName".to_owned();
    sign_in.finding(&RULE.info, &sign_in.assertion.at, message)
}
