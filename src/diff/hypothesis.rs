//! A federation as it would be, made from the one that is.

use std::collections::BTreeSet;

use crate::model::account::AccountId;
use crate::model::aws::PolicyDocument;
use crate::model::defect::Defects;
use crate::model::directory::{Directory, Group, GroupId, UserId};
use crate::model::federation::Federation;
use crate::text::Place;

/// What is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// A user.
    User(UserId),
    /// A group.
    Group(GroupId),
}

/// One thing that would be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A group is called otherwise.
    Rename {
        /// The group.
        group: GroupId,
        /// Its new name.
        to: String,
    },
    /// A group has a member more.
    Add {
        /// The group.
        group: GroupId,
        /// The member.
        member: Member,
    },
    /// A group has a member less.
    Remove {
        /// The group.
        group: GroupId,
        /// The member.
        member: Member,
    },
    /// A role has another trust policy.
    Trust {
        /// Its account.
        account: AccountId,
        /// Its name.
        role: String,
        /// The policy, JSON that parses.
        policy: String,
    },
}

/// Whether somebody, or a group, is directly in a group.
pub fn is_in(directory: &Directory, group: GroupId, member: Member) -> bool {
    match member {
        Member::User(user) => directory.members().targets(group.0).contains(&user.0),
        Member::Group(inner) => directory.nested().targets(group.0).contains(&inner.0),
    }
}

/// The federation with some edits made; numbers of users and groups stay.
pub fn apply(federation: &Federation, edits: &[Edit]) -> Federation {
    let mut made = Federation {
        sources: federation.sources.clone(),
        directory: federation.directory.clone(),
        app: federation.app.clone(),
        app_metadata: federation.app_metadata.clone(),
        accounts: federation.accounts.clone(),
        declared: federation.declared.clone(),
        exports: federation.exports.clone(),
        defects: Defects::default(),
    };
    let (mut members, mut nested) = (Edges::default(), Edges::default());
    for edit in edits {
        match edit {
            Edit::Rename { group, to } => {
                let name = made.directory.names.add(to);
                if let Some(group) = made.directory.groups.get_mut(group.0 as usize) {
                    group.name = name;
                }
            }
            Edit::Add { group, member: Member::User(user) } => members.add(group.0, user.0),
            Edit::Add { group, member: Member::Group(inner) } => nested.add(group.0, inner.0),
            Edit::Remove { group, member: Member::User(user) } => members.remove(group.0, user.0),
            Edit::Remove { group, member: Member::Group(inner) } => nested.remove(group.0, inner.0),
            Edit::Trust { account, role, policy } => {
                let roles = made.accounts.get_mut(account).map(|account| &mut account.roles);
                let role = roles.into_iter().flatten().find(|one| one.name == *role);
                if let Some(role) = role {
                    role.trust_policy = Some(PolicyDocument::new(policy.as_str(), Place::NOWHERE));
                }
            }
        }
    }
    change_memberships(&federation.directory, &mut made.directory, &members, &nested);
    made
}

#[derive(Debug, Default)]
struct Edges {
    added: BTreeSet<(u32, u32)>,
    removed: BTreeSet<(u32, u32)>,
}

impl Edges {
    fn add(&mut self, group: u32, member: u32) {
        self.removed.remove(&(group, member));
        self.added.insert((group, member));
    }

    fn remove(&mut self, group: u32, member: u32) {
        self.added.remove(&(group, member));
        self.removed.insert((group, member));
    }

    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// What is added and was not there.
    fn joined(&self, is_there: impl Fn(u32, u32) -> bool) -> BTreeSet<(u32, u32)> {
        self.added.iter().copied().filter(|&(group, member)| !is_there(group, member)).collect()
    }
}

fn change_memberships(old: &Directory, made: &mut Directory, members: &Edges, nested: &Edges) {
    if members.is_empty() && nested.is_empty() {
        return;
    }
    let gone = |edges: &BTreeSet<(u32, u32)>, group, member| edges.contains(&(group, member));
    let turned = |edges: &BTreeSet<(u32, u32)>| -> BTreeSet<(u32, u32)> {
        edges.iter().map(|&(outer, inner)| (inner, outer)).collect()
    };
    let added = members.joined(|group, user| old.members.targets(group).contains(&user));
    made.members = old.members.changed(&|g, u, _| gone(&members.removed, g, u), &added);
    let added = nested.joined(|outer, inner| old.nested.targets(outer).contains(&inner));
    made.nested = old.nested.changed(&|o, i, _| gone(&nested.removed, o, i), &added);
    let removed = turned(&nested.removed);
    made.containers = old.containers.changed(&|i, o, _| gone(&removed, i, o), &turned(&added));
    if old.has_mirrors() {
        let stale = stale_copies(old, made);
        let is_stale = |group: u32, user: u32, place: Place| {
            made.is_mirror(GroupId(group), place) && stale.contains(&(group, user))
        };
        made.members = made.members.changed(&is_stale, &BTreeSet::new());
    }
}

/// Memberships that Okta has because of a chain in the directory which is no more: its next import would
/// take them away.
fn stale_copies(old: &Directory, new: &Directory) -> BTreeSet<(u32, u32)> {
    let mut stale = BTreeSet::new();
    for (group, _) in new.groups() {
        let copies = new.members.entries(group.0);
        let copies: BTreeSet<u32> =
            copies.filter(|&(_, at)| new.is_mirror(group, at)).map(|(user, _)| user).collect();
        if copies.is_empty() {
            continue;
        }
        let (before, after) = (users_below(old, group), users_below(new, group));
        let lost = copies.iter().filter(|user| before.contains(user) && !after.contains(user));
        stale.extend(lost.map(|&user| (group.0, user)));
    }
    stale
}

/// Users in a group directly or through nesting, as the directory itself has it.
fn users_below(directory: &Directory, group: GroupId) -> BTreeSet<u32> {
    let mut users = BTreeSet::new();
    let mut seen = BTreeSet::from([group.0]);
    let mut open = vec![group];
    while let Some(group) = open.pop() {
        let own = directory.members.entries(group.0);
        users.extend(own.filter(|&(_, at)| !directory.is_mirror(group, at)).map(|(user, _)| user));
        if directory.group(group).is_some_and(Group::nests) {
            let inner = directory.nested.targets(group.0).iter();
            open.extend(inner.filter(|&&inner| seen.insert(inner)).map(|&inner| GroupId(inner)));
        }
    }
    users
}
