//! `directory/nested-role-group`: role groups in role groups.

use super::{group_label, groups};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/nested-role-group",
        summary: "a role group is a member of another role group",
        severity: Severity::Warning,
        on: true,
        follows: &["directory/membership-cycle", "directory/nested-okta-group"],
        options: &[],
        since: "0.1.0",
        explanation: "Everybody in the inner role group gets the outer one's role too. In the guide's order \
                      management groups are the members of role groups; a role group there is often a slip in the \
                      console, and gives roles that nobody meant to give.",
        remediation: "Take the inner role group out, and make its management groups members of the outer one where \
                      that is meant.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let mut findings = Vec::new();
    for role_group in &entitlements.role_groups.mapped {
        let outer = role_group.group;
        let inner: Vec<_> = directory
            .nested()
            .entries(outer.0)
            .map(|(member, place)| (GroupId(member), place))
            .filter(|&(member, _)| member != outer && entitlements.role_groups.of(member).is_some())
            .collect();
        let Some(&(_, place)) = inner.first() else { continue };
        let ids: Vec<GroupId> = inner.iter().map(|&(member, _)| member).collect();
        let name = directory.group_name(outer);
        let message =
            format!("{} in the role group {}", groups(directory, "role group", &ids), Quoted(name));
        let mut finding = Finding::new(&RULE.info, name, message)
            .at(group_label(context.federation, outer, ""))
            .related(Label::new(place, "the membership"))
            .help("take the inner role group out, unless everybody in it is to have both roles");
        for &member in &ids {
            finding = finding.stems_from(directory.group_name(member));
        }
        findings.push(finding);
    }
    Ok(findings)
}
