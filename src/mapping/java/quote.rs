//! The pattern as the parser reads it: code points with their places in the filter text, Okta's
//! `(?{{name}}` turned into Java's `(?<name>`, and `\Q…\E` turned into escapes, as Java does first.

/// A pattern's code points, each with the byte of the filter text it stands for, ended by two zeros.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// Code points; two zeros follow the last.
    pub(super) points: Vec<u32>,
    /// For each code point, the byte offset in the filter text.
    pub(super) places: Vec<usize>,
    /// Number of code points, the zeros not counted.
    pub(super) len: usize,
}

impl Source {
    /// Reads a filter text in Okta's or Java's syntax.
    pub(super) fn new(text: &str) -> Self {
        let mut source = Self::default();
        source.read_okta_names(text);
        source.terminate(text.len());
        source.unquote();
        source.terminate(text.len());
        source
    }

    fn push(&mut self, point: u32, place: usize) {
        self.points.push(point);
        self.places.push(place);
    }

    fn terminate(&mut self, end: usize) {
        self.len = self.points.len();
        self.push(0, end);
        self.push(0, end);
    }

    /// The code point at `index`; past the end, zero.
    pub(super) fn at(&self, index: usize) -> u32 {
        self.points.get(index).copied().unwrap_or(0)
    }

    /// The byte offset of the code point at `index`; past the end, that of the end.
    pub(super) fn place(&self, index: usize) -> usize {
        self.places.get(index).or(self.places.last()).copied().unwrap_or(0)
    }

    fn read_okta_names(&mut self, text: &str) {
        const OPEN: &str = "(?{{";
        let mut rest = text;
        let mut place = 0;
        while let Some(at) = rest.find(OPEN) {
            let (before, named) = rest.split_at(at + OPEN.len());
            let Some((name, after)) =
                named.split_once("}}").filter(|(n, _)| !n.contains(['{', '}']))
            else {
                self.push_text(before, place);
                (rest, place) = (named, place + before.len());
                continue;
            };
            let plain = before.strip_suffix("{{").unwrap_or(before);
            self.push_text(plain, place);
            self.push(u32::from('<'), place + plain.len());
            self.push_text(name, place + before.len());
            self.push(u32::from('>'), place + before.len() + name.len());
            (rest, place) = (after, place + before.len() + name.len() + 2);
        }
        self.push_text(rest, place);
    }

    fn push_text(&mut self, text: &str, place: usize) {
        for (offset, c) in text.char_indices() {
            self.push(u32::from(c), place + offset);
        }
    }

    /// Java rewrites `\Q…\E` before it parses: inside, what is neither a letter nor a digit gets a
    /// backslash, and a digit that opens the quote becomes `\x3N` (so that it cannot join a
    /// back-reference). An `\E` without `\Q` stays, for the parser to refuse.
    fn unquote(&mut self) {
        let Some(start) = self.first_quote() else {
            self.points.truncate(self.len);
            self.places.truncate(self.len);
            return;
        };
        let len = self.len;
        let old = std::mem::take(self);
        for i in 0..start {
            self.push(old.at(i), old.place(i));
        }
        let (mut quoted, mut opening) = (true, true);
        let mut i = start + 2;
        while i < len {
            let (point, place) = (old.at(i), old.place(i));
            i += 1;
            let ascii = char::from_u32(point).filter(char::is_ascii);
            match ascii {
                None => self.push(point, place),
                Some(c) if c.is_ascii_alphabetic() => self.push(point, place),
                Some(c) if c.is_ascii_digit() => {
                    if opening {
                        for c in ['\\', 'x', '3'] {
                            self.push(u32::from(c), place);
                        }
                    }
                    self.push(point, place);
                }
                Some('\\') if quoted => {
                    if old.at(i) == u32::from('E') {
                        i += 1;
                        quoted = false;
                    } else {
                        self.push(u32::from('\\'), place);
                        self.push(u32::from('\\'), place);
                    }
                }
                Some('\\') => {
                    if old.at(i) == u32::from('Q') {
                        i += 1;
                        (quoted, opening) = (true, true);
                        continue;
                    }
                    self.push(point, place);
                    if i < len {
                        self.push(old.at(i), old.place(i));
                        i += 1;
                    }
                }
                Some(_) => {
                    if quoted {
                        self.push(u32::from('\\'), place);
                    }
                    self.push(point, place);
                }
            }
            opening = false;
        }
    }

    fn first_quote(&self) -> Option<usize> {
        let mut i = 0;
        while i + 1 < self.len {
            if self.at(i) != u32::from('\\') {
                i += 1;
            } else if self.at(i + 1) == u32::from('Q') {
                return Some(i);
            } else {
                i += 2;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let source = Source::new(text);
        source.points[..source.len].iter().filter_map(|&p| char::from_u32(p)).collect()
    }

    #[test]
    fn okta_names_become_java_names() {
        assert_eq!(read("a(?{{role}}x)(?{{y"), "a(?<role>x)(?{{y");
    }

    #[test]
    fn quotes_become_escapes_and_places_stay() {
        assert_eq!(read(r"a\Q1.b\\E2\Q-"), r"a\x31\.b\\2\-");
        assert_eq!(read(r"\Qa"), "a");
        assert_eq!(Source::new(r"é\Q.\E(").places, [0, 4, 4, 7, 8, 8]);
    }
}
