//! `drift/missing-group`: a role trusts the app's provider, and no group maps to it.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::super::mapping::{GROUP_FILTER, some_of};
use super::need_roles;
use crate::entitlement::near::nearest;
use crate::entitlement::reachable::{TrustingRole, trusting};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::group_filter::Reading;
use crate::model::account::AccountId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "drift/missing-group",
        summary: "a role trusts the app's provider, and no group maps to it",
        severity: Severity::Warning,
        on: true,
        follows: &[
            "mapping/iac-escaping",
            "mapping/missing-capture",
            "naming/unmatchable-role-name",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "The role was made to be reached through the app, and nobody can see it: its group was never \
                      created, or was deleted and the role forgotten. A role that trusts the provider is a way in \
                      for whoever makes a group of the right name. A role whose group has a slip in its name is \
                      told by the rules about names. The same role in many accounts gives one finding.",
        remediation: "Create the group, or delete the role, or take the provider out of its trust policy.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-create-external-roles-groups.htm",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        ],
    },
    check,
};

/// How the names of IAM Identity Center's roles begin.
const RESERVED: &str = "AWSReservedSSO_";

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    need_roles(context)?;
    if context.federation.directory.group_count() == 0 {
        return Err(CannotCheck("no export states any group".to_owned()));
    }
    let mapped = entitlements.role_groups.mapped.iter();
    let mut known: FxHashSet<(AccountId, String)> = mapped
        .filter_map(|mapped| mapped.pair.as_ref().ok())
        .map(|pair| (pair.role.account, pair.role.name.to_lowercase()))
        .collect();
    known.extend(meant(context));
    let unmapped = unmapped(context);
    let roles = trusting(entitlements, |arn| {
        let role = (arn.account, arn.name.to_lowercase());
        if arn.name.starts_with(RESERVED) || known.contains(&role) {
            return false;
        }
        let (account, name) = role;
        let mut names = unmapped.get(account.as_str()).into_iter().flatten();
        !names.any(|other| other.contains(&name))
    });
    let mut by_name: BTreeMap<&str, Vec<&TrustingRole<'_>>> = BTreeMap::new();
    for role in &roles {
        by_name.entry(&role.arn.name).or_default().push(role);
    }
    Ok(by_name.into_iter().filter_map(|(name, roles)| finding(name, &roles)).collect())
}

/// By account, the names, in lower case, of groups that have its id in them and map nowhere: what keeps them
/// out, the rules about names tell.
fn unmapped<'c>(context: &Context<'c>) -> BTreeMap<&'c str, Vec<String>> {
    let Ok(entitlements) = context.entitlements else { return BTreeMap::new() };
    let directory = &context.federation.directory;
    let mut found: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let groups = directory.groups().filter(|(id, _)| entitlements.role_groups.of(*id).is_none());
    for (_, group) in groups {
        let name = directory.text(group.name);
        let digits = name.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 12);
        for account in digits {
            found.entry(account).or_default().push(name.to_lowercase());
        }
    }
    found
}

/// Accounts and roles, in lower case, that names with a slip were meant for, or that lie nearest to a role
/// which names give and the account does not have.
fn meant(context: &Context<'_>) -> Vec<(AccountId, String)> {
    let (Ok(entitlements), Ok(exported)) = (context.entitlements, context.exported_roles()) else {
        return Vec::new();
    };
    let mut reader = entitlements.mapping.filter.reader();
    let suggestions = entitlements.names().deviations.iter();
    let mapped = entitlements.role_groups.mapped.iter();
    let absent = mapped.filter_map(|mapped| {
        if exported.of(mapped).is_some() {
            return None;
        }
        let role = &mapped.pair.as_ref().ok()?.role;
        let account = context.federation.accounts.get(&role.account)?;
        let names = account.roles.iter().map(|role| role.name.as_str());
        let near = nearest(&role.name, names, 1).into_iter().next()?;
        Some((role.account, near.to_lowercase()))
    });
    let absent: Vec<(AccountId, String)> = absent.collect();
    suggestions
        .filter_map(|deviation| deviation.suggestion.as_deref())
        .filter_map(|name| match reader.read(name, entitlements.mapping.mode) {
            Reading::Match(captures) => {
                let account = AccountId::parse(captures.account_id?).ok()?;
                Some((account, captures.role?.to_lowercase()))
            }
            _ => None,
        })
        .chain(absent)
        .collect()
}

fn finding(name: &str, roles: &[&TrustingRole<'_>]) -> Option<Finding> {
    let first = roles.first()?;
    let accounts = some_of(roles.iter().map(|role| role.arn.account.as_str()));
    let message = match roles.len() {
        1 => format!(
            "role {} of account {accounts} trusts the app's provider, and no group maps to it",
            Quoted(name)
        ),
        count => format!(
            "role {} trusts the app's provider in {count} accounts, and no group maps to it there: {accounts}",
            Quoted(name)
        ),
    };
    let found = Finding::new(&RULE.info, first.arn.to_string(), message)
        .at(Label::new(first.role.place, "").mark(name))
        .stems_from(name)
        .stems_from(GROUP_FILTER)
        .help("create the group, or delete the role, or take the provider out of its trust policy");
    Some(roles.iter().skip(1).fold(found, |found, role| found.also(role.arn.to_string())))
}
