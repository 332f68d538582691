//! Forms of a page: the hidden fields that carry a message, and AWS's role picker, which keeps them in
//! a `meta` element. Not a parser of HTML: it looks at tags, in the order of the text.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::Carried;

/// Most base64 of a page's data: a message, encoded again.
const DATA: usize = 4 << 20;

/// Most messages of one form.
const FIELDS: usize = 8;

/// The parts of the role picker's data that are read.
#[derive(Deserialize)]
struct PickerData {
    #[serde(rename = "SAMLResponse")]
    response: Option<String>,
    #[serde(rename = "RelayState")]
    relay_state: Option<String>,
}

/// A form that is open.
#[derive(Default)]
struct Form {
    action: Option<String>,
    relay_state: Option<String>,
    /// Values, and whether they are requests.
    values: Vec<(String, bool)>,
}

/// Every message that a page carries, in its order.
pub(super) fn carried(page: &str) -> Vec<Carried> {
    let mut found = Vec::new();
    let mut form = Form::default();
    let mut tags = Tags { rest: page };
    while let Some(tag) = tags.next() {
        match &*tag.name.to_ascii_lowercase() {
            "form" => {
                std::mem::take(&mut form).close(&mut found);
                form.action = tag.attribute("action");
            }
            "/form" => std::mem::take(&mut form).close(&mut found),
            "input" | "button" => form.take(&tag),
            "textarea" => {
                let (text, _) = tags.rest.split_once('<').unwrap_or((tags.rest, ""));
                form.field(tag.attribute("name").as_deref(), unescaped(text).into_owned());
            }
            "meta" if tag.attribute("name").as_deref() == Some("data") => {
                found.extend(tag.attribute("content").and_then(|content| picker(&content)));
            }
            _ => {}
        }
    }
    form.close(&mut found);
    found
}

/// Whether a text has tags of a form or of a page.
pub(super) fn is_page(root: &str) -> bool {
    let known = ["html", "head", "body", "form", "input", "meta", "script", "title", "div", "p"];
    known.iter().any(|known| root.eq_ignore_ascii_case(known))
}

impl Form {
    fn take(&mut self, tag: &Tag<'_>) {
        if let Some(value) = tag.attribute("value") {
            self.field(tag.attribute("name").as_deref(), value);
        }
    }

    fn field(&mut self, name: Option<&str>, value: String) {
        match name {
            Some("RelayState") => self.relay_state = super::form::kept(value),
            _ if self.values.len() >= FIELDS => {}
            Some("SAMLResponse") => self.values.push((value, false)),
            Some("SAMLRequest") => self.values.push((value, true)),
            _ => {}
        }
    }

    fn close(self, found: &mut Vec<Carried>) {
        for (value, is_request) in self.values {
            found.push(Carried {
                value,
                is_request,
                relay_state: self.relay_state.clone(),
                address: self.action.clone(),
                ..Carried::default()
            });
        }
    }
}

/// The message in the role picker's data, which is JSON in base64.
fn picker(content: &str) -> Option<Carried> {
    let packed: String = content.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let decoded = (packed.len() <= DATA).then(|| STANDARD.decode(packed).ok()).flatten()?;
    let data: PickerData = serde_json::from_slice(&decoded).ok()?;
    Some(Carried { value: data.response?, relay_state: data.relay_state, ..Carried::default() })
}

/// Start and end tags of a text, comments passed over.
struct Tags<'t> {
    rest: &'t str,
}

struct Tag<'t> {
    name: &'t str,
    attributes: Vec<(&'t str, &'t str)>,
}

impl Tag<'_> {
    fn attribute(&self, name: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        Some(unescaped(found.1).into_owned())
    }
}

impl<'t> Tags<'t> {
    fn next(&mut self) -> Option<Tag<'t>> {
        loop {
            let (_, behind) = self.rest.split_once('<')?;
            self.rest = behind;
            if let Some(comment) = behind.strip_prefix("!--") {
                self.rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            } else if behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
                let name = self.until(|c| c.is_ascii_whitespace() || c == '>');
                return Some(Tag {
                    name: name.trim_end_matches('/'),
                    attributes: self.attributes(),
                });
            }
        }
    }

    /// Takes what stands before the first such character.
    fn until(&mut self, stops: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(stops).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Takes attributes up to the tag's end.
    fn attributes(&mut self) -> Vec<(&'t str, &'t str)> {
        let mut attributes = Vec::new();
        loop {
            self.until(|c| !c.is_ascii_whitespace() && c != '/');
            if let Some(behind) = self.rest.strip_prefix('>') {
                self.rest = behind;
                return attributes;
            }
            if self.rest.is_empty() {
                return attributes;
            }
            let name = self.until(|c| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'));
            let behind = self.rest.trim_ascii_start();
            let Some(value) = behind.strip_prefix('=') else {
                if name.is_empty() {
                    return attributes;
                }
                attributes.push((name, ""));
                continue;
            };
            self.rest = value.trim_ascii_start();
            let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let value = if let Some(quote) = quote {
                self.rest = self.rest.get(1..).unwrap_or_default();
                let value = self.until(|c| c == quote);
                self.rest = self.rest.get(1..).unwrap_or_default();
                value
            } else {
                self.until(|c| c.is_ascii_whitespace() || c == '>')
            };
            attributes.push((name, value));
        }
    }
}

/// A text with HTML's character references replaced, as far as base64, addresses and forms need them.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        plain.push_str(before);
        let end = behind.bytes().take(10).position(|byte| byte == b';');
        let name = end.and_then(|end| behind.get(..end));
        if let Some(c) = name.and_then(character) {
            plain.push(c);
            rest = end.and_then(|end| behind.get(end + 1..)).unwrap_or_default();
        } else {
            plain.push('&');
            rest = behind;
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The character of a reference.
fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "plus" => '+',
        "equals" => '=',
        "sol" => '/',
        "NewLine" => '\n',
        "Tab" => '\t',
        "nbsp" => ' ',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(page: &str) -> Carried {
        let mut found = carried(page);
        assert_eq!(found.len(), 1, "{page}");
        found.remove(0)
    }

    #[test]
    fn a_hidden_field_is_found_however_it_is_written() {
        for page in [
            "<form action='/saml'><input type=\"hidden\" name=\"SAMLResponse\" value=\"PGEvPg==\"/></form>",
            "<FORM ACTION=/saml><INPUT VALUE='PGEvPg==' NAME='SAMLResponse'>",
            "<form method=post action=\"/saml\"><input name=SAMLResponse value=PGEvPg==>",
            "<!-- <input name=SAMLResponse value=no> --><form action = \"/saml\" >\n<input\nname = SAMLResponse\nvalue = \"PGEvPg&#x3d;&#61;\" />",
            "<form action=/saml><textarea rows=2 name=SAMLResponse>PGEvPg==</textarea></form>",
        ] {
            let found = one(page);
            assert_eq!(found.value, "PGEvPg==", "{page}");
            assert_eq!(found.address.as_deref(), Some("/saml"), "{page}");
            assert!(!found.is_request);
        }
    }

    #[test]
    fn a_relay_state_belongs_to_its_own_form() {
        let page = "<form action=a><input name=RelayState value='x&amp;y'><input name=SAMLResponse value=1></form>\
                    <form action=b><input name=SAMLResponse value=2><input name=RelayState value=z></form>\
                    <form action=c><input name=SAMLRequest value=3>";
        let found = carried(page);
        let states: Vec<Option<&str>> =
            found.iter().map(|one| one.relay_state.as_deref()).collect();
        assert_eq!(states, [Some("x&y"), Some("z"), None]);
        let values: Vec<(&str, bool)> =
            found.iter().map(|one| (one.value.as_str(), one.is_request)).collect();
        assert_eq!(values, [("1", false), ("2", false), ("3", true)]);
    }

    #[test]
    fn the_role_pickers_data_is_read() {
        let data =
            STANDARD.encode(r#"{"roles_accounts":{},"RelayState":"r","SAMLResponse":"PGEvPg=="}"#);
        let found =
            one(&format!("<html><head><meta name=\"data\" content=\"{data}\"></head></html>"));
        assert_eq!((found.value.as_str(), found.relay_state.as_deref()), ("PGEvPg==", Some("r")));
        assert_eq!(carried("<meta name=data content='e30='>").len(), 0);
        assert_eq!(carried("<meta name=data content='?'>").len(), 0);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[<>/='\" &;#x-]{0,4}(<|form|input|name|value|SAMLResponse|=|'|é| |>|/|&#|!--){0,24}") {
            let _ = carried(&text);
            let _ = unescaped(&text);
        }
    }
}
