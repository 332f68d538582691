//! `signature/none`: neither Response nor Assertion is signed.

use super::{CORE, TROUBLE, messages, of_reasons};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::assertion::answer;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::verify::Problem;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/none",
        summary: "neither Response nor Assertion is signed",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Without a signature anybody could have written the message. Okta signs both the \
                      response and the assertion; a message without any was made by hand, or a tool took \
                      the signatures out.",
        remediation: "Capture the message as the browser posts it. Where it is posted so, refuse it.",
        references: &[CORE, TROUBLE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = messages(context)?.filter_map(|(captured, said)| {
        if said.message.assertions.is_empty() {
            // Nothing there that a signature could vouch for.
            return None;
        }
        let reasons = said.verification.reasons.iter();
        let unsigned = reasons.filter(|reason| reason.problem == Problem::Unsigned);
        let found = of_reasons(captured, &RULE.info, &unsigned.collect::<Vec<_>>())?;
        Some(found.help(answer(Refusal::SignatureInvalid)))
    });
    Ok(found.collect())
}
