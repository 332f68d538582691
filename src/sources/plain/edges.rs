//! Membership records, the many.
#![expect(
    clippy::indexing_slicing,
    reason = "offsets come from memchr over the same slice, or are bounded by the line before use"
)]

use std::ops::Range;

use super::record::{Record, Records, first_field};
use super::{PlainError, PlainReader};
use crate::sources::batch::{Batch, GroupFacts, KeyRef, Loss, Need};
use crate::sources::keys::{KeyHash, KeySpace};
use crate::sources::words;

/// How many members are looked up at once, so that their cache misses overlap.
pub(super) const LOOK_UPS: usize = 32;

/// After how many records that each begin another group all are taken to do so.
const SINGLE: u32 = 4;

/// A record that makes a user a member: whom, where in the block it stands, its line.
pub(super) struct Row<'b> {
    pub(super) member: &'b [u8],
    pub(super) bytes: Range<usize>,
    pub(super) line: u32,
}

/// Reads membership records.
pub(super) struct Edges<'r, 'b> {
    pub(super) reader: &'r PlainReader,
    columns: [usize; 2],
    member_type: Option<usize>,
    utf8: bool,
    /// Where the block begins in the input.
    offset: u64,
    /// `group,member,user`: the order every known exporter writes.
    usual: bool,
    /// The group of the record before, with the delimiter behind it.
    group_text: &'b [u8],
    group: Option<KeyRef>,
    /// Which memberships of that group are needed.
    need: Need,
    /// How many records in a row began another group than the one before.
    single: u32,
    /// Users whose keys are looked up together, and the group and line of each.
    waiting: Vec<(KeyHash, &'b [u8])>,
    places: Vec<(KeyRef, u32)>,
    /// The same of groups that are members.
    nested: Vec<(KeyHash, &'b [u8])>,
    nested_places: Vec<(KeyRef, u32)>,
}

impl<'r, 'b> Edges<'r, 'b> {
    pub(super) fn new(
        reader: &'r PlainReader,
        columns: [usize; 2],
        member_type: Option<usize>,
        (utf8, offset): (bool, u64),
    ) -> Self {
        let usual = columns == [0, 1] && member_type == Some(2) && reader.columns == 3;
        let waiting = Vec::with_capacity(LOOK_UPS);
        let places = Vec::with_capacity(LOOK_UPS);
        Self {
            reader,
            columns,
            member_type,
            utf8,
            offset,
            usual,
            group_text: b"",
            group: None,
            need: Need::All,
            single: 0,
            waiting,
            places,
            nested: Vec::new(),
            nested_places: Vec::new(),
        }
    }

    pub(super) fn read(&mut self, records: &mut Records<'b>, batch: &mut Batch<'_>) {
        let longest = batch.limits().value;
        loop {
            if self.usual && self.utf8 {
                self.users_in_a_row(records, batch);
                if self.single >= SINGLE {
                    self.users_of_any_group(records, batch);
                }
            }
            let start = records.at;
            let Some(record) = records.next() else { break };
            let usual = self.usual && self.utf8 && record.bytes.len() <= longest;
            if !(usual && self.usual_record(&record, start..records.at, batch))
                && let Err(error) = self.any_record(&record, batch)
            {
                batch.problem(record.line, Loss::Record, error);
            }
            self.look_up_many(batch);
        }
        self.look_up(batch);
    }

    /// Records that begin like the one before, of users without quotes: each costs one search.
    fn users_in_a_row(&mut self, records: &mut Records<'b>, batch: &mut Batch<'_>) {
        let longest = batch.limits().value;
        let Some(group) = self.group.filter(|_| !self.group_text.contains(&b'\n')) else { return };
        if !matches!(self.need, Need::All | Need::First) && !batch.asks_for_a_user() {
            return self.leave_users_in_a_row(group, records, batch);
        }
        while let Some(rest) = words::behind(records.rest(), self.group_text) {
            let Some((member, length)) = self.user_in(rest) else { return };
            let length = self.group_text.len() + length;
            if length > longest {
                return;
            }
            let row = Row { member, bytes: records.at..records.at + length, line: records.line };
            self.user_of(group, &row, batch);
            self.single = 0;
            records.pass(length);
            self.look_up_many(batch);
        }
    }

    /// [`Self::users_in_a_row`] where none of them is needed now: they are left together.
    fn leave_users_in_a_row(
        &mut self,
        group: KeyRef,
        records: &mut Records<'b>,
        batch: &mut Batch<'_>,
    ) {
        let (start, line, longest) = (records.at, records.line, batch.limits().value);
        let mut rest = records.rest();
        while let Some(behind) = words::behind(rest, self.group_text)
            && let Some((_, length)) = self.user_in(behind)
            && self.group_text.len() + length <= longest
        {
            records.pass(self.group_text.len() + length);
            rest = behind.get(length..).unwrap_or_default();
        }
        if records.at > start {
            self.single = 0;
            self.leave(group, self.need, (&(start..records.at), line), batch);
        }
    }

    /// Records of a group that are not needed now, and their first line.
    fn leave(
        &self,
        group: KeyRef,
        need: Need,
        (bytes, line): (&Range<usize>, u32),
        batch: &mut Batch<'_>,
    ) {
        match need {
            Need::None => batch.leave_out(),
            _ => batch.leave(Some(group), self.in_input(bytes), line),
        }
    }

    /// The user that the rest of a record behind its group names without quotes, and the length of that rest
    /// with its line end.
    #[inline]
    pub(super) fn user_in(&self, rest: &'b [u8]) -> Option<(&'b [u8], usize)> {
        let delimiter = self.reader.delimiter;
        let end = memchr::memchr3(delimiter, b'"', b'\n', rest).filter(|&end| end > 0)?;
        let (member, behind) = rest.split_at(end);
        let length = match behind {
            [_, b'u', b's', b'e', b'r', b'\n', ..] => end + 6,
            [_, b'u', b's', b'e', b'r', b'\r', b'\n', ..] => end + 7,
            _ => return None,
        };
        (behind.first() == Some(&delimiter)).then_some((member, length))
    }

    /// A record of the usual three columns, without quotes but for a group that begins as in the record
    /// before; `false` when it is anything else.
    fn usual_record(
        &mut self,
        record: &Record<'b>,
        bytes: Range<usize>,
        batch: &mut Batch<'_>,
    ) -> bool {
        let delimiter = self.reader.delimiter;
        let line = record.bytes;
        if self.group.is_none() || !line.starts_with(self.group_text) {
            if record.quoted {
                return false;
            }
            let Some(end) = memchr::memchr(delimiter, line) else { return false };
            if end == 0 {
                return false;
            }
            self.single += 1;
            self.group_text = &line[..=end];
            let group = self.new_group(&line[..end], record.line, batch);
            self.group = Some(group);
            self.need = batch.need(group, &line[..end]);
        }
        let Some(group) = self.group else { return false };
        let rest = &line[self.group_text.len()..];
        let (space, member) = if let Some(member) = rest.strip_suffix(b"user") {
            (KeySpace::Login, member)
        } else if let Some(member) = rest.strip_suffix(b"group") {
            (KeySpace::GroupName, member)
        } else {
            return false;
        };
        let Some((&last, member)) = member.split_last() else { return false };
        if last != delimiter
            || member.is_empty()
            || memchr::memchr2(delimiter, b'"', member).is_some()
        {
            return false;
        }
        if space != KeySpace::Login {
            self.nested.push((KeyHash::of(member), member));
            self.nested_places.push((group, record.line));
            return true;
        }
        self.user_of(group, &Row { member, bytes, line: record.line }, batch);
        true
    }

    /// A user's membership of the group at hand.
    #[inline]
    fn user_of(&mut self, group: KeyRef, row: &Row<'b>, batch: &mut Batch<'_>) {
        self.user(group, self.need, row, batch);
        if self.need == Need::First {
            self.need = Need::Later;
        }
    }

    /// A user's membership: taken up where it is needed.
    #[inline]
    pub(super) fn user(&mut self, group: KeyRef, need: Need, row: &Row<'b>, batch: &mut Batch<'_>) {
        match need {
            Need::All | Need::First => {}
            Need::Later if batch.is_asked_for(row.member) => {}
            Need::Later | Need::None => {
                return self.leave(group, need, (&row.bytes, row.line), batch);
            }
        }
        self.waiting.push((KeyHash::of(row.member), row.member));
        self.places.push((group, row.line));
    }

    /// Where bytes of the block stand in the input.
    pub(super) fn in_input(&self, bytes: &Range<usize>) -> Range<u64> {
        self.offset + bytes.start as u64..self.offset + bytes.end as u64
    }

    fn new_group(&self, name: &[u8], line: u32, batch: &mut Batch<'_>) -> KeyRef {
        let key = batch.key(KeySpace::GroupName, name);
        self.state_group(key, name, line, batch);
        key
    }

    /// States a group where what the user said about the file says where it comes from.
    pub(super) fn state_group(&self, key: KeyRef, name: &[u8], line: u32, batch: &mut Batch<'_>) {
        if let Some(source) = &self.reader.group_source
            && let Ok(name) = std::str::from_utf8(name)
        {
            let facts = GroupFacts { source: Some(source.clone()), ..GroupFacts::default() };
            batch.group(key, name, facts, line);
        }
    }

    /// A record of any shape.
    fn any_record(&mut self, record: &Record<'b>, batch: &mut Batch<'_>) -> Result<(), PlainError> {
        let (reader, longest) = (self.reader, batch.limits().value);
        let fields = record.fields(reader.delimiter, reader.columns, self.utf8, longest)?;
        let Some(fields) = fields else {
            return Ok(());
        };
        let field = |at: usize| fields.get(at).map(AsRef::as_ref).unwrap_or_default();
        let [group, member] = self.columns.map(field);
        if group.is_empty() {
            return Err(PlainError::Empty("group"));
        }
        if member.is_empty() {
            return Err(PlainError::Empty("member"));
        }
        let space = match self.member_type.map(field) {
            None | Some(b"") => KeySpace::Member,
            Some(word) if word.eq_ignore_ascii_case(b"user") => KeySpace::Login,
            Some(word) if word.eq_ignore_ascii_case(b"group") => KeySpace::GroupName,
            Some(word) => {
                return Err(PlainError::MemberType(String::from_utf8_lossy(word).into_owned()));
            }
        };
        let name = group;
        let group = self.new_group(name, record.line, batch);
        let member = batch.key(space, member);
        batch.member(group, member, record.line);
        if self.usual
            && let Some(end) = first_field(record.bytes, self.reader.delimiter)
        {
            self.group_text = &record.bytes[..=end];
            self.group = Some(group);
            self.need = batch.need(group, name);
        }
        Ok(())
    }

    /// Looks members up once there are many.
    #[inline]
    pub(super) fn look_up_many(&mut self, batch: &mut Batch<'_>) {
        if self.waiting.len() >= LOOK_UPS || self.nested.len() >= LOOK_UPS {
            self.look_up(batch);
        }
    }

    fn look_up(&mut self, batch: &mut Batch<'_>) {
        batch.members(KeySpace::Login, &self.waiting, &self.places);
        batch.members(KeySpace::GroupName, &self.nested, &self.nested_places);
        self.waiting.clear();
        self.places.clear();
        self.nested.clear();
        self.nested_places.clear();
    }
}
