//! Lines for a terminal: broken between words, never within a name or an ARN, with a hanging indent.

use std::io::{self, Write};

use crate::text::Shown;

/// Columns a line may take; `None` where nobody wraps: a file, a pipe, a test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Width(pub Option<usize>);

impl Width {
    /// One line a fact, as long as it is.
    pub const NONE: Self = Self(None);

    pub(crate) fn fits(self, columns: usize) -> bool {
        self.0.is_none_or(|width| columns <= width)
    }
}

/// A text in pieces that stay whole.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// Spaces before it, where it does not begin a line.
    gap: usize,
    text: String,
}

impl Pieces {
    /// Words of a sentence; what stands in backticks stays whole, an arrow stays with what it leads to.
    pub(crate) fn prose(text: &str) -> Self {
        Self::default().and_prose(1, text)
    }

    /// Adds a sentence after some spaces.
    pub(crate) fn and_prose(mut self, gap: usize, text: &str) -> Self {
        let text = Shown(text).to_string();
        let mut gap = gap;
        let mut arrow = false;
        for word in words(&text) {
            if word.is_empty() {
                gap += 1;
            } else if word == "→" {
                arrow = true;
            } else if arrow {
                self = self.and(gap, &format!("→ {word}"));
                (gap, arrow) = (1, false);
            } else {
                self = self.and(gap, word);
                gap = 1;
            }
        }
        if arrow { self.and(gap, "→") } else { self }
    }

    /// Adds one piece after some spaces; a pair of ARNs may be broken between the two.
    pub(crate) fn and(mut self, mut gap: usize, text: &str) -> Self {
        let shown = Shown(text).to_string();
        let mut rest = shown.as_str();
        while let Some((first, second)) =
            rest.find(",arn:").and_then(|at| rest.split_at_checked(at + 1))
        {
            self.pieces.push(Piece { gap, text: first.to_owned() });
            (gap, rest) = (0, second);
        }
        self.pieces.push(Piece { gap, text: rest.to_owned() });
        self
    }

    /// Writes the rest of a line that has `at` columns, and the lines after it with `hang` spaces before.
    pub(crate) fn write(
        &self,
        out: &mut dyn Write,
        width: Width,
        at: usize,
        hang: usize,
    ) -> io::Result<()> {
        let mut column = at;
        for (index, piece) in self.pieces.iter().enumerate() {
            let (gap, text) = (if index == 0 { 0 } else { piece.gap }, &piece.text);
            let columns = Shown(text).columns();
            if index == 0 || width.fits(column + gap + columns) {
                write!(out, "{:gap$}{text}", "")?;
                column += gap + columns;
            } else {
                // A name too long for the hanging indent has room further left, perhaps.
                let hang = if width.fits(hang + columns) { hang } else { hang.min(2) };
                write!(out, "\n{:hang$}{text}", "")?;
                column = hang + columns;
            }
        }
        writeln!(out)
    }
}

/// What stands between spaces that are not in backticks.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut quoted, mut before) = (0, false, ' ');
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let after = rest.peek().map_or(' ', |&(_, c)| c);
        if c == '`' && quoted {
            quoted = !matches!(after, ' ' | ',' | '.' | ';' | ':' | ')');
        } else if c == '`' && matches!(before, ' ' | '(') {
            let (_, later) = text.split_at_checked(at + 1).unwrap_or_default();
            quoted = later.contains('`');
        } else if c == ' ' && !quoted {
            words.push(text.get(start..at).unwrap_or_default());
            start = at + 1;
        }
        before = c;
    }
    words.push(text.get(start..).unwrap_or_default());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(pieces: &Pieces, width: usize) -> String {
        let mut out = Vec::new();
        pieces.write(&mut out, Width(Some(width)), 0, 2).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_in_backticks_and_arrows_stay_whole() {
        let text = "in `Domain Users` → `aws#dev#Ops Lead#1`, found `x`";
        assert_eq!(
            wrapped(&Pieces::prose(text), 20),
            "in `Domain Users`\n  → `aws#dev#Ops Lead#1`,\n  found `x`\n"
        );
    }

    #[test]
    fn a_pair_is_broken_between_its_arns_only() {
        let text = "`arn:aws:iam::1:saml-provider/OKTA,arn:aws:iam::1:role/Admin`";
        assert_eq!(
            wrapped(&Pieces::prose(text), 40),
            "`arn:aws:iam::1:saml-provider/OKTA,\n  arn:aws:iam::1:role/Admin`\n"
        );
    }

    #[test]
    fn wide_and_combining_characters_count_what_they_take() {
        assert_eq!(wrapped(&Pieces::prose("日本 日本"), 9), "日本 日本\n");
        assert_eq!(wrapped(&Pieces::prose("日本 日本"), 8), "日本\n  日本\n");
        assert_eq!(
            wrapped(&Pieces::prose("e\u{301}e\u{301} e\u{301}"), 4),
            "e\u{301}e\u{301} e\u{301}\n"
        );
    }

    #[test]
    fn without_a_width_a_text_stays_as_it_is() {
        for text in ["a  b `c d", "`a b` → `c`", "→", " x", "a `b,arn:x y` z"] {
            let mut out = Vec::new();
            Pieces::default()
                .and(0, "|")
                .and_prose(1, text)
                .write(&mut out, Width::NONE, 0, 9)
                .unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("| {text}\n"));
        }
    }
}
