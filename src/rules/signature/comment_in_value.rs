//! `signature/comment-in-value`: a comment or an element splits a value that says who or what.

use super::{ADVICE, messages};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::response::{Assertion, Value};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/comment-in-value",
        summary: "a comment, CDATA section or element stands inside a NameID or an attribute's value",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Canonical XML leaves comments out, so a comment inside a value breaks no signature, \
                      and readers that take the first piece of text see another user or role than those \
                      that take all of it: `admin@example.com<!-- -->.evil.example` is one user here and \
                      another there (CVE-2017-11427 and its kin). No identity provider writes such \
                      values.",
        remediation: "Refuse the message, and find out who had it between Okta and the browser.",
        references: &[ADVICE, "https://www.kb.cert.org/vuls/id/475445"],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = messages(context)?.filter_map(|(captured, said)| {
        let split = said.message.assertions.iter().flat_map(values).filter(|(_, one)| one.is_split);
        let split: Vec<(Option<&str>, &Value)> = split.collect();
        let ((attribute, first), rest) = split.split_first()?;
        let value = Quoted(&first.text.value);
        let what = match attribute {
            None => format!("the NameID {value}"),
            Some(name) => format!("the value {value} of attribute {}", Quoted(name)),
        };
        let message = format!("{what} has a comment, a CDATA section or an element in it");
        let found = Finding::new(&RULE.info, &*captured.name, message)
            .at(captured.label(&first.text.at, ""));
        Some(
            rest.iter().take(3).fold(found, |found, (_, one)| {
                found.related(captured.label(&one.text.at, "and this"))
            }),
        )
    });
    Ok(found.collect())
}

/// The values of an assertion, each with the name of its attribute; none for the `NameID`.
fn values(assertion: &Assertion) -> impl Iterator<Item = (Option<&str>, &Value)> {
    let name_id = assertion.subject.iter().filter_map(|subject| subject.name_id.as_ref());
    let name_id = name_id.map(|name| (None, &name.value));
    let attributes = assertion.attributes.iter().flat_map(|attribute| {
        let last = attribute.name.value.rsplit('/').next();
        attribute.values.iter().map(move |value| (last, value))
    });
    name_id.chain(attributes)
}
