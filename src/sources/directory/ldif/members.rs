//! Memberships on their way into a batch, looked up several at a time.

use crate::sources::batch::{Batch, KeyRef};
use crate::sources::keys::{KeyHash, KeySpace};

use super::super::attribute::Field;

/// How many keys are hashed before they are looked up: the look-ups' memory accesses overlap.
const AT_ONCE: usize = 16;

/// Member values of one attribute, waiting to be looked up.
#[derive(Debug)]
pub(super) struct Members<'b> {
    waiting: [Waiting<'b>; AT_ONCE],
    count: usize,
    /// Values that were folded, encoded or not UTF-8.
    pool: Vec<u8>,
    field: Field,
}

#[derive(Debug, Clone, Copy)]
struct Waiting<'b> {
    hash: KeyHash,
    value: Value<'b>,
    line: u32,
}

#[derive(Debug, Clone, Copy)]
enum Value<'b> {
    InBlock(&'b [u8]),
    /// From here to there in the pool.
    Pooled(usize, usize),
}

impl<'b> Members<'b> {
    pub(super) fn new() -> Self {
        let nothing = Waiting { hash: KeyHash::default(), value: Value::InBlock(&[]), line: 0 };
        Self { waiting: [nothing; AT_ONCE], count: 0, pool: Vec::new(), field: Field::Member }
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
        let hash = KeyHash::of(self.space(), value);
        self.add(Waiting { hash, value: Value::InBlock(value), line }, entry, batch);
    }

    /// Takes a value that stands elsewhere.
    pub(super) fn push_copy(
        &mut self,
        value: &[u8],
        line: u32,
        entry: KeyRef,
        batch: &mut Batch<'_>,
    ) {
        let hash = KeyHash::of(self.space(), value);
        let start = self.pool.len();
        self.pool.extend_from_slice(value);
        let value = Value::Pooled(start, self.pool.len());
        self.add(Waiting { hash, value, line }, entry, batch);
    }

    #[inline]
    fn add(&mut self, waiting: Waiting<'b>, entry: KeyRef, batch: &mut Batch<'_>) {
        if let Some(place) = self.waiting.get_mut(self.count) {
            *place = waiting;
            self.count += 1;
        }
        if self.count == AT_ONCE {
            self.flush(entry, batch);
        }
    }

    /// Puts everything into the batch.
    pub(super) fn flush(&mut self, entry: KeyRef, batch: &mut Batch<'_>) {
        let mut wanted: [(KeyHash, &[u8]); AT_ONCE] = [(KeyHash::default(), &[]); AT_ONCE];
        for (slot, waiting) in wanted.iter_mut().zip(&self.waiting) {
            let value = match waiting.value {
                Value::InBlock(value) => value,
                Value::Pooled(start, end) => self.pool.get(start..end).unwrap_or_default(),
            };
            *slot = (waiting.hash, value);
        }
        let wanted = wanted.get(..self.count).unwrap_or_default();
        batch.keys(self.space(), wanted, |batch, at, key| {
            let line = self.waiting.get(at).map_or(0, |waiting| waiting.line);
            if self.field == Field::MemberOf {
                batch.member(key, entry, line);
            } else {
                batch.member(entry, key, line);
            }
        });
        self.forget();
    }

    /// Drops everything.
    pub(super) fn forget(&mut self) {
        self.count = 0;
        self.pool.clear();
    }

    const fn space(&self) -> KeySpace {
        if matches!(self.field, Field::MemberUid) { KeySpace::Uid } else { KeySpace::Dn }
    }
}
