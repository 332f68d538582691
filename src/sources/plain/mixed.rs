//! Membership records that each begin another group, as in a list in the order of users: where they can be
//! left for later nothing is looked up, else their groups are looked up several at a time.

use std::borrow::Cow;

use super::edges::{Edges, LOOK_UPS, Row};
use super::record::Records;
use crate::sources::batch::Batch;
use crate::sources::keys::{KeyHash, KeySpace};

impl<'b> Edges<'_, 'b> {
    /// Records of users without quotes, as far as each begins another group than the one before.
    pub(super) fn users_of_any_group(&mut self, records: &mut Records<'b>, batch: &mut Batch<'_>) {
        if batch.can_leave() {
            self.leave_users_of_any_group(records, batch);
        } else {
            self.take_users_of_any_group(records, batch);
        }
    }

    fn leave_users_of_any_group(&mut self, records: &mut Records<'b>, batch: &mut Batch<'_>) {
        let mut last = None;
        while let Some((group, row)) = self.single_record(records, batch.limits().value)
            && last != Some(group)
        {
            if batch.is_asked_for(row.member) {
                return;
            }
            last = Some(group);
            records.pass(row.bytes.len());
            batch.leave(None, self.in_input(&row.bytes), row.line);
        }
    }

    fn take_users_of_any_group(&mut self, records: &mut Records<'b>, batch: &mut Batch<'_>) {
        let mut groups: Vec<Cow<'b, [u8]>> = Vec::with_capacity(LOOK_UPS);
        let mut rows = Vec::with_capacity(LOOK_UPS);
        loop {
            while rows.len() < LOOK_UPS
                && let Some((group, row)) = self.single_record(records, batch.limits().value)
                && let Some(group) = unquoted(group)
                && groups.last() != Some(&group)
            {
                groups.push(group);
                records.pass(row.bytes.len());
                rows.push(row);
            }
            let is_last = rows.len() < LOOK_UPS;
            self.take_rows(&groups, rows.drain(..), batch);
            groups.clear();
            if is_last {
                return;
            }
        }
    }

    /// The record that comes next: its group as written, and the user in it.
    fn single_record(&self, records: &Records<'b>, longest: usize) -> Option<(&'b [u8], Row<'b>)> {
        let text = records.rest();
        let (group, rest) = self.group_in(text)?;
        let (member, length) = self.user_in(rest)?;
        let length = text.len() - rest.len() + length;
        let row = Row { member, bytes: records.at..records.at + length, line: records.line };
        (length <= longest).then_some((group, row))
    }

    /// The group that a record begins with, as written on one line, and what follows its delimiter.
    fn group_in(&self, text: &'b [u8]) -> Option<(&'b [u8], &'b [u8])> {
        let delimiter = self.reader.delimiter;
        let mut end = 0;
        if text.first() == Some(&b'"') {
            // Behind every second quote a cell may end.
            while text.get(end) == Some(&b'"') {
                let inner = text.get(end + 1..)?;
                let close = memchr::memchr2(b'"', b'\n', inner)
                    .filter(|&at| inner.get(at) == Some(&b'"'))?;
                end += close + 2;
            }
        } else {
            end = memchr::memchr3(delimiter, b'"', b'\n', text)?;
        }
        let (group, behind) = text.split_at_checked(end)?;
        let rest = behind.strip_prefix(&[delimiter])?;
        (!group.is_empty()).then_some((group, rest))
    }

    fn take_rows(
        &mut self,
        groups: &[Cow<'b, [u8]>],
        mut rows: impl Iterator<Item = Row<'b>>,
        batch: &mut Batch<'_>,
    ) {
        let hashed = |name: &'_ Cow<'b, [u8]>| KeyHash::of(name);
        let wanted: Vec<_> = groups.iter().map(|name| (hashed(name), &**name)).collect();
        batch.keys(KeySpace::GroupName, &wanted, |batch, at, group| {
            let (Some(row), Some(name)) = (rows.next(), groups.get(at)) else { return };
            self.state_group(group, name, row.line, batch);
            let need = batch.need(group, name);
            self.user(group, need, &row, batch);
            self.look_up_many(batch);
        });
    }
}

/// What a cell as written on one line says; nothing is no name.
fn unquoted(cell: &[u8]) -> Option<Cow<'_, [u8]>> {
    let Some(inner) = cell.strip_prefix(b"\"") else { return Some(Cow::Borrowed(cell)) };
    let inner = inner.strip_suffix(b"\"").filter(|inner| !inner.is_empty())?;
    if memchr::memchr(b'"', inner).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    let (mut name, mut rest) = (Vec::with_capacity(inner.len()), inner);
    // Quotes within a cell are written twice.
    while let Some(quote) = memchr::memchr(b'"', rest) {
        let (text, behind) = rest.split_at(quote + 1);
        name.extend_from_slice(text);
        rest = behind.get(1..)?;
    }
    name.extend_from_slice(rest);
    Some(Cow::Owned(name))
}
