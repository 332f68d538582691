//! Groups of plain CSV files, renamed: in every cell that names them.

use std::collections::BTreeMap;

use super::spelling::csv_cell;
use super::{Edit, OwnFile, start};
use crate::sources::excerpt::csv::{cells, record_end};
use crate::sources::excerpt::spelling::Spelling;
use crate::sources::input::Format;
use crate::sources::plain::{GroupColumns, PlainReader};

/// Whether such a file names groups.
pub(super) const fn names_groups(format: Format) -> bool {
    matches!(format, Format::EdgeCsv | Format::GroupsCsv)
}

/// Every cell of a file that names one of some groups.
pub(super) fn rename(
    file: &OwnFile<'_>,
    renames: &BTreeMap<&str, (&str, Vec<usize>)>,
) -> Vec<Edit> {
    let bytes = file.bytes;
    let head = record_end(bytes, start(bytes));
    let header = bytes.get(start(bytes)..head).unwrap_or_default();
    let header = String::from_utf8_lossy(header);
    let reader = PlainReader::new(&header, file.format, file.options).ok();
    let Some(columns) = reader.and_then(|reader| reader.group_columns()) else {
        return Vec::new();
    };
    let mut edits = Vec::new();
    let (mut at, mut line) = (head, 1 + line_ends(bytes.get(..head).unwrap_or_default()));
    while at < bytes.len() {
        let end = record_end(bytes, at);
        let cells = cells(bytes, at..end, columns.delimiter);
        for column in named_in(&columns, |column| {
            let cell = cells.get(column)?;
            Some(cell.spelling.read(bytes.get(cell.span.clone())?).into_owned())
        }) {
            let Some(cell) = cells.get(column) else { continue };
            let raw = bytes.get(cell.span.clone()).unwrap_or_default();
            let Some((to, wishes)) = renames.get(&*cell.spelling.read(raw)) else { continue };
            let quoted = cell.spelling == Spelling::CsvQuoted;
            let before = bytes.get(at..cell.span.start).unwrap_or_default();
            edits.push(Edit {
                span: cell.span.clone(),
                line: line + line_ends(before),
                written: csv_cell(to, quoted, columns.delimiter).into_bytes(),
                wishes: wishes.clone(),
            });
        }
        line += line_ends(bytes.get(at..end).unwrap_or_default());
        at = end;
    }
    edits
}

/// The columns of a record in which a group may be named.
fn named_in(
    columns: &GroupColumns,
    text: impl Fn(usize) -> Option<String>,
) -> impl Iterator<Item = usize> {
    let is_user =
        columns.member_type.and_then(text).is_some_and(|word| word.eq_ignore_ascii_case("user"));
    std::iter::once(columns.group).chain(columns.member.filter(|_| !is_user))
}

fn line_ends(bytes: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}
