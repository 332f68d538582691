//! `directory/distribution-group`: groups for mail used as role groups.

use super::group_label;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

/// The bit of `groupType` that makes a group a security group.
const SECURITY: i32 = i32::MIN;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/distribution-group",
        summary: "a role group is a distribution group, made for mail",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A distribution group of Active Directory is a mailing list. Okta imports it like any other, \
                      so the role is given; but mailing lists are often open to joining and managed by people who \
                      do not know that AWS listens. Whether this is meant, only the project can say; Okta \
                      documents nothing.",
        remediation: "Turn the group into a security group, or move its members to one.",
        references: &["https://learn.microsoft.com/en-us/windows/win32/adschema/a-grouptype"],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let mut findings = Vec::new();
    for role_group in &entitlements.role_groups.mapped {
        let group = directory.group(role_group.group);
        let Some(kind) = group.and_then(|it| it.group_type).filter(|kind| kind & SECURITY == 0)
        else {
            continue;
        };
        let name = directory.group_name(role_group.group);
        let message =
            format!("the role group {} is a distribution group (`groupType` {kind})", Quoted(name));
        findings.push(
            Finding::new(&RULE.info, name, message)
                .at(group_label(context.federation, role_group.group, ""))
                .help("make it a security group, if it is meant to give a role"),
        );
    }
    Ok(findings)
}
