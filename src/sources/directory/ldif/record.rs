//! The records of one block.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::model::group_source::GroupSource;
use crate::sources::batch::{Batch, Loss};
use crate::sources::blocks::Block;
use crate::sources::decode;

use super::super::attribute::{Description, Field};
use super::super::entry::{Entry, EntryError};
use super::super::excerpt;
use super::LdifError;
use super::lines::{Lines, Text};
use super::members::Members;

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

/// A value as it stands behind the attribute's colon.
#[derive(Debug, Clone, Copy)]
enum Raw<'a> {
    Plain(&'a [u8]),
    Base64(&'a [u8]),
    Url(&'a [u8]),
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

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
        let Some((name, raw)) = split(text) else {
            return self.problem(number, Loss::Record, LdifError::NoColon { found: excerpt(text) });
        };
        let description = match Description::parse(name) {
            Ok(description) => description,
            Err(error) => return self.batch.problem(number, Loss::Record, error),
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

enum Refused {
    Ldif(LdifError),
    Entry(EntryError),
}

impl<'a> Raw<'a> {
    const fn bytes(self) -> &'a [u8] {
        match self {
            Self::Plain(bytes) | Self::Base64(bytes) | Self::Url(bytes) => bytes,
        }
    }
}

/// Attribute description and value of a line; `None` without a colon.
fn split(text: &[u8]) -> Option<(&[u8], Raw<'_>)> {
    let colon = memchr::memchr(b':', text)?;
    let (name, rest) = text.split_at_checked(colon)?;
    let rest = rest.get(1..)?;
    let raw = match rest.split_first() {
        Some((b':', encoded)) => Raw::Base64(encoded.trim_ascii()),
        Some((b'<', url)) => Raw::Url(url.trim_ascii()),
        _ => Raw::Plain(trim_spaces(rest)),
    };
    Some((name, raw))
}

fn trim_spaces(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = text.strip_prefix(b" ") {
        text = rest;
    }
    text
}

fn read_value<'v>(
    raw: Raw<'v>,
    field: Field,
    longest: usize,
    decoded: &'v mut Vec<u8>,
) -> Result<&'v [u8], Refused> {
    let value = match raw {
        Raw::Plain(value) => value,
        Raw::Url(url) => return Err(Refused::Ldif(LdifError::Url { found: excerpt(url) })),
        Raw::Base64(encoded) if encoded.len() / 4 * 3 > longest.saturating_add(2) => encoded,
        Raw::Base64(encoded) => {
            decoded.clear();
            BASE64
                .decode_vec(encoded, decoded)
                .map_err(|_| Refused::Ldif(LdifError::NotBase64 { found: excerpt(encoded) }))?;
            decoded
        }
    };
    if value.len() > longest {
        return Err(Refused::Entry(EntryError::value_too_long(field, longest)));
    }
    Ok(value)
}

fn plain_text<'v>(
    value: &'v [u8],
    number: u32,
    clean: bool,
    batch: &mut Batch<'_>,
) -> std::borrow::Cow<'v, [u8]> {
    if clean {
        return std::borrow::Cow::Borrowed(value);
    }
    match decode::text(value, number, batch) {
        std::borrow::Cow::Borrowed(text) => std::borrow::Cow::Borrowed(text.as_bytes()),
        std::borrow::Cow::Owned(text) => std::borrow::Cow::Owned(text.into_bytes()),
    }
}

/// A member's name alone: `uniqueMember` may carry a bit string, `cn=a,dc=x#'0101'B`.
fn member(field: Field, value: &[u8]) -> &[u8] {
    if field != Field::UniqueMember {
        return value;
    }
    let Some(rest) = value.strip_suffix(b"'B") else { return value };
    let bits = rest.iter().rev().take_while(|byte| matches!(byte, b'0' | b'1')).count();
    let name = rest.get(..rest.len() - bits).unwrap_or_default();
    name.strip_suffix(b"#'").unwrap_or(value)
}
