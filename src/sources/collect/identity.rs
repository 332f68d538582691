//! Which keys and records are one user or one group.
//!
//! Records that share a key are one identity. Across systems a user is joined by login (or mail, where
//! no login fits), a group by DN, then by name, ignoring case as AD and Okta do. A membership may name
//! its member by any of these; what only memberships name is looked up once more here.

mod joins;
mod unowned;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Collector, UserRow};
use crate::model::directory::Status;
use crate::model::group_source::GroupSource;
use crate::model::names::Text;
use crate::sources::batch::{Attribute, GroupFacts, RecordRef};
use crate::sources::dn;
use crate::sources::keys::{KeyId, KeySpace};
use crate::text::Place;
use joins::{group_joins, user_joins};
use unowned::resolve_unowned;

/// Whose a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Owner {
    Nobody,
    User(u32),
    Group(u32),
}

#[derive(Debug, Clone)]
pub(super) struct UserNode {
    pub(super) status: Status,
    pub(super) place: Place,
    pub(super) key: KeyId,
    pub(super) login: Option<Text>,
}

impl UserNode {
    const fn of(row: &UserRow) -> Self {
        Self { status: row.status, place: row.place, key: row.key, login: None }
    }
}

#[derive(Debug, Clone)]
pub(super) struct GroupNode {
    pub(super) name: Text,
    pub(super) facts: GroupFacts,
    pub(super) place: Place,
    pub(super) key: KeyId,
}

/// The joined identities.
#[derive(Debug, Default)]
pub(super) struct Identities {
    pub(super) owners: Vec<Owner>,
    pub(super) users: Vec<UserNode>,
    pub(super) groups: Vec<GroupNode>,
    /// For each user (group) row of the collector, its node.
    pub(super) user_of_row: Vec<u32>,
    pub(super) group_of_row: Vec<u32>,
    /// Keys of joined nodes beside the first, for the lists of other names.
    pub(super) more_keys: Vec<(Owner, KeyId)>,
    pub(super) users_stated: bool,
}

impl Identities {
    pub(super) fn owner(&self, key: KeyId) -> Owner {
        self.owners.get(key.0 as usize).copied().unwrap_or(Owner::Nobody)
    }

    pub(super) fn set_owner(&mut self, key: KeyId, owner: Owner) {
        if let Some(slot) = self.owners.get_mut(key.0 as usize) {
            *slot = owner;
        }
    }
}

/// Joins everything the collector holds.
pub(super) fn join(collector: &mut Collector, apps: &BTreeMap<String, String>) -> Identities {
    let mut found = Identities {
        // Side by side, as memory is new.
        owners: (0..collector.keys.len()).into_par_iter().map(|_| Owner::Nobody).collect(),
        users_stated: !collector.users.is_empty(),
        ..Identities::default()
    };
    join_rows(collector, &mut found);
    name_sources(collector, &mut found, apps);
    let mut joins = user_joins(collector, &found);
    joins.extend(group_joins(collector, &found));
    apply_joins(&mut found, &joins);
    resolve_unowned(collector, &mut found);
    found
}

/// Records that share a key become one node.
fn join_rows(collector: &Collector, found: &mut Identities) {
    if !join_distinct_users(collector, found) {
        join_users(collector, found);
    }
    for row in &collector.groups {
        let node = if let Owner::Group(node) = found.owner(row.key) {
            if let Some(group) = found.groups.get_mut(node as usize) {
                merge_facts(&mut group.facts, &row.facts);
            }
            node
        } else {
            let node = super::count(&found.groups);
            let (name, facts) = (row.name, row.facts.clone());
            found.groups.push(GroupNode { name, facts, place: row.place, key: row.key });
            if found.owner(row.key) == Owner::Nobody {
                found.set_owner(row.key, Owner::Group(node));
            }
            node
        };
        found.group_of_row.push(node);
    }
}

/// The users' records where no two share a key, as in most exports; `false` where two do.
fn join_distinct_users(collector: &Collector, found: &mut Identities) -> bool {
    let (rows, owners) = (&collector.users, &mut found.owners);
    let (distinct, (users, nodes)) = rayon::join(
        || {
            (0..).zip(rows).all(|(node, row)| match owners.get_mut(row.key.0 as usize) {
                Some(owner @ Owner::Nobody) => {
                    *owner = Owner::User(node);
                    true
                }
                _ => false,
            })
        },
        || {
            let nodes: Vec<u32> = (0..super::count(rows)).into_par_iter().collect();
            (rows.par_iter().map(UserNode::of).collect(), nodes)
        },
    );
    if distinct {
        (found.users, found.user_of_row) = (users, nodes);
    } else {
        found.owners.fill(Owner::Nobody);
    }
    distinct
}

fn join_users(collector: &Collector, found: &mut Identities) {
    for row in &collector.users {
        let node = if let Owner::User(node) = found.owner(row.key) {
            if let Some(user) = found.users.get_mut(node as usize) {
                user.status = user.status.max(row.status);
            }
            node
        } else {
            let node = super::count(&found.users);
            found.users.push(UserNode::of(row));
            if found.owner(row.key) == Owner::Nobody {
                found.set_owner(row.key, Owner::User(node));
            }
            node
        };
        found.user_of_row.push(node);
    }
}

fn merge_facts(into: &mut GroupFacts, other: &GroupFacts) {
    // Okta's own word about the source outranks what a directory export implies.
    if other.in_okta && !into.in_okta || into.source.is_none() {
        into.source = other.source.clone().or_else(|| into.source.take());
    }
    into.group_type = into.group_type.or(other.group_type);
    into.in_okta |= other.in_okta;
}

/// Groups of an app instance get the app's key as their source.
fn name_sources(collector: &Collector, found: &mut Identities, apps: &BTreeMap<String, String>) {
    for row in &collector.attributes {
        let (RecordRef::Group(at), Attribute::SourceApp) = (row.of, row.attribute) else {
            continue;
        };
        let app = String::from_utf8_lossy(collector.keys.slice(row.text));
        let node = found.group_of_row.get(at as usize).copied().unwrap_or(u32::MAX);
        if let Some(group) = found.groups.get_mut(node as usize)
            && group.facts.source.is_none()
        {
            group.facts.source = apps.get(app.as_ref()).map(|key| GroupSource::from_key(key));
        }
    }
}

/// Merges nodes and renumbers everything that names them.
fn apply_joins(found: &mut Identities, joins: &[(Owner, Owner)]) {
    if joins.is_empty() {
        return;
    }
    let mut users = Union::new(found.users.len());
    let mut groups = Union::new(found.groups.len());
    for &(a, b) in joins {
        match (a, b) {
            (Owner::User(a), Owner::User(b)) => users.join(a, b),
            (Owner::Group(a), Owner::Group(b)) => groups.join(a, b),
            _ => {}
        }
    }
    let (user_map, group_map) = (users.renumber(), groups.renumber());
    let mut merged_users: Vec<UserNode> = Vec::new();
    for (old, user) in std::mem::take(&mut found.users).into_iter().enumerate() {
        let new = user_map.get(old).copied().unwrap_or_default();
        if let Some(first) = merged_users.get_mut(new as usize) {
            first.status = first.status.max(user.status);
            found.more_keys.push((Owner::User(new), user.key));
        } else {
            merged_users.push(user);
        }
    }
    let mut merged_groups: Vec<GroupNode> = Vec::new();
    for (old, group) in std::mem::take(&mut found.groups).into_iter().enumerate() {
        let new = group_map.get(old).copied().unwrap_or_default();
        if let Some(first) = merged_groups.get_mut(new as usize) {
            // The name Okta shows is the one Okta filters.
            if group.facts.in_okta && !first.facts.in_okta {
                first.name = group.name;
                first.place = group.place;
            }
            merge_facts(&mut first.facts, &group.facts);
            found.more_keys.push((Owner::Group(new), group.key));
        } else {
            merged_groups.push(group);
        }
    }
    (found.users, found.groups) = (merged_users, merged_groups);
    let renumber = |map: &[u32], node: &mut u32| {
        *node = map.get(*node as usize).copied().unwrap_or(*node);
    };
    found.user_of_row.iter_mut().for_each(|node| renumber(&user_map, node));
    found.group_of_row.iter_mut().for_each(|node| renumber(&group_map, node));
    for owner in &mut found.owners {
        match owner {
            Owner::User(node) => renumber(&user_map, node),
            Owner::Group(node) => renumber(&group_map, node),
            Owner::Nobody => {}
        }
    }
}

struct Union(Vec<u32>);

impl Union {
    fn new(size: usize) -> Self {
        Self((0..u32::try_from(size).unwrap_or(u32::MAX)).collect())
    }

    fn root(&mut self, mut at: u32) -> u32 {
        while let Some(&up) = self.0.get(at as usize)
            && up != at
        {
            let above = self.0.get(up as usize).copied().unwrap_or(up);
            if let Some(slot) = self.0.get_mut(at as usize) {
                *slot = above;
            }
            at = above;
        }
        at
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(slot) = self.0.get_mut(a.max(b) as usize) {
            *slot = a.min(b);
        }
    }

    /// New dense numbers, in the order of the old ones.
    fn renumber(mut self) -> Vec<u32> {
        let mut numbers: Vec<u32> = Vec::with_capacity(self.0.len());
        let mut next = 0;
        for old in 0..u32::try_from(self.0.len()).unwrap_or(u32::MAX) {
            let root = self.root(old);
            if root == old {
                numbers.push(next);
                next += 1;
            } else {
                numbers.push(numbers.get(root as usize).copied().unwrap_or_default());
            }
        }
        numbers
    }
}

/// Text without its case.
pub(in crate::sources) fn folded(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    match std::str::from_utf8(text) {
        Ok(text) => text.to_lowercase().into_bytes(),
        Err(_) => text.to_vec(),
    }
}

/// The spaces of users' keys.
fn spaces_of_users(collector: &Collector, found: &Identities) -> KeySpaces {
    let spaces = |users: &[UserNode]| {
        KeySpaces::of(users.iter().filter_map(|user| collector.keys.space(user.key)))
    };
    let parts = found.users.par_chunks(USERS_AT_ONCE).map(spaces);
    parts.reduce(KeySpaces::default, |one, other| KeySpaces(one.0 | other.0))
}

/// How many users are looked at by one thread at once.
const USERS_AT_ONCE: usize = 4096;

/// Users of whose key another case may be the same, by number: of most it is seen at a glance that none is.
fn cased_users(collector: &Collector, found: &Identities) -> Vec<u32> {
    let keys = &collector.keys;
    let any_case = |text: &[u8]| text.iter().fold(false, |any, &byte| any | has_case(byte));
    let nodes: Vec<u32> = (0..super::count(&found.users)).collect();
    let glances = found.users.par_chunks(GLANCE).zip(nodes.par_chunks(GLANCE));
    let cased = glances.with_min_len(USERS_AT_ONCE / GLANCE).flat_map_iter(|(users, nodes)| {
        let (first, last) = (users.first(), users.last());
        let in_a_row = users.iter().is_sorted_by(|one, next| one.key.0 + 1 == next.key.0);
        let spared = first
            .zip(last)
            .is_some_and(|(first, last)| in_a_row && !any_case(keys.stretch(first.key, last.key)));
        let each = users
            .iter()
            .zip(nodes)
            .filter(move |(user, _)| !spared && any_case(keys.text(user.key)));
        each.map(|(_, &node)| node)
    });
    cased.collect()
}

/// How many users are looked at together.
const GLANCE: usize = 16;

/// Whether a byte may have another case that is not it.
const fn has_case(byte: u8) -> bool {
    byte.is_ascii_uppercase() || !byte.is_ascii()
}

fn canonical_dn(text: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    dn::canonical(text, out).is_ok()
}

/// A set of spaces.
#[derive(Debug, Clone, Copy, Default)]
struct KeySpaces(u32);

impl KeySpaces {
    fn of(spaces: impl Iterator<Item = KeySpace>) -> Self {
        Self(spaces.fold(0, |set, space| set | 1 << space as u32))
    }

    const fn has(self, space: KeySpace) -> bool {
        self.0 & 1 << space as u32 != 0
    }

    const fn len(self) -> u32 {
        self.0.count_ones()
    }
}
