//! A block and its line ends.

use super::line_ends;
use crate::sources::blocks::Block;

/// Bytes whose line ends are counted together.
const WINDOW: usize = 1 << 10;

/// A block whose line ends are counted once: what line an offset is on and where a line begins is asked for
/// each excerpt.
#[derive(Debug)]
pub(super) struct Lined<'b> {
    block: &'b Block,
    /// Line ends before each window, and in the whole block.
    before: Vec<u32>,
}

impl<'b> Lined<'b> {
    pub(super) fn new(block: &'b Block) -> Self {
        let (mut before, mut ends) = (vec![0], 0_u32);
        for window in block.bytes.chunks(WINDOW) {
            ends = ends.saturating_add(line_ends(window));
            before.push(ends);
        }
        Self { block, before }
    }

    pub(super) const fn first_line(&self) -> u32 {
        self.block.first_line
    }

    /// Bytes of the file before it.
    pub(super) const fn offset(&self) -> u64 {
        self.block.offset
    }

    pub(super) fn bytes(&self) -> &'b [u8] {
        &self.block.bytes
    }

    /// How many line ends there are.
    pub(super) fn ends(&self) -> u32 {
        self.before.last().copied().unwrap_or(0)
    }

    /// How many of them stand before an offset.
    pub(super) fn ends_before(&self, at: usize) -> u32 {
        let window = at.min(self.bytes().len()) / WINDOW;
        let rest = self.bytes().get(window * WINDOW..).unwrap_or_default();
        let rest = rest.get(..at - window * WINDOW).unwrap_or(rest);
        let before = self.before.get(window).copied().unwrap_or(0);
        before.saturating_add(line_ends(rest))
    }

    /// Goes from an offset on behind so many line ends, or behind the last: the offset, and how many these were.
    pub(super) fn pass(&self, from: usize, lines: u32) -> (usize, u32) {
        let start = self.ends_before(from);
        let wanted = start.saturating_add(lines).min(self.ends());
        if wanted == start {
            return (from, 0);
        }
        // The window that holds the line end with that number.
        let window = self.before.partition_point(|&ends| ends < wanted).saturating_sub(1);
        let nth = wanted - self.before.get(window).copied().unwrap_or(0);
        let bytes = self.bytes().get(window * WINDOW..).unwrap_or_default();
        let end = memchr::memchr_iter(b'\n', bytes).nth((nth as usize).saturating_sub(1));
        (end.map_or(from, |end| window * WINDOW + end + 1), wanted - start)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn lines_are_found_as_by_counting(
            pieces in proptest::collection::vec(("[a\n]{0,12}", 1_usize..700), 0..12),
            from in 0_usize..9000,
            lines in 0_u32..9000,
        ) {
            let text: String = pieces.iter().map(|(piece, times)| piece.repeat(*times)).collect();
            let block = Block { bytes: text.clone().into_bytes(), first_line: 1, offset: 0 };
            let (lined, from) = (Lined::new(&block), from.min(text.len()));
            let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
            let behind: Vec<usize> = ends.iter().copied().filter(|end| *end > from).collect();
            prop_assert_eq!(lined.ends() as usize, ends.len());
            prop_assert_eq!(lined.ends_before(from) as usize, ends.len() - behind.len());
            prop_assert_eq!(lined.ends_before(text.len() + from) as usize, ends.len());
            let passed = behind.len().min(lines as usize);
            let at = passed.checked_sub(1).map_or(from, |last| behind[last]);
            let (behind, ends) = lined.pass(from, lines);
            prop_assert_eq!((behind, ends as usize), (at, passed));
        }
    }
}
