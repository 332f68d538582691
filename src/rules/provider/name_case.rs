//! `provider/name-case`: a provider's name is written with other case, or `-` for `_`.

use std::collections::{BTreeMap, BTreeSet};

use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::AccountId;
use crate::model::aws::{Account, SamlProvider};
use crate::rules::arn::{Origin, values};
use crate::rules::documents::{Provider, arn};
use crate::rules::mapping::{ROLE_VALUE_PATTERN, alike, some_of, with_provider};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/name-case",
        summary: "a provider's name differs from the account's only in case, `-` or `_`",
        severity: Severity::Error,
        on: true,
        follows: &["mapping/placeholder-literal", "trust/unknown-provider"],
        options: &[],
        since: "0.1.0",
        explanation: "IAM compares the names of SAML providers exactly: a pair that says `okta` does \
                      not find the provider `OKTA`, and AWS answers `Specified provider doesn't \
                      exist.` The pair may come from the Role Value Pattern, an assignment's \
                      `samlRoles` or the app's identity provider ARN.",
        remediation: "Write the name as the account has it. A provider cannot be renamed: where \
                      accounts spell it in different ways, create it anew under one name and let the \
                      trust policies name it.",
        references: &[super::TROUBLE, super::CREATE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.entitlements()?;
    let accounts = &context.federation.accounts;
    let mut found = of_pattern(entitlements);
    for value in values(context, |_| false)? {
        let Some(provider) = value.provider().filter(|_| !matches!(value.origin, Origin::Group(_)))
        else {
            continue;
        };
        let Some(account) = accounts.get(&provider.account) else { continue };
        let Some(near) = near(account, &provider.name) else { continue };
        let message = format!(
            "{} names {}, the provider of account `{}` is {}",
            value.named(),
            Quoted(&provider.name),
            provider.account,
            Quoted(&near.name),
        );
        let there = arn(&provider.account, account, &near.name);
        found.push(
            Finding::new(&RULE.info, provider.to_string(), message)
                .at(value.label())
                .related(Label::new(near.place, "the provider").mark(there))
                .help(format!("write {}", Quoted(&near.name))),
        );
    }
    Ok(found)
}

/// The provider of almost this name, where the account is known not to have this one.
fn near<'a>(account: &'a Account, name: &str) -> Option<&'a SamlProvider> {
    if !account.providers_complete || account.provider(name).is_some() {
        return None;
    }
    account.providers.iter().find(|other| alike(&other.name, name))
}

/// The Role Value Pattern's provider, by the name that accounts have instead.
fn of_pattern(entitlements: &Entitlements<'_>) -> Vec<Finding> {
    let accounts = &entitlements.federation.accounts;
    let mapped = entitlements.role_groups.mapped.iter().filter(|mapped| mapped.import.passes());
    let pairs = mapped.filter_map(|mapped| mapped.pair.as_ref().ok());
    let asked: BTreeSet<(&str, &AccountId)> =
        pairs.map(|pair| (&*pair.provider.name, &pair.provider.account)).collect();
    let mut spelled: BTreeMap<(&str, &str), Vec<Provider<'_>>> = BTreeMap::new();
    let (mut absent, mut right) = (0, 0);
    for (name, id) in asked {
        let Some(account) = accounts.get(id).filter(|account| account.providers_complete) else {
            continue;
        };
        match near(account, name) {
            Some(other) => {
                let found = Provider { id, account, stated: other };
                spelled.entry((name, &other.name)).or_default().push(found);
            }
            None if account.provider(name).is_none() => absent += 1,
            None => right += 1,
        }
    }
    let mapping = entitlements.mapping;
    let one_spelling = absent + right == 0 && spelled.len() == 1;
    let of_name = |((name, other), accounts): ((&str, &str), Vec<Provider<'_>>)| {
        let near = accounts.first()?;
        let ids = some_of(accounts.iter().map(|one| one.id.as_str()));
        let count = match accounts.len() {
            1 => "1 account".to_owned(),
            count => format!("{count} accounts"),
        };
        let message = format!(
            "the Role Value Pattern names {}, the provider of {count} is {}: {ids}",
            Quoted(name),
            Quoted(other),
        );
        // Where nothing else is wrong with the name, nothing else is said about it.
        let missing = arn(near.id, near.account, name);
        let subject = if absent == 0 { ROLE_VALUE_PATTERN.to_owned() } else { missing };
        let found = Finding::new(&RULE.info, subject, message)
            .at(Label::new(mapping.places.pattern, "").mark(mapping.pattern.text()))
            .related(near.label("the provider"))
            .stems_from(ROLE_VALUE_PATTERN)
            .help(format!("write {} in the pattern, or make the provider anew", Quoted(other)));
        let found = if one_spelling {
            let listed: Vec<_> = accounts.iter().map(|one| (one.id, one.account)).collect();
            with_provider(found, entitlements, (name, other), &listed)
        } else {
            found
        };
        Some(accounts.iter().fold(found, |found, one| found.also(one.arn())))
    };
    spelled.into_iter().filter_map(of_name).collect()
}
