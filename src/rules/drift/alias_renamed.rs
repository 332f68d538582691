//! `drift/alias-renamed`: the alias in names of groups is not the account's alias.

use std::collections::BTreeMap;

use super::super::mapping::some_of;
use super::number;
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::AccountId;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "drift/alias-renamed",
        summary: "the alias in names of groups is not the account's alias",
        severity: Severity::Warning,
        on: true,
        follows: &["naming/account-id-typo", "naming/alias-id-conflict", "naming/near-duplicate"],
        options: &[],
        since: "0.1.0",
        explanation: "In names of the guide's form (`aws#alias#role#account`) Okta ignores the alias, and the picker \
                      shows the account's own. Where the two differ, the account was renamed or the name is of \
                      another account, and whoever reads the group's name takes it for that one. Where fewer \
                      accounts go with the alias in their names than not, what stands there is taken for \
                      something else than an alias, and nothing is said.",
        remediation: "Rename the groups, or give the account its alias back.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-create-external-roles-groups.htm",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/console_account-alias.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    if context.federation.accounts.iter().all(|(_, account)| account.alias.is_none()) {
        return Err(CannotCheck(
            "no export has the alias of any account (`aws iam list-account-aliases`)".to_owned(),
        ));
    }
    let parts = &entitlements.names().parts;
    let mut right: BTreeMap<AccountId, usize> = BTreeMap::new();
    let mut wrong: BTreeMap<AccountId, BTreeMap<&str, Vec<GroupId>>> = BTreeMap::new();
    for (mapped, parts) in entitlements.role_groups.mapped.iter().zip(parts) {
        let Ok(id) = AccountId::parse(&mapped.account) else { continue };
        let name = directory.group_name(mapped.group);
        let Some(written) = parts.alias.clone().and_then(|range| name.get(range)) else { continue };
        let Some(account) = context.federation.accounts.get(&id) else { continue };
        match &account.alias {
            Some(alias) if alias.value == written => *right.entry(id).or_default() += 1,
            Some(_) => wrong.entry(id).or_default().entry(written).or_default().push(mapped.group),
            None => {}
        }
    }
    if right.is_empty() || right.len() < wrong.len() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (id, aliases) in &wrong {
        found.extend(
            aliases.iter().filter_map(|(written, groups)| finding(context, *id, written, groups)),
        );
    }
    Ok(found)
}

fn finding(
    context: &Context<'_>,
    id: AccountId,
    written: &str,
    groups: &[GroupId],
) -> Option<Finding> {
    let directory = &context.federation.directory;
    let alias = context.federation.accounts.get(&id)?.alias.as_ref()?;
    let first = *groups.first()?;
    let names = groups.iter().map(|&group| directory.group_name(group));
    let name = directory.group_name(first);
    let message = format!(
        "{} of account {} carry the alias {}, and the account's alias is {}: {}",
        number(groups.len(), "name"),
        Quoted(id.as_str()),
        Quoted(written),
        Quoted(&alias.value),
        some_of(names.clone())
    );
    let message =
        if groups.len() == 1 { message.replacen(" carry ", " carries ", 1) } else { message };
    let place = place_of(context.federation, first);
    let label = match name.find(written) {
        Some(at) => Label::new(place, "").mark_part(name, at..at + written.len()),
        None => Label::new(place, "").mark(name),
    };
    let found = Finding::new(&RULE.info, id.as_str(), message)
        .at(label)
        .related(Label::new(alias.place, "the account's alias").mark(&*alias.value))
        .stems_from(written)
        .help(format!(
            "write {} in the names, or check that the account is the one meant",
            Quoted(&alias.value)
        ));
    Some(names.fold(found, Finding::stems_from))
}
