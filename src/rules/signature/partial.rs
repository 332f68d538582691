//! `signature/partial`: only the Response or only the Assertion is signed.

use super::{CORE, messages};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::verify::Verdict;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/partial",
        summary: "only the Response or only the Assertion is signed",
        severity: Severity::Note,
        on: true,
        follows: &["signature/untrusted-key"],
        options: &[],
        since: "0.1.0",
        explanation: "One valid signature over what is read is enough, and which of the two AWS wants is \
                      not documented. Okta signs both for this app. With the assertion alone signed, \
                      Destination, Status and InResponseTo of the response around it are nobody's word.",
        remediation: "Nothing, where AWS takes it; else set the app to sign response and assertion.",
        references: &[CORE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = messages(context)?.filter_map(|(captured, said)| {
        let verification = &said.verification;
        let accepted =
            matches!(verification.verdict, Verdict::Accept | Verdict::AcceptEmbeddedKeyOnly);
        let response = said.message.response.as_ref().filter(|_| accepted)?;
        let assertion = said.assertion()?;
        let is_signed = |node| verification.signed.iter().any(|signed| signed.node == node);
        let (what, other, at) = match (is_signed(response.node), is_signed(assertion.node)) {
            (true, false) => ("Response", "Assertion within it", &assertion.at),
            (false, true) => ("Assertion", "Response around it", &response.at),
            _ => return None,
        };
        let message = format!("only the {what} is signed, the {other} is not");
        let found = Finding::new(&RULE.info, &*captured.name, message);
        Some(found.at(captured.label(at, "")))
    });
    Ok(found.collect())
}
