//! Memberships on their way into a batch, looked up several at a time.

use std::ops::Range;

use crate::sources::batch::{Batch, KeyRef};
use crate::sources::keys::{KeyHash, KeySpace};

use super::super::attribute::Field;

/// How many keys are hashed before they are looked up: the look-ups' memory accesses overlap.
const AT_ONCE: usize = 32;

/// Member values of one attribute, waiting to be looked up.
#[derive(Debug)]
pub(super) struct Members<'b> {
    /// Hashes, and the values that stand in the block.
    wanted: [(KeyHash, &'b [u8]); AT_ONCE],
    lines: [u32; AT_ONCE],
    count: usize,
    /// Values that were folded, encoded or not UTF-8.
    pool: Vec<u8>,
    /// Which of those wanted are in the pool, and where.
    pooled: Vec<(usize, Range<usize>)>,
    field: Field,
}

impl<'b> Members<'b> {
    pub(super) const fn new() -> Self {
        Self {
            wanted: [(KeyHash::NONE, &[]); AT_ONCE],
            lines: [0; AT_ONCE],
            count: 0,
            pool: Vec::new(),
            pooled: Vec::new(),
            field: Field::Member,
        }
    }

    /// Takes values of another attribute from now on.
    pub(super) fn switch(&mut self, field: Field, entry: KeyRef, batch: &mut Batch<'_>) {
        if field != self.field {
            self.flush(entry, batch);
            self.field = field;
        }
    }

    /// Takes a value that stands in the block.
    #[inline]
    pub(super) fn push(
        &mut self,
        value: &'b [u8],
        line: u32,
        entry: KeyRef,
        batch: &mut Batch<'_>,
    ) {
        self.add(KeyHash::of(self.space(), value), value, line, entry, batch);
    }

    /// Takes a value that stands elsewhere.
    pub(super) fn push_copy(
        &mut self,
        value: &[u8],
        line: u32,
        entry: KeyRef,
        batch: &mut Batch<'_>,
    ) {
        let start = self.pool.len();
        self.pool.extend_from_slice(value);
        self.push_pooled(start..self.pool.len(), line, entry, batch);
    }

    /// Where values can be put together for [`Self::push_pooled`].
    pub(super) const fn pool(&mut self) -> &mut Vec<u8> {
        &mut self.pool
    }

    /// Takes a value that stands in the pool.
    pub(super) fn push_pooled(
        &mut self,
        value: Range<usize>,
        line: u32,
        entry: KeyRef,
        batch: &mut Batch<'_>,
    ) {
        let text = self.pool.get(value.clone()).unwrap_or_default();
        let hash = KeyHash::of(self.space(), text);
        self.pooled.push((self.count, value));
        self.add(hash, &[], line, entry, batch);
    }

    #[inline]
    fn add(
        &mut self,
        hash: KeyHash,
        value: &'b [u8],
        line: u32,
        entry: KeyRef,
        batch: &mut Batch<'_>,
    ) {
        if let (Some(wanted), Some(place)) =
            (self.wanted.get_mut(self.count), self.lines.get_mut(self.count))
        {
            *wanted = (hash, value);
            *place = line;
            self.count += 1;
        }
        if self.count == AT_ONCE {
            self.flush(entry, batch);
        }
    }

    /// Puts everything into the batch.
    pub(super) fn flush(&mut self, entry: KeyRef, batch: &mut Batch<'_>) {
        let mut wanted: [(KeyHash, &[u8]); AT_ONCE] = self.wanted;
        for (at, value) in &self.pooled {
            if let (Some((_, text)), Some(value)) =
                (wanted.get_mut(*at), self.pool.get(value.clone()))
            {
                *text = value;
            }
        }
        let wanted = wanted.get(..self.count).unwrap_or_default();
        batch.keys(self.space(), wanted, |batch, at, key| {
            let line = self.lines.get(at).copied().unwrap_or_default();
            if self.field == Field::MemberOf {
                batch.member(key, entry, line);
            } else {
                batch.member(entry, key, line);
            }
        });
        self.forget();
    }

    /// Whether nothing waits.
    pub(super) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Drops everything.
    pub(super) fn forget(&mut self) {
        self.count = 0;
        self.pool.clear();
        self.pooled.clear();
    }

    const fn space(&self) -> KeySpace {
        if matches!(self.field, Field::MemberUid) { KeySpace::Uid } else { KeySpace::Dn }
    }
}
