//! What is shown of a line, and where on it the mark stands.

use std::ops::Range;

use super::secret::starred;
use super::spelling::text;
use super::{Excerpt, Hit, Lined, Rank};
use crate::sources::blocks::Block;

/// Most bytes shown before a mark, and behind it.
const AROUND: usize = 1 << 10;

/// Most bytes of a mark.
pub(super) const MARK: usize = 4 << 10;

/// Counts characters and bytes through a file, so that a long line is counted once.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// Characters of the block's first line that stand before the block.
    carried: u64,
    /// Offset in the block up to which characters are counted.
    at: usize,
    /// Characters of the line before `at`.
    characters: u64,
}

impl Windows {
    /// What is shown for a hit; hits of a block come in the order of their beginnings.
    pub(super) fn excerpt(
        &mut self,
        block: &Lined<'_>,
        hit: Hit,
        hidden: &[Range<usize>],
    ) -> Excerpt {
        let bytes = block.bytes();
        let start = whole_character(bytes, hit.span.start.min(bytes.len()));
        self.count_to(bytes, start);
        let rest = bytes.get(start..).unwrap_or_default();
        let rest = rest.get(..hit.span.len().saturating_add(AROUND + 4)).unwrap_or(rest);
        let line_end = start + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let before = bytes.get(..start).unwrap_or_default();
        let line_start =
            memchr::memrchr(b'\n', before.get(window_start(before)..).unwrap_or_default())
                .map_or(window_start(before), |at| window_start(before) + at + 1);
        let line = bytes.get(..line_end).unwrap_or_default();
        let line_end = line.strip_suffix(b"\r").unwrap_or(line).len().max(start);
        let end = boundary(bytes, hit.span.end.clamp(start, line_end));
        let shown = start..boundary(bytes, end.min(start + MARK));
        let last = boundary(bytes, line_end.min(shown.end.saturating_add(AROUND)));
        let shown_line = starred(bytes, line_start..last, hidden);
        let piece = |range: Range<usize>| {
            let piece = shown_line.get(range.start - line_start..range.end - line_start);
            text(piece.unwrap_or_default()).into_owned()
        };
        let (head, mark, tail) =
            (piece(line_start..start), piece(shown.clone()), piece(shown.end..last));
        let cut_before = line_start > 0 && bytes.get(line_start - 1) != Some(&b'\n')
            || line_start == 0 && self.carried > 0;
        let column = self.characters + 1;
        Excerpt {
            line: block.first_line().saturating_add(block.ends_before(start)),
            mark: head.len()..head.len() + mark.len(),
            text: head + &mark + &tail,
            cut_before,
            cut_after: last < line_end,
            exact: hit.rank > Rank::Line,
            columns: column..column + characters(bytes.get(start..end).unwrap_or_default()),
            bytes: block.offset() + start as u64..block.offset() + end as u64,
            field: hit.field,
            decoded: hit.decoded,
        }
    }

    /// Leaves a block behind.
    pub(super) fn pass(&mut self, block: &Block) {
        self.count_to(&block.bytes, block.bytes.len());
        let carried = self.characters;
        *self = Self { carried, characters: carried, ..Self::default() };
    }

    fn count_to(&mut self, bytes: &[u8], end: usize) {
        let new = bytes.get(self.at..end).unwrap_or_default();
        match memchr::memrchr(b'\n', new) {
            Some(at) => self.characters = characters(new.get(at + 1..).unwrap_or_default()),
            None => self.characters += characters(new),
        }
        self.at = end.max(self.at);
    }
}

/// Where the part of a text begins that is shown before a mark at its end.
fn window_start(before: &[u8]) -> usize {
    let at = before.len().saturating_sub(AROUND);
    if at == 0 { 0 } else { boundary(before, at) }
}

/// The offset, or the beginning of the character that goes over it.
fn whole_character(bytes: &[u8], at: usize) -> usize {
    let before = bytes.get(..at).unwrap_or_default();
    match bytes.get(at) {
        Some(&byte) if is_inside(byte) => {
            let inside = before.iter().rev().take(2).take_while(|&&byte| is_inside(byte)).count();
            at.saturating_sub(inside + 1)
        }
        _ => at,
    }
}

/// The offset, or the next one that no character goes over.
fn boundary(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take(3).take_while(|&&byte| is_inside(byte)).count()
}

/// Whether a byte goes on with a UTF-8 character.
const fn is_inside(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| !is_inside(byte)).count() as u64
}
