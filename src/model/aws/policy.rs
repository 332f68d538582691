//! A policy document's text, and where its parts stand in the file it comes from.

use std::sync::Arc;

use crate::text::Place;

/// A policy document: valid JSON text, decoded from whatever form the export keeps it in. Roles whose documents
/// are written alike share the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    /// The document as compact or original JSON text, known to parse.
    pub json: Arc<str>,
    /// Line the document begins at.
    pub place: Place,
    /// Offsets in `json` from which another line counts, ascending, and how far below the first it is.
    lines: Arc<[(u32, Below)]>,
}

/// How far a line is below another; one above it is below it by a number that wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Below(pub u32);

impl Below {
    const fn between(first: Place, line: Place) -> Self {
        Self(line.0.wrapping_sub(first.0))
    }

    const fn of(self, first: Place) -> Place {
        Place(first.0.wrapping_add(self.0))
    }
}

impl PolicyDocument {
    /// A document that stands on one line.
    pub fn new(json: impl Into<Arc<str>>, place: Place) -> Self {
        Self { json: json.into(), place, lines: Arc::default() }
    }

    /// A document whose text and lines others share.
    pub const fn shared(json: Arc<str>, lines: Arc<[(u32, Below)]>, place: Place) -> Self {
        Self { json, place, lines }
    }

    /// With the offsets in its text from which another line of the file counts, ascending.
    #[must_use]
    pub fn with_lines(self, lines: Vec<(u32, Place)>) -> Self {
        let below = |(from, line)| (from, Below::between(self.place, line));
        Self { lines: lines.into_iter().map(below).collect(), ..self }
    }

    /// The line of the file that states what stands at an offset of the text.
    pub fn place_of(&self, offset: usize) -> Place {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let after = self.lines.partition_point(|&(from, _)| from <= offset);
        let line = after.checked_sub(1).and_then(|before| self.lines.get(before));
        line.map_or(self.place, |&(_, below)| below.of(self.place))
    }

    /// Replaces every place, such as a line of one file by a place of the run. Where lines that follow each other
    /// become places that do not, the first one is left for all.
    pub fn map_places(&mut self, place: impl Fn(Place) -> Place) {
        let mapped = place(self.place);
        let follows =
            self.lines.last().is_none_or(|(_, last)| place(last.of(self.place)) == last.of(mapped));
        if !follows {
            self.lines = Arc::default();
        }
        self.place = mapped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_the_line_that_counts_from_the_nearest_offset_before_it() {
        let one = PolicyDocument::new("{\"a\":1}", Place(7));
        assert_eq!((one.place_of(0), one.place_of(100)), (Place(7), Place(7)));
        let mut many = one.with_lines(vec![(1, Place(8)), (5, Place(3))]);
        let places = |many: &PolicyDocument| [0, 1, 4, 5, 6].map(|at| many.place_of(at).0);
        assert_eq!(places(&many), [7, 8, 8, 3, 3]);
        many.map_places(|line| Place(line.0 + 100));
        assert_eq!(places(&many), [107, 108, 108, 103, 103]);
        many.map_places(|_| Place::NOWHERE);
        assert_eq!(places(&many), [0; 5]);
    }
}
