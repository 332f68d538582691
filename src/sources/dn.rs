//! Distinguished names: RFC 4514, and what RFC 2253 lets through.
//!
//! Accepted beyond RFC 4514: spaces around `,` `=` `+`, `;` for `,`, quoted values, `OID.2.5.4.3` types,
//! and the `<GUID=…>;<SID=…>;` prefix of Active Directory's extended form, which is left out.

mod canonical;
mod parser;

pub use canonical::canonical;
use parser::Parser;

/// A distinguished name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dn {
    /// Relative names, the entry's own first.
    pub rdns: Vec<Rdn>,
}

/// A relative distinguished name: mostly one part, several joined by `+`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rdn {
    /// Its parts, as written.
    pub parts: Vec<Part>,
}

/// One `type=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Attribute type as written.
    pub kind: String,
    /// Value with escapes resolved.
    pub value: PartValue,
}

/// A value of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartValue {
    /// Text; bytes that are not UTF-8 stand as U+FFFD.
    Text(String),
    /// `#hex`: a BER value that is not a string.
    Ber(Vec<u8>),
}

/// Why a distinguished name cannot be taken apart. Offsets are bytes from zero.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnError {
    /// No `=`.
    #[error("`{found}` at byte {at} of the distinguished name, expected `type=value`")]
    NoEquals {
        /// Where.
        at: usize,
        /// What stands there.
        found: String,
    },
    /// Something that is no attribute type before the `=`.
    #[error(
        "`{found}` at byte {at} of the distinguished name, expected an attribute type such as `CN`"
    )]
    BadType {
        /// Where.
        at: usize,
        /// What stands there.
        found: String,
    },
    /// A backslash before something that is neither special nor two hex digits.
    #[error(
        "`{found}` at byte {at} of the distinguished name, expected a backslash before a special character or two hex digits"
    )]
    BadEscape {
        /// Where.
        at: usize,
        /// What stands there.
        found: String,
    },
    /// A quotation mark without its partner.
    #[error(
        "a quoted value begins at byte {at} of the distinguished name, expected its closing `\"`"
    )]
    OpenQuote {
        /// Where.
        at: usize,
    },
    /// Something after a quoted or hex value that is no separator.
    #[error(
        "`{found}` at byte {at} of the distinguished name, expected `,` or `+` after the value"
    )]
    AfterValue {
        /// Where.
        at: usize,
        /// What stands there.
        found: String,
    },
    /// `#` without pairs of hex digits.
    #[error(
        "`{found}` at byte {at} of the distinguished name, expected pairs of hex digits after `#`"
    )]
    BadHex {
        /// Where.
        at: usize,
        /// What stands there.
        found: String,
    },
}

/// Takes a distinguished name apart.
pub fn parse(text: &[u8]) -> Result<Dn, DnError> {
    let mut parser = Parser::new(text);
    let (mut rdns, mut parts, mut value) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(ava) = parser.next_part(&mut value)? {
        let kind = String::from_utf8_lossy(ava.kind).into_owned();
        let value = if ava.ber {
            PartValue::Ber(value.clone())
        } else {
            PartValue::Text(String::from_utf8_lossy(&value).into_owned())
        };
        parts.push(Part { kind, value });
        if !ava.more {
            rdns.push(Rdn { parts: std::mem::take(&mut parts) });
        }
    }
    Ok(Dn { rdns })
}

/// The value of the first part of the first relative name: what a directory calls the entry.
///
/// `None` where the name is empty, cannot be taken apart, or begins with a BER value.
pub fn first_value(text: &[u8]) -> Option<String> {
    let mut value = Vec::new();
    let ava = Parser::new(text).next_part(&mut value).ok()??;
    (!ava.ber).then(|| String::from_utf8_lossy(&value).into_owned())
}

/// Whether a text has the look of a distinguished name: an attribute type, `=`, and something after.
pub fn looks_like(text: &[u8]) -> bool {
    Parser::new(text).next_part(&mut Vec::new()).is_ok_and(|ava| ava.is_some())
}

#[cfg(test)]
mod tests;
