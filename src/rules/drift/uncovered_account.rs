//! `drift/uncovered-account`: accounts in names without an export, or exported and in no name.

use std::collections::BTreeMap;

use super::super::mapping::{GROUP_FILTER, some_of};
use super::{need_roles, number};
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::model::account::{AccountId, Standing};
use crate::model::aws::Account;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "drift/uncovered-account",
        summary: "accounts that groups name have no export, or exported accounts are in no name",
        severity: Severity::Warning,
        on: true,
        follows: &["mapping/iac-escaping", "mapping/missing-capture"],
        options: &[],
        since: "0.1.0",
        explanation: "What roles an account has, and whom they trust, is unknown without its export: of its entries \
                      nothing can be said, neither good nor bad. An account that was exported and that no group \
                      maps to is either not federated, or its groups were forgotten. Accounts whose names have a \
                      slip, and those that AWS Organizations does not list, are told by the rules about names; those that \
                      `rolecall.toml` declares planned or closed need no export.",
        remediation: "Export the account (`aws iam get-account-authorization-details`, `aws iam \
                      list-saml-providers`), or turn the rule off where only some accounts are checked.",
        references: &[
            "https://docs.aws.amazon.com/cli/latest/reference/iam/get-account-authorization-details.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    need_roles(context)?;
    let accounts = &context.federation.accounts;
    let is_listed = |account: &Account| account.status.is_some() || account.stated.is_some();
    let list = accounts.iter().any(|(_, account)| is_listed(account));
    let mut named: BTreeMap<AccountId, GroupId> = BTreeMap::new();
    for mapped in &entitlements.role_groups.mapped {
        if let Ok(id) = AccountId::parse(&mapped.account) {
            named.entry(id).or_insert(mapped.group);
        }
    }
    let without: Vec<(&AccountId, GroupId)> = named
        .iter()
        .filter(|(id, group)| {
            let stated = accounts.get(id);
            let has_export = stated.is_some_and(|one| one.roles_complete || !one.roles.is_empty());
            let unlisted = list && stated.is_none_or(|one| !is_listed(one));
            let standing = stated.and_then(|one| Some(one.stated.as_ref()?.standing));
            let in_use = standing.unwrap_or_default() == Standing::Active;
            !has_export && !unlisted && in_use && entitlements.names().deviation(**group).is_none()
        })
        .map(|(id, group)| (id, *group))
        .collect();
    let unnamed: Vec<&AccountId> = accounts
        .iter()
        .filter(|(id, account)| account.roles_complete && !named.contains_key(id))
        .map(|(id, _)| id)
        .collect();
    Ok(no_export(context, &without).into_iter().chain(no_name(context, &unnamed)).collect())
}

fn no_export(context: &Context<'_>, without: &[(&AccountId, GroupId)]) -> Option<Finding> {
    let &(_, group) = without.first()?;
    let some = some_of(without.iter().map(|(id, _)| id.as_str()));
    let (count, have) = (without.len(), if without.len() == 1 { "has" } else { "have" });
    let message = format!("{} that groups name {have} no export: {some}", number(count, "account"));
    let name = context.federation.directory.group_name(group);
    let at = Label::new(place_of(context.federation, group), "").mark(name);
    let found = Finding::new(&RULE.info, "accounts without an export", message).at(at);
    Some(found.help("export their roles with `aws iam get-account-authorization-details`"))
}

fn no_name(context: &Context<'_>, unnamed: &[&AccountId]) -> Option<Finding> {
    let first = unnamed.first()?;
    let some = some_of(unnamed.iter().map(|id| id.as_str()));
    let (count, are) = (unnamed.len(), if unnamed.len() == 1 { "is" } else { "are" });
    let message = format!(
        "{are_a} exported and no group maps to it: {some}",
        are_a = match count {
            1 => format!("1 account {are}"),
            count => format!("{count} accounts {are}"),
        }
    );
    let message = if count == 1 { message } else { message.replacen("to it:", "to them:", 1) };
    let account = context.federation.accounts.get(first)?;
    let place = account.roles.first().map(|role| role.place).unwrap_or_default();
    let found = Finding::new(&RULE.info, "accounts in no name", message).at(Label::new(place, ""));
    Some(
        found
            .stems_from(GROUP_FILTER)
            .help("create groups for its roles, or leave the account's export out"),
    )
}
