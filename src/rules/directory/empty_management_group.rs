//! `directory/empty-management-group`: management groups without members.

use super::{group_label, groups, need_memberships};
use crate::entitlement::nesting::{Nesting, management_groups};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/empty-management-group",
        summary: "a management group adds nobody to its role groups",
        severity: Severity::Note,
        on: true,
        follows: &["directory/orphan-role-group"],
        options: &[],
        since: "0.1.0",
        explanation: "A group that is a member of role groups and has no member itself gives nobody anything. It \
                      may be new, or left over; whoever is put into it one day gets all its roles. Not reported \
                      beside role groups that are empty because of it.",
        remediation: "Fill the group, or take it out of the role groups and delete it.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    need_memberships(directory)?;
    let populated = Nesting::of(directory).populated();
    let is_empty = |group: &GroupId| populated.get(group.0 as usize) == Some(&false);
    let mut findings = Vec::new();
    for group in management_groups(entitlements).into_iter().filter(is_empty) {
        let reached = entitlements.reached_from(group);
        let roles: Vec<GroupId> = reached
            .iter()
            .filter_map(|&at| entitlements.role_group(at))
            .map(|role_group| role_group.group)
            .collect();
        let name = directory.group_name(group);
        let message = format!(
            "no export has anybody in the management group {} of {}",
            Quoted(name),
            groups(directory, "role group", &roles)
        );
        let mut finding = Finding::new(&RULE.info, name, message)
            .at(group_label(context.federation, group, ""))
            .help("fill it, or take it out of the role groups");
        if roles.iter().all(is_empty) {
            finding.stems_from.extend(roles.iter().map(|&it| directory.group_name(it).to_owned()));
        }
        findings.push(finding);
    }
    Ok(findings)
}
