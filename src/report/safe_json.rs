//! JSON in which every character that acts on a terminal, or hides in it, is escaped.

use std::io::{self, Write};

use serde::Serialize;

use crate::text::is_hidden;

/// Writes a value as indented JSON.
pub(super) fn pretty(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(Escaping { out }, value)?;
    writeln!(out)
}

/// Writes a value as one line of JSON.
pub(super) fn line(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(Escaping { out }, value)?;
    writeln!(out)
}

/// What serde leaves as it is and a terminal does not stands in strings only, so an escape is the same text.
struct Escaping<'o> {
    out: &'o mut dyn Write,
}

impl Write for Escaping<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.iter().all(|byte| byte.is_ascii() && *byte != 0x7F) {
            return self.out.write(bytes);
        }
        // serde writes whole characters.
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        for c in text.chars() {
            if is_hidden(c) && !c.is_ascii_whitespace() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(self.out, "\\u{unit:04x}")?;
                }
            } else {
                write!(self.out, "{c}")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_back_and_nothing_in_it_is_hidden(text in "\\PC*|[\u{0}-\u{10ffff}]*") {
            let mut out = Vec::new();
            line(&mut out, &[&text]).unwrap();
            let written = String::from_utf8(out).unwrap();
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), [text]);
            prop_assert!(!written.trim_end_matches('\n').chars().any(is_hidden));
        }
    }
}
