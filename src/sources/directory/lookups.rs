//! Names on their way into a batch, looked up several at a time: the look-ups' memory accesses overlap.

use std::ops::Range;

use super::entry::Value;
use crate::sources::batch::{Batch, KeyRef};
use crate::sources::keys::{KeyHash, KeySpace};

/// How many names are hashed before they are looked up.
const AT_ONCE: usize = 32;

/// Names of one space, each with what is to be known of it later, waiting to be looked up.
#[derive(Debug)]
pub(super) struct Lookups<'b, T> {
    /// Hashes, and the names that stay where they stand.
    wanted: [(KeyHash, &'b [u8]); AT_ONCE],
    tags: [T; AT_ONCE],
    count: usize,
    /// The other names.
    pool: Vec<u8>,
    /// Which of those wanted are in the pool, and where.
    pooled: Vec<(usize, Range<usize>)>,
}

impl<'b, T: Copy + Default> Lookups<'b, T> {
    pub(super) fn new() -> Self {
        let wanted = [(KeyHash::NONE, [].as_slice()); AT_ONCE];
        Self {
            wanted,
            tags: [T::default(); AT_ONCE],
            count: 0,
            pool: Vec::new(),
            pooled: Vec::new(),
        }
    }

    /// Whether nothing waits.
    #[inline]
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether no other name may come before these are looked up.
    #[inline]
    pub(super) const fn is_full(&self) -> bool {
        self.count == AT_ONCE
    }

    /// Takes a name.
    #[inline]
    pub(super) fn push(&mut self, hash: KeyHash, name: Value<'b, '_>, tag: T) {
        match name {
            Value::Stays(name) => self.add(hash, name, tag),
            Value::Passes(name) => {
                let start = self.pool.len();
                self.pool.extend_from_slice(name);
                self.pooled.push((self.count, start..self.pool.len()));
                self.add(hash, &[], tag);
            }
        }
    }

    /// Where a name can be put together for [`Self::push_pooled`].
    pub(super) const fn pool(&mut self) -> &mut Vec<u8> {
        &mut self.pool
    }

    /// Takes a name that stands in the pool.
    pub(super) fn push_pooled(&mut self, name: Range<usize>, tag: T) {
        let hash = KeyHash::of(self.pool.get(name.clone()).unwrap_or_default());
        self.pooled.push((self.count, name));
        self.add(hash, &[], tag);
    }

    #[inline]
    fn add(&mut self, hash: KeyHash, name: &'b [u8], tag: T) {
        if let (Some(wanted), Some(place)) =
            (self.wanted.get_mut(self.count), self.tags.get_mut(self.count))
        {
            *wanted = (hash, name);
            *place = tag;
            self.count += 1;
        }
    }

    /// Looks all of them up: the key of each is handed to `put` with its tag.
    pub(super) fn look_up<'k>(
        &mut self,
        space: KeySpace,
        batch: &mut Batch<'k>,
        mut put: impl FnMut(&mut Batch<'k>, T, KeyRef),
    ) {
        let mut wanted: [(KeyHash, &[u8]); AT_ONCE] = self.wanted;
        for (at, name) in &self.pooled {
            if let Some((_, text)) = wanted.get_mut(*at) {
                *text = self.pool.get(name.clone()).unwrap_or_default();
            }
        }
        let wanted = wanted.get(..self.count).unwrap_or_default();
        batch.keys(space, wanted, |batch, at, key| {
            put(batch, self.tags.get(at).copied().unwrap_or_default(), key);
        });
        self.forget();
    }

    /// Drops everything.
    pub(super) fn forget(&mut self) {
        self.count = 0;
        self.pool.clear();
        self.pooled.clear();
    }
}
