//! Records of a CSV and their fields, RFC 4180.
#![expect(
    clippy::indexing_slicing,
    reason = "offsets come from memchr over the same slice, or are bounded by the line before use"
)]

use std::borrow::Cow;
use std::ops::Range;

use super::PlainError;
use crate::sources::limits::{Limit, OverLimit};

/// One record: its bytes without the line end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) line: u32,
    pub(super) quoted: bool,
}

impl<'b> Record<'b> {
    /// The fields; `None` for an empty line.
    pub(super) fn fields(
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
pub(super) fn split_quoted(record: &[u8], delimiter: u8) -> Option<Vec<Cow<'_, [u8]>>> {
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
pub(super) fn first_field(record: &[u8], delimiter: u8) -> Option<usize> {
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
pub(super) struct Records<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
    pub(super) line: u32,
    /// Some record so far stands on several lines.
    pub(super) spans: bool,
}

impl<'b> Records<'b> {
    pub(super) const fn new(bytes: &'b [u8], first_line: u32) -> Self {
        Self { bytes, at: 0, line: first_line, spans: false }
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes over a record of one line, its line end counted.
    pub(super) fn pass(&mut self, length: usize) {
        self.at += length;
        self.line += 1;
    }
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
        self.spans |= lines > 1;
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
