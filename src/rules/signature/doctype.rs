//! `signature/doctype`: a message has XML that is refused before it is read.

use super::{ADVICE, SIGNATURES};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/doctype",
        summary: "a message has a DOCTYPE, a processing instruction, or is no strict XML",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A document type declares entities, and with them files to be read and texts to be \
                      multiplied; a processing instruction splits a value as a comment does. No SAML \
                      message has either, so nothing beyond is read. The same goes for what strict \
                      readers of XML refuse, such as a second root element, an unbound prefix or a \
                      prefix bound to nothing, and for a message over the limits: where one reader stops \
                      and another goes on, the two can be made to see different messages.",
        remediation: "Refuse the message; no identity provider sends such XML.",
        references: &[ADVICE, SIGNATURES],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = context.captured()?.iter().filter_map(|captured| {
        let error = captured.read.as_ref().err()?;
        let message = format!("the message is not read: {error}");
        let found = Finding::new(&RULE.info, &*captured.name, message);
        Some(found.at(captured.label(&error.at, "")))
    });
    Ok(found.collect())
}
