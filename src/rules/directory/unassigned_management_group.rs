//! `directory/unassigned-management-group`: management groups without the app.

use super::{group_label, need_memberships, users};
use crate::entitlement::nesting::{Nesting, direct_users, management_groups};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::directory::{Status, UserId};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/unassigned-management-group",
        summary: "a management group gives roles, and its users are not assigned to the Okta app",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Who is not assigned to the app sees no tile and gets no assertion, whatever role groups they \
                      are in. In the guide's order the management groups are assigned. Reported is a management \
                      group with users whom no assigned group holds and whom the app's list of users does not \
                      name; a warning where that list was not exported, as they may be assigned one by one.",
        remediation: "Assign the management group to the AWS app in Okta.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-assign-aws-groups.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    need_memberships(directory)?;
    if directory.assignments().groups.is_none() {
        return Err(CannotCheck(
            "no export says which groups are assigned to the Okta app".to_owned(),
        ));
    }
    let listed = directory.assignments().users.is_some();
    let assigned = Nesting::of(directory).assigned_users();
    let without = |user: UserId| {
        assigned.get(user.0 as usize) == Some(&false)
            && directory.user(user).is_some_and(|it| it.status != Status::Disabled)
    };
    let mut findings = Vec::new();
    for group in management_groups(entitlements) {
        let direct = direct_users(directory, group).into_iter().map(|(user, _)| user);
        let ids: Vec<UserId> = direct.filter(|&user| without(user)).collect();
        if ids.is_empty() {
            continue;
        }
        let name = directory.group_name(group);
        let what = if ids.len() == 1 { "sees no tile" } else { "see no tile" };
        let message = format!(
            "{} of the management group {} {what}, as no group of theirs is assigned to the Okta app",
            users(directory, &ids),
            Quoted(name)
        );
        let severity = if listed { Severity::Error } else { Severity::Warning };
        let finding = Finding::new(&RULE.info, name, message)
            .severity(severity)
            .at(group_label(context.federation, group, ""))
            .help("assign the group to the AWS app in Okta");
        findings.push(finding);
    }
    Ok(findings)
}
