//! Groups that share users and a role: what somebody taken out of one of them keeps through the other.
#![expect(
    clippy::indexing_slicing,
    reason = "numbers of groups, users and role groups index arrays that are made here for all of them"
)]

use std::ops::Range;

use rayon::prelude::*;

use super::nesting::{direct_users, management_groups};
use super::resolve::Entitlements;
use crate::model::directory::GroupId;

/// Two groups, the first by number before the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharingPair {
    /// The two groups.
    pub groups: (GroupId, GroupId),
    /// How many users are directly in both.
    pub users: usize,
}

/// Pairs of management groups that share users and a role, in order; of each user the first `most` groups are
/// compared.
pub fn sharing_pairs(entitlements: &Entitlements<'_>, most: usize) -> Vec<SharingPair> {
    let directory = &entitlements.federation.directory;
    let groups = management_groups(entitlements);
    let users = |&group: &GroupId| -> Vec<u32> {
        direct_users(directory, group).into_iter().map(|(user, _)| user.0).collect()
    };
    let shared = Shared {
        users: groups.par_iter().map(users).collect(),
        reached: groups.iter().map(|&group| entitlements.reached_from(group)).collect(),
        most,
    };
    let counts = (directory.user_count(), entitlements.role_groups.mapped.len());
    let pairs = shared.pairs(counts, USERS_AT_ONCE).into_iter();
    pairs.map(|(a, b, users)| SharingPair { groups: (groups[a], groups[b]), users }).collect()
}

/// Groups by their index among each other.
struct Shared<'r> {
    /// The users of each, sorted.
    users: Vec<Vec<u32>>,
    /// The role groups that each leads to.
    reached: Vec<&'r [u32]>,
    /// Most groups of one user that are compared.
    most: usize,
}

/// How many users one thread is given, to tell which groups they are in.
const USERS_AT_ONCE: usize = 1 << 15;

/// For each user the groups they are in, in order.
struct OfUsers {
    /// So many users each.
    parts: Vec<Part>,
    at_once: usize,
}

/// Some users' groups, one user's behind the other's.
struct Part {
    offsets: Vec<u32>,
    groups: Vec<u32>,
}

/// What one thread counts with, for one group after the other.
struct Counter {
    /// Users that each other group shares.
    users: Vec<usize>,
    /// Role groups that the group leads to.
    reached: Vec<bool>,
}

impl Shared<'_> {
    /// Two groups each, and how many users they share, of so many users and role groups; a thread is given so
    /// many users at once.
    fn pairs(
        &self,
        (users, role_groups): (usize, usize),
        at_once: usize,
    ) -> Vec<(usize, usize, usize)> {
        let of_users = self.of_users(users, at_once);
        let counter =
            || Counter { users: vec![0; self.users.len()], reached: vec![false; role_groups] };
        let pairs: Vec<Vec<(usize, usize, usize)>> = (0..self.users.len())
            .into_par_iter()
            .map_init(counter, |counter, group| self.pairs_of(group, &of_users, counter))
            .collect();
        pairs.concat()
    }

    /// The pairs that a group is the first of.
    fn pairs_of(
        &self,
        group: usize,
        of_users: &OfUsers,
        counter: &mut Counter,
    ) -> Vec<(usize, usize, usize)> {
        let mut others = Vec::new();
        for &user in &self.users[group] {
            let groups = of_users.of(user);
            let groups = groups.get(..self.most).unwrap_or(groups);
            let behind = groups.partition_point(|&one| one as usize <= group);
            for other in groups[behind..].iter().map(|&other| other as usize) {
                if counter.users[other] == 0 {
                    others.push(other);
                }
                counter.users[other] += 1;
            }
        }
        if others.is_empty() {
            return Vec::new();
        }
        others.sort_unstable();
        self.reached[group].iter().for_each(|&at| counter.reached[at as usize] = true);
        let mut pairs = Vec::new();
        for other in others {
            let users = std::mem::take(&mut counter.users[other]);
            if self.reached[other].iter().any(|&at| counter.reached[at as usize]) {
                pairs.push((group, other, users));
            }
        }
        self.reached[group].iter().for_each(|&at| counter.reached[at as usize] = false);
        pairs
    }

    fn of_users(&self, count: usize, at_once: usize) -> OfUsers {
        let starts: Vec<usize> = (0..count).step_by(at_once).collect();
        let part = |&start: &usize| self.part(start..count.min(start + at_once));
        OfUsers { parts: starts.par_iter().map(part).collect(), at_once }
    }

    /// The groups of users in a range.
    fn part(&self, range: Range<usize>) -> Part {
        let within = |users: &'_ Vec<u32>| {
            let behind = |end: usize| users.partition_point(|&user| (user as usize) < end);
            behind(range.start)..behind(range.end)
        };
        let ranges: Vec<Range<usize>> = self.users.iter().map(within).collect();
        let lists = || self.users.iter().zip(&ranges).map(|(users, at)| &users[at.clone()]);
        let mut offsets = vec![0; range.len() + 1];
        for &user in lists().flatten() {
            offsets[user as usize - range.start + 1] += 1;
        }
        let mut total = 0;
        for offset in &mut offsets {
            total += *offset;
            *offset = total;
        }
        let (mut next, mut groups) = (offsets.clone(), vec![0; total as usize]);
        for (group, users) in (0..).zip(lists()) {
            for &user in users {
                let slot = &mut next[user as usize - range.start];
                groups[*slot as usize] = group;
                *slot += 1;
            }
        }
        Part { offsets, groups }
    }
}

impl OfUsers {
    fn of(&self, user: u32) -> &[u32] {
        let (part, at) = (user as usize / self.at_once, user as usize % self.at_once);
        let Part { offsets, groups } = &self.parts[part];
        &groups[offsets[at] as usize..offsets[at + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    /// Each pair of each user, asked for a shared role.
    fn one_by_one(
        users: &[BTreeSet<u32>],
        reached: &[BTreeSet<u32>],
        most: usize,
    ) -> Vec<(usize, usize, usize)> {
        let mut pairs: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for user in 0..20 {
            let mine = (0..users.len()).filter(|&group| users[group].contains(&user));
            let mine: Vec<usize> = mine.take(most).collect();
            for (at, &a) in mine.iter().enumerate() {
                for &b in mine.iter().skip(at + 1) {
                    if !reached[a].is_disjoint(&reached[b]) {
                        *pairs.entry((a, b)).or_default() += 1;
                    }
                }
            }
        }
        pairs.into_iter().map(|((a, b), users)| (a, b, users)).collect()
    }

    proptest! {
        #[test]
        fn pairs_are_those_of_asking_each_user(
            groups in prop::collection::vec(
                (prop::collection::btree_set(0_u32..20, 0..9), prop::collection::btree_set(0_u32..9, 0..4)),
                0..9,
            ),
            most in 0_usize..6,
            at_once in 1_usize..30,
        ) {
            let (users, reached): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
            let lists: Vec<Vec<u32>> = reached.iter().map(|at| at.iter().copied().collect()).collect();
            let shared = Shared {
                users: users.iter().map(|of| of.iter().copied().collect()).collect(),
                reached: lists.iter().map(Vec::as_slice).collect(),
                most,
            };
            prop_assert_eq!(shared.pairs((20, 9), at_once), one_by_one(&users, &reached, most));
        }
    }
}
