//! One SAML message as it was captured: its text, how it travelled, where it went. Nothing else of what
//! it was found in is kept, cookies least of all.

use super::detached::Detached;
use super::metadata;
use super::xml::{MESSAGE, METADATA, Tree, XmlError};
use crate::model::moment::Moment;

/// A captured message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// The file, and the entry or line within it where it holds more than the message: `a.har, entry 12`.
    pub name: String,
    /// Further places of the same file that hold the same message: `entry 9`.
    pub also: Vec<String>,
    /// The message, exactly as it was sent.
    pub text: String,
    /// How it was found.
    pub binding: Binding,
    /// Whether the parameter that carried it, or its root element, says that it is a request.
    pub is_request: bool,
    /// `RelayState` beside it; may hold a token.
    pub relay_state: Option<String>,
    /// The address it was sent to, without its query.
    pub posted_to: Option<String>,
    /// When it was sent, where the capture says so.
    pub captured_at: Option<Moment>,
    /// The signature beside it in an address (HTTP-Redirect).
    pub detached: Option<Detached>,
    /// Characters of the base64 that carried it, white space left out: what AWS limits.
    pub base64_length: Option<usize>,
}

/// How a message was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Binding {
    /// The file is the message: lines of the message are lines of the file.
    Document,
    /// Base64 without a form around it.
    Base64,
    /// A field that a form sent (HTTP-POST).
    Post,
    /// A parameter of an address (HTTP-Redirect).
    Redirect,
    /// A field of a page, not sent yet.
    Page,
}

impl Binding {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Document => "XML document",
            Self::Base64 => "base64",
            Self::Post => "HTTP-POST",
            Self::Redirect => "HTTP-Redirect",
            Self::Page => "page with a form",
        }
    }
}

impl Capture {
    /// The message as a tree; metadata may be larger than a message.
    pub fn tree(&self) -> Result<Tree<'_>, XmlError> {
        Tree::parse(&self.text, if self.is_metadata() { METADATA } else { MESSAGE })
    }

    /// Whether its root element is one of metadata.
    pub fn is_metadata(&self) -> bool {
        matches!(root_name(&self.text), Some("EntityDescriptor" | "EntitiesDescriptor"))
            && self.text.contains(metadata::NAMESPACE)
    }

    /// File and line of something in the message, as messages name it.
    pub fn place(&self, line: u32) -> String {
        if self.binding == Binding::Document {
            format!("{}:{line}", self.name)
        } else {
            format!("{}, line {line} of the message", self.name)
        }
    }
}

/// Local name of the first element of a text that looks like XML or HTML; nothing is checked.
pub(super) fn root_name(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        rest = match rest {
            _ if rest.starts_with("<!--") => rest.split_once("-->")?.1,
            _ if rest.starts_with("<?") => rest.split_once("?>")?.1,
            _ if rest.starts_with("<!") => behind_doctype(rest)?,
            _ => break,
        }
        .trim_start();
    }
    let name = rest.strip_prefix('<')?;
    let end = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'));
    let name = end.map_or(name, |end| name.get(..end).unwrap_or(name));
    Some(name.rsplit(':').next().unwrap_or(name))
}

/// What stands behind a document type: quotes and brackets may hold a `>` that does not end it.
fn behind_doctype(text: &str) -> Option<&str> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') => depth = depth.saturating_sub(1),
            (None, '>') if depth == 0 => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

/// Whether a root element of this local name is one of SAML.
pub(super) fn is_saml(root: &str) -> bool {
    let known =
        ["Response", "Assertion", "EncryptedAssertion", "EntityDescriptor", "EntitiesDescriptor"];
    known.contains(&root) || root.ends_with("Request")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_is_found_behind_what_may_stand_before_it() {
        for (text, expected) in [
            ("<a:b x='1'/>", Some("b")),
            ("\u{feff}<?xml version='1.0'?>\n<!-- < -->\n<!DOCTYPE html>\n<HTML>", Some("HTML")),
            ("<a/>", Some("a")),
            ("<!DOCTYPE a PUBLIC \"-//>\" '>'><b/>", Some("b")),
            ("<!DOCTYPE a [<!ENTITY e \"]><html>\">]>\n<p:c>", Some("c")),
            ("<!DOCTYPE a [", None),
            ("<", Some("")),
            ("<?xml", None),
            ("text", None),
        ] {
            assert_eq!(root_name(text), expected, "{text}");
        }
    }
}
