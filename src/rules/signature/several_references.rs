//! `signature/several-references`: a signature has several `SignedInfo`, or not one Reference.

use super::{ADVICE, SIGNATURES, of_problems};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::verify::Problem;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/several-references",
        summary: "a signature has several SignedInfo, or not exactly one Reference",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "SAML's signatures have one SignedInfo with one Reference. With two, the value can be \
                      checked over one and the digest taken from the other (CVE-2025-29774 and its kin), \
                      or one Reference covers something harmless and another reader takes it for the \
                      whole.",
        remediation: "Refuse the message; no identity provider signs so.",
        references: &[SIGNATURES, ADVICE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    of_problems(context, &RULE.info, |problem| {
        matches!(problem, Problem::SeveralSignedInfo(_) | Problem::References(_))
    })
}
