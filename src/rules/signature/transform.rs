//! `signature/transform`: a signature transforms what it covers in a way that SAML does not allow.

use std::collections::BTreeSet;

use super::{CORE, SIGNATURES, messages, of_problems};
use crate::entitlement::captures::{Captured, Said};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::verify::Problem;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/transform",
        summary: "a signature has an XSLT, XPath or unknown transform, or another canonicalisation",
        severity: Severity::Error,
        on: true,
        follows: &["signature/several-references"],
        options: &[],
        since: "0.1.0",
        explanation: "SAML allows two transforms: the enveloped signature and exclusive canonicalisation. \
                      Others are programs run before anything is verified (XSLT), or cut out the part that \
                      is covered (XPath), so that the rest can say anything. Canonicalisation that keeps \
                      comments is legal XML and used by nobody. None of them is carried out here.",
        remediation: "Refuse the message, or have the identity provider sign as SAML says.",
        references: &[CORE, SIGNATURES],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut found = of_problems(context, &RULE.info, |problem| {
        matches!(problem, Problem::Transform(_) | Problem::Canonicalization(_))
    })?;
    let told: BTreeSet<String> = found.iter().map(|found| found.subject.clone()).collect();
    let others = messages(context)?.filter(|(captured, _)| !told.contains(&captured.name));
    found.extend(others.filter_map(|(captured, said)| with_comments(captured, said)));
    Ok(found)
}

/// A signature whose canonicalisation keeps comments.
fn with_comments(captured: &Captured, said: &Said) -> Option<Finding> {
    let keeps = |uri: &&String| uri.ends_with("#WithComments");
    let found = said.verification.signatures.iter().find_map(|one| {
        let uri = one.transforms.iter().chain([&one.canonicalization]).find(keeps)?;
        Some((one, uri))
    });
    let (signature, uri) = found?;
    let message =
        format!("canonicalisation {} keeps comments, expected one that does not", Quoted(uri));
    let found = Finding::new(&RULE.info, &*captured.name, message);
    Some(found.at(captured.label(&signature.at, "")))
}
