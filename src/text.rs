//! Text of strangers: how a name out of an export is shown without doing anything to the terminal.

use std::fmt::{self, Write as _};

/// Shows a text with everything that could act on a terminal, or hide in it, as `\u{..}`.
///
/// Controls and ESC, direction marks, zero-width and other invisible characters are escaped; so is every
/// space but U+0020, which would else look like it.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            if is_hidden(c) {
                write!(f, "\\u{{{:x}}}", u32::from(c))?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

impl Shown<'_> {
    /// Columns the shown form takes, one a character (wide characters are not measured).
    pub fn columns(&self) -> usize {
        self.0.chars().map(columns_of).sum()
    }
}

fn columns_of(c: char) -> usize {
    if is_hidden(c) {
        let digits = (u32::BITS - u32::from(c).leading_zeros()).div_ceil(4).max(1);
        4 + digits as usize
    } else {
        1
    }
}

/// Whether a character acts on a terminal or leaves no mark of its own.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || (c != ' ' && c.is_whitespace())
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
    fn escape_sequences_and_direction_marks_lose_their_power() {
        assert_eq!(Shown("a\u{1b}[31m\u{202e}b").to_string(), "a\\u{1b}[31m\\u{202e}b");
    }

    #[test]
    fn columns_count_what_is_printed() {
        for text in ["plain", "a\nb", "\u{feff}x", "\u{e0001}", "é\u{a0}"] {
            assert_eq!(Shown(text).columns(), Shown(text).to_string().chars().count(), "{text:?}");
        }
    }
}
