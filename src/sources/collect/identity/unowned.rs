//! Keys that only memberships use, looked up among the other names of records.

use std::hash::Hasher;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};

use super::super::Collector;
use super::{Identities, KeySpaces, Owner, canonical_dn, folded, space_of_users};
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
    let answered = answered_spaces(collector, found);
    let owners = found.owners.par_iter().enumerate();
    let unowned: Vec<KeyId> = owners
        .filter(|(_, owner)| **owner == Owner::Nobody)
        .map(|(key, _)| KeyId(u32::try_from(key).unwrap_or(u32::MAX)))
        .collect();
    let sieve = Sieve::new(unowned.len());
    let mut wanted = Wanted { keys: FxHashMap::default(), spaces: Vec::new(), sieve, collector };
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
