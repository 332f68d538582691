//! `access`: who ends up with what.

mod alike_entries;
mod blast_radius;
mod forbidden_combination;
mod rejected_entry;
mod several_paths;
mod single_role;
mod sole_holder;
mod tier_reached;
mod too_many_roles;
mod unreachable_role;

use super::{CannotCheck, Context, Rule};
use crate::entitlement::cut::smallest_cut;
use crate::entitlement::holdings::{Holdings, KnownRole, RoleNo};
use crate::entitlement::wildcard::fits;
use crate::finding::{Label, Quoted};
use crate::model::arn::RoleArn;
use crate::model::directory::UserId;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &alike_entries::RULE,
    &blast_radius::RULE,
    &forbidden_combination::RULE,
    &rejected_entry::RULE,
    &several_paths::RULE,
    &single_role::RULE,
    &sole_holder::RULE,
    &tier_reached::RULE,
    &too_many_roles::RULE,
    &unreachable_role::RULE,
];

/// How many logins a count shows.
const EXAMPLES: usize = 3;

/// So many users with up to three of their logins: ``2 users (`a`, `b`)``.
fn counted(holdings: &Holdings<'_>, users: &[UserId]) -> String {
    let directory = &holdings.entitlements.federation.directory;
    let mut logins: Vec<&str> = users.iter().map(|&user| directory.login(user)).collect();
    logins.sort_unstable();
    let shown: Vec<String> =
        logins.iter().take(EXAMPLES).map(|login| Quoted(login).to_string()).collect();
    let more = if logins.len() > EXAMPLES { ", …" } else { "" };
    format!("{} ({}{more})", number(users.len(), "user"), shown.join(", "))
}

/// A number with its word: `1 user`, `2 users`.
fn number(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// The memberships whose end ends a user's way to a role, marked where they are stated.
fn ways(holdings: &Holdings<'_>, user: UserId, role: RoleNo) -> Vec<Label> {
    let entitlements = holdings.entitlements;
    let directory = &entitlements.federation.directory;
    let goals = holdings.role_groups(role);
    let direct = holdings.direct(user);
    let cut = smallest_cut(entitlements, user, &direct, &goals).unwrap_or_default();
    let labels = cut.into_iter().filter_map(|one| {
        let member = one.member.map_or(directory.login(user), |group| directory.group_name(group));
        let message =
            format!("{} is in {}", Quoted(member), Quoted(directory.group_name(one.group)));
        Some(Label::new(one.places.first().copied()?, message).mark(member))
    });
    labels.collect()
}

/// Whether a role is one of some patterns, or of the admin tier where there are none.
fn is_meant(context: &Context<'_>, roles: &[String], role: &KnownRole) -> bool {
    if roles.is_empty() {
        return is_admin(context, &role.arn);
    }
    roles.iter().any(|pattern| {
        [&role.called, &role.by_id, &role.text].into_iter().any(|name| fits(pattern, name))
    })
}

/// Whether a role is of the admin tier.
fn is_admin(context: &Context<'_>, role: &RoleArn) -> bool {
    let accounts = &context.federation.accounts;
    context.settings.is_admin(accounts, Some(role.account), &role.name)
}

/// Says why, where no export states who is in which group.
fn need_memberships(context: &Context<'_>) -> Result<(), CannotCheck> {
    if context.federation.directory.members_stated() {
        return Ok(());
    }
    Err(CannotCheck("no export states who is a member of which group".to_owned()))
}
