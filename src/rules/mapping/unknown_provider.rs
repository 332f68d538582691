//! `mapping/unknown-provider`: the Role Value Pattern names a provider that mapped accounts do not have.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::{GUIDE, about_pattern, alike, almost, some_of, with_provider};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::AccountId;
use crate::model::aws::Account;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/unknown-provider",
        summary: "the Role Value Pattern names a provider that mapped accounts do not have",
        severity: Severity::Error,
        on: true,
        follows: &["mapping/placeholder-literal", "provider/name-case"],
        options: &[],
        since: "0.1.0",
        explanation: "One pattern names one provider for all accounts, so each of them needs a SAML \
                      provider of exactly that name. Where it is missing AWS answers `Specified \
                      provider doesn't exist.` to everybody who chooses a role there. Accounts \
                      without a list of their providers are unknown and not reported.",
        remediation: "Create the provider under this name in every account, from the same metadata, \
                      or change the pattern.",
        references: &[
            GUIDE,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let mapped = entitlements.role_groups.mapped.iter().filter(|mapped| mapped.import.passes());
    let pairs = mapped.filter_map(|mapped| mapped.pair.as_ref().ok());
    let mut seen = FxHashSet::default();
    let named = pairs.map(|pair| (&*pair.provider.name, &pair.provider.account));
    let named: BTreeSet<(&str, &AccountId)> = named.filter(|&named| seen.insert(named)).collect();
    let providers: BTreeSet<&str> = named.iter().map(|&(name, _)| name).collect();
    let found = providers.into_iter().filter_map(|provider| {
        let accounts = named.iter().filter(|&&(name, _)| name == provider);
        let listed: Vec<(&AccountId, &Account)> = accounts
            .filter_map(|&(_, id)| Some((id, entitlements.federation.accounts.get(id)?)))
            .filter(|(_, account)| account.providers_complete)
            .collect();
        missing(entitlements, provider, &listed)
    });
    Ok(found.collect())
}

fn missing(
    entitlements: &Entitlements<'_>,
    provider: &str,
    listed: &[(&AccountId, &Account)],
) -> Option<Finding> {
    let without: Vec<&(&AccountId, &Account)> =
        listed.iter().filter(|(_, account)| account.provider(provider).is_none()).collect();
    let &&(_, first) = without.first()?;
    let (count, all) = (without.len(), listed.len());
    let accounts = some_of(without.iter().map(|(id, _)| id.as_str()));
    let message = if count == all {
        format!("no mapped account whose providers are known has {}: {accounts}", Quoted(provider))
    } else {
        format!(
            "{count} of {all} mapped accounts {} no provider {}: {accounts}",
            if count == 1 { "has" } else { "have" },
            Quoted(provider)
        )
    };
    let by = |close: fn(&str, &str) -> bool| {
        first.providers.iter().find(|other| close(&other.name, provider))
    };
    let near = by(alike).or_else(|| by(almost));
    let found = about_pattern(&RULE.info, entitlements, message);
    let found = match near {
        Some(near) => with_provider(found, entitlements, (provider, &near.name), listed),
        None => found,
    };
    Some(match (near, first.providers.first()) {
        (Some(near), _) => found
            .related(Label::new(near.place, "a provider of almost the same name").mark(&*near.name))
            .help(format!(
                "the provider there is {}: names are compared exactly",
                Quoted(&near.name)
            )),
        (None, Some(other)) => found
            .related(Label::new(other.place, "a provider there").mark(&*other.name))
            .help("make a provider of this name in every account, or name the one that is there"),
        (None, None) => found.help("make a provider of this name in every account"),
    })
}
