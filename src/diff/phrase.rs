//! Sentences in which words of ours and names of others stay apart, for sinks that escape differently.

use std::fmt;

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Words of ours.
    Words(String),
    /// A name or value from the exports or the command line.
    Name(String),
}

/// A sentence, lower case, without full stop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Phrase(pub Vec<Part>);

impl Phrase {
    /// Begins with words.
    pub fn words(text: impl Into<String>) -> Self {
        Self::default().and(text)
    }

    /// Begins with a name.
    pub fn name(text: impl Into<String>) -> Self {
        Self::default().named(text)
    }

    /// Adds words, with the spaces that they bring.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>) -> Self {
        self.0.push(Part::Words(text.into()));
        self
    }

    /// Adds a name.
    #[must_use]
    pub fn named(mut self, text: impl Into<String>) -> Self {
        self.0.push(Part::Name(text.into()));
        self
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Words(text) => f.write_str(text),
            Part::Name(text) => write!(f, "`{text}`"),
        })
    }
}
