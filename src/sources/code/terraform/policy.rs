//! Trust policies of Terraform: a text of JSON, or the statements of an `aws_iam_policy_document`.

use super::json;
use super::value::{Entry, Node, Text, Value};
use crate::model::aws::PolicyDocument;
use crate::model::declared::{HOLE, Known, has_hole};
use crate::text::Place;

/// Version of a document that states none: the provider's default, not IAM's.
const VERSION: &str = "2012-10-17";

/// What a policy's text gives.
#[derive(Debug)]
pub(super) struct Policy {
    pub(super) document: Known<PolicyDocument>,
    /// Why parts of it are unknown.
    pub(super) holes: Vec<String>,
    /// Why it cannot be read, where nothing in it is unknown.
    pub(super) error: Option<PolicyError>,
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the trust policy of `{address}` cannot be read: {message}")]
pub struct PolicyError {
    /// Address of the role.
    pub(super) address: String,
    message: String,
    /// Line or place where reading stopped.
    pub(super) place: Place,
}

/// Reads the policy of a role.
pub(super) fn read(address: &str, node: &Node) -> Policy {
    let unknown = |reason: String| Policy {
        document: Known::Unknown(reason),
        holes: Vec::new(),
        error: None,
    };
    let text = match &node.value {
        Value::Text(text) => text,
        Value::Unknown(reason) => return unknown(reason.clone()),
        other => {
            let message = format!("found {}, expected a text of JSON", noun(other));
            return unreadable(address, message, node.place);
        }
    };
    let tree = match json::parse(&text.content, 0) {
        Ok(tree) => tree,
        Err(error) => {
            return match text.holes.first() {
                Some(reason) => unknown(reason.clone()),
                None => {
                    unreadable(address, error.to_string(), place_of(text, error.at, node.place))
                }
            };
        }
    };
    if !matches!(tree.root.value, Value::Object(_)) {
        let message = format!("found {}, expected an object", noun(&tree.root.value));
        return unreadable(address, message, node.place);
    }
    let mut walk = Walk { way: Vec::new(), seen: 0, first: None };
    walk.node(&tree.root);
    if let Some(reason) = walk.first.and_then(|number| text.holes.get(number)) {
        return unknown(reason.clone());
    }
    let place = place_of(text, 0, node.place);
    let lines = text.lines.iter().filter_map(|&(at, place)| Some((u32::try_from(at).ok()?, place)));
    let document = PolicyDocument::new(text.content.as_str(), place).with_lines(lines.collect());
    Policy { document: Known::Value(document), holes: text.holes.clone(), error: None }
}

fn unreadable(address: &str, message: String, place: Place) -> Policy {
    let document = Known::Unknown(format!("it cannot be read: {message}"));
    let error = PolicyError { address: address.to_owned(), message, place };
    Policy { document, holes: Vec::new(), error: Some(error) }
}

/// Where the text stands at an offset.
pub(super) fn place_of(text: &Text, at: usize, node: Place) -> Place {
    let before = text.lines.partition_point(|&(start, _)| start <= at);
    before.checked_sub(1).and_then(|last| text.lines.get(last)).map_or(node, |&(_, place)| place)
}

fn noun(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
        Value::Unknown(_) => "something unknown",
    }
}

/// Looks for something unknown that is more than one value of a list: it may be anything, and what the
/// document says cannot be told without it.
struct Walk<'n> {
    way: Vec<&'n str>,
    /// Unknown parts passed so far.
    seen: usize,
    /// The first one that stands for a part of the document's structure.
    first: Option<usize>,
}

impl<'n> Walk<'n> {
    fn node(&mut self, node: &'n Node) {
        match &node.value {
            Value::Text(text) => self.text(&text.content, is_value(&self.way)),
            Value::List(items) => items.iter().for_each(|item| self.node(item)),
            Value::Object(entries) => {
                for entry in entries {
                    self.text(&entry.name, false);
                    self.way.push(&entry.name);
                    self.node(&entry.node);
                    self.way.pop();
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, allowed: bool) {
        if !has_hole(text) {
            return;
        }
        if !allowed {
            self.first = self.first.or(Some(self.seen));
        }
        self.seen += text.matches(HOLE).count();
    }
}

/// Whether names, actions or values of a condition stand here.
fn is_value(way: &[&str]) -> bool {
    matches!(
        way,
        ["Id"]
            | ["Statement", "Sid" | "Action" | "NotAction"]
            | ["Statement", "Principal" | "NotPrincipal", _]
            | ["Statement", "Condition", _, _]
    )
}

/// The JSON of an `aws_iam_policy_document`, from its arguments and blocks; a block that may stand several
/// times is a list of objects.
pub(super) fn document(arguments: &Node) -> Node {
    let place = arguments.place;
    for name in
        ["source_policy_documents", "override_policy_documents", "source_json", "override_json"]
    {
        let merged = arguments.get(name).filter(|node| node.value != Value::List(Vec::new()));
        if merged.is_some() {
            return Node::unknown(place, format!("`{name}` merges another document into it"));
        }
    }
    match statements(arguments) {
        Ok(statements) => {
            let version = arguments.get("version").cloned();
            let version = version.unwrap_or_else(|| Node::text(place, VERSION));
            let mut document = Builder::new(place);
            document.put("Version", version);
            if let Some(id) = arguments.get("policy_id") {
                document.put("Id", id.clone());
            }
            document.put("Statement", Node::new(place, Value::List(statements)));
            Node::new(place, Value::Text(document.finish().to_json()))
        }
        Err(reason) => Node::unknown(place, reason),
    }
}

fn statements(arguments: &Node) -> Result<Vec<Node>, String> {
    let blocks = arguments.get("statement").map_or(Ok(&[][..]), blocks)?;
    blocks.iter().map(statement).collect()
}

/// The blocks of one name.
fn blocks(node: &Node) -> Result<&[Node], String> {
    match &node.value {
        Value::List(items) => Ok(items),
        Value::Unknown(reason) => Err(reason.clone()),
        Value::Object(_) => Ok(std::slice::from_ref(node)),
        other => Err(format!("found {}, expected blocks", noun(other))),
    }
}

fn statement(block: &Node) -> Result<Node, String> {
    if let Value::Unknown(reason) = &block.value {
        return Err(reason.clone());
    }
    let place = block.place;
    let mut statement = Builder::new(place);
    if let Some(sid) = block.get("sid").filter(|sid| sid.as_str() != Some("")) {
        statement.put("Sid", sid.clone());
    }
    let effect = block.get("effect").cloned();
    statement.put("Effect", effect.unwrap_or_else(|| Node::text(place, "Allow")));
    for (argument, element) in [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ] {
        if let Some(list) = block.get(argument).filter(|list| **list != empty(list.place)) {
            statement.put(element, one_or_many(list.clone()));
        }
    }
    for (name, element) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let listed = block.get(name).map_or(Ok(&[][..]), blocks)?;
        if let Some(first) = listed.first() {
            statement.put(element, principals(listed, first.place)?);
        }
    }
    let listed = block.get("condition").map_or(Ok(&[][..]), blocks)?;
    if let Some(first) = listed.first() {
        statement.put("Condition", conditions(listed, first.place)?);
    }
    Ok(statement.finish())
}

fn empty(place: Place) -> Node {
    Node::new(place, Value::List(Vec::new()))
}

/// One value stands alone, as the provider writes it.
fn one_or_many(list: Node) -> Node {
    match list.value {
        Value::List(mut items) if items.len() == 1 => items.pop().unwrap_or(empty(list.place)),
        value => Node::new(list.place, value),
    }
}

/// The provider writes `${` for `&{`, which Terraform does not take for a template.
fn with_variables(node: &Node) -> Node {
    let value = match &node.value {
        Value::Text(text) if text.content.contains("&{") => {
            let mut written = text.clone();
            written.content = text.content.replace("&{", "${");
            Value::Text(written)
        }
        Value::List(items) => Value::List(items.iter().map(with_variables).collect()),
        value => value.clone(),
    };
    Node::new(node.place, value)
}

fn principals(blocks: &[Node], place: Place) -> Result<Node, String> {
    let mut kinds = Builder::new(place);
    for block in blocks {
        let kind = named(block, "type")?;
        let names = block.get("identifiers").map_or_else(|| empty(block.place), with_variables);
        if kind == "*" && blocks.len() == 1 && everybody(&names) {
            return Ok(Node::text(block.place, "*"));
        }
        kinds.add(if kind == "*" { "AWS" } else { &kind }, names);
    }
    Ok(kinds.finish_values())
}

fn everybody(names: &Node) -> bool {
    matches!(names.items(), [one] if one.as_str() == Some("*"))
}

fn conditions(blocks: &[Node], place: Place) -> Result<Node, String> {
    let mut tests: Vec<(String, Builder)> = Vec::new();
    for block in blocks {
        let (test, variable) = (named(block, "test")?, named(block, "variable")?);
        let values = block.get("values").map_or_else(|| empty(block.place), with_variables);
        let known = tests.iter().position(|(name, _)| *name == test);
        let known = known.unwrap_or_else(|| {
            tests.push((test, Builder::new(block.place)));
            tests.len() - 1
        });
        if let Some((_, keys)) = tests.get_mut(known) {
            keys.add(&variable, values);
        }
    }
    let mut condition = Builder::new(place);
    for (test, keys) in tests {
        condition.put(&test, keys.finish_values());
    }
    Ok(condition.finish())
}

/// A name that decides what a block means; why it is not known.
fn named(block: &Node, argument: &str) -> Result<String, String> {
    match block.get(argument) {
        Some(node) => node.known_text().map(str::to_owned),
        None => Err(format!("a block has no `{argument}`")),
    }
}

/// An object in the making.
struct Builder {
    place: Place,
    entries: Vec<Entry>,
}

impl Builder {
    const fn new(place: Place) -> Self {
        Self { place, entries: Vec::new() }
    }

    fn put(&mut self, name: &str, node: Node) {
        self.entries.push(Entry { name: name.to_owned(), place: node.place, node });
    }

    /// Adds values under a name, behind those that stand there.
    fn add(&mut self, name: &str, values: Node) {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.name == name) else {
            return self.put(name, values);
        };
        match (&mut entry.node.value, values.value) {
            (Value::List(known), Value::List(more)) => known.extend(more),
            (Value::Unknown(_), _) => {}
            (_, more) => entry.node.value = more,
        }
    }

    fn finish(self) -> Node {
        Node::new(self.place, Value::Object(self.entries))
    }

    fn finish_values(mut self) -> Node {
        for entry in &mut self.entries {
            let node = std::mem::replace(&mut entry.node, empty(self.place));
            entry.node = one_or_many(node);
        }
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: Text) -> Policy {
        read("aws_iam_role.a", &Node::new(Place(4), Value::Text(text)))
    }

    fn with_hole(before: &str, after: &str) -> Text {
        let mut text = Text::new(before);
        text.push_unknown("variable `x` has no value".to_owned());
        text.push(after);
        text
    }

    #[test]
    fn an_unknown_value_is_a_hole_and_an_unknown_part_of_the_structure_leaves_nothing_known() {
        let name = with_hole("{\"Statement\":{\"Principal\":{\"Federated\":\"a/", "\"}}}");
        let read = policy(name);
        assert_eq!(read.holes, ["variable `x` has no value"]);
        assert!(has_hole(&read.document.value().unwrap().json));
        for (before, after) in [
            ("{\"Statement\":{\"Principal\":\"", "\"}}"),
            ("{\"Statement\":[", "]}"),
            ("{\"Statement\":\"", "\"}"),
            ("{\"Statement\":{\"Effect\":\"", "\"}}"),
            ("{\"Statement\":{\"Condition\":{\"", "\":{}}}}"),
            ("", ""),
        ] {
            let read = policy(with_hole(before, after));
            let why = Known::Unknown("variable `x` has no value".to_owned());
            assert_eq!((read.document, read.error), (why, None), "{before}");
        }
    }

    #[test]
    fn a_policy_that_is_no_json_is_an_error_at_its_line_and_unknown() {
        let mut text = Text::new("{\n");
        text.lines.push((0, Place(7)));
        text.mark(Place(8));
        text.push("oops}");
        let read = policy(text);
        assert!(read.document.value().is_none());
        let error = read.error.unwrap();
        assert_eq!(error.place, Place(8));
        assert_eq!(
            error.to_string(),
            "the trust policy of `aws_iam_role.a` cannot be read: not well-formed JSON: found `o`, \
             expected a name in double quotes"
        );
        assert!(policy(Text::new("[]")).error.is_some());
    }

    #[test]
    fn a_document_is_written_as_the_provider_writes_it() {
        let arguments = json::parse(
            r#"{"policy_id": null, "version": null, "source_policy_documents": [],
            "statement": [{"sid": "", "effect": null, "actions": ["sts:AssumeRoleWithSAML"],
              "principals": [{"type": "Federated", "identifiers": ["a"]},
                             {"type": "Federated", "identifiers": ["b"]}],
              "condition": [{"test": "StringEquals", "variable": "SAML:aud", "values": ["x"]},
                            {"test": "StringEquals", "variable": "SAML:sub", "values": ["&{*}"]},
                            {"test": "StringEquals", "variable": "SAML:aud", "values": ["y"]}]}]}"#,
            1,
        )
        .unwrap();
        let document = document(&arguments.root);
        assert_eq!(
            document.as_str().unwrap(),
            concat!(
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","#,
                r#""Action":"sts:AssumeRoleWithSAML","Principal":{"Federated":["a","b"]},"#,
                r#""Condition":{"StringEquals":{"SAML:aud":["x","y"],"SAML:sub":"${*}"}}}]}"#,
            )
        );
    }

    #[test]
    fn a_document_that_others_are_merged_into_is_unknown() {
        let tree = json::parse("{\"source_policy_documents\": [\"{}\"]}", 1).unwrap();
        let Value::Unknown(reason) = document(&tree.root).value else { panic!() };
        assert_eq!(reason, "`source_policy_documents` merges another document into it");
    }

    #[test]
    fn everybody_is_written_as_a_star() {
        let tree = |kind: &str| {
            let text = format!(
                "{{\"statement\": [{{\"principals\": [{{\"type\": \"{kind}\", \"identifiers\": [\"*\"]}}]}}]}}"
            );
            document(&json::parse(&text, 1).unwrap().root).as_str().unwrap().to_owned()
        };
        assert!(tree("*").contains("\"Principal\":\"*\""));
        assert!(tree("AWS").contains("\"Principal\":{\"AWS\":\"*\"}"));
    }
}
