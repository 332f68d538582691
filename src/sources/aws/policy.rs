//! Policy documents: a JSON object, a JSON string of one, or a percent-encoded string of one.

use std::borrow::Cow;
use std::sync::Arc;

use serde::de::IgnoredAny;

use crate::model::aws::{Below, PolicyDocument};
use crate::sources::json::Text;
use crate::text::Place;

/// Deepest nesting of a policy document.
pub(super) const DEPTH_LIMIT: usize = 128;

/// Why a policy document cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Neither an object nor a string of one.
    #[error(
        "found {0}, expected a policy document as an object, a string, or a percent-encoded string"
    )]
    Kind(&'static str),
    /// A `%` without two hexadecimal digits, or bytes that are no UTF-8.
    #[error("not percent-encoded UTF-8 at byte {0}, expected `%` and two hexadecimal digits")]
    Percent(usize),
    /// The string does not hold JSON.
    #[error("the string holds no JSON: {0}")]
    Json(String),
    /// Too deep.
    #[error("nested deeper than {DEPTH_LIMIT} levels, expected fewer")]
    Depth,
}

/// A policy document without the white space between its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources) struct Decoded {
    pub(in crate::sources) json: Arc<str>,
    /// For each line of the value but its first that something stands on: the offset in `json` at which it
    /// begins, and how far below the first it is.
    pub(in crate::sources) lines: Arc<[(u32, Below)]>,
}

impl Decoded {
    /// The document of a value that begins at a line.
    pub(in crate::sources) fn at(self, line: u32) -> PolicyDocument {
        PolicyDocument::shared(self.json, self.lines, Place(line))
    }
}

/// Decodes a policy document from its JSON value as exported; null is no document.
pub(in crate::sources) fn decode(value: &str) -> Result<Option<Decoded>, PolicyError> {
    match value.as_bytes().first() {
        Some(b'{') => compact(value).map(Some),
        Some(b'"') => {
            let text: Text<'_> = serde_json::from_str(value)
                .map_err(|error| PolicyError::Json(error.to_string()))?;
            from_string(&text).map(Some)
        }
        Some(b'n') | None => Ok(None),
        Some(b'[') => Err(PolicyError::Kind("a list")),
        Some(b't' | b'f') => Err(PolicyError::Kind("true or false")),
        Some(_) => Err(PolicyError::Kind("a number")),
    }
}

fn from_string(text: &str) -> Result<Decoded, PolicyError> {
    let text = text.trim();
    let json = if text.starts_with('%') { percent_decode(text)? } else { Cow::Borrowed(text) };
    let json = json.trim();
    if !json.starts_with('{') {
        return Err(PolicyError::Kind("a string of something else"));
    }
    serde_json::from_str::<IgnoredAny>(json)
        .map_err(|error| PolicyError::Json(error.to_string()))?;
    // Line ends in a string are none of the file.
    Ok(Decoded { lines: Arc::default(), ..compact(json)? })
}

/// Decodes `%XX`; `+` stays `+`, as RFC 3986 has it.
fn percent_decode(text: &str) -> Result<Cow<'_, str>, PolicyError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(at) = memchr::memchr(b'%', rest) {
        let (plain, encoded) = rest.split_at(at);
        bytes.extend_from_slice(plain);
        let Some((&[_, high, low], behind)) = encoded.split_first_chunk::<3>() else {
            return Err(PolicyError::Percent(text.len() - encoded.len()));
        };
        let (Some(high), Some(low)) = (char::from(high).to_digit(16), char::from(low).to_digit(16))
        else {
            return Err(PolicyError::Percent(text.len() - encoded.len()));
        };
        bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
        rest = behind;
    }
    bytes.extend_from_slice(rest);
    String::from_utf8(bytes)
        .map(Cow::Owned)
        .map_err(|error| PolicyError::Percent(error.utf8_error().valid_up_to()))
}

/// Well-formed JSON without the white space between its tokens.
fn compact(json: &str) -> Result<Decoded, PolicyError> {
    let bytes = json.as_bytes();
    let mut out = String::with_capacity(json.len());
    let (mut lines, mut below) = (Vec::new(), 0);
    let (mut depth, mut copied, mut at) = (0_usize, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at += string_length(bytes.get(at..).unwrap_or_default()),
            b' ' | b'\n' | b'\r' | b'\t' => {
                out.push_str(json.get(copied..at).unwrap_or_default());
                let rest = bytes.get(at..).unwrap_or_default();
                let (length, ends) = white_space(rest);
                if ends > 0 {
                    if lines.is_empty() {
                        // A usual policy has about as many lines.
                        lines.reserve(32);
                    }
                    below += u32::try_from(ends).unwrap_or(u32::MAX);
                    lines.push((u32::try_from(out.len()).unwrap_or(u32::MAX), Below(below)));
                }
                at += length;
                copied = at;
            }
            _ => {
                match byte {
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                if depth > DEPTH_LIMIT {
                    return Err(PolicyError::Depth);
                }
                at += 1;
            }
        }
    }
    out.push_str(json.get(copied..).unwrap_or_default());
    Ok(Decoded { json: out.into(), lines: lines.into() })
}

/// Length of the white space that begins here, and how many line ends are in it.
fn white_space(bytes: &[u8]) -> (usize, usize) {
    let (mut at, mut ends) = (0, 0);
    while let Some(&byte) = bytes.get(at).filter(|byte| byte.is_ascii_whitespace()) {
        ends += usize::from(byte == b'\n');
        at += 1;
        // Lines are indented.
        let (words, _) = bytes.get(at..).unwrap_or_default().as_chunks::<8>();
        at += 8 * words.iter().take_while(|&word| word == b"        ").count();
    }
    (at, ends)
}

/// Length of the string that begins here, quotes included.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found + 1;
        if bytes.get(at - 1) == Some(&b'"') {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPACT: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a + b \" c"}]}"#;

    #[test]
    fn the_three_forms_of_a_document_give_one_text() {
        let object = r#"{ "Version" : "2012-10-17",
            "Statement": [ {"Sid": "a + b \" c"} ] }"#;
        let json = |value: &str| decode(value).unwrap().map(|decoded| decoded.json);
        let lines = |value: &str| decode(value).unwrap().map(|decoded| decoded.lines);
        assert_eq!(json(object).as_deref(), Some(COMPACT));
        assert_eq!(lines(object).as_deref(), Some(&[(24, Below(1))][..]));
        let string = serde_json::to_string(object).unwrap();
        assert_eq!(json(&string).as_deref(), Some(COMPACT));
        assert_eq!(lines(&string).as_deref(), Some(&[][..]));
        let encoded: String = object
            .bytes()
            .map(|b| match b {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' => char::from(b).to_string(),
                _ => format!("%{b:02x}"),
            })
            .collect();
        assert_eq!(json(&format!("\"{encoded}\"")).as_deref(), Some(COMPACT));
    }

    #[test]
    fn what_is_no_document_says_what_it_is() {
        let say = |text: &str| decode(text).unwrap_err().to_string();
        assert_eq!(decode("null"), Ok(None));
        assert!(say("[1]").starts_with("found a list, expected"));
        assert!(say("\"arn:aws\"").starts_with("found a string of something else, expected"));
        assert!(say("\"%7B%2\"").starts_with("not percent-encoded UTF-8 at byte 3"));
        assert!(say("\"%7B%ff%7D\"").starts_with("not percent-encoded UTF-8 at byte 1"));
        assert!(say("\"{\"").starts_with("the string holds no JSON: EOF"));
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(128), "]".repeat(128));
        assert_eq!(decode(&deep), Err(PolicyError::Depth));
    }
}
