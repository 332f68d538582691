//! The records of one block.

mod usual;

use crate::model::group_source::GroupSource;
use crate::sources::batch::{Batch, Loss};
use crate::sources::blocks::Block;

use super::super::attribute::{Description, Field};
use super::super::class::Class;
use super::super::entry::{Entry, Value};
use super::super::excerpt;
use super::super::recurring::Recurring;
use super::LdifError;
use super::lines::{Lines, Text};
use super::members::Members;
use super::value::{Raw, Refused, member, plain_text, raw_of, read_value, split};

/// One block while it is read.
pub(super) struct Reading<'b, 's, 'k> {
    lines: Lines<'b>,
    /// The whole block is UTF-8: plain values need no check of their own.
    clean: bool,
    source: Option<&'s GroupSource>,
    batch: &'s mut Batch<'k>,
    state: State,
    entry: Entry<'b>,
    members: Members<'b>,
    run: Run,
    known: Recurring<Known>,
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

/// What is known of a line by its beginning.
#[derive(Debug, Clone, Copy)]
enum Known {
    /// A description and its colon.
    Attribute(Description),
    /// A whole line that says a class, whose name has so many bytes.
    Class(Class, usize),
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
            clean: block.bytes.is_ascii() || std::str::from_utf8(&block.bytes).is_ok(),
            source,
            entry: Entry::new(),
            batch,
            state: State::Between,
            members: Members::new(),
            run: Run { prefix: Vec::new(), description },
            known: Recurring::default(),
            decoded: Vec::new(),
        }
    }

    /// Reads all of it.
    pub(super) fn run(mut self) {
        let mut joined = Vec::new();
        loop {
            if !self.run.prefix.is_empty() {
                self.members_in_a_row();
            } else if self.state == State::Content && self.clean {
                self.usual_lines();
            }
            let number = self.lines.number();
            match self.lines.next(&mut joined) {
                None => break,
                Some(Text::Whole(text)) => self.line(Value::Stays(text), number),
                Some(Text::Joined) => self.line(Value::Passes(&joined), number),
            }
        }
        self.end_record();
        self.entry.end(self.batch);
    }

    fn line(&mut self, line: Value<'b, '_>, number: u32) {
        let text = line.bytes();
        match text.first() {
            None => self.end_record(),
            Some(b'#') => {}
            Some(b' ' | b'\t') => {
                self.problem(number, Loss::Record, LdifError::NothingToContinue);
                self.skip_record();
            }
            Some(_) => match self.state {
                State::Skip => {}
                State::Between => self.first_line(line, number),
                State::Content => self.content(line, number),
                State::Trailer => self.trailer(text, number),
            },
        }
    }

    /// The first line of a record.
    fn first_line(&mut self, line: Value<'b, '_>, number: u32) {
        let text = line.bytes();
        let Some((name, raw)) = split(text) else {
            self.problem(number, Loss::Record, LdifError::NoColon { found: excerpt(text) });
            self.state = State::Skip;
            return;
        };
        let is = |names: &[&str]| names.iter().any(|n| name.eq_ignore_ascii_case(n.as_bytes()));
        if is(&["dn"]) {
            self.begin_entry(line, raw, number);
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

    fn begin_entry(&mut self, line: Value<'b, '_>, raw: Raw<'_>, number: u32) {
        self.state = State::Skip;
        self.with_value(line, raw, Field::Dn, number, |reading, dn| {
            // The root of a server has an empty name and says nothing of interest.
            if !dn.bytes().is_empty() {
                reading.entry.restart(dn, number, reading.batch);
                reading.state = State::Content;
            }
        });
    }

    fn content(&mut self, line: Value<'b, '_>, number: u32) {
        let text = line.bytes();
        let (description, raw) = match self.known.find(text) {
            Some((Known::Attribute(description), value)) => (description, raw_of(value)),
            _ => match self.described(text, number) {
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
                self.first_line(line, number);
            }
            Field::ChangeType => self.change(raw, number),
            Field::ObjectClass => {
                self.note_class(line, raw);
                self.keep(line, raw, Field::ObjectClass, number);
            }
            field if field.is_membership() => self.member(line, description, raw, number),
            field => self.keep(line, raw, field, number),
        }
    }

    fn keep(&mut self, line: Value<'b, '_>, raw: Raw<'_>, field: Field, number: u32) {
        self.with_value(line, raw, field, number, |reading, value| {
            if let Err(error) = reading.entry.value(field, value, number, reading.batch) {
                reading.batch.problem(number, Loss::Record, error);
                reading.skip_record();
            }
        });
    }

    /// Takes note of a whole line that says a class.
    fn note_class(&mut self, line: Value<'b, '_>, raw: Raw<'_>) {
        let written = self.lines.written();
        if let (Value::Stays(_), Raw::Plain(name)) = (line, raw)
            && self.clean
            && written.ends_with(b"\n")
        {
            self.known.note(written, Known::Class(Class::parse(name), name.len()));
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
                if let Some(prefix) = text.get(..=name.len())
                    && description.range.is_none()
                    && description.field != Field::ObjectClass
                {
                    self.known.note(prefix, Known::Attribute(description));
                }
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

    fn member(&mut self, line: Value<'b, '_>, description: Description, raw: Raw<'_>, number: u32) {
        let Description { field, range } = description;
        let entry = self.entry.key(self.batch);
        self.members.switch(field, entry, self.batch);
        self.with_value(line, raw, field, number, |reading, value| {
            let value = member(field, value.bytes());
            if !value.is_empty() {
                reading.entry.memberships(field, range, 1, number);
                reading.members.push(Value::Passes(value), number, entry, reading.batch);
            }
        });
        self.run.prefix.clear();
        let text = line.bytes();
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
            if !self.members.is_empty() {
                let entry = self.entry.key(self.batch);
                self.members.flush(entry, self.batch);
            }
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

    /// Hands the value of a line to `take`, decoded; one that cannot be had is a problem.
    #[inline]
    fn with_value(
        &mut self,
        line: Value<'b, '_>,
        raw: Raw<'_>,
        field: Field,
        number: u32,
        take: impl FnOnce(&mut Self, Value<'b, '_>),
    ) {
        match raw {
            Raw::Plain(value) if self.clean && value.len() <= self.batch.limits().value => {
                take(self, line.tail(value.len()));
            }
            _ => self.with_other_value(raw, field, number, take),
        }
    }

    /// [`Self::with_value`] of a value that is too long, encoded, or may be no UTF-8.
    fn with_other_value(
        &mut self,
        raw: Raw<'_>,
        field: Field,
        number: u32,
        take: impl FnOnce(&mut Self, Value<'b, '_>),
    ) {
        let mut decoded = std::mem::take(&mut self.decoded);
        match read_value(raw, field, self.batch.limits().value, &mut decoded) {
            Err(Refused::Ldif(error)) => self.problem(number, Loss::Record, error),
            Err(Refused::Entry(error)) => self.batch.problem(number, Loss::Record, error),
            Ok(value) if field == Field::ObjectSid => take(self, Value::Passes(value)),
            Ok(value) => {
                let text = plain_text(value, number, false, self.batch);
                take(self, Value::Passes(&text));
            }
        }
        self.decoded = decoded;
    }

    fn problem(&mut self, number: u32, loss: Loss, error: LdifError) {
        self.batch.problem(number, loss, error);
    }
}
