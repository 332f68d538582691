//! `signature/untrusted-key`: only the key that a message carries itself verifies its signature.

use super::{ADVICE, TROUBLE, messages};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::assertion::answer;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::verify::{KeyOrigin, Verdict};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "signature/untrusted-key",
        summary: "only the key that a message carries itself verifies its signature",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A signature carries a certificate in its KeyInfo, and anybody can put their own \
                      there: only a key from the identity provider's metadata says who signed. Keys are \
                      those of `--cert`, of `--metadata`, and of the federation's metadata. Without any, \
                      who signed is not known, and this rule is not checked.",
        remediation: "Compare the certificate with the app's own metadata. Where it is a new one of \
                      Okta's, upload the metadata to the SAML provider; else the message is forged.",
        references: &[TROUBLE, ADVICE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    if context.captures.keys == 0 {
        let is_signed =
            messages(context)?.any(|(_, said)| !said.verification.signatures.is_empty());
        if !is_signed {
            return Ok(Vec::new());
        }
        return Err(CannotCheck(
            "no key of the identity provider was given, so who signed is not known; expected \
             `--cert`, `--metadata`, or exports with the app's or a provider's metadata"
                .to_owned(),
        ));
    }
    let found = messages(context)?.filter_map(|(captured, said)| {
        let verification = &said.verification;
        if verification.verdict != Verdict::AcceptEmbeddedKeyOnly {
            return None;
        }
        let signatures = verification.signatures.iter();
        let own = signatures.clone().filter(|one| one.key == Some(KeyOrigin::Embedded));
        let first = own.clone().next()?;
        let count = own.count();
        let of = match signatures.count() {
            1 => "the signature",
            all if all == count => "both signatures",
            _ => "a signature",
        };
        let keys = match context.captures.keys {
            1 => "not with the one that is known".to_owned(),
            keys => format!("not with one of the {keys} that are known"),
        };
        let message = format!("{of} verifies only with the key that the message carries, {keys}");
        let message =
            if of.starts_with("both") { message.replace("verifies", "verify") } else { message };
        let found = Finding::new(&RULE.info, &*captured.name, message)
            .at(captured.label(&first.at, ""))
            .help(answer(Refusal::SignatureInvalid));
        Some(found.help("anybody can sign with a key of their own and send it along"))
    });
    Ok(found.collect())
}
