//! Change records of LDIF, RFC 2849.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{CONTROL, Nothing, Suggestion, has_control};
use crate::finding::FixHint;
use crate::sources::dn;

/// The records that give a group's entry another name.
pub(super) fn change(suggestion: &Suggestion<'_>) -> Result<String, Nothing> {
    let (FixHint::RenameGroup { from, to } | FixHint::ProposeName { from, to }) = suggestion.hint
    else {
        return Err(Nothing::OtherTarget);
    };
    let entry = suggestion
        .entry
        .ok_or(Nothing::ByHand("no LDIF export gives the name of the group's entry"))?;
    if [from.as_str(), to, entry.dn].into_iter().any(has_control) {
        return Err(CONTROL);
    }
    let unread = || Nothing::ByHand("the name of the group's entry cannot be read");
    let (kind, _) = entry.dn.split_once('=').ok_or_else(unread)?;
    let named = dn::first_value(entry.dn.as_bytes()).ok_or_else(unread)?;
    let kind = kind.trim();
    let other = entry.attribute.filter(|name| is_name(name) && !name.eq_ignore_ascii_case(kind));
    let mut records = Vec::new();
    // While the entry has its old name: another attribute that holds the group's.
    if let Some(name) = other.filter(|name| !name.eq_ignore_ascii_case("dn")) {
        records.push(format!(
            "{}changetype: modify\nreplace: {name}\n{}-\n",
            line("dn", entry.dn),
            line(name, to)
        ));
    }
    let alone = dn::parse(entry.dn.as_bytes()).ok();
    let alone = alone.is_some_and(|dn| dn.rdns.first().is_some_and(|rdn| rdn.parts.len() == 1));
    if named == *from && alone && is_name(kind) {
        records.push(format!(
            "{}changetype: modrdn\n{}deleteoldrdn: 1\n",
            line("dn", entry.dn),
            line("newrdn", &format!("{kind}={}", escaped(to)))
        ));
    }
    if records.is_empty() {
        return Err(Nothing::ByHand("the entry's own name is another one"));
    }
    Ok(records.join("\n"))
}

/// An attribute and its value, in base64 where RFC 2849 has it.
fn line(name: &str, value: &str) -> String {
    if is_safe(value) {
        format!("{name}: {value}\n")
    } else {
        format!("{name}:: {}\n", STANDARD.encode(value))
    }
}

/// Whether a value is a SAFE-STRING that no reader trims.
fn is_safe(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && !value.starts_with([' ', ':', '<'])
        && !value.ends_with(' ')
}

/// Whether a text is the name of an attribute.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A value in a distinguished name, RFC 4514 section 2.4.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let last = value.char_indices().next_back().map_or(0, |(at, _)| at);
    for (at, c) in value.char_indices() {
        let special = matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=');
        let edge = (at == 0 && matches!(c, ' ' | '#')) || (at == last && c == ' ');
        if special || edge {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_safe_string_is_in_base64() {
        assert_eq!(line("cn", "a: b"), "cn: a: b\n");
        for text in [" a", "a ", ":a", "<file:///etc/passwd", "é", "a\nb"] {
            assert_eq!(line("cn", text), format!("cn:: {}\n", STANDARD.encode(text)));
        }
    }

    #[test]
    fn an_escaped_value_is_read_as_it_was() {
        for text in ["#a,b+c=d\\e\"f;g<h>", " a ", "é", "a", " "] {
            let name = format!("CN={},DC=x", escaped(text));
            assert_eq!(dn::first_value(name.as_bytes()).as_deref(), Some(text), "{name}");
        }
    }
}
