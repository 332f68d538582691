//! The engine: what every user is sent, and through what.
#![expect(
    clippy::indexing_slicing,
    reason = "ranks and offsets are made here, over arrays of exactly that size"
)]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::names::NameReadings;
use super::reach::{Reach, Sets, containers};
use super::role_group::{Import, RoleGroup, RoleGroups};
use super::stage::Answer;
use crate::mapping::settings::Mapping;
use crate::model::arn::{ArnPair, ArnPairError, RoleArn};
use crate::model::directory::{GroupId, Status, UserId};
use crate::model::federation::Federation;

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
    /// Role groups (as indices) reached from each group.
    reach: Sets,
    /// Whether membership in a group means assignment to the app.
    assigned: Sets,
    /// For group mapping off: targets of each user's and each group's own `samlRoles`.
    saml_roles: SamlRoles,
    /// How names read, once somebody asks.
    names: OnceLock<NameReadings>,
}

#[derive(Debug, Default)]
struct SamlRoles {
    by_user: BTreeMap<UserId, Vec<TargetId>>,
    by_group: BTreeMap<GroupId, Vec<TargetId>>,
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
        let role_groups = RoleGroups::read(federation, mapping);
        let (mut targets, mut target_of) = targets(&role_groups.mapped);
        let saml_roles = if mapping.maps_groups() {
            SamlRoles::default()
        } else {
            let (mine, found) = saml_roles(federation, mapping);
            targets = mine;
            target_of = Vec::new();
            found
        };
        let reach = Reach::new(directory);
        let own = |group: GroupId| {
            let at = role_groups.mapped.binary_search_by_key(&group, |mapped| mapped.group);
            at.ok().and_then(|at| u32::try_from(at).ok())
        };
        let stated = directory.assignments().groups.as_deref().unwrap_or_default();
        let is_stated = |group: GroupId| {
            let at = stated.binary_search_by_key(&group, |assigned| assigned.to);
            at.ok().map(|_| group.0)
        };
        let (reached, assigned) = rayon::join(
            || reach.propagate(directory, own),
            || reach.propagate(directory, is_stated),
        );
        Self {
            federation,
            mapping,
            role_groups,
            targets,
            target_of,
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

    /// For group mapping off: the targets that a user's own or their groups' `samlRoles` give.
    pub fn saml_roles_of(&self, user: UserId, direct: &[GroupId]) -> Vec<TargetId> {
        let mut found: Vec<TargetId> =
            self.saml_roles.by_user.get(&user).cloned().unwrap_or_default();
        if found.is_empty() || self.mapping.join_all_roles {
            let assigned = direct.iter().flat_map(|&group| self.assigned.of(group));
            let roles = assigned.filter_map(|&group| self.saml_roles.by_group.get(&GroupId(group)));
            found.extend(roles.flatten());
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// For group mapping off: the targets of the user's own `samlRoles`.
    pub fn own_saml_roles(&self, user: UserId) -> &[TargetId] {
        self.saml_roles.by_user.get(&user).map_or(&[], Vec::as_slice)
    }

    /// For group mapping off: the groups whose own `samlRoles` give a target, in order of their numbers.
    pub fn saml_role_groups(&self, target: TargetId) -> impl Iterator<Item = GroupId> {
        let giving = self.saml_roles.by_group.iter().filter(move |row| row.1.contains(&target));
        giving.map(|(&group, _)| group)
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

/// Marks a membership in [`ByUser`], while it is built, as Okta's copy of a directory's.
const COPY: u32 = 1 << 31;

/// The first sixteen bytes as a number that sorts like them: few logins share them.
fn prefix(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let length = text.len().min(16);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u128::from_be_bytes(bytes)
}

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

    /// The same without repeats.
    pub fn direct(&self, user: UserId) -> Vec<GroupId> {
        let mut direct: Vec<GroupId> = self.groups(user).iter().copied().map(GroupId).collect();
        direct.dedup();
        direct
    }
}

/// Counts, for the targets reached from a group, the chains of groups that lead there.
struct PathCounter<'e, 'f> {
    entitlements: &'e Entitlements<'f>,
    keep: &'e [bool],
    visiting: Vec<bool>,
    index_of: Vec<u32>,
}

const NO_ROLE_GROUP: u32 = u32::MAX;

impl<'e, 'f> PathCounter<'e, 'f> {
    fn new(entitlements: &'e Entitlements<'f>, keep: &'e [bool]) -> Self {
        let count = entitlements.federation.directory.group_count();
        let mut index_of = vec![NO_ROLE_GROUP; count];
        for (at, mapped) in (0..).zip(&entitlements.role_groups.mapped) {
            index_of[mapped.group.0 as usize] = at;
        }
        Self { entitlements, keep, visiting: vec![false; count], index_of }
    }

    fn count(&mut self, from: GroupId, out: &mut Vec<(TargetId, u32)>) -> Result<(), TooManyPaths> {
        let directory = &self.entitlements.federation.directory;
        let mut steps = 0_u32;
        let mut path = vec![(from.0, self.enter(from.0, out))];
        while let Some((group, rest)) = path.last_mut() {
            let Some(container) = rest.pop() else {
                self.visiting[*group as usize] = false;
                path.pop();
                continue;
            };
            steps += 1;
            if steps > PATH_STEPS {
                for &(group, _) in &path {
                    self.visiting[group as usize] = false;
                }
                return Err(TooManyPaths { group: directory.group_name(from).to_owned() });
            }
            if !self.visiting[container as usize]
                && !self.entitlements.reach.of(GroupId(container)).is_empty()
            {
                let next = self.enter(container, out);
                path.push((container, next));
            }
            if out.len() > 4096 {
                merge(out);
            }
        }
        merge(out);
        Ok(())
    }

    fn enter(&mut self, group: u32, out: &mut Vec<(TargetId, u32)>) -> Vec<u32> {
        self.visiting[group as usize] = true;
        let index = self.index_of[group as usize];
        if index != NO_ROLE_GROUP && self.keep[index as usize] {
            out.push((self.entitlements.target_of[index as usize], 1));
        }
        containers(&self.entitlements.federation.directory, group).collect()
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
    while old > 0 && new > 0 {
        at -= 1;
        let (ours, theirs) = (entries[old - 1], more[new - 1]);
        entries[at] = match ours.0.cmp(&theirs.0) {
            std::cmp::Ordering::Greater => {
                old -= 1;
                ours
            }
            std::cmp::Ordering::Less => {
                new -= 1;
                theirs
            }
            std::cmp::Ordering::Equal => {
                (old, new, doubled) = (old - 1, new - 1, doubled + 1);
                (ours.0, ours.1.saturating_add(theirs.1))
            }
        };
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

/// The distinct values of role groups, in order, and the target of each role group.
fn targets(mapped: &[RoleGroup]) -> (Vec<Target>, Vec<TargetId>) {
    let mut order: Vec<_> = (0_u32..)
        .zip(mapped)
        .map(|(at, group)| {
            let (role, provider) = group.arns();
            ((&*group.account, role, provider), at)
        })
        .collect();
    order.par_sort_unstable();
    let same: Vec<_> = order.chunk_by(|a, b| a.0 == b.0).collect();
    let mut target_of = vec![TargetId(0); mapped.len()];
    for (id, same) in (0..).zip(&same) {
        for &(_, at) in *same {
            target_of[at as usize] = TargetId(id);
        }
    }
    let target = |same: &&[((&str, &str, &str), u32)]| {
        let ((account, role_arn, provider_arn), first) = same[0];
        Target {
            account: account.into(),
            role_arn: role_arn.into(),
            provider_arn: provider_arn.into(),
            pair: mapped[first as usize].pair.clone(),
            role_groups: same.iter().map(|&(_, at)| at).collect(),
        }
    };
    (same.par_iter().map(target).collect(), target_of)
}

/// Targets of `samlRoles`, for group mapping off: a role name stands for a role beside the app's one
/// provider; `123456789012 -- Role` names the account; a pair or a role ARN stands for itself.
fn saml_roles(federation: &Federation, mapping: &Mapping) -> (Vec<Target>, SamlRoles) {
    let directory = &federation.directory;
    let stated = directory.assignments();
    let texts = stated.user_roles.iter().map(|row| row.1);
    let texts = texts.chain(stated.group_roles.iter().map(|row| row.1));
    let mut values: Vec<(String, ArnPair)> = texts
        .filter_map(|text| {
            let text = directory.text(text);
            Some((text.to_owned(), saml_role(text, mapping)?))
        })
        .collect();
    values.sort_by(|a, b| (&a.1.role, &a.1.provider, &a.0).cmp(&(&b.1.role, &b.1.provider, &b.0)));
    values.dedup();
    let mut targets: Vec<Target> = Vec::new();
    let mut ids: BTreeMap<String, TargetId> = BTreeMap::new();
    for (text, pair) in values {
        if targets.last().and_then(|last| last.pair.as_ref().ok()) != Some(&pair) {
            targets.push(Target {
                account: pair.role.account.as_str().into(),
                role_arn: pair.role.to_string().into(),
                provider_arn: pair.provider.to_string().into(),
                pair: Ok(pair),
                role_groups: Vec::new(),
            });
        }
        ids.insert(text, TargetId(u32::try_from(targets.len() - 1).unwrap_or(u32::MAX)));
    }
    let mut roles = SamlRoles::default();
    for &(user, text, _) in &stated.user_roles {
        if let Some(&id) = ids.get(directory.text(text)) {
            roles.by_user.entry(user).or_default().push(id);
        }
    }
    for &(group, text, _) in &stated.group_roles {
        if let Some(&id) = ids.get(directory.text(text)) {
            roles.by_group.entry(group).or_default().push(id);
        }
    }
    (targets, roles)
}

fn saml_role(text: &str, mapping: &Mapping) -> Option<ArnPair> {
    if let Ok(pair) = ArnPair::parse(text) {
        return Some(pair);
    }
    let provider = mapping.single_provider.as_ref()?;
    let (account, name) = match text.split_once(" -- ") {
        Some((account, name)) => (account.parse().ok()?, name),
        None => (provider.account, text),
    };
    let role = match RoleArn::parse(name) {
        Ok(role) => role,
        Err(_) => RoleArn::parse(&format!("arn:{}:iam::{account}:role/{name}", provider.partition))
            .ok()?,
    };
    let provider = crate::model::arn::SamlProviderArn { account, ..provider.clone() };
    ArnPair::new(role, provider).ok()
}

/// Whether the picker shows what a role group maps to (for [`Entitlements::grants`]).
pub fn visible(group: &RoleGroup) -> bool {
    group.is_visible()
}

/// Whether Okta sends what a role group maps to, a value AWS cannot read too.
pub fn sent(group: &RoleGroup) -> bool {
    !matches!(group.import, Import::Excluded | Import::NotInOkta)
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
