//! Where a stream of JSON can be cut.

use super::scan::Scan;
use crate::sources::blocks::Cut;

/// Cuts a JSON stream behind a whole element: an object with nothing but arrays around it.
///
/// Every byte is scanned once. Where an object ends a line and another begins the next, the cut needs
/// no scan at all: inside a JSON value that never happens (a comma would stand between).
#[derive(Debug, Clone, Default)]
pub struct JsonElements {
    keys: &'static [&'static str],
    scan: Scan,
    scanned: usize,
}

impl JsonElements {
    /// Elements of top-level arrays and top-level objects.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also looks into top-level objects that hold an array under one of `keys`: its elements are then
    /// the elements, and the object's other members are handed out beside them.
    pub fn within(keys: &'static [&'static str]) -> Self {
        Self { keys, ..Self::default() }
    }
}

impl Cut for JsonElements {
    fn cut(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = if let Some(end) = line_cut(bytes) {
            self.scan = Scan::default();
            self.scanned = end;
            end
        } else {
            let end = self.scan.run(bytes, self.scanned, self.keys);
            self.scanned = bytes.len();
            end?
        };
        self.scanned -= end;
        Some(end)
    }

    /// No string spans lines or holds a list: one without an end is no member.
    fn is_over(&self, bytes: &[u8], longest: usize) -> bool {
        let start = bytes.len().checked_sub(longest.saturating_add(1));
        let last = start.and_then(|start| bytes.get(start..));
        last.is_some_and(|last| !last.iter().any(|byte| b"\"[]{}\n".contains(byte)))
    }

    fn unfinished(&mut self, bytes: &[u8]) -> Option<&'static str> {
        self.scan.run(bytes, self.scanned, self.keys);
        self.scan.unfinished()
    }
}

/// How many line ends are looked at from the end of a buffer for one that parts two lines of JSON.
const LINES_LOOKED_AT: usize = 16;

/// Offset behind a line end that stands between `}` and `{`.
fn line_cut(bytes: &[u8]) -> Option<usize> {
    let mut end = bytes.len();
    for _ in 0..LINES_LOOKED_AT {
        let at = memchr::memrchr(b'\n', bytes.get(..end)?)?;
        let (before, after) = bytes.split_at_checked(at)?;
        if before.trim_ascii_end().ends_with(b"}") && after.trim_ascii_start().starts_with(b"{") {
            return Some(at + 1);
        }
        end = at;
    }
    None
}
