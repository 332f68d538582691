//! Untrusted text in Markdown: always a code span, in which nothing is a link, a mention, markup or HTML.

use std::fmt::{self, Write as _};

use crate::text::Shown;

/// A text as a code span that can stand in a cell of a table.
pub(crate) struct Code<'a>(pub(crate) &'a str);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = Shown(self.0).to_string();
        if shown.trim().is_empty() {
            // A span of spaces alone is none.
            return write!(f, "`\"{shown}\"`");
        }
        let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest + 1);
        let edge = |c: char| c == '`' || c == ' ';
        let pad = if shown.starts_with(edge) || shown.ends_with(edge) { " " } else { "" };
        write!(f, "{fence}{pad}")?;
        for c in shown.chars() {
            // Even in a code span a table is cut at a bar, and a backslash before it is taken off.
            if c == '|' {
                f.write_str("\\|")?;
            } else {
                f.write_char(c)?;
            }
        }
        write!(f, "{pad}{fence}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_span_or_the_cell() {
        for (text, expected) in [
            ("plain", "`plain`"),
            ("a|b", "`a\\|b`"),
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
