//! `csvde`: one row an object, one column an attribute, several values of an attribute joined by `;`.

use std::borrow::Cow;

use csv::ByteRecord;

use crate::model::group_source::GroupSource;
use crate::sources::batch::{Batch, Loss, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::decode;
use crate::sources::input::SourceOptions;
use crate::sources::keys::KeySpace;

use super::attribute::{Description, Field};
use super::entry::{Entry, Value};
use super::table::{self, Header, HeaderError, RowError};

/// Reads `csvde` exports, blocks of the whole file (header included) cut at unquoted line ends
/// ([`AtUnquotedLineEnd`](crate::sources::blocks::AtUnquotedLineEnd)).
#[derive(Debug, Clone)]
pub struct CsvdeReader {
    header: Header,
    columns: Vec<Description>,
    dn: usize,
    group_source: Option<GroupSource>,
}

impl CsvdeReader {
    /// A reader for the file that begins with `head`.
    pub fn from_head(head: &[u8], options: &SourceOptions) -> Result<Self, HeaderError> {
        let header = Header::read(head, options)
            .ok_or(HeaderError::Missing { expected: "DN,objectClass,…" })?;
        let position = |names: &[&str]| {
            let is = |column: &String| names.iter().any(|name| column.eq_ignore_ascii_case(name));
            header.columns.iter().position(is)
        };
        let dn = position(&["dn"])
            .or_else(|| position(&["distinguishedName"]))
            .ok_or_else(|| HeaderError::NoColumn { found: header.shown(), expected: "DN" })?;
        let ignored = Description { field: Field::Ignored, range: None };
        let columns = header
            .columns
            .iter()
            .map(|name| Description::parse(name.as_bytes()).unwrap_or(ignored))
            .collect();
        Ok(Self { header, columns, dn, group_source: options.group_source.clone() })
    }

    fn row(&self, entry: &mut Entry<'_>, row: &ByteRecord, line: u32, batch: &mut Batch<'_>) {
        let dn = row.get(self.dn).unwrap_or_default();
        if dn.trim_ascii().is_empty() {
            let column = self.header.columns.get(self.dn).cloned().unwrap_or_default();
            return batch.problem(line, Loss::Record, RowError::Nameless { column });
        }
        let Some(dn) = table::cell(&unhex(dn), "DN", line, batch) else { return };
        entry.restart(Value::Passes(dn.as_bytes()), line, batch);
        for (description, cell) in self.columns.iter().zip(row) {
            let cell = cell.trim_ascii();
            match description.field {
                _ if cell.is_empty() => {}
                Field::Dn | Field::ChangeType | Field::Ignored => {}
                field if field.is_membership() => {
                    members(entry, *description, cell, line, batch);
                }
                field => {
                    if !value(entry, field, cell, line, batch) {
                        return entry.discard(batch);
                    }
                }
            }
        }
        entry.finish(self.group_source.as_ref(), batch);
    }
}

impl RecordReader for CsvdeReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        let mut entry = Entry::new();
        self.header
            .records(block, batch, |row, line, batch| self.row(&mut entry, row, line, batch));
        entry.end(batch);
    }
}

/// Whether the beginning of a file has the look of `csvde`: a header row with a column `DN`.
pub fn looks_like(head: &[u8]) -> bool {
    Header::read(head, &SourceOptions::default()).is_some_and(|header| {
        header.exported_type.is_none() && header.columns.len() > 1 && header.has("dn")
    })
}

fn members(
    entry: &mut Entry<'_>,
    description: Description,
    cell: &[u8],
    line: u32,
    batch: &mut Batch<'_>,
) {
    let Description { field, range } = description;
    let longest = batch.limits().value;
    let space = if field == Field::MemberUid { KeySpace::Uid } else { KeySpace::Dn };
    for value in table::values(cell, b";") {
        let value = unhex(value);
        if value.len() > longest {
            batch.problem(line, Loss::Record, RowError::cell_too_long(field.name(), longest));
            continue;
        }
        let text = decode::text(&value, line, batch);
        let key = batch.key(space, text.as_bytes());
        entry.memberships(field, range, 1, line);
        let entry = entry.key(batch);
        if field == Field::MemberOf {
            batch.member(key, entry, line);
        } else {
            batch.member(entry, key, line);
        }
    }
}

/// Keeps the values of a cell; false where the entry grows past its limit.
fn value(
    entry: &mut Entry<'_>,
    field: Field,
    cell: &[u8],
    line: u32,
    batch: &mut Batch<'_>,
) -> bool {
    let longest = batch.limits().value;
    if cell.len() > longest {
        batch.problem(line, Loss::Record, RowError::cell_too_long(field.name(), longest));
        return true;
    }
    // Of the other attributes that are read, only classes have several values in AD.
    let separators: &[u8] = if field == Field::ObjectClass { b";" } else { b"" };
    for value in table::values(cell, separators) {
        let value = unhex(value);
        let text;
        let bytes = if field == Field::ObjectSid {
            &*value
        } else {
            text = decode::text(&value, line, batch);
            text.as_bytes()
        };
        if let Err(error) = entry.value(field, Value::Passes(bytes), line, batch) {
            batch.problem(line, Loss::Record, error);
            return false;
        }
    }
    true
}

/// A binary value stands as `X'57c4…'`.
fn unhex(cell: &[u8]) -> Cow<'_, [u8]> {
    let cell = cell.trim_ascii();
    let digits = cell
        .strip_prefix(b"X'")
        .or_else(|| cell.strip_prefix(b"x'"))
        .and_then(|rest| rest.strip_suffix(b"'"));
    let (pairs, odd) = match digits {
        Some(digits) => digits.as_chunks::<2>(),
        None => return Cow::Borrowed(cell),
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes: Option<Vec<u8>> = pairs
        .iter()
        .map(|&[high, low]| u8::try_from(digit(high)? * 16 + digit(low)?).ok())
        .collect();
    match bytes {
        Some(bytes) if odd.is_empty() => Cow::Owned(bytes),
        _ => Cow::Borrowed(cell),
    }
}
