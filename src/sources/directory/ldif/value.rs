//! Values as they stand behind an attribute's colon: plain, in base64, or elsewhere.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::super::attribute::Field;
use super::super::entry::EntryError;
use super::super::excerpt;
use super::LdifError;
use crate::sources::batch::Batch;
use crate::sources::decode;

/// A value as it stands behind the attribute's colon.
#[derive(Debug, Clone, Copy)]
pub(super) enum Raw<'a> {
    Plain(&'a [u8]),
    Base64(&'a [u8]),
    Url(&'a [u8]),
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a value cannot be had.
pub(super) enum Refused {
    Ldif(LdifError),
    Entry(EntryError),
}

impl<'a> Raw<'a> {
    /// As written.
    pub(super) const fn bytes(self) -> &'a [u8] {
        match self {
            Self::Plain(bytes) | Self::Base64(bytes) | Self::Url(bytes) => bytes,
        }
    }
}

/// Attribute description and value of a line; `None` without a colon.
pub(super) fn split(text: &[u8]) -> Option<(&[u8], Raw<'_>)> {
    let colon = memchr::memchr(b':', text)?;
    let (name, rest) = text.split_at_checked(colon)?;
    Some((name, raw_of(rest.get(1..)?)))
}

/// The value that stands behind a colon.
pub(super) fn raw_of(rest: &[u8]) -> Raw<'_> {
    match rest.split_first() {
        Some((b':', encoded)) => Raw::Base64(encoded.trim_ascii()),
        Some((b'<', url)) => Raw::Url(url.trim_ascii()),
        _ => Raw::Plain(trim_spaces(rest)),
    }
}

/// A value without the spaces before it.
pub(super) fn trim_spaces(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = text.strip_prefix(b" ") {
        text = rest;
    }
    text
}

/// A value, decoded.
pub(super) fn read_value<'v>(
    raw: Raw<'v>,
    field: Field,
    longest: usize,
    decoded: &'v mut Vec<u8>,
) -> Result<&'v [u8], Refused> {
    let value = match raw {
        Raw::Plain(value) => value,
        Raw::Url(url) => return Err(Refused::Ldif(LdifError::Url { found: excerpt(url) })),
        Raw::Base64(encoded) if encoded.len() / 4 * 3 > longest.saturating_add(2) => encoded,
        Raw::Base64(encoded) => {
            decoded.clear();
            BASE64
                .decode_vec(encoded, decoded)
                .map_err(|_| Refused::Ldif(LdifError::NotBase64 { found: excerpt(encoded) }))?;
            decoded
        }
    };
    if value.len() > longest {
        return Err(Refused::Entry(EntryError::value_too_long(field, longest)));
    }
    Ok(value)
}

/// A value as UTF-8; of a `clean` block it is.
pub(super) fn plain_text<'v>(
    value: &'v [u8],
    number: u32,
    clean: bool,
    batch: &mut Batch<'_>,
) -> std::borrow::Cow<'v, [u8]> {
    if clean {
        return std::borrow::Cow::Borrowed(value);
    }
    match decode::text(value, number, batch) {
        std::borrow::Cow::Borrowed(text) => std::borrow::Cow::Borrowed(text.as_bytes()),
        std::borrow::Cow::Owned(text) => std::borrow::Cow::Owned(text.into_bytes()),
    }
}

/// A member's name alone: `uniqueMember` may carry a bit string, `cn=a,dc=x#'0101'B`.
pub(super) fn member(field: Field, value: &[u8]) -> &[u8] {
    if field != Field::UniqueMember {
        return value;
    }
    let Some(rest) = value.strip_suffix(b"'B") else { return value };
    let bits = rest.iter().rev().take_while(|byte| matches!(byte, b'0' | b'1')).count();
    let name = rest.get(..rest.len() - bits).unwrap_or_default();
    name.strip_suffix(b"#'").unwrap_or(value)
}
