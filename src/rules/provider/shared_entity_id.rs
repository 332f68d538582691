//! `provider/shared-entity-id`: two providers of one account have the same entity id.

use std::collections::BTreeMap;

use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::documents::{Provider, documents};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/shared-entity-id",
        summary: "two providers of one account have the same entity id",
        severity: Severity::Warning,
        on: true,
        follows: &["provider/invalid-metadata"],
        options: &[],
        since: "0.1.0",
        explanation: "One identity provider is then two principals in the account: a role that trusts \
                      one of them does not trust the other, and who rotates a certificate may forget one. \
                      AWS documents no rule against it, so this is a warning. Accounts whose pairs of \
                      providers are the same are named in one finding.",
        remediation: "Keep one of them, let every trust policy name it, and delete the other.",
        references: &[super::CREATE, super::METADATA],
    },
    check,
};

/// Names of providers, and the entity id that they share.
type Sharing<'d> = (Vec<&'d str>, &'d str);

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let all = documents(context)?;
    let mut by_account: BTreeMap<(&str, &str), Vec<(&Provider<'_>, usize)>> = BTreeMap::new();
    for (number, document) in all.iter().enumerate() {
        let Some(metadata) = document.metadata() else { continue };
        for provider in document.providers() {
            for id in metadata.entity_ids() {
                let of = by_account.entry((provider.id.as_str(), id)).or_default();
                if of.last().is_none_or(|(last, _)| last.stated.name != provider.stated.name) {
                    of.push((provider, number));
                }
            }
        }
    }
    let mut shared: BTreeMap<Sharing<'_>, Vec<(&Provider<'_>, usize)>> = BTreeMap::new();
    for ((_, id), mut providers) in by_account {
        if providers.len() < 2 {
            continue;
        }
        providers.sort_by_key(|(provider, _)| &provider.stated.name);
        let names = providers.iter().map(|(one, _)| one.stated.name.as_str()).collect();
        let Some(first) = providers.into_iter().next() else { continue };
        shared.entry((names, id)).or_default().push(first);
    }
    let mut found = Vec::new();
    for ((names, id), accounts) in shared {
        let Some((first, number)) = accounts.first() else { continue };
        let ids = some_of(accounts.iter().map(|(one, _)| one.id.as_str()));
        let count = match accounts.len() {
            1 => "1 account".to_owned(),
            count => format!("{count} accounts"),
        };
        let message = format!(
            "the SAML providers {} share the entity id {} in {count}: {ids}",
            some_of(names.iter().copied()),
            Quoted(id)
        );
        let document = all.get(*number);
        let spot = document.and_then(|document| {
            let entities = &document.metadata()?.entities;
            let id = entities
                .iter()
                .find_map(|entity| entity.id.as_ref().filter(|found| found.value == id))?;
            Some(document.label(&id.at, ""))
        });
        let label = spot.unwrap_or_else(|| first.label(""));
        found.push(Finding::new(&RULE.info, first.arn(), message).at(label));
    }
    Ok(found)
}
