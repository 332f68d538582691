//! Roles that nobody may hold together.

use std::collections::BTreeMap;

use super::holdings::{Holdings, RoleNo};
use super::stage::Answer;
use crate::model::directory::UserId;

/// Lists of roles of which nobody may hold one each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Combination {
    /// The roles of each part.
    pub parts: Vec<Vec<RoleNo>>,
    /// Whether only roles of one account count together.
    pub same_account: bool,
}

/// A user who holds a combination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// The user.
    pub user: UserId,
    /// A role of each part, all different.
    pub roles: Vec<RoleNo>,
    /// `Holds`, or `Unknown` where some input is missing that would tell.
    pub answer: Answer,
}

impl Combination {
    /// Everybody who holds it, by login.
    pub fn holders(&self, holdings: &Holdings<'_>) -> Vec<Together> {
        let parts_of = self.parts_of(holdings);
        let candidates = self.candidates(holdings);
        candidates.iter().filter_map(|&user| self.of_user(holdings, &parts_of, user)).collect()
    }

    /// Who holds a role of the part that the fewest hold, by login: nobody else can hold all parts.
    fn candidates(&self, holdings: &Holdings<'_>) -> Vec<UserId> {
        let count = |part: &Vec<RoleNo>| -> usize {
            part.iter().map(|&role| holdings.holders(role).len()).sum()
        };
        let Some(rarest) = self.parts.iter().min_by_key(|part| count(part)) else {
            return Vec::new();
        };
        let directory = &holdings.entitlements.federation.directory;
        let holders = rarest.iter().flat_map(|&role| holdings.holders(role));
        let mut users: Vec<UserId> = holders.map(|holder| holder.0).collect();
        users.sort_unstable_by_key(|&user| (directory.login(user), user));
        users.dedup();
        users
    }

    /// For each role the parts it is in, as bits.
    fn parts_of(&self, holdings: &Holdings<'_>) -> Vec<u32> {
        let mut parts_of = vec![0_u32; holdings.roles().count()];
        for (at, part) in self.parts.iter().enumerate().take(32) {
            for role in part {
                if let Some(slot) = parts_of.get_mut(role.0 as usize) {
                    *slot |= 1 << at;
                }
            }
        }
        parts_of
    }

    fn of_user(&self, holdings: &Holdings<'_>, parts_of: &[u32], user: UserId) -> Option<Together> {
        let mut mine: BTreeMap<&str, Vec<(RoleNo, u32, Answer)>> = BTreeMap::new();
        for held in holdings.of(user) {
            let parts = parts_of.get(held.role.0 as usize).copied().unwrap_or(0);
            if parts == 0 {
                continue;
            }
            let account = holdings.role(held.role).map_or("", |role| role.arn.account.as_str());
            let key = if self.same_account { account } else { "" };
            let list = mine.entry(key).or_default();
            match list.last_mut().filter(|before| before.0 == held.role) {
                Some(before) => before.2 = before.2.min(held.answer),
                None => list.push((held.role, parts, held.answer)),
            }
        }
        // What is certain outranks what is not.
        for worst in [Answer::Holds, Answer::Unknown] {
            for roles in mine.values() {
                let known: Vec<(RoleNo, u32)> = roles
                    .iter()
                    .filter(|role| role.2 <= worst)
                    .map(|&(role, parts, _)| (role, parts))
                    .collect();
                if let Some(roles) = representatives(self.parts.len(), &known) {
                    return Some(Together { user, roles, answer: worst });
                }
            }
        }
        None
    }
}

/// A different role for each part, by augmenting paths; `None` where there is none.
fn representatives(parts: usize, roles: &[(RoleNo, u32)]) -> Option<Vec<RoleNo>> {
    let mut part_of: Vec<Option<usize>> = vec![None; roles.len()];
    for part in 0..parts {
        let mut seen = vec![false; roles.len()];
        if !place(part, roles, &mut part_of, &mut seen) {
            return None;
        }
    }
    let role_of = |part: usize| {
        let at = part_of.iter().position(|&one| one == Some(part))?;
        roles.get(at).map(|role| role.0)
    };
    (0..parts).map(role_of).collect()
}

fn place(
    part: usize,
    roles: &[(RoleNo, u32)],
    part_of: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for (at, &(_, parts)) in roles.iter().enumerate() {
        let new = seen.get_mut(at).is_some_and(|seen| !std::mem::replace(seen, true));
        if parts & (1 << part) == 0 || !new {
            continue;
        }
        let held = part_of.get(at).copied().flatten();
        if held.is_none_or(|other| place(other, roles, part_of, seen)) {
            if let Some(slot) = part_of.get_mut(at) {
                *slot = Some(part);
            }
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_role_stands_for_one_part_only() {
        let both = [(RoleNo(1), 0b11)];
        assert_eq!(representatives(2, &both), None);
        let two = [(RoleNo(1), 0b11), (RoleNo(2), 0b01)];
        assert_eq!(representatives(2, &two), Some(vec![RoleNo(2), RoleNo(1)]));
    }
}
