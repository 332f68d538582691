//! The sections of a template that functions refer to.

use std::collections::BTreeMap;

use super::tree::Node;
use super::value::Text;

/// Sections of a template by name, and its resources with the variables of the loops around them.
#[derive(Debug)]
pub(super) struct Template<'t> {
    pub(super) parameters: BTreeMap<&'t str, &'t Node>,
    pub(super) mappings: Option<&'t Node>,
    pub(super) conditions: BTreeMap<&'t str, &'t Node>,
    pub(super) resources: Vec<Resource<'t>>,
    /// Number of a resource by its logical id.
    pub(super) ids: BTreeMap<String, usize>,
    /// Names may be missing: the file broke, or something adds some when it is deployed.
    pub(super) incomplete: bool,
}

/// A resource.
#[derive(Debug, Clone)]
pub(super) struct Resource<'t> {
    /// Logical id.
    pub(super) id: String,
    /// Line of the logical id.
    pub(super) line: u32,
    pub(super) body: &'t Node,
    /// Variables of the loops around it.
    pub(super) variables: Vec<(String, Text)>,
}

impl<'t> Resource<'t> {
    pub(super) fn kind(&self) -> &'t str {
        self.body.get("Type").and_then(Node::text).unwrap_or_default()
    }

    pub(super) fn properties(&self) -> Option<&'t Node> {
        self.body.get("Properties")
    }
}

impl<'t> Template<'t> {
    /// The sections of a document, without its resources.
    pub(super) fn new(document: &'t Node, incomplete: bool) -> Self {
        let section = |name: &str| {
            let entries = document.get(name).and_then(Node::entries).unwrap_or_default();
            entries.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect()
        };
        Self {
            parameters: section("Parameters"),
            mappings: document.get("Mappings"),
            conditions: section("Conditions"),
            resources: Vec::new(),
            ids: BTreeMap::new(),
            incomplete: incomplete || document.get("Transform").is_some(),
        }
    }

    pub(super) fn add(&mut self, resource: Resource<'t>) {
        self.ids.entry(resource.id.clone()).or_insert(self.resources.len());
        self.resources.push(resource);
    }
}
