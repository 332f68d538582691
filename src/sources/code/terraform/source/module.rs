//! The blocks of a folder's files, by what refers to them.

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, BlockLabel, Body, Structure};

use super::call::joined;
use super::{Chunk, ModuleFile};
use crate::model::account::AccountId;
use crate::text::Place;

/// Where a piece of source stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Src<'m> {
    chunk: &'m Chunk,
    base: Place,
}

impl Src<'_> {
    /// The place of something parsed.
    pub(super) fn place(self, item: &impl Span) -> Place {
        self.place_at(item.span().map_or(0, |span| span.start))
    }

    /// The place of an offset.
    pub(super) fn place_at(self, offset: usize) -> Place {
        Place(self.base.0.saturating_add(self.chunk.line(offset)))
    }
}

/// An expression or a block, and where it stands.
pub(super) type At<'m, T> = (&'m T, Src<'m>);

/// A resource or data source is known by these: whether it is data, its type and its name.
pub(super) type ResourceKey<'m> = (bool, &'m str, &'m str);

/// One module: the files of a folder.
#[derive(Debug, Default)]
pub(super) struct Module<'m> {
    folder: &'m str,
    pub(super) account: Option<AccountId>,
    pub(super) parameters: BTreeMap<&'m str, &'m str>,
    pub(super) locals: BTreeMap<&'m str, At<'m, Expression>>,
    pub(super) variables: BTreeMap<&'m str, At<'m, Body>>,
    /// Values that `terraform.tfvars` and its like assign.
    pub(super) assigned: BTreeMap<&'m str, At<'m, Expression>>,
    pub(super) resources: BTreeMap<ResourceKey<'m>, At<'m, Block>>,
    /// Keys of resources in the order of the source.
    pub(super) order: Vec<ResourceKey<'m>>,
    /// Configurations of the provider `aws`.
    pub(super) providers: Vec<At<'m, Body>>,
    pub(super) calls: Vec<(&'m str, At<'m, Body>)>,
    /// What stands twice.
    pub(super) repeated: Vec<(Place, String)>,
}

impl<'m> Module<'m> {
    /// Adds a file; its lines are counted from `base`.
    pub(super) fn add(&mut self, file: &'m ModuleFile, base: Place) {
        self.folder = &file.folder;
        self.account = self.account.or(file.options.account);
        let given = file.options.parameters.iter();
        self.parameters.extend(given.map(|(name, value)| (name.as_str(), value.as_str())));
        for chunk in &file.chunks {
            let src = Src { chunk, base };
            for structure in &chunk.body {
                match structure {
                    Structure::Attribute(attribute) if file.assigns => {
                        self.assigned.insert(attribute.key.as_str(), (&attribute.value, src));
                    }
                    Structure::Block(block) if !file.assigns => self.block(block, src),
                    _ => {}
                }
            }
        }
    }

    fn block(&mut self, block: &'m Block, src: Src<'m>) {
        let label = |at: usize| block.labels.get(at).map(BlockLabel::as_str);
        match (block.ident.as_str(), label(0), label(1)) {
            ("locals", _, _) => {
                for attribute in block.body.attributes() {
                    let local = (&attribute.value, src);
                    if self.locals.insert(attribute.key.as_str(), local).is_some() {
                        let name = format!("local.{}", attribute.key.as_str());
                        self.repeated.push((src.place(attribute), name));
                    }
                }
            }
            ("variable", Some(name), _) => {
                self.variables.insert(name, (&block.body, src));
            }
            ("provider", Some("aws"), _) => self.providers.push((&block.body, src)),
            ("module", Some(name), _) => self.calls.push((name, (&block.body, src))),
            ("resource" | "data", Some(kind), Some(name)) => {
                let is_data = block.ident.as_str() == "data";
                let key = (is_data, kind, name);
                if self.resources.insert(key, (block, src)).is_some() {
                    let data = if is_data { "data." } else { "" };
                    self.repeated.push((src.place(block), format!("{data}{kind}.{name}")));
                } else {
                    self.order.push(key);
                }
            }
            _ => {}
        }
    }

    /// Folders of the modules that it calls by a path of its own.
    pub(super) fn called(&self) -> impl Iterator<Item = String> {
        self.calls.iter().filter_map(|(_, (body, _))| joined(self.folder, source_of(body)?))
    }
}

/// Where a call says its module is.
pub(super) fn source_of(body: &Body) -> Option<&str> {
    body.get_attribute("source").and_then(|source| source.value.as_str())
}
