//! `directory/disabled-member`: people who left and are still in groups.

use super::{group_label, need_memberships, users};
use crate::entitlement::nesting::{direct_users_who, management_groups};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::{Status, UserId};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/disabled-member",
        summary: "disabled users are members of groups that give roles",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A disabled or deprovisioned user cannot sign in, so the membership gives nothing now. It \
                      gives everything again on the day the account is enabled, by mistake or by an attacker. One \
                      finding a group, with a count.",
        remediation: "Take the users out of the group when they leave.",
        references: &[
            "https://learn.microsoft.com/en-us/windows/win32/adschema/a-useraccountcontrol",
            super::GUIDE,
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    need_memberships(directory)?;
    let mut groups = management_groups(entitlements);
    groups.extend(entitlements.role_groups.mapped.iter().map(|role_group| role_group.group));
    groups.sort_unstable();
    let disabled: Vec<bool> =
        directory.users().map(|(_, user)| user.status == Status::Disabled).collect();
    let disabled = |user: UserId| disabled.get(user.0 as usize) == Some(&true);
    let mut findings = Vec::new();
    for group in groups {
        let gone = direct_users_who(directory, group, disabled);
        let Some(&(first, place)) = gone.first() else { continue };
        let ids: Vec<UserId> = gone.iter().map(|&(user, _)| user).collect();
        let name = directory.group_name(group);
        let what = if entitlements.role_groups.of(group).is_some() { "role" } else { "management" };
        let message = format!(
            "{} in the {what} group {} cannot sign in",
            users(directory, &ids),
            Quoted(name)
        );
        let state = directory.user(first).map_or(place, |user| user.place);
        findings.push(
            Finding::new(&RULE.info, name, message)
                .at(group_label(context.federation, group, ""))
                .related(Label::new(
                    state,
                    format!("{} is disabled", Quoted(directory.login(first))),
                ))
                .help("take them out of the group"),
        );
    }
    Ok(findings)
}
