//! `signature/invalid`: a signature does not verify.

use super::{SIGNATURES, TROUBLE, messages, of_reasons};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::assertion::answer;
use crate::rules::signature::weak_algorithm::is_refused;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::verify::{Problem, Reason};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/invalid",
        summary: "a signature does not verify: something signed was changed, or another key signed",
        severity: Severity::Error,
        on: true,
        follows: &[
            "signature/several-references",
            "signature/transform",
            "signature/wrong-element",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "A signature has two parts. The digest says what was signed: where it differs, the \
                      element was changed after Okta signed it. The signature value says who signed: where \
                      no known key verifies it, the certificate was rotated and the provider's metadata is \
                      old, or somebody else signed. The finding says which of the two it is, and for which \
                      element. White space alone that was changed is reported by `signature/reformatted`.",
        remediation: "Where the value does not verify, upload the app's current metadata to the SAML \
                      provider. Where the digest differs, do not believe the message.",
        references: &[TROUBLE, SIGNATURES],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let known = context.captures.keys;
    let found = messages(context)?.filter_map(|(captured, said)| {
        let meant = said.verification.reasons.iter().filter(|reason| is_meant(&reason.problem));
        // With no key at hand, not even its own, nobody can say.
        let can_tell = known > 0 || captured.carries_key();
        let meant = meant.filter(|one| can_tell || !matches!(one.problem, Problem::Signature(_)));
        let mut meant: Vec<&Reason> = meant.collect();
        // What stands innermost is nearest to the change.
        meant.sort_by_key(|reason| std::cmp::Reverse(reason.at.bytes.start));
        let found = of_reasons(captured, &RULE.info, &meant)?.help(answer(Refusal::SignatureInvalid));
        let by_value = meant.first().is_some_and(|one| matches!(one.problem, Problem::Signature(_)));
        Some(if by_value && known > 0 {
            found.help("the certificate was rotated and the metadata given is old, or somebody else signed")
        } else {
            found
        })
    });
    Ok(found.collect())
}

fn is_meant(problem: &Problem) -> bool {
    match problem {
        Problem::Digest { reformatted, .. } => !reformatted,
        Problem::Signature(_) | Problem::Malformed(_) | Problem::RelativeNamespace(_) => true,
        Problem::SignatureMethod(uri) | Problem::DigestMethod(uri) => !is_refused(uri),
        _ => false,
    }
}
