//! What a part of a template comes to: values, and why they are not known.

use crate::model::declared::{HOLE, Known};

/// A value, the line it begins at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) line: u32,
    pub(super) value: Value,
}

/// What a part of a template comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A text, parts of which may be unknown.
    Text(Text),
    /// A list.
    List(Vec<Item>),
    /// A map, in the order written.
    Map(Vec<Member>),
    /// `AWS::NoValue`: what holds it goes without it.
    Nothing,
    /// Not known, nor whether it is a text, a list or a map; and why.
    Unknown(String),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) line: u32,
    pub(super) value: Item,
}

/// A text with a [`HOLE`] for each part that is not known, and why, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) content: String,
    pub(super) holes: Vec<String>,
    /// Written without quotes: it may stand for true, false or null.
    pub(super) plain: bool,
}

impl Text {
    /// A text that is known.
    pub(super) fn new(text: &str) -> Self {
        // The character has no meaning of its own: nothing is lost with it.
        let content = text.replace(HOLE, "\u{fffd}");
        Self { content, ..Self::default() }
    }

    /// A text of which nothing is known.
    pub(super) fn unknown(reason: impl Into<String>) -> Self {
        Self { content: HOLE.to_string(), holes: vec![reason.into()], plain: false }
    }

    pub(super) fn push(&mut self, other: Self) {
        self.content.push_str(&other.content);
        self.holes.extend(other.holes);
    }

    /// The text, where all of it is known.
    pub(super) fn known(&self) -> Option<&str> {
        self.holes.is_empty().then_some(self.content.as_str())
    }

    pub(super) fn into_known(self) -> Known<String> {
        if self.holes.is_empty() {
            return Known::Value(self.content);
        }
        let mut reasons = self.holes;
        reasons.dedup();
        Known::Unknown(reasons.join(", and "))
    }
}

impl Value {
    /// Why it cannot be taken for a text, and what is known of it otherwise.
    pub(super) fn into_text(self) -> Text {
        match self {
            Self::Text(text) => text,
            Self::List(_) => Text::unknown("a list stands there instead of a text"),
            Self::Map(_) => Text::unknown("a map stands there instead of a text"),
            Self::Nothing => Text::unknown("`AWS::NoValue` stands there instead of a text"),
            Self::Unknown(reason) => Text::unknown(reason),
        }
    }

    pub(super) const fn what(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Nothing => "nothing",
            Self::Unknown(_) => "unknown",
        }
    }
}
