//! Secrets beside what is shown of a line: their values are starred.

use std::ops::Range;

/// How far before what is shown a secret's key may stand.
const LOOK_BACK: usize = 4 << 10;

/// Words in the keys of secrets, in lower case.
const WORDS: [&[u8]; 7] =
    [b"secret", b"password", b"passwd", b"token", b"accesskey", b"privatekey", b"apikey"];

/// Elements of XML whose text is a secret: what makes a message one that can be handed in.
const ELEMENTS: [&[u8]; 2] = [b"SignatureValue", b"CipherValue"];

/// Shortest run of letters and digits without a space that may be a key or a token.
const RUN: usize = 32;

/// Whether a name is one of a secret.
pub(in crate::sources) fn is_secret(name: &[u8]) -> bool {
    let holds =
        |word: &&[u8]| name.windows(word.len()).any(|letters| letters.eq_ignore_ascii_case(word));
    WORDS.iter().any(holds)
}

/// The beginning of a text that nobody could read, for a message: without what follows the name of a secret,
/// and without what may be a key or a token.
pub(in crate::sources) fn quotable(text: &str) -> String {
    let is_of_run = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let mut shown = String::new();
    for word in text.split_inclusive(|c| !is_of_run(c)) {
        let run = word.trim_end_matches(|c| !is_of_run(c));
        let has = |is: fn(&char) -> bool| run.chars().any(|c| is(&c));
        let is_mixed = has(char::is_ascii_uppercase) || has(char::is_ascii_digit);
        if run.len() >= RUN && is_mixed {
            shown.extend(run.chars().take(4));
            shown.push('…');
            return shown;
        }
        shown.push_str(word);
        let is_last = shown.len() == text.len();
        if is_secret(run.as_bytes()) && !is_last {
            shown.push('…');
            return shown;
        }
    }
    shown
}

/// A piece of a text in which the values of secrets are starred, byte for byte; `hidden` are others.
pub(super) fn starred(bytes: &[u8], piece: Range<usize>, hidden: &[Range<usize>]) -> Vec<u8> {
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
    let found = element_texts(text).into_iter().chain(behind_names(text));
    let found = found.map(|secret| from + secret.start..from + secret.end);
    for secret in found.chain(hidden.iter().cloned()) {
        let end = secret.end.clamp(piece.start, piece.end);
        let hidden = secret.start.clamp(piece.start, end)..end;
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
            // Attributes are no part of it that anybody needs to see, and may be its text where a quote is lost.
            let name = ends.unwrap_or(tag.len());
            let is_bare = tag.get(name) == Some(&b'>');
            open = Some(at + 1 + name + usize::from(is_bare));
        }
    }
    found.extend(open.map(|start| start.min(text.len())..text.len()));
    found
}

/// Strings right behind the quoted key of a secret, the colon between them lost.
fn behind_names(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    memchr::memchr_iter(b'"', text).filter_map(move |quote| {
        let (before, after) = text.split_at_checked(quote + 1)?;
        let is_string = after.trim_ascii_start().starts_with(b"\"");
        (is_string && names_secret(before, false)).then(|| {
            let value = value(after);
            quote + 1 + value.start..quote + 1 + value.end
        })
    })
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
    is_secret(text.get(text.len() - length..).unwrap_or_default())
}

/// The value behind a colon, without its quotes; none where it is no string or number.
fn value(after: &[u8]) -> Range<usize> {
    let space = after.len() - after.trim_ascii_start().len();
    let rest = after.get(space..).unwrap_or_default();
    let escapes = rest.iter().take_while(|&&byte| byte == b'\\').count();
    if let Some(b'{' | b'[') = rest.first() {
        return space + 1..space + bracketed(rest);
    }
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

/// Where the bracket that a text begins with is closed, or its end.
fn bracketed(text: &[u8]) -> usize {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if std::mem::take(&mut is_escaped) => {}
            b'\\' => is_escaped = is_string,
            b'"' => is_string = !is_string,
            b'{' | b'[' if !is_string => depth += 1,
            b'}' | b']' if !is_string => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn whole(text: &str) -> String {
        String::from_utf8(starred(text.as_bytes(), 0..text.len(), &[])).unwrap()
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
            (r#"{"password": {"x": "}"}, "y": 1}"#, r#"{"password": {********}, "y": 1}"#),
            (r#"{"password": ["x", "cut"#, r#"{"password": [*********"#),
            (
                r#"{"secretKey" "abc", "a": ["token", "x"]}"#,
                r#"{"secretKey" "***", "a": ["token", "x"]}"#,
            ),
        ] {
            // In a string, the backslash before the closing quote is starred, too.
            assert_eq!(whole(text), shown);
        }
    }

    #[test]
    fn the_text_of_a_signature_value_is_starred_wherever_the_piece_begins() {
        let text = "<ds:SignatureValue Id=\"x\">QUJD\nREVG</ds:SignatureValue><b>kept</b>";
        let shown = "<ds:SignatureValue*****************</ds:SignatureValue><b>kept</b>";
        assert_eq!(whole(text), shown);
        let tail = "REVG</CipherValue><b>kept</b><CipherValue>QUJD";
        assert_eq!(whole(tail), "****</CipherValue><b>kept</b><CipherValue>****");
        assert_eq!(
            whole("<SignatureValues>kept</SignatureValues>"),
            "<SignatureValues>kept</SignatureValues>"
        );
        let piece = starred(text.as_bytes(), 26..30, &[]);
        assert_eq!(piece, b"****");
    }

    #[test]
    fn a_secret_whose_key_stands_before_the_piece_is_starred() {
        let text = r#"{"secretKey": "abcdef", "x": 1}"#;
        assert_eq!(starred(text.as_bytes(), 17..25, &[]), b"****\", \"");
    }

    #[test]
    fn what_is_quoted_ends_before_what_may_be_a_secret() {
        for (text, shown) in [
            ("Minutes of a meeting", "Minutes of a meeting"),
            ("userPassword hunter2", "userPassword …"),
            ("{\"secretKey\": \"x\"}", "{\"secretKey\"…"),
            ("x: MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw", "x: MIIE…"),
            (
                "aws-config-of-the-whole-organisation-of-ours",
                "aws-config-of-the-whole-organisation-of-ours",
            ),
        ] {
            assert_eq!(quotable(text), shown);
        }
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
            prop_assert_eq!(starred(&text, piece.clone(), &[]).len(), piece.len());
        }
    }
}
