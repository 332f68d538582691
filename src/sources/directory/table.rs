//! CSV exports of directory programs: what stands before the records, and the records with their lines.

use csv::ByteRecord;

use crate::sources::batch::{Batch, Loss};
use crate::sources::blocks::Block;
use crate::sources::decode;
use crate::sources::input::SourceOptions;

use crate::sources::limits::{Limit, OverLimit};

/// What is wrong with the header of a CSV export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Nothing there.
    #[error("no header row, expected one with `{expected}`")]
    Missing {
        /// Columns that identify a record.
        expected: &'static str,
    },
    /// A header without the columns that are needed.
    #[error("the header row is `{found}`, expected a column `{expected}`; name it under `headers`")]
    NoColumn {
        /// The header row.
        found: String,
        /// The columns that would do.
        expected: &'static str,
    },
}

/// What is wrong with a record.
#[derive(Debug, thiserror::Error)]
pub(super) enum RowError {
    #[error("{found} cells, expected {expected} as in the header row")]
    Cells { found: usize, expected: usize },
    #[error("an empty cell in column `{column}`, expected the name of the entry")]
    Nameless { column: String },
    #[error(transparent)]
    Over(#[from] OverLimit),
}

impl RowError {
    /// A cell, or a value in one, of more bytes than are kept.
    pub(super) fn cell_too_long(column: &str, allowed: usize) -> Self {
        let what = format!("a cell of `{}`", super::excerpt(column.as_bytes()));
        Self::Over(OverLimit::new(what, Limit::Value, allowed))
    }
}

/// Delimiter and header row of a CSV export.
#[derive(Debug, Clone)]
pub(super) struct Header {
    delimiter: u8,
    /// Header cells by their standard names where the user gave them other ones.
    pub(super) columns: Vec<String>,
    /// Behind `#TYPE`: the type PowerShell exported.
    pub(super) exported_type: Option<String>,
    /// Number of the first line behind the header row, counted from 1 at the beginning of the file.
    first_record: u32,
}

impl Header {
    /// Reads the beginning of a file. `None` where there is no header row.
    pub(super) fn read(head: &[u8], options: &SourceOptions) -> Option<Self> {
        let (mut rest, mut line, mut exported_type) = (head, 1, None);
        loop {
            let (text, after) = split_line(rest);
            if let Some(name) = text.strip_prefix(b"#TYPE ") {
                exported_type = Some(String::from_utf8_lossy(name.trim_ascii()).into_owned());
            } else if !text.trim_ascii().is_empty() {
                break;
            }
            if after.is_empty() {
                return None;
            }
            (rest, line) = (after, line + 1);
        }
        let row = quoted_line(rest);
        let delimiter = options.delimiter.unwrap_or_else(|| guess_delimiter(row));
        let lines = memchr::memchr_iter(b'\n', row).count() + 1;
        let mut record = ByteRecord::new();
        reader(row, delimiter).read_byte_record(&mut record).ok()?;
        Some(Self {
            delimiter,
            columns: record.iter().map(|cell| standard_name(cell, options)).collect(),
            exported_type,
            first_record: line + u32::try_from(lines).unwrap_or(u32::MAX / 2),
        })
    }

    /// The columns that an earlier one has the name of, ignoring case, and the header row's line.
    pub(super) fn repeated_columns(&self) -> (Vec<String>, u32) {
        let same = |at: usize, name: &str| {
            self.columns.iter().take(at).any(|earlier| earlier.eq_ignore_ascii_case(name))
        };
        let columns = self.columns.iter().enumerate();
        let repeated =
            columns.filter(|(at, name)| !name.is_empty() && same(*at, name)).map(|(_, name)| name);
        (repeated.cloned().collect(), self.first_record.saturating_sub(1))
    }

    /// Whether there is a column of this name, ignoring case.
    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.eq_ignore_ascii_case(name))
    }

    /// The header row, for a message.
    pub(super) fn shown(&self) -> String {
        super::excerpt(
            self.columns.join(char::from(self.delimiter).to_string().as_str()).as_bytes(),
        )
    }

    /// Hands every record of a block to `take`, with its line.
    pub(super) fn records(
        &self,
        block: &Block,
        batch: &mut Batch<'_>,
        mut take: impl FnMut(&ByteRecord, u32, &mut Batch<'_>),
    ) {
        let bytes = block.bytes.as_slice();
        let (mut reader, mut record) = (reader(bytes, self.delimiter), ByteRecord::new());
        let (mut counted, mut line) = (0, block.first_line);
        while let Ok(true) = reader.read_byte_record(&mut record) {
            let start = record.position().map_or(0, csv::Position::byte);
            let mut start = usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len());
            while matches!(bytes.get(start), Some(b'\r' | b'\n')) {
                start += 1;
            }
            let passed = bytes.get(counted..start).unwrap_or_default();
            let lines = memchr::memchr_iter(b'\n', passed).count();
            line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            counted = start;
            if line < self.first_record {
                continue;
            }
            if record.len() == self.columns.len() {
                take(&record, line, batch);
            } else {
                let (found, expected) = (record.len(), self.columns.len());
                batch.problem(line, Loss::Record, RowError::Cells { found, expected });
            }
        }
    }
}

fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(bytes)
}

/// The user's own header names stand for the standard ones.
fn standard_name(cell: &[u8], options: &SourceOptions) -> String {
    let own = String::from_utf8_lossy(cell.trim_ascii()).into_owned();
    let named = options.headers.iter().find(|(_, theirs)| theirs.eq_ignore_ascii_case(&own));
    named.map_or(own, |(standard, _)| standard.clone())
}

fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', text).map_or(text.len(), |at| at + 1);
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// Up to the first line end that is not inside quotes.
fn quoted_line(text: &[u8]) -> &[u8] {
    let mut quoted = false;
    for at in memchr::memchr2_iter(b'"', b'\n', text) {
        match text.get(at) {
            Some(b'"') => quoted = !quoted,
            _ if !quoted => return text.get(..at).unwrap_or_default(),
            _ => {}
        }
    }
    text
}

/// The delimiter that stands most often outside quotes in the header row.
fn guess_delimiter(row: &[u8]) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for &byte in row {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(of, _)| *of == byte && !quoted) {
            *count += 1;
        }
    }
    let [comma, rest @ ..] = counts;
    rest.into_iter().fold(comma, |best, next| if next.1 > best.1 { next } else { best }).0
}

/// A cell's text, as long as it may be; `None` where it is empty or refused.
pub(super) fn cell(bytes: &[u8], column: &str, line: u32, batch: &mut Batch<'_>) -> Option<String> {
    let bytes = bytes.trim_ascii();
    let longest = batch.limits().value;
    if bytes.len() > longest {
        batch.problem(line, Loss::Record, RowError::cell_too_long(column, longest));
        return None;
    }
    (!bytes.is_empty()).then(|| decode::text(bytes, line, batch).into_owned())
}

/// The values that are joined in a cell; a separator behind a backslash belongs to a value.
pub(super) fn values<'c>(cell: &'c [u8], separators: &[u8]) -> impl Iterator<Item = &'c [u8]> {
    let mut escaped = false;
    cell.split(move |&byte| {
        let ends = !escaped && separators.contains(&byte);
        escaped = !escaped && byte == b'\\';
        ends
    })
    .map(<[u8]>::trim_ascii)
    .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::keys::Keys;

    fn header(head: &str) -> Option<Header> {
        Header::read(head.as_bytes(), &SourceOptions::default())
    }

    #[test]
    fn the_type_line_and_the_header_are_no_records() {
        let text = "#TYPE A.B\r\n\r\n\"x\ny\";\"z\"\r\n1;2\r\n\r\n\"3\n4\";5\r\n6;7\r\n";
        let header = header(text).unwrap();
        assert_eq!(header.columns, ["x\ny", "z"]);
        assert_eq!(header.exported_type.as_deref(), Some("A.B"));
        let (keys, mut seen) = (Keys::default(), Vec::new());
        let block = Block { bytes: text.into(), first_line: 1, offset: 0 };
        header.records(&block, &mut Batch::new(&keys), |record, line, _| {
            seen.push((line, String::from_utf8_lossy(record.get(0).unwrap()).into_owned()));
        });
        assert_eq!(seen, [(5, "1".into()), (7, "3\n4".into()), (9, "6".into())]);
    }

    #[test]
    fn the_delimiter_is_the_one_that_parts_the_header() {
        for (head, delimiter) in
            [("a,b;c,d", b','), ("a;b", b';'), ("\"a,b,c\"\t\"d\"", b'\t'), ("a", b',')]
        {
            assert_eq!(header(head).unwrap().delimiter, delimiter, "{head}");
        }
        assert!(header("").is_none());
        assert!(header("#TYPE x\n\n").is_none());
    }

    #[test]
    fn an_escaped_separator_is_part_of_the_value() {
        let got: Vec<_> = values(br"CN=a\;b;CN=c\\;CN=d\,e;;", b";").collect();
        assert_eq!(got, [&br"CN=a\;b"[..], br"CN=c\\", br"CN=d\,e"]);
    }
}
