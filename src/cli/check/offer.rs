//! The fixes that `--fix` would make, as reports offer them: at the places of the files as they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::super::CliError;
use super::super::options::SourceArgs;
use super::settle::{Kept, Seen, Settled, Settler, Step};
use crate::finding::{Finding, Fingerprint, FixHint};
use crate::report::checked::{Fix, Replacement};
use crate::rules::Baseline;
use crate::rules::settings::Settings;
use crate::sources::edit::{Edit, apply};

/// A piece of a file as it was, and what all edits make of it.
struct Piece {
    span: Range<usize>,
    written: Vec<u8>,
    /// The findings it is for.
    findings: BTreeSet<Fingerprint>,
}

/// What `--fix` would make for each finding.
pub(super) fn fixes(
    sources: &SourceArgs,
    settings: &Settings,
    baseline: Option<&Baseline>,
    seen: Seen,
) -> Result<BTreeMap<Fingerprint, Fix>, CliError> {
    let known: BTreeMap<Fingerprint, Finding> = seen
        .outcome
        .findings
        .iter()
        .filter(|finding| finding.fix.is_some())
        .map(|finding| (finding.fingerprint, finding.clone()))
        .collect();
    if known.is_empty() {
        return Ok(BTreeMap::new());
    }
    let Settled { files, steps, .. } = Settler::new(sources, settings, baseline).settle(seen)?;
    let mut fixes: BTreeMap<Fingerprint, Fix> = BTreeMap::new();
    for file in files.iter().filter(|file| file.before != file.now) {
        let mut own: BTreeMap<Fingerprint, Vec<Replacement>> = BTreeMap::new();
        let mut cursor = Cursor::new(&file.before);
        for piece in pieces(file, &steps, &known) {
            let Some(replacement) = cursor.replacement(&piece) else { continue };
            for finding in piece.findings {
                own.entry(finding).or_default().push(replacement.clone());
            }
        }
        for (finding, replacements) in own {
            let hint = known.get(&finding).and_then(|finding| finding.fix.as_ref());
            let Some((from, to)) = hint.map(FixHint::values) else { continue };
            let fix = fixes.entry(finding).or_insert_with(|| Fix {
                from: from.to_owned(),
                to: to.to_owned(),
                files: Vec::new(),
            });
            fix.files.push((file.name.clone(), replacements));
        }
    }
    Ok(fixes)
}

/// The edits of all rounds as edits of the file as it was, in order.
fn pieces(file: &Kept, steps: &[Step], known: &BTreeMap<Fingerprint, Finding>) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut now: Option<Vec<u8>> = None;
    for step in steps {
        let Some(edited) = step.files.iter().find(|it| it.name == file.name) else { continue };
        let piece = |edit: &Edit| {
            let of = edit.wishes.iter().filter_map(|&wish| step.findings.get(wish));
            let findings = of.map(|found| found.fingerprint).filter(|one| known.contains_key(one));
            let (span, written) = (edit.span.clone(), edit.written.clone());
            Piece { span, written, findings: findings.collect() }
        };
        let Some(now) = &mut now else {
            pieces = edited.edits.iter().map(piece).collect();
            now = Some(apply(&file.before, &edited.edits));
            continue;
        };
        // From behind, so that what stands before an edit is where it was.
        for edit in edited.edits.iter().rev() {
            let edit = piece(edit);
            let (span, written) = (edit.span.clone(), edit.written.clone());
            add(&mut pieces, now, edit);
            now.splice(span, written);
        }
    }
    pieces
}

/// Adds an edit of the text as it is now.
///
/// What a fix uncovered, and is no finding of the report, is mended with the first fix of its file.
fn add(pieces: &mut Vec<Piece>, now: &[u8], edit: Piece) {
    let Piece { span, written, mut findings } = edit;
    let mut moved = 0_isize;
    let places: Vec<Range<usize>> = pieces
        .iter()
        .map(|piece| {
            let from = piece.span.start.saturating_add_signed(moved);
            moved += grown(piece);
            from..from + piece.written.len()
        })
        .collect();
    let first = places.partition_point(|place| place.end <= span.start);
    let until = places.partition_point(|place| place.start < span.end).max(first);
    let touched = places.get(first..until).unwrap_or_default();
    let start = touched.first().map_or(span.start, |place| place.start.min(span.start));
    let end = touched.last().map_or(span.end, |place| place.end.max(span.end));
    let before: isize = pieces.iter().take(first).map(grown).sum();
    let within: isize = pieces.iter().take(until).map(grown).sum();
    let mut text = now.get(start..span.start).unwrap_or_default().to_vec();
    text.extend_from_slice(&written);
    text.extend_from_slice(now.get(span.end..end).unwrap_or_default());
    if findings.is_empty() && touched.is_empty() {
        findings.extend(pieces.iter().flat_map(|piece| &piece.findings).next());
    }
    for piece in pieces.drain(first..until) {
        findings.extend(piece.findings);
    }
    let span = start.saturating_add_signed(-before)..end.saturating_add_signed(-within);
    pieces.insert(first, Piece { span, written: text, findings });
}

/// How much longer a piece is than what it replaces.
fn grown(piece: &Piece) -> isize {
    piece.written.len().cast_signed() - piece.span.len().cast_signed()
}

/// Lines and columns of a text, for places in their order.
struct Cursor<'t> {
    bytes: &'t [u8],
    /// How far lines are counted.
    at: usize,
    line: u32,
    /// Where the line begins; a byte order mark is no character of it.
    begins: usize,
}

impl<'t> Cursor<'t> {
    fn new(bytes: &'t [u8]) -> Self {
        let begins = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self { bytes, at: 0, line: 1, begins }
    }

    /// A piece at its lines and columns; of texts alone.
    fn replacement(&mut self, piece: &Piece) -> Option<Replacement> {
        let text = String::from_utf8(piece.written.clone()).ok()?;
        let start = self.position(piece.span.start)?;
        let end = self.position(piece.span.end)?;
        Some(Replacement { start, end, text })
    }

    fn position(&mut self, at: usize) -> Option<(u32, u64)> {
        for end in memchr::memchr_iter(b'\n', self.bytes.get(self.at..at)?) {
            self.line = self.line.saturating_add(1);
            self.begins = self.at + end + 1;
        }
        self.at = at;
        let before = std::str::from_utf8(self.bytes.get(self.begins..at)?).ok()?;
        Some((self.line, u64::try_from(before.chars().count()).ok()? + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(span: Range<usize>, written: &str) -> Piece {
        Piece { span, written: written.as_bytes().to_vec(), findings: BTreeSet::new() }
    }

    /// What pieces make of a text.
    fn made(text: &str, pieces: &[Piece]) -> String {
        let edit = |one: &Piece| Edit {
            span: one.span.clone(),
            line: 1,
            written: one.written.clone(),
            wishes: Vec::new(),
        };
        let edits: Vec<Edit> = pieces.iter().map(edit).collect();
        String::from_utf8(apply(text.as_bytes(), &edits)).unwrap()
    }

    #[test]
    fn edits_of_edits_are_edits_of_the_text_as_it_was() {
        let text = "one two three four";
        let mut pieces = vec![piece(0..3, "1"), piece(8..13, "drei")];
        let mut now = made(text, &pieces);
        assert_eq!(now, "1 two drei four");
        // Before, within, over the edge of, and behind what was written; then all of it.
        for (span, written) in
            [(2..5, "2"), (4..6, "DR"), (7..9, "I_"), (9..10, "F"), (0..4, "none "), (0..2, "")]
        {
            add(&mut pieces, now.as_bytes(), piece(span.clone(), written));
            now.replace_range(span, written);
            assert_eq!(made(text, &pieces), now);
            assert!(pieces.is_sorted_by_key(|one| one.span.start), "{now}");
        }
        assert_eq!(now, "ne DReI_Four");
    }

    #[test]
    fn a_place_is_told_in_characters_behind_a_byte_order_mark() {
        let text = "\u{feff}é,x\r\n日本,y";
        let mut cursor = Cursor::new(text.as_bytes());
        let at = |c: char| text.find(c).unwrap();
        assert_eq!(cursor.position(at('x')), Some((1, 3)));
        assert_eq!(cursor.position(at('y')), Some((2, 4)));
    }
}
