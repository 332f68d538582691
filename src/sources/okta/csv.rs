//! The CSVs that Okta admin exporters write: Users, Groups, Group Members. Header names vary from tool
//! to tool, so columns are found by what their header means.

use std::collections::HashSet;

use csv::{ByteRecord, ReaderBuilder};

use super::members::is_group_id;
use super::{OktaError, status_or_report};
use crate::model::group_source::GroupSource;
use crate::sources::batch::{Attribute, Batch, GroupFacts, KeyRef, Loss, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::input::{Format, SourceOptions};
use crate::sources::keys::KeySpace;
use crate::sources::limits::{Limit, OverLimit};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Field {
    UserId,
    Login,
    Email,
    Status,
    GroupId,
    GroupName,
    GroupType,
    ObjectClass,
    Source,
    Dn,
    SamAccountName,
}

/// Why a CSV cannot be read as an Okta export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// No column says what is needed.
    #[error("the header `{header}` has no column for {missing}, expected one such as `{example}`")]
    Column {
        /// The header line.
        header: String,
        /// What is missing.
        missing: &'static str,
        /// A header that would do.
        example: &'static str,
    },
    /// A row that the csv rules do not allow.
    #[error("{0}")]
    Row(String),
    /// A row without a value in its key column.
    #[error("the row has no {0}, expected one")]
    Empty(&'static str),
}

/// Reads an Okta CSV whose header is known.
#[derive(Debug, Clone)]
pub struct OktaCsvReader {
    format: Format,
    delimiter: u8,
    columns: Vec<(Field, usize)>,
}

impl OktaCsvReader {
    /// From the beginning of a file, whose first line is the header.
    pub fn new(format: Format, head: &[u8], options: &SourceOptions) -> Result<Self, CsvError> {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let delimiter = options.delimiter.unwrap_or_else(|| delimiter(head));
        let headers = headers(head, delimiter);
        let mut columns: Vec<(Field, usize)> = Vec::new();
        for (at, header) in headers.iter().enumerate() {
            let named = options.headers.iter().find(|(_, own)| own.eq_ignore_ascii_case(header));
            let meaning = named.map_or(header.as_str(), |(standard, _)| standard.as_str());
            if let Some(field) = field(format, meaning)
                && !columns.iter().any(|&(known, _)| known == field)
            {
                columns.push((field, at));
            }
        }
        let reader = Self { format, delimiter, columns };
        match reader.missing() {
            None => Ok(reader),
            Some((missing, example)) => {
                let header = headers.join(&char::from(delimiter).to_string());
                Err(CsvError::Column { header, missing, example })
            }
        }
    }

    /// The columns without which a file of this format says nothing.
    fn missing(&self) -> Option<(&'static str, &'static str)> {
        let has = |fields: &[Field]| self.columns.iter().any(|(field, _)| fields.contains(field));
        let group = has(&[Field::GroupId, Field::GroupName]);
        let user = has(&[Field::UserId, Field::Login]);
        match self.format {
            Format::OktaGroupsCsv if !has(&[Field::GroupName]) => {
                Some(("the group's name", "name"))
            }
            Format::OktaMembersCsv if !group => Some(("the group", "groupName")),
            Format::OktaUsersCsv | Format::OktaMembersCsv if !user => Some(("the user", "login")),
            _ => None,
        }
    }
}

/// `,` unless the header line has more of another delimiter.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| memchr::memchr_iter(wanted, line).count();
    [b';', b'\t'].into_iter().find(|&other| count(other) > count(b',')).unwrap_or(b',')
}

fn headers(head: &[u8], delimiter: u8) -> Vec<String> {
    let mut parser = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(head);
    let mut row = ByteRecord::new();
    if !parser.read_byte_record(&mut row).unwrap_or(false) {
        return Vec::new();
    }
    row.iter().map(|cell| String::from_utf8_lossy(cell.trim_ascii()).into_owned()).collect()
}

/// What a header means in a file of a format, whatever its case and punctuation.
fn field(format: Format, header: &str) -> Option<Field> {
    let word: String =
        header.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    let groups = format == Format::OktaGroupsCsv;
    Some(match word.as_str() {
        "userid" | "oktauserid" | "memberid" => Field::UserId,
        "id" | "oktaid" if !groups => Field::UserId,
        "login" | "username" | "userlogin" | "profilelogin" | "userprofilelogin"
        | "userusername" | "user" | "oktausername" | "memberlogin" => Field::Login,
        "email" | "mail" | "primaryemail" | "profileemail" | "useremail" | "emailaddress" => {
            Field::Email
        }
        "status" | "userstatus" | "oktastatus" => Field::Status,
        "id" | "groupid" | "oktagroupid" | "oktaid" => Field::GroupId,
        "groupname" | "group" | "profilename" | "groupprofilename" => Field::GroupName,
        "name" if groups => Field::GroupName,
        "type" | "grouptype" if groups => Field::GroupType,
        "objectclass" if groups => Field::ObjectClass,
        "source" | "sourceid" | "sourceapp" | "appname" | "sourcename" | "groupsource"
            if groups =>
        {
            Field::Source
        }
        "dn" | "profiledn" | "distinguishedname" if groups => Field::Dn,
        "samaccountname" | "profilesamaccountname" if groups => Field::SamAccountName,
        _ => return None,
    })
}

/// Which Okta CSV a header line is of.
pub(super) fn format_of(head: &[u8]) -> Option<Format> {
    let names = headers(head, delimiter(head));
    let has = |format: Format, wanted: &[Field]| {
        names.iter().any(|name| field(format, name).is_some_and(|f| wanted.contains(&f)))
    };
    let okta_id = |format: Format| match format {
        Format::OktaGroupsCsv => has(format, &[Field::GroupId]),
        _ => has(format, &[Field::UserId]),
    };
    let members = Format::OktaMembersCsv;
    if has(members, &[Field::GroupId, Field::GroupName])
        && has(members, &[Field::UserId, Field::Login])
    {
        // `group,user` alone is anybody's CSV: one of the two must be an Okta id or login.
        return (okta_id(members) || has(members, &[Field::GroupId])).then_some(members);
    }
    if okta_id(Format::OktaUsersCsv) && has(Format::OktaUsersCsv, &[Field::Login]) {
        return Some(Format::OktaUsersCsv);
    }
    let groups = Format::OktaGroupsCsv;
    let typed = has(groups, &[Field::GroupType, Field::ObjectClass, Field::Source]);
    (okta_id(groups) && has(groups, &[Field::GroupName]) && typed).then_some(groups)
}

impl RecordReader for OktaCsvReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        let first = block.first_line == 1;
        let bytes = block.bytes.as_slice();
        let bytes =
            if first { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        let mut parser = ReaderBuilder::new()
            .delimiter(self.delimiter)
            .has_headers(first)
            .flexible(true)
            .from_reader(bytes);
        let mut row = ByteRecord::new();
        let mut rows = Rows::default();
        loop {
            match parser.read_byte_record(&mut row) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    let line = error.position().map_or(1, csv::Position::line);
                    let line = line_of(block, line);
                    batch.problem(line, Loss::Record, CsvError::Row(error.to_string()));
                    continue;
                }
            }
            let line = line_of(block, row.position().map_or(1, csv::Position::line));
            if row.iter().all(<[u8]>::is_empty) {
                continue;
            }
            let longest = batch.limits().value;
            if row.as_slice().len() > longest && row.iter().any(|cell| cell.len() > longest) {
                let error = OverLimit::new("a cell", Limit::Value, longest);
                batch.problem(line, Loss::Record, error);
                continue;
            }
            self.row(&row, line, batch, &mut rows);
        }
    }
}

fn line_of(block: &Block, line: u64) -> u32 {
    block.first_line.saturating_add(u32::try_from(line.saturating_sub(1)).unwrap_or(u32::MAX))
}

/// Users and groups that earlier rows of the block stated.
#[derive(Debug, Default)]
struct Rows {
    users: HashSet<Vec<u8>>,
    groups: HashSet<Vec<u8>>,
}

impl OktaCsvReader {
    fn cell<'r>(&self, row: &'r ByteRecord, field: Field) -> Option<&'r [u8]> {
        let &(_, at) = self.columns.iter().find(|&&(known, _)| known == field)?;
        row.get(at).map(<[u8]>::trim_ascii).filter(|cell| !cell.is_empty())
    }

    fn text<'r>(&self, row: &'r ByteRecord, field: Field) -> Option<std::borrow::Cow<'r, str>> {
        self.cell(row, field).map(String::from_utf8_lossy)
    }

    fn row(&self, row: &ByteRecord, line: u32, batch: &mut Batch<'_>, rows: &mut Rows) {
        match self.format {
            Format::OktaUsersCsv => {
                if self.user(row, line, batch, rows).is_none() {
                    batch.problem(line, Loss::Record, CsvError::Empty("user"));
                }
            }
            Format::OktaGroupsCsv => self.group_row(row, line, batch),
            _ => {
                let group = self.group_key(row, line, batch, rows);
                let user = self.user(row, line, batch, rows);
                match (group, user) {
                    (Some(group), Some(user)) => batch.member(group, user, line),
                    (None, _) => batch.problem(line, Loss::Record, CsvError::Empty("group")),
                    (_, None) => batch.problem(line, Loss::Record, CsvError::Empty("user")),
                }
            }
        }
    }

    /// The row's user: by id, else by login. A row that says more than the key is a record of the user,
    /// the first time in a block.
    fn user(
        &self,
        row: &ByteRecord,
        line: u32,
        batch: &mut Batch<'_>,
        rows: &mut Rows,
    ) -> Option<KeyRef> {
        let (id, login) = (self.cell(row, Field::UserId), self.cell(row, Field::Login));
        let (space, text) =
            id.map(|id| (KeySpace::OktaId, id)).or(login.map(|l| (KeySpace::Login, l)))?;
        let key = batch.key(space, text);
        let status = self.text(row, Field::Status);
        let says_more = (id.is_some() && login.is_some()) || status.is_some();
        let is_list = self.format == Format::OktaUsersCsv;
        if is_list || (says_more && rows.users.insert(text.to_vec())) {
            let status = status_or_report(batch, status.as_deref(), line);
            batch.user(key, status, line);
            let mail = self.cell(row, Field::Email);
            for (attribute, text) in [(Attribute::Login, login), (Attribute::Mail, mail)] {
                if let Some(text) = text {
                    batch.user_attribute(attribute, text);
                }
            }
        }
        Some(key)
    }

    /// The row's group in a members file.
    fn group_key(
        &self,
        row: &ByteRecord,
        line: u32,
        batch: &mut Batch<'_>,
        rows: &mut Rows,
    ) -> Option<KeyRef> {
        let (id, name) = (self.cell(row, Field::GroupId), self.text(row, Field::GroupName));
        let Some(id) = id else {
            return name.map(|name| batch.key(KeySpace::GroupName, name.as_bytes()));
        };
        let key = batch.key(KeySpace::OktaId, id);
        if let Some(name) = name
            && rows.groups.insert(id.to_vec())
        {
            let facts = GroupFacts { in_okta: true, ..GroupFacts::default() };
            batch.group(key, &name, facts, line);
        }
        Some(key)
    }

    fn group_row(&self, row: &ByteRecord, line: u32, batch: &mut Batch<'_>) {
        let Some(name) = self.text(row, Field::GroupName) else {
            batch.problem(line, Loss::Record, CsvError::Empty("group name"));
            return;
        };
        let key = match self.cell(row, Field::GroupId) {
            Some(id) => batch.key(KeySpace::OktaId, id),
            None => batch.key(KeySpace::GroupName, name.as_bytes()),
        };
        let source = self.source(row, line, batch);
        let facts = GroupFacts { source, in_okta: true, ..GroupFacts::default() };
        batch.group(key, &name, facts, line);
        let app = self.cell(row, Field::Source).filter(|source| source.starts_with(b"0oa"));
        for (attribute, text) in [
            (Attribute::Dn, self.cell(row, Field::Dn)),
            (Attribute::SamAccountName, self.cell(row, Field::SamAccountName)),
            (Attribute::SourceApp, app),
        ] {
            if let Some(text) = text {
                batch.group_attribute(attribute, text);
            }
        }
    }

    fn source(&self, row: &ByteRecord, line: u32, batch: &mut Batch<'_>) -> Option<GroupSource> {
        let windows = self
            .text(row, Field::ObjectClass)
            .is_some_and(|class| class.contains("windows_security_principal"));
        match self.text(row, Field::GroupType).as_deref() {
            Some("OKTA_GROUP" | "BUILT_IN") => return Some(GroupSource::Okta),
            Some("APP_GROUP") | None => {}
            Some(other) => {
                batch.problem(line, Loss::Nothing, OktaError::GroupType(other.to_owned()));
            }
        }
        if windows {
            return Some(GroupSource::ActiveDirectory);
        }
        let app = self.text(row, Field::Source).filter(|app| !app.starts_with("0oa"))?;
        let key = app.to_ascii_lowercase().replace([' ', '-'], "_");
        (!is_group_id(&app)).then(|| GroupSource::from_key(&key))
    }
}
