//! The nearest name a person would have meant, with what has to be mended to get there.

mod account;
mod draft;
mod search;
mod segments;

use std::ops::Range;

use crate::model::account::AccountId;

pub(super) use search::{Repair, nearest};

/// What is wrong with a part of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MendKind {
    /// White space before or after the name, or around a separator.
    SurroundingSpace,
    /// A character that leaves no mark: zero-width, direction marks, controls, NBSP and its kin.
    InvisibleCharacter,
    /// A character that looks like another: Cyrillic, Greek, full-width, dashes, other digits.
    MixedScript,
    /// Upper for lower case or the reverse.
    Case,
    /// Another separator, a doubled or a missing one.
    Separator,
    /// Segments in another order.
    Segments,
    /// An account id that is not twelve digits: a lost zero, a letter for a digit, grouping.
    AccountDigits,
    /// A character that the filter's role does not admit.
    IllegalRoleCharacter,
    /// A character that another part of the filter does not admit.
    IllegalCharacter,
    /// A mark at the very start or end that belongs to nothing.
    StrayCharacter,
    /// A letter too many, too few, wrong or swapped in what the filter wants literally.
    Typo,
}

impl MendKind {
    /// Whether what was meant is clear: the name reads the same to people.
    pub const fn leaves_one_reading(self) -> bool {
        matches!(
            self,
            Self::SurroundingSpace | Self::InvisibleCharacter | Self::MixedScript | Self::Case
        )
    }

    /// The kind as a word: `surrounding-space`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SurroundingSpace => "surrounding-space",
            Self::InvisibleCharacter => "invisible-character",
            Self::MixedScript => "mixed-script",
            Self::Case => "case",
            Self::Separator => "separator",
            Self::Segments => "segments",
            Self::AccountDigits => "account-digits",
            Self::IllegalRoleCharacter => "illegal-role-character",
            Self::IllegalCharacter => "illegal-character",
            Self::StrayCharacter => "stray-character",
            Self::Typo => "typo",
        }
    }
}

/// One change to a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mend {
    /// What is wrong.
    pub kind: MendKind,
    /// The bytes of the name concerned; empty where something is missing.
    pub range: Range<usize>,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub wanted: String,
}

/// A name that the filter matches, close to one that it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// The name.
    pub name: String,
    /// What has to be mended, in the order of the name.
    pub mends: Vec<Mend>,
}

/// What is known of the federation; any part may be empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Account ids.
    pub accounts: &'a [AccountId],
    /// Account aliases.
    pub aliases: &'a [&'a str],
    /// Role names.
    pub roles: &'a [&'a str],
}

/// What is wrong with a name whatever the filter: surrounding space, invisible characters, look-alikes.
pub fn blemishes(name: &str) -> Vec<Mend> {
    draft::Draft::clean(name).mends(name)
}

#[cfg(test)]
mod tests;
