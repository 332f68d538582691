//! Conditions on a place in the text.

use std::sync::OnceLock;

use super::ast::Assertion;
use super::class::CharSet;
use super::property;
use super::text::Text;
use super::unicode;

/// Whether a condition holds at a place, with `\b` as Java 19 and later have it on demand.
pub(super) fn holds(text: &Text, assertion: Assertion, at: usize, ascii_boundary: bool) -> bool {
    match assertion {
        Assertion::Begin => at == 0,
        Assertion::End => at == text.len(),
        Assertion::Dollar { unix } => before_final_line_end(text, at, unix),
        Assertion::LineEnd { unix } => at == text.len() || before_line_end(text, at, unix),
        Assertion::LineBegin { unix } => behind_line_end(text, at, unix),
        Assertion::WordBoundary { negated, unicode } => {
            let is_word = match (unicode, ascii_boundary) {
                (true, _) => unicode_word,
                (false, true) => ascii_word,
                (false, false) => letter_word,
            };
            (word_before(text, at, is_word) != word_at(text, at, is_word)) != negated
        }
        // Patterns with `\b{g}` are not given to this engine.
        Assertion::GraphemeBoundary => false,
    }
}

fn is_line_end(point: u32, unix: bool) -> bool {
    point == 0x0A || (!unix && matches!(point, 0x0D | 0x85 | 0x2028 | 0x2029))
}

/// Before a line end, but not between `\r` and `\n`.
fn before_line_end(text: &Text, at: usize, unix: bool) -> bool {
    let here = text.unit(at);
    let splits = !unix && here == 0x0A && at > 0 && text.unit(at - 1) == 0x0D;
    at < text.len() && is_line_end(here, unix) && !splits
}

fn before_final_line_end(text: &Text, at: usize, unix: bool) -> bool {
    let left = text.len() - at;
    left == 0
        || (left == 1 && before_line_end(text, at, unix))
        || (left == 2 && !unix && text.unit(at) == 0x0D && text.unit(at + 1) == 0x0A)
}

fn behind_line_end(text: &Text, at: usize, unix: bool) -> bool {
    if at >= text.len() {
        return false;
    }
    let Some(before) = at.checked_sub(1).map(|i| text.unit(i)) else { return true };
    let splits = !unix && before == 0x0D && text.unit(at) == 0x0A;
    is_line_end(before, unix) && !splits
}

fn word_before(text: &Text, at: usize, is_word: fn(u32) -> bool) -> bool {
    let Some((point, _)) = text.point_before(at) else { return false };
    is_word(point) || (is_mark(point) && has_base(text, at - 1))
}

fn word_at(text: &Text, at: usize, is_word: fn(u32) -> bool) -> bool {
    let Some((point, _)) = text.point_at(at) else { return false };
    is_word(point) || (is_mark(point) && has_base(text, at))
}

/// Whether the marks that end at `at` stand on a letter or digit. Java goes back by unit.
fn has_base(text: &Text, at: usize) -> bool {
    for i in (0..=at).rev() {
        let Some((point, _)) = text.point_at(i) else { return false };
        if is_letter_or_digit(point) {
            return true;
        }
        if !is_mark(point) {
            return false;
        }
    }
    false
}

fn ascii_word(point: u32) -> bool {
    point == 0x5F || matches!(char::from_u32(point), Some(c) if c.is_ascii_alphanumeric())
}

fn letter_word(point: u32) -> bool {
    point == 0x5F || is_letter_or_digit(point)
}

fn unicode_word(point: u32) -> bool {
    static WORD: OnceLock<CharSet> = OnceLock::new();
    WORD.get_or_init(|| property::word(true).set).contains(point)
}

fn is_letter_or_digit(point: u32) -> bool {
    static SET: OnceLock<CharSet> = OnceLock::new();
    SET.get_or_init(|| {
        let letters = unicode::property("L").unwrap_or_default();
        letters.union(&unicode::property("Nd").unwrap_or_default())
    })
    .contains(point)
}

fn is_mark(point: u32) -> bool {
    static SET: OnceLock<CharSet> = OnceLock::new();
    SET.get_or_init(|| unicode::property("Mn").unwrap_or_default()).contains(point)
}
