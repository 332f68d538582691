//! How a format spells a value, and where a part of the value stands in what is written.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::WINDOWS_1252;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources) enum Spelling {
    /// As it is.
    Plain,
    /// Between the quotes of a CSV cell: `""` for `"`.
    CsvQuoted,
    /// Between the quotes of a JSON string.
    JsonString,
    /// With the escapes of source: those of JSON, and `$${` for `${`.
    Source,
    /// Over several lines of LDIF.
    Folded,
    /// In base64, perhaps over several lines of LDIF.
    Base64,
}

/// One written unit: its length, and what it stands for.
struct Unit {
    written: usize,
    means: [u8; 4],
    length: usize,
}

impl Unit {
    fn of_char(written: usize, c: char) -> Self {
        let mut means = [0; 4];
        let length = c.encode_utf8(&mut means).len();
        Self { written, means, length }
    }

    const fn byte(written: usize, byte: u8) -> Self {
        Self { written, means: [byte, 0, 0, 0], length: 1 }
    }

    const NOTHING: Self = Self { written: 1, means: [0; 4], length: 0 };
}

impl Spelling {
    /// The value that was written.
    pub(in crate::sources) fn read(self, raw: &[u8]) -> Cow<'_, str> {
        let special = match self {
            Self::Plain => false,
            Self::CsvQuoted => memchr::memchr(b'"', raw).is_some(),
            Self::JsonString => memchr::memchr(b'\\', raw).is_some(),
            Self::Source => memchr::memchr2(b'\\', b'{', raw).is_some(),
            Self::Folded => memchr::memchr(b'\n', raw).is_some(),
            Self::Base64 => return base64(raw),
        };
        if !special {
            return text(raw);
        }
        let mut out = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while !rest.is_empty() {
            let unit = self.unit(rest);
            out.extend(unit.means.iter().take(unit.length));
            rest = rest.get(unit.written..).unwrap_or_default();
        }
        Cow::Owned(match text(&out) {
            Cow::Borrowed(text) => text.to_owned(),
            Cow::Owned(text) => text,
        })
    }

    /// Where bytes of the value stand in what was written; all of it where that cannot be said.
    pub(super) fn locate(self, raw: &[u8], part: &Range<usize>) -> Range<usize> {
        if self == Self::Base64 || std::str::from_utf8(raw).is_err() {
            return 0..raw.len();
        }
        if self == Self::Plain {
            return part.start.min(raw.len())..part.end.min(raw.len());
        }
        let (mut at, mut read) = (0, 0);
        let (mut start, mut end) = (None, None);
        while at < raw.len() {
            let unit = self.unit(raw.get(at..).unwrap_or_default());
            if start.is_none() && read + unit.length > part.start {
                start = Some(at);
            }
            if end.is_none() && read >= part.end && start.is_some() {
                end = Some(at);
            }
            at += unit.written;
            read += unit.length;
        }
        let start = start.unwrap_or(raw.len());
        start..end.unwrap_or(raw.len()).max(start)
    }

    fn unit(self, rest: &[u8]) -> Unit {
        let plain = Unit::byte(1, rest.first().copied().unwrap_or_default());
        match (self, rest) {
            (Self::CsvQuoted, [b'"', b'"', ..]) => Unit::byte(2, b'"'),
            (Self::JsonString | Self::Source, [b'\\', escaped, ..]) => json_escape(*escaped, rest),
            (Self::Source, [b'$', b'$', b'{', ..]) => Unit::byte(2, b'$'),
            (Self::Source, [b'%', b'%', b'{', ..]) => Unit::byte(2, b'%'),
            (Self::Folded, [b'\r', b'\n', b' ' | b'\t', ..]) => {
                Unit { written: 3, ..Unit::NOTHING }
            }
            (Self::Folded, [b'\n', b' ' | b'\t', ..]) => Unit { written: 2, ..Unit::NOTHING },
            _ => plain,
        }
    }
}

fn json_escape(escaped: u8, rest: &[u8]) -> Unit {
    let byte = match escaped {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        b'u' => return json_unicode(rest),
        other => other,
    };
    Unit::byte(2, byte)
}

fn json_unicode(rest: &[u8]) -> Unit {
    let Some(first) = hex(rest) else { return Unit::byte(2, b'u') };
    if let Some(c) = char::from_u32(first) {
        return Unit::of_char(6, c);
    }
    let second = rest.get(6..).filter(|next| next.starts_with(b"\\u")).and_then(hex);
    let pair = second.filter(|low| (0xDC00..0xE000).contains(low) && first < 0xDC00);
    let code = pair.map(|low| 0x1_0000 + ((first & 0x3FF) << 10) + (low & 0x3FF));
    match code.and_then(char::from_u32) {
        Some(c) => Unit::of_char(12, c),
        None => Unit::of_char(6, char::REPLACEMENT_CHARACTER),
    }
}

/// The four digits behind `\u`.
fn hex(escape: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(escape.get(2..6)?).ok()?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

fn base64(raw: &[u8]) -> Cow<'_, str> {
    let packed: Vec<u8> = raw.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    match STANDARD.decode(&packed) {
        Ok(bytes) => Cow::Owned(text(&bytes).into_owned()),
        Err(_) => Cow::Borrowed(""),
    }
}

/// Bytes as the readers take them: UTF-8, or else windows-1252.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(spelling: Spelling, raw: &str, wanted: &str) -> String {
        let value = spelling.read(raw.as_bytes()).into_owned();
        let at = value.find(wanted).unwrap();
        let found = spelling.locate(raw.as_bytes(), &(at..at + wanted.len()));
        raw.get(found).unwrap().to_owned()
    }

    #[test]
    fn a_part_is_found_behind_what_is_written_longer() {
        assert_eq!(part(Spelling::CsvQuoted, r#"a ""b"" c"#, "b\""), "b\"\"");
        assert_eq!(part(Spelling::JsonString, r"^aws\\#\u00e9x", "é"), r"\u00e9");
        assert_eq!(part(Spelling::JsonString, r"\ud83d\ude00!", "!"), "!");
        assert_eq!(part(Spelling::JsonString, r"a\\b", r"\"), r"\\");
        assert_eq!(part(Spelling::Folded, "cn=a\r\n bc\n d", "cd"), "c\n d");
        assert_eq!(part(Spelling::Plain, "añb", "b"), "b");
        assert_eq!(part(Spelling::Source, r#"f = "\\S$${x}""#, r"S${x}"), "S$${x}");
    }

    #[test]
    fn base64_is_read_and_marked_whole() {
        assert_eq!(Spelling::Base64.read(b"YWJj\n ZA=="), "abcd");
        assert_eq!(Spelling::Base64.locate(b"YWJjZA==", &(1..2)), 0..8);
        assert_eq!(Spelling::Base64.read(b"!!"), "");
    }

    #[test]
    fn half_a_surrogate_pair_is_a_replacement_character() {
        assert_eq!(Spelling::JsonString.read(br"\ud83dx"), "\u{fffd}x");
        assert_eq!(Spelling::JsonString.read(br"\uzz"), "uzz");
    }

    #[test]
    fn stray_bytes_are_read_as_the_readers_read_them() {
        assert_eq!(Spelling::Plain.read(b"Jos\xe9"), "José");
        assert_eq!(Spelling::Plain.locate(b"Jos\xe9", &(3..5)), 0..4);
    }
}
