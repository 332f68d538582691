//! `assertion/illegal-source-identity`: a `SourceIdentity` is not one that AWS takes.

use super::illegal_session_name::{part_of, wrong};
use super::{ASSERTIONS, SignIn, TROUBLE, answer, captured};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/illegal-source-identity",
        summary: "a SourceIdentity is not one that AWS takes",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "AWS's message wants 2 to 64 of the characters `a-zA-Z_0-9+=,.@-`, and none that \
                      begins `aws:`; the description of the call has since allowed 256. One value is \
                      documented. Nobody whose value is another gets in, whatever the role.",
        remediation: "Send another attribute of the user, or none: a source identity is optional.",
        references: &[TROUBLE, ASSERTIONS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(captured(context)?.filter_map(|sign_in| of(&sign_in)).collect())
}

fn of(sign_in: &SignIn<'_>) -> Option<Finding> {
    let identity = match sign_in.aws.source_identity.as_slice() {
        [] => return None,
        [one] => one,
        [_, second, ..] => {
            let count = sign_in.aws.source_identity.len();
            let message = format!("{count} values of SourceIdentity, expected one");
            return Some(sign_in.finding(&RULE.info, &second.at, message));
        }
    };
    let (says, part) = if identity.value.starts_with("aws:") {
        ("begins `aws:`, which AWS reserves".to_owned(), Some(0..4))
    } else {
        wrong(&identity.value)?
    };
    let message = format!("the source identity {} {says}", Quoted(&identity.value));
    let found = sign_in.finding(&RULE.info, &identity.at, message);
    let found = match part {
        Some(part) => found.at(part_of(sign_in.label(&identity.at, ""), &identity.value, part)),
        None => found,
    };
    let later = (65..=256).contains(&identity.value.len());
    let found = found.help(answer(Refusal::SourceIdentity));
    Some(if later && says.contains("characters") {
        found.help("the call's own description takes up to 256, the message only 64")
    } else {
        found
    })
}
