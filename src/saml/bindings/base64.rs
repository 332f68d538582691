//! Base64 in its disguises: wrapped, quoted, percent-encoded, HTML-escaped, URL-safe, deflated, encoded
//! twice, with a `+` that a form turned into a space.

use std::borrow::Cow;

use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine as _};

use super::deflate::{DeflateProblem, inflate};
use super::encoding::{EncodingProblem, text_of};
use super::html::unescaped;
use crate::saml::xml::MESSAGE;

/// Most characters of base64, white space left out: a message of the largest size.
pub const LENGTH: usize = MESSAGE.div_ceil(3) * 4;

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);

/// A message out of base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The XML.
    pub(super) text: String,
    /// Characters of base64 that carried it.
    pub(super) length: usize,
}

/// Why a text is no message in base64.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Base64Problem {
    /// Nothing there.
    #[error("an empty value, expected base64")]
    Empty,
    /// A character that base64 does not have.
    #[error("`{}` at character {at}, expected base64", crate::text::Shown(&found.to_string()))]
    Character {
        /// The character.
        found: char,
        /// 1-based, white space left out.
        at: usize,
    },
    /// Both alphabets at once.
    #[error("both `+` or `/` and `-` or `_`, expected one alphabet of base64")]
    Mixed,
    /// Some characters missing.
    #[error("{0} characters of base64, expected a multiple of four: some are missing at its end")]
    Cut(usize),
    /// Bits behind the end.
    #[error("its last character cannot be the last of base64: some are missing or changed")]
    Ending,
    /// Longer than allowed.
    #[error("{0} characters of base64, expected at most {LENGTH}")]
    TooLong(usize),
    /// Encoded more than twice.
    #[error("base64 of base64 of base64, expected at most two layers")]
    Layers,
    /// Text of another encoding inside.
    #[error("decoded from base64: {0}")]
    Encoding(EncodingProblem),
    /// Deflated, but not within the limits.
    #[error("decoded from base64: {0}")]
    Deflate(DeflateProblem),
    /// Something else inside.
    #[error("base64 of something that is neither XML nor deflated XML")]
    Foreign,
}

/// Reads a value in whatever disguise.
pub(super) fn decode(value: &str) -> Result<Decoded, Base64Problem> {
    let plain = undisguised(value);
    let packed = without_space(&plain);
    let failed = match layers(&packed, 0) {
        Ok(text) => return Ok(Decoded { text, length: packed.len() }),
        Err(problem) => problem,
    };
    // A form decoder makes a space of every `+` that was not escaped.
    let inner = plain.trim();
    if inner.contains(' ') && packed.len() < LENGTH {
        let mended = without_space(&inner.replace(' ', "+"));
        if let Ok(text) = layers(&mended, 0) {
            return Ok(Decoded { text, length: mended.len() });
        }
    }
    Err(failed)
}

/// Without quotes, backslashes, HTML's and the URL's escapes.
fn undisguised(value: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(unquoted(value));
    if text.contains('\\') {
        text = Cow::Owned(without_backslashes(&text));
    }
    if text.contains('&') {
        text = Cow::Owned(unescaped(&text).into_owned());
    }
    for _ in 0..2 {
        if text.contains('%') {
            text = Cow::Owned(percent_decoded(&text));
        }
    }
    text
}

/// What stands between quotes, a comma or semicolon behind it left out.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    let quoted = value.trim_end_matches([',', ';']).trim_end();
    ['"', '\'', '`']
        .into_iter()
        .find_map(|quote| quoted.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

/// Escapes of JSON and of a shell's line ends: `\n`, `\/`, `\u002b`, a backslash before a line end.
fn without_backslashes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut letters = behind.chars();
        let kept = match letters.next() {
            Some('n' | 'r' | 't' | '\n' | '\r') => Some('\n'),
            Some('u') => {
                let code = behind.get(1..5).and_then(|hex| u32::from_str_radix(hex, 16).ok());
                letters = behind.get(5..).unwrap_or_default().chars();
                code.and_then(char::from_u32)
            }
            other => other,
        };
        plain.extend(kept);
        rest = letters.as_str();
    }
    plain.push_str(rest);
    plain
}

/// `%2B` and the like; what is no escape stays.
pub(in crate::saml) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = match (first, behind) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(high, low)| high << 4 | low),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

/// Decodes once, or twice where base64 is inside.
fn layers(packed: &str, layer: usize) -> Result<String, Base64Problem> {
    let bytes = bytes_of(packed)?;
    let mark = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if mark.trim_ascii_start().starts_with(b"<")
        || matches!(*bytes, [0xFF, 0xFE, ..] | [0, b'<', ..])
    {
        return text_of(bytes).map_err(Base64Problem::Encoding);
    }
    if let Ok(inner) = std::str::from_utf8(&bytes)
        && bytes.len() >= 4
        && inner.bytes().all(|byte| is_base64(byte) || byte.is_ascii_whitespace() || byte == b'%')
    {
        if layer > 0 {
            return Err(Base64Problem::Layers);
        }
        return layers(&without_space(&undisguised(inner)), layer + 1);
    }
    let inflated = match inflate(&bytes) {
        Ok(inflated) => inflated,
        Err(DeflateProblem::Foreign) => return Err(Base64Problem::Foreign),
        Err(problem) => return Err(Base64Problem::Deflate(problem)),
    };
    let mark = inflated.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&inflated);
    if !mark.trim_ascii_start().starts_with(b"<") {
        return Err(Base64Problem::Foreign);
    }
    text_of(inflated).map_err(Base64Problem::Encoding)
}

/// Decodes base64 of one alphabet, its length checked first; `=` at its end may be left out.
pub(super) fn bytes_of(packed: &str) -> Result<Vec<u8>, Base64Problem> {
    if packed.is_empty() {
        return Err(Base64Problem::Empty);
    }
    if packed.len() > LENGTH {
        return Err(Base64Problem::TooLong(packed.len()));
    }
    let content = packed.trim_end_matches('=');
    let foreign = content
        .chars()
        .enumerate()
        .find(|(_, c)| !u8::try_from(*c).is_ok_and(|byte| is_base64(byte) && byte != b'='));
    if let Some((at, found)) = foreign {
        return Err(Base64Problem::Character { found, at: at + 1 });
    }
    if content.len() != packed.len() && !packed.len().is_multiple_of(4) {
        return Err(Base64Problem::Cut(packed.len()));
    }
    let is_safe = content.contains(['-', '_']);
    if is_safe && content.contains(['+', '/']) {
        return Err(Base64Problem::Mixed);
    }
    let engine = if is_safe { &URL_SAFE } else { &STANDARD };
    engine.decode(packed).map_err(|error| match error {
        DecodeError::InvalidByte(at, byte) => {
            Base64Problem::Character { found: char::from(byte), at: at + 1 }
        }
        DecodeError::InvalidLastSymbol { .. } => Base64Problem::Ending,
        DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => {
            Base64Problem::Cut(packed.len())
        }
    })
}

/// A page in base64, as HAR files keep some; none where it is no base64.
pub(super) fn page_of(packed: &str) -> Option<Vec<u8>> {
    STANDARD.decode(packed).ok()
}

pub(super) const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

#[cfg(test)]
pub(super) fn encoded(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::deflate::deflate;
    use super::*;

    /// Its base64 has `+`, `/` and `=`.
    const XML: &str = "<a b=\"~~>>>??? é\">???>>>~~~</a>";

    fn read(value: &str) -> Result<String, Base64Problem> {
        decode(value).map(|decoded| decoded.text)
    }

    #[test]
    fn every_disguise_gives_the_same_message() {
        let plain = encoded(XML.as_bytes());
        assert!(plain.contains('+') && plain.contains('/') && plain.contains('='), "{plain}");
        let wrapped: Vec<&str> =
            plain.as_bytes().chunks(7).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let percent = plain.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D");
        for value in [
            plain.clone(),
            wrapped.join("\n"),
            wrapped.join("\r\n  "),
            wrapped.join(" \t"),
            format!(" {plain}\n"),
            percent.clone(),
            percent.replace('%', "%25"),
            plain.replace('+', "-").replace('/', "_"),
            plain.replace('+', "-").replace('/', "_").replace('=', ""),
            plain.replace('+', "&#43;").replace('/', "&#x2F;").replace('=', "&#61;"),
            plain.replace('+', "&#x2b;").replace('=', "&equals;"),
            format!("\"{}\",", plain.replace('/', "\\/").replace('+', "\\u002b")),
            format!("'{}'", wrapped.join("\\n")),
            wrapped.join("\\\n"),
            encoded(plain.as_bytes()),
            encoded(wrapped.join("\r\n").as_bytes()),
            encoded(&deflate(XML.as_bytes())),
            encoded(&deflate(XML.as_bytes())).replace('+', "%2B"),
            plain.replace('+', " "),
        ] {
            assert_eq!(read(&value).as_deref(), Ok(XML), "{value}");
        }
        assert_eq!(decode(&wrapped.join("\n")).unwrap().length, plain.len());
    }

    #[test]
    fn every_refusal_says_what_and_where() {
        let plain = encoded(XML.as_bytes());
        let twice = encoded(plain.as_bytes());
        let cut = plain.trim_end_matches('=');
        for (value, expected) in [
            ("", Base64Problem::Empty),
            ("PGEv*g==", Base64Problem::Character { found: '*', at: 5 }),
            ("PG\nEvé", Base64Problem::Character { found: 'é', at: 5 }),
            ("PG=Evg==", Base64Problem::Character { found: '=', at: 3 }),
            ("PGE-+/_=", Base64Problem::Mixed),
            ("PGEvP", Base64Problem::Cut(5)),
            ("PGEvPg=", Base64Problem::Cut(7)),
            ("PGEvPh==", Base64Problem::Ending),
            ("REDACTED", Base64Problem::Foreign),
            (&encoded(twice.as_bytes()), Base64Problem::Layers),
            (&encoded(b"\xff\xfe<\0a\0"), Base64Problem::Encoding(EncodingProblem::Utf16)),
            (
                &encoded(&deflate(&vec![b' '; 200_000])),
                Base64Problem::Deflate(DeflateProblem::Ratio),
            ),
        ] {
            assert_eq!(read(value), Err(expected), "{value}");
        }
        assert_eq!(read(cut).as_deref(), Ok(XML));
    }

    #[test]
    fn a_message_at_the_limit_is_decoded_and_the_length_beyond_it_is_refused_undecoded() {
        let message = format!("<a>{}</a>", "x".repeat(MESSAGE - 7));
        let longest = encoded(message.as_bytes());
        assert_eq!((message.len(), longest.len()), (MESSAGE, LENGTH));
        assert_eq!(read(&longest).map(|text| text.len()), Ok(MESSAGE));
        let longer = format!("{longest}AAAA");
        assert_eq!(read(&longer), Err(Base64Problem::TooLong(LENGTH + 4)));
    }
}
