//! `java.util.regex`, the engine behind Okta's Group Filter: patterns parsed and matched with the
//! semantics of Java 17.

mod alphabet;
pub mod ast;
mod backtrack;
mod boundary;
mod bracket;
pub mod class;
mod cursor;
mod escape;
mod first;
mod grapheme;
mod linear;
mod matcher;
mod nfa;
mod parse;
mod program;
#[cfg(test)]
mod properties;
mod property;
mod quantifier;
mod quote;
mod reverse;
mod study;
mod table;
mod text;
mod unicode;

use std::collections::BTreeMap;
use std::ops::Range;

pub(crate) use matcher::{Matcher, MatcherMemory, Outcome};
pub use parse::{NESTING_LIMIT, PATTERN_LIMIT, ParseError, parse};

use ast::{Assertion, Kind, Node, NodeId};

/// Most steps of backtracking for one name.
pub const STEP_LIMIT: u32 = backtrack::STEP_LIMIT;

/// A pattern Java accepts, parsed.
#[derive(Debug, Clone)]
pub struct Pattern {
    nodes: Vec<Node>,
    root: NodeId,
    group_count: usize,
    names: BTreeMap<String, usize>,
    traits: Traits,
}

/// What the whole pattern uses, found while parsing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Traits {
    /// Java's search steps by code point (it does when a part of the pattern may take an astral
    /// character), not by UTF-16 unit.
    pub(crate) steps_by_code_point: bool,
    /// A set came from Unicode tables, which differ between Java versions.
    pub(crate) unicode_tables: bool,
    /// Why no engine here can decide the pattern.
    pub(crate) undecidable: Option<&'static str>,
}

impl Pattern {
    /// The node at the top of the tree.
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// The node with this id.
    #[expect(clippy::indexing_slicing, reason = "ids are only made by the parser of this pattern")]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    /// Number of capturing groups, the whole match not counted.
    pub fn group_count(&self) -> usize {
        self.group_count
    }

    /// Names of the named groups with their numbers, sorted by name.
    pub fn group_names(&self) -> impl Iterator<Item = (&str, usize)> {
        self.names.iter().map(|(name, &index)| (name.as_str(), index))
    }

    /// Number of the group with this name.
    pub fn group_index(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// Where the capturing group of a number stands, its parentheses included.
    pub fn capture_span(&self, wanted: usize) -> Option<Range<usize>> {
        let captures = |node: &&Node| matches!(node.kind, Kind::Group(ast::Group::Capture { index, .. }, _) if index == wanted);
        self.nodes.iter().find(captures).map(|node| node.span.clone())
    }

    /// Whether `\b` or `\B` stands outside `(?U)`, where Java 17 takes every letter for a part of
    /// a word and later releases take ASCII only.
    pub(crate) fn uses_letter_boundary(&self) -> bool {
        let boundary = |node: &Node| {
            matches!(node.kind, Kind::Assert(Assertion::WordBoundary { unicode: false, .. }))
        };
        self.nodes.iter().any(boundary)
    }

    /// Whether `\X` stands anywhere.
    pub(crate) fn uses_clusters(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node.kind, Kind::Grapheme))
    }

    /// Whether a back-reference stands anywhere.
    pub(crate) fn refers_back(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node.kind, Kind::BackReference { .. }))
    }

    /// Whether `\b` or `\B` stands anywhere.
    pub(crate) fn uses_word_boundary(&self) -> bool {
        let boundary =
            |node: &Node| matches!(node.kind, Kind::Assert(Assertion::WordBoundary { .. }));
        self.nodes.iter().any(boundary)
    }

    /// What the whole pattern uses.
    pub(crate) fn traits(&self) -> &Traits {
        &self.traits
    }
}
