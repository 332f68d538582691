//! `access/unreachable-role`: a role that trusts the app's provider and that nobody reaches.

use std::collections::BTreeMap;

use super::super::mapping::some_of;
use crate::entitlement::reachable::{reached, trusting};
use crate::entitlement::resolve::{Target, TargetId};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/unreachable-role",
        summary: "a role trusts the app's provider and has a group, and nobody reaches it",
        severity: Severity::Warning,
        on: true,
        follows: &[
            "directory/disabled-member",
            "directory/excluded-source",
            "directory/nested-okta-group",
            "directory/orphan-role-group",
            "directory/unassigned-management-group",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "Groups map to the role and its trust policy lets the app's users in, but no user who can sign \
                      in and is assigned to the app is in such a group: its members are disabled or not assigned, \
                      or Okta leaves the group out. A role that nobody uses is still a way in for whoever gets into \
                      the group.",
        remediation: "Put somebody into the group, assign them to the app, or delete role and group.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-assign-aws-groups.htm",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.entitlements()?;
    let directory = &context.federation.directory;
    if !directory.members_stated() {
        return Err(CannotCheck("no export states who is a member of which group".to_owned()));
    }
    let reached = reached(context.holdings()?);
    let (reached, unreached): (Vec<_>, Vec<_>) = (0..)
        .map(TargetId)
        .zip(entitlements.targets())
        .partition(|(id, _)| reached.get(id.0 as usize) == Some(&true));
    let mut candidates: BTreeMap<&str, Vec<&Target>> = BTreeMap::new();
    for (_, target) in unreached {
        candidates.entry(&*target.role_arn).or_default().push(target);
    }
    for (_, target) in reached {
        candidates.remove(&*target.role_arn);
    }
    candidates.retain(|_, targets| targets.iter().any(|target| !target.role_groups.is_empty()));
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let roles = trusting(entitlements, |arn| candidates.contains_key(arn.to_string().as_str()));
    let finding = |role: &crate::entitlement::reachable::TrustingRole<'_>| {
        let arn = role.arn.to_string();
        let groups = candidates.get(arn.as_str()).into_iter().flat_map(|targets| targets.iter());
        let groups = groups.flat_map(|target| &target.role_groups);
        let groups: Vec<GroupId> = groups
            .filter_map(|&at| entitlements.role_group(at).map(|mapped| mapped.group))
            .collect();
        let names: Vec<&str> = groups.iter().map(|&group| directory.group_name(group)).collect();
        let source = |&group: &GroupId| directory.group(group)?.source.as_ref();
        let sources: Vec<String> =
            groups.iter().filter_map(source).map(ToString::to_string).collect();
        let (map, group) = if names.len() == 1 { ("maps", "group") } else { ("map", "groups") };
        let message = format!(
            "nobody reaches role {} of account {}, to which {group} {} {map}",
            Quoted(&role.arn.name),
            Quoted(role.arn.account.as_str()),
            some_of(names.iter().copied())
        );
        let found = Finding::new(&RULE.info, arn, message)
            .at(Label::new(role.role.place, "").mark(&*role.role.name))
            .help("put somebody into the group who can sign in and is assigned to the app, or delete role and group");
        let found = names.iter().fold(found, |found, name| found.stems_from(*name));
        sources.into_iter().fold(found, Finding::stems_from)
    };
    Ok(roles.iter().map(finding).collect())
}
