//! The chain of memberships from a user to a role group: the shortest, and how many ways there are.

use std::collections::BTreeMap;

use super::reach::containers;
use super::resolve::{Entitlements, TargetId};
use crate::model::directory::{GroupId, UserId};
use crate::text::Place;

/// One membership of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The group entered.
    pub group: GroupId,
    /// The line that states the membership in it.
    pub place: Place,
}

/// How a user is in a role group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// The user's direct group first, the role group last.
    pub path: Vec<Step>,
    /// How many of the user's direct groups lead there.
    pub ways: u32,
}

/// Distances from every group to the nearest of some role groups, and the next step on the way.
#[derive(Debug)]
pub struct Distances {
    next: BTreeMap<GroupId, (u32, Option<Step>)>,
}

impl Distances {
    /// Walks down from the role groups of a target, breadth first; ties go to the smaller group name, so
    /// the order of input never matters.
    pub fn to_target(entitlements: &Entitlements<'_>, target: TargetId) -> Self {
        let goals = entitlements.target(target).into_iter().flat_map(|target| &target.role_groups);
        let goals = goals.filter_map(|&at| entitlements.role_group(at)).map(|mapped| mapped.group);
        Self::to_groups(entitlements, goals.collect())
    }

    /// The same for any groups.
    pub fn to_groups(entitlements: &Entitlements<'_>, mut frontier: Vec<GroupId>) -> Self {
        let directory = &entitlements.federation.directory;
        let by_name = |group: &GroupId| (directory.group_name(*group).to_owned(), *group);
        frontier.sort_by_cached_key(by_name);
        frontier.dedup();
        let mut next: BTreeMap<GroupId, (u32, Option<Step>)> =
            frontier.iter().map(|&goal| (goal, (0, None))).collect();
        let mut distance = 0;
        while !frontier.is_empty() {
            distance += 1;
            let mut below = Vec::new();
            for &group in &frontier {
                if !directory.group(group).is_some_and(super::super::model::directory::Group::nests)
                {
                    continue;
                }
                for (inner, place) in directory.nested().entries(group.0) {
                    let inner = GroupId(inner);
                    next.entry(inner).or_insert_with(|| {
                        below.push(inner);
                        (distance, Some(Step { group, place }))
                    });
                }
            }
            below.sort_by_cached_key(by_name);
            frontier = below;
        }
        Self { next }
    }

    /// Whether membership in a group leads to the goal.
    pub fn leads(&self, group: GroupId) -> bool {
        self.next.contains_key(&group)
    }

    /// Groups that lead to the goal.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> {
        self.next.keys().copied()
    }

    /// The shortest chain of a user with these direct groups.
    pub fn derive(
        &self,
        entitlements: &Entitlements<'_>,
        user: UserId,
        direct: &[GroupId],
    ) -> Option<Derivation> {
        let directory = &entitlements.federation.directory;
        let mut leading: Vec<(u32, &str, GroupId)> = direct
            .iter()
            .filter_map(|&group| {
                let &(distance, _) = self.next.get(&group)?;
                Some((distance, directory.group_name(group), group))
            })
            .collect();
        leading.sort_unstable();
        leading.dedup_by_key(|&mut (_, _, group)| group);
        let &(_, _, first) = leading.first()?;
        let place = directory
            .members()
            .entries(first.0)
            .filter(|&(member, _)| member == user.0)
            .map(|(_, place)| place)
            .min()
            .unwrap_or_default();
        let mut path = vec![Step { group: first, place }];
        let mut at = first;
        while let Some(&(_, Some(step))) = self.next.get(&at) {
            path.push(step);
            at = step.group;
        }
        Some(Derivation { path, ways: u32::try_from(leading.len()).unwrap_or(u32::MAX) })
    }
}

/// Whether every step of a derivation stands in the model: what a property test replays.
pub fn replays(entitlements: &Entitlements<'_>, user: UserId, derivation: &Derivation) -> bool {
    let directory = &entitlements.federation.directory;
    let Some(first) = derivation.path.first() else { return false };
    let direct = directory.members().targets(first.group.0).contains(&user.0);
    let nested = derivation.path.windows(2).all(|pair| {
        let [inner, outer] = pair else { return false };
        containers(directory, inner.group.0).any(|container| container == outer.group.0)
    });
    direct && nested
}
