//! How groups stand in groups: who is reached through them, where they go in circles, how deep they go.
#![expect(
    clippy::indexing_slicing,
    reason = "group and user numbers index arrays of group_count and user_count entries, component numbers those of components"
)]

use std::collections::VecDeque;

use super::reach::{Containers, Reach, containers};
use super::resolve::Entitlements;
use crate::model::directory::{Directory, Group, GroupId, UserId};
use crate::text::Place;

/// The nesting of a directory's groups, condensed.
#[derive(Debug)]
pub struct Nesting<'d> {
    directory: &'d Directory,
    reach: Reach,
}

/// A step of a chain of groups: a group that is a member of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The member.
    pub group: GroupId,
    /// The line that states it; nowhere for the last of a chain.
    pub place: Place,
}

/// For each group its longest chain of members.
#[derive(Debug)]
pub struct Depths {
    component: Vec<u32>,
    depth: Vec<u32>,
    /// The member a component's longest chain goes on with.
    next: Vec<Option<u32>>,
}

impl Depths {
    /// How many groups stand one in the other below a group; a circle counts as one group.
    pub fn of(&self, group: GroupId) -> u32 {
        self.depth[self.component[group.0 as usize] as usize]
    }

    /// The chain, from the group down.
    pub fn chain(&self, group: GroupId) -> Vec<GroupId> {
        let mut chain = vec![group];
        let mut at = group.0;
        while let Some(next) = self.next[self.component[at as usize] as usize] {
            chain.push(GroupId(next));
            at = next;
        }
        chain
    }
}

impl<'d> Nesting<'d> {
    /// Condenses a directory's nesting.
    pub fn of(directory: &'d Directory) -> Self {
        Self { directory, reach: Reach::new(&Containers::of(directory)) }
    }

    /// Circles of groups, each as its shortest way round from the group that is first by name.
    pub fn cycles(&self) -> Vec<Vec<Step>> {
        let own =
            |group: u32| containers(self.directory, group).any(|container| container == group);
        self.reach
            .order
            .iter()
            .filter(|groups| groups.len() > 1 || groups.iter().any(|&group| own(group)))
            .filter_map(|groups| self.way_round(groups))
            .collect()
    }

    fn way_round(&self, groups: &[u32]) -> Option<Vec<Step>> {
        let name = |group: u32| self.directory.group_name(GroupId(group));
        let start = groups.iter().copied().min_by_key(|&group| (name(group), group))?;
        let component = self.reach.component[start as usize];
        let mut from = rustc_hash::FxHashMap::default();
        let mut waiting = VecDeque::from([start]);
        while let Some(group) = waiting.pop_front() {
            for (container, place) in self.directory.containers().entries(group) {
                let nests = self.directory.group(GroupId(container)).is_some_and(Group::nests);
                if !nests || self.reach.component[container as usize] != component {
                    continue;
                }
                if container == start {
                    let mut steps = vec![Step { group: GroupId(group), place }];
                    let mut at = group;
                    while let Some(&(member, place)) = from.get(&at) {
                        steps.push(Step { group: GroupId(member), place });
                        at = member;
                    }
                    steps.reverse();
                    return Some(steps);
                }
                from.entry(container).or_insert_with(|| {
                    waiting.push_back(container);
                    (group, place)
                });
            }
        }
        None
    }

    /// How deep members stand below each group.
    pub fn depths(&self) -> Depths {
        let count = self.reach.order.len();
        let (mut depth, mut next) = (vec![0_u32; count], vec![None; count]);
        // Containers stand before their members, so members are settled first from the end.
        for (at, groups) in self.reach.order.iter().enumerate().rev() {
            for &group in groups {
                for container in containers(self.directory, group) {
                    let above = self.reach.component[container as usize] as usize;
                    if above != at && depth[above] <= depth[at] {
                        depth[above] = depth[at] + 1;
                        next[above] = Some(group);
                    }
                }
            }
        }
        Depths { component: self.reach.component.clone(), depth, next }
    }

    /// Whether each group has a member that is no group, itself or through nesting. Somebody whom no export
    /// states counts: who it is is not known, that it is somebody is.
    pub fn populated(&self) -> Vec<bool> {
        let directory = self.directory;
        let mut some = vec![false; directory.group_count()];
        for (group, _) in directory.groups() {
            some[group.0 as usize] = !directory.members().targets(group.0).is_empty();
        }
        for dangling in directory.dangling() {
            some[dangling.group.0 as usize] = true;
        }
        for groups in self.reach.order.iter().rev() {
            let any = groups.iter().any(|&group| some[group as usize]);
            for &group in groups.iter().filter(|_| any) {
                some[group as usize] = true;
                for container in containers(directory, group) {
                    some[container as usize] = true;
                }
            }
        }
        some
    }

    /// Whether each user is assigned to the app, through a group or by name, as far as the exports say.
    pub fn assigned_users(&self) -> Vec<bool> {
        let directory = self.directory;
        let stated = directory.assignments();
        let mut assigned = vec![false; directory.group_count()];
        for group in stated.groups.iter().flatten() {
            assigned[group.to.0 as usize] = true;
        }
        for groups in &self.reach.order {
            let above = |&group: &u32| {
                assigned[group as usize]
                    || containers(directory, group).any(|container| assigned[container as usize])
            };
            let any = groups.iter().any(above);
            groups.iter().filter(|_| any).for_each(|&group| assigned[group as usize] = true);
        }
        let mut users = vec![false; directory.user_count()];
        for (group, _) in directory.groups().filter(|(group, _)| assigned[group.0 as usize]) {
            for &user in directory.members().targets(group.0) {
                users[user as usize] = true;
            }
        }
        for user in stated.users.iter().flatten() {
            users[user.to.0 as usize] = true;
        }
        users
    }
}

/// Groups that are no role groups and lead to some, in order of their numbers.
pub fn management_groups(entitlements: &Entitlements<'_>) -> Vec<GroupId> {
    let groups = entitlements.federation.directory.groups().map(|(group, _)| group);
    groups
        .filter(|&group| {
            !entitlements.reached_from(group).is_empty()
                && entitlements.role_groups.of(group).is_none()
        })
        .collect()
}

/// Users directly in a group with the line that says so, each once. Left out is what only Okta's list says of
/// a group that was not made in Okta: it is flat, so whether somebody is in the group itself is not known.
pub fn direct_users(directory: &Directory, group: GroupId) -> Vec<(UserId, Place)> {
    direct_users_who(directory, group, |_| true)
}

/// [`direct_users`], as far as they are `wanted`.
pub fn direct_users_who(
    directory: &Directory,
    group: GroupId,
    wanted: impl Fn(UserId) -> bool,
) -> Vec<(UserId, Place)> {
    let copied = directory.group(group).is_some_and(Group::nests);
    let mut users: Vec<(UserId, Place)> = directory
        .members()
        .entries(group.0)
        .filter(|&(_, place)| !(copied && directory.is_of_okta(place)))
        .map(|(user, place)| (UserId(user), place))
        .filter(|&(user, _)| wanted(user))
        .collect();
    users.sort_unstable();
    users.dedup_by_key(|(user, _)| *user);
    users
}
