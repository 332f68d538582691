//! `signature/comment-in-value`: a comment or an element splits a value that says who or what.

use super::{ADVICE, messages};
use crate::entitlement::captures::{Captured, Said};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::aws::is_known;
use crate::saml::response::{Attribute, Split};
use crate::saml::xml::Spotted;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/comment-in-value",
        summary: "a comment, CDATA section or element stands inside a NameID, Issuer, Audience or value",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Canonical XML leaves comments out, so a comment inside a value breaks no signature, \
                      and readers that take the first piece of text see another user or role than those \
                      that take all of it: `admin@example.com<!-- -->.evil.example` is one user here and \
                      another there (CVE-2017-11427 and its kin). No identity provider writes such \
                      values. An element alone is legal in the value of an attribute that is not AWS's, \
                      and not reported there.",
        remediation: "Refuse the message, and find out who had it between Okta and the browser.",
        references: &[ADVICE, "https://www.kb.cert.org/vuls/id/475445"],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = messages(context)?.filter_map(|(captured, said)| {
        let split = parts(captured, said);
        let ((what, first), rest) = split.split_first()?;
        let message = format!("{what} has a comment, a CDATA section or an element in it");
        let found =
            Finding::new(&RULE.info, &*captured.name, message).at(captured.label(&first.at, ""));
        Some(
            rest.iter()
                .take(3)
                .fold(found, |found, (_, one)| found.related(captured.label(&one.at, "and this"))),
        )
    });
    Ok(found.collect())
}

/// What it is and where it stands.
type Part<'c> = (String, &'c Spotted<String>);

/// Every text that is split and read, in no order but the message's parts.
fn parts<'c>(captured: &Captured, said: &'c Said) -> Vec<Part<'c>> {
    let is_split = |one: &Spotted<String>| {
        captured.text.get(one.at.bytes.clone()).is_some_and(|inside| Split::of(inside).is_some())
    };
    let named = |name: &str, one: &'c Spotted<String>| {
        is_split(one).then(|| (format!("the {name} {}", Quoted(&one.value)), one))
    };
    let issuer = said.message.response.iter().filter_map(|response| response.issuer.as_ref());
    let mut found: Vec<Part<'c>> =
        issuer.filter_map(|issuer| named("Issuer", &issuer.value)).collect();
    for assertion in &said.message.assertions {
        found.extend(assertion.issuer.iter().filter_map(|one| named("Issuer", &one.value)));
        let name_id = assertion.subject.iter().filter_map(|subject| subject.name_id.as_ref());
        found.extend(name_id.filter_map(|one| named("NameID", &one.value.text)));
        found.extend(assertion.audiences().filter_map(|one| named("Audience", one)));
        found.extend(assertion.attributes.iter().flat_map(values));
    }
    found
}

/// The values of an attribute that are split. An element is legal in one that is not AWS's.
fn values(attribute: &Attribute) -> impl Iterator<Item = Part<'_>> {
    let name = attribute.name.value.as_str();
    let reads_text = is_known(name);
    let split = attribute.values.iter().filter(move |value| match value.split {
        Some(Split::Mark) => true,
        Some(Split::Element) => reads_text,
        None => false,
    });
    let last = name.rsplit('/').next().unwrap_or_default();
    split.map(move |value| {
        let text = Quoted(&value.text.value);
        (format!("the value {text} of attribute {}", Quoted(last)), &value.text)
    })
}
