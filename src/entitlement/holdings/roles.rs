//! Every role there is: those that groups map to and those that accounts have.

use rayon::prelude::*;

use super::super::lookup::called;
use super::super::resolve::{Entitlements, TargetId, visible};
use super::{KnownRole, RoleNo};
use crate::model::account::{AccountId, Partition};
use crate::model::arn::RoleArn;
use crate::model::aws::{Account, Role};

/// Every role that a target is or that an account has, and the role of each target.
pub(super) fn all(entitlements: &Entitlements<'_>) -> (Vec<KnownRole>, Vec<Option<RoleNo>>) {
    let mut keys = role_keys(entitlements);
    keys.par_sort_unstable();
    let same: Vec<&[(RoleKey, Option<TargetId>)]> = keys.chunk_by(|a, b| a.0 == b.0).collect();
    let roles: Vec<KnownRole> =
        same.par_iter().filter_map(|same| known_role(entitlements, same)).collect();
    let mut role_of = vec![None; entitlements.targets().len()];
    for (number, role) in (0..).zip(&roles) {
        for target in &role.targets {
            if let Some(slot) = role_of.get_mut(target.0 as usize) {
                *slot = Some(RoleNo(number));
            }
        }
    }
    (roles, role_of)
}

/// The roles that targets are, each with the target, and the roles that accounts have.
fn role_keys(entitlements: &Entitlements<'_>) -> Vec<(RoleKey, Option<TargetId>)> {
    let count = u32::try_from(entitlements.targets().len()).unwrap_or(0);
    let of_target = |id: u32| {
        let pair = entitlements.target(TargetId(id))?.pair.as_ref().ok()?;
        Some((RoleKey::of(pair.role.clone()), Some(TargetId(id))))
    };
    let of_account = |(id, account): (&AccountId, &'_ Account)| {
        let sample = entitlements.mapping.pattern.pair("Role", id.as_str()).ok();
        let sample = sample.map(|pair| pair.role.partition);
        let partition = account.partition.or(sample).unwrap_or(Partition::Aws);
        let key = |role: &Role| {
            let (path, name) = (role.path.clone(), role.name.clone());
            (RoleKey::of(RoleArn { partition, account: *id, path, name }), None)
        };
        account.roles.iter().map(key).collect::<Vec<_>>()
    };
    let accounts: Vec<_> = entitlements.federation.accounts.iter().collect();
    let of_targets = (0..count).into_par_iter().filter_map(of_target);
    of_targets.chain(accounts.into_par_iter().flat_map_iter(of_account)).collect()
}

/// The role of keys that are the same but for their targets.
fn known_role(
    entitlements: &Entitlements<'_>,
    same: &[(RoleKey, Option<TargetId>)],
) -> Option<KnownRole> {
    let (RoleKey { text, arn, .. }, _) = same.first()?;
    let shows = |&id: &TargetId| {
        entitlements.target(id).is_some_and(|target| {
            let mut groups = target.role_groups.iter();
            target.role_groups.is_empty()
                || groups.any(|&at| entitlements.role_group(at).is_some_and(visible))
        })
    };
    let targets: Vec<TargetId> = same.iter().filter_map(|(_, target)| *target).collect();
    Some(KnownRole {
        called: called(entitlements.federation, arn).into(),
        by_id: format!("{}/{}", arn.account, arn.name).into(),
        is_visible: targets.iter().any(shows),
        arn: arn.clone(),
        text: text.clone(),
        targets,
    })
}

/// A role by account and ARN.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct RoleKey {
    account: AccountId,
    text: Box<str>,
    arn: RoleArn,
}

impl RoleKey {
    fn of(arn: RoleArn) -> Self {
        Self { account: arn.account, text: arn.to_string().into(), arn }
    }
}
