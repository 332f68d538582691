//! What each group grants its members, and what a user gets from several.
#![expect(
    clippy::indexing_slicing,
    reason = "ranks and offsets are made here, over arrays of exactly that size"
)]

use rayon::prelude::*;

use super::{Entitlements, TargetId};
use crate::entitlement::reach::Visit;
use crate::entitlement::role_group::RoleGroup;
use crate::entitlement::stage::Answer;
use crate::model::directory::{GroupId, UserId};

/// What is counted as a way to a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ways {
    /// The user's direct groups that lead there.
    DirectGroups,
    /// Chains of groups in which none occurs twice; exponential in dense cycles, hence bounded.
    SimplePaths,
}

/// Chains of groups are more than can be counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "more than {PATH_STEPS} steps to count the chains from group `{group}`, expected fewer: leave the column `paths` out, `ways` counts direct groups"
)]
pub struct TooManyPaths {
    /// The group the chains begin at.
    pub group: String,
}

/// Groups whose grants are worked out by one thread at once.
const GRANTS_AT_ONCE: usize = 8192;

/// Steps allowed for counting the chains from one group.
pub const PATH_STEPS: u32 = 10_000_000;

/// What each group grants: targets in order, each with a number of ways.
#[derive(Debug)]
pub struct Grants {
    offsets: Vec<usize>,
    entries: Vec<(TargetId, u32)>,
}

impl Grants {
    /// The group's grants.
    pub fn of(&self, group: GroupId) -> &[(TargetId, u32)] {
        let at = group.0 as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(&from), Some(&to)) => &self.entries[from..to],
            _ => &[],
        }
    }
}

impl Entitlements<'_> {
    /// What each group grants its members, of the targets `wanted` lets pass, each with the number of
    /// ways `ways` gives.
    pub fn grants(
        &self,
        wanted: impl Fn(&RoleGroup) -> bool,
        ways: Ways,
    ) -> Result<Grants, TooManyPaths> {
        let directory = &self.federation.directory;
        let keep: Vec<bool> = self.role_groups.mapped.iter().map(wanted).collect();
        let groups: Vec<u32> = (0..u32::try_from(directory.group_count()).unwrap_or(0)).collect();
        let parts = groups
            .par_chunks(GRANTS_AT_ONCE)
            .map(|groups| self.grants_of(groups, &keep, ways))
            .collect::<Result<Vec<Grants>, TooManyPaths>>()?;
        let mut grants = Grants { offsets: vec![0], entries: Vec::new() };
        grants.entries.reserve_exact(parts.iter().map(|part| part.entries.len()).sum());
        for part in parts {
            let base = grants.entries.len();
            grants.entries.extend_from_slice(&part.entries);
            grants.offsets.extend(part.offsets.iter().skip(1).map(|end| base + end));
        }
        Ok(grants)
    }

    /// [`Self::grants`] of some groups, side by side.
    fn grants_of(&self, groups: &[u32], keep: &[bool], ways: Ways) -> Result<Grants, TooManyPaths> {
        let mut grants = Grants { offsets: vec![0], entries: Vec::new() };
        let mut counter = None;
        let mut buffer: Vec<(TargetId, u32)> = Vec::new();
        for &group in groups {
            let group = GroupId(group);
            buffer.clear();
            let reached = self.reach.of(group).iter().filter(|&&at| keep[at as usize]);
            match ways {
                Ways::DirectGroups => {
                    buffer.extend(reached.map(|&at| (self.target_of[at as usize], 1)));
                    buffer.sort_unstable();
                    buffer.dedup();
                }
                Ways::SimplePaths if reached.count() > 0 => {
                    let counter = counter.get_or_insert_with(|| PathCounter::new(self, keep));
                    counter.count(group, &mut buffer)?;
                }
                Ways::SimplePaths => {}
            }
            self.add_group_roles(group, &mut buffer);
            grants.entries.extend_from_slice(&buffer);
            grants.offsets.push(grants.entries.len());
        }
        Ok(grants)
    }

    /// `samlRoles` of an assigned group, for group mapping off.
    fn add_group_roles(&self, group: GroupId, buffer: &mut Vec<(TargetId, u32)>) {
        if self.saml_roles.by_group.is_empty() {
            return;
        }
        for &assigned in self.assigned.of(group) {
            let roles = self.saml_roles.by_group.get(&GroupId(assigned));
            buffer.extend(roles.into_iter().flatten().map(|&target| (target, 1)));
        }
        buffer.sort_unstable();
        buffer.dedup();
    }

    /// What a user with these direct groups gets: targets in order, with the number of ways. Empty where
    /// the account or assignment stage fails.
    pub fn entries(
        &self,
        user: UserId,
        direct: &[GroupId],
        grants: &Grants,
        out: &mut Vec<(TargetId, u32)>,
    ) {
        out.clear();
        if self.can_sign_in(user) == Answer::Fails
            || self.assignment(user, direct).answer() == Answer::Fails
        {
            return;
        }
        self.granted(user, direct, grants, out);
    }

    /// [`Entitlements::entries`] without asking about account and assignment; adds to what `out` holds.
    pub fn granted(
        &self,
        user: UserId,
        direct: &[GroupId],
        grants: &Grants,
        out: &mut Vec<(TargetId, u32)>,
    ) {
        let own = self.saml_roles.by_user.get(&user);
        out.extend(own.into_iter().flatten().map(|&target| (target, 1)));
        // Join all roles off: only the user's own roles count where there are any.
        if own.is_none() || self.mapping.join_all_roles {
            let mut lists = usize::from(own.is_some());
            for (at, group) in direct.iter().enumerate() {
                if at > 0 && direct[at - 1] == *group {
                    continue;
                }
                let grants = grants.of(*group);
                lists += usize::from(!grants.is_empty());
                // A few lists are merged one by one, many are sorted together.
                if (2..=MERGED).contains(&lists) && own.is_none() {
                    merge_with(out, grants);
                } else {
                    out.extend_from_slice(grants);
                }
            }
            if lists <= MERGED && own.is_none() {
                return;
            }
        }
        merge(out);
    }
}

/// Counts, for the targets reached from a group, the chains of groups that lead there.
struct PathCounter<'e, 'f> {
    entitlements: &'e Entitlements<'f>,
    keep: &'e [bool],
    visiting: Vec<bool>,
}

impl<'e, 'f> PathCounter<'e, 'f> {
    fn new(entitlements: &'e Entitlements<'f>, keep: &'e [bool]) -> Self {
        let count = entitlements.federation.directory.group_count();
        Self { entitlements, keep, visiting: vec![false; count] }
    }

    fn count(&mut self, from: GroupId, out: &mut Vec<(TargetId, u32)>) -> Result<(), TooManyPaths> {
        let directory = &self.entitlements.federation.directory;
        let mut steps = 0_u32;
        let mut path = vec![self.enter(from.0, out)];
        while let Some(visit) = path.last_mut() {
            let Some(container) = visit.next(&self.entitlements.containers) else {
                self.visiting[visit.group as usize] = false;
                path.pop();
                continue;
            };
            steps += 1;
            if steps > PATH_STEPS {
                for visit in &path {
                    self.visiting[visit.group as usize] = false;
                }
                return Err(TooManyPaths { group: directory.group_name(from).to_owned() });
            }
            if !self.visiting[container as usize]
                && !self.entitlements.reach.of(GroupId(container)).is_empty()
            {
                path.push(self.enter(container, out));
            }
            if out.len() > 4096 {
                merge(out);
            }
        }
        merge(out);
        Ok(())
    }

    fn enter(&mut self, group: u32, out: &mut Vec<(TargetId, u32)>) -> Visit {
        self.visiting[group as usize] = true;
        if let Some(index) = self.entitlements.role_groups.index_of(GroupId(group))
            && self.keep[index as usize]
        {
            out.push((self.entitlements.target_of[index as usize], 1));
        }
        self.entitlements.containers.visit(group)
    }
}

/// Most lists of grants that are merged one by one.
const MERGED: usize = 6;

/// Merges a sorted list into another, from the end; the ways of the same target add up.
fn merge_with(entries: &mut Vec<(TargetId, u32)>, more: &[(TargetId, u32)]) {
    let (Some(&last), Some(&(first, _))) = (entries.last(), more.first()) else {
        entries.extend_from_slice(more);
        return;
    };
    if last.0 < first {
        entries.extend_from_slice(more);
        return;
    }
    let (mut old, mut new) = (entries.len(), more.len());
    entries.extend_from_slice(more);
    let mut at = entries.len();
    let mut doubled = 0;
    // Which list comes next is as good as random: it is counted, not branched on.
    while old > 0 && new > 0 {
        at -= 1;
        let (ours, theirs) = (entries[old - 1], more[new - 1]);
        let (from_old, from_new) = (u32::from(ours.0 >= theirs.0), u32::from(ours.0 <= theirs.0));
        let ways = (ours.1 * from_old).saturating_add(theirs.1 * from_new);
        entries[at] = (ours.0.max(theirs.0), ways);
        old -= from_old as usize;
        new -= from_new as usize;
        doubled += (from_old & from_new) as usize;
    }
    // What is left of the new list goes in front of the gap, what is left of the old one stands there.
    entries[old..old + new].copy_from_slice(&more[..new]);
    if doubled > 0 {
        entries.drain(old + new..old + new + doubled);
    }
}

/// Sorts entries and adds the ways of the same target up; runs that are sorted already merge fast.
fn merge(entries: &mut Vec<(TargetId, u32)>) {
    entries.sort();
    entries.dedup_by(|next, first| {
        let same = next.0 == first.0;
        if same {
            first.1 = first.1.saturating_add(next.1);
        }
        same
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(list: &[(u8, u32)]) -> Vec<(TargetId, u32)> {
        let mut list: Vec<_> = list.iter().map(|&(id, ways)| (TargetId(id.into()), ways)).collect();
        merge(&mut list);
        list
    }

    proptest! {
        #[test]
        fn merging_one_by_one_is_sorting_together(
            a in prop::collection::vec((0_u8..20, 1_u32..9), 0..12),
            b in prop::collection::vec((0_u8..20, 1_u32..9), 0..12),
        ) {
            let mut together = [sorted(&a), sorted(&b)].concat();
            merge(&mut together);
            let mut one_by_one = sorted(&a);
            merge_with(&mut one_by_one, &sorted(&b));
            prop_assert_eq!(one_by_one, together);
        }
    }
}
