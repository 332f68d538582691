//! `directory/direct-user-member`: users in role groups without a management group between.

use super::{group_label, need_memberships, number, users};
use crate::entitlement::nesting::direct_users;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::{Group, UserId};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/direct-user-member",
        summary: "users stand directly in a role group, where others come through management groups",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Where role groups get their members from management groups, a user who stands directly in \
                      one has the role outside of that order: who leaves the team keeps the role. One finding a \
                      role group. Nothing is said of groups made in Okta, which have no nesting, of a directory in \
                      which no role group has a group as a member, nor of Okta's flat list of a directory's \
                      groups.",
        remediation: "Move the users to the management group that has the role, and take them out of the role \
                      group.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    need_memberships(directory)?;
    let mapped = &entitlements.role_groups.mapped;
    let is_role_group =
        |group: u32| mapped.binary_search_by_key(&group, |role_group| role_group.group.0).is_ok();
    let by_management = mapped.iter().any(|role_group| {
        directory.nested().targets(role_group.group.0).iter().any(|&member| !is_role_group(member))
    });
    if !by_management {
        return Ok(Vec::new());
    }
    let mut findings = Vec::new();
    for role_group in mapped {
        let group = role_group.group;
        if !directory.group(group).is_some_and(Group::nests) {
            continue;
        }
        let direct = direct_users(directory, group);
        let Some(&(first, place)) = direct.first() else { continue };
        let ids: Vec<UserId> = direct.iter().map(|&(user, _)| user).collect();
        let name = directory.group_name(group);
        let message = format!(
            "{} directly in the role group {}",
            match number(ids.len(), "user") {
                one if ids.len() == 1 => format!("{one} ({}) is", Quoted(directory.login(first))),
                _ => format!("{} are", users(directory, &ids)),
            },
            Quoted(name)
        );
        findings.push(
            Finding::new(&RULE.info, name, message)
                .at(group_label(context.federation, group, ""))
                .related(Label::new(
                    place,
                    format!("where {} is stated", Quoted(directory.login(first))),
                ))
                .help("move them to a management group that is a member of it"),
        );
    }
    Ok(findings)
}
