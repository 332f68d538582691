//! Lines of a text, counted on the way.

use std::fmt;

/// Line numbers of rising offsets of a text.
#[derive(Clone, Copy)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    line: u32,
    /// Offset of the first line end not counted yet.
    next: usize,
}

impl<'a> Lines<'a> {
    /// Counts from the beginning of `bytes`, whose first line has the number `first_line`.
    pub fn new(bytes: &'a [u8], first_line: u32) -> Self {
        let next = memchr::memchr(b'\n', bytes).unwrap_or(usize::MAX);
        Self { bytes, line: first_line, next }
    }

    /// Line of an offset that is not before the last one asked for.
    pub fn at(&mut self, offset: usize) -> u32 {
        if self.next < offset {
            let passed = self.bytes.get(self.next..offset).unwrap_or_default();
            let ends = memchr::memchr_iter(b'\n', passed).count();
            self.line = self.line.saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
            let after = self.bytes.get(offset..).unwrap_or_default();
            self.next = memchr::memchr(b'\n', after).map_or(usize::MAX, |at| offset + at);
        }
        self.line
    }

    /// Line of a piece of the text; of a text from elsewhere (an escape made a copy), the last line.
    pub fn of(&mut self, piece: &[u8]) -> u32 {
        let start = self.bytes.as_ptr().addr();
        let offset = piece.as_ptr().addr().wrapping_sub(start);
        if offset < self.bytes.len() { self.at(offset) } else { self.line }
    }
}

impl fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("line", &self.line).finish_non_exhaustive()
    }
}
