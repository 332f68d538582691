//! Bytes of a document as text: UTF-8 or nothing, for what is read must be what was signed.

use std::borrow::Cow;

/// Why bytes are no text that is read here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodingProblem {
    /// UTF-16, by its mark or by a NUL in every other byte.
    #[error("UTF-16, expected UTF-8: SAML messages are signed and sent in UTF-8")]
    Utf16,
    /// A byte that UTF-8 does not have there.
    #[error("byte {at} is `0x{byte:02x}`, expected UTF-8")]
    NotUtf8 {
        /// 1-based.
        at: usize,
        /// The byte.
        byte: u8,
    },
    /// An XML declaration of another encoding.
    #[error("encoding `{0}` in the XML declaration, expected `UTF-8`")]
    Declared(String),
}

/// Bytes as text; a byte order mark stays, as line and byte numbers count it.
pub(super) fn text_of(bytes: Vec<u8>) -> Result<String, EncodingProblem> {
    if matches!(
        bytes.as_slice(),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'<', 0, ..] | [0, b'<', ..]
    ) {
        return Err(EncodingProblem::Utf16);
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(at).copied().unwrap_or_default();
        EncodingProblem::NotUtf8 { at: at + 1, byte }
    })?;
    match declared(&text) {
        Some(label) if !means_the_same(label, &text) => {
            Err(EncodingProblem::Declared(label.to_owned()))
        }
        _ => Ok(text),
    }
}

/// The encoding that an XML declaration names.
fn declared(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('\u{feff}');
    let (declaration, _) = text.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest.split(quote).nth(1)
}

/// Whether a text is the same in the encoding named: it is UTF-8, or one that agrees on ASCII and there
/// is nothing else.
fn means_the_same(label: &str, text: &str) -> bool {
    let label: Cow<'_, str> = label.to_ascii_lowercase().into();
    if matches!(&*label, "utf-8" | "utf8") {
        return true;
    }
    let agrees = ["us-ascii", "ascii", "iso-8859-", "windows-125", "latin1"];
    text.is_ascii() && agrees.iter().any(|known| label.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_and_ascii_under_another_name_are_read_and_nothing_else() {
        let read = |bytes: &[u8]| text_of(bytes.to_vec());
        assert!(read("\u{feff}<?xml version='1.0' encoding='UTF-8'?><a>é</a>".as_bytes()).is_ok());
        assert!(read(b"<?xml version='1.0' encoding=\"ISO-8859-1\"?><a/>").is_ok());
        assert_eq!(
            read("<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".as_bytes()),
            Err(EncodingProblem::Declared("ISO-8859-1".into()))
        );
        assert_eq!(
            read(b"<?xml version='1.0' encoding='UTF-16'?><a/>"),
            Err(EncodingProblem::Declared("UTF-16".into()))
        );
        assert_eq!(read(b"\xff\xfe<\0a\0"), Err(EncodingProblem::Utf16));
        assert_eq!(read(b"<\0a\0"), Err(EncodingProblem::Utf16));
        assert_eq!(read(b"<a>\xe9</a>"), Err(EncodingProblem::NotUtf8 { at: 4, byte: 0xe9 }));
    }
}
