//! Memberships on their way into a batch, looked up several at a time.

use std::ops::Range;

use super::super::attribute::Field;
use super::super::entry::Value;
use super::super::lookups::Lookups;
use crate::sources::batch::{Batch, KeyRef};
use crate::sources::keys::{KeyHash, KeySpace};

/// Member values of one attribute, waiting to be looked up.
#[derive(Debug)]
pub(super) struct Members<'b> {
    /// Each with its line.
    names: Lookups<'b, u32>,
    field: Field,
}

impl<'b> Members<'b> {
    pub(super) fn new() -> Self {
        Self { names: Lookups::new(), field: Field::Member }
    }

    /// Takes values of another attribute from now on.
    pub(super) fn switch(&mut self, field: Field, entry: KeyRef, batch: &mut Batch<'_>) {
        if field != self.field {
            self.flush(entry, batch);
            self.field = field;
        }
    }

    /// Takes a value.
    #[inline]
    pub(super) fn push(
        &mut self,
        value: Value<'b, '_>,
        line: u32,
        entry: KeyRef,
        batch: &mut Batch<'_>,
    ) {
        self.names.push(KeyHash::of(value.bytes()), value, line);
        self.flush_if_full(entry, batch);
    }

    /// Where values can be put together for [`Self::push_pooled`].
    pub(super) const fn pool(&mut self) -> &mut Vec<u8> {
        self.names.pool()
    }

    /// Takes a value that stands in the pool.
    pub(super) fn push_pooled(
        &mut self,
        value: Range<usize>,
        line: u32,
        entry: KeyRef,
        batch: &mut Batch<'_>,
    ) {
        self.names.push_pooled(value, line);
        self.flush_if_full(entry, batch);
    }

    #[inline]
    fn flush_if_full(&mut self, entry: KeyRef, batch: &mut Batch<'_>) {
        if self.names.is_full() {
            self.flush(entry, batch);
        }
    }

    /// Puts everything into the batch.
    pub(super) fn flush(&mut self, entry: KeyRef, batch: &mut Batch<'_>) {
        let (space, of_members) = (self.space(), self.field != Field::MemberOf);
        self.names.look_up(space, batch, |batch, line, key| {
            let (group, member) = if of_members { (entry, key) } else { (key, entry) };
            batch.member(group, member, line);
        });
    }

    /// Whether nothing waits.
    pub(super) const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Drops everything.
    pub(super) fn forget(&mut self) {
        self.names.forget();
    }

    const fn space(&self) -> KeySpace {
        if matches!(self.field, Field::MemberUid) { KeySpace::Uid } else { KeySpace::Dn }
    }
}
