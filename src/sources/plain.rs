//! Plain CSV: memberships (`group,member,member_type`), users (`user,status`), groups (`group,source,assigned`).
//!
//! The hot reader: a record without quotes is cut at its delimiters in place, one that begins like the
//! record before shares its group, and members are looked up several at a time.

mod edges;
mod mixed;
mod record;

use thiserror::Error;

use super::batch::{Assignment, Batch, GroupFacts, Loss, RecordReader};
use super::blocks::Block;
use super::input::{Format, SourceOptions};
use super::keys::KeySpace;
use super::limits::OverLimit;
use crate::model::directory::Status;
use crate::model::group_source::GroupSource;
use edges::Edges;
use record::{Record, Records, split_quoted};

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
    /// Another word than `true` or `false`.
    #[error(
        "assigned `{0}`, expected `true` or `false`: whether the Okta app is assigned to the group"
    )]
    Assigned(String),
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
    Groups { group: usize, source: Option<usize>, assigned: Option<usize> },
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
const ASSIGNED: [&str; 1] = ["assigned"];

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
            Format::GroupsCsv => Kind::Groups {
                group: need("group", &GROUP)?,
                source: find("source", &SOURCE),
                assigned: find("assigned", &ASSIGNED),
            },
            _ => Kind::Edges {
                group: need("group", &GROUP)?,
                member: need("member", &MEMBER)?,
                member_type: find("member_type", &MEMBER_TYPE),
            },
        };
        let group_source = options.group_source.clone();
        Ok(Self { delimiter, columns: names.len(), kind, group_source })
    }

    /// Whether a column says of every group whether the Okta app is assigned to it.
    pub fn states_assignments(&self) -> bool {
        matches!(self.kind, Kind::Groups { assigned: Some(_), .. })
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

/// Where the names of groups stand in a plain CSV.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupColumns {
    /// What stands between cells.
    pub(super) delimiter: u8,
    /// The column of groups.
    pub(super) group: usize,
    /// The column of members, which may be groups.
    pub(super) member: Option<usize>,
    /// The column that says what a member is.
    pub(super) member_type: Option<usize>,
}

impl PlainReader {
    /// Where names of groups stand, if anywhere.
    pub(super) fn group_columns(&self) -> Option<GroupColumns> {
        let delimiter = self.delimiter;
        match self.kind {
            Kind::Edges { group, member, member_type } => {
                Some(GroupColumns { delimiter, group, member: Some(member), member_type })
            }
            Kind::Groups { group, .. } => {
                Some(GroupColumns { delimiter, group, member: None, member_type: None })
            }
            Kind::Users { .. } => None,
        }
    }
}

impl RecordReader for PlainReader {
    fn looks_up(&self) -> bool {
        !matches!(self.kind, Kind::Users { .. })
    }

    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        let utf8 = std::str::from_utf8(&block.bytes).is_ok();
        let mut records = Records::new(&block.bytes, block.first_line);
        if block.first_line == 1 {
            records.next();
        }
        match self.kind {
            Kind::Edges { group, member, member_type } => {
                let mut edges =
                    Edges::new(self, [group, member], member_type, (utf8, block.offset));
                batch.expect_members(block.bytes.len() / MEMBERSHIP);
                edges.read(&mut records, batch);
            }
            Kind::Users { .. } | Kind::Groups { .. } => {
                let longest = batch.limits().value;
                batch.expect_users(block.bytes.len(), RECORD);
                for record in &mut records {
                    let usual = utf8 && record.bytes.len() <= longest;
                    if usual && self.usual_user(&record, batch) {
                        continue;
                    }
                    self.read_record(&record, utf8, batch);
                }
            }
        }
        let so_far = batch.found.rows_are_lines.unwrap_or(true);
        batch.found.rows_are_lines = Some(so_far && !records.spans);
    }
}

/// How many bytes a membership takes, about.
const MEMBERSHIP: usize = 48;

/// How many bytes the record of a user takes, about.
const RECORD: usize = 32;

impl PlainReader {
    /// A user in the usual two columns, without quotes; `false` for anything else.
    fn usual_user(&self, record: &Record<'_>, batch: &mut Batch<'_>) -> bool {
        let usual = self.kind == (Kind::Users { user: 0, status: Some(1) }) && self.columns == 2;
        if !usual || record.quoted {
            return false;
        }
        let line = record.bytes;
        let cut = memchr::memchr(self.delimiter, line).and_then(|at| line.split_at_checked(at));
        let Some((login, status)) = cut.filter(|(login, _)| !login.is_empty()) else {
            return false;
        };
        let status = match status.get(1..) {
            Some(b"ACTIVE") => Status::Active,
            Some(b"DISABLED") => Status::Disabled,
            _ => return false,
        };
        let key = batch.new_key(KeySpace::Login, login);
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
            Kind::Groups { group, source, assigned } => {
                let word = assigned.map(field).unwrap_or_default();
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
                match word.to_ascii_lowercase().as_str() {
                    "true" | "yes" => batch.assignment(Assignment::Group(key), record.line),
                    "false" | "no" | "" => {}
                    _ => {
                        let error = PlainError::Assigned(word.into_owned());
                        batch.problem(record.line, Loss::Nothing, error);
                    }
                }
            }
            Kind::Edges { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests;
