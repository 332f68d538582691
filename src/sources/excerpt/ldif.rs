//! Attributes of LDIF entries.

use std::ops::Range;

use super::secret::is_secret;
use super::spelling::Spelling;
use super::{Field, Finder, Hit, Lined, Want, lines_of};

/// Entries: a name and attributes, until an empty line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entries;

/// A logical line, folded or not.
#[derive(Debug, Clone)]
struct Line {
    /// How many line ends are in it, the last left out.
    folds: u32,
    span: Range<usize>,
}

/// An attribute as written.
struct Attribute<'b> {
    name: &'b str,
    /// Where its value begins in the line.
    value: usize,
    spelling: Spelling,
}

impl Finder for Entries {
    /// The values of secrets, which stand without quotes here and go on over lines; and a line that goes on
    /// with nobody knows what.
    fn hidden(&self, bytes: &[u8], hit: &Range<usize>) -> Vec<Range<usize>> {
        let line_of = |at: usize| {
            let before = bytes.get(..at).unwrap_or_default();
            let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
            let rest = bytes.get(start..).unwrap_or_default();
            start..start + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
        };
        let line = line_of(hit.start);
        let mut first = line.clone();
        while bytes.get(first.start) == Some(&b' ') && first.start > 0 {
            first = line_of(first.start - 1);
        }
        let text = bytes.get(first.clone()).unwrap_or_default();
        let name = text.iter().position(|byte| b": \t;".contains(byte)).unwrap_or(text.len());
        let is_lost = text.trim_ascii().is_empty() || text.starts_with(b" ");
        let behind = first.start + name + 1..line.end;
        match text.get(..name) {
            _ if is_lost => vec![line],
            Some(word) if is_secret(word) && first == line => vec![behind],
            Some(word) if is_secret(word) => vec![line],
            _ => Vec::new(),
        }
    }

    fn scan(&mut self, block: &Lined<'_>, wants: &[Want], first: usize) -> Vec<Hit> {
        let bytes = block.bytes();
        let mut hits = lines_of(block, wants, first);
        if wants.is_empty() {
            return hits;
        }
        let mut entry = Entry { name: None, whole: 0..0 };
        let mut next = 0;
        let mut at = 0;
        let mut number = block.first_line();
        while at < bytes.len() {
            let line = line(bytes, at);
            let text = bytes.get(line.span.clone()).unwrap_or_default();
            if text.trim_ascii().is_empty() {
                entry = Entry { name: None, whole: 0..0 };
            }
            let attribute = attribute(text);
            let dn = attribute.as_ref().filter(|found| found.name.eq_ignore_ascii_case("dn"));
            if let Some(attribute) = dn {
                let raw = value(text, attribute);
                entry.name = Some(attribute.spelling.read(raw).into_owned());
            }
            let begun = next;
            let last = number.saturating_add(line.folds);
            while wants.get(next).is_some_and(|want| want.line <= last) {
                let name = attribute.as_ref().map(|attribute| attribute.name.to_owned());
                if let Some(hit) = hits.get_mut(next) {
                    hit.field = entry.field(name);
                }
                next += 1;
            }
            if dn.is_some() {
                entry.whole = begun..next;
            }
            if let Some(attribute) = attribute {
                for index in entry.whole.clone().chain(begun.max(entry.whole.end)..next) {
                    let Some(want) = wants.get(index) else { continue };
                    hits.extend(entry.search(
                        text,
                        line.span.start,
                        &attribute,
                        (first + index, want),
                    ));
                }
            }
            at = line.span.end;
            number = last.saturating_add(1);
        }
        hits
    }
}

/// The entry that is being read.
struct Entry {
    name: Option<String>,
    /// What is wanted of its first line may stand anywhere in it.
    whole: Range<usize>,
}

impl Entry {
    fn field(&self, name: Option<String>) -> Option<Field> {
        self.name.as_ref().map(|dn| Field::Attribute { dn: dn.clone(), name })
    }

    fn search(
        &self,
        text: &[u8],
        offset: usize,
        attribute: &Attribute<'_>,
        (want, Want { mark, .. }): (usize, &Want),
    ) -> Option<Hit> {
        let raw = value(text, attribute);
        let (rank, span) = super::find(raw, attribute.spelling, mark)?;
        let start = offset + attribute.value;
        let encoded = attribute.spelling == Spelling::Base64;
        Some(Hit {
            want,
            span: start + span.start..start + span.end,
            rank,
            field: self.field(Some(attribute.name.to_owned())),
            decoded: encoded.then(|| attribute.spelling.read(raw).into_owned()),
        })
    }
}

/// The value as written, without its line end.
fn value<'b>(line: &'b [u8], attribute: &Attribute<'_>) -> &'b [u8] {
    let raw = line.get(attribute.value..).unwrap_or_default();
    let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
    raw.strip_suffix(b"\r").unwrap_or(raw)
}

/// The logical line at an offset, the end of its last physical line included.
fn line(bytes: &[u8], from: usize) -> Line {
    let (mut end, mut folds) = (from, 0);
    loop {
        let rest = bytes.get(end..).unwrap_or_default();
        end += memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let empty =
            end - from <= 2 && bytes.get(from..end).unwrap_or_default().trim_ascii().is_empty();
        if empty || !matches!(bytes.get(end), Some(b' ' | b'\t')) {
            return Line { folds, span: from..end };
        }
        folds += 1;
    }
}

fn attribute(line: &[u8]) -> Option<Attribute<'_>> {
    let colon = memchr::memchr(b':', line)?;
    let (name, value) = line.split_at_checked(colon)?;
    if name.is_empty() || name.starts_with(b"#") {
        return None;
    }
    let name = std::str::from_utf8(name).ok()?;
    let encoded = value.starts_with(b"::");
    let marker = if encoded { 2 } else { 1 };
    let spaces = value.iter().skip(marker).take_while(|&&byte| byte == b' ').count();
    let spelling = if encoded { Spelling::Base64 } else { Spelling::Folded };
    Some(Attribute { name, value: colon + marker + spaces, spelling })
}
