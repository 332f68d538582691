//! `directory/over-broad-management-group`: management groups that open too many accounts.

use std::collections::BTreeSet;

use super::{group_label, number};
use crate::entitlement::nesting::management_groups;
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Quoted, RuleInfo, RuleOption, Severity};
use crate::model::account::AccountId;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

/// Words of an account's alias that say it is in production.
pub(in crate::rules) const PRODUCTION: &[&str] = &["prod", "production", "prd", "live"];
/// Words of an account's alias that say it is not.
const OTHER: &[&str] = &[
    "dev",
    "development",
    "test",
    "testing",
    "stage",
    "staging",
    "sandbox",
    "qa",
    "uat",
    "nonprod",
];

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/over-broad-management-group",
        summary: "a management group gives roles in too many accounts",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[
            RuleOption {
                name: "max_accounts",
                default: 50,
                meaning: "accounts one management group may open",
            },
            RuleOption {
                name: "forbid_mixed",
                default: 0,
                meaning: "1 reports groups that open production and other accounts together",
            },
        ],
        since: "0.1.0",
        explanation: "Whoever is put into a management group gets a role in every account behind it. How many are \
                      too many is for the project to say. Production beside other accounts is reported where \
                      `forbid_mixed` is 1, and only of accounts whose alias has a word for it (`prod`, \
                      `production`, `prd`, `live`; `dev`, `test`, `staging`, `sandbox`, `qa`, `uat`, …), as IAM \
                      states it; the `environment` of `[[account]]` in `rolecall.toml` says it better.",
        remediation: "Split the management group by what its people work on.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let most = context.settings.number(&RULE.info, "max_accounts");
    let mixed = context.settings.number(&RULE.info, "forbid_mixed") != 0;
    let mut findings = Vec::new();
    let is_narrow = |group: GroupId| {
        let role_groups = entitlements.reached_from(group).len();
        !mixed && i64::try_from(role_groups).is_ok_and(|accounts| accounts <= most)
    };
    for group in management_groups(entitlements).into_iter().filter(|&it| !is_narrow(it)) {
        let accounts = accounts(entitlements, group);
        let name = Quoted(directory.group_name(group));
        let count = i64::try_from(accounts.len()).unwrap_or(i64::MAX);
        let message = if count > most {
            let accounts = number(accounts.len(), "account");
            format!(
                "the management group {name} gives roles in {accounts}, at most {most} are expected"
            )
        } else if let Some((production, other)) =
            mixed.then(|| both(entitlements, &accounts)).flatten()
        {
            let (production, other) = (Quoted(&production), Quoted(&other));
            format!("the management group {name} gives roles in {production} and in {other}")
        } else {
            continue;
        };
        findings.push(
            Finding::new(&RULE.info, directory.group_name(group), message)
                .at(group_label(context.federation, group, ""))
                .help("split it by what its people work on"),
        );
    }
    Ok(findings)
}

fn accounts<'e>(entitlements: &'e Entitlements<'_>, group: GroupId) -> BTreeSet<&'e str> {
    let reached = entitlements.reached_from(group).iter();
    reached
        .filter_map(|&at| entitlements.role_group(at))
        .filter(|role_group| role_group.is_visible())
        .map(|role_group| &*role_group.account)
        .collect()
}

/// What an account in production is called and one that is not, where there are both.
fn both(entitlements: &Entitlements<'_>, accounts: &BTreeSet<&str>) -> Option<(String, String)> {
    let named = || {
        accounts.iter().filter_map(|id| {
            let account = entitlements.federation.accounts.get(&AccountId::parse(id).ok()?)?;
            let alias = account.alias.as_ref().map(|alias| alias.value.clone());
            let is = account.stated.as_ref().and_then(|stated| stated.environment.clone());
            Some((is.is_some(), is.or_else(|| alias.clone())?, alias.unwrap_or((*id).to_owned())))
        })
    };
    let has = |text: &str, words: &[&str]| text.split('-').any(|word| words.contains(&word));
    // `non-prod` has the word and says the contrary.
    let is_other = |text: &str| has(text, OTHER) || text.split('-').any(|word| word == "non");
    let is_production = |text: &str| has(text, PRODUCTION) && !is_other(text);
    let (_, _, production) = named().find(|(_, text, _)| is_production(text))?;
    // A word that is declared and is not production is something else, whatever it is.
    let (_, _, other) =
        named().find(|(told, text, _)| is_other(text) || *told && !is_production(text))?;
    Some((production, other))
}
