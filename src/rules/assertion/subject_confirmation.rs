//! `assertion/subject-confirmation`: a sign-in has not exactly one bearer confirmation, whole.

use super::{ASSERTIONS, PROFILES, captured};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::response::{BEARER, Subject};
use crate::saml::xml::Spot;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/subject-confirmation",
        summary: "a sign-in has not exactly one bearer confirmation with Recipient and NotOnOrAfter",
        severity: Severity::Error,
        on: true,
        follows: &["assertion/no-name-id"],
        options: &[],
        since: "0.1.0",
        explanation: "AWS wants exactly one SubjectConfirmation, of the method `bearer`, whose data has \
                      both Recipient and NotOnOrAfter: they say where the assertion may be handed in, and \
                      until when.",
        remediation: "Send one confirmation, as Okta does by itself: a custom app or a tool between \
                      made this message.",
        references: &[ASSERTIONS, PROFILES],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = captured(context)?.filter_map(|sign_in| {
        let subject = sign_in.assertion.subject.as_ref()?;
        let (at, message) = wrong(subject)?;
        Some(sign_in.finding(&RULE.info, at, message))
    });
    Ok(found.collect())
}

fn wrong(subject: &Subject) -> Option<(&Spot, String)> {
    let one = match subject.confirmations.as_slice() {
        [] => return Some((&subject.at, "the Subject has no SubjectConfirmation".to_owned())),
        [one] => one,
        [_, second, ..] => {
            let count = subject.confirmations.len();
            return Some((&second.at, format!("{count} SubjectConfirmations, expected one")));
        }
    };
    match &one.method {
        Some(method) if method.value == BEARER => {}
        Some(method) => {
            let message = format!(
                "the subject is confirmed by {}, expected `{BEARER}`",
                Quoted(&method.value)
            );
            return Some((&method.at, message));
        }
        None => return Some((&one.at, "the SubjectConfirmation has no Method".to_owned())),
    }
    let Some(data) = &one.data else {
        return Some((
            &one.at,
            "the SubjectConfirmation has no SubjectConfirmationData".to_owned(),
        ));
    };
    let missing = match (&data.recipient, &data.not_on_or_after) {
        (Some(_), Some(_)) => return None,
        (None, Some(_)) => "Recipient",
        (Some(_), None) => "NotOnOrAfter",
        (None, None) => "Recipient and NotOnOrAfter",
    };
    Some((&data.at, format!("the SubjectConfirmationData has no {missing}")))
}
