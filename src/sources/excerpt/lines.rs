//! Files without records: what is wanted is looked for on its line as it is written.

use super::spelling::Spelling;
use super::{Finder, Hit, Lined, Want, find, lines_of};

/// Lines, one by one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lines;

impl Finder for Lines {
    fn scan(&mut self, block: &Lined<'_>, wants: &[Want], first: usize) -> Vec<Hit> {
        let mut hits = lines_of(block, wants, first);
        let whole: Vec<_> = hits.iter().map(|hit| (hit.want, hit.span.start)).collect();
        for (want, start) in whole {
            let Some(wanted) = wants.get(want - first) else { continue };
            let before = block.bytes().get(..start).unwrap_or_default();
            let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
            let start = start.max(line_start + wanted.mark.from);
            let rest = block.bytes().get(start..).unwrap_or_default();
            let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
            let line = line.unwrap_or_default();
            let found = find(line, Spelling::Plain, &wanted.mark)
                .or_else(|| find(line, Spelling::Source, &wanted.mark));
            let Some((rank, span)) = found else { continue };
            let span = start + span.start..start + span.end;
            hits.push(Hit { want, span, rank, field: None, decoded: None });
        }
        hits
    }
}
