//! The records of one block.

use crate::model::group_source::GroupSource;
use crate::sources::batch::{Batch, Loss};
use crate::sources::blocks::Block;

use super::super::attribute::{Description, Field, Known};
use super::super::entry::{Entry, EntryError};
use super::super::excerpt;
use super::LdifError;
use super::lines::{Lines, Text};
use super::members::Members;
use super::value::{Raw, Refused, member, plain_text, raw_of, read_value, split, trim_spaces};

/// One block while it is read.
pub(super) struct Reading<'b, 's, 'k> {
    lines: Lines<'b>,
    /// The whole block is UTF-8: plain values need no check of their own.
    clean: bool,
    source: Option<&'s GroupSource>,
    batch: &'s mut Batch<'k>,
    state: State,
    entry: Entry,
    members: Members<'b>,
    run: Run,
    known: Known,
    folded: Vec<u8>,
    decoded: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first line of a record.
    Between,
    /// Behind a `dn`.
    Content,
    /// Behind `search:`, what ldapsearch says at the end.
    Trailer,
    /// In a record that is not read.
    Skip,
}

/// The membership attribute of the line read last, which mostly is the next line's too.
#[derive(Debug)]
struct Run {
    /// `member: `, as written; empty where there is none.
    prefix: Vec<u8>,
    description: Description,
}

impl<'b, 's, 'k> Reading<'b, 's, 'k> {
    pub(super) fn new(
        block: &'b Block,
        source: Option<&'s GroupSource>,
        batch: &'s mut Batch<'k>,
    ) -> Self {
        let description = Description { field: Field::Ignored, range: None };
        Self {
            lines: Lines::new(&block.bytes, block.first_line),
            clean: std::str::from_utf8(&block.bytes).is_ok(),
            source,
            entry: Entry::new(),
            batch,
            state: State::Between,
            members: Members::new(),
            run: Run { prefix: Vec::new(), description },
            known: Known::default(),
            folded: Vec::new(),
            decoded: Vec::new(),
        }
    }

    /// Reads all of it.
    pub(super) fn run(mut self) {
        let mut joined = Vec::new();
        loop {
            if !self.run.prefix.is_empty() {
                self.members_in_a_row();
            }
            let number = self.lines.number();
            match self.lines.next(&mut joined) {
                None => break,
                Some(Text::Whole(text)) => self.line(text, number),
                Some(Text::Joined) => self.line(&joined, number),
            }
        }
        self.end_record();
    }

    /// Members whose lines begin like the last one's.
    fn members_in_a_row(&mut self) {
        let Description { field, range } = self.run.description;
        let (entry, first) = (self.entry.key(), self.lines.number());
        let longest = self.batch.limits().value;
        let mut count = 0;
        loop {
            let number = self.lines.number();
            let next = self.lines.next_with_prefix(&self.run.prefix);
            let Some((value, continued)) = next else { break };
            let whole = if continued {
                self.folded.clear();
                self.folded.extend_from_slice(value);
                self.lines.join(&mut self.folded);
                self.folded.as_slice()
            } else {
                value
            };
            let whole = member(field, trim_spaces(whole));
            if whole.is_empty() {
                continue;
            }
            if whole.len() > longest {
                let error = EntryError::value_too_long(field, longest);
                self.batch.problem(number, Loss::Record, error);
                continue;
            }
            count += 1;
            if continued || !self.clean {
                let text = plain_text(whole, number, self.clean, self.batch);
                self.members.push_copy(&text, number, entry, self.batch);
            } else {
                let value = member(field, trim_spaces(value));
                self.members.push(value, number, entry, self.batch);
            }
        }
        if count > 0 {
            self.entry.memberships(field, range, count, first);
        }
    }

    fn line(&mut self, text: &[u8], number: u32) {
        match text.first() {
            None => self.end_record(),
            Some(b'#') => {}
            Some(b' ' | b'\t') => {
                self.problem(number, Loss::Record, LdifError::NothingToContinue);
                self.skip_record();
            }
            Some(_) => match self.state {
                State::Skip => {}
                State::Between => self.first_line(text, number),
                State::Content => self.content(text, number),
                State::Trailer => self.trailer(text, number),
            },
        }
    }

    /// The first line of a record.
    fn first_line(&mut self, text: &[u8], number: u32) {
        let Some((name, raw)) = split(text) else {
            self.problem(number, Loss::Record, LdifError::NoColon { found: excerpt(text) });
            self.state = State::Skip;
            return;
        };
        let is = |names: &[&str]| names.iter().any(|n| name.eq_ignore_ascii_case(n.as_bytes()));
        if is(&["dn"]) {
            self.begin_entry(raw, number);
        } else if is(&["version"]) {
            if !matches!(raw, Raw::Plain(b"1")) {
                let found = excerpt(raw.bytes());
                self.problem(number, Loss::Nothing, LdifError::Version { found });
            }
        } else if is(&["search", "result", "text", "matcheddn", "pagedresults"]) {
            self.state = State::Trailer;
            self.trailer(text, number);
        } else {
            if !is(&["ref"]) {
                self.problem(number, Loss::Record, LdifError::NoDn { found: excerpt(text) });
            }
            self.state = State::Skip;
        }
    }

    fn begin_entry(&mut self, raw: Raw<'_>, number: u32) {
        self.state = State::Skip;
        self.with_value(raw, Field::Dn, number, |reading, dn| {
            // The root of a server has an empty name and says nothing of interest.
            if !dn.is_empty() {
                reading.entry.restart(dn, number, reading.batch);
                reading.state = State::Content;
            }
        });
    }

    fn content(&mut self, text: &[u8], number: u32) {
        let (description, raw) = match self.known.guess(text) {
            Some((description, value)) => (description, raw_of(value)),
            None => match self.described(text, number) {
                Some(read) => read,
                None => return,
            },
        };
        match description.field {
            Field::Ignored => {
                if let Raw::Url(_) = raw {
                    self.problem(number, Loss::Nothing, LdifError::Url { found: excerpt(text) });
                }
            }
            Field::Dn => {
                self.problem(number, Loss::Nothing, LdifError::SecondDn);
                self.end_record();
                self.first_line(text, number);
            }
            Field::ChangeType => self.change(raw, number),
            field if field.is_membership() => self.member(text, description, raw, number),
            field => self.with_value(raw, field, number, |reading, value| {
                if let Err(error) = reading.entry.value(field, value, number) {
                    reading.batch.problem(number, Loss::Record, error);
                    reading.skip_record();
                }
            }),
        }
    }

    /// Description and value of a line; what is wrong with it is reported.
    fn described<'t>(&mut self, text: &'t [u8], number: u32) -> Option<(Description, Raw<'t>)> {
        let Some((name, raw)) = split(text) else {
            self.problem(number, Loss::Record, LdifError::NoColon { found: excerpt(text) });
            return None;
        };
        match Description::parse(name) {
            Ok(description) => {
                self.known.note(name, description);
                Some((description, raw))
            }
            Err(error) => {
                self.batch.problem(number, Loss::Record, error);
                None
            }
        }
    }

    fn change(&mut self, raw: Raw<'_>, number: u32) {
        let kind = raw.bytes().trim_ascii();
        if !kind.eq_ignore_ascii_case(b"add") {
            self.problem(number, Loss::Record, LdifError::Change { found: excerpt(kind) });
            self.skip_record();
        }
    }

    fn member(&mut self, text: &[u8], description: Description, raw: Raw<'_>, number: u32) {
        let Description { field, range } = description;
        self.members.switch(field, self.entry.key(), self.batch);
        self.with_value(raw, field, number, |reading, value| {
            let value = member(field, value);
            if !value.is_empty() {
                let entry = reading.entry.key();
                reading.entry.memberships(field, range, 1, number);
                reading.members.push_copy(value, number, entry, reading.batch);
            }
        });
        self.run.prefix.clear();
        if let Raw::Plain(value) = raw
            && let Some(prefix) = text.strip_suffix(value)
            && prefix.ends_with(b": ")
        {
            self.run.prefix.extend_from_slice(prefix);
            self.run.description = description;
        }
    }

    fn trailer(&mut self, text: &[u8], number: u32) {
        if let Some((name, Raw::Plain(value))) = split(text)
            && name.eq_ignore_ascii_case(b"result")
            && value.split(|&byte| byte == b' ').next() != Some(b"0")
        {
            let found = excerpt(value);
            self.problem(number, Loss::File, LdifError::Truncated { found });
        }
    }

    fn end_record(&mut self) {
        if self.state == State::Content {
            self.members.flush(self.entry.key(), self.batch);
            self.entry.finish(self.source, self.batch);
        }
        self.state = State::Between;
        self.run.prefix.clear();
    }

    /// Takes back what the record has brought so far; its other lines are not read.
    fn skip_record(&mut self) {
        if self.state == State::Content {
            self.members.forget();
            self.entry.discard(self.batch);
        }
        self.state = State::Skip;
        self.run.prefix.clear();
    }

    /// Hands a value to `take`, decoded; one that cannot be had is a problem.
    fn with_value(
        &mut self,
        raw: Raw<'_>,
        field: Field,
        number: u32,
        take: impl FnOnce(&mut Self, &[u8]),
    ) {
        let mut decoded = std::mem::take(&mut self.decoded);
        match read_value(raw, field, self.batch.limits().value, &mut decoded) {
            Err(Refused::Ldif(error)) => self.problem(number, Loss::Record, error),
            Err(Refused::Entry(error)) => self.batch.problem(number, Loss::Record, error),
            Ok(value) if field == Field::ObjectSid => take(self, value),
            Ok(value) => {
                let clean = self.clean && matches!(raw, Raw::Plain(_));
                let text = plain_text(value, number, clean, self.batch);
                take(self, &text);
            }
        }
        self.decoded = decoded;
    }

    fn problem(&mut self, number: u32, loss: Loss, error: LdifError) {
        self.batch.problem(number, loss, error);
    }
}
