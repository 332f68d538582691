//! Which keys and records are one user or one group.
//!
//! Records that share a key are one identity. Across systems a user is joined by login (or mail, where
//! no login fits), a group by DN, then by name, ignoring case as AD and Okta do. A membership may name
//! its member by any of these; what only memberships name is looked up once more here.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};

use super::Collector;
use crate::model::directory::Status;
use crate::model::group_source::GroupSource;
use crate::model::names::Text;
use crate::sources::batch::{Attribute, GroupFacts, RecordRef};
use crate::sources::dn;
use crate::sources::keys::{KeyId, KeySpace};
use crate::text::Place;

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
        owners: vec![Owner::Nobody; collector.keys.len()],
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
    found.users.reserve(collector.users.len());
    found.user_of_row.reserve(collector.users.len());
    for row in &collector.users {
        let node = if let Owner::User(node) = found.owner(row.key) {
            if let Some(user) = found.users.get_mut(node as usize) {
                user.status = user.status.max(row.status);
            }
            node
        } else {
            let node = super::count(&found.users);
            let (status, place, key) = (row.status, row.place, row.key);
            found.users.push(UserNode { status, place, key, login: None });
            if found.owner(row.key) == Owner::Nobody {
                found.set_owner(row.key, Owner::User(node));
            }
            node
        };
        found.user_of_row.push(node);
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

/// Pairs of user nodes that are one user: the same login, else the same mail address, ignoring case.
fn user_joins(collector: &Collector, found: &Identities) -> Vec<(Owner, Owner)> {
    if KeySpaces::of(space_of_users(collector, found)).len() < 2 {
        return login_case_joins(collector, found);
    }
    let mut by_login: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
    let mut joins = Vec::new();
    let mut join = |name: &[u8], node: u32| {
        let first = *by_login.entry(folded(name)).or_insert(node);
        if first != node {
            joins.push((Owner::User(first), Owner::User(node)));
        }
    };
    for (node, user) in (0..).zip(&found.users) {
        if collector.keys.space(user.key) == Some(KeySpace::Login) {
            join(collector.keys.text(user.key), node);
        }
    }
    for row in &collector.attributes {
        if let (RecordRef::User(at), Attribute::Login) = (row.of, row.attribute)
            && let Some(&node) = found.user_of_row.get(at as usize)
        {
            join(collector.keys.slice(row.text), node);
        }
    }
    joins.extend(mail_joins(collector, found, &joins));
    joins
}

/// Users of different systems that no login joins, but one mail address does.
fn mail_joins(
    collector: &Collector,
    found: &Identities,
    joined: &[(Owner, Owner)],
) -> Vec<(Owner, Owner)> {
    let done: BTreeSet<Owner> = joined.iter().flat_map(|&(a, b)| [a, b]).collect();
    let mut by_mail: FxHashMap<Vec<u8>, Vec<u32>> = FxHashMap::default();
    for row in &collector.attributes {
        if let (RecordRef::User(at), Attribute::Mail) = (row.of, row.attribute)
            && let Some(&node) = found.user_of_row.get(at as usize)
            && !done.contains(&Owner::User(node))
        {
            by_mail.entry(folded(collector.keys.slice(row.text))).or_default().push(node);
        }
    }
    let space =
        |node: u32| found.users.get(node as usize).and_then(|user| collector.keys.space(user.key));
    let mut joins: Vec<_> = by_mail
        .into_values()
        .filter_map(|nodes| match nodes.as_slice() {
            &[a, b] if space(a) != space(b) => Some((Owner::User(a), Owner::User(b))),
            _ => None,
        })
        .collect();
    joins.sort_unstable();
    joins
}

/// Logins of one system that differ in case only.
fn login_case_joins(collector: &Collector, found: &Identities) -> Vec<(Owner, Owner)> {
    let mut variants: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
    let mut joins = Vec::new();
    let text = |node: u32| {
        found.users.get(node as usize).map_or(&[][..], |user| collector.keys.text(user.key))
    };
    let has_case: Vec<u32> = (0..super::count(&found.users))
        .into_par_iter()
        .filter(|&node| text(node).iter().fold(false, |any, &byte| any | has_case(byte)))
        .collect();
    for node in has_case {
        let space = found.users.get(node as usize).and_then(|user| collector.keys.space(user.key));
        if space != Some(KeySpace::Login) {
            continue;
        }
        let lower = folded(text(node));
        let other = collector.keys.get(KeySpace::Login, &lower).map(|key| found.owner(key));
        match other {
            Some(Owner::User(first)) if first != node => {
                joins.push((Owner::User(first), Owner::User(node)));
            }
            _ => {
                let first = *variants.entry(lower).or_insert(node);
                if first != node {
                    joins.push((Owner::User(first), Owner::User(node)));
                }
            }
        }
    }
    joins
}

/// Whether a byte may have another case that is not it.
const fn has_case(byte: u8) -> bool {
    byte.is_ascii_uppercase() || !byte.is_ascii()
}

fn space_of_users(collector: &Collector, found: &Identities) -> impl Iterator<Item = KeySpace> {
    found.users.iter().filter_map(|user| collector.keys.space(user.key))
}

/// Pairs of group nodes that are one group: the same DN, else the same name in different systems.
fn group_joins(collector: &Collector, found: &Identities) -> Vec<(Owner, Owner)> {
    let space = |node: u32| {
        found.groups.get(node as usize).and_then(|group| collector.keys.space(group.key))
    };
    let spaces = KeySpaces::of((0..super::count(&found.groups)).filter_map(space));
    if spaces.len() < 2 && !spaces.has(KeySpace::Dn) {
        return Vec::new();
    }
    let mut joins = Vec::new();
    let mut by_dn: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
    let mut scratch = Vec::new();
    let mut join_dn = |text: &[u8], node: u32| {
        if canonical_dn(text, &mut scratch) {
            let first = *by_dn.entry(scratch.clone()).or_insert(node);
            if first != node {
                joins.push((Owner::Group(first), Owner::Group(node)));
            }
        }
    };
    for (node, group) in (0..).zip(&found.groups) {
        if collector.keys.space(group.key) == Some(KeySpace::Dn) {
            join_dn(collector.keys.text(group.key), node);
        }
    }
    for row in &collector.attributes {
        if let (RecordRef::Group(at), Attribute::Dn) = (row.of, row.attribute)
            && let Some(&node) = found.group_of_row.get(at as usize)
        {
            join_dn(collector.keys.slice(row.text), node);
        }
    }
    joins.extend(name_joins(collector, found, &joins));
    joins
}

/// Groups of different systems with one name, each the only one of that name in its system. A group
/// made in Okta is never a directory's, but two exports may both say that it was made in Okta.
fn name_joins(
    collector: &Collector,
    found: &Identities,
    joined: &[(Owner, Owner)],
) -> Vec<(Owner, Owner)> {
    let done: BTreeSet<Owner> = joined.iter().flat_map(|&(a, b)| [a, b]).collect();
    let mut by_name: FxHashMap<(bool, &[u8]), Vec<u32>> = FxHashMap::default();
    for (node, group) in (0..).zip(&found.groups) {
        let own = group.facts.source == Some(GroupSource::Okta);
        if !done.contains(&Owner::Group(node)) {
            by_name.entry((own, collector.keys.slice(group.name))).or_default().push(node);
        }
    }
    let space = |node: u32| {
        found.groups.get(node as usize).and_then(|group| collector.keys.space(group.key))
    };
    let mut joins = Vec::new();
    for nodes in by_name.into_values().filter(|nodes| nodes.len() > 1) {
        let spaces: BTreeSet<_> = nodes.iter().map(|&node| space(node)).collect();
        if spaces.len() == nodes.len() {
            let first = nodes.iter().copied().min().unwrap_or_default();
            joins.extend(
                nodes
                    .iter()
                    .filter(|&&node| node != first)
                    .map(|&node| (Owner::Group(first), Owner::Group(node))),
            );
        }
    }
    joins.sort_unstable();
    joins
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

/// How well a name of a record answers a key that no record has: smaller is better.
type Rank = u8;

const fn user_rank(space: KeySpace, attribute: Attribute) -> Option<Rank> {
    use Attribute as A;
    Some(match (space, attribute) {
        (KeySpace::Login | KeySpace::Email | KeySpace::Member, A::Login)
        | (KeySpace::Uid, A::Uid)
        | (KeySpace::Sid, A::Sid)
        | (KeySpace::Dn, A::Dn)
        | (KeySpace::SamAccountName, A::SamAccountName) => 0,
        (KeySpace::Login | KeySpace::Member | KeySpace::Uid, A::SamAccountName)
        | (KeySpace::Email, A::Mail) => 1,
        (KeySpace::Login | KeySpace::Member, A::Mail) => 2,
        (KeySpace::Login | KeySpace::Member, A::Uid) => 3,
        (KeySpace::Login | KeySpace::Member, A::CommonName) => 4,
        _ => return None,
    })
}

const fn group_rank(space: KeySpace, attribute: Attribute) -> Option<Rank> {
    use Attribute as A;
    Some(match (space, attribute) {
        (KeySpace::Sid, A::Sid)
        | (KeySpace::Dn, A::Dn)
        | (KeySpace::Email, A::Mail)
        | (KeySpace::SamAccountName, A::SamAccountName) => 0,
        (KeySpace::GroupName | KeySpace::Member, A::SamAccountName) => 2,
        _ => return None,
    })
}

/// Keys only memberships use, by space and folded text.
struct Wanted<'a> {
    keys: FxHashMap<(KeySpace, Vec<u8>), Vec<KeyId>>,
    spaces: Vec<KeySpace>,
    /// Which texts may be wanted, whatever their case: most are not.
    sieve: Sieve,
    collector: &'a Collector,
}

/// Texts that may be among some others, ignoring the case of ASCII: a bit for each value of a hash.
#[derive(Debug)]
struct Sieve {
    bits: Vec<u64>,
}

impl Sieve {
    /// Lets nothing through yet; for about so many texts.
    fn new(count: usize) -> Self {
        Self { bits: vec![0; (count / 4 + 1).next_power_of_two()] }
    }

    fn place(&self, text: &[u8]) -> (usize, u32) {
        let mut hasher = FxHasher::default();
        let (words, rest) = text.as_chunks::<8>();
        for word in words {
            // Letters of either case give one value, and so do some other characters.
            hasher.write_u64(u64::from_le_bytes(*word) | 0x2020_2020_2020_2020);
        }
        for byte in rest {
            hasher.write_u8(byte | 0x20);
        }
        let hash = hasher.finish();
        let at = usize::try_from(hash >> 6).unwrap_or(0) & (self.bits.len() - 1);
        (at, u32::try_from(hash & 63).unwrap_or(0))
    }

    fn add(&mut self, text: &[u8]) {
        let (at, bit) = self.place(text);
        if let Some(word) = self.bits.get_mut(at) {
            *word |= 1 << bit;
        }
    }

    fn may_hold(&self, text: &[u8]) -> bool {
        let (at, bit) = self.place(text);
        !text.is_ascii() || self.bits.get(at).is_none_or(|word| word & 1 << bit != 0)
    }
}

type Hit = (KeySpace, Vec<u8>, Rank, Owner);

/// Gives every key that no record has to the one record whose other names answer it best.
fn resolve_unowned(collector: &Collector, found: &mut Identities) {
    let answered = answered_spaces(collector, found);
    let unowned = found.owners.iter().filter(|owner| **owner == Owner::Nobody).count();
    let sieve = Sieve::new(unowned);
    let mut wanted = Wanted { keys: FxHashMap::default(), spaces: Vec::new(), sieve, collector };
    for (key, owner) in (0..).map(KeyId).zip(&found.owners) {
        if *owner != Owner::Nobody {
            continue;
        }
        let Some(space) = collector.keys.space(key).filter(|&space| answered.has(space)) else {
            continue;
        };
        if let Some(text) = comparable(space, collector.keys.text(key)) {
            wanted.sieve.add(&text);
            wanted.keys.entry((space, text)).or_default().push(key);
            if !wanted.spaces.contains(&space) {
                wanted.spaces.push(space);
            }
        }
    }
    if wanted.keys.is_empty() {
        return;
    }
    let mut hits = wanted.hits_of_keys(found);
    hits.extend(wanted.hits_of_attributes(found));
    hits.sort_unstable();
    hits.dedup();
    for same in hits.chunk_by(|a, b| (a.0, &a.1) == (b.0, &b.1)) {
        let [(space, text, rank, owner), rest @ ..] = same else { continue };
        // Two records answer equally well: nobody can say which is meant.
        if rest.first().is_some_and(|other| other.2 == *rank) {
            continue;
        }
        for &key in wanted.keys.get(&(*space, text.clone())).into_iter().flatten() {
            found.set_owner(key, *owner);
        }
    }
}

/// Spaces of which a key could be compared with a name that some record has.
fn answered_spaces(collector: &Collector, found: &Identities) -> KeySpaces {
    if !collector.attributes.is_empty() {
        return KeySpaces(u32::MAX);
    }
    let groups = found.groups.iter().filter_map(|group| collector.keys.space(group.key));
    let joined = found.more_keys.iter().filter_map(|&(_, key)| collector.keys.space(key));
    let named = [KeySpace::GroupName, KeySpace::Member].into_iter();
    let named = named.take(if found.groups.is_empty() { 0 } else { 2 });
    let mut spaces =
        KeySpaces::of(space_of_users(collector, found).chain(groups).chain(joined).chain(named));
    if spaces.has(KeySpace::Login) {
        // A member of unsaid kind may be a login.
        spaces.0 |= 1 << KeySpace::Member as u32;
    }
    spaces
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

impl Wanted<'_> {
    fn hit(&self, space: KeySpace, rank: Rank, text: &[u8], owner: Owner) -> Option<Hit> {
        if space != KeySpace::Dn && !self.sieve.may_hold(text) {
            return None;
        }
        let text = comparable(space, text)?;
        let probe = (space, text);
        self.keys.contains_key(&probe).then_some((probe.0, probe.1, rank, owner))
    }

    /// Records of which a key, compared as its system compares, is a wanted one.
    fn hits_of_keys(&self, found: &Identities) -> Vec<Hit> {
        let names = &self.collector.keys;
        let users = found.users.par_iter().enumerate().flat_map_iter(|(node, user)| {
            self.hits_of_key(Owner::User(u32::try_from(node).unwrap_or(u32::MAX)), user.key)
        });
        let groups = found.groups.par_iter().enumerate().flat_map_iter(|(node, group)| {
            let owner = Owner::Group(u32::try_from(node).unwrap_or(u32::MAX));
            let space = names.space(group.key);
            let name = names.slice(group.name);
            let by_name =
                [KeySpace::GroupName, KeySpace::Member].into_iter().filter_map(move |wanted| {
                    let other = self.spaces.contains(&wanted) && space != Some(wanted);
                    other.then(|| self.hit(wanted, 1, name, owner)).flatten()
                });
            self.hits_of_key(owner, group.key).chain(by_name)
        });
        // A record joined with another keeps its own key: memberships may spell it in another way.
        let joined = found.more_keys.par_iter();
        let joined = joined.flat_map_iter(|&(owner, key)| self.hits_of_key(owner, key));
        users.chain(groups).chain(joined).collect()
    }

    fn hits_of_key(&self, owner: Owner, key: KeyId) -> impl Iterator<Item = Hit> {
        let space = self.collector.keys.space(key);
        // A member of unsaid kind may be a login.
        let is_login = space == Some(KeySpace::Login);
        let spaces = space.into_iter().chain(is_login.then_some(KeySpace::Member));
        spaces
            .filter(|space| self.spaces.contains(space))
            .filter_map(move |space| self.hit(space, 0, self.collector.keys.text(key), owner))
    }

    fn hits_of_attributes(&self, found: &Identities) -> Vec<Hit> {
        let names = &self.collector.keys;
        let hits = self.collector.attributes.par_iter().flat_map_iter(|row| {
            let text = names.slice(row.text);
            self.spaces.iter().filter_map(move |&space| {
                let (rank, owner) = match row.of {
                    RecordRef::User(at) => (
                        user_rank(space, row.attribute)?,
                        Owner::User(*found.user_of_row.get(at as usize)?),
                    ),
                    RecordRef::Group(at) => (
                        group_rank(space, row.attribute)?,
                        Owner::Group(*found.group_of_row.get(at as usize)?),
                    ),
                    RecordRef::Assignment(_) => return None,
                };
                self.hit(space, rank, text, owner)
            })
        });
        hits.collect()
    }
}

/// A key's text as its system compares it; `None` where nothing but the exact text can match.
fn comparable(space: KeySpace, text: &[u8]) -> Option<Vec<u8>> {
    match space {
        KeySpace::Dn => {
            let mut canonical = Vec::with_capacity(text.len());
            canonical_dn(text, &mut canonical).then_some(canonical)
        }
        KeySpace::OktaId | KeySpace::GraphId | KeySpace::GoogleId => None,
        _ => Some(folded(text)),
    }
}

fn canonical_dn(text: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    dn::canonical(text, out).is_ok()
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
