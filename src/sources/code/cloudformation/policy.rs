//! The trust policy of a role as JSON text, with a hole for what is not known, and the line of every part.

use serde::de::IgnoredAny;

use super::value::{Item, Member, Text, Value};
use crate::model::aws::PolicyDocument;
use crate::text::Place;

/// A policy document and why parts of it are not known.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) document: PolicyDocument,
    pub(super) holes: Vec<String>,
}

/// Why there is no document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoPolicy {
    /// Its shape depends on what is not known.
    Unknown(String),
    /// A string of something else.
    Text(String),
    /// Neither a map nor a string.
    Kind(&'static str),
}

/// A place in a policy, by what may stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Document,
    Statements,
    Statement,
    Principal,
    Condition,
    Operator,
    /// A text or a list of texts: one that is not known leaves the shape as it is.
    Texts,
}

impl At {
    /// Where the value of a key stands.
    fn below(self, key: &str) -> Self {
        match (self, key) {
            (Self::Document, "Statement") => Self::Statements,
            (Self::Statements | Self::Statement, "Principal" | "NotPrincipal") => Self::Principal,
            (Self::Statements | Self::Statement, "Condition") => Self::Condition,
            (Self::Condition, _) => Self::Operator,
            _ => Self::Texts,
        }
    }

    fn of_item(self) -> Self {
        if self == Self::Statements { Self::Statement } else { self }
    }
}

/// The document that a value comes to.
pub(super) fn print(value: Item, line: u32) -> Result<Printed, NoPolicy> {
    match value.value {
        Value::Map(members) => {
            let mut printer = Printer { line, ..Printer::default() };
            printer.map(members, At::Document).map_err(NoPolicy::Unknown)?;
            let document = PolicyDocument::new(printer.json, Place(line)).with_lines(printer.lines);
            Ok(Printed { document, holes: printer.holes })
        }
        Value::Text(text) => from_text(text, line),
        Value::Unknown(reason) => Err(NoPolicy::Unknown(reason)),
        other => Err(NoPolicy::Kind(other.what())),
    }
}

fn from_text(text: Text, line: u32) -> Result<Printed, NoPolicy> {
    let json = text.content.trim();
    let read = serde_json::from_str::<IgnoredAny>(json);
    match read {
        Ok(_) if json.starts_with('{') => {
            let document = PolicyDocument::new(json, Place(line));
            Ok(Printed { document, holes: text.holes })
        }
        // What is not known may be what makes it JSON.
        _ if !text.holes.is_empty() => Err(NoPolicy::Unknown(text.holes.join(", and "))),
        Ok(_) => Err(NoPolicy::Text("it holds something else".to_owned())),
        Err(error) => Err(NoPolicy::Text(error.to_string())),
    }
}

#[derive(Debug, Default)]
struct Printer {
    json: String,
    lines: Vec<(u32, Place)>,
    line: u32,
    holes: Vec<String>,
}

impl Printer {
    /// What is printed from here on stands on a line.
    fn go_to(&mut self, line: u32) {
        if line != self.line {
            self.line = line;
            self.lines.push((u32::try_from(self.json.len()).unwrap_or(u32::MAX), Place(line)));
        }
    }

    fn item(&mut self, item: Item, at: At) -> Result<(), String> {
        self.go_to(item.line);
        match item.value {
            Value::Map(members) => self.map(members, at),
            Value::List(items) => {
                self.json.push('[');
                for (number, item) in items.into_iter().enumerate() {
                    if number > 0 {
                        self.json.push(',');
                    }
                    self.item(item, at.of_item())?;
                }
                self.json.push(']');
                Ok(())
            }
            Value::Text(text) => self.text(text, at),
            Value::Unknown(reason) => self.text(Text::unknown(reason), at),
            Value::Nothing => Ok(()),
        }
    }

    fn map(&mut self, members: Vec<Member>, at: At) -> Result<(), String> {
        self.json.push('{');
        for (number, member) in members.into_iter().enumerate() {
            if number > 0 {
                self.json.push(',');
            }
            self.go_to(member.line);
            let below = at.below(&member.key);
            self.quoted(&Text::new(&member.key).content);
            self.json.push(':');
            self.item(member.value, below)?;
        }
        self.json.push('}');
        Ok(())
    }

    fn text(&mut self, text: Text, at: At) -> Result<(), String> {
        if at != At::Texts && !text.holes.is_empty() {
            return Err(text.holes.join(", and "));
        }
        match text.content.as_str() {
            word @ ("true" | "false") if text.plain => self.json.push_str(word),
            "" | "~" | "null" if text.plain => self.json.push_str("null"),
            other => self.quoted(other),
        }
        self.holes.extend(text.holes);
        Ok(())
    }

    fn quoted(&mut self, text: &str) {
        self.json.push_str(&serde_json::Value::from(text).to_string());
    }
}
