//! `signature`: what the signatures of captured sign-ins prove, and XML that is read in two ways.

mod comment_in_value;
mod doctype;
mod invalid;
mod none;
mod partial;
mod reformatted;
mod several_references;
mod transform;
mod untrusted_key;
mod weak_algorithm;
mod wrong_element;

use super::{CannotCheck, Context, Rule};
use crate::entitlement::captures::{Captured, Said};
use crate::finding::{Finding, RuleInfo};
use crate::saml::verify::{Problem, Reason};

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &comment_in_value::RULE,
    &doctype::RULE,
    &invalid::RULE,
    &none::RULE,
    &partial::RULE,
    &reformatted::RULE,
    &several_references::RULE,
    &transform::RULE,
    &untrusted_key::RULE,
    &weak_algorithm::RULE,
    &wrong_element::RULE,
];

/// The standard's signatures of assertions and messages (section 5).
const CORE: &str = "https://docs.oasis-open.org/security/saml/v2.0/saml-core-2.0-os.pdf";
/// XML signatures.
const SIGNATURES: &str = "https://www.w3.org/TR/xmldsig-core1/";
/// Advice on SAML by OWASP.
const ADVICE: &str =
    "https://cheatsheetseries.owasp.org/cheatsheets/SAML_Security_Cheat_Sheet.html";
/// IAM's guide on what goes wrong with SAML.
const TROUBLE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html";
/// How signatures are wrapped.
const WRAPPING: &str =
    "https://www.usenix.org/system/files/conference/usenixsecurity12/sec12-final91.pdf";

/// Messages that could be read, of those that were captured.
fn messages<'c>(
    context: &Context<'c>,
) -> Result<impl Iterator<Item = (&'c Captured, &'c Said)>, CannotCheck> {
    Ok(context.captured()?.iter().filter_map(Captured::said))
}

/// One finding for each message with a problem of a kind: the first, beside it where the others stand.
fn of_problems(
    context: &Context<'_>,
    info: &RuleInfo,
    is_meant: impl Fn(&Problem) -> bool,
) -> Result<Vec<Finding>, CannotCheck> {
    let found = messages(context)?.filter_map(|(captured, said)| {
        let meant = said.verification.reasons.iter().filter(|reason| is_meant(&reason.problem));
        of_reasons(captured, info, &meant.collect::<Vec<_>>())
    });
    Ok(found.collect())
}

/// A finding about reasons of one kind.
fn of_reasons(captured: &Captured, info: &RuleInfo, reasons: &[&Reason]) -> Option<Finding> {
    let (first, rest) = reasons.split_first()?;
    let says = |reason: &Reason| match reason.problem.to_string() {
        text if text.starts_with(char::is_uppercase) => format!("the {text}"),
        text => text,
    };
    let found = Finding::new(info, &*captured.name, says(first)).at(captured.label(&first.at, ""));
    let others = rest.iter().filter(|other| other.at != first.at).take(3);
    Some(others.fold(found, |found, other| found.related(captured.label(&other.at, says(other)))))
}
