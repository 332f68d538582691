//! Logical lines of LDIF: physical lines with their continuations joined.

use crate::sources::words;

/// Walks over the physical lines of a block.
#[derive(Debug)]
pub(super) struct Lines<'b> {
    rest: &'b [u8],
    line: u32,
}

/// A logical line.
#[derive(Debug, Clone, Copy)]
pub(super) enum Text<'b> {
    /// Stands in the block in one piece.
    Whole(&'b [u8]),
    /// Was folded, and is in the buffer now.
    Joined,
}

impl<'b> Lines<'b> {
    pub(super) const fn new(bytes: &'b [u8], first_line: u32) -> Self {
        Self { rest: bytes, line: first_line }
    }

    /// Number of the line that comes next.
    pub(super) const fn number(&self) -> u32 {
        self.line
    }

    /// Whether the next line begins with `prefix`: what is behind it up to the line end, and whether
    /// the line goes on.
    #[inline]
    pub(super) fn next_with_prefix(&mut self, prefix: &[u8]) -> Option<(&'b [u8], bool)> {
        let value = words::behind(self.rest, prefix)?;
        self.rest = value;
        let value = self.physical();
        Some((value, self.is_continued()))
    }

    /// The next logical line; a folded one is put together in `joined`.
    #[inline]
    pub(super) fn next(&mut self, joined: &mut Vec<u8>) -> Option<Text<'b>> {
        if self.rest.is_empty() {
            return None;
        }
        let text = self.physical();
        if !self.is_continued() || text.is_empty() {
            return Some(Text::Whole(text));
        }
        joined.clear();
        joined.extend_from_slice(text);
        self.join(joined);
        Some(Text::Joined)
    }

    /// Appends the continuations of the line read last.
    pub(super) fn join(&mut self, into: &mut Vec<u8>) {
        while self.is_continued() {
            self.rest = self.rest.get(1..).unwrap_or_default();
            into.extend_from_slice(self.physical());
        }
    }

    /// Whether the next line continues the last one. RFC 2849 says SPACE; `ldif(5)` takes TAB as well.
    #[inline]
    fn is_continued(&self) -> bool {
        matches!(self.rest.first(), Some(b' ' | b'\t'))
    }

    #[inline]
    fn physical(&mut self) -> &'b [u8] {
        let (text, rest) = match memchr::memchr(b'\n', self.rest) {
            Some(at) => {
                let (text, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, &[]));
                (text, rest.get(1..).unwrap_or_default())
            }
            None => (self.rest, &[][..]),
        };
        self.rest = rest;
        self.line = self.line.saturating_add(1);
        text.strip_suffix(b"\r").unwrap_or(text)
    }
}
