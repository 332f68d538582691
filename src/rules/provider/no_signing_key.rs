//! `provider/no-signing-key`: metadata without a key to check signatures with.

use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::documents::documents;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::metadata::{Key, KeyUse};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/no-signing-key",
        summary: "metadata without a key to check signatures with",
        severity: Severity::Error,
        on: true,
        follows: &["provider/invalid-metadata"],
        options: &[],
        since: "0.1.0",
        explanation: "AWS checks the signature of a response with the keys of the provider's metadata. \
                      Without a `KeyDescriptor` for signing no response can be checked. A \
                      `KeyDescriptor` without `use` is for signing and for encryption by the standard; \
                      where no key says more, that is noted.",
        remediation: "Download the app's metadata again and update the provider with it; Okta's says \
                      `use=\"signing\"`.",
        references: &[super::CREATE, super::METADATA],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut found = Vec::new();
    for document in documents(context)? {
        let Some(metadata) = document.metadata() else { continue };
        for role in metadata.identity_providers() {
            let with_certificate = |key: &&Key| !key.certificates.is_empty();
            let signing: Vec<&Key> = role.keys.iter().filter(|key| key.usage.signs()).collect();
            let usable = signing.iter().copied().find(with_certificate);
            if usable.is_none() {
                let what = match (role.keys.is_empty(), signing.is_empty()) {
                    (true, _) => "has no `KeyDescriptor`",
                    (_, true) => "has no `KeyDescriptor` for signing",
                    _ => "has a `KeyDescriptor` for signing, but no `X509Certificate` in it",
                };
                let message = format!("{} {what}, expected a certificate", document.whose());
                let at = signing.first().map_or(&role.at, |key| &key.at);
                found.push(document.finding(&RULE.info, at, message));
            } else if let Some(first) = signing.first()
                && signing.iter().all(|key| key.usage == KeyUse::Both)
            {
                let message = format!(
                    "{}: no `KeyDescriptor` says `use=\"signing\"`, so they count for signing and encryption",
                    document.whose()
                );
                let finding = document.finding(&RULE.info, &first.at, message);
                found.push(finding.severity(Severity::Note));
            }
        }
    }
    Ok(found)
}
