//! Names stored once: an arena of keys and a hash index over it.

use std::hash::Hasher;

use rustc_hash::FxHasher;

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
}

/// Number of a key, dense from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

/// All keys of a run.
///
/// The arena holds, for each key, its length (4 bytes, little endian), its space (1 byte) and its text;
/// a slot of the open-addressing index holds both halves of the hash, the id and the arena offset, so
/// that a hit costs one slot and one arena access.
#[derive(Debug, Default)]
pub struct Keys {
    arena: Vec<u8>,
    starts: Vec<u32>,
    slots: Vec<Slot>,
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
    /// Hash of a text in a space.
    pub fn of(space: KeySpace, text: &[u8]) -> Self {
        let mut hasher = FxHasher::default();
        hasher.write(text);
        hasher.write_u8(space as u8);
        Self(hasher.finish())
    }

    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a 64-bit hash")]
    const fn halves(self) -> (u32, u32) {
        ((self.0 >> 32) as u32, self.0 as u32)
    }
}

const HEADER: usize = 5;

/// The arena is full: more than 4 GiB of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than 4 GiB of distinct names")]
pub struct KeysFull;

impl Keys {
    /// Finds or adds a key.
    pub fn intern(&mut self, space: KeySpace, text: &[u8]) -> Result<KeyId, KeysFull> {
        let hash = KeyHash::of(space, text);
        if let Some(id) = self.find(hash, space, text) {
            return Ok(id);
        }
        if (self.starts.len() + 1) * 5 > self.slots.len() * 3 {
            self.grow();
        }
        let start = u32::try_from(self.arena.len()).map_err(|_| KeysFull)?;
        let length = u32::try_from(text.len()).map_err(|_| KeysFull)?;
        let id = u32::try_from(self.starts.len()).map_err(|_| KeysFull)?;
        self.arena.extend_from_slice(&length.to_le_bytes());
        self.arena.push(space as u8);
        self.arena.extend_from_slice(text);
        self.starts.push(start);
        let (tag, low) = hash.halves();
        insert(&mut self.slots, Slot { tag, low, id: id + 1, start });
        Ok(KeyId(id))
    }

    /// Finds a key.
    pub fn get(&self, space: KeySpace, text: &[u8]) -> Option<KeyId> {
        self.find(KeyHash::of(space, text), space, text)
    }

    /// Finds a key whose hash is known.
    pub fn find(&self, hash: KeyHash, space: KeySpace, text: &[u8]) -> Option<KeyId> {
        let (tag, low) = hash.halves();
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = low as usize & mask;
        loop {
            let slot = self.slots.get(at)?;
            if slot.id == 0 {
                return None;
            }
            if slot.tag == tag && slot.low == low && self.is_at(slot.start, space, text) {
                return Some(KeyId(slot.id - 1));
            }
            at = (at + 1) & mask;
        }
    }

    fn is_at(&self, start: u32, space: KeySpace, text: &[u8]) -> bool {
        let Some(entry) = self.arena.get(start as usize..) else { return false };
        let Some((length, entry)) = entry.split_first_chunk::<4>() else { return false };
        u32::from_le_bytes(*length) as usize == text.len()
            && entry
                .split_first()
                .is_some_and(|(&tag, rest)| tag == space as u8 && rest.starts_with(text))
    }

    /// Text of a key; empty for an id that was never given out.
    pub fn text(&self, id: KeyId) -> &[u8] {
        self.starts
            .get(id.0 as usize)
            .and_then(|&start| {
                let start = start as usize;
                let length: [u8; 4] = self.arena.get(start..start + 4)?.try_into().ok()?;
                self.arena.get(start + HEADER..start + HEADER + u32::from_le_bytes(length) as usize)
            })
            .unwrap_or_default()
    }

    /// Space of a key.
    pub fn space(&self, id: KeyId) -> Option<KeySpace> {
        let start = *self.starts.get(id.0 as usize)? as usize;
        ALL_SPACES.into_iter().find(|&space| self.arena.get(start + 4) == Some(&(space as u8)))
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there is none yet.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(1024);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in old.into_iter().filter(|slot| slot.id != 0) {
            insert(&mut self.slots, slot);
        }
    }
}

const ALL_SPACES: [KeySpace; 10] = [
    KeySpace::Dn,
    KeySpace::Login,
    KeySpace::GroupName,
    KeySpace::OktaId,
    KeySpace::GraphId,
    KeySpace::GoogleId,
    KeySpace::Email,
    KeySpace::Uid,
    KeySpace::Sid,
    KeySpace::SamAccountName,
];

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
mod tests {
    use super::*;

    #[test]
    fn one_text_in_two_spaces_is_two_keys() {
        let mut keys = Keys::default();
        let login = keys.intern(KeySpace::Login, b"alice").unwrap();
        let uid = keys.intern(KeySpace::Uid, b"alice").unwrap();
        assert_ne!(login, uid);
        assert_eq!(keys.intern(KeySpace::Login, b"alice"), Ok(login));
        assert_eq!(keys.space(uid), Some(KeySpace::Uid));
    }

    #[test]
    fn every_key_is_found_again_after_growth() {
        let mut keys = Keys::default();
        for n in 0..10_000_u32 {
            assert_eq!(keys.intern(KeySpace::Login, n.to_string().as_bytes()), Ok(KeyId(n)));
        }
        for n in 0..10_000_u32 {
            assert_eq!(keys.get(KeySpace::Login, n.to_string().as_bytes()), Some(KeyId(n)));
            assert_eq!(keys.text(KeyId(n)), n.to_string().as_bytes());
        }
        assert_eq!(keys.get(KeySpace::Login, b"10000"), None);
    }
}
