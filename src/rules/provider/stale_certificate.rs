//! `provider/stale-certificate`: the provider does not have the key that Okta signs with now.

use std::collections::BTreeSet;

use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::documents::{Document, Sent, documents, own};
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::certificate::Certificate;
use crate::saml::metadata::Metadata;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/stale-certificate",
        summary: "the provider's metadata does not have the key that Okta signs with now",
        severity: Severity::Error,
        on: true,
        follows: &["provider/issuer-mismatch", "provider/no-signing-key"],
        options: &[],
        since: "0.1.0",
        explanation: "After a certificate was rotated in Okta, each account's provider has to be updated \
                      with the app's new metadata; where that was forgotten AWS answers `Response \
                      signature invalid`. Keys are compared, not certificates: one that was only issued \
                      anew verifies as before. Only providers that the app's Role values name are looked \
                      at, and only where the app's own metadata was given.",
        remediation: "Update the provider with the app's own metadata \
                      (`aws iam update-saml-provider`).",
        references: &[
            super::TROUBLE,
            "https://help.okta.com/en-us/content/topics/apps/manage-signing-certificates.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let own = own(context)?;
    let Ok(own) = own.as_ref() else { return Ok(Vec::new()) };
    let sent = Sent::of(context)?;
    let all = documents(context)?;
    let current = keys(own);
    let Some((_, newest)) = own.signing_certificates().max_by_key(|(_, one)| one.not_before) else {
        return Ok(Vec::new());
    };
    let place = all.iter().find(|document| document.is_own);
    let stale = all.iter().filter(|document| sent.uses(document));
    Ok(stale.filter_map(|one| of_document(one, &current, (place, own, newest))).collect())
}

fn keys(metadata: &Metadata) -> BTreeSet<[u8; 32]> {
    metadata.signing_certificates().map(|(_, certificate)| certificate.key_hash).collect()
}

fn of_document(
    document: &Document<'_>,
    current: &BTreeSet<[u8; 32]>,
    (place, own, newest): (Option<&Document<'_>>, &Metadata, &Certificate),
) -> Option<Finding> {
    let metadata = document.metadata()?;
    let (at, first) = metadata.signing_certificates().next()?;
    // What cannot be read may be the key.
    let unread = metadata.signing_keys().flat_map(|key| &key.certificates).any(|c| c.read.is_err());
    if unread || !keys(metadata).is_disjoint(current) {
        return None;
    }
    let message = format!(
        "{} does not have the key that Okta signs with: its certificate is `{}…`, Okta's `{}…`",
        document.whose(),
        first.short(),
        newest.short(),
    );
    let finding = document.finding(&RULE.info, &at.at, message);
    let own_at = own.signing_certificates().find(|(_, one)| one.fingerprint == newest.fingerprint);
    let finding = match (place, own_at) {
        (Some(place), Some((at, _))) => {
            finding.related(place.label(&at.at, "what Okta signs with"))
        }
        _ => finding,
    };
    let (held, holds) = (first.not_before, newest.not_before);
    Some(finding.help(if held < holds {
        format!("the provider's certificate is of {held}, Okta's of {holds}: a rotation that was not rolled out")
    } else {
        format!("the provider's certificate is of {held}, Okta's of {holds}")
    }))
}
