//! `signature/reformatted`: a tool printed the message anew, which broke its signature.

use super::{SIGNATURES, messages, of_reasons};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::assertion::answer;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::verify::{Problem, Reason};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/reformatted",
        summary: "a tool printed the message anew, which broke its signature",
        severity: Severity::Warning,
        on: true,
        follows: &["signature/invalid"],
        options: &[],
        since: "0.1.0",
        explanation: "White space between elements is signed. With it taken out the digest is right \
                      again, so nothing else was changed: somebody looked at the message with a tool that \
                      indents XML, and kept what that showed. As a piece of evidence it is worth less \
                      than the original, and AWS takes only the original.",
        remediation: "Keep the message as the browser posts it, in base64.",
        references: &[SIGNATURES],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = messages(context)?.filter_map(|(captured, said)| {
        let reasons = said.verification.reasons.iter();
        let meant =
            reasons.filter(|one| matches!(one.problem, Problem::Digest { reformatted: true, .. }));
        let meant: Vec<&Reason> = meant.collect();
        let first = meant.first()?;
        let Problem::Digest { element, .. } = &first.problem else { return None };
        let message = format!(
            "only white space of the signed `{element}` was changed: a tool printed it anew"
        );
        let mut found = of_reasons(captured, &RULE.info, &[first])?;
        found.message = message;
        Some(found.help(answer(Refusal::SignatureInvalid)))
    });
    Ok(found.collect())
}
