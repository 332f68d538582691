//! Plain CSV: memberships (`group,member,member_type`), users (`user,status`), groups (`group,source`).
//!
//! The hot reader: a record without quotes is cut at its delimiters in place, one that begins like the
//! record before shares its group, and members are looked up several at a time.
#![expect(
    clippy::indexing_slicing,
    reason = "offsets come from memchr over the same slice, or are bounded by the line before use"
)]

use std::borrow::Cow;
use std::ops::Range;

use thiserror::Error;

use super::batch::{Batch, GroupFacts, KeyRef, Loss, Need, RecordReader};
use super::blocks::Block;
use super::input::{Format, SourceOptions};
use super::keys::{KeyHash, KeySpace};
use super::limits::{Limit, OverLimit};
use crate::model::directory::Status;
use crate::model::group_source::GroupSource;

/// What is wrong with a plain CSV or one of its records.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlainError {
    /// The header names no column that is needed.
    #[error("no column `{wanted}` in the header `{header}`, expected one")]
    Column {
        /// The column missing.
        wanted: &'static str,
        /// The header as found.
        header: String,
    },
    /// A record has another number of fields than the header.
    #[error("{found} fields, expected {expected} as in the header")]
    Fields {
        /// Fields of the record.
        found: usize,
        /// Columns of the header.
        expected: usize,
    },
    /// Bytes that are no UTF-8.
    #[error("not UTF-8, expected UTF-8 (or say the file's `encoding`)")]
    Encoding,
    /// A quoted field that never ends.
    #[error("a quoted field that never ends, expected a closing `\"`")]
    OpenQuote,
    /// Another word than `user` or `group`.
    #[error("member type `{0}`, expected `user` or `group`")]
    MemberType(String),
    /// A status nobody uses.
    #[error("status `{0}`, expected ACTIVE or DISABLED (or an Okta user status)")]
    Status(String),
    /// A field over a limit.
    #[error(transparent)]
    Over(#[from] OverLimit),
    /// An empty name.
    #[error("an empty {0}, expected a name")]
    Empty(&'static str),
}

/// What a plain CSV holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Edges { group: usize, member: usize, member_type: Option<usize> },
    Users { user: usize, status: Option<usize> },
    Groups { group: usize, source: Option<usize> },
}

/// Reads blocks of a plain CSV.
#[derive(Debug, Clone)]
pub struct PlainReader {
    delimiter: u8,
    columns: usize,
    kind: Kind,
    group_source: Option<GroupSource>,
}

const GROUP: [&str; 4] = ["group", "group_name", "groupname", "role_group"];
const MEMBER: [&str; 3] = ["member", "member_name", "membername"];
const MEMBER_TYPE: [&str; 4] = ["member_type", "membertype", "type", "kind"];
const USER: [&str; 4] = ["user", "login", "username", "userprincipalname"];
const STATUS: [&str; 3] = ["status", "state", "enabled"];
const SOURCE: [&str; 2] = ["source", "group_source"];

impl PlainReader {
    /// Reads the header line; which plain CSV it is follows from `format`.
    pub fn new(header: &str, format: Format, options: &SourceOptions) -> Result<Self, PlainError> {
        let header = header.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
        let delimiter = options.delimiter.unwrap_or_else(|| likely_delimiter(header));
        let names: Vec<String> = split_quoted(header.as_bytes(), delimiter)
            .map(|fields| {
                fields.iter().map(|f| String::from_utf8_lossy(f).trim().to_lowercase()).collect()
            })
            .unwrap_or_default();
        let find = |field: &'static str, known: &[&str]| {
            let own = options.headers.get(field).map(|name| name.to_lowercase());
            names.iter().position(|name| match &own {
                Some(own) => name == own,
                None => known.contains(&name.as_str()),
            })
        };
        let need = |field: &'static str, known: &[&str]| {
            find(field, known)
                .ok_or_else(|| PlainError::Column { wanted: field, header: header.to_owned() })
        };
        let kind = match format {
            Format::UsersCsv => {
                Kind::Users { user: need("user", &USER)?, status: find("status", &STATUS) }
            }
            Format::GroupsCsv => {
                Kind::Groups { group: need("group", &GROUP)?, source: find("source", &SOURCE) }
            }
            _ => Kind::Edges {
                group: need("group", &GROUP)?,
                member: need("member", &MEMBER)?,
                member_type: find("member_type", &MEMBER_TYPE),
            },
        };
        let group_source = options.group_source.clone();
        Ok(Self { delimiter, columns: names.len(), kind, group_source })
    }

    /// Which plain CSV a header line is of, if any.
    pub fn detect(header: &str) -> Option<Format> {
        let options = SourceOptions::default();
        [Format::EdgeCsv, Format::UsersCsv, Format::GroupsCsv]
            .into_iter()
            .find(|&format| Self::new(header, format, &options).is_ok())
    }
}

fn likely_delimiter(header: &str) -> u8 {
    let count = |delimiter| memchr::memchr_iter(delimiter, header.as_bytes()).count();
    [b';', b'\t'].into_iter().find(|&d| count(d) > count(b',')).unwrap_or(b',')
}

impl RecordReader for PlainReader {
    fn looks_up(&self) -> bool {
        !matches!(self.kind, Kind::Users { .. })
    }

    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        let utf8 = std::str::from_utf8(&block.bytes).is_ok();
        let mut records = Records { bytes: &block.bytes, at: 0, line: block.first_line };
        if block.first_line == 1 {
            records.next();
        }
        match self.kind {
            Kind::Edges { group, member, member_type } => {
                let mut edges = Edges::new(self, [group, member], member_type, utf8);
                batch.expect_members(block.bytes.len() / 48);
                edges.read(records, batch);
            }
            Kind::Users { .. } | Kind::Groups { .. } => {
                let longest = batch.limits().value;
                for record in records {
                    let usual = utf8 && record.bytes.len() <= longest;
                    if usual && self.usual_user(&record, batch) {
                        continue;
                    }
                    self.read_record(&record, utf8, batch);
                }
            }
        }
    }
}

impl PlainReader {
    /// A user in the usual two columns, without quotes; `false` for anything else.
    fn usual_user(&self, record: &Record<'_>, batch: &mut Batch<'_>) -> bool {
        let usual = self.kind == (Kind::Users { user: 0, status: Some(1) }) && self.columns == 2;
        if !usual || record.quoted {
            return false;
        }
        let line = record.bytes;
        let Some(end) = memchr::memchr(self.delimiter, line).filter(|&end| end > 0) else {
            return false;
        };
        let status = match &line[end + 1..] {
            b"ACTIVE" => Status::Active,
            b"DISABLED" => Status::Disabled,
            _ => return false,
        };
        let key = batch.new_key(KeySpace::Login, &line[..end]);
        batch.user(key, status, record.line);
        true
    }

    /// One user or group.
    fn read_record(&self, record: &Record<'_>, utf8: bool, batch: &mut Batch<'_>) {
        let fields = match record.fields(self.delimiter, self.columns, utf8, batch.limits().value) {
            Ok(Some(fields)) => fields,
            Ok(None) => return,
            Err(error) => return batch.problem(record.line, Loss::Record, error),
        };
        let field =
            |at: usize| fields.get(at).map(|f| String::from_utf8_lossy(f)).unwrap_or_default();
        match self.kind {
            Kind::Users { user, status } => {
                let (name, word) = (field(user), status.map(field).unwrap_or_default());
                if name.is_empty() {
                    return batch.problem(record.line, Loss::Record, PlainError::Empty("user"));
                }
                let status = Status::parse(&word);
                if status.is_none() && !word.is_empty() {
                    batch.problem(
                        record.line,
                        Loss::Nothing,
                        PlainError::Status(word.into_owned()),
                    );
                }
                let key = batch.new_key(KeySpace::Login, name.as_bytes());
                batch.user(key, status.unwrap_or_default(), record.line);
            }
            Kind::Groups { group, source } => {
                let (name, source) = (field(group), source.map(field).unwrap_or_default());
                if name.is_empty() {
                    return batch.problem(record.line, Loss::Record, PlainError::Empty("group"));
                }
                let source = (!source.is_empty())
                    .then(|| GroupSource::from_key(&source))
                    .or_else(|| self.group_source.clone());
                let key = batch.key(KeySpace::GroupName, name.as_bytes());
                let facts = GroupFacts { source, ..GroupFacts::default() };
                batch.group(key, &name, facts, record.line);
            }
            Kind::Edges { .. } => {}
        }
    }
}

/// How many members are looked up at once, so that their cache misses overlap.
const LOOK_UPS: usize = 32;

/// Reads membership records.
struct Edges<'r, 'b> {
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
    fn new(
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

    fn read(&mut self, records: Records<'b>, batch: &mut Batch<'_>) {
        let longest = batch.limits().value;
        for record in records {
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
        match self.need {
            Need::All => {}
            Need::First => self.need = Need::None,
            Need::None => {
                batch.leave_out();
                return true;
            }
        }
        self.waiting.push((KeyHash::of(space, member), member));
        self.places.push((group, record.line));
        true
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
pub(super) struct NestedGroups<'r>(pub(super) &'r PlainReader);

impl RecordReader for NestedGroups<'_> {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        let Kind::Edges { group, member, member_type } = self.0.kind else { return };
        let mut edges = Edges::new(self.0, [group, member], member_type, false);
        let mut records = Records { bytes: &block.bytes, at: 0, line: block.first_line };
        if block.first_line == 1 {
            records.next();
        }
        for record in records {
            // Quotes are balanced, or the record is none: what ends like this is a user's.
            let of_user = record
                .bytes
                .strip_suffix(b"user")
                .is_some_and(|line| line.last() == Some(&self.0.delimiter));
            if !(edges.usual && of_user) {
                // What is wrong with a record is said when it is read for good.
                let _ = edges.any_record(&record, batch);
            }
        }
    }
}

/// One record: its bytes without the line end.
#[derive(Debug, Clone, Copy)]
struct Record<'b> {
    bytes: &'b [u8],
    line: u32,
    quoted: bool,
}

impl<'b> Record<'b> {
    /// The fields; `None` for an empty line.
    fn fields(
        &self,
        delimiter: u8,
        columns: usize,
        utf8: bool,
        longest: usize,
    ) -> Result<Option<Vec<Cow<'b, [u8]>>>, PlainError> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        if !utf8 && std::str::from_utf8(self.bytes).is_err() {
            return Err(PlainError::Encoding);
        }
        let fields = split_quoted(self.bytes, delimiter).ok_or(PlainError::OpenQuote)?;
        if fields.len() != columns {
            return Err(PlainError::Fields { found: fields.len(), expected: columns });
        }
        if self.bytes.len() > longest && fields.iter().any(|field| field.len() > longest) {
            return Err(OverLimit::new("a field", Limit::Value, longest).into());
        }
        Ok(Some(fields))
    }
}

/// Cuts a record at delimiters outside quotes, RFC 4180; `None` where a quote stays open.
fn split_quoted(record: &[u8], delimiter: u8) -> Option<Vec<Cow<'_, [u8]>>> {
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let (field, end) = if record.get(at) == Some(&b'"') {
            quoted_field(record, at + 1, delimiter)?
        } else {
            let end = memchr::memchr(delimiter, &record[at..]).map_or(record.len(), |n| at + n);
            (Cow::Borrowed(&record[at..end]), end)
        };
        fields.push(field);
        if end >= record.len() {
            return Some(fields);
        }
        at = end + 1;
    }
}

/// Where the first field's delimiter stands, quotes and all.
fn first_field(record: &[u8], delimiter: u8) -> Option<usize> {
    let end = match record.first()? {
        b'"' => quoted_field(record, 1, delimiter)?.1,
        _ => memchr::memchr(delimiter, record)?,
    };
    (end < record.len()).then_some(end)
}

/// A field that begins behind a quote at `from`, and where its delimiter stands.
fn quoted_field(record: &[u8], from: usize, delimiter: u8) -> Option<(Cow<'_, [u8]>, usize)> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut at = from;
    loop {
        let quote = at + memchr::memchr(b'"', &record[at..])?;
        if record.get(quote + 1) == Some(&b'"') {
            pieces.push(at..quote + 1);
            at = quote + 2;
            continue;
        }
        pieces.push(at..quote);
        // Text behind the closing quote belongs to the field, as spreadsheets read it.
        let end = memchr::memchr(delimiter, &record[quote..]).map_or(record.len(), |n| quote + n);
        if end > quote + 1 {
            pieces.push(quote + 1..end);
        }
        let field = match pieces.as_slice() {
            [one] => Cow::Borrowed(&record[one.clone()]),
            many => {
                Cow::Owned(many.iter().flat_map(|piece| &record[piece.clone()]).copied().collect())
            }
        };
        return Some((field, end));
    }
}

/// The records of a block, with their lines.
struct Records<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u32,
}

impl<'b> Iterator for Records<'b> {
    type Item = Record<'b>;

    fn next(&mut self) -> Option<Record<'b>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let line = self.line;
        let (end, quoted, lines) = match memchr::memchr2(b'\n', b'"', rest) {
            Some(end) if rest[end] == b'\n' => (end, false, 1),
            None => (rest.len(), false, 0),
            Some(quote) => quoted_end(rest, quote),
        };
        self.at += end + 1;
        self.line += lines;
        let bytes = &rest[..end.min(rest.len())];
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        Some(Record { bytes, line, quoted })
    }
}

/// End of a record that holds a quote, and how many line ends it spans with its own.
fn quoted_end(rest: &[u8], first_quote: usize) -> (usize, bool, u32) {
    let (mut open, mut lines) = (true, 0);
    for at in memchr::memchr2_iter(b'\n', b'"', &rest[first_quote + 1..]) {
        let at = first_quote + 1 + at;
        if rest[at] == b'"' {
            open = !open;
        } else {
            lines += 1;
            if !open {
                return (at, true, lines);
            }
        }
    }
    (rest.len(), true, lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::blocks::{AtUnquotedLineEnd, Blocks};
    use crate::sources::keys::Keys;
    use proptest::prelude::*;

    fn describe(text: &str, format: Format, block_size: usize) -> Vec<String> {
        let header = text.lines().next().unwrap();
        let reader = PlainReader::new(header, format, &SourceOptions::default()).unwrap();
        let keys = Keys::default();
        let mut lines = Vec::new();
        for block in Blocks::new(text.as_bytes(), AtUnquotedLineEnd, 1).with_block_size(block_size)
        {
            let mut batch = Batch::new(&keys);
            reader.read(&block.unwrap(), &mut batch);
            lines.extend(batch.describe());
        }
        lines
    }

    #[test]
    fn memberships_keep_their_line_through_quotes_and_line_ends() {
        let text =
            "group,member,member_type\r\na,x,user\r\n\"b \"\"q\"\"\",\"y\nz\",group\na,w,user";
        let got = describe(text, Format::EdgeCsv, 1 << 20);
        assert_eq!(
            got,
            [
                "3: GroupName=y\nz in GroupName=b \"q\"",
                "2: Login=x in GroupName=a",
                "5: Login=w in GroupName=a",
            ]
        );
    }

    #[test]
    fn a_group_that_begins_like_the_one_before_is_another_group() {
        let text = "group,member,member_type\na,x,user\nab,y,user\na,z,user\n";
        assert_eq!(
            describe(text, Format::EdgeCsv, 1 << 20),
            [
                "2: Login=x in GroupName=a",
                "3: Login=y in GroupName=ab",
                "4: Login=z in GroupName=a"
            ]
        );
    }

    #[test]
    fn a_bad_record_is_reported_with_its_line_and_reading_goes_on() {
        let text = "group,member,member_type\na,x\na,y,robot\na,,user\na,z,user\n";
        assert_eq!(
            describe(text, Format::EdgeCsv, 1 << 20),
            [
                "5: Login=z in GroupName=a",
                "2: problem (Record) 2 fields, expected 3 as in the header",
                "3: problem (Record) member type `robot`, expected `user` or `group`",
                "4: problem (Record) an empty member, expected a name",
            ]
        );
    }

    #[test]
    fn users_and_their_status_are_read_with_a_semicolon_too() {
        let text = "User;Status\nalice;ACTIVE\nbob;suspended\ncarol;odd\n";
        assert_eq!(
            describe(text, Format::UsersCsv, 1 << 20),
            [
                "2: user Login=alice Active",
                "3: user Login=bob Disabled",
                "4: user Login=carol Unknown",
                "4: problem (Nothing) status `odd`, expected ACTIVE or DISABLED (or an Okta user status)",
            ]
        );
    }

    #[test]
    fn a_header_without_its_column_says_which() {
        let error =
            PlainReader::new("a,b", Format::UsersCsv, &SourceOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "no column `user` in the header `a,b`, expected one");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let keys = Keys::default();
            for format in [Format::EdgeCsv, Format::UsersCsv, Format::GroupsCsv] {
                let header = "group,member,member_type,user,status,source";
                let reader = PlainReader::new(header, format, &SourceOptions::default()).unwrap();
                let mut batch = Batch::new(&keys);
                reader.read(&Block { bytes: bytes.clone(), first_line: 2 }, &mut batch);
            }
        }

        #[test]
        fn what_csv_writes_is_what_is_read(
            rows in prop::collection::vec(("[a-c,\"\n#é]{1,6}", "[a-c,\"\r\n]{1,6}", prop::bool::ANY), 0..20),
            size in 1_usize..200,
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["group", "member", "member_type"]).unwrap();
            for (group, member, nested) in &rows {
                writer.write_record([group.as_str(), member, if *nested { "group" } else { "user" }]).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let strip = |line: &String| line.split_once(": ").unwrap().1.to_owned();
            let mut got: Vec<_> = describe(&text, Format::EdgeCsv, size).iter().map(strip).collect();
            let mut want: Vec<_> = rows.iter().map(|(group, member, nested)| {
                let space = if *nested { "GroupName" } else { "Login" };
                format!("{space}={member} in GroupName={group}")
            }).collect();
            got.sort();
            want.sort();
            prop_assert_eq!(got, want);
        }
    }
}
