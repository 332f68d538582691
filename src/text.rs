//! Where a fact stands: source names, lines, and the safe display of untrusted text.

use std::fmt;

/// One input file (or stream) of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A line of a source, in one number: all lines of all sources stand one after the other.
///
/// Four bytes a fact instead of eight; [`SourceMap::resolve`] gives file and line back. The default is
/// "nowhere", for facts that no file states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place(pub u32);

impl Place {
    /// A fact that stands in no file.
    pub const NOWHERE: Self = Self(0);
}

/// A value with the place that states it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The line that states it.
    pub place: Place,
}

impl<T> Sourced<T> {
    /// Joins a value and its place.
    pub const fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

/// The names of all sources, and which lines of the run are theirs.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

#[derive(Debug, Clone)]
struct Source {
    name: String,
    /// Places of this source are `base + line`, lines counted from one.
    base: u32,
}

impl SourceMap {
    /// Adds a source whose lines follow all lines given out so far. `next` is the first free place.
    pub fn add(&mut self, name: String, next: u32) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.sources.push(Source { name, base: next });
        id
    }

    /// File name and 1-based line of a place; `None` for [`Place::NOWHERE`].
    pub fn resolve(&self, place: Place) -> Option<(&str, u32)> {
        if place == Place::NOWHERE {
            return None;
        }
        let after = self.sources.partition_point(|source| source.base < place.0);
        let source = self.sources.get(after.checked_sub(1)?)?;
        Some((&source.name, place.0 - source.base))
    }

    /// The source's name as given.
    pub fn name(&self, id: SourceId) -> Option<&str> {
        self.sources.get(id.0 as usize).map(|source| source.name.as_str())
    }

    /// The place of a line of a source.
    pub fn place(&self, id: SourceId, line: u32) -> Place {
        self.sources
            .get(id.0 as usize)
            .map_or(Place::NOWHERE, |s| Place(s.base.saturating_add(line)))
    }

    /// `file:line`, or `(nowhere)`, for a message.
    pub fn show(&self, place: Place) -> String {
        match self.resolve(place) {
            Some((name, line)) => format!("{}:{line}", Shown(name)),
            None => "(nowhere)".to_owned(),
        }
    }

    /// Names of all sources, in reading order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| source.name.as_str())
    }
}

/// Untrusted text on its way to a terminal: controls, escapes, direction marks and invisible
/// characters appear as `\u{..}`, everything else as it is.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((at, bad)) = rest.char_indices().find(|&(_, c)| is_unprintable(c)) {
            let (clean, tail) = rest.split_at(at);
            f.write_str(clean)?;
            write!(f, "{}", bad.escape_unicode())?;
            rest = tail.strip_prefix(bad).unwrap_or_default();
        }
        f.write_str(rest)
    }
}

/// Whether a character changes what a terminal shows without being seen itself: controls, soft hyphen,
/// combining grapheme joiner, zero-width and direction marks, line separators, tags, BOM.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_resolves_to_file_and_line() {
        let mut map = SourceMap::default();
        let a = map.add("a.csv".into(), 0);
        let b = map.add("b.ldif".into(), 10);
        assert_eq!(map.resolve(map.place(a, 10)), Some(("a.csv", 10)));
        assert_eq!(map.resolve(map.place(b, 1)), Some(("b.ldif", 1)));
        assert_eq!(map.resolve(Place::NOWHERE), None);
    }

    #[test]
    fn escapes_and_direction_marks_are_shown_as_code_points() {
        assert_eq!(Shown("a\u{1b}[31mb\u{202e}c").to_string(), "a\\u{1b}[31mb\\u{202e}c");
        assert_eq!(Shown("Ōta é ＃").to_string(), "Ōta é ＃");
    }
}
