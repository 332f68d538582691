//! `provider/weak-key`: a short key, or a certificate signed with MD5 or SHA-1.

use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::assertion::answer;
use crate::rules::documents::documents;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::certificate::{Certificate, PublicKey};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/weak-key",
        summary: "a signing key is short, or its certificate is signed with MD5 or SHA-1",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "IAM refuses metadata whose certificate has a key of less than 1024 bits. RSA keys \
                      below 2048 bits, and signatures over MD5 or SHA-1, are what others can forge with \
                      effort; who forges a response signs in as anybody. The certificate's own \
                      signature is checked by nobody in SAML, but one that old is seldom alone.",
        remediation: "Make a new certificate in the Okta app (RSA 2048 with SHA-256) and update the \
                      provider of every account with the app's new metadata.",
        references: &[
            super::TROUBLE,
            "https://nvlpubs.nist.gov/nistpubs/SpecialPublications/NIST.SP.800-131Ar2.pdf",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut found = Vec::new();
    for document in documents(context)? {
        let Some(metadata) = document.metadata() else { continue };
        for (at, certificate) in metadata.signing_certificates() {
            let Some((severity, what)) = weakness(certificate) else { continue };
            let subject = Quoted(&certificate.subject);
            let message = format!("{}: the signing certificate {subject} {what}", document.whose());
            let finding = document.finding(&RULE.info, &at.at, message).severity(severity);
            // A short key is the one of these that IAM refuses.
            let is_refused = severity == Severity::Error;
            found.push(if is_refused { finding.help(answer(Refusal::Metadata)) } else { finding });
        }
    }
    Ok(found)
}

/// What is weak about a certificate, the worst first.
fn weakness(certificate: &Certificate) -> Option<(Severity, String)> {
    let key = &certificate.key;
    if let PublicKey::Rsa { bits: Some(bits) } | PublicKey::Dsa { bits: Some(bits) } = key {
        if *bits < 1024 {
            let what = format!("has a key {key}, IAM refuses less than 1024 bits");
            return Some((Severity::Error, what));
        }
        if *bits < 2048 {
            let what = format!("has a key {key}, expected at least 2048 bits");
            return Some((Severity::Warning, what));
        }
    }
    certificate.signature.is_weak.then(|| {
        let what =
            format!("is signed with {}, expected SHA-256 or better", certificate.signature.name);
        (Severity::Warning, what)
    })
}
