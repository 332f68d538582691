//! The few functions that are evaluated: those that write policies and settings, and those around lists of
//! names. None reads a file.

use hcl_edit::expr::FuncCall;

use super::super::value::{Entry, Node, Text, Value};
use super::eval::{Bindings, Scope, TOO_LARGE};
use super::module::Src;
use super::unknown;
use crate::text::Place;

impl<'m> Scope<'m> {
    /// The value of a function's call.
    pub(super) fn function(
        &self,
        call: &'m FuncCall,
        src: Src<'m>,
        with: &Bindings,
        place: Place,
    ) -> Node {
        let name = call.name.name.as_str();
        let open = || unknown(place, format!("function `{name}` is not evaluated"));
        if call.name.is_namespaced() || call.args.expand_final() {
            return open();
        }
        let arguments = || call.args.iter().map(|argument| self.eval(argument, src, with));
        let result = match name {
            "jsonencode" => one(arguments().collect()).map(|node| encoded(&node)),
            "toset" | "tolist" => one(arguments().collect()).and_then(list),
            "tomap" => one(arguments().collect()).map(|node| node.value),
            "tostring" => one(arguments().collect()).and_then(text),
            "lower" => {
                one(arguments().collect()).and_then(text).and_then(|text| cased(text, false))
            }
            "upper" => one(arguments().collect()).and_then(text).and_then(|text| cased(text, true)),
            "trimspace" => one(arguments().collect()).and_then(text).and_then(trimmed),
            "concat" => concat(arguments().collect()),
            "merge" => merge(arguments().collect()),
            "format" => formatted(&arguments().collect::<Vec<_>>()),
            "lookup" => lookup(arguments().collect()),
            "join" => join(&arguments().collect::<Vec<_>>()),
            _ => return open(),
        };
        match result {
            Ok(value) => {
                let node = Node::new(place, value);
                let enough = self.budget.spend(node.size());
                if enough { node } else { unknown(place, TOO_LARGE) }
            }
            Err(reason) => unknown(place, reason),
        }
    }
}

/// The only argument; an unknown one leaves the result unknown.
fn one(mut arguments: Vec<Node>) -> Result<Node, String> {
    match (arguments.pop(), arguments.is_empty()) {
        (Some(Node { value: Value::Unknown(reason), .. }), true) => Err(reason),
        (Some(node), true) => Ok(node),
        _ => Err("a function has not the arguments expected".to_owned()),
    }
}

fn encoded(node: &Node) -> Value {
    Value::Text(node.to_json())
}

fn list(node: Node) -> Result<Value, String> {
    match node.value {
        Value::List(items) => Ok(Value::List(items)),
        _ => Err("a function expects a list".to_owned()),
    }
}

fn text(node: Node) -> Result<Value, String> {
    match node.value {
        Value::Text(text) => Ok(Value::Text(text)),
        _ => Ok(Value::Text(Text::new(node.known_text()?))),
    }
}

fn cased(value: Value, upper: bool) -> Result<Value, String> {
    let Value::Text(text) = value else { return Ok(value) };
    let known = text.known()?;
    let cased = if upper { known.to_uppercase() } else { known.to_lowercase() };
    Ok(Value::Text(Text::new(cased)))
}

fn trimmed(value: Value) -> Result<Value, String> {
    let Value::Text(text) = value else { return Ok(value) };
    Ok(Value::Text(Text::new(text.known()?.trim())))
}

fn concat(arguments: Vec<Node>) -> Result<Value, String> {
    let mut all = Vec::new();
    for argument in arguments {
        match argument.value {
            Value::List(items) => all.extend(items),
            Value::Unknown(reason) => return Err(reason),
            _ => return Err("`concat` expects lists".to_owned()),
        }
    }
    Ok(Value::List(all))
}

fn merge(arguments: Vec<Node>) -> Result<Value, String> {
    let mut all: Vec<Entry> = Vec::new();
    for argument in arguments {
        match argument.value {
            Value::Object(entries) => {
                all.retain(|known| entries.iter().all(|entry| entry.name != known.name));
                all.extend(entries);
            }
            Value::Null => {}
            Value::Unknown(reason) => return Err(reason),
            _ => return Err("`merge` expects maps".to_owned()),
        }
    }
    Ok(Value::Object(all))
}

/// `format` with `%s`, `%d` and `%%` alone.
fn formatted(arguments: &[Node]) -> Result<Value, String> {
    let open = || "a format of this kind is not evaluated".to_owned();
    let (pattern, values) = arguments.split_first().ok_or_else(open)?;
    let mut values = values.iter();
    let mut parts = pattern.known_text()?.split('%');
    let mut text = Text::new(parts.next().unwrap_or_default());
    while let Some(part) = parts.next() {
        if let Some(rest) = part.strip_prefix(['s', 'd']) {
            match values.next().ok_or_else(open)?.known_text() {
                Ok(known) => text.push(known),
                Err(reason) => text.push_unknown(reason),
            }
            text.push(rest);
        } else if part.is_empty() {
            text.push("%");
            text.push(parts.next().ok_or_else(open)?);
        } else {
            return Err(open());
        }
    }
    if values.next().is_some() { Err(open()) } else { Ok(Value::Text(text)) }
}

/// A value by its key, or else another.
fn lookup(mut arguments: Vec<Node>) -> Result<Value, String> {
    let default = (arguments.len() == 3).then(|| arguments.pop()).flatten();
    let [map, key] = arguments.as_slice() else {
        return Err("`lookup` expects a map, a key and a default".to_owned());
    };
    if let Value::Unknown(reason) = &map.value {
        return Err(reason.clone());
    }
    let key = key.known_text()?;
    let found = map.entries().iter().find(|entry| entry.name == key).map(|entry| &entry.node);
    let found = found.or(default.as_ref()).map(|node| node.value.clone());
    found.ok_or_else(|| format!("there is no `{key}` in it"))
}

fn join(arguments: &[Node]) -> Result<Value, String> {
    let (separator, lists) =
        arguments.split_first().ok_or_else(|| "`join` expects a separator".to_owned())?;
    let separator = separator.known_text()?;
    let mut parts = Vec::new();
    for list in lists {
        match &list.value {
            Value::List(items) => {
                for item in items {
                    parts.push(item.known_text()?);
                }
            }
            Value::Unknown(reason) => return Err(reason.clone()),
            _ => return Err("`join` expects lists".to_owned()),
        }
    }
    Ok(Value::Text(Text::new(parts.join(separator))))
}
