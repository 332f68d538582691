//! Cells of CSV files.

use std::ops::Range;

use super::secret::is_secret;
use super::spelling::Spelling;
use super::{Field, Finder, Hit, Lined, Want, line_ends, lines_of};
use crate::sources::input::SourceOptions;

/// Rows and cells; the first row that is neither empty nor PowerShell's `#TYPE` names the columns.
#[derive(Debug)]
pub(super) struct Cells {
    delimiter: Option<u8>,
    columns: Option<Vec<String>>,
    /// Which columns are named as secrets.
    secret: Vec<bool>,
    /// Number of the next row.
    row: u64,
    /// Each row stands on one line.
    rows_are_lines: bool,
}

/// A cell as written, without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources) struct Cell {
    pub(in crate::sources) span: Range<usize>,
    pub(in crate::sources) spelling: Spelling,
}

impl Cells {
    pub(super) fn new(options: &SourceOptions, rows_are_lines: bool) -> Self {
        let delimiter = options.delimiter;
        Self { delimiter, columns: None, secret: Vec::new(), row: 1, rows_are_lines }
    }

    /// The row that a line belongs to, as [`row_of`] finds it.
    pub(super) fn row_of(&self, block: &Lined<'_>, from: usize, line: u32, wanted: u32) -> Sought {
        if !self.rows_are_lines {
            return row_of(block, from, line, wanted);
        }
        let (start, lines) = block.pass(from, wanted.saturating_sub(line));
        Sought { start, line: line + lines, passed: u64::from(lines) }
    }

    /// How many rows end from an offset on, where one begins.
    pub(super) fn rows(&self, block: &Lined<'_>, from: usize) -> u64 {
        let lines = block.ends() - block.ends_before(from);
        if self.rows_are_lines { u64::from(lines) } else { rows(block, from) }
    }

    fn read_header(&mut self, bytes: &[u8], record: Range<usize>) {
        let text = bytes.get(record.clone()).unwrap_or_default();
        if text.trim_ascii().is_empty() || text.starts_with(b"#TYPE") {
            return;
        }
        let delimiter = *self.delimiter.get_or_insert_with(|| likely_delimiter(text));
        let cells = cells(bytes, record, delimiter);
        let read = |cell: &Cell| {
            let raw = bytes.get(cell.span.clone()).unwrap_or_default();
            cell.spelling.read(raw).trim().to_owned()
        };
        let columns: Vec<String> = cells.iter().map(read).collect();
        self.secret = columns.iter().map(|name| is_secret(name.as_bytes())).collect();
        self.columns = Some(columns);
    }

    fn field(&self, column: Option<usize>) -> Field {
        let name = column.and_then(|at| self.columns.as_ref()?.get(at).cloned());
        Field::Cell { row: self.row, column: name }
    }

    fn search(&self, bytes: &[u8], record: Range<usize>, want: (usize, &Want)) -> Option<Hit> {
        let (index, Want { mark, .. }) = want;
        if mark.value.is_empty() {
            return None;
        }
        let mut best: Option<Hit> = None;
        for (at, cell) in cells(bytes, record, self.delimiter.unwrap_or(b',')).iter().enumerate() {
            let raw = bytes.get(cell.span.clone()).unwrap_or_default();
            let Some((rank, span)) = super::find(raw, cell.spelling, mark) else { continue };
            if best.as_ref().is_none_or(|best| best.rank < rank) {
                let span = cell.span.start + span.start..cell.span.start + span.end;
                best = Some(Hit {
                    want: index,
                    span,
                    rank,
                    field: Some(self.field(Some(at))),
                    decoded: None,
                });
            }
        }
        best
    }
}

impl Finder for Cells {
    /// The cells of columns that are named as secrets; all from the first of them on where a row has not as many
    /// cells as there are columns.
    fn hidden(&self, bytes: &[u8], hit: &Range<usize>) -> Vec<Range<usize>> {
        let is_secret = |at: usize| self.secret.get(at) == Some(&true);
        let Some(first) = self.secret.iter().position(|&secret| secret) else { return Vec::new() };
        let mut start = 0;
        while record_end(bytes, start) <= hit.start && start < bytes.len() {
            start = record_end(bytes, start);
        }
        let record = start..record_end(bytes, start);
        let found = cells(bytes, record, self.delimiter.unwrap_or(b','));
        let is_whole = found.len() == self.secret.len();
        // A quote that is not closed takes what follows into one cell, the last.
        let lost = first.min(found.len().saturating_sub(1));
        let hidden = found.into_iter().enumerate();
        let hidden = hidden.filter(|(at, _)| if is_whole { is_secret(*at) } else { *at >= lost });
        hidden.map(|(_, cell)| cell.span).collect()
    }

    fn scan(&mut self, block: &Lined<'_>, wants: &[Want], first: usize) -> Vec<Hit> {
        let mut hits = lines_of(block, wants, first);
        if self.rows_are_lines {
            // Blocks without a wanted line may have been left out.
            self.row = u64::from(block.first_line());
        }
        let bytes = block.bytes();
        let (mut at, mut line, mut next) = (0, block.first_line(), 0);
        while at < bytes.len() {
            if self.columns.is_some() && next >= wants.len() {
                self.row += self.rows(block, at);
                break;
            }
            if let Some(want) = wants.get(next).filter(|_| self.columns.is_some()) {
                let sought = self.row_of(block, at, line, want.line);
                (at, line) = (sought.start, sought.line);
                self.row += sought.passed;
            }
            let end = record_end(bytes, at);
            if self.columns.is_none() {
                self.read_header(bytes, at..end);
            }
            let text = bytes.get(at..end).unwrap_or_default();
            let last = line.saturating_add(line_ends(text));
            while let Some(want) = wants.get(next).filter(|want| want.line <= last) {
                // A line behind the last line end of a record is the next record's.
                if want.line == last && text.ends_with(b"\n") {
                    break;
                }
                if let Some(hit) = hits.get_mut(next) {
                    hit.field = Some(self.field(None));
                }
                hits.extend(self.search(bytes, at..end, (first + next, want)));
                next += 1;
            }
            (at, line) = (end, last);
            self.row += u64::from(text.ends_with(b"\n"));
        }
        hits
    }
}

/// A row that was sought.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sought {
    pub(super) start: usize,
    /// Its first line.
    pub(super) line: u32,
    /// How many rows end before it.
    pub(super) passed: u64,
}

/// The row that a line belongs to, from the row on that begins at an offset and a line; the last where there is
/// none.
pub(super) fn row_of(block: &Lined<'_>, from: usize, line: u32, wanted: u32) -> Sought {
    let (behind, lines) = block.pass(from, wanted.saturating_sub(line));
    let passed = block.bytes().get(from..behind).unwrap_or_default();
    let quoted = Quoted::of(passed);
    let Some(open) = quoted.open else {
        let rows = u64::from(lines).saturating_sub(quoted.line_ends);
        return Sought { start: behind, line: line + lines, passed: rows };
    };
    // The line stands in a cell that began above it.
    let before = passed.get(..open).unwrap_or_default();
    let before = before.get(..last_row(before)).unwrap_or_default();
    let (start, line_ends) = (from + before.len(), line_ends(before));
    let rows = u64::from(line_ends).saturating_sub(Quoted::of(before).line_ends);
    Sought { start, line: line + line_ends, passed: rows }
}

/// How many rows end from an offset on, where one begins.
pub(super) fn rows(block: &Lined<'_>, from: usize) -> u64 {
    let quoted = Quoted::of(block.bytes().get(from..).unwrap_or_default());
    u64::from(block.ends() - block.ends_before(from)).saturating_sub(quoted.line_ends)
}

/// What stands in quotes of a text that begins at a row: little, so that line ends are counted without looking
/// at the quotes and these are taken off.
struct Quoted {
    /// Line ends in quotes.
    line_ends: u64,
    /// Where the quote stands that is not closed.
    open: Option<usize>,
}

impl Quoted {
    fn of(text: &[u8]) -> Self {
        let mut quotes = memchr::memchr_iter(b'"', text);
        let mut ends = 0;
        while let Some(open) = quotes.next() {
            let close = quotes.next();
            let inside = text.get(open..close.unwrap_or(text.len())).unwrap_or_default();
            ends += u64::from(line_ends(inside));
            if close.is_none() {
                return Self { line_ends: ends, open: Some(open) };
            }
        }
        Self { line_ends: ends, open: None }
    }
}

/// Where the last row begins of a text that ends outside quotes.
fn last_row(text: &[u8]) -> usize {
    let mut quoted = false;
    for at in memchr::memrchr2_iter(b'"', b'\n', text) {
        if text.get(at) == Some(&b'"') {
            quoted = !quoted;
        } else if !quoted {
            return at + 1;
        }
    }
    0
}

/// Offset behind the record that begins at `from`, its line end included.
pub(in crate::sources) fn record_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let mut quoted = false;
    for at in memchr::memchr2_iter(b'"', b'\n', rest) {
        if rest.get(at) == Some(&b'"') {
            quoted = !quoted;
        } else if !quoted {
            return from + at + 1;
        }
    }
    bytes.len()
}

/// The cells of a record.
pub(in crate::sources) fn cells(bytes: &[u8], record: Range<usize>, delimiter: u8) -> Vec<Cell> {
    let text = bytes.get(record.clone()).unwrap_or_default();
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let mut cells = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, &byte) in text.iter().enumerate() {
        if byte == b'"' {
            quoted = !quoted;
        } else if byte == delimiter && !quoted {
            cells.push(cell(text, start..at, record.start));
            start = at + 1;
        }
    }
    cells.push(cell(text, start..text.len(), record.start));
    cells
}

fn cell(text: &[u8], span: Range<usize>, offset: usize) -> Cell {
    let raw = text.get(span.clone()).unwrap_or_default();
    let inner = raw.strip_prefix(b"\"").map(|rest| rest.strip_suffix(b"\"").unwrap_or(rest));
    match inner {
        Some(inner) => {
            let start = offset + span.start + 1;
            Cell { span: start..start + inner.len(), spelling: Spelling::CsvQuoted }
        }
        None => Cell { span: offset + span.start..offset + span.end, spelling: Spelling::Plain },
    }
}

/// `,` unless the header row has more of another.
fn likely_delimiter(header: &[u8]) -> u8 {
    let count = |delimiter| memchr::memchr_iter(delimiter, header).count();
    let mut best = (count(b','), b',');
    for delimiter in [b';', b'\t', b'|'] {
        if count(delimiter) > best.0 {
            best = (count(delimiter), delimiter);
        }
    }
    best.1
}
