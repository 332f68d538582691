//! One row of a PowerShell export.

use std::error::Error;

use csv::ByteRecord;

use crate::model::defect::DefectKind;
use crate::model::directory::Status;
use crate::model::group_source::GroupSource;
use crate::sources::batch::{Attribute, Batch, GroupFacts, KeyRef, Loss};
use crate::sources::decode;
use crate::sources::dn::{self, PartValue};
use crate::sources::keys::KeySpace;

use super::super::class::Class;
use super::super::{excerpt, sid, table};
use super::column::Column;

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
enum RowError {
    #[error(
        "the type name `ADPropertyValueCollection` in place of the values, expected them joined, as by `@{{n='{column}';e={{$_.{column} -join ';'}}}}`"
    )]
    Collection { column: &'static str },
    #[error("nothing identifies the {what}, expected a distinguished name, SID or account name")]
    Nameless { what: &'static str },
    #[error(
        "`{found}` holds several distinguished names, expected `;`, `|` or a line end between them"
    )]
    Joined { found: String },
    #[error("`{found}` is not a value of `{column}`, expected {expected}")]
    BadValue { column: &'static str, found: String, expected: &'static str },
}

/// What an error of this reader says happened, where it is more than an unreadable record.
pub(in crate::sources::directory) fn defect_of(
    error: &(dyn Error + 'static),
) -> Option<DefectKind> {
    let error = error.downcast_ref::<RowError>()?;
    matches!(error, RowError::Collection { .. }).then_some(DefectKind::LostValue)
}

pub(super) struct Row<'r> {
    columns: &'r [Column],
    cells: &'r ByteRecord,
    line: u32,
}

impl<'r> Row<'r> {
    pub(super) const fn new(columns: &'r [Column], cells: &'r ByteRecord, line: u32) -> Self {
        Self { columns, cells, line }
    }

    /// `Get-ADUser`.
    pub(super) fn user(&self, batch: &mut Batch<'_>) {
        match self.class() {
            Some(Class::Neither | Class::Unknown) => return,
            Some(Class::Group) => return self.group(&GroupSource::ActiveDirectory, batch),
            Some(Class::User) | None => {}
        }
        let Some(key) = self.key(batch) else { return self.nameless("user", batch) };
        self.user_record(key, batch);
        if let Some(group) = self.text(Column::PrimaryGroup, batch) {
            let group = name_key(&group, KeySpace::GroupName, batch);
            batch.member(group, key, self.line);
        }
        self.member_of(key, batch);
    }

    /// `Get-ADGroup`.
    pub(super) fn group(&self, source: &GroupSource, batch: &mut Batch<'_>) {
        if matches!(self.class(), Some(Class::Neither | Class::User)) {
            return;
        }
        let by_name = |row: &Self, batch: &mut Batch<'_>| {
            let name = row.text(Column::Name, batch)?;
            Some(batch.key(KeySpace::GroupName, name.as_bytes()))
        };
        let key = self.key(batch).or_else(|| by_name(self, batch));
        let Some(key) = key else { return self.nameless("group", batch) };
        self.group_record(key, source, batch);
        for member in self.values(Column::Members, "member", batch) {
            let member = name_key(&member, KeySpace::SamAccountName, batch);
            batch.member(key, member, self.line);
        }
        self.member_of(key, batch);
    }

    /// `Get-ADGroupMember` with a column for the group; `group` where there is none.
    pub(super) fn member(&self, group: Option<&str>, source: &GroupSource, batch: &mut Batch<'_>) {
        let Some(group) = self.text(Column::Group, batch).or_else(|| group.map(str::to_owned))
        else {
            return self.nameless("group", batch);
        };
        let group_key = name_key(&group, KeySpace::GroupName, batch);
        let name = dn::first_value(group.as_bytes()).unwrap_or(group);
        let facts = GroupFacts { source: Some(source.clone()), ..GroupFacts::default() };
        batch.group(group_key, &name, facts, self.line);
        let key = match self.text(Column::Member, batch) {
            Some(member) if self.text(Column::Dn, batch).is_none() => {
                name_key(&member, KeySpace::SamAccountName, batch)
            }
            _ => match self.key(batch) {
                Some(key) => key,
                None => return self.nameless("member", batch),
            },
        };
        batch.member(group_key, key, self.line);
        match self.class() {
            Some(Class::User) => self.user_record(key, batch),
            Some(Class::Group) => self.group_record(key, source, batch),
            Some(Class::Neither | Class::Unknown) | None => {}
        }
    }

    fn user_record(&self, key: KeyRef, batch: &mut Batch<'_>) {
        let status = self.status(batch);
        batch.user(key, status, self.line);
        let attributes = [
            (Column::Login, Attribute::Login),
            (Column::SamAccountName, Attribute::SamAccountName),
            (Column::Mail, Attribute::Mail),
            (Column::Name, Attribute::CommonName),
        ];
        for (column, attribute) in attributes {
            if let Some(text) = self.text(column, batch) {
                batch.user_attribute(attribute, text.as_bytes());
            }
        }
        let Some(own) = self.sid(batch) else { return };
        batch.user_attribute(Attribute::Sid, own.as_bytes());
        let relative = self.text(Column::PrimaryGroupId, batch).and_then(|id| id.parse().ok());
        if let Some(group) = relative.and_then(|id| sid::sibling(&own, id)) {
            batch.user_attribute(Attribute::PrimaryGroupSid, group.as_bytes());
        }
    }

    fn group_record(&self, key: KeyRef, source: &GroupSource, batch: &mut Batch<'_>) {
        let name = self
            .text(Column::Name, batch)
            .or_else(|| dn::first_value(self.text(Column::Dn, batch)?.as_bytes()))
            .or_else(|| self.text(Column::SamAccountName, batch))
            .unwrap_or_default();
        let group_type = self.group_type(batch);
        let facts = GroupFacts { source: Some(source.clone()), group_type, in_okta: false };
        batch.group(key, &name, facts, self.line);
        let attributes =
            [(Column::SamAccountName, Attribute::SamAccountName), (Column::Mail, Attribute::Mail)];
        for (column, attribute) in attributes {
            if let Some(text) = self.text(column, batch) {
                batch.group_attribute(attribute, text.as_bytes());
            }
        }
        if let Some(sid) = self.sid(batch) {
            batch.group_attribute(Attribute::Sid, sid.as_bytes());
        }
    }

    fn member_of(&self, key: KeyRef, batch: &mut Batch<'_>) {
        for group in self.values(Column::MemberOf, "memberOf", batch) {
            let group = name_key(&group, KeySpace::GroupName, batch);
            batch.member(group, key, self.line);
        }
    }

    fn key(&self, batch: &mut Batch<'_>) -> Option<KeyRef> {
        let spaces = [
            (Column::Dn, KeySpace::Dn),
            (Column::Sid, KeySpace::Sid),
            (Column::SamAccountName, KeySpace::SamAccountName),
            (Column::Login, KeySpace::Login),
        ];
        spaces.into_iter().find_map(|(column, space)| {
            let text = self.text(column, batch)?;
            if space == KeySpace::Sid && sid::parse(text.as_bytes()).is_none() {
                return None;
            }
            Some(batch.key(space, text.as_bytes()))
        })
    }

    fn nameless(&self, what: &'static str, batch: &mut Batch<'_>) {
        batch.problem(self.line, Loss::Record, RowError::Nameless { what });
    }

    fn status(&self, batch: &mut Batch<'_>) -> Status {
        let Some(enabled) = self.text(Column::Enabled, batch) else { return Status::Unknown };
        match enabled.to_ascii_lowercase().as_str() {
            "true" => Status::Active,
            "false" => Status::Disabled,
            _ => {
                self.bad_value("Enabled", &enabled, "`True` or `False`", batch);
                Status::Unknown
            }
        }
    }

    fn sid(&self, batch: &mut Batch<'_>) -> Option<String> {
        let text = self.text(Column::Sid, batch)?;
        let parsed = sid::parse(text.as_bytes());
        if parsed.is_none() {
            self.bad_value("SID", &text, "`S-1-…`", batch);
        }
        parsed
    }

    /// `groupType`, or what `GroupScope` and `GroupCategory` say about it.
    fn group_type(&self, batch: &mut Batch<'_>) -> Option<i32> {
        if let Some(text) = self.text(Column::GroupType, batch) {
            let number = text.parse::<i64>().ok().and_then(super::super::entry::signed);
            if number.is_none() {
                self.bad_value("groupType", &text, "a number", batch);
            }
            return number;
        }
        let scope = match self.text(Column::GroupScope, batch)?.to_ascii_lowercase().as_str() {
            "global" => 2,
            "domainlocal" => 4,
            "universal" => 8,
            _ => return None,
        };
        match self.text(Column::GroupCategory, batch)?.to_ascii_lowercase().as_str() {
            "security" => Some(scope | i32::MIN),
            "distribution" => Some(scope),
            _ => None,
        }
    }

    fn class(&self) -> Option<Class> {
        let class = self.cell(Column::ObjectClass)?;
        Some(Class::parse(class))
    }

    /// The values joined in a cell.
    fn values(&self, column: Column, name: &'static str, batch: &mut Batch<'_>) -> Vec<String> {
        let Some(cell) = self.cell(column) else { return Vec::new() };
        if memchr::memmem::find(cell, b"ValueCollection").is_some() {
            let error = RowError::Collection { column: name };
            batch.problem(self.line, Loss::Record, error);
            return Vec::new();
        }
        let (mut values, longest) = (Vec::new(), batch.limits().value);
        for value in table::values(cell, b";|\r\n") {
            if value.len() > longest || is_several(value) {
                batch.problem(self.line, Loss::Record, RowError::Joined { found: excerpt(value) });
            } else {
                values.push(decode::text(value, self.line, batch).into_owned());
            }
        }
        values
    }

    fn text(&self, column: Column, batch: &mut Batch<'_>) -> Option<String> {
        table::cell(self.cell(column)?, column.name(), self.line, batch)
    }

    /// The first cell of this kind that is not empty.
    fn cell(&self, column: Column) -> Option<&'r [u8]> {
        self.columns
            .iter()
            .zip(self.cells)
            .filter(|(of, _)| **of == column)
            .map(|(_, cell)| cell.trim_ascii())
            .find(|cell| !cell.is_empty())
    }

    fn bad_value(
        &self,
        column: &'static str,
        found: &str,
        expected: &'static str,
        batch: &mut Batch<'_>,
    ) {
        let found = excerpt(found.as_bytes());
        batch.problem(self.line, Loss::Record, RowError::BadValue { column, found, expected });
    }
}

/// The key of a name whose kind its form tells: DN, SID, login; anything else is in `space`.
fn name_key(name: &str, space: KeySpace, batch: &mut Batch<'_>) -> KeyRef {
    let text = name.as_bytes();
    let space = if dn::looks_like(text) {
        KeySpace::Dn
    } else if sid::parse(text).is_some() {
        KeySpace::Sid
    } else if space == KeySpace::SamAccountName && name.contains('@') {
        KeySpace::Login
    } else {
        space
    };
    batch.key(space, text)
}

/// Whether a value is several DNs joined by `,` or a space: after a domain something else begins.
fn is_several(value: &[u8]) -> bool {
    let Ok(dn) = dn::parse(value) else { return false };
    let mut in_domain = false;
    for part in dn.rdns.iter().flat_map(|rdn| &rdn.parts) {
        let domain = part.kind.eq_ignore_ascii_case("dc");
        if in_domain && !domain {
            return true;
        }
        if domain && matches!(&part.value, PartValue::Text(text) if text.contains('=')) {
            return true;
        }
        in_domain = domain;
    }
    false
}
