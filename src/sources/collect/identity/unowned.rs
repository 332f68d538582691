//! Keys that only memberships use, looked up among the other names of records.

use std::hash::Hasher;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};

use super::super::{Collector, count};
use super::{Identities, KeySpaces, Owner, canonical_dn, cased_users, folded, spaces_of_users};
use crate::sources::batch::{Attribute, RecordRef};
use crate::sources::keys::{KeyId, KeySpace};

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
pub(super) fn resolve_unowned(collector: &Collector, found: &mut Identities) {
    let wanted = Wanted::of(collector, found);
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
    let mut spaces = KeySpaces::of(groups.chain(joined).chain(named));
    spaces.0 |= spaces_of_users(collector, found).0;
    if spaces.has(KeySpace::Login) {
        // A member of unsaid kind may be a login.
        spaces.0 |= 1 << KeySpace::Member as u32;
    }
    spaces
}

impl<'a> Wanted<'a> {
    /// The keys that nobody has, as far as a name of somebody may answer them.
    fn of(collector: &'a Collector, found: &Identities) -> Self {
        let answered = answered_spaces(collector, found);
        let owners = found.owners.par_iter().enumerate();
        let unowned: Vec<KeyId> = owners
            .filter(|(_, owner)| **owner == Owner::Nobody)
            .map(|(key, _)| KeyId(u32::try_from(key).unwrap_or(u32::MAX)))
            .collect();
        let sieve = Sieve::new(unowned.len());
        let mut wanted = Self { keys: FxHashMap::default(), spaces: Vec::new(), sieve, collector };
        for key in unowned {
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
        wanted
    }

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
        let mut hits: Vec<Hit> = groups.chain(joined).collect();
        hits.extend(self.hits_of_users(found));
        hits
    }

    fn hits_of_users(&self, found: &Identities) -> Vec<Hit> {
        let nodes = 0..count(&found.users);
        if spaces_of_users(self.collector, found).has(KeySpace::Dn) {
            return self.hits_of_each_user(found, nodes.into_par_iter());
        }
        // A key that has no case, and is its user's alone, is found by the wanted text as it is.
        let is_shared = |&node: &u32| {
            let user = found.users.get(node as usize);
            user.is_some_and(|user| found.owner(user.key) != Owner::User(node))
        };
        let mut nodes: Vec<u32> = nodes.into_par_iter().filter(is_shared).collect();
        nodes.extend(cased_users(self.collector, found));
        nodes.extend(self.keys.keys().flat_map(|(space, text)| {
            let is_member = *space == KeySpace::Member;
            let spaces = [*space].into_iter().chain(is_member.then_some(KeySpace::Login));
            let known = spaces.filter_map(move |space| self.collector.keys.get(space, text));
            known.filter_map(|key| match found.owner(key) {
                Owner::User(node) => Some(node),
                Owner::Group(_) | Owner::Nobody => None,
            })
        }));
        nodes.sort_unstable();
        nodes.dedup();
        self.hits_of_each_user(found, nodes.into_par_iter())
    }

    fn hits_of_each_user(
        &self,
        found: &Identities,
        nodes: impl ParallelIterator<Item = u32>,
    ) -> Vec<Hit> {
        let hits = |node: u32| {
            let user = found.users.get(node as usize);
            user.into_iter().flat_map(move |user| self.hits_of_key(Owner::User(node), user.key))
        };
        nodes.flat_map_iter(hits).collect()
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::directory::Status;
    use crate::sources::batch::{Batch, GroupFacts};
    use crate::sources::keys::Keys;

    /// Few names, in a few cases, so that they meet.
    fn name() -> impl Strategy<Value = String> {
        prop_oneof!["[abAB]{1,2}", "(anna|Anna|änna|ÄNNA)@x", "[a-z]{9}"]
    }

    fn space() -> impl Strategy<Value = KeySpace> {
        proptest::sample::select(vec![
            KeySpace::Login,
            KeySpace::Login,
            KeySpace::Uid,
            KeySpace::Member,
            KeySpace::Dn,
        ])
    }

    proptest! {
        #[test]
        fn users_are_found_whether_all_are_looked_at_or_those_that_may_be_it(
            mut users in proptest::collection::vec((space(), name()), 0..150),
            groups in proptest::collection::vec((space(), name()), 0..3),
            members in proptest::collection::vec((space(), name()), 0..30),
            without_dns: bool,
        ) {
            users.retain(|(space, _)| !without_dns || *space != KeySpace::Dn);
            let mut collector = Collector::default();
            collector.begin("all.csv");
            let mut found = {
                let nothing = Keys::default();
                let mut batch = Batch::new(&nothing);
                for (space, name) in &groups {
                    let key = batch.key(*space, name.as_bytes());
                    batch.group(key, name, GroupFacts::default(), 1);
                }
                for (space, name) in &users {
                    let key = batch.key(*space, name.as_bytes());
                    batch.user(key, Status::Active, 1);
                }
                let group = batch.key(KeySpace::GroupName, b"all");
                for (space, name) in &members {
                    let member = batch.key(*space, name.as_bytes());
                    batch.member(group, member, 1);
                }
                batch.found
            };
            collector.absorb(&mut found).unwrap();
            let mut identities = Identities {
                owners: vec![Owner::Nobody; collector.keys.len()],
                ..Identities::default()
            };
            super::super::join_rows(&collector, &mut identities);
            let wanted = Wanted::of(&collector, &identities);
            let mut hits = wanted.hits_of_users(&identities);
            let all = (0..count(&identities.users)).into_par_iter();
            let mut expected = wanted.hits_of_each_user(&identities, all);
            hits.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(hits, expected);
        }
    }
}
