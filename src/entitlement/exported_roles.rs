//! The roles of accounts that targets name: looked up once, asked for by many rules.

use rayon::prelude::*;

use super::resolve::{Entitlements, Target};
use super::role_group::RoleGroup;
use crate::model::arn::ArnPair;
use crate::model::aws::Role;

/// The role of each target as its account's export has it, whatever its path.
#[derive(Debug)]
pub struct ExportedRoles<'f> {
    entitlements: &'f Entitlements<'f>,
    of_target: Vec<Option<&'f Role>>,
}

impl<'f> ExportedRoles<'f> {
    /// Looks every target's role up.
    pub fn new(entitlements: &'f Entitlements<'f>) -> Self {
        let role = |target: &Target| look_up(entitlements, target.pair.as_ref().ok()?);
        Self { entitlements, of_target: entitlements.targets().par_iter().map(role).collect() }
    }

    /// Those of all targets, in the order of targets.
    pub fn all(&self) -> &[Option<&'f Role>] {
        &self.of_target
    }

    /// The role that a role group maps to.
    pub fn of(&self, role_group: &RoleGroup) -> Option<&'f Role> {
        let index = self.entitlements.role_groups.index_of(role_group.group);
        match index.and_then(|index| self.entitlements.target_of(index)) {
            Some(target) => self.of_target.get(target.0 as usize).copied().flatten(),
            // No target is a group's where `samlRoles` decide.
            None => look_up(self.entitlements, role_group.pair.as_ref().ok()?),
        }
    }
}

fn look_up<'f>(entitlements: &Entitlements<'f>, pair: &ArnPair) -> Option<&'f Role> {
    entitlements.federation.accounts.get(&pair.role.account)?.role(&pair.role.name)
}
