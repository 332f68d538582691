//! The naming grammar that a project declares: what the names of its role groups are made of.
//!
//! A grammar is a template such as `aws#{alias}#{role}#{accountid}` and, for each part of it, the words it may
//! be. From it alone follow a reader ([`GrammarReader`]), a Group Filter ([`NamingGrammar::filter`]) and an
//! automaton that the filter's own is held against ([`super::analysis::compare`]): none is made from another.

mod ambiguity;
mod build;
mod declare;
mod deviate;
mod filter;
mod layers;
mod print;
#[cfg(test)]
mod properties;
mod split;
mod template;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;

pub use declare::{DEFAULT_TEMPLATE, Declaration, GrammarError};
pub use deviate::{Deviation, Why};
pub use layers::{GrammarReader, PartText, Read};

use words::Words;

/// A part of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The alias of the AWS account.
    Alias,
    /// The role.
    Role,
    /// The id of the AWS account.
    AccountId,
    /// What the account is for, such as `prod`.
    Environment,
    /// Whose it is.
    Owner,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 5] =
        [Self::Alias, Self::Role, Self::AccountId, Self::Environment, Self::Owner];

    /// Its placeholder's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alias => "alias",
            Self::Role => "role",
            Self::AccountId => "accountid",
            Self::Environment => "environment",
            Self::Owner => "owner",
        }
    }

    /// How people call it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AccountId => "account id",
            other => other.as_str(),
        }
    }

    /// The part of a placeholder's name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == name)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What the names of role groups are made of. Every name has at most one way to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamingGrammar {
    template: String,
    segments: Vec<Segment>,
}

/// A piece of a template with what it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// This text.
    Text(String),
    /// A part, or any text within one.
    Slot(Slot),
}

/// A part with what it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Slot {
    /// The part; `None` for a `*` within another.
    part: Option<Part>,
    form: Form,
}

/// What a part may be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// One of some words.
    Words(Words),
    /// Made of others, as this text of the declaration says.
    Made(String, Vec<Segment>),
}

/// A piece that has no pieces of its own.
#[derive(Debug, Clone, Copy)]
struct Leaf<'g> {
    /// The part that it stands in, or is.
    outer: Option<Part>,
    /// The part that it is within `outer`.
    inner: Option<Part>,
    what: What<'g>,
}

#[derive(Debug, Clone, Copy)]
enum What<'g> {
    Text(&'g str),
    Words(&'g Words),
}

impl NamingGrammar {
    /// The template, as it was declared.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// Whether no name obeys, as only known accounts count and none is known.
    pub fn is_empty(&self) -> bool {
        let none =
            |leaf: &Leaf<'_>| matches!(leaf.what, What::Words(Words::Ids(ids)) if ids.is_empty());
        self.leaves().iter().any(none)
    }

    /// Whether names have a part.
    pub fn has(&self, part: Part) -> bool {
        self.leaves().iter().any(|leaf| leaf.outer == Some(part) || leaf.inner == Some(part))
    }

    /// What every name begins with.
    pub fn beginning(&self) -> &str {
        match self.segments.first() {
            Some(Segment::Text(text)) => text,
            _ => "",
        }
    }

    /// The pieces that have no pieces of their own, in the order of a name.
    fn leaves(&self) -> Vec<Leaf<'_>> {
        let mut leaves = Vec::new();
        for segment in &self.segments {
            match segment {
                Segment::Text(text) => {
                    leaves.push(Leaf { outer: None, inner: None, what: What::Text(text) });
                }
                Segment::Slot(slot) => match &slot.form {
                    Form::Words(words) => {
                        let what = What::Words(words);
                        leaves.push(Leaf { outer: slot.part, inner: None, what });
                    }
                    Form::Made(_, inner) => {
                        leaves.extend(inner.iter().map(|segment| inner_leaf(slot.part, segment)));
                    }
                },
            }
        }
        leaves
    }
}

fn inner_leaf(outer: Option<Part>, segment: &Segment) -> Leaf<'_> {
    match segment {
        Segment::Text(text) => Leaf { outer, inner: None, what: What::Text(text) },
        Segment::Slot(Slot { part, form: Form::Words(words) }) => {
            Leaf { outer, inner: *part, what: What::Words(words) }
        }
        // Only what stands in the template itself is made of others.
        Segment::Slot(Slot { form: Form::Made(text, _), .. }) => {
            Leaf { outer, inner: None, what: What::Text(text) }
        }
    }
}
