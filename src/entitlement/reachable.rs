//! Which targets anybody reaches and who reaches a role, and which roles trust the app's provider.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::holdings::Holdings;
use super::resolve::{Entitlements, TargetId};
use super::role_group::RoleGroup;
use super::stage::Answer;
use crate::model::arn::{ArnPair, RoleArn};
use crate::model::aws::Role;
use crate::model::directory::{Directory, GroupId, UserId};
use crate::trust::{Context, Decision, Presented, Request, TrustPolicy};

/// For each target, whether the picker of any user shows it, as far as the exports say.
pub fn reached(holdings: &Holdings<'_>) -> Vec<bool> {
    let entitlements = holdings.entitlements;
    let directory = &entitlements.federation.directory;
    let mut reached = vec![false; entitlements.targets().len()];
    let mut mark = |target: TargetId| {
        if let Some(slot) = reached.get_mut(target.0 as usize) {
            *slot = true;
        }
    };
    let mut live = vec![false; directory.group_count()];
    let mut direct: Vec<GroupId> = Vec::new();
    for (user, _) in directory.users() {
        direct.clear();
        direct.extend(holdings.each_direct(user));
        if !gets_to_aws(entitlements, user, &direct) {
            continue;
        }
        if !entitlements.mapping.maps_groups() {
            entitlements.saml_roles_of(user, &direct).into_iter().for_each(&mut mark);
        }
        for group in &direct {
            if let Some(slot) = live.get_mut(group.0 as usize) {
                *slot = true;
            }
        }
    }
    for (group, live) in (0..).map(GroupId).zip(live) {
        if live && entitlements.mapping.maps_groups() {
            holdings.granted(group).iter().for_each(|grant| mark(grant.0));
        }
    }
    reached
}

fn gets_to_aws(entitlements: &Entitlements<'_>, user: UserId, direct: &[GroupId]) -> bool {
    entitlements.can_sign_in(user) != Answer::Fails
        && entitlements.assignment(user, direct).answer() != Answer::Fails
}

/// A role that trusts the SAML provider that the app's pattern names in its account.
#[derive(Debug, Clone)]
pub struct TrustingRole<'f> {
    /// The role's ARN.
    pub arn: RoleArn,
    /// The role.
    pub role: &'f Role,
}

/// The roles, of those that `wanted` lets pass, whose trust policies let users of the app's provider in under
/// some condition or none, by ARN.
pub fn trusting<'f>(
    entitlements: &Entitlements<'f>,
    wanted: impl Fn(&RoleArn) -> bool + Sync,
) -> Vec<TrustingRole<'f>> {
    let accounts: Vec<_> = entitlements.federation.accounts.iter().collect();
    let of_account =
        |(id, account): &(&crate::model::account::AccountId, &'f crate::model::aws::Account)| {
            let Ok(sample) = entitlements.mapping.pattern.pair("Role", id.as_str()) else {
                return Vec::new();
            };
            let mut arn = sample.role.clone();
            let trusts = |role: &'f Role| {
                arn.path.clone_from(&role.path);
                arn.name.clone_from(&role.name);
                let is_one = wanted(&arn) && trusts(role, &sample);
                is_one.then(|| TrustingRole { arn: arn.clone(), role })
            };
            account.roles.iter().filter_map(trusts).collect::<Vec<_>>()
        };
    let mut found: Vec<TrustingRole<'f>> = accounts.par_iter().flat_map_iter(of_account).collect();
    found.sort_by(|a, b| a.arn.cmp(&b.arn));
    found
}

/// Whether a role's policy can let a user of the pair's provider in.
fn trusts(role: &Role, sample: &ArnPair) -> bool {
    let Some(document) = &role.trust_policy else { return false };
    let provider = sample.provider.to_string();
    // Most roles are no business of the provider's, and need not be parsed.
    if !document.json.contains(&*provider) {
        return false;
    }
    let Ok(policy) = TrustPolicy::parse(&document.json) else { return false };
    let context: Context = policy.keys().map(|key| (key, Presented::Unknown)).collect();
    let request = Request::new(&provider, &["sts:AssumeRoleWithSAML"], context);
    matches!(policy.decide(&request), Decision::Allow { .. } | Decision::Undecided { .. })
}

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
