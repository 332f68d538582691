//! Who reaches some roles, found in one pass over the groups.

use std::collections::{BTreeMap, BTreeSet};

use super::resolve::Entitlements;
use super::role_group::RoleGroup;
use crate::model::directory::{Directory, UserId};

/// The users whose groups lead to each of some roles, given by ARN; a role that no visible role group maps
/// to is left out. Linear in groups and memberships.
pub fn users_of_roles(
    entitlements: &Entitlements<'_>,
    roles: &BTreeSet<String>,
) -> BTreeMap<String, BTreeSet<UserId>> {
    let directory = &entitlements.federation.directory;
    let mut found: BTreeMap<String, BTreeSet<UserId>> = BTreeMap::new();
    let mut role_of: BTreeMap<u32, &str> = BTreeMap::new();
    for target in entitlements.targets() {
        let Some(role) = roles.get(&*target.role_arn) else { continue };
        for &index in &target.role_groups {
            if entitlements.role_group(index).is_some_and(RoleGroup::is_visible) {
                role_of.insert(index, role);
                found.entry(role.clone()).or_default();
            }
        }
    }
    if role_of.is_empty() {
        return found;
    }
    for (id, _) in directory.groups() {
        for index in entitlements.reached_from(id) {
            let Some(role) = role_of.get(index) else { continue };
            let members = directory.members().targets(id.0).iter().copied().map(UserId);
            found.entry((*role).to_owned()).or_default().extend(members);
        }
    }
    found
}

/// Every name that the exports have for a user, the login first.
pub fn names_of(directory: &Directory, user: UserId) -> impl Iterator<Item = &str> {
    std::iter::once(directory.login(user))
        .chain(directory.names_of_user(user).map(|(_, name)| name))
}
