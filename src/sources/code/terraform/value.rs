//! Values of Terraform, each with its place; parts may be unknown until something is applied.

use crate::model::declared::HOLE;
use crate::text::Place;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As written.
    Number(String),
    Text(Text),
    List(Vec<Node>),
    Object(Vec<Entry>),
    /// Not known, and why: one clause.
    Unknown(String),
}

/// A name of an object and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

/// A text; parts of it may be unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// The text, with a [`HOLE`] for each unknown part.
    pub(super) content: String,
    /// Why each of them is unknown.
    pub(super) holes: Vec<String>,
    /// Where the text from an offset on stands, offsets rising; empty where all of it stands at the node's
    /// place.
    pub(super) lines: Vec<(usize, Place)>,
}

impl Text {
    /// A text without lines of its own.
    pub(super) fn new(text: impl Into<String>) -> Self {
        let mut new = Self::default();
        new.push(&text.into());
        new
    }

    /// Adds characters; one that stands for the unknown makes its place unknown.
    pub(super) fn push(&mut self, text: &str) {
        self.content.push_str(text);
        let reason = "the text holds the character U+E000";
        self.holes.extend(text.matches(HOLE).map(|_| reason.to_owned()));
    }

    /// Adds a part that is not known.
    pub(super) fn push_unknown(&mut self, reason: String) {
        self.content.push(HOLE);
        self.holes.push(reason);
    }

    /// Says where what is added next stands.
    pub(super) fn mark(&mut self, place: Place) {
        if self.lines.last().is_none_or(|&(_, last)| last != place) {
            self.lines.push((self.content.len(), place));
        }
    }

    /// Adds another text that stands at `place`.
    pub(super) fn append(&mut self, other: Self, place: Place) {
        let start = self.content.len();
        if other.lines.is_empty() {
            self.mark(place);
        }
        self.lines.extend(other.lines.iter().map(|&(at, place)| (start + at, place)));
        self.content.push_str(&other.content);
        self.holes.extend(other.holes);
    }

    /// The text, where all of it is known.
    pub(super) fn known(&self) -> Result<&str, &str> {
        self.holes.first().map_or(Ok(&self.content), |reason| Err(reason))
    }
}

impl Node {
    pub(super) const fn new(place: Place, value: Value) -> Self {
        Self { place, value }
    }

    pub(super) fn unknown(place: Place, reason: impl Into<String>) -> Self {
        Self::new(place, Value::Unknown(reason.into()))
    }

    pub(super) fn text(place: Place, text: impl Into<String>) -> Self {
        Self::new(place, Value::Text(Text::new(text)))
    }

    /// What stands under a name of an object; null is nothing.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Value::Object(entries) = &self.value else { return None };
        let entry = entries.iter().rev().find(|entry| entry.name == name)?;
        (entry.node.value != Value::Null).then_some(&entry.node)
    }

    /// What stands at the end of a way through objects.
    pub(super) fn at(&self, way: &[&str]) -> Option<&Self> {
        way.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The elements of a list.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of an object.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The text, where it is one and all of it is known.
    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => text.known().ok(),
            _ => None,
        }
    }

    /// What it is as text, as Terraform converts it; `Err` says why it cannot be known, or that it is none.
    pub(super) fn known_text(&self) -> Result<&str, String> {
        match &self.value {
            Value::Text(text) => text.known().map_err(str::to_owned),
            Value::Number(text) => Ok(text),
            Value::Bool(true) => Ok("true"),
            Value::Bool(false) => Ok("false"),
            Value::Unknown(reason) => Err(reason.clone()),
            Value::Null | Value::List(_) | Value::Object(_) => Err("it is no text".to_owned()),
        }
    }

    /// How many values it holds, long texts counted by their length.
    pub(super) fn size(&self) -> usize {
        match &self.value {
            Value::Text(text) => 1 + text.content.len() / 64 + text.lines.len(),
            Value::Number(text) => 1 + text.len() / 64,
            Value::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Value::Object(entries) => {
                1 + entries.iter().map(|entry| 1 + entry.node.size()).sum::<usize>()
            }
            Value::Null | Value::Bool(_) | Value::Unknown(_) => 1,
        }
    }

    /// The value as JSON, what is unknown in it as a text of one [`HOLE`].
    pub(super) fn to_json(&self) -> Text {
        let mut printed = Text::default();
        self.print(&mut printed);
        printed
    }

    fn print(&self, out: &mut Text) {
        out.mark(self.place);
        match &self.value {
            Value::Null => out.push("null"),
            Value::Bool(value) => out.push(if *value { "true" } else { "false" }),
            Value::Number(text) => out.push(text),
            Value::Text(text) => {
                out.content.push_str(&quoted(&text.content));
                out.holes.extend(text.holes.iter().cloned());
            }
            Value::Unknown(reason) => {
                out.push("\"");
                out.push_unknown(reason.clone());
                out.push("\"");
            }
            Value::List(items) => {
                out.push("[");
                for (number, item) in items.iter().enumerate() {
                    if number > 0 {
                        out.push(",");
                    }
                    item.print(out);
                }
                out.push("]");
            }
            Value::Object(entries) => {
                out.push("{");
                for (number, entry) in entries.iter().enumerate() {
                    if number > 0 {
                        out.push(",");
                    }
                    out.mark(entry.place);
                    out.push(&quoted(&entry.name));
                    out.push(":");
                    entry.node.print(out);
                }
                out.push("}");
            }
        }
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_in_json_is_a_hole_with_its_reason() {
        let place = Place(3);
        let mut name = Text::new("a-");
        name.push_unknown("variable `x` has no value".to_owned());
        let entry = |name: &str, node| Entry { name: name.to_owned(), place, node };
        let node = Node::new(
            place,
            Value::Object(vec![
                entry("a", Node::new(place, Value::Text(name))),
                entry("b", Node::unknown(Place(4), "it is sensitive")),
                entry("c\"", Node::new(place, Value::List(vec![Node::text(place, "\n")]))),
            ]),
        );
        let json = node.to_json();
        assert_eq!(json.content, "{\"a\":\"a-\u{e000}\",\"b\":\"\u{e000}\",\"c\\\"\":[\"\\n\"]}");
        assert_eq!(json.holes, ["variable `x` has no value", "it is sensitive"]);
        assert_eq!(json.lines, [(0, Place(3)), (17, Place(4)), (23, Place(3))]);
    }

    #[test]
    fn a_text_that_holds_the_character_for_the_unknown_is_not_known() {
        assert!(Text::new("a\u{e000}b").known().is_err());
    }
}
