//! `access/alike-entries`: entries of the picker that look alike.

use std::collections::BTreeMap;

use super::super::mapping::some_of;
use crate::entitlement::names::{look, skeleton};
use crate::entitlement::resolve::Target;
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::arn::ArnPair;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Place;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/alike-entries",
        summary: "two entries of the picker look alike",
        severity: Severity::Note,
        on: true,
        follows: &[
            "arn/duplicate-pair",
            "arn/path-mismatch",
            "drift/missing-role",
            "naming/case-deviates",
            "naming/near-duplicate",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "The picker shows an account's alias and id, and below them names of roles: neither paths nor \
                      providers. Roles of one account whose names are equal, or differ only in what people do not \
                      see (case, look-alike letters), cannot be told apart there, and of two accounts whose \
                      aliases look alike people choose the wrong one.",
        remediation: "Map one name to one role: take the other group away, or rename the role or the alias.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.entitlements()?;
    let is_shown = |target: &&Target| {
        let mut groups = target.role_groups.iter().filter_map(|&at| entitlements.role_group(at));
        target.role_groups.is_empty() || groups.any(crate::entitlement::resolve::visible)
    };
    let mut alike: BTreeMap<(&str, String), Vec<(&Target, &ArnPair)>> = BTreeMap::new();
    for target in entitlements.targets().iter().filter(is_shown) {
        let Ok(pair) = &target.pair else { continue };
        let key = (pair.role.account.as_str(), skeleton(&pair.role.name));
        alike.entry(key).or_default().push((target, pair));
    }
    let several = alike.values().filter(|all| all.len() > 1);
    let mut found: Vec<Finding> = several.map(|all| of_roles(context, all)).collect();
    found.extend(of_accounts(context));
    Ok(found)
}

fn of_roles(context: &Context<'_>, all: &[(&Target, &ArnPair)]) -> Finding {
    let account = all.first().map_or("", |(_, pair)| pair.role.account.as_str());
    let arns: Vec<String> = all
        .iter()
        .map(|(_, pair)| format!("{} through {}", pair.role, pair.provider.name))
        .collect();
    let message = format!(
        "{} entries of account {} look alike in the picker: {}",
        all.len(),
        Quoted(account),
        some_of(arns.iter().map(String::as_str))
    );
    let subject = all.first().map_or_else(String::new, |(target, _)| target.role_arn.to_string());
    let mut found = Finding::new(&RULE.info, subject, message);
    let directory = &context.federation.directory;
    for (at, (target, _)) in all.iter().enumerate() {
        found = found.stems_from(&*target.role_arn);
        let entitlements = context.entitlements.ok();
        let groups = target.role_groups.iter();
        let groups = groups.filter_map(|&at| entitlements?.role_group(at).map(|one| one.group));
        for (number, group) in groups.enumerate() {
            let name = directory.group_name(group);
            let label =
                |says: &str| Label::new(place_of(context.federation, group), says).mark(name);
            found = match (at, number) {
                (0, 0) => found.at(label("")),
                (_, 0) => found.related(label("another of them")),
                _ => found,
            };
            found = found.stems_from(name);
        }
    }
    found.help("keep one of them, or give the roles names that people can tell apart")
}

/// Accounts whose aliases look alike, of those that entries are of.
fn of_accounts(context: &Context<'_>) -> Vec<Finding> {
    let Ok(entitlements) = context.entitlements else { return Vec::new() };
    let mut by_look: BTreeMap<String, BTreeMap<&str, (&str, Place)>> = BTreeMap::new();
    for target in entitlements.targets() {
        let Ok(pair) = &target.pair else { continue };
        let id = &pair.role.account;
        let Some(account) = context.federation.accounts.get(id) else { continue };
        let Some(alias) = &account.alias else { continue };
        let same = by_look.entry(look(&alias.value)).or_default();
        same.insert(id.as_str(), (&alias.value, alias.place));
    }
    let finding = |all: &BTreeMap<&str, (&str, Place)>| {
        let named: Vec<String> =
            all.iter().map(|(id, (alias, _))| format!("{alias} ({id})")).collect();
        let named = some_of(named.iter().map(String::as_str));
        let message =
            format!("the aliases of {} accounts look alike in the picker: {named}", all.len());
        let places: Vec<(&str, Place)> = all.values().copied().collect();
        let mut found =
            Finding::new(&RULE.info, all.keys().copied().collect::<Vec<_>>().join(" "), message);
        for (at, (alias, place)) in places.into_iter().enumerate().take(3) {
            let label = |says: &str| Label::new(place, says).mark(alias);
            found =
                if at == 0 { found.at(label("")) } else { found.related(label("another of them")) };
        }
        found.help("rename one of the aliases")
    };
    by_look.values().filter(|all| all.len() > 1).map(finding).collect()
}
