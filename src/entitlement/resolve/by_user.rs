//! For every user the direct groups that matter.
#![expect(
    clippy::indexing_slicing,
    reason = "ranks and offsets are made here, over arrays of exactly that size"
)]

use rayon::prelude::*;

use super::{Entitlements, Grants, prefix};
use crate::model::directory::{GroupId, UserId};

/// For every user the direct groups that matter.
#[derive(Debug)]
pub struct ByUser {
    offsets: Vec<u32>,
    groups: Vec<u32>,
}

impl ByUser {
    /// Group numbers of a user, as they stand in the exports (ascending, with repeats side by side).
    pub fn groups(&self, user: UserId) -> &[u32] {
        let at = user.0 as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(&from), Some(&to)) => &self.groups[from as usize..to as usize],
            _ => &[],
        }
    }

    /// The same without repeats, one after the other.
    pub fn each_direct(&self, user: UserId) -> impl Iterator<Item = GroupId> + Clone {
        let mut last = None;
        let groups = self.groups(user).iter().copied().map(GroupId);
        groups.filter(move |&group| last.replace(group) != Some(group))
    }

    /// The same without repeats.
    pub fn direct(&self, user: UserId) -> Vec<GroupId> {
        self.each_direct(user).collect()
    }
}

/// Marks a membership in [`ByUser`], while it is built, as Okta's copy of a directory's.
const COPY: u32 = 1 << 31;

impl Entitlements<'_> {
    /// For every user the direct groups that grant something or assign the app.
    pub fn by_user(&self, grants: &Grants) -> ByUser {
        let directory = &self.federation.directory;
        let members = directory.members();
        let relevant: Vec<GroupId> = directory
            .groups()
            .map(|(id, _)| id)
            .filter(|&id| !grants.of(id).is_empty() || !self.assigned.of(id).is_empty())
            .collect();
        let mut offsets = vec![0_u32; directory.user_count() + 1];
        for &group in &relevant {
            for &user in members.targets(group.0) {
                offsets[user as usize + 1] += 1;
            }
        }
        let mut total = 0;
        for slot in &mut offsets {
            total += *slot;
            *slot = total;
        }
        let mut next = offsets.clone();
        let mut groups = vec![0_u32; total as usize];
        let copies = directory.has_mirrors();
        for &group in &relevant {
            for (user, place) in members.entries(group.0) {
                let slot = &mut next[user as usize];
                let copy = copies && directory.is_mirror(group, place);
                groups[*slot as usize] = group.0 | if copy { COPY } else { 0 };
                *slot += 1;
            }
        }
        let mut by_user = ByUser { offsets, groups };
        if directory.has_mirrors() {
            self.drop_copies_of_all(&mut by_user);
        }
        by_user
    }

    fn drop_copies_of_all(&self, by_user: &mut ByUser) {
        let directory = &self.federation.directory;
        let (mut offsets, mut groups) = (vec![0], Vec::new());
        for (user, _) in directory.users() {
            let mut direct: Vec<(GroupId, bool)> = Vec::new();
            for &group in by_user.groups(user) {
                let (id, copy) = (GroupId(group & !COPY), group & COPY != 0);
                match direct.last_mut() {
                    Some((last, both)) if *last == id => *both &= copy,
                    _ => direct.push((id, copy)),
                }
            }
            self.drop_copies(&mut direct);
            groups.extend(direct.iter().map(|(group, _)| group.0));
            offsets.push(u32::try_from(groups.len()).unwrap_or(u32::MAX));
        }
        *by_user = ByUser { offsets, groups };
    }

    /// Users that get anything, sorted by login.
    pub fn users_by_login(&self, by_user: &ByUser, grants: &Grants) -> Vec<UserId> {
        let directory = &self.federation.directory;
        let numbers: Vec<u32> = (0..u32::try_from(directory.user_count()).unwrap_or(0)).collect();
        let gets_some = |id: UserId| {
            by_user.groups(id).iter().any(|&group| !grants.of(GroupId(group)).is_empty())
                || self.saml_roles.by_user.contains_key(&id)
        };
        let mut users: Vec<(u128, UserId)> = numbers
            .par_iter()
            .map(|&id| UserId(id))
            .filter(|&id| gets_some(id))
            .map(|id| (prefix(directory.login(id)), id))
            .collect();
        users.par_sort_unstable_by(|a, b| {
            a.0.cmp(&b.0)
                .then_with(|| directory.login(a.1).cmp(directory.login(b.1)))
                .then(a.1.cmp(&b.1))
        });
        users.into_iter().map(|(_, id)| id).collect()
    }
}
