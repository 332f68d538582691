//! Functions of a template, as far as they can be known before it is deployed.

use std::collections::BTreeMap;

use super::error::TemplateError;
use super::template::Template;
use super::tree::{Entry, Kind, Node};
use super::value::{Item, Member, Text, Value};
use crate::model::account::AccountId;
use crate::sources::input::SourceOptions;

/// How deep values and what they refer to are followed.
const DEPTH: usize = 256;

/// Most work on one template: values looked at and bytes of text put together.
const BUDGET: usize = 64 << 20;

/// Work of one value.
const VALUE: usize = 32;

const TOO_DEEP: &str = "it refers to itself or is nested too deep";
const TOO_MUCH: &str = "the template comes to more than is followed";

/// Computes values of one template.
#[derive(Debug)]
pub(super) struct Evaluator<'t, 'o> {
    pub(super) template: Template<'t>,
    pub(super) options: &'o SourceOptions,
    /// Variables of loops and of `Fn::Sub`, innermost last.
    pub(super) variables: Vec<(String, Text)>,
    /// Conditions that were decided; `None` for undecidable and for one that is being decided.
    pub(super) decided: BTreeMap<&'t str, Option<bool>>,
    /// Names of resources that were computed, by number and property; of one that is being computed, that it
    /// refers to itself.
    pub(super) names: BTreeMap<(usize, &'static str), Text>,
    /// What is wrong, with its line.
    pub(super) problems: Vec<(u32, TemplateError)>,
    depth: usize,
    budget: usize,
}

impl<'t, 'o> Evaluator<'t, 'o> {
    pub(super) fn new(template: Template<'t>, options: &'o SourceOptions) -> Self {
        Self {
            template,
            options,
            variables: Vec::new(),
            decided: BTreeMap::new(),
            names: BTreeMap::new(),
            problems: Vec::new(),
            depth: 0,
            budget: BUDGET,
        }
    }

    pub(super) const fn account(&self) -> Option<AccountId> {
        self.options.account
    }

    pub(super) fn report(&mut self, line: u32, error: TemplateError) {
        if !self.problems.iter().any(|(at, known)| *at == line && *known == error) {
            self.problems.push((line, error));
        }
    }

    /// What a value comes to.
    pub(super) fn eval(&mut self, node: &'t Node) -> Item {
        let value = if self.depth >= DEPTH {
            Value::Unknown(TOO_DEEP.to_owned())
        } else if !self.spend(VALUE) {
            Value::Unknown(TOO_MUCH.to_owned())
        } else {
            self.depth += 1;
            let value = self.value(node);
            self.depth -= 1;
            value
        };
        Item { line: node.line, value }
    }

    /// Takes from what may still be done; whether there was enough.
    fn spend(&mut self, cost: usize) -> bool {
        self.budget = self.budget.saturating_sub(cost);
        self.budget > 0
    }

    fn value(&mut self, node: &'t Node) -> Value {
        match &node.kind {
            Kind::Scalar { text, plain } => self.scalar(text, *plain),
            Kind::List(items) => {
                let items = items.iter().map(|item| self.eval(item));
                Value::List(items.filter(|item| item.value != Value::Nothing).collect())
            }
            Kind::Map(entries) => match entries.as_slice() {
                [entry] if is_function(&entry.key) => self.function(entry),
                entries => self.map(entries),
            },
        }
    }

    fn map(&mut self, entries: &'t [Entry]) -> Value {
        let mut members = Vec::with_capacity(entries.len());
        for entry in entries {
            if entry.key.starts_with("Fn::") {
                self.unknown_function(entry);
                return Value::Unknown(format!("`{}` makes part of it on deployment", entry.key));
            }
            let value = self.eval(&entry.value);
            if value.value != Value::Nothing {
                members.push(Member { key: entry.key.clone(), line: entry.line, value });
            }
        }
        Value::Map(members)
    }

    fn unknown_function(&mut self, entry: &Entry) {
        if !KNOWN.contains(&entry.key.as_str()) && !entry.key.starts_with("Fn::ForEach::") {
            self.report(entry.line, TemplateError::Function(entry.key.clone()));
        }
    }

    /// A text, and dynamic references in it, which nothing here resolves.
    fn scalar(&mut self, text: &str, plain: bool) -> Value {
        const OPEN: &str = "{{resolve:";
        if !self.spend(text.len()) {
            return Value::Unknown(TOO_MUCH.to_owned());
        }
        let (mut whole, mut rest) = (Text::default(), text);
        while let Some((before, behind)) = rest.split_once(OPEN) {
            let Some((reference, after)) = behind.split_once("}}") else { break };
            whole.push(Text::new(before));
            let service = reference.split(':').next().unwrap_or_default();
            whole
                .push(Text::unknown(format!("`{OPEN}{service}:…}}}}` is looked up on deployment")));
            rest = after;
        }
        whole.push(Text::new(rest));
        whole.plain = plain && whole.holes.is_empty();
        Value::Text(whole)
    }

    /// A text, whatever stands there.
    pub(super) fn text(&mut self, node: &'t Node) -> Text {
        let text = self.eval(node).value.into_text();
        self.afforded(text)
    }

    /// A text that was put together, where that was not too much.
    pub(super) fn afforded(&mut self, text: Text) -> Text {
        if self.spend(text.content.len()) { text } else { Text::unknown(TOO_MUCH) }
    }

    fn function(&mut self, entry: &'t Entry) -> Value {
        let (arguments, name) = (&entry.value, entry.key.as_str());
        let value = match name {
            "Ref" => arguments.text().map(|name| self.reference(name, entry.line)),
            "Fn::GetAtt" => self.attribute(arguments, entry.line).map(Value::Text),
            "Fn::Sub" => self.substitute(arguments).map(Value::Text),
            "Fn::Join" => self.join(arguments).map(Value::Text),
            "Fn::If" => self.choose(arguments),
            "Fn::FindInMap" => self.find_in_map(arguments),
            "Fn::Select" => self.select(arguments),
            "Fn::Split" => self.split(arguments),
            "Fn::ImportValue" => {
                let name = self.text(arguments);
                let name = name.known().map(|name| format!(" `{name}`")).unwrap_or_default();
                let reason = format!("the value{name} comes from another stack");
                Some(Value::Text(Text::unknown(reason)))
            }
            _ => {
                self.unknown_function(entry);
                Some(Value::Unknown(format!("`{name}` is computed on deployment")))
            }
        };
        value.unwrap_or_else(|| {
            let function = name.to_owned();
            let expected = arguments_of(name);
            self.report(entry.line, TemplateError::Arguments { function, expected });
            Value::Unknown(format!("`{name}` has other arguments than it takes"))
        })
    }

    fn join(&mut self, arguments: &'t Node) -> Option<Text> {
        let [between, list] = arguments.items()? else { return None };
        let between = self.text(between);
        let items = match self.eval(list).value {
            Value::List(items) => items,
            Value::Unknown(reason) => return Some(Text::unknown(reason)),
            // A reference to a list that is not known comes as a text.
            Value::Text(text) if !text.holes.is_empty() => return Some(text),
            _ => return None,
        };
        let mut whole = Text::default();
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                whole.push(between.clone());
            }
            whole.push(item.value.into_text());
            if !self.spend(whole.content.len()) {
                return Some(Text::unknown(TOO_MUCH));
            }
        }
        Some(whole)
    }

    fn choose(&mut self, arguments: &'t Node) -> Option<Value> {
        let [condition, holds, fails] = arguments.items()? else { return None };
        let name = condition.text()?;
        match self.condition(name, condition.line) {
            Some(true) => Some(self.eval(holds).value),
            Some(false) => Some(self.eval(fails).value),
            None => {
                let reason = format!("condition `{name}` is not known");
                let (holds, fails) = (self.eval(holds).value, self.eval(fails).value);
                Some(match (&holds, &fails) {
                    (Value::Text(a), Value::Text(b)) if a == b && a.holes.is_empty() => holds,
                    (Value::Text(_), Value::Text(_)) => Value::Text(Text::unknown(reason)),
                    _ => Value::Unknown(reason),
                })
            }
        }
    }

    fn find_in_map(&mut self, arguments: &'t Node) -> Option<Value> {
        let (map, top, second, otherwise) = match arguments.items()? {
            [map, top, second] => (map, top, second, None),
            [map, top, second, more] => (map, top, second, more.get("DefaultValue")),
            _ => return None,
        };
        let (map, top, second) = (self.text(map), self.text(top), self.text(second));
        let (Some(map_name), Some(top_name), Some(second_name)) =
            (map.known(), top.known(), second.known())
        else {
            let holes = [map.holes, top.holes, second.holes].concat();
            return Some(Value::Unknown(holes.into_iter().next().unwrap_or_default()));
        };
        let map = self.template.mappings.and_then(|maps| maps.get(map_name));
        let found = map.and_then(|map| map.get(top_name)?.get(second_name));
        match found.or(otherwise) {
            Some(found) => Some(self.eval(found).value),
            None => Some(Value::Unknown(format!(
                "no mapping `{map_name}` has `{second_name}` of `{top_name}`"
            ))),
        }
    }

    fn select(&mut self, arguments: &'t Node) -> Option<Value> {
        let [index, list] = arguments.items()? else { return None };
        let index = self.text(index);
        let items = match self.eval(list).value {
            Value::List(items) => items,
            Value::Unknown(reason) => return Some(Value::Text(Text::unknown(reason))),
            Value::Text(text) if !text.holes.is_empty() => {
                let reason = text.holes.into_iter().next().unwrap_or_default();
                return Some(Value::Text(Text::unknown(reason)));
            }
            _ => return None,
        };
        let Some(known) = index.known() else {
            return Some(Value::Text(Text::unknown(index.holes.concat())));
        };
        let index: usize = known.parse().ok()?;
        let found = items.into_iter().nth(index).map(|item| item.value);
        Some(found.unwrap_or_else(|| Value::Unknown(format!("the list has no item {index}"))))
    }

    fn split(&mut self, arguments: &'t Node) -> Option<Value> {
        let [between, text] = arguments.items()? else { return None };
        let (line, between, text) = (text.line, self.text(between), self.text(text));
        if let Some(reason) = between.holes.first() {
            return Some(Value::Unknown(reason.clone()));
        }
        if between.content.is_empty() {
            return None;
        }
        // What is not known may hold the separator, so that every piece would be another.
        if let Some(reason) = text.holes.first() {
            return Some(Value::Unknown(reason.clone()));
        }
        let pieces = text.content.split(&between.content);
        Some(Value::List(
            pieces.map(|piece| Item { line, value: Value::Text(Text::new(piece)) }).collect(),
        ))
    }
}

/// Functions whose values are not known before deployment, and those that are computed here.
const KNOWN: [&str; 16] = [
    "Fn::Base64",
    "Fn::Cidr",
    "Fn::FindInMap",
    "Fn::GetAZs",
    "Fn::GetAtt",
    "Fn::GetStackOutput",
    "Fn::If",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Length",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
    "Fn::ToJsonString",
    "Fn::Transform",
    "Fn::ValueOf",
];

fn is_function(key: &str) -> bool {
    key == "Ref" || key.starts_with("Fn::")
}

fn arguments_of(function: &str) -> &'static str {
    match function {
        "Ref" => "a name",
        "Fn::GetAtt" => "a resource and its attribute",
        "Fn::Sub" => "a text, or a text and a map",
        "Fn::Join" | "Fn::Split" => "a separator and what it stands in",
        "Fn::If" => "a condition and two values",
        "Fn::FindInMap" => "a mapping and two keys",
        "Fn::Select" => "a number and a list",
        _ => "others",
    }
}
