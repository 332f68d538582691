//! `assertion/several-assertions`: a message has not exactly one assertion that can be read.

use super::{CORE, answer, finding, messages};
use crate::entitlement::captures::{Captured, Said};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::response::Root;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "assertion/several-assertions",
        summary: "a message has not exactly one assertion that can be read",
        severity: Severity::Error,
        on: true,
        follows: &[
            "assertion/status",
            "signature/several-references",
            "signature/transform",
            "signature/wrong-element",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "A sign-in needs one assertion. With several, one reader takes the first and another \
                      the last, and a signature over one of them says nothing of the others: that is how \
                      forged assertions are smuggled in. An assertion that is encrypted cannot be read \
                      without the key of AWS's side, so nothing is said of what is in it. Assertions within \
                      `Advice` are no one's sign-in and do not count.",
        remediation: "Find out what put the second assertion there before anybody signs in with it; \
                      Okta sends one. To look into an encrypted one, give `rolecall saml check --key` the key of \
                      AWS's side, or turn encryption off for a test.",
        references: &[
            CORE,
            "https://www.usenix.org/system/files/conference/usenixsecurity12/sec12-final91.pdf",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    Ok(messages(context)?.filter_map(|(captured, said)| of(captured, said)).collect())
}

fn of(captured: &Captured, said: &Said) -> Option<Finding> {
    let message = &said.message;
    let (clear, encrypted) = (&message.assertions, &message.encrypted);
    if let Root::Other(name) = &message.root {
        let says = format!("root element {}, expected a Response or an Assertion", Quoted(name));
        let found = Finding::new(&RULE.info, &*captured.name, says);
        return Some(found.at(captured.top("")).help(answer(Refusal::NoRole)));
    }
    let found = match (clear.as_slice(), encrypted.as_slice()) {
        ([_], []) => return None,
        ([], []) => {
            let at = &message.response.as_ref()?.at;
            let says = "the response has no assertion, expected one".to_owned();
            finding(captured, &RULE.info, at, says).help(answer(Refusal::NoRole))
        }
        ([], [one]) => {
            let says = match &said.sealed {
                Some(why) => {
                    format!("the assertion is encrypted, and the given key does not open it: {why}")
                }
                None => "the assertion is encrypted, and no key to read it was given".to_owned(),
            };
            finding(captured, &RULE.info, &one.at, says)
        }
        _ => {
            let mut places: Vec<_> = clear
                .iter()
                .map(|one| &one.at)
                .chain(encrypted.iter().map(|one| &one.at))
                .collect();
            places.sort_by_key(|at| at.bytes.start);
            let (first, second) = (places.first()?, places.get(1)?);
            let says = format!("{} assertions, expected one{}", places.len(), signed(said));
            finding(captured, &RULE.info, second, says).related(captured.label(first, "the first"))
        }
    };
    Some(found)
}

/// How many of several assertions are signed themselves.
fn signed(said: &Said) -> String {
    let is_signed = |node| said.verification.signed.iter().any(|signed| signed.node == node);
    match said.message.assertions.iter().filter(|one| is_signed(one.node)).count() {
        0 => String::new(),
        1 => ", and a signature covers one of them".to_owned(),
        count => format!(", and signatures cover {count} of them"),
    }
}
