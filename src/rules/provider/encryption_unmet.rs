//! `provider/encryption-unmet`: a provider takes only encrypted assertions, and would get none it can read.

use std::collections::BTreeMap;

use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::rules::documents::{NO_METADATA, Provider, Sent};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/encryption-unmet",
        summary: "a provider requires encrypted assertions, and has no key for them or is sent none",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "With `AssertionEncryptionMode` `Required` AWS takes only encrypted assertions, \
                      decrypted with a private key that the provider keeps, and they have to be posted to \
                      a sign-in endpoint of the provider's own, `…/saml/acs/ID`, which then is the \
                      Recipient. An app whose ACS URL is another one does not send such assertions. \
                      Whether the app encrypts is told from that endpoint alone, as its export says \
                      nothing else about it; the endpoint is looked at where the app's Role values name \
                      the provider.",
        remediation: "Give the provider a private key and the app the provider's encrypted endpoint and \
                      certificate, or set the mode to `Allowed`.",
        references: &[
            super::CREATE,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html",
        ],
    },
    check,
};

/// What is missing for encrypted assertions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Unmet {
    Key,
    Endpoint,
    OtherEndpoint(String),
}

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    if !Provider::all(context).any(|one| one.stated.metadata.is_some()) {
        return Err(CannotCheck(NO_METADATA.to_owned()));
    }
    let sent = Sent::of(context).ok();
    let app = context.federation.app.as_ref();
    let url = app.map(|app| app.override_acs_url.as_ref().map_or("", |url| url.value.trim()));
    let mut unmet: BTreeMap<(&str, Unmet), Vec<Provider<'_>>> = BTreeMap::new();
    for one in Provider::all(context) {
        let encryption = &one.stated.encryption;
        if encryption.mode.as_ref().is_none_or(|mode| mode.value != "Required") {
            continue;
        }
        let name = one.stated.name.as_str();
        let is_sent = sent.as_ref().is_some_and(|sent| sent.names(one.id, name));
        let what = if encryption.private_keys == Some(0) {
            Unmet::Key
        } else if let Some(url) = url.filter(|_| is_sent) {
            match (url.split_once("/acs/"), &encryption.uuid) {
                (None, _) => Unmet::Endpoint,
                (Some((_, id)), Some(uuid)) if !id.eq_ignore_ascii_case(uuid) => {
                    Unmet::OtherEndpoint(uuid.clone())
                }
                _ => continue,
            }
        } else {
            continue;
        };
        unmet.entry((name, what)).or_default().push(one);
    }
    let place = app.and_then(|app| app.override_acs_url.as_ref()).map(|url| url.place);
    Ok(unmet
        .into_iter()
        .filter_map(|((name, what), all)| {
            let finding = finding(name, &what, (&all, url.unwrap_or_default()))?;
            Some(match place.filter(|_| what != Unmet::Key) {
                Some(place) => finding.related(Label::new(place, "the app's ACS URL")),
                None => finding,
            })
        })
        .collect())
}

fn finding(name: &str, what: &Unmet, (all, url): (&[Provider<'_>], &str)) -> Option<Finding> {
    let first = all.first()?;
    let mode = first.stated.encryption.mode.as_ref()?;
    let ids = some_of(all.iter().map(|one| one.id.as_str()));
    let count = match all.len() {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
    };
    let what = match what {
        Unmet::Key => "and has no private key to read them with".to_owned(),
        Unmet::Endpoint if url.is_empty() => {
            "and the app has no ACS URL, expected one that ends in `/saml/acs/ID`".to_owned()
        }
        Unmet::Endpoint => {
            format!("and the app posts to {}, expected `/saml/acs/ID` at the end", Quoted(url))
        }
        Unmet::OtherEndpoint(uuid) => {
            format!("and the app posts to {}, expected `/saml/acs/{uuid}` at the end", Quoted(url))
        }
    };
    let message = format!(
        "the SAML provider {} takes only encrypted assertions in {count}, {what}: {ids}",
        Quoted(name)
    );
    Some(
        Finding::new(&RULE.info, first.arn(), message)
            .at(Label::new(mode.place, "").mark(&*mode.value)),
    )
}
