//! The roles and SAML providers of a template.

use super::error::TemplateError;
use super::evaluate::Evaluator;
use super::policy::{NoPolicy, print};
use super::reference::{PROVIDER, ROLE, made_on_deployment};
use super::template::Resource;
use super::tree::{Entry, Node};
use super::value::{Text, Value};
use crate::model::account::Partition;
use crate::model::aws::PolicyDocument;
use crate::model::declared::{Declared, DeclaredBy, DeclaredProvider, DeclaredRole, Known};
use crate::text::{Place, Sourced};

/// Begins the key of a loop.
const LOOP: &str = "Fn::ForEach::";

/// Most loops within each other.
const LOOPS: usize = 8;

impl<'t> Evaluator<'t, '_> {
    /// Takes up the resources of a section, those of its loops one by one.
    pub(super) fn collect(&mut self, resources: &'t [Entry], loops: usize) {
        for entry in resources {
            if entry.key.starts_with(LOOP) {
                if self.each(entry, loops).is_none() {
                    let (function, expected) = (entry.key.clone(), "a name, a list and a map");
                    let error = TemplateError::Arguments { function, expected };
                    self.report(entry.line, error);
                    self.template.incomplete = true;
                }
            } else if entry.key.starts_with("Fn::") {
                self.report(entry.line, TemplateError::Included(entry.key.clone()));
                self.template.incomplete = true;
            } else if entry.value.entries().is_none() {
                let (what, found) = (entry.key.clone(), entry.value.what());
                let error = TemplateError::Shape { what, found, expected: "a resource as a map" };
                self.report(entry.line, error);
            } else {
                let (id, line, body) = (self.named(&entry.key), entry.line, &entry.value);
                let variables = self.variables.clone();
                self.template.add(Resource { id, line, body, variables });
            }
        }
    }

    /// Takes up what a loop gives; `None` for other arguments than it takes.
    fn each(&mut self, entry: &'t Entry, loops: usize) -> Option<()> {
        let [name, list, body] = entry.value.items()? else { return None };
        let (name, body) = (name.text()?.to_owned(), body.entries()?);
        if loops >= LOOPS {
            return None;
        }
        let values = match self.eval(list).value {
            Value::List(items) => items.into_iter().map(|item| item.value.into_text()).collect(),
            Value::Text(text) => vec![Text::unknown(text.holes.join(", and "))],
            Value::Unknown(reason) => vec![Text::unknown(reason)],
            Value::Map(_) | Value::Nothing => return None,
        };
        for value in values {
            if self.template.resources.len() > RESOURCES {
                return None;
            }
            self.variables.push((name.clone(), value));
            self.collect(body, loops + 1);
            self.variables.pop();
        }
        Some(())
    }

    /// A logical id with the variables of the loops around it filled in.
    fn named(&self, id: &str) -> String {
        let mut name = id.to_owned();
        for (variable, value) in &self.variables {
            let Some(value) = value.known() else { continue };
            name = name.replace(&format!("${{{variable}}}"), value);
            let letters: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
            name = name.replace(&format!("&{{{variable}}}"), &letters);
        }
        name
    }

    /// Everything that the resources taken up declare.
    pub(super) fn declared(&mut self) -> Declared {
        let mut declared = Declared::default();
        for number in 0..self.template.resources.len() {
            let Some(resource) = self.template.resources.get(number).cloned() else { continue };
            let kind = resource.kind();
            if kind.ends_with("::MODULE") {
                self.report(resource.line, TemplateError::Included(kind.to_owned()));
            }
            if kind != ROLE && kind != PROVIDER {
                continue;
            }
            self.variables.clone_from(&resource.variables);
            let condition = resource.body.get("Condition");
            let made = condition.and_then(|node| Some((node.text()?, node.line)));
            if made.is_some_and(|(name, line)| self.condition(name, line) == Some(false)) {
                continue;
            }
            if kind == ROLE {
                declared.roles.push(self.role(number, &resource));
            } else {
                declared.providers.push(self.provider(number, &resource));
            }
        }
        declared
    }

    fn role(&mut self, number: usize, resource: &Resource<'t>) -> DeclaredRole {
        let (trust_policy, holes) = match self.policy(resource) {
            Ok((document, holes)) => (Known::Value(document), holes),
            Err(reason) => (Known::Unknown(reason), Vec::new()),
        };
        let path = self.path_of(number);
        DeclaredRole {
            by: DeclaredBy::CloudFormation,
            address: resource.id.clone(),
            account: self.account(),
            partition: self.partition().and_then(Partition::parse),
            name: self.once(resource, "RoleName", |this| this.name_of(number, "RoleName")),
            path: path.into_known(),
            trust_policy,
            holes,
            max_session_duration: self.duration(resource),
            place: Place(resource.line),
        }
    }

    /// A property that must not stand twice: which one counts is not known then.
    fn once(
        &mut self,
        resource: &Resource<'t>,
        property: &str,
        read: impl FnOnce(&mut Self) -> Text,
    ) -> Known<String> {
        match stated_twice(resource, property) {
            Some(reason) => Known::Unknown(reason),
            None => read(self).into_known(),
        }
    }

    fn policy(&mut self, resource: &Resource<'t>) -> Result<(PolicyDocument, Vec<String>), String> {
        const PROPERTY: &str = "AssumeRolePolicyDocument";
        if let Some(reason) = stated_twice(resource, PROPERTY) {
            return Err(reason);
        }
        let properties = resource.properties();
        if let Some(reason) = properties.and_then(made_on_deployment) {
            return Err(reason);
        }
        let Some(entry) = properties.and_then(|properties| properties.entry(PROPERTY)) else {
            let id = resource.id.clone();
            self.report(resource.line, TemplateError::Missing { resource: id, property: PROPERTY });
            return Err(format!("`{PROPERTY}` is not stated"));
        };
        let value = self.eval(&entry.value);
        let error = match print(value, entry.line) {
            Ok(printed) => return Ok((printed.document, printed.holes)),
            Err(NoPolicy::Unknown(reason)) => return Err(reason),
            Err(NoPolicy::Text(message)) => {
                TemplateError::Policy { resource: resource.id.clone(), message }
            }
            Err(NoPolicy::Kind(found)) => {
                let what = format!("{PROPERTY}` of `{}", resource.id);
                TemplateError::Shape { what, found, expected: "a policy document as a map" }
            }
        };
        let reason = error.to_string();
        self.report(entry.line, error);
        Err(reason)
    }

    fn duration(&mut self, resource: &Resource<'t>) -> Option<u32> {
        let node = resource.properties()?.get("MaxSessionDuration")?;
        let text = self.text(node);
        let known = text.known()?;
        let read = known.parse().ok();
        if read.is_none() {
            let (id, found) = (resource.id.clone(), known.to_owned());
            self.report(node.line, TemplateError::Duration { resource: id, found });
        }
        read
    }

    fn provider(&mut self, number: usize, resource: &Resource<'t>) -> DeclaredProvider {
        DeclaredProvider {
            by: DeclaredBy::CloudFormation,
            address: resource.id.clone(),
            account: self.account(),
            name: self.once(resource, "Name", |this| this.name_of(number, "Name")),
            metadata: self.metadata(resource),
            place: Place(resource.line),
        }
    }

    fn metadata(&mut self, resource: &Resource<'t>) -> Known<Sourced<String>> {
        const PROPERTY: &str = "SamlMetadataDocument";
        let properties = resource.properties();
        if let Some(reason) = properties.and_then(made_on_deployment) {
            return Known::Unknown(reason);
        }
        let Some(entry) = properties.and_then(|properties| properties.entry(PROPERTY)) else {
            return Known::Unknown(format!("`{PROPERTY}` is not stated"));
        };
        let (line, text) = (entry.line, self.text(&entry.value));
        match self.once(resource, PROPERTY, |_| text) {
            Known::Value(text) => Known::Value(Sourced::new(text, Place(line))),
            Known::Unknown(reason) => Known::Unknown(reason),
        }
    }
}

/// Most resources that loops may give.
const RESOURCES: usize = 100_000;

fn stated_twice(resource: &Resource<'_>, property: &str) -> Option<String> {
    let entries = resource.properties().and_then(Node::entries).unwrap_or_default();
    let count = entries.iter().filter(|entry| entry.key == property).count();
    (count > 1).then(|| format!("`{property}` stands twice"))
}
