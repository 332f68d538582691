//! `assertion/in-response-to`: a message answers a request that AWS does not send, or is handed in twice.

use std::collections::BTreeMap;

use super::{CORE, SignIn, captured, sign_ins};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::xml::Spotted;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/in-response-to",
        summary: "a message answers a request that AWS does not send, or is handed in twice",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Sign-in to AWS through Okta begins at Okta, so a response has no InResponseTo: one \
                      that has it answers a request of somebody else. An assertion whose ID another \
                      message of the run has was handed in twice, or put into another message: an error. \
                      The same message recorded twice in one capture is one.",
        remediation: "Look where the message was meant to go. A message handed in twice may be a replay: \
                      find out who had it.",
        references: &[CORE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut found: Vec<Finding> =
        captured(context)?.filter_map(|sign_in| answered(&sign_in)).collect();
    found.extend(twice(context));
    Ok(found)
}

fn answered(sign_in: &SignIn<'_>) -> Option<Finding> {
    let of_response = sign_in.said.message.response.as_ref();
    let of_response = of_response.and_then(|response| response.in_response_to.as_ref());
    let mut confirmed = sign_in.assertion.subject.iter().flat_map(|subject| &subject.confirmations);
    let of_subject = confirmed.find_map(|one| one.data.as_ref()?.in_response_to.as_ref());
    let one = of_response.or(of_subject)?;
    let message = format!("the message answers request {}, and AWS sends none", Quoted(&one.value));
    Some(sign_in.finding(&RULE.info, &one.at, message))
}

/// Assertions whose ID an earlier message has.
fn twice(context: &Context<'_>) -> Vec<Finding> {
    let mut first: BTreeMap<&str, (SignIn<'_>, &Spotted<String>)> = BTreeMap::new();
    let mut found = Vec::new();
    for sign_in in sign_ins(context) {
        let Some(id) = &sign_in.assertion.id else { continue };
        let Some((earlier, at)) = first.get(id.value.as_str()) else {
            first.insert(&id.value, (sign_in, id));
            continue;
        };
        let message = format!(
            "the assertion {} stands in {} too, so one of the two is a replay",
            Quoted(&id.value),
            Quoted(&earlier.captured.name)
        );
        let finding = sign_in.finding(&RULE.info, &id.at, message).severity(Severity::Error);
        found.push(finding.related(earlier.label(&at.at, "the other")));
    }
    found
}
