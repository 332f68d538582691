//! The engine: what every user is sent, and through what.
#![expect(
    clippy::indexing_slicing,
    reason = "ranks and offsets are made here, over arrays of exactly that size"
)]

mod by_user;
mod grants;
mod saml_roles;

use std::sync::OnceLock;

use rayon::prelude::*;

use super::names::NameReadings;
use super::reach::{Containers, Reach, Sets};
use super::role_group::{Import, RoleGroup, RoleGroups};
use super::stage::Answer;
use crate::mapping::settings::Mapping;
use crate::model::arn::{ArnPair, ArnPairError};
use crate::model::directory::{GroupId, Status, UserId};
use crate::model::federation::Federation;
use saml_roles::{SamlRoles, saml_roles};

pub use by_user::ByUser;
pub use grants::{Grants, PATH_STEPS, TooManyPaths, Ways};

/// Number of a target in the order of account, role ARN, provider ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetId(pub u32);

/// One distinct Role value that some group maps to.
#[derive(Debug, Clone)]
pub struct Target {
    /// Account as captured, twelve digits or not.
    pub account: Box<str>,
    /// Role ARN as sent.
    pub role_arn: Box<str>,
    /// Provider ARN as sent.
    pub provider_arn: Box<str>,
    /// The pair, or why AWS reads none.
    pub pair: Result<ArnPair, ArnPairError>,
    /// Indices into [`Entitlements::role_groups`] of the groups that map here; empty for `samlRoles`.
    pub role_groups: Vec<u32>,
}

/// What every user gets, ready to be asked.
#[derive(Debug)]
pub struct Entitlements<'f> {
    /// The federation.
    pub federation: &'f Federation,
    /// The compiled settings.
    pub mapping: &'f Mapping,
    /// What group names map to.
    pub role_groups: RoleGroups,
    targets: Vec<Target>,
    /// Target of each mapped role group.
    target_of: Vec<TargetId>,
    containers: Containers<'f>,
    /// Role groups (as indices) reached from each group.
    reach: Sets,
    /// Whether membership in a group means assignment to the app.
    assigned: Sets,
    /// For group mapping off: targets of each user's and each group's own `samlRoles`.
    saml_roles: SamlRoles,
    /// How names read, once somebody asks.
    names: OnceLock<NameReadings>,
}

/// Whether a user is assigned to the Okta AWS app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// Through a group of theirs; of several, any.
    ThroughGroup(GroupId),
    /// The app's list of users names them.
    Listed,
    /// Neither list names them.
    Not,
    /// The app's groups do not include one of theirs, and no export says who is assigned individually.
    UnknownUsers,
    /// No export says who is assigned.
    Unknown,
}

impl Assigned {
    /// What the stage answers.
    pub const fn answer(self) -> Answer {
        match self {
            Self::ThroughGroup(_) | Self::Listed => Answer::Holds,
            Self::Not => Answer::Fails,
            Self::UnknownUsers | Self::Unknown => Answer::Unknown,
        }
    }
}

impl<'f> Entitlements<'f> {
    /// Computes everything that belongs to groups.
    pub fn resolve(federation: &'f Federation, mapping: &'f Mapping) -> Self {
        let directory = &federation.directory;
        let (role_groups, (containers, reach)) = rayon::join(
            || RoleGroups::read(federation, mapping),
            || {
                let containers = Containers::of(directory);
                let reach = Reach::new(&containers);
                (containers, reach)
            },
        );
        let own = |group: GroupId| role_groups.index_of(group);
        let stated = directory.assignments().groups.as_deref().unwrap_or_default();
        let is_stated = |group: GroupId| {
            let at = stated.binary_search_by_key(&group, |assigned| assigned.to);
            at.ok().map(|_| group.0)
        };
        let ((mut targets, mut target_of), (reached, assigned)) = rayon::join(
            || targets(&role_groups.mapped),
            || {
                rayon::join(
                    || reach.propagate(&containers, own),
                    || match stated {
                        [] => Sets::empty(),
                        _ => reach.propagate(&containers, is_stated),
                    },
                )
            },
        );
        let saml_roles = if mapping.maps_groups() {
            SamlRoles::default()
        } else {
            let (mine, found) = saml_roles(federation, mapping);
            targets = mine;
            target_of = Vec::new();
            found
        };
        Self {
            federation,
            mapping,
            role_groups,
            targets,
            target_of,
            containers,
            reach: reached,
            assigned,
            saml_roles,
            names: OnceLock::new(),
        }
    }

    /// How the names of groups read, beyond what they map to; computed when first asked for.
    pub fn names(&self) -> &NameReadings {
        self.names.get_or_init(|| NameReadings::read(self))
    }

    /// All targets in their order.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// A target.
    pub fn target(&self, id: TargetId) -> Option<&Target> {
        self.targets.get(id.0 as usize)
    }

    /// The target a mapped role group (by index) names.
    pub fn target_of(&self, role_group: u32) -> Option<TargetId> {
        self.target_of.get(role_group as usize).copied()
    }

    /// A mapped role group by index.
    pub fn role_group(&self, index: u32) -> Option<&RoleGroup> {
        self.role_groups.mapped.get(index as usize)
    }

    /// Role groups (indices, sorted) that membership in a group leads to.
    pub fn reached_from(&self, group: GroupId) -> &[u32] {
        self.reach.of(group)
    }

    /// Groups a user is directly in, without repeats. Linear in all memberships; for everybody at once
    /// see [`Entitlements::by_user`].
    pub fn direct_groups(&self, user: UserId) -> Vec<GroupId> {
        let directory = &self.federation.directory;
        let members = directory.members();
        let mut direct: Vec<(GroupId, bool)> = directory
            .groups()
            .filter_map(|(id, _)| {
                let mut mine =
                    members.entries(id.0).filter(|&(member, _)| member == user.0).peekable();
                mine.peek()?;
                Some((id, mine.all(|(_, place)| directory.is_mirror(id, place))))
            })
            .collect();
        self.drop_copies(&mut direct);
        direct.into_iter().map(|(group, _)| group).collect()
    }

    /// Leaves out Okta's flat copies of memberships that nesting in the directory explains; the flag says
    /// which memberships are copies.
    fn drop_copies(&self, direct: &mut Vec<(GroupId, bool)>) {
        if direct.iter().all(|&(_, copy)| !copy) {
            return;
        }
        let own: Vec<GroupId> =
            direct.iter().filter(|(_, copy)| !copy).map(|&(group, _)| group).collect();
        let within =
            |inner: &[u32], outer: &[u32]| inner.iter().all(|at| outer.binary_search(at).is_ok());
        direct.retain(|&(group, copy)| {
            let explained = |by: &GroupId| {
                within(self.reach.of(group), self.reach.of(*by))
                    && within(self.assigned.of(group), self.assigned.of(*by))
            };
            !copy || !own.iter().any(explained)
        });
    }

    /// Whether a user with these direct groups is assigned to the app.
    pub fn assignment(&self, user: UserId, direct: &[GroupId]) -> Assigned {
        let stated = self.federation.directory.assignments();
        if stated.groups.is_none() && stated.users.is_none() {
            return Assigned::Unknown;
        }
        let through = direct.iter().find_map(|&group| self.assigned.of(group).first());
        if let Some(&group) = through {
            return Assigned::ThroughGroup(GroupId(group));
        }
        match &stated.users {
            Some(users) if users.binary_search_by_key(&user, |assigned| assigned.to).is_ok() => {
                Assigned::Listed
            }
            Some(_) => Assigned::Not,
            None => Assigned::UnknownUsers,
        }
    }

    /// The assigned groups that a user with these direct groups is in; some may stand twice.
    pub fn assigned_groups(&self, direct: &[GroupId]) -> impl Iterator<Item = GroupId> {
        direct.iter().flat_map(|&group| self.assigned.of(group)).copied().map(GroupId)
    }

    /// Whether a user can sign in, as far as the exports say.
    pub fn can_sign_in(&self, user: UserId) -> Answer {
        match self.federation.directory.user(user).map(|user| user.status) {
            Some(Status::Active) => Answer::Holds,
            Some(Status::Unknown) => Answer::Unknown,
            Some(Status::Disabled) | None => Answer::Fails,
        }
    }
}

/// The distinct values of role groups, in order, and the target of each role group.
fn targets(mapped: &[RoleGroup]) -> (Vec<Target>, Vec<TargetId>) {
    let indices: Vec<u32> = (0..).take(mapped.len()).collect();
    let prefixes = mapped.par_iter().map(|group| prefix(&group.account));
    let mut order: Vec<_> = prefixes.zip(indices).collect();
    order.par_sort_unstable();
    let accounts: Vec<_> = order.chunk_by(|a, b| a.0 == b.0).collect();
    let targets: Vec<Target> =
        accounts.par_iter().flat_map_iter(|same| targets_of(mapped, same)).collect();
    let mut target_of = vec![TargetId(0); mapped.len()];
    for (id, target) in (0..).map(TargetId).zip(&targets) {
        for &at in &target.role_groups {
            target_of[at as usize] = id;
        }
    }
    (targets, target_of)
}

/// The distinct values of some role groups, in order.
fn targets_of(mapped: &[RoleGroup], groups: &[(u128, u32)]) -> Vec<Target> {
    let mut order: Vec<_> = groups
        .iter()
        .map(|&(_, at)| {
            let group = &mapped[at as usize];
            let (role, provider) = group.arns();
            (&*group.account, role, provider, at)
        })
        .collect();
    order.par_sort_unstable();
    let target = |same: &[(&str, &str, &str, u32)]| {
        let (account, role_arn, provider_arn, first) = same[0];
        Target {
            account: account.into(),
            role_arn: role_arn.into(),
            provider_arn: provider_arn.into(),
            pair: mapped[first as usize].pair.clone(),
            role_groups: same.iter().map(|&(_, _, _, at)| at).collect(),
        }
    };
    order.chunk_by(|a, b| (a.0, a.1, a.2) == (b.0, b.1, b.2)).map(target).collect()
}

/// The first sixteen bytes as a number that sorts like them: most texts differ in them, and are then not looked
/// at to be sorted.
fn prefix(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = text.len().min(16);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

/// Whether the picker shows what a role group maps to (for [`Entitlements::grants`]).
pub fn visible(group: &RoleGroup) -> bool {
    group.is_visible()
}

/// Whether Okta sends what a role group maps to, a value AWS cannot read too.
pub fn sent(group: &RoleGroup) -> bool {
    !matches!(group.import, Import::Excluded | Import::NotInOkta)
}
