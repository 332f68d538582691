//! Where a fact stands: source names, lines, and the safe display of untrusted text.

pub mod near;

use std::fmt;

use unicode_width::UnicodeWidthChar;

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

/// Where a line of a source begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Landmark {
    /// The line, from one.
    pub line: u32,
    /// Bytes of the source before it, once it is decoded.
    pub offset: u64,
}

/// The names of all sources, and which lines of the run are theirs.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
    /// Places before this one may be those of sources added so far.
    end: u32,
}

#[derive(Debug, Clone)]
struct Source {
    name: String,
    /// Places of this source are `base + line`, lines counted from one.
    base: u32,
    /// It is a table, and each of its rows stands on one line.
    rows_are_lines: bool,
    /// Where lines of such a table begin, now and then, and the end.
    landmarks: Vec<Landmark>,
}

impl SourceMap {
    /// Adds a source whose lines follow all lines given out so far. `next` is the first free place.
    pub fn add(&mut self, name: String, next: u32) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.sources.push(Source {
            name,
            base: next,
            rows_are_lines: false,
            landmarks: Vec::new(),
        });
        self.end = self.end.max(next);
        id
    }

    /// Says that the source added last has so many lines, and whether they are the rows of a table, one each.
    pub fn close(&mut self, lines: u32, rows_are_lines: bool) {
        let last = self.sources.last_mut();
        let base = last.map_or(0, |source| {
            source.rows_are_lines = rows_are_lines;
            source.base
        });
        self.end = self.end.max(base.saturating_add(lines).saturating_add(1));
    }

    /// Says where lines begin of the source added last, a table each of whose rows stands on one line.
    pub fn keep_landmarks(&mut self, landmarks: Vec<Landmark>) {
        if let Some(last) = self.sources.last_mut() {
            last.landmarks = landmarks;
        }
    }

    /// Adds a source of so many lines behind all others.
    pub fn append(&mut self, name: String, lines: u32) -> SourceId {
        let id = self.add(name, self.end);
        self.close(lines, false);
        id
    }

    /// File name and 1-based line of a place; `None` for [`Place::NOWHERE`].
    pub fn resolve(&self, place: Place) -> Option<(&str, u32)> {
        let source = self.sources.get(self.source_of(place)?.0 as usize)?;
        Some((&source.name, place.0 - source.base))
    }

    /// The source of a place.
    pub fn source_of(&self, place: Place) -> Option<SourceId> {
        if place == Place::NOWHERE {
            return None;
        }
        let after = self.sources.partition_point(|source| source.base < place.0);
        u32::try_from(after.checked_sub(1)?).ok().map(SourceId)
    }

    /// The source's name as given.
    pub fn name(&self, id: SourceId) -> Option<&str> {
        self.sources.get(id.0 as usize).map(|source| source.name.as_str())
    }

    /// Whether it is known that a source is a table and each of its rows stands on one line.
    pub fn rows_are_lines(&self, id: SourceId) -> bool {
        self.sources.get(id.0 as usize).is_some_and(|source| source.rows_are_lines)
    }

    /// Where lines of a table begin, now and then, and its end, behind every line; none where that is not known.
    pub fn landmarks(&self, id: SourceId) -> &[Landmark] {
        self.sources.get(id.0 as usize).map_or(&[], |source| &source.landmarks)
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

/// Shows a text with everything that could act on a terminal, or hide in it, as `\u{..}`.
///
/// Controls and ESC, direction marks, zero-width and other invisible characters are escaped; so is every
/// space but U+0020, which would else look like it. The log of a build takes words that begin with `::`, and
/// `##[` anywhere, for commands: the first `:` of the one and the `[` of the other are escaped too.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut at, mut written) = (0, 0);
        for (c, is_escaped) in self.escapes() {
            let end = at + c.len_utf8();
            if is_escaped {
                f.write_str(self.0.get(written..at).unwrap_or_default())?;
                write!(f, "\\u{{{:x}}}", u32::from(c))?;
                written = end;
            }
            at = end;
        }
        f.write_str(self.0.get(written..).unwrap_or_default())
    }
}

impl Shown<'_> {
    /// Columns the shown form takes: two for a wide character, none for a combining one.
    pub fn columns(&self) -> usize {
        self.escapes().map(|(c, is_escaped)| columns_of(c, is_escaped)).sum()
    }

    /// Every character, and whether it is escaped.
    fn escapes(&self) -> impl Iterator<Item = (char, bool)> {
        let mut rest = self.0.chars();
        let (mut before, mut hashes) = (' ', 0_usize);
        std::iter::from_fn(move || {
            let c = rest.next()?;
            let is_command = (c == ':' && before == ' ' && rest.as_str().starts_with(':'))
                || (c == '[' && hashes >= 2);
            hashes = if c == '#' { hashes + 1 } else { 0 };
            before = c;
            Some((c, is_command || is_hidden(c)))
        })
    }
}

fn columns_of(c: char, is_escaped: bool) -> usize {
    if is_escaped {
        let digits = (u32::BITS - u32::from(c).leading_zeros()).div_ceil(4).max(1);
        4 + digits as usize
    } else {
        c.width().unwrap_or(0)
    }
}

/// Whether a character acts on a terminal or leaves no mark of its own.
pub fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control()
        || c.is_whitespace()
        || matches!(u32::from(c),
            0xAD | 0x34F | 0x61C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F
            | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A
            | 0xE0000..=0xE0FFF)
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
    fn a_source_behind_all_others_has_places_of_its_own() {
        let mut map = SourceMap::default();
        let a = map.append("a.csv".into(), 3);
        let b = map.append("b.xml".into(), 1);
        assert_eq!(map.resolve(map.place(a, 3)), Some(("a.csv", 3)));
        assert_eq!(map.resolve(map.place(b, 1)), Some(("b.xml", 1)));
    }

    #[test]
    fn escape_sequences_and_direction_marks_lose_their_power() {
        assert_eq!(Shown("a\u{1b}[31m\u{202e}b").to_string(), "a\\u{1b}[31m\\u{202e}b");
    }

    #[test]
    fn no_word_begins_a_command_of_a_build_s_log() {
        for (text, shown) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("  ::error::x", "  \\u{3a}:error::x"),
            ("a ::error::x", "a \\u{3a}:error::x"),
            ("a::b `::c`", "a::b `::c`"),
            ("a##[error]b", "a##\\u{5b}error]b"),
            ("###[x] #[y]", "###\\u{5b}x] #[y]"),
        ] {
            assert_eq!(Shown(text).to_string(), shown);
            assert_eq!(Shown(shown).to_string(), shown, "shown twice");
        }
    }

    #[test]
    fn wide_characters_take_two_columns_and_combining_ones_none() {
        assert_eq!(Shown("日本").columns(), 4);
        assert_eq!(Shown("e\u{301}").columns(), 1);
    }

    #[test]
    fn columns_count_what_is_printed() {
        for text in ["plain", "a\nb", "\u{feff}x", "\u{e0001}", "é\u{a0}", "::a ##[b"] {
            assert_eq!(Shown(text).columns(), Shown(text).to_string().chars().count(), "{text:?}");
        }
    }
}
