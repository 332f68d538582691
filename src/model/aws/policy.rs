//! A policy document's text, and where its parts stand in the file it comes from.

use crate::text::Place;

/// A policy document: valid JSON text, decoded from whatever form the export keeps it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    /// The document as compact or original JSON text, known to parse.
    pub json: Box<str>,
    /// Line the document begins at.
    pub place: Place,
    /// Offsets in `json` from which another line of the file counts, ascending.
    lines: Box<[(u32, Place)]>,
}

impl PolicyDocument {
    /// A document that stands on one line.
    pub fn new(json: impl Into<Box<str>>, place: Place) -> Self {
        Self { json: json.into(), place, lines: Box::default() }
    }

    /// With the offsets in its text from which another line of the file counts, ascending.
    #[must_use]
    pub fn with_lines(self, lines: Vec<(u32, Place)>) -> Self {
        Self { lines: lines.into(), ..self }
    }

    /// The line of the file that states what stands at an offset of the text.
    pub fn place_of(&self, offset: usize) -> Place {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let after = self.lines.partition_point(|&(from, _)| from <= offset);
        let line = after.checked_sub(1).and_then(|before| self.lines.get(before));
        line.map_or(self.place, |&(_, place)| place)
    }

    /// Replaces every place, such as a line of one file by a place of the run.
    pub fn map_places(&mut self, place: impl Fn(Place) -> Place) {
        self.place = place(self.place);
        for (_, line) in &mut self.lines {
            *line = place(*line);
        }
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
    }
}
