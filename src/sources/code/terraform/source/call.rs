//! Calls of modules, and resources, of which one block may make several.

use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::{Block, Body};

use super::super::plan::account_and_partition;
use super::super::value::{Entry, Node, Value};
use super::eval::{Bindings, Provider, Scope};
use super::module::{At, Module, Src, source_of};
use super::resource::{KINDS, Resource, Taker};
use super::unknown;

/// How deep modules may call each other.
pub(super) const DEPTH: usize = 8;

/// Most instances that one block makes here.
const INSTANCES: usize = 10_000;

/// Arguments of a call that are none of the module's variables.
const META: [&str; 6] = ["source", "version", "providers", "for_each", "count", "depends_on"];

/// A relative path from a folder; `None` for a module from elsewhere.
pub(super) fn joined(folder: &str, source: &str) -> Option<String> {
    if !source.starts_with("./") && !source.starts_with("../") {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| *part != ".").collect();
    if folder.is_empty() {
        parts.clear();
    }
    for part in source.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != ".." && !last.is_empty()) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

impl<'m> Scope<'m> {
    /// Takes every resource of the module that is read.
    pub(super) fn take_resources(&self, prefix: &str, taker: &mut Taker) {
        for key in &self.module.order {
            let (is_data, kind, name) = *key;
            let known = KINDS.iter().find(|(known, _)| *known == kind);
            let (Some((_, names)), Some(&(block, src))) = (known, self.module.resources.get(key))
            else {
                continue;
            };
            if is_data {
                continue;
            }
            let (account, partition) = self.provider_of(&block.body);
            let app = block.body.get_attribute("app_id").and_then(|id| app_of(&id.value));
            for (suffix, bindings) in self.instances(&block.body, src) {
                let arguments = self.arguments((block, src), Some(names), &bindings);
                taker.take(&Resource {
                    kind,
                    address: format!("{prefix}{kind}.{name}{suffix}"),
                    arguments: &arguments,
                    account,
                    partition,
                    app: app.map(|app| format!("{prefix}okta_app_saml.{app}")),
                });
            }
        }
    }

    /// The arguments of a block, those named or all of them, and its blocks: lists of objects by their name.
    pub(super) fn arguments(
        &self,
        (block, src): At<'m, Block>,
        names: Option<&[&str]>,
        with: &Bindings,
    ) -> Node {
        let place = src.place(block);
        let wanted = |name: &str| names.is_none_or(|names| names.contains(&name));
        let mut entries = Vec::new();
        for attribute in block.body.attributes().filter(|one| wanted(one.key.as_str())) {
            let node = self.eval(&attribute.value, src, with);
            let name = attribute.key.as_str().to_owned();
            entries.push(Entry { name, place: src.place(attribute), node });
        }
        if names.is_none() {
            self.blocks(&block.body, src, with, &mut entries);
        }
        Node::new(place, Value::Object(entries))
    }

    fn blocks(&self, body: &'m Body, src: Src<'m>, with: &Bindings, entries: &mut Vec<Entry>) {
        let mut open = Vec::new();
        for block in body.blocks() {
            let (name, place) = (block.ident.as_str(), src.place(block));
            if name == "dynamic" {
                let name = block.labels.first().map_or("", |label| label.as_str()).to_owned();
                let reason = format!("a `dynamic` block of `{name}` is not expanded");
                open.push(Entry { name, place, node: unknown(place, reason) });
                continue;
            }
            let node = self.arguments((block, src), None, with);
            match entries
                .iter_mut()
                .find(|entry| entry.name == name)
                .map(|entry| &mut entry.node.value)
            {
                Some(Value::List(items)) => items.push(node),
                Some(_) => {}
                None => entries.push(Entry {
                    name: name.to_owned(),
                    place,
                    node: Node::new(place, Value::List(vec![node])),
                }),
            }
        }
        // The last entry of a name counts.
        entries.extend(open);
    }

    /// The instances that a block makes: what their addresses end with, and what they see.
    pub(super) fn instances(&self, body: &'m Body, src: Src<'m>) -> Vec<(String, Bindings)> {
        let none = Bindings::default();
        if let Some(each) = body.get_attribute("for_each") {
            let keys = self.eval(&each.value, src, &none);
            return match self.each(&keys) {
                Ok(all) => all
                    .into_iter()
                    .map(|(key, node, value)| {
                        (
                            format!("[\"{key}\"]"),
                            Bindings { each: Some(Ok((node, value))), index: None },
                        )
                    })
                    .collect(),
                Err(reason) => {
                    vec![(String::new(), Bindings { each: Some(Err(reason)), index: None })]
                }
            };
        }
        if let Some(count) = body.get_attribute("count") {
            let number = self.eval(&count.value, src, &none);
            let known = number.known_text().and_then(|text| {
                let count = text.parse::<usize>().ok().filter(|&count| count <= INSTANCES);
                count.ok_or_else(|| "`count` is no small whole number".to_owned())
            });
            return match known {
                Ok(count) => (0..count)
                    .map(|index| {
                        (format!("[{index}]"), Bindings { each: None, index: Some(Ok(index)) })
                    })
                    .collect(),
                Err(reason) => {
                    vec![(String::new(), Bindings { each: None, index: Some(Err(reason)) })]
                }
            };
        }
        vec![(String::new(), none)]
    }

    /// Key and value of every instance of a `for_each`.
    fn each(&self, keys: &Node) -> Result<Vec<(String, Node, Node)>, String> {
        if !self.budget.spend(keys.size()) {
            return Err(super::eval::TOO_LARGE.to_owned());
        }
        match &keys.value {
            Value::Object(entries) => Ok(entries
                .iter()
                .map(|entry| {
                    let key = Node::text(entry.place, entry.name.as_str());
                    (entry.name.clone(), key, entry.node.clone())
                })
                .collect()),
            Value::List(items) => items
                .iter()
                .map(|item| Ok((item.known_text()?.to_owned(), item.clone(), item.clone())))
                .collect(),
            Value::Unknown(reason) => Err(reason.clone()),
            _ => Err("`for_each` is no map or set".to_owned()),
        }
    }

    /// What one instance sees, that is known by its key or number.
    pub(super) fn instance(&self, body: &'m Body, src: Src<'m>, index: Option<&Node>) -> Bindings {
        let has = |name| body.get_attribute(name).is_some();
        let key = index.map(Node::known_text);
        if !has("for_each") && !has("count") {
            return Bindings::default();
        }
        let Some(Ok(key)) = key else {
            let reason = "which instance is meant is not known".to_owned();
            return Bindings { each: Some(Err(reason.clone())), index: Some(Err(reason)) };
        };
        let wanted = if has("for_each") { format!("[\"{key}\"]") } else { format!("[{key}]") };
        let mut all = self.instances(body, src).into_iter();
        all.find(|(suffix, _)| suffix.is_empty() || *suffix == wanted).map_or_else(
            || {
                let reason = format!("there is no instance `{key}`");
                Bindings { each: Some(Err(reason.clone())), index: Some(Err(reason)) }
            },
            |(_, bindings)| bindings,
        )
    }

    /// Modules called that are among those read: their folder, what they see, and the call's address.
    pub(super) fn calls(
        &self,
        modules: &'m BTreeMap<&'m str, Module<'m>>,
        folder: &str,
    ) -> Vec<(&'m str, Self, String)> {
        let mut found = Vec::new();
        for &(name, (body, src)) in &self.module.calls {
            let path = source_of(body).and_then(|source| joined(folder, source));
            let Some((&called, module)) =
                path.and_then(|path| modules.get_key_value(path.as_str()))
            else {
                continue;
            };
            let providers = self.providers_for(body);
            for (suffix, bindings) in self.instances(body, src) {
                let arguments = body
                    .attributes()
                    .filter(|attribute| !META.contains(&attribute.key.as_str()))
                    .map(|attribute| {
                        let node = self.eval(&attribute.value, src, &bindings);
                        (attribute.key.as_str().to_owned(), node)
                    });
                let child =
                    Self::called(module, self.budget, arguments.collect(), providers.clone());
                found.push((called, child, format!("module.{name}{suffix}")));
            }
        }
        found
    }

    /// The configurations of the provider `aws` that a call hands on.
    fn providers_for(&self, body: &'m Body) -> BTreeMap<String, Provider> {
        let mut handed: BTreeMap<String, Provider> = BTreeMap::new();
        handed.extend(self.providers.get("").map(|default| (String::new(), *default)));
        let Some(Expression::Object(object)) =
            body.get_attribute("providers").map(|attribute| &attribute.value)
        else {
            return handed;
        };
        for (key, value) in object {
            let key = match key {
                ObjectKey::Ident(name) => (name.as_str() == "aws").then_some(""),
                ObjectKey::Expression(expression) => alias_of(expression),
            };
            if let (Some(key), Some(provider)) =
                (key, alias_of(value.expr()).and_then(|alias| self.providers.get(alias)))
            {
                handed.insert(key.to_owned(), *provider);
            }
        }
        handed
    }

    /// Account and partition of a block's provider.
    pub(super) fn provider_of(&self, body: &Body) -> Provider {
        let named = body.get_attribute("provider").map(|attribute| alias_of(&attribute.value));
        let (account, partition) = match named {
            None => self.providers.get("").copied().unwrap_or_default(),
            Some(alias) => {
                alias.and_then(|alias| self.providers.get(alias)).copied().unwrap_or_default()
            }
        };
        (account.or(self.module.account), partition)
    }

    /// Reads the module's own configurations of the provider `aws`.
    pub(super) fn configure(&mut self) {
        let none = Bindings::default();
        for &(body, src) in &self.module.providers {
            let argument = |body: &'m Body, name: &str| {
                body.get_attribute(name).map(|one| self.eval(&one.value, src, &none))
            };
            let alias = argument(body, "alias");
            let alias = alias.as_ref().and_then(Node::as_str).unwrap_or_default().to_owned();
            let role = body.blocks().find(|block| block.ident.as_str() == "assume_role");
            let role = role.and_then(|block| argument(&block.body, "role_arn"));
            let allowed = argument(body, "allowed_account_ids");
            let region = argument(body, "region");
            let found = account_and_partition(allowed.as_ref(), role.as_ref(), region.as_ref());
            self.providers.insert(alias, found);
        }
    }
}

/// The alias of a configuration of the provider `aws`, empty for its default one.
fn alias_of(expression: &Expression) -> Option<&str> {
    match expression {
        Expression::Variable(name) if name.as_str() == "aws" => Some(""),
        Expression::Traversal(way) => match (&way.expr, way.operators.as_slice()) {
            (Expression::Variable(name), [one]) if name.as_str() == "aws" => match one.value() {
                TraversalOperator::GetAttr(alias) => Some(alias.as_str()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The name of the app whose `id` an expression is.
fn app_of(expression: &Expression) -> Option<&str> {
    let Expression::Traversal(way) = expression else { return None };
    let Expression::Variable(kind) = &way.expr else { return None };
    match way.operators.first()?.value() {
        TraversalOperator::GetAttr(name) if kind.as_str() == "okta_app_saml" => Some(name.as_str()),
        _ => None,
    }
}
