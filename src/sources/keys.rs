//! Names stored once: an arena of keys and a hash index over it.

use std::hash::Hasher;

use rustc_hash::FxHasher;

use super::words;
use crate::model::names::{Names, Text};

/// What a key identifies, and how far equal text means equal identity.
///
/// Keys are stored as written; keys that nobody defines are compared once more at the end the way the
/// system behind them compares (DNs after RFC 4514 parsing, logins ignoring case).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum KeySpace {
    /// Distinguished name, unfolded and base64-decoded, escapes as written.
    Dn = 1,
    /// A user's login: Okta `profile.login`, AD `userPrincipalName`, the user column of a plain CSV.
    Login,
    /// A group's name in a plain CSV or an export that knows groups by name alone.
    GroupName,
    /// Okta id (`00u…`, `00g…`).
    OktaId,
    /// Microsoft Graph object id.
    GraphId,
    /// Google Directory id.
    GoogleId,
    /// Mail address that may be a user's or a group's (Google members).
    Email,
    /// POSIX `uid` (`memberUid`).
    Uid,
    /// Security identifier, `S-1-5-21-…`.
    Sid,
    /// AD `sAMAccountName`.
    SamAccountName,
    /// A member of which the export does not say whether it is a user's login or a group's name.
    Member,
}

/// Number of a key, dense from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

/// All keys of a run.
///
/// The arena holds, for each key, its length (5 bytes of 7 bits, so that the arena stays UTF-8), its
/// space (1 byte) and its text; a slot of the open-addressing index holds both halves of the hash, the
/// id and the arena offset, so that a hit costs one slot and one arena access. Each space has an index of
/// its own: looking up the few groups does not drag the index of the many users through the cache. Other
/// text can be stored between the keys.
#[derive(Debug, Default)]
pub struct Keys {
    arena: Vec<u8>,
    starts: Vec<u32>,
    spaces: Vec<KeySpace>,
    indexes: [Index; SPACES],
}

const SPACES: usize = KeySpace::Member as usize + 1;

/// How many keys of each space there are, and how much text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Size {
    used: [usize; SPACES],
    text: usize,
}

/// For up to how many keys room is made before they are there: what an input will hold is guessed.
pub(super) const FORESEEN: usize = 4 << 20;

/// For up to how many bytes of their text.
const FORESEEN_TEXT: usize = 256 << 20;

/// The open-addressing index of one space.
#[derive(Debug, Default)]
struct Index {
    slots: Vec<Slot>,
    used: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    tag: u32,
    low: u32,
    /// Id plus one; zero is an empty slot.
    id: u32,
    start: u32,
}

/// Hash of a key, computed once and used for look-up and insertion.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyHash(u64);

impl KeyHash {
    /// Stands where a hash will.
    pub const NONE: Self = Self(0);

    /// Hash of a text, in any space.
    pub fn of(text: &[u8]) -> Self {
        let mut hasher = FxHasher::default();
        hasher.write(text);
        Self(hasher.finish())
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a 64-bit hash")]
    const fn halves(self) -> (u32, u32) {
        ((self.0 >> 32) as u32, self.0 as u32)
    }
}

const HEADER: usize = 6;

/// A key's header: length and space.
const fn header(length: u32, space: KeySpace) -> [u8; HEADER] {
    [
        (length & 0x7f) as u8,
        (length >> 7 & 0x7f) as u8,
        (length >> 14 & 0x7f) as u8,
        (length >> 21 & 0x7f) as u8,
        (length >> 28) as u8,
        space as u8,
    ]
}

const fn length_in(header: [u8; HEADER]) -> usize {
    let [bits0, bits7, bits14, bits21, bits28, _] = header;
    bits0 as usize
        | (bits7 as usize) << 7
        | (bits14 as usize) << 14
        | (bits21 as usize) << 21
        | (bits28 as usize) << 28
}

/// The arena is full: more than 4 GiB of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than 4 GiB of distinct names")]
pub struct KeysFull;

impl Keys {
    /// Finds or adds a key.
    pub fn intern(&mut self, space: KeySpace, text: &[u8]) -> Result<KeyId, KeysFull> {
        self.intern_hashed(KeyHash::of(text), space, text)
    }

    /// [`Keys::intern`] with the hash at hand.
    pub fn intern_hashed(
        &mut self,
        hash: KeyHash,
        space: KeySpace,
        text: &[u8],
    ) -> Result<KeyId, KeysFull> {
        if let Some(id) = self.find(hash, space, text) {
            return Ok(id);
        }
        let start = u32::try_from(self.arena.len()).map_err(|_| KeysFull)?;
        let length = u32::try_from(text.len()).map_err(|_| KeysFull)?;
        let id = u32::try_from(self.starts.len()).map_err(|_| KeysFull)?;
        self.arena.extend_from_slice(&header(length, space));
        self.arena.extend_from_slice(text);
        self.starts.push(start);
        self.spaces.push(space);
        let (tag, low) = hash.halves();
        if let Some(index) = self.indexes.get_mut(space as usize) {
            index.add(Slot { tag, low, id: id + 1, start });
        }
        Ok(KeyId(id))
    }

    /// How large it is.
    pub fn size(&self) -> Size {
        Size { used: self.indexes.each_ref().map(|index| index.used), text: self.arena.len() }
    }

    /// Makes room for so many times what was added since.
    pub fn expect(&mut self, since: Size, times: usize) {
        let mut keys = 0;
        for (index, then) in self.indexes.iter_mut().zip(since.used) {
            let more = foreseen(index.used - then, times, FORESEEN);
            index.reserve(more);
            keys += more;
        }
        self.starts.reserve(keys);
        self.spaces.reserve(keys);
        self.arena.reserve(foreseen(self.arena.len() - since.text, times, FORESEEN_TEXT));
    }

    /// Finds a key.
    pub fn get(&self, space: KeySpace, text: &[u8]) -> Option<KeyId> {
        self.find(KeyHash::of(text), space, text)
    }

    /// Finds a key whose hash is known.
    pub fn find(&self, hash: KeyHash, space: KeySpace, text: &[u8]) -> Option<KeyId> {
        let slots = self.slots(space);
        let mask = slots.len().wrapping_sub(1);
        let mut at = hash.halves().1 as usize & mask;
        loop {
            let slot = slots.get(at)?;
            if slot.id == 0 {
                return None;
            }
            if slot.is_of(hash) && self.is_at(slot.start, space, text) {
                return Some(KeyId(slot.id - 1));
            }
            at = (at + 1) & mask;
        }
    }

    /// Finds several keys of one space, at most `N`; the accesses of one do not wait for those of another.
    pub fn find_many<const N: usize>(
        &self,
        space: KeySpace,
        wanted: &[(KeyHash, &[u8])],
        found: &mut [Option<KeyId>; N],
    ) {
        let slots = self.slots(space);
        let mask = slots.len().wrapping_sub(1);
        let mut first = [Slot::default(); N];
        for (slot, (hash, _)) in first.iter_mut().zip(wanted) {
            *slot = slots.get(hash.halves().1 as usize & mask).copied().unwrap_or_default();
        }
        let mut reached = 0;
        for (slot, (hash, text)) in first.iter_mut().zip(wanted) {
            *slot = slot_of(slots, *slot, *hash);
            let start = slot.start as usize;
            for at in [start, start + text.len()] {
                reached ^= self.arena.get(at).copied().unwrap_or_default();
            }
        }
        std::hint::black_box(reached);
        for ((slot, (hash, text)), found) in first.iter().zip(wanted).zip(found) {
            *found = if slot.id == 0 {
                None
            } else if self.is_at(slot.start, space, text) {
                Some(KeyId(slot.id - 1))
            } else {
                self.find(*hash, space, text)
            };
        }
    }

    /// Reaches for the places where keys will be looked up, all at once, so that looking each up does not
    /// wait for the memory.
    pub fn reach_for(&self, wanted: impl Iterator<Item = (KeySpace, KeyHash)>) {
        let mut reached = 0;
        for (space, hash) in wanted {
            let slots = self.slots(space);
            let at = hash.halves().1 as usize & slots.len().wrapping_sub(1);
            reached ^= slots.get(at).map_or(0, |slot| slot.id);
        }
        std::hint::black_box(reached);
    }

    fn slots(&self, space: KeySpace) -> &[Slot] {
        self.indexes.get(space as usize).map_or(&[], |index| &index.slots)
    }

    fn is_at(&self, start: u32, space: KeySpace, text: &[u8]) -> bool {
        let Some(entry) = self.arena.get(start as usize..) else { return false };
        let Some((head, rest)) = entry.split_first_chunk::<HEADER>() else { return false };
        // INVARIANT: a key that long was never interned, so the cast cannot make two lengths equal.
        #[expect(clippy::cast_possible_truncation, reason = "see above")]
        let wanted = header(text.len() as u32, space);
        *head == wanted && words::behind(rest, text).is_some()
    }

    /// Where a key's text stands in the arena; empty for an id that was never given out.
    pub fn span(&self, id: KeyId) -> Text {
        self.starts
            .get(id.0 as usize)
            .and_then(|&start| {
                let head = self.arena.get(start as usize..)?.first_chunk::<HEADER>()?;
                let start = start + u32::try_from(HEADER).ok()?;
                Some(Text { start, end: start + u32::try_from(length_in(*head)).ok()? })
            })
            .unwrap_or_default()
    }

    /// Text of a key; empty for an id that was never given out.
    pub fn text(&self, id: KeyId) -> &[u8] {
        self.slice(self.span(id))
    }

    /// Texts of keys from one to another that was added later, and whatever stands between them.
    pub fn stretch(&self, first: KeyId, last: KeyId) -> &[u8] {
        let (first, last) = (self.span(first), self.span(last));
        self.slice(Text { start: first.start, end: last.end })
    }

    /// Stores a text that is no key.
    pub fn store(&mut self, text: &[u8]) -> Result<Text, KeysFull> {
        let start = u32::try_from(self.arena.len()).map_err(|_| KeysFull)?;
        self.arena.extend_from_slice(text);
        Ok(Text { start, end: u32::try_from(self.arena.len()).map_err(|_| KeysFull)? })
    }

    /// Stored text.
    pub fn slice(&self, text: Text) -> &[u8] {
        self.arena.get(text.start as usize..text.end as usize).unwrap_or_default()
    }

    /// Space of a key.
    pub fn space(&self, id: KeyId) -> Option<KeySpace> {
        self.spaces.get(id.0 as usize).copied()
    }

    /// Lets the index go; nothing is found by text any more.
    pub fn drop_index(&mut self) {
        self.indexes = Default::default();
    }

    /// The arena alone, for good; bytes that are no UTF-8 (a reader should let none pass) become `?`.
    pub fn into_names(self) -> Names {
        drop(self.indexes);
        drop(self.starts);
        drop(self.spaces);
        Names::from_bytes(self.arena)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }
}

/// So many times what was added, but no more than is foreseen at most.
pub(super) fn foreseen(added: usize, times: usize, most: usize) -> usize {
    added.saturating_mul(times).min(most)
}

impl Index {
    fn add(&mut self, slot: Slot) {
        self.reserve(1);
        insert(&mut self.slots, slot);
        self.used += 1;
    }

    /// Makes room for so many more.
    fn reserve(&mut self, more: usize) {
        let wanted = (self.used + more) * 5;
        if more == 0 || wanted <= self.slots.len() * 3 {
            return;
        }
        let size = (wanted / 3 + 1).next_power_of_two().max(1024);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in old.into_iter().filter(|slot| slot.id != 0) {
            insert(&mut self.slots, slot);
        }
    }
}

impl Slot {
    const fn is_of(self, hash: KeyHash) -> bool {
        let (tag, low) = hash.halves();
        self.tag == tag && self.low == low
    }
}

/// The first slot of a hash, or an empty one, where `first` stands in the place that the hash points to.
#[inline]
fn slot_of(slots: &[Slot], first: Slot, hash: KeyHash) -> Slot {
    let (mut slot, mut at) = (first, hash.halves().1 as usize);
    while slot.id != 0 && !slot.is_of(hash) {
        at = (at + 1) & slots.len().wrapping_sub(1);
        slot = slots.get(at).copied().unwrap_or_default();
    }
    slot
}

fn insert(slots: &mut [Slot], slot: Slot) {
    let mask = slots.len() - 1;
    let mut at = slot.low as usize & mask;
    while let Some(place) = slots.get_mut(at) {
        if place.id == 0 {
            *place = slot;
            return;
        }
        at = (at + 1) & mask;
    }
}

#[cfg(test)]
mod tests;
