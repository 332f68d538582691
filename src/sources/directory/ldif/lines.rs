//! Logical lines of LDIF: physical lines with their continuations joined.

use crate::sources::words;

/// Walks over the physical lines of a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'b> {
    /// From the beginning of the logical line read last.
    from: &'b [u8],
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
        Self { from: bytes, rest: bytes, line: first_line }
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
        Some(self.next_behind(value))
    }

    /// What has not been read.
    #[inline]
    pub(super) const fn rest(&self) -> &'b [u8] {
        self.rest
    }

    /// The logical line that [`Lines::next`] gave last as it is written, its end included.
    pub(super) fn written(&self) -> &'b [u8] {
        self.from.get(..self.from.len() - self.rest.len()).unwrap_or_default()
    }

    /// Passes over the beginning of the next line, `rest` being what stands behind it: what is left of the
    /// line, and whether it goes on in the next.
    #[inline]
    pub(super) fn next_behind(&mut self, rest: &'b [u8]) -> (&'b [u8], bool) {
        self.rest = rest;
        let value = self.physical();
        (value, self.is_continued())
    }

    /// Passes over a whole line, `rest` being what stands behind it; false where the next goes on with it.
    #[inline]
    pub(super) fn pass_line(&mut self, rest: &'b [u8]) -> bool {
        if matches!(rest.first(), Some(b' ' | b'\t')) {
            return false;
        }
        self.rest = rest;
        self.line = self.line.saturating_add(1);
        true
    }

    /// The next logical line; a folded one is put together in `joined`.
    #[inline]
    pub(super) fn next(&mut self, joined: &mut Vec<u8>) -> Option<Text<'b>> {
        if self.rest.is_empty() {
            return None;
        }
        self.from = self.rest;
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
