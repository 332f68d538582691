//! Secrets beside what is shown of a line: their values are starred.

use std::ops::Range;

/// How far before what is shown a secret's key may stand.
const LOOK_BACK: usize = 4 << 10;

/// Words in the keys of secrets, in lower case.
const WORDS: [&str; 7] =
    ["secret", "password", "passwd", "token", "accesskey", "privatekey", "apikey"];

/// Elements of XML whose text is a secret: what makes a message one that can be handed in.
const ELEMENTS: [&[u8]; 2] = [b"SignatureValue", b"CipherValue"];

/// A piece of a text in which the values of secrets are starred, byte for byte.
pub(super) fn starred(bytes: &[u8], piece: Range<usize>) -> Vec<u8> {
    let from = piece.start.saturating_sub(LOOK_BACK);
    let text = bytes.get(from..piece.end).unwrap_or_default();
    let mut shown = bytes.get(piece.clone()).unwrap_or_default().to_vec();
    for colon in memchr::memchr2_iter(b':', b'=', text) {
        let (before, after) = text.split_at_checked(colon).unwrap_or((text, &[]));
        let after = after.get(1..).unwrap_or_default();
        // In source a key stands without quotes, too.
        let assigned = text.get(colon) == Some(&b'=');
        if assigned && !after.trim_ascii_start().starts_with(b"\"") {
            continue;
        }
        if !names_secret(before, assigned) {
            continue;
        }
        let value = value(after);
        let start = from + colon + 1 + value.start;
        let hidden = start.max(piece.start)..(start + value.len()).max(piece.start);
        let hidden = hidden.start - piece.start..hidden.end - piece.start;
        if let Some(hidden) = shown.get_mut(hidden) {
            hidden.fill(b'*');
        }
    }
    for secret in element_texts(text) {
        let hidden = (from + secret.start).max(piece.start)..(from + secret.end).max(piece.start);
        if let Some(hidden) = shown.get_mut(hidden.start - piece.start..hidden.end - piece.start) {
            hidden.fill(b'*');
        }
    }
    shown
}

/// The texts of elements that are secrets, and of entities; the beginning of one may stand before the text, its end behind.
fn element_texts(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = None;
    for at in memchr::memchr_iter(b'<', text) {
        let tag = text.get(at + 1..).unwrap_or_default();
        let (closes, tag) = match tag.strip_prefix(b"/") {
            Some(rest) => (true, rest),
            None => (false, tag),
        };
        let ends = tag.iter().position(|byte| b" \t\r\n/>".contains(byte));
        let name = tag.get(..ends.unwrap_or(tag.len())).unwrap_or_default();
        let local =
            memchr::memrchr(b':', name).map_or(name, |at| name.get(at + 1..).unwrap_or(name));
        if tag.starts_with(b"!ENTITY") {
            // What an entity stands for is put into the message, so it may be any part of it.
            let end = memchr::memchr(b'>', tag).unwrap_or(tag.len());
            found.push(at + 1 + ends.unwrap_or(end).min(end)..at + 1 + end);
        }
        if !ELEMENTS.contains(&local) {
            continue;
        }
        if closes {
            found.push(open.take().unwrap_or(0)..at);
        } else {
            let end = memchr::memchr(b'>', tag).map_or(tag.len(), |end| end + 1);
            open = Some(at + 1 + end);
        }
    }
    found.extend(open.map(|start| start.min(text.len())..text.len()));
    found
}

/// Whether a text ends with a key of a secret, quoted, perhaps in JSON that a string holds; or without
/// quotes.
fn names_secret(before: &[u8], bare: bool) -> bool {
    let text = before.trim_ascii_end();
    let text = match text.strip_suffix(b"\"") {
        Some(quoted) => quoted,
        None if bare => text,
        None => return false,
    };
    let mut end = text.len();
    while end > 0 && text.get(end - 1) == Some(&b'\\') {
        end -= 1;
    }
    let text = text.get(..end).unwrap_or_default();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let length = text.iter().rev().take(64).take_while(is_name).count();
    let key = text.get(text.len() - length..).unwrap_or_default().to_ascii_lowercase();
    WORDS.iter().any(|word| memchr::memmem::find(&key, word.as_bytes()).is_some())
}

/// The value behind a colon, without its quotes; none where it is no string or number.
fn value(after: &[u8]) -> Range<usize> {
    let space = after.len() - after.trim_ascii_start().len();
    let rest = after.get(space..).unwrap_or_default();
    let escapes = rest.iter().take_while(|&&byte| byte == b'\\').count();
    if rest.get(escapes) != Some(&b'"') {
        let end = rest.iter().position(|byte| b",}]{[ \t\r\n\"".contains(byte));
        return space..space + end.unwrap_or(rest.len());
    }
    let start = space + escapes + 1;
    let mut end = start;
    while let Some(&byte) = after.get(end) {
        match byte {
            b'"' => break,
            b'\\' if escapes == 0 => end += 2,
            _ => end += 1,
        }
    }
    start..end.min(after.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(text: &str) -> String {
        String::from_utf8(starred(text.as_bytes(), 0..text.len())).unwrap()
    }

    #[test]
    fn what_an_entity_stands_for_is_starred() {
        assert_eq!(
            whole(r#"<!DOCTYPE a [<!ENTITY b "c<d"><!ENTITY e "f">]><a>&b;</a>"#),
            "<!DOCTYPE a [<!ENTITY********><!ENTITY******>]><a>&b;</a>"
        );
        assert_eq!(whole(r#"<!DOCTYPE a [<!ENTITY b "cut"#), "<!DOCTYPE a [<!ENTITY*******");
    }

    #[test]
    fn values_of_secrets_are_starred_and_nothing_else_is() {
        for (text, shown) in [
            (
                r#"{"secretKey": "ab\"c", "x": "secret: y"}"#,
                r#"{"secretKey": "*****", "x": "secret: y"}"#,
            ),
            (r#"{"accessKey":"AKIA1"}"#, r#"{"accessKey":"*****"}"#),
            (r#""{\"secretKeyEnc\":\"abc\",\"y\":1}""#, r#""{\"secretKeyEnc\":\"****",\"y\":1}""#),
            (
                r#"{"api_token": 123, "groupFilter": "^a"}"#,
                r#"{"api_token": ***, "groupFilter": "^a"}"#,
            ),
            (r#"secretKey   = "abc" # x"#, r#"secretKey   = "***" # x"#),
            (r#""secretKey" = "abc""#, r#""secretKey" = "***""#),
            (r"secretKey = var.key", r"secretKey = var.key"),
            (r#"{"password": {"x": 1}}"#, r#"{"password": {"x": 1}}"#),
        ] {
            // In a string, the backslash before the closing quote is starred, too.
            assert_eq!(whole(text), shown);
        }
    }

    #[test]
    fn the_text_of_a_signature_value_is_starred_wherever_the_piece_begins() {
        let text = "<ds:SignatureValue Id=\"x\">QUJD\nREVG</ds:SignatureValue><b>kept</b>";
        let shown = "<ds:SignatureValue Id=\"x\">*********</ds:SignatureValue><b>kept</b>";
        assert_eq!(whole(text), shown);
        let tail = "REVG</CipherValue><b>kept</b><CipherValue>QUJD";
        assert_eq!(whole(tail), "****</CipherValue><b>kept</b><CipherValue>****");
        assert_eq!(
            whole("<SignatureValues>kept</SignatureValues>"),
            "<SignatureValues>kept</SignatureValues>"
        );
        let piece = starred(text.as_bytes(), 26..30);
        assert_eq!(piece, b"****");
    }

    #[test]
    fn a_secret_whose_key_stands_before_the_piece_is_starred() {
        let text = r#"{"secretKey": "abcdef", "x": 1}"#;
        assert_eq!(starred(text.as_bytes(), 17..25), b"****\", \"");
    }

    proptest! {
        #[test]
        fn any_piece_keeps_its_length(
            text in proptest::collection::vec(any::<u8>(), 0..80),
            glue in "\"token\"(:| : |:\"|:\\\\\")?",
            from in 0_usize..120,
            length in 0_usize..120,
        ) {
            let text = [glue.as_bytes(), &text, glue.as_bytes()].concat();
            let from = from.min(text.len());
            let piece = from..(from + length).min(text.len());
            prop_assert_eq!(starred(&text, piece.clone()).len(), piece.len());
        }
    }
}
