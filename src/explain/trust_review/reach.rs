//! Who reaches a role through role groups.

use std::collections::HashMap;

use super::{Origin, Reviewed};
use crate::entitlement::resolve::{Entitlements, Ways, visible};
use crate::model::account::AccountId;
use crate::model::directory::GroupId;

/// How many reach a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Users whose picker shows it.
    pub users: usize,
    /// Role groups that map to it.
    pub role_groups: usize,
    /// Other groups whose members reach it.
    pub management_groups: usize,
}

/// Account, path and name of a role; both as exact as AWS compares them.
type Key<'k> = (AccountId, &'k str, &'k str);

/// Counts, for every deployed role, who reaches it.
pub(super) fn count(entitlements: &Entitlements<'_>, roles: &mut [Reviewed<'_>]) {
    let federation = entitlements.federation;
    if federation.directory.user_count() == 0 && federation.directory.group_count() == 0 {
        return;
    }
    let mut numbers: HashMap<Key<'_>, usize> = HashMap::new();
    for (number, role) in roles.iter().enumerate() {
        if role.origin == Origin::Deployed
            && let (Some(account), Ok(name), Some(path)) = (role.account, role.name, role.path)
        {
            numbers.insert((account, path, name), number);
        }
    }
    let role_of_target: Vec<Option<usize>> = entitlements
        .targets()
        .iter()
        .map(|target| {
            let role = &target.pair.as_ref().ok()?.role;
            numbers.get(&(role.account, role.path.as_str(), role.name.as_str())).copied()
        })
        .collect();
    let mut reach = vec![Reach::default(); roles.len()];
    count_users(entitlements, &role_of_target, &mut reach);
    count_groups(entitlements, &role_of_target, &mut reach);
    for (role, reach) in roles.iter_mut().zip(reach) {
        role.reach = (role.origin == Origin::Deployed).then_some(reach);
    }
}

fn count_users(
    entitlements: &Entitlements<'_>,
    role_of_target: &[Option<usize>],
    reach: &mut [Reach],
) {
    let Ok(grants) = entitlements.grants(visible, Ways::DirectGroups) else { return };
    let by_user = entitlements.by_user(&grants);
    let mut entries = Vec::new();
    let mut direct: Vec<GroupId> = Vec::new();
    // The last user counted for a role: two pairs may lead one user to it.
    let mut last = vec![0; reach.len()];
    for (number, user) in (1_usize..).zip(entitlements.users_by_login(&by_user, &grants)) {
        direct.clear();
        direct.extend(by_user.groups(user).iter().copied().map(GroupId));
        entitlements.entries(user, &direct, &grants, &mut entries);
        for (target, _) in &entries {
            let Some(Some(role)) = role_of_target.get(target.0 as usize) else { continue };
            if let (Some(last), Some(reach)) = (last.get_mut(*role), reach.get_mut(*role))
                && *last != number
            {
                *last = number;
                reach.users += 1;
            }
        }
    }
}

fn count_groups(
    entitlements: &Entitlements<'_>,
    role_of_target: &[Option<usize>],
    reach: &mut [Reach],
) {
    let role_of = |role_group: u32| {
        let target = entitlements.target_of(role_group)?;
        role_of_target.get(target.0 as usize).copied().flatten()
    };
    let mut seen = vec![0; reach.len()];
    for (number, (group, _)) in (1_usize..).zip(entitlements.federation.directory.groups()) {
        for &role_group in entitlements.reached_from(group) {
            let Some(mapped) = entitlements.role_group(role_group).filter(|one| visible(one))
            else {
                continue;
            };
            let Some(role) = role_of(role_group) else { continue };
            let (Some(seen), Some(reach)) = (seen.get_mut(role), reach.get_mut(role)) else {
                continue;
            };
            if mapped.group == group {
                reach.role_groups += 1;
            } else if *seen != number {
                *seen = number;
                reach.management_groups += 1;
            }
        }
    }
}
