//! The fewest memberships that, taken away, end a user's way to a role.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::derivation::Distances;
use super::reach::containers;
use super::resolve::Entitlements;
use crate::model::directory::{GroupId, UserId};
use crate::text::Place;

/// Most memberships of a cut that are told.
pub const MOST: usize = 16;

/// A membership of a user, or of a group, in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The group that is the member; `None` for the user.
    pub member: Option<GroupId>,
    /// The group.
    pub group: GroupId,
    /// The lines that state it.
    pub places: Vec<Place>,
}

/// A step of a way, and whether it goes forward.
type Move = (Option<GroupId>, GroupId, bool);

/// A user's groups, then groups and their containers: who hands on to whom. `None` is the user.
struct Ways {
    next: BTreeMap<Option<GroupId>, Vec<GroupId>>,
    goals: BTreeSet<GroupId>,
}

/// The fewest memberships whose end ends every way of a user with these direct groups to some groups; of
/// several such sets the one nearest to the user, so that others lose least. `None` where it has more than
/// [`MOST`].
pub fn smallest_cut(
    entitlements: &Entitlements<'_>,
    user: UserId,
    direct: &[GroupId],
    goals: &[GroupId],
) -> Option<Vec<Membership>> {
    let ways = Ways::new(entitlements, direct, goals);
    let mut flow: BTreeSet<(Option<GroupId>, GroupId)> = BTreeSet::new();
    loop {
        match ways.augment(&flow) {
            Ok(path) => {
                for (from, to, forward) in path {
                    if forward {
                        flow.insert((from, to));
                    } else if let Some(from) = from {
                        flow.remove(&(Some(to), from));
                    }
                }
                if flow.iter().filter(|(from, _)| from.is_none()).count() > MOST {
                    return None;
                }
            }
            Err(reached) => {
                let crosses = |from: &Option<GroupId>, to: GroupId| {
                    reached.contains(from) && !reached.contains(&Some(to))
                };
                let edges =
                    ways.next.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, *to)));
                let cut = edges.filter(|&(from, to)| crosses(from, to));
                return Some(
                    cut.map(|(member, group)| Membership {
                        member: *member,
                        group,
                        places: places(entitlements, user, *member, group),
                    })
                    .collect(),
                );
            }
        }
    }
}

impl Ways {
    fn new(entitlements: &Entitlements<'_>, direct: &[GroupId], goals: &[GroupId]) -> Self {
        let directory = &entitlements.federation.directory;
        let distances = Distances::to_groups(entitlements, goals.to_vec());
        let mut first: Vec<GroupId> =
            direct.iter().copied().filter(|&group| distances.leads(group)).collect();
        first.sort_unstable();
        first.dedup();
        let mut next = BTreeMap::new();
        let mut rest = first.clone();
        next.insert(None, first);
        while let Some(group) = rest.pop() {
            if next.contains_key(&Some(group)) {
                continue;
            }
            let mut outer: Vec<GroupId> = containers(directory, group.0)
                .map(GroupId)
                .filter(|&one| distances.leads(one))
                .collect();
            outer.sort_unstable();
            outer.dedup();
            rest.extend(&outer);
            next.insert(Some(group), outer);
        }
        Self { next, goals: goals.iter().copied().collect() }
    }

    /// A further way to a goal, as steps and whether each goes forward; else what is still reached.
    fn augment(
        &self,
        flow: &BTreeSet<(Option<GroupId>, GroupId)>,
    ) -> Result<Vec<Move>, BTreeSet<Option<GroupId>>> {
        let mut came: BTreeMap<Option<GroupId>, Option<(Option<GroupId>, bool)>> =
            BTreeMap::from([(None, None)]);
        let mut queue = VecDeque::from([None]);
        while let Some(at) = queue.pop_front() {
            if let Some(goal) = at.filter(|group| self.goals.contains(group)) {
                return Ok(path(&came, goal));
            }
            let forward = self.next.get(&at).into_iter().flatten();
            for &to in forward.filter(|&&to| !flow.contains(&(at, to))) {
                came.entry(Some(to)).or_insert_with(|| {
                    queue.push_back(Some(to));
                    Some((at, true))
                });
            }
            let Some(here) = at else { continue };
            for &(from, _) in flow.iter().filter(|&&(from, to)| to == here && from.is_some()) {
                came.entry(from).or_insert_with(|| {
                    queue.push_back(from);
                    Some((at, false))
                });
            }
        }
        Err(came.into_keys().collect())
    }
}

fn path(
    came: &BTreeMap<Option<GroupId>, Option<(Option<GroupId>, bool)>>,
    goal: GroupId,
) -> Vec<Move> {
    let mut steps = Vec::new();
    let mut at = Some(goal);
    while let (Some(to), Some(Some((from, forward)))) = (at, came.get(&at)) {
        steps.push((*from, to, *forward));
        at = *from;
    }
    steps
}

fn places(
    entitlements: &Entitlements<'_>,
    user: UserId,
    member: Option<GroupId>,
    group: GroupId,
) -> Vec<Place> {
    let directory = &entitlements.federation.directory;
    let (rows, number) = match member {
        Some(member) => (directory.nested(), member.0),
        None => (directory.members(), user.0),
    };
    let mut places: Vec<Place> =
        rows.entries(group.0).filter(|&(one, _)| one == number).map(|(_, place)| place).collect();
    places.sort_unstable();
    places.dedup();
    places
}
