//! `directory/orphan-role-group`: role groups that give nobody anything.

use super::{group_label, need_memberships};
use crate::entitlement::nesting::Nesting;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/orphan-role-group",
        summary: "nobody is in a role group, neither directly nor through other groups",
        severity: Severity::Warning,
        on: true,
        follows: &["directory/nested-okta-group"],
        options: &[],
        since: "0.1.0",
        explanation: "A role group that nobody reaches gives nobody the role. Either its management group was \
                      never made a member, or the role is not needed any more. A membership of somebody whom no \
                      export states counts as somebody.",
        remediation: "Make the management group a member of the role group, or delete the role group.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    need_memberships(directory)?;
    let populated = Nesting::of(directory).populated();
    let orphans = entitlements
        .role_groups
        .mapped
        .iter()
        .filter(|role_group| populated.get(role_group.group.0 as usize) == Some(&false));
    Ok(orphans
        .map(|role_group| {
            let name = directory.group_name(role_group.group);
            let message = format!("no export has anybody in the role group {}", Quoted(name));
            Finding::new(&RULE.info, name, message)
                .at(group_label(context.federation, role_group.group, ""))
                .help("make a management group a member of it, or delete it; if its members were not exported, export them")
        })
        .collect())
}
