//! Breaks messages on purpose: every attack that is known, every answer of AWS that a message can cause, and
//! valid documents that come near to either.
//!
//! One file a class, one table of kinds. Where an attacker could not sign, the original signature is kept; where
//! somebody with the key made the mistake, the message is signed anew. Nothing is random and no clock is read.

mod algorithm;
mod answer;
mod bomb;
mod canonicalization;
mod context;
mod doctype;
mod draft;
mod encrypted;
mod example;
mod key;
mod limits;
mod metadata;
mod missing_signature;
mod parser;
mod reference;
mod several_assertions;
mod several_roots;
mod signed_info;
mod split_text;
mod transform;
mod wrapping;

use draft::{Done, Draft, value};

pub use draft::MutateError;
pub use example::{AT, Example};

use super::redact::TestKeys;

/// A class of kinds.
#[derive(Debug)]
pub struct Class {
    /// Its number among the classes of attacks; none for what is no attack.
    pub number: Option<u8>,
    /// Its name, and the first part of its kinds' names.
    pub name: &'static str,
    /// What is done.
    pub says: &'static str,
    /// Where it was seen.
    pub cves: &'static [&'static str],
    /// Its kinds.
    pub kinds: &'static [Kind],
}

/// Every class, those with a number first and in its order.
pub static CLASSES: &[&Class] = &[
    &wrapping::CLASS,
    &several_assertions::CLASS,
    &several_roots::CLASS,
    &reference::CLASS,
    &signed_info::CLASS,
    &parser::CLASS,
    &canonicalization::CLASS,
    &split_text::CLASS,
    &missing_signature::CLASS,
    &key::CLASS,
    &algorithm::CLASS,
    &transform::CLASS,
    &doctype::CLASS,
    &bomb::CLASS,
    &encrypted::CLASS,
    &context::CLASS,
    &metadata::CLASS,
    &limits::CLASS,
    &answer::CLASS,
];

/// One way to change a message.
#[derive(Debug)]
pub struct Kind {
    /// `class/kind`.
    pub name: &'static str,
    /// What it makes, in a sentence.
    pub says: &'static str,
    /// What has to be found in it.
    pub expected: Expected,
    /// What AWS answers to it, exactly as it prints that.
    pub answer: Option<&'static str>,
    /// How the file's name ends.
    pub extension: &'static str,
    /// Whether it is too large to keep: made where it is asked for.
    pub is_large: bool,
    make: fn(&mut Draft<'_>) -> Done,
}

/// What has to be found in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: it is valid.
    Nothing,
    /// It is rejected by its signatures, and these rules find something.
    Rejected(&'static [&'static str]),
    /// Its signatures hold, and these rules find an error.
    Refused(&'static [&'static str]),
    /// Its signatures hold, and these rules find less than an error.
    Noted(&'static [&'static str]),
    /// It is not read at all, for this reason, and no rule is asked.
    Unread(&'static str),
}

impl Expected {
    /// The rules that find something, sorted.
    pub const fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Rejected(rules) | Self::Refused(rules) | Self::Noted(rules) => rules,
            Self::Nothing | Self::Unread(_) => &[],
        }
    }

    /// Whether it has to be turned away.
    pub const fn is_malicious(self) -> bool {
        matches!(self, Self::Rejected(_) | Self::Refused(_) | Self::Unread(_))
    }

    /// The expectation as a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "valid",
            Self::Rejected(_) => "rejected",
            Self::Refused(_) => "refused",
            Self::Noted(_) => "noted",
            Self::Unread(_) => "not read",
        }
    }
}

impl Kind {
    const fn new(
        name: &'static str,
        says: &'static str,
        expected: Expected,
        make: fn(&mut Draft<'_>) -> Done,
    ) -> Self {
        Self { name, says, expected, answer: None, extension: "xml", is_large: false, make }
    }

    const fn valid(
        name: &'static str,
        says: &'static str,
        make: fn(&mut Draft<'_>) -> Done,
    ) -> Self {
        Self::new(name, says, Expected::Nothing, make)
    }

    /// Whose text AWS answers with.
    const fn answered(mut self, text: &'static str) -> Self {
        self.answer = Some(text);
        self
    }

    /// In a file of another kind.
    const fn packed(mut self, extension: &'static str) -> Self {
        self.extension = extension;
        self
    }

    /// Too large to keep.
    const fn large(mut self) -> Self {
        self.is_large = true;
        self
    }

    /// Whether it changes metadata rather than a message.
    pub fn is_of_metadata(&self) -> bool {
        self.name.starts_with("metadata/")
    }

    /// The document, made of this message or metadata with these keys.
    pub fn make(&self, text: &str, keys: &TestKeys) -> Result<Vec<u8>, MutateError> {
        let mut draft = Draft::of(text, keys)?;
        (self.make)(&mut draft)?;
        Ok(draft.finish())
    }
}

/// Every kind, class by class.
pub fn kinds() -> impl Iterator<Item = &'static Kind> + Clone {
    CLASSES.iter().flat_map(|class| class.kinds)
}

/// The kind of a name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    kinds().find(|kind| kind.name == name)
}
