//! `directory`: users, groups and memberships.

mod deep_nesting;
mod direct_user_member;
mod disabled_member;
mod distribution_group;
mod empty_management_group;
mod excluded_source;
mod membership_cycle;
mod nested_okta_group;
mod nested_role_group;
mod orphan_role_group;
mod over_broad_management_group;
mod redundant_membership;
mod unassigned_management_group;
mod unsupported_scope;

pub(super) use over_broad_management_group::PRODUCTION;

use super::{CannotCheck, Rule};
use crate::entitlement::role_group::place_of;
use crate::finding::{Label, Quoted};
use crate::model::directory::{Directory, GroupId, UserId};
use crate::model::federation::Federation;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &deep_nesting::RULE,
    &direct_user_member::RULE,
    &disabled_member::RULE,
    &distribution_group::RULE,
    &empty_management_group::RULE,
    &excluded_source::RULE,
    &membership_cycle::RULE,
    &nested_okta_group::RULE,
    &nested_role_group::RULE,
    &orphan_role_group::RULE,
    &over_broad_management_group::RULE,
    &redundant_membership::RULE,
    &unassigned_management_group::RULE,
    &unsupported_scope::RULE,
];

/// The guide's page on management groups.
const GUIDE: &str = "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-manage-user-group-access.htm";

/// The guide's page on the app's settings.
const SETTINGS: &str =
    "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-configure-aws-app.htm";

/// How many names a count shows.
const EXAMPLES: usize = 3;

/// Says why, where no export states any membership.
fn need_memberships(directory: &Directory) -> Result<(), CannotCheck> {
    if directory.members().is_empty() && directory.nested().is_empty() {
        return Err(CannotCheck("no export states who is a member of which group".to_owned()));
    }
    Ok(())
}

/// The name of a group, marked where it is stated.
fn group_label(federation: &Federation, group: GroupId, message: impl Into<String>) -> Label {
    let name = federation.directory.group_name(group);
    Label::new(place_of(federation, group), message).mark(name)
}

/// A number with its word: `1 user`, `2 users`.
fn number(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// So many users with up to three of their logins: ``2 users (`a`, `b`)``.
fn users(directory: &Directory, users: &[UserId]) -> String {
    counted(users.len(), "user", users.iter().map(|&user| directory.login(user)))
}

/// So many groups with up to three of their names.
fn groups(directory: &Directory, word: &str, groups: &[GroupId]) -> String {
    counted(groups.len(), word, groups.iter().map(|&group| directory.group_name(group)))
}

fn counted<'n>(count: usize, word: &str, names: impl Iterator<Item = &'n str>) -> String {
    let shown: Vec<String> = names.take(EXAMPLES).map(|name| Quoted(name).to_string()).collect();
    let more = if count > EXAMPLES { ", …" } else { "" };
    format!("{} ({}{more})", number(count, word), shown.join(", "))
}
