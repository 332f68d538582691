//! Untrusted text in Markdown: what could be a link, a mention, markup or HTML stands in code spans only.

use std::fmt::{self, Write as _};

use crate::text::Shown;

/// Most characters of a text.
const LENGTH: usize = 600;

/// A text as a code span that can stand in a cell of a table.
pub(crate) struct Code<'a>(pub(crate) &'a str);

/// A text as a code span outside of tables.
pub(crate) struct Span<'a>(pub(crate) &'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = ' ';
        for c in Span(self.0).to_string().chars() {
            match c {
                // Even in a code span a table is cut at a bar, and a backslash before it is taken off.
                '|' if before != '\\' => f.write_str("\\|")?,
                // Two backslashes are one, and the bar behind them cuts.
                '|' => f.write_str("\\u{7c}")?,
                c => f.write_char(c)?,
            }
            before = c;
        }
        Ok(())
    }
}

impl fmt::Display for Span<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Shown(&shortened(self.0)).to_string();
        if shown.trim().is_empty() {
            // A span of spaces alone is none.
            return write!(f, "`\"{shown}\"`");
        }
        let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest + 1);
        let edge = |c: char| c == '`' || c == ' ';
        let pad = if shown.starts_with(edge) || shown.ends_with(edge) { " " } else { "" };
        write!(f, "{fence}{pad}{shown}{pad}{fence}")
    }
}

/// A sentence that can stand behind other words of a line, outside of tables: what is in backticks, and every
/// word that is more than a word, is a code span.
pub(crate) struct Prose<'a>(pub(crate) &'a str);

impl fmt::Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Shown(&shortened(self.0)).to_string();
        let count = shown.matches('`').count();
        let mut out = String::new();
        for (number, part) in shown.split('`').enumerate() {
            // Input in backticks; one that is not closed opens none.
            if number % 2 == 1 && number < count {
                push_span(&mut out, part);
                continue;
            }
            if number % 2 == 1 {
                out.push('\'');
            }
            for (number, word) in part.split(' ').enumerate() {
                out.push_str(if number == 0 { "" } else { " " });
                if is_word(word) {
                    out.push_str(word);
                } else {
                    push_span(&mut out, word);
                }
            }
        }
        f.write_str(&out)
    }
}

/// Adds a code span, apart from one before it: their backticks would be one fence.
fn push_span(out: &mut String, text: &str) {
    if out.ends_with('`') {
        out.push(' ');
    }
    // A string takes everything.
    let _ = write!(out, "{}", Span(text));
}

/// Whether a word is nothing but that: no markup, no HTML, no mention, link, reference or commit.
fn is_word(word: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || ",.;:()'\"%…–→=+-/".contains(c);
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    let is_commit = |piece: &str| {
        piece.len() >= 7
            && piece.bytes().all(|byte| byte.is_ascii_hexdigit())
            && piece.bytes().any(|byte| byte.is_ascii_digit())
    };
    let lower = bare.to_ascii_lowercase();
    word.chars().all(plain)
        && !word.contains("//")
        && word.matches(':').count() < 2
        && !bare.split(|c: char| !c.is_alphanumeric()).any(is_commit)
        && !lower.starts_with("www.")
        && !lower.starts_with("gh-")
}

/// A text, its end left out if it is long.
fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(LENGTH).and_then(|(at, _)| text.get(..at)) {
        Some(start) => format!("{start}…").into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_keeps_its_words_and_nothing_else_is_markup() {
        for (text, expected) in [
            ("the id in `aws#a` is wrong: `0` for `O`", "the id in `aws#a` is wrong: `0` for `O`"),
            ("ask @everyone in #12, GH-3", "ask `@everyone` in `#12,` `GH-3`"),
            ("an *open `tick", "an `*open` 'tick"),
            (
                "<b>x</b> [a](b) https://x.test www.x.test",
                "`<b>x</b>` `[a](b)` `https://x.test` `www.x.test`",
            ),
            ("a | b, 0123abcdef and a_b", "a `|` b, `0123abcdef` and `a_b`"),
            ("a*`b`` ` `c", "`a*` `b` `\" \"` 'c"),
            ("`` `x` ``", "`\"\"` `x` `\"\"`"),
            ("line\n## two", "`line\\u{a}##` two"),
            ("account 123456789012", "account `123456789012`"),
            ("a `tick, 123456789012/Admin", "a 'tick, `123456789012/Admin`"),
        ] {
            assert_eq!(Prose(text).to_string(), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let shown = Prose(&"é ".repeat(40_000)).to_string();
        assert!(shown.chars().count() <= LENGTH + 1 && shown.ends_with('…'), "{}", shown.len());
    }

    #[test]
    fn nothing_leaves_the_span_or_the_cell() {
        for (text, expected) in [
            ("plain", "`plain`"),
            ("a|b", "`a\\|b`"),
            ("a\\|b", "`a\\\\u{7c}b`"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            (" x", "`  x `"),
            ("", "`\"\"`"),
            ("line\n## two", "`line\\u{a}## two`"),
            ("<img src=x> @all [a](b)", "`<img src=x> @all [a](b)`"),
        ] {
            assert_eq!(Code(text).to_string(), expected);
        }
    }
}
