//! `signature/weak-algorithm`: a signature is made with an algorithm or a key that is too weak.

use super::{ADVICE, SIGNATURES, messages};
use crate::entitlement::captures::{Captured, Said};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::verify::{Problem, SignatureReport};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/weak-algorithm",
        summary: "a signature is made with SHA-1, MD5, HMAC, DSA, or a short RSA key",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Two documents of one SHA-1 digest can be made, and an RSA key of fewer than 2048 \
                      bits is not counted on any more; what AWS does with either is not documented, so \
                      both are warnings. MD5 is broken, and HMAC has one secret for both sides: with a \
                      public key for the secret anybody signs; FIPS 186-5 has withdrawn DSA. None of the \
                      three is accepted, which is an error.",
        remediation: "Set the app's signature and digest algorithm to SHA-256, and give it a certificate \
                      of 2048 bits or more.",
        references: &[SIGNATURES, ADVICE],
    },
    check,
};

/// Least bits of an RSA key.
const BITS: usize = 2048;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = messages(context)?
        .filter_map(|(captured, said)| refused(captured, said).or_else(|| weak(captured, said)));
    Ok(found.collect())
}

/// Whether an algorithm is one that no signature may have.
pub(super) fn is_refused(uri: &str) -> bool {
    let name = name(uri).to_ascii_lowercase();
    name.contains("md5") || name.contains("hmac") || is_dsa(&name)
}

fn refused(captured: &Captured, said: &Said) -> Option<Finding> {
    let refused = said.verification.reasons.iter().find_map(|reason| match &reason.problem {
        Problem::SignatureMethod(uri) | Problem::DigestMethod(uri) if is_refused(uri) => {
            Some((reason, name(uri)))
        }
        _ => None,
    });
    let (reason, name) = refused?;
    let message = if name.to_ascii_lowercase().contains("hmac") {
        format!("the signature is made with `{name}`, which proves nothing with a public key")
    } else if is_dsa(&name.to_ascii_lowercase()) {
        format!("the signature is made with `{name}`, which is withdrawn, expected RSA or ECDSA")
    } else {
        format!("the signature is made with `{name}`, which is broken")
    };
    let found = Finding::new(&RULE.info, &*captured.name, message).severity(Severity::Error);
    Some(found.at(captured.label(&reason.at, "")))
}

/// Whether an algorithm in small letters is DSA, not ECDSA.
fn is_dsa(name: &str) -> bool {
    name.starts_with("dsa-")
}

fn weak(captured: &Captured, said: &Said) -> Option<Finding> {
    // An algorithm that is not known at all is the business of `signature/invalid`.
    let is_known = |one: &&SignatureReport| {
        let mut problems = one.problems.iter().map(|reason| &reason.problem);
        !problems.any(|one| matches!(one, Problem::SignatureMethod(_) | Problem::DigestMethod(_)))
    };
    let mut signatures = said.verification.signatures.iter().filter(is_known);
    let found = signatures.find_map(|one| Some((one, words(one)?)));
    let (signature, words) = found?;
    let parent = &signature.parent;
    let message = format!("the signature of the {parent} {words}");
    let found = Finding::new(&RULE.info, &*captured.name, message);
    Some(found.at(captured.label(&signature.at, "")))
}

/// What is weak about a signature.
fn words(signature: &SignatureReport) -> Option<String> {
    let is_sha1 = |uri: &str| name(uri).to_ascii_lowercase().ends_with("sha1");
    let short = signature.rsa_bits.filter(|&bits| bits < BITS);
    let sha1 = match (is_sha1(&signature.signature_method), is_sha1(&signature.digest_method)) {
        (true, true) => Some("is made with SHA-1, and so is its digest"),
        (true, false) => Some("is made with SHA-1"),
        (false, true) => Some("has a digest made with SHA-1"),
        (false, false) => None,
    };
    match (sha1, short) {
        (None, None) => None,
        (Some(sha1), None) => Some(sha1.to_owned()),
        (None, Some(bits)) => {
            Some(format!("is made with an RSA key of {bits} bits, expected {BITS}"))
        }
        (Some(sha1), Some(bits)) => Some(format!("{sha1}, with an RSA key of {bits} bits")),
    }
}

/// An algorithm's name: the end of its URI.
fn name(uri: &str) -> &str {
    uri.rsplit(['#', '/']).next().unwrap_or(uri)
}
