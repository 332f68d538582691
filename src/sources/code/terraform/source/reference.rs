//! What names refer to: variables, locals, and attributes of resources as far as their arguments give them.

use super::super::policy;
use super::super::value::{Node, Text, Value};
use super::eval::{Bindings, Provider, Scope, Step, walk};
use super::module::At;
use super::unknown;
use crate::text::Place;
use hcl_edit::structure::Block;

impl<'m> Scope<'m> {
    /// The value that a name and the steps behind it refer to.
    pub(super) fn reference(
        &self,
        root: &'m str,
        steps: &[Step<'m>],
        with: &Bindings,
        place: Place,
    ) -> Node {
        let whole = || unknown(place, format!("`{root}` as a whole is not evaluated"));
        let Some((Step::Name(first), rest)) = steps.split_first() else { return whole() };
        match root {
            "var" => walk(self.variable(first, place), rest),
            "local" => walk(self.local(first, place), rest),
            "each" | "count" => walk(bound(root, first, with, place), rest),
            "module" => unknown(place, format!("an output of module `{first}` is not followed")),
            "path" | "terraform" | "self" => {
                unknown(place, format!("`{root}.{first}` is not evaluated"))
            }
            "data" => match rest.split_first() {
                Some((Step::Name(name), rest)) => self.attribute((true, first, name), rest, place),
                _ => whole(),
            },
            kind => self.attribute((false, kind, first), rest, place),
        }
    }

    fn local(&self, name: &'m str, place: Place) -> Node {
        match self.module.locals.get(name) {
            Some(&(value, src)) => {
                let evaluate = || self.eval(value, src, &Bindings::default());
                self.once("local", name, evaluate, place)
            }
            None => unknown(place, format!("`local.{name}` is not in the files read")),
        }
    }

    /// An attribute of a resource or data source.
    fn attribute(&self, key: (bool, &'m str, &'m str), steps: &[Step<'m>], place: Place) -> Node {
        let (is_data, kind, name) = key;
        let address = format!("{}{kind}.{name}", if is_data { "data." } else { "" });
        let Some(&(block, src)) = self.module.resources.get(&key) else {
            return unknown(place, format!("`{address}` is not in the files read"));
        };
        let (index, steps) = match steps.split_first() {
            Some((Step::Index(index), rest)) => (Some(index), rest),
            _ => (None, steps),
        };
        let Some((Step::Name(attribute), rest)) = steps.split_first() else {
            return unknown(place, format!("`{address}` as a whole is not evaluated"));
        };
        let with = self.instance(&block.body, src, index);
        let (account, partition) = self.provider_of(&block.body);
        let later =
            || unknown(place, format!("`{address}.{attribute}` is known only after it is applied"));
        let node = match (is_data, kind, *attribute) {
            (true, "aws_iam_policy_document", "json" | "minified_json") => {
                policy::document(&self.arguments((block, src), None, &with))
            }
            (true, "aws_caller_identity", "account_id" | "id") => match account {
                Some(account) => Node::text(place, account.as_str()),
                None => unknown(place, "nothing says which account this is"),
            },
            (true, "aws_partition", "partition" | "id") => match partition {
                Some(partition) => Node::text(place, partition.as_str()),
                None => unknown(place, "nothing says which partition this is"),
            },
            (false, "aws_iam_role" | "aws_iam_saml_provider", "arn")
            | (false, "aws_iam_saml_provider", "id") => {
                self.arn((block, src), kind, &with, (account, partition), place)
            }
            (false, "aws_iam_role", "id") => self.argument((block, src), "name", &with),
            _ if block.body.get_attribute(attribute).is_some() => {
                self.argument((block, src), attribute, &with)
            }
            _ => later(),
        };
        walk(node, rest)
    }

    fn argument(&self, (block, src): At<'m, Block>, name: &str, with: &Bindings) -> Node {
        match block.body.get_attribute(name) {
            Some(argument) => self.eval(&argument.value, src, with),
            None => unknown(src.place(block), format!("nothing states its `{name}`")),
        }
    }

    /// The ARN that a role or SAML provider will have.
    fn arn(
        &self,
        at: At<'m, Block>,
        kind: &str,
        with: &Bindings,
        (account, partition): Provider,
        place: Place,
    ) -> Node {
        let mut arn = Text::default();
        arn.push("arn:");
        match partition {
            Some(partition) => arn.push(partition.as_str()),
            None => arn.push_unknown("nothing says which partition this is".to_owned()),
        }
        arn.push(":iam::");
        match account {
            Some(account) => arn.push(account.as_str()),
            None => arn.push_unknown("nothing says which account this is".to_owned()),
        }
        if kind == "aws_iam_role" {
            arn.push(":role");
            let path = self.argument(at, "path", with);
            match at.0.body.get_attribute("path") {
                Some(_) => push(&mut arn, &path),
                None => arn.push("/"),
            }
        } else {
            arn.push(":saml-provider/");
        }
        push(&mut arn, &self.argument(at, "name", with));
        Node::new(place, Value::Text(arn))
    }
}

/// Adds a value to a text.
fn push(text: &mut Text, node: &Node) {
    match node.known_text() {
        Ok(known) => text.push(known),
        Err(reason) => text.push_unknown(reason),
    }
}

/// `each.key`, `each.value` or `count.index`.
fn bound(root: &str, name: &str, with: &Bindings, place: Place) -> Node {
    let bound = match (root, name) {
        ("each", "key") => with.each.as_ref().map(|each| each.clone().map(|(key, _)| key)),
        ("each", "value") => with.each.as_ref().map(|each| each.clone().map(|(_, value)| value)),
        ("count", "index") => with.index.as_ref().map(|index| {
            index.clone().map(|index| Node::new(place, Value::Number(index.to_string())))
        }),
        _ => None,
    };
    match bound {
        Some(Ok(node)) => node,
        Some(Err(reason)) => unknown(place, reason),
        None => unknown(place, format!("`{root}.{name}` has no value here")),
    }
}
