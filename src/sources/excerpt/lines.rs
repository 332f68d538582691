//! Values on lines of text that has no records: code.

use super::spelling::Spelling;
use super::{Finder, Hit, Want, find, lines_of};
use crate::sources::blocks::Block;

/// Lines, each for itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lines;

impl Finder for Lines {
    fn scan(&mut self, block: &Block, wants: &[Want], first: usize) -> Vec<Hit> {
        let mut hits = lines_of(block, wants, first);
        for (hit, want) in hits.iter_mut().zip(wants) {
            let line = block.bytes.get(hit.span.clone()).unwrap_or_default();
            let found = find(line, Spelling::Plain, &want.mark)
                .or_else(|| find(line, Spelling::Source, &want.mark));
            if let Some((rank, part)) = found {
                let start = hit.span.start;
                hit.span = start + part.start..start + part.end;
                hit.rank = rank;
            }
        }
        hits
    }
}
