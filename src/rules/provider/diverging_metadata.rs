//! `provider/diverging-metadata`: providers of one name say different things in different accounts.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::documents::{Document, documents};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};
use crate::saml::metadata::Metadata;
use crate::saml::xml::Spot;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/diverging-metadata",
        summary: "providers of one name have different metadata in different accounts",
        severity: Severity::Warning,
        on: true,
        follows: &[
            "provider/invalid-metadata",
            "provider/issuer-mismatch",
            "provider/no-signing-key",
            "provider/stale-certificate",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "One Okta app signs every response with one key and one issuer, so the provider of \
                      its name should say the same everywhere. Where it does not, an account was left \
                      out when a certificate was rotated, or belongs to another app. Entity ids and \
                      signing keys are compared; white space, order of elements and endpoints, which AWS \
                      does not use, are not. Each set of accounts that agree is named once.",
        remediation: "Update the provider in the accounts that deviate with the app's own metadata.",
        references: &[super::CREATE, super::TROUBLE],
    },
    check,
};

/// What AWS uses of a document.
type Meaning = (BTreeSet<String>, BTreeSet<[u8; 32]>);

fn meaning(metadata: &Metadata) -> Meaning {
    let ids = metadata.entity_ids().map(str::to_owned).collect();
    let keys = metadata.signing_certificates().map(|(_, one)| one.key_hash).collect();
    (ids, keys)
}

/// The documents that mean the same, and the accounts that have them under one name.
#[derive(Debug, Default)]
struct Camp<'d, 'c> {
    documents: Vec<&'d Document<'c>>,
    accounts: Vec<&'c str>,
}

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let all = documents(context)?;
    let mut names: BTreeMap<&str, BTreeMap<Meaning, Camp<'_, '_>>> = BTreeMap::new();
    for document in &all {
        let Some(metadata) = document.metadata() else { continue };
        let meaning = meaning(metadata);
        for one in document.providers() {
            let camps = names.entry(&one.stated.name).or_default();
            let camp = camps.entry(meaning.clone()).or_default();
            if camp.documents.last().is_none_or(|last| !std::ptr::eq(*last, document)) {
                camp.documents.push(document);
            }
            camp.accounts.push(one.id.as_str());
        }
    }
    let several = names.into_iter().filter(|(_, camps)| camps.len() > 1);
    Ok(several.filter_map(|(name, camps)| of_name(name, camps.into_iter().collect())).collect())
}

fn of_name(name: &str, mut camps: Vec<(Meaning, Camp<'_, '_>)>) -> Option<Finding> {
    // The largest first; of several as large, the one of the first account.
    camps.sort_by(|(_, a), (_, b)| {
        b.accounts.len().cmp(&a.accounts.len()).then_with(|| a.accounts.cmp(&b.accounts))
    });
    let ((usual, most), others) = camps.split_first()?;
    let all: usize = camps.iter().map(|(_, camp)| camp.accounts.len()).sum();
    let (_, first) = others.first()?;
    let message = format!(
        "the SAML provider {} says {} different things in {all} accounts",
        Quoted(name),
        camps.len(),
    );
    let document = *first.documents.first()?;
    let mut finding = Finding::new(&RULE.info, format!("saml-provider/{name}"), message)
        .at(document.label(&spot(document), "another one"));
    if let Some(document) = most.documents.first() {
        finding = finding.related(document.label(&spot(document), "what most accounts have"));
    }
    finding = finding.help(format!("{}: {}", counted(most), some_of(most.accounts.clone())));
    for (meaning, camp) in others {
        let how = match (meaning.0 == usual.0, meaning.1 == usual.1) {
            (false, false) => "another entity id and other keys",
            (false, true) => "another entity id",
            _ => "other keys",
        };
        let accounts = some_of(camp.accounts.iter().copied());
        finding = finding.help(format!("{} with {how}: {accounts}", counted(camp)));
        // Each document that deviates, and may be explained by itself.
        for document in &camp.documents {
            finding = finding.stems_from(document.subject());
        }
    }
    for document in &most.documents {
        finding = finding.stems_from(document.subject());
    }
    Some(finding)
}

fn spot(document: &Document<'_>) -> Spot {
    let entity = document.metadata().and_then(|metadata| metadata.entities.first());
    let id = entity.and_then(|entity| entity.id.as_ref());
    id.map_or_else(|| Spot { line: 1, bytes: 0..0 }, |id| id.at.clone())
}

fn counted(camp: &Camp<'_, '_>) -> String {
    match camp.accounts.len() {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
    }
}
