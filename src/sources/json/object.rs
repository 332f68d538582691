//! Members of a JSON object with their offsets, for the few files whose settings have places of their own.

use std::borrow::Cow;

use super::Text;
use super::scan::skip_value;

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// The key, escapes resolved.
    pub key: Cow<'a, str>,
    /// Offset of the key in the text.
    pub at: usize,
    /// The value as JSON text.
    pub value: &'a [u8],
    /// Offset of the value in the text.
    pub value_at: usize,
}

/// Members of the object that begins at `at` in `text`, which is well-formed JSON; none where
/// something else begins there.
pub fn members(text: &[u8], at: usize) -> Vec<Member<'_>> {
    let mut found = Vec::new();
    if text.get(at) != Some(&b'{') {
        return found;
    }
    let mut at = at + 1;
    while let Some(member) = next_member(text, at) {
        at = member.value_at + member.value.len();
        found.push(member);
    }
    found
}

/// Offset behind the value that begins at `at`; `None` where the text ends inside it.
pub fn end_of(text: &[u8], at: usize) -> Option<usize> {
    skip_value(text, at)
}

fn next_member(text: &[u8], from: usize) -> Option<Member<'_>> {
    let at = past(text, from, b" \t\r\n,");
    let (key, value_at) = next_key(text, at)?;
    let end = skip_value(text, value_at)?;
    Some(Member { key, at, value: text.get(value_at..end)?, value_at })
}

/// Keys of the first object of a text that may end anywhere, as dotted paths, with the beginning of
/// each value: what a format is recognised by. Lists on the way to the object are passed through,
/// lists inside it are not entered, nor anything below `depth` keys.
pub fn outline(text: &[u8], depth: usize) -> Vec<(String, &[u8])> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let start = past(text, 0, b" \t\r\n[,");
    let mut found = Vec::new();
    outline_into(text, start, &mut String::new(), depth, &mut found);
    found
}

fn outline_into<'a>(
    text: &'a [u8],
    at: usize,
    path: &mut String,
    depth: usize,
    found: &mut Vec<(String, &'a [u8])>,
) {
    if depth == 0 || text.get(at) != Some(&b'{') {
        return;
    }
    let mut at = at + 1;
    while let Some((key, value_at)) = next_key(text, at) {
        let length = path.len();
        path.push_str(&key);
        found.push((path.clone(), text.get(value_at..).unwrap_or_default()));
        path.push('.');
        outline_into(text, value_at, path, depth - 1, found);
        path.truncate(length);
        match skip_value(text, value_at) {
            Some(end) => at = end,
            None => return,
        }
    }
}

/// The next key of an object, and the offset of its value.
fn next_key(text: &[u8], from: usize) -> Option<(Cow<'_, str>, usize)> {
    let at = past(text, from, b" \t\r\n,");
    if text.get(at) != Some(&b'"') {
        return None;
    }
    let key_end = skip_value(text, at)?;
    let key = serde_json::from_slice::<Text<'_>>(text.get(at..key_end)?).ok()?;
    Some((key.0, past(text, key_end, b" \t\r\n:")))
}

fn past(text: &[u8], at: usize, skipped: &[u8]) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| skipped.contains(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_carry_offsets_and_resolved_keys() {
        let text = br#" { "a" : {"b":"}"} , "\u0063":[1,2],"d":null}"#;
        let found = members(text, 1);
        let shown: Vec<_> = found
            .iter()
            .map(|m| {
                format!("{}@{}={}@{}", m.key, m.at, String::from_utf8_lossy(m.value), m.value_at)
            })
            .collect();
        assert_eq!(shown, [r#"a@3={"b":"}"}@9"#, "c@21=[1,2]@30", "d@36=null@40"]);
        assert_eq!(members(b"[1]", 0), []);
    }
}
