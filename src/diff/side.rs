//! One of the two sides that are compared, with everything resolved once.

use crate::entitlement::admission::Admissions;
use crate::entitlement::resolve::{ByUser, Entitlements, Grants, TooManyPaths, Ways, visible};
use crate::mapping::settings::Mapping;
use crate::model::directory::{Directory, GroupId, UserId};
use crate::model::federation::Federation;

/// Which of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// How it was.
    Before,
    /// How it is, or would be.
    After,
}

impl Which {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Before => Self::After,
            Self::After => Self::Before,
        }
    }

    /// Its name in messages, as the command line has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "BEFORE",
            Self::After => "AFTER",
        }
    }
}

/// One side.
#[derive(Debug)]
pub struct Side<'s> {
    /// What AWS does with whom.
    pub admissions: &'s Admissions<'s>,
    /// What each group grants.
    pub grants: Grants,
    /// The direct groups of each user that matter.
    pub by_user: ByUser,
    /// Every direct group of each user.
    pub memberships: Memberships,
    /// Whether any export of Okta's states groups.
    pub okta_stated: bool,
}

impl<'s> Side<'s> {
    /// Resolves a side.
    pub fn new(admissions: &'s Admissions<'s>) -> Result<Self, TooManyPaths> {
        let entitlements = admissions.entitlements;
        let grants = entitlements.grants(visible, Ways::DirectGroups)?;
        let by_user = entitlements.by_user(&grants);
        let memberships = Memberships::of(&entitlements.federation.directory);
        let okta_stated =
            entitlements.federation.directory.groups().any(|(_, group)| group.in_okta);
        Ok(Self { admissions, grants, by_user, memberships, okta_stated })
    }

    /// Who gets what.
    pub const fn entitlements(&self) -> &'s Entitlements<'s> {
        self.admissions.entitlements
    }

    /// What the exports say.
    pub const fn federation(&self) -> &'s Federation {
        self.entitlements().federation
    }

    /// Users and groups.
    pub const fn directory(&self) -> &'s Directory {
        &self.federation().directory
    }

    /// The settings.
    pub const fn mapping(&self) -> &'s Mapping {
        self.entitlements().mapping
    }

    /// A user's direct groups that grant something or assign the app, each once.
    pub fn direct(&self, user: UserId) -> Vec<GroupId> {
        let mut groups: Vec<GroupId> =
            self.by_user.groups(user).iter().copied().map(GroupId).collect();
        groups.dedup();
        groups
    }
}

/// For each user all groups they are directly in, ascending.
#[derive(Debug, Default)]
pub struct Memberships {
    offsets: Vec<u32>,
    groups: Vec<u32>,
}

impl Memberships {
    fn of(directory: &Directory) -> Self {
        let members = directory.members();
        let mut offsets = vec![0_u32; directory.user_count() + 1];
        for (group, _) in directory.groups() {
            for &user in members.targets(group.0) {
                if let Some(slot) = offsets.get_mut(user as usize + 1) {
                    *slot += 1;
                }
            }
        }
        let mut total = 0;
        for slot in &mut offsets {
            total += *slot;
            *slot = total;
        }
        let mut next = offsets.clone();
        let mut groups = vec![0_u32; total as usize];
        for (group, _) in directory.groups() {
            for &user in members.targets(group.0) {
                let Some(slot) = next.get_mut(user as usize) else { continue };
                if let Some(place) = groups.get_mut(*slot as usize) {
                    *place = group.0;
                }
                *slot += 1;
            }
        }
        Self { offsets, groups }
    }

    /// Whether a user is directly in a group.
    pub fn has(&self, user: UserId, group: GroupId) -> bool {
        let at = user.0 as usize;
        let range = self.offsets.get(at).zip(self.offsets.get(at + 1));
        let row = range.and_then(|(&from, &to)| self.groups.get(from as usize..to as usize));
        row.is_some_and(|row| row.binary_search(&group.0).is_ok())
    }
}
