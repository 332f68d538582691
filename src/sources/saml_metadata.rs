//! SAML metadata as a file of its own.

use std::borrow::Cow;

use super::batch::{Loss, Problem};
use super::decode::StrayByte;
use crate::model::export::TextEncoding;

/// Whether a file is SAML metadata, or was meant to be: markup that names an entity, or a name that says so.
pub fn looks_like(head: &[u8], name: &str) -> bool {
    let is_markup = head.trim_ascii_start().starts_with(b"<");
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let named = file.contains("metadata") || file.contains("saml-provider");
    let names_entity = || {
        let words: [&[u8]; 2] = [b"EntityDescriptor", b"EntitiesDescriptor"];
        words.iter().any(|word| memchr::memmem::find(head, word).is_some())
    };
    is_markup && (named || names_entity())
        || named && file.rsplit_once('.').is_some_and(|(_, end)| end == "xml")
}

/// The document's text with the mark it begins with in the file, and what is wrong with its bytes.
pub fn text_of(bytes: &[u8], encoding: TextEncoding) -> (String, Vec<Problem>) {
    let mark = if encoding == TextEncoding::MarkedUtf8 { "\u{feff}" } else { "" };
    let mut problems = Vec::new();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = memchr::memchr_iter(b'\n', before).count() + 1;
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            problems.push(Problem {
                line: u32::try_from(line).unwrap_or(u32::MAX),
                loss: Loss::Nothing,
                error: StrayByte { byte }.into(),
            });
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0
        }
    };
    (format!("{mark}{text}"), problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_known_by_its_root_or_its_name() {
        let head = b"<?xml version=\"1.0\"?>\n<md:EntityDescriptor entityID=\"x\"/>";
        assert!(looks_like(head, "okta.xml"));
        assert!(looks_like(b" <!DOCTYPE html><html>", "a/okta-metadata.xml"));
        assert!(looks_like(b"not found", "123456789012-saml-provider-OKTA.xml"));
        assert!(!looks_like(b"<html>", "page.html"));
        assert!(!looks_like(b"dn: CN=x", "metadata.ldif"));
        assert!(!looks_like(b"<Response/>", "response.xml"));
    }

    #[test]
    fn stray_bytes_are_told_and_the_mark_is_kept() {
        let (text, problems) = text_of(b"<a>\n\xe9</a>", TextEncoding::MarkedUtf8);
        assert_eq!(text, "\u{feff}<a>\n\u{e9}</a>");
        assert_eq!(problems.len(), 1);
        assert_eq!((problems[0].line, problems[0].loss), (2, Loss::Nothing));
        assert!(text_of(b"<a/>", TextEncoding::Utf8).1.is_empty());
    }
}
