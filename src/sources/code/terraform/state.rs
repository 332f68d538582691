//! States: what stood when Terraform last applied, as `terraform show -json` shows it or as it is stored.

use super::resource::{Resource, Taker};
use super::value::{Entry, Node, Value};
use crate::sources::input::SourceOptions;

/// Why a sensitive value is not kept.
const SENSITIVE: &str = "it is sensitive";

/// Reads the modules of a state as `terraform show -json` shows them.
pub(super) fn read_shown(module: &Node, options: &SourceOptions, taker: &mut Taker) {
    let mut modules = vec![module];
    while let Some(module) = modules.pop() {
        for resource in module.get("resources").map_or(&[][..], Node::items) {
            shown(resource, options, taker);
        }
        modules.extend(module.get("child_modules").map_or(&[][..], Node::items).iter().rev());
    }
}

fn shown(resource: &Node, options: &SourceOptions, taker: &mut Taker) {
    let text = |name: &str| resource.get(name).and_then(Node::as_str);
    let (Some("managed"), Some(kind), Some(address), Some(values)) =
        (text("mode"), text("type"), text("address"), resource.get("values"))
    else {
        return;
    };
    let mut arguments = values.clone();
    if let Some(sensitive) = resource.get("sensitive_values") {
        withhold(&mut arguments, sensitive);
    }
    arguments.place = resource.place;
    taker.take(&Resource {
        kind,
        address: address.to_owned(),
        arguments: &arguments,
        account: options.account,
        partition: None,
        app: None,
    });
}

/// Takes out what is marked as sensitive.
pub(super) fn withhold(values: &mut Node, sensitive: &Node) {
    mark(values, sensitive, SENSITIVE);
}

/// Makes everything unknown that is marked with `true`.
pub(super) fn mark(values: &mut Node, marks: &Node, reason: &str) {
    match &marks.value {
        Value::Bool(true) => values.value = Value::Unknown(reason.to_owned()),
        Value::List(marks) => {
            if values.value == Value::Null {
                values.value = Value::List(Vec::new());
            }
            let Value::List(items) = &mut values.value else { return };
            for (at, marked) in marks.iter().enumerate() {
                if items.len() == at {
                    items.push(Node::new(values.place, Value::Null));
                }
                if let Some(item) = items.get_mut(at) {
                    mark(item, marked, reason);
                }
            }
        }
        Value::Object(marks) => {
            if values.value == Value::Null {
                values.value = Value::Object(Vec::new());
            }
            let place = values.place;
            let Value::Object(entries) = &mut values.value else { return };
            for marked in marks {
                let known = entries.iter_mut().find(|entry| entry.name == marked.name);
                if let Some(entry) = known {
                    mark(&mut entry.node, &marked.node, reason);
                } else {
                    let mut node = Node::new(place, Value::Null);
                    mark(&mut node, &marked.node, reason);
                    entries.push(Entry { name: marked.name.clone(), place, node });
                }
            }
        }
        _ => {}
    }
}

/// Reads a stored state of version 4.
pub(super) fn read_raw(root: &Node, options: &SourceOptions, taker: &mut Taker) {
    for resource in root.get("resources").map_or(&[][..], Node::items) {
        let text = |name: &str| resource.get(name).and_then(Node::as_str);
        let (Some("managed"), Some(kind), Some(name)) = (text("mode"), text("type"), text("name"))
        else {
            continue;
        };
        let module = text("module").map(|module| format!("{module}.")).unwrap_or_default();
        for instance in resource.get("instances").map_or(&[][..], Node::items) {
            let Some(attributes) = instance.get("attributes") else { continue };
            // What a failed replacement left behind.
            if instance.get("deposed").is_some() {
                continue;
            }
            let mut arguments = attributes.clone();
            for path in instance.get("sensitive_attributes").map_or(&[][..], Node::items) {
                withhold_at(&mut arguments, path);
            }
            let key = match instance.get("index_key").map(|key| &key.value) {
                Some(Value::Number(number)) => format!("[{number}]"),
                Some(Value::Text(key)) => format!("[\"{}\"]", key.content),
                _ => String::new(),
            };
            arguments.place = resource.place;
            taker.take(&Resource {
                kind,
                address: format!("{module}{kind}.{name}{key}"),
                arguments: &arguments,
                account: options.account,
                partition: None,
                app: None,
            });
        }
    }
}

/// Takes out the attribute that a path of `sensitive_attributes` begins with.
fn withhold_at(attributes: &mut Node, path: &Node) {
    let first = path.items().first().and_then(|step| step.get("value")).and_then(Node::as_str);
    let Value::Object(entries) = &mut attributes.value else { return };
    for entry in entries.iter_mut().filter(|entry| Some(entry.name.as_str()) == first) {
        entry.node.value = Value::Unknown(SENSITIVE.to_owned());
    }
}
