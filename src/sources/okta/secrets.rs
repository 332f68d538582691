//! Lines of an app export without the values of its secrets, for showing them.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

/// The settings that hold secrets.
const KEYS: [&str; 3] = ["accessKey", "secretKey", "secretKeyEnc"];

/// A line, or more of a file, in which every byte of a secret's value is a `*`: nothing moves, so offsets
/// into the text stay right. Also within JSON text inside a string, as in Terraform's `app_settings_json`.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let mut secrets: Vec<Range<usize>> = KEYS
        .iter()
        .flat_map(|key| memmem::find_iter(text.as_bytes(), *key).map(|at| at + key.len()))
        .filter_map(|end| value_behind(text.as_bytes(), end))
        .filter(|range| !range.is_empty())
        .collect();
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    secrets.sort_by_key(|range| range.start);
    let mut shown = String::with_capacity(text.len());
    for range in secrets {
        // A value may hold the name of a key.
        if range.start >= shown.len() {
            shown.push_str(text.get(shown.len()..range.start).unwrap_or_default());
            shown.extend(std::iter::repeat_n('*', range.len()));
        }
    }
    shown.push_str(text.get(shown.len()..).unwrap_or_default());
    Cow::Owned(shown)
}

/// The string behind the colon behind a key that ends at `end`, its quotes left out; a string that is cut
/// off goes to the end of the text.
fn value_behind(text: &[u8], end: usize) -> Option<Range<usize>> {
    let skip = |from: usize, of: &[u8]| {
        let rest = text.get(from..)?;
        Some(from + rest.iter().position(|byte| !of.contains(byte)).unwrap_or(rest.len()))
    };
    let quote = skip(end, b"\\")?;
    let colon = skip((text.get(quote) == Some(&b'"')).then_some(quote + 1)?, b" \t\r\n")?;
    let escape = skip((text.get(colon) == Some(&b':')).then_some(colon + 1)?, b" \t\r\n")?;
    let open = skip(escape, b"\\")?;
    if text.get(open) != Some(&b'"') {
        return None;
    }
    // Quotes of this depth have so many backslashes before them; more of them are escaped ones.
    let depth = open - escape;
    let (mut at, mut backslashes) = (open + 1, 0);
    while let Some(&byte) = text.get(at) {
        if byte == b'"' && backslashes % (2 * (depth + 1)) == depth {
            return Some(open + 1..at - depth);
        }
        backslashes = if byte == b'\\' { backslashes + 1 } else { 0 };
        at += 1;
    }
    Some(open + 1..text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_secrets_are_starred_and_nothing_moves() {
        for (text, shown) in [
            (r#""accessKey": "AB12","#, r#""accessKey": "****","#),
            (r#"{"secretKey":"a\"b\\","x":"y"}"#, r#"{"secretKey":"******","x":"y"}"#),
            (
                r#"{\"secretKeyEnc\": \"q\\\"r\", \"x\": 1}"#,
                r#"{\"secretKeyEnc\": \"******\", \"x\": 1}"#,
            ),
            (r#""secretKey": "cut o"#, r#""secretKey": "*****"#),
            (r#""secretKey" : "é""#, r#""secretKey" : "**""#),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in
            [r#""secretKey": null"#, r#""accessKey": """#, "the secretKey", r#""loginURL": "x""#]
        {
            assert_eq!(without_secrets(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_value_is_left_in_any_json(value in "[^\\p{C}]{4,20}", key in prop::sample::select(&KEYS)) {
            let inner = serde_json::json!({key: value}).to_string();
            let outer = serde_json::json!({"app_settings_json": inner}).to_string();
            for text in [inner, outer] {
                let shown = without_secrets(&text);
                prop_assert_eq!(shown.len(), text.len());
                let stars = shown.bytes().filter(|&byte| byte == b'*').count();
                prop_assert!(stars >= value.len(), "{}", shown);
            }
        }

        #[test]
        fn any_text_is_taken(text in ".{0,20}(accessKey|secretKey\"|)[\\\\\": ]{0,6}.{0,20}") {
            prop_assert_eq!(without_secrets(&text).len(), text.len());
        }
    }
}
