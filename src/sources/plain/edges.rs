//! Membership records, the many.
#![expect(
    clippy::indexing_slicing,
    reason = "offsets come from memchr over the same slice, or are bounded by the line before use"
)]

use super::record::{Record, Records, first_field};
use super::{Kind, PlainError, PlainReader};
use crate::sources::batch::{Batch, GroupFacts, KeyRef, Loss, Need, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::keys::{KeyHash, KeySpace};

/// How many members are looked up at once, so that their cache misses overlap.
const LOOK_UPS: usize = 32;

/// Reads membership records.
pub(super) struct Edges<'r, 'b> {
    reader: &'r PlainReader,
    columns: [usize; 2],
    member_type: Option<usize>,
    utf8: bool,
    /// `group,member,user`: the order every known exporter writes.
    usual: bool,
    /// The group of the record before, with the delimiter behind it.
    group_text: &'b [u8],
    group: Option<KeyRef>,
    /// Which memberships of that group are needed.
    need: Need,
    /// Users whose keys are looked up together, and the group and line of each.
    waiting: Vec<(KeyHash, &'b [u8])>,
    places: Vec<(KeyRef, u32)>,
}

impl<'r, 'b> Edges<'r, 'b> {
    pub(super) fn new(
        reader: &'r PlainReader,
        columns: [usize; 2],
        member_type: Option<usize>,
        utf8: bool,
    ) -> Self {
        let usual = columns == [0, 1] && member_type == Some(2) && reader.columns == 3;
        let waiting = Vec::with_capacity(LOOK_UPS);
        let places = Vec::with_capacity(LOOK_UPS);
        Self {
            reader,
            columns,
            member_type,
            utf8,
            usual,
            group_text: b"",
            group: None,
            need: Need::All,
            waiting,
            places,
        }
    }

    pub(super) fn read(&mut self, mut records: Records<'b>, batch: &mut Batch<'_>) {
        let longest = batch.limits().value;
        loop {
            if self.usual && self.utf8 {
                self.users_in_a_row(&mut records, batch);
            }
            let Some(record) = records.next() else { break };
            let usual = self.usual && self.utf8 && record.bytes.len() <= longest;
            if !(usual && self.usual_record(&record, batch))
                && let Err(error) = self.any_record(&record, batch)
            {
                batch.problem(record.line, Loss::Record, error);
            }
            if self.waiting.len() == LOOK_UPS {
                self.look_up(batch);
            }
        }
        self.look_up(batch);
    }

    /// Records that begin like the one before, of users without quotes: each costs one search.
    fn users_in_a_row(&mut self, records: &mut Records<'b>, batch: &mut Batch<'_>) {
        let (delimiter, longest) = (self.reader.delimiter, batch.limits().value);
        let Some(group) = self.group.filter(|_| !self.group_text.contains(&b'\n')) else { return };
        while let Some(rest) = records.rest().strip_prefix(self.group_text) {
            let Some(end) = memchr::memchr3(delimiter, b'"', b'\n', rest) else { return };
            let (member, behind) = rest.split_at(end);
            let line_end = match behind.strip_prefix(&[delimiter, b'u', b's', b'e', b'r']) {
                Some([b'\n', ..]) => 1,
                Some([b'\r', b'\n', ..]) => 2,
                _ => return,
            };
            let length = self.group_text.len() + end + 5;
            if member.is_empty() || length > longest {
                return;
            }
            self.user(group, member, records.line, batch);
            records.pass(length + line_end);
            if self.waiting.len() == LOOK_UPS {
                self.look_up(batch);
            }
        }
    }

    /// A record of the usual three columns, without quotes but for a group that begins as in the record
    /// before; `false` when it is anything else.
    fn usual_record(&mut self, record: &Record<'b>, batch: &mut Batch<'_>) -> bool {
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
            let member = batch.key(space, member);
            batch.member(group, member, record.line);
            return true;
        }
        self.user(group, member, record.line, batch);
        true
    }

    /// A user's membership, where it is needed.
    #[inline]
    fn user(&mut self, group: KeyRef, member: &'b [u8], line: u32, batch: &mut Batch<'_>) {
        match self.need {
            Need::All => {}
            Need::First => self.need = Need::None,
            Need::None if batch.is_asked_for(member) => {}
            Need::None => return batch.leave_out(),
        }
        self.waiting.push((KeyHash::of(KeySpace::Login, member), member));
        self.places.push((group, line));
    }

    fn new_group(&self, name: &[u8], line: u32, batch: &mut Batch<'_>) -> KeyRef {
        let key = batch.key(KeySpace::GroupName, name);
        if let (Some(source), Ok(name)) = (&self.reader.group_source, std::str::from_utf8(name)) {
            let facts = GroupFacts { source: Some(source.clone()), ..GroupFacts::default() };
            batch.group(key, name, facts, line);
        }
        key
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

    fn look_up(&mut self, batch: &mut Batch<'_>) {
        batch.members(KeySpace::Login, &self.waiting, &self.places);
        self.waiting.clear();
        self.places.clear();
    }
}

/// Reads of the memberships only those whose member may be a group.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources) struct NestedGroups<'r>(pub(in crate::sources) &'r PlainReader);

impl RecordReader for NestedGroups<'_> {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        let Kind::Edges { group, member, member_type } = self.0.kind else { return };
        let mut edges = Edges::new(self.0, [group, member], member_type, false);
        let mut records = Records { bytes: &block.bytes, at: 0, line: block.first_line };
        if block.first_line == 1 {
            records.next();
        }
        loop {
            if edges.usual {
                self.without_quotes(&mut records, &mut edges, batch);
            }
            let Some(record) = records.next() else { break };
            // Quotes are balanced, or the record is none: what ends like this is a user's.
            if !(edges.usual && self.is_of_user(record.bytes)) {
                // What is wrong with a record is said when it is read for good.
                let _ = edges.any_record(&record, batch);
            }
        }
    }
}

impl NestedGroups<'_> {
    fn is_of_user(self, record: &[u8]) -> bool {
        record.last_chunk() == Some(&[self.0.delimiter, b'u', b's', b'e', b'r'])
    }

    /// The whole lines up to the next with a quote: each is a record.
    fn without_quotes<'b>(
        self,
        records: &mut Records<'b>,
        edges: &mut Edges<'_, 'b>,
        batch: &mut Batch<'_>,
    ) {
        let rest = records.rest();
        let quote = memchr::memchr(b'"', rest).unwrap_or(rest.len());
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', &rest[..quote]) {
            let bytes = &rest[start..end];
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            if !self.is_of_user(bytes) {
                let record = Record { bytes, line: records.line, quoted: false };
                let _ = edges.any_record(&record, batch);
            }
            start = end + 1;
            records.line += 1;
        }
        records.at += start;
    }
}
