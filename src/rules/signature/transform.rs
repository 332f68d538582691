//! `signature/transform`: a signature transforms what it covers in a way that SAML does not allow.

use super::{CORE, SIGNATURES, of_problems};
use crate::finding::{Finding, RuleInfo, Severity};
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
    Ok(of_problems(context, &RULE.info, |problem| {
        matches!(problem, Problem::Transform(_) | Problem::Canonicalization(_))
    }))
}
