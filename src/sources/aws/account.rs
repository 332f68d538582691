//! Which account an export is of.

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};
use std::borrow::Cow;
use std::fmt;

use super::{About, AwsError, AwsPart};
use crate::model::account::AccountId;
use crate::sources::batch::Loss;

/// The account id in a file name: the first piece of exactly twelve digits between other characters.
pub fn account_in_name(name: &str) -> Option<AccountId> {
    name.split(|c: char| !c.is_ascii_digit()).find_map(|piece| AccountId::parse(piece).ok())
}

/// An account id as it stands in JSON: text, or a number that lost its leading zeros.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WrittenId<'a> {
    Text(Cow<'a, str>),
    Number(String),
}

impl<'de: 'a, 'a> Deserialize<'de> for WrittenId<'a> {
    fn deserialize<D: Deserializer<'de>>(parser: D) -> Result<Self, D::Error> {
        struct Written;
        impl<'de> Visitor<'de> for Written {
            type Value = WrittenId<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an account id of 12 digits")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(WrittenId::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(WrittenId::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(WrittenId::Number(number.to_string()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(WrittenId::Number(number.to_string()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                Ok(WrittenId::Number(number.to_string()))
            }
        }
        parser.deserialize_any(Written)
    }
}

impl WrittenId<'_> {
    /// The id where it is a text of twelve digits.
    pub(super) fn parse(&self) -> Result<AccountId, AwsError> {
        let (found, digits) = match self {
            Self::Text(text) => {
                if let Ok(id) = AccountId::parse(text) {
                    return Ok(id);
                }
                (format!("is `{text}`"), text.as_ref())
            }
            Self::Number(text) => (format!("is the number `{text}`"), text.as_str()),
        };
        Err(AwsError::AccountId { found, offer: offer(digits), written: digits.to_owned() })
    }
}

/// Offers twelve digits where leading zeros may have been lost.
fn offer(digits: &str) -> String {
    let plain = (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    match digits.len() {
        _ if !plain => String::new(),
        12 => format!(" (`\"{digits}\"`)"),
        _ => format!(" (`\"{digits:0>12}\"` if leading zeros were lost)"),
    }
}

/// The account of a file, and what says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: AccountId,
    because: &'static str,
}

impl Known {
    /// What an ARN in the file says.
    pub(super) fn from_arn(id: AccountId) -> Self {
        Self { id, because: "the ARNs of this file say" }
    }

    /// What an item of AWS Config says beside its ARN.
    pub(super) const fn from_item(id: AccountId) -> Self {
        Self { id, because: "its account id says" }
    }

    /// What the user or the file name says, where no ARN does.
    pub(super) fn from_outside(about: About<'_>) -> Option<Self> {
        let told = about.options.account.map(|id| Self { id, because: "the source's options say" });
        let named =
            || account_in_name(about.name).map(|id| Self { id, because: "the file name says" });
        told.or_else(named)
    }

    /// The error where `found` is in another account.
    pub(super) fn check(self, found: AccountId, what: &str) -> Result<(), AwsError> {
        if found == self.id {
            return Ok(());
        }
        let found = format!("{what} is in account {found}");
        Err(AwsError::OtherAccount { found, expected: self.id, because: self.because })
    }
}

impl AwsPart {
    /// Reports where the user or the file name speaks of another account than the ARNs do.
    pub(super) fn compare(&mut self, known: Known, about: About<'_>) {
        if let Some(id) = about.options.account.filter(|&id| id != known.id) {
            let found = format!("the source's options say account {id}");
            let error =
                AwsError::OtherAccount { found, expected: known.id, because: known.because };
            self.report(0, Loss::Nothing, error);
        } else if let Some(id) = account_in_name(about.name).filter(|&id| id != known.id)
            && about.options.account.is_none()
        {
            let found = format!("the file name says account {id}");
            let error =
                AwsError::OtherAccount { found, expected: known.id, because: known.because };
            self.report(0, Loss::Nothing, error);
        }
    }
}
