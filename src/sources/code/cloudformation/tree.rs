//! The tree of a template, the same for YAML and JSON: scalars as written, short-form tags as the functions
//! they stand for, and the line of everything.

use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use super::error::TemplateError;
use crate::sources::batch::Loss;

/// Deepest nesting of a template.
pub(super) const DEPTH_LIMIT: usize = 128;

/// Most values that the aliases of one file may stand for.
pub(super) const ALIAS_LIMIT: usize = 10_000;

/// A value and the line it begins at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text as written; `plain` without quotes, so that it may be a number, true, false or null.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A map in the order written, keys that stand twice twice.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: u32,
    pub(super) value: Node,
}

impl Node {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn entries(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The first entry of a key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()?.iter().find(|entry| entry.key == key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The only entry of a map that has one.
    pub(super) fn only(&self) -> Option<&Entry> {
        match self.entries() {
            Some([entry]) => Some(entry),
            _ => None,
        }
    }

    /// What it is, with its article.
    pub(super) const fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar { text, plain: true } if text.is_empty() => "nothing",
            Kind::Scalar { .. } => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    fn size(&self) -> usize {
        match &self.kind {
            Kind::Scalar { .. } => 1,
            Kind::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Kind::Map(entries) => {
                1 + entries.iter().map(|entry| 1 + entry.value.size()).sum::<usize>()
            }
        }
    }
}

/// A tag of a value: a function's short form, or one that says that it is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tag {
    None,
    Text,
    Function(String),
}

/// Everything a file holds.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// One tree a document.
    pub(super) documents: Vec<Node>,
    /// What is wrong, with line and loss.
    pub(super) problems: Vec<(u32, Loss, TemplateError)>,
    /// Reading ended early: names may be missing.
    pub(super) broken: bool,
}

#[derive(Debug)]
struct Frame {
    line: u32,
    tag: Tag,
    anchor: usize,
    content: Content,
}

#[derive(Debug)]
enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, key: Option<(String, u32)> },
}

/// What is read next into the open value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    List,
    Key,
    Value,
}

/// Builds trees from the events of a parser.
#[derive(Debug, Default)]
pub(super) struct Builder {
    stack: Vec<Frame>,
    anchors: HashMap<usize, Node, FxBuildHasher>,
    anchored: usize,
    expanded: usize,
    parsed: Parsed,
}

/// Most values that anchors may name: each is kept once more.
const ANCHOR_LIMIT: usize = 1_000_000;

impl Builder {
    pub(super) fn report(&mut self, line: u32, loss: Loss, error: TemplateError) {
        self.parsed.problems.push((line, loss, error));
    }

    /// What the innermost open value takes next.
    pub(super) fn open_value(&self) -> Option<Open> {
        self.stack.last().map(|frame| match &frame.content {
            Content::List(_) => Open::List,
            Content::Map { key: None, .. } => Open::Key,
            Content::Map { .. } => Open::Value,
        })
    }

    pub(super) fn open(
        &mut self,
        line: u32,
        map: bool,
        (tag, anchor): (Tag, usize),
    ) -> Result<(), TemplateError> {
        if self.stack.len() >= DEPTH_LIMIT {
            return Err(TemplateError::Deep);
        }
        let content = if map {
            Content::Map { entries: Vec::new(), key: None }
        } else {
            Content::List(Vec::new())
        };
        self.stack.push(Frame { line, tag, anchor, content });
        Ok(())
    }

    pub(super) fn close(&mut self) -> Result<(), TemplateError> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let kind = match frame.content {
            Content::List(items) => Kind::List(items),
            Content::Map { entries, .. } => Kind::Map(self.whole(entries)),
        };
        self.add(Node { line: frame.line, kind }, (frame.tag, frame.anchor))
    }

    pub(super) fn scalar(
        &mut self,
        (line, text, plain): (u32, String, bool),
        (tag, anchor): (Tag, usize),
    ) -> Result<(), TemplateError> {
        let kind = Kind::Scalar { text, plain: plain && tag == Tag::None };
        self.add(Node { line, kind }, (tag, anchor))
    }

    pub(super) fn alias(&mut self, anchor: usize) -> Result<(), TemplateError> {
        let node = self.anchors.get(&anchor).ok_or(TemplateError::Alias)?;
        self.expanded += node.size();
        if self.expanded > ALIAS_LIMIT {
            return Err(TemplateError::Aliases);
        }
        let node = node.clone();
        self.add(node, (Tag::None, 0))
    }

    fn add(&mut self, node: Node, (tag, anchor): (Tag, usize)) -> Result<(), TemplateError> {
        let node = tagged(tag, node);
        if anchor != 0 {
            self.anchored += node.size();
            if self.anchored > ANCHOR_LIMIT {
                return Err(TemplateError::Aliases);
            }
            self.anchors.insert(anchor, node.clone());
        }
        let mut no_key = None;
        match self.stack.last_mut().map(|frame| &mut frame.content) {
            None => self.parsed.documents.push(node),
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map { entries, key }) => {
                if let Some((key, line)) = key.take() {
                    entries.push(Entry { key, line, value: node });
                } else {
                    no_key = node.text().is_none().then(|| (node.line, node.what()));
                    *key = Some((node.text().unwrap_or_default().to_owned(), node.line));
                }
            }
        }
        if let Some((line, what)) = no_key {
            self.report(line, Loss::Record, TemplateError::Key(what));
        }
        Ok(())
    }

    /// The entries of a map with those merged in; keys that stand twice are reported.
    fn whole(&mut self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut first: HashMap<&str, u32, FxBuildHasher> = HashMap::default();
        let mut twice = Vec::new();
        for entry in entries.iter().filter(|entry| !entry.key.is_empty()) {
            if let Some(&line) = first.get(entry.key.as_str()) {
                twice.push((entry.line, entry.key.clone(), line));
            } else {
                first.insert(&entry.key, entry.line);
            }
        }
        for (at, key, line) in twice {
            self.report(at, Loss::Nothing, TemplateError::Twice { key, line });
        }
        if entries.iter().any(|entry| entry.key == "<<") { merged(entries) } else { entries }
    }

    /// Forgets the document that broke, but for the resources that were read whole.
    pub(super) fn abandon(&mut self, line: u32, error: TemplateError) {
        self.report(line, Loss::File, error);
        self.parsed.broken = true;
        self.stack.truncate(2);
        while let Some(frame) = self.stack.pop() {
            let kind = match frame.content {
                Content::List(_) => continue,
                Content::Map { entries, .. } => Kind::Map(entries),
            };
            // The key of what is forgotten goes with it: only maps of maps are kept.
            let node = Node { line: frame.line, kind };
            match self.stack.last_mut().map(|frame| &mut frame.content) {
                None => self.parsed.documents.push(node),
                Some(Content::Map { entries, key }) => {
                    if let Some((key, line)) = key.take().filter(|(key, _)| key == "Resources") {
                        entries.push(Entry { key, line, value: node });
                    }
                }
                Some(Content::List(_)) => {}
            }
        }
    }

    pub(super) fn finish(self) -> Parsed {
        self.parsed
    }
}

/// Entries of `<<` behind those that the map has itself.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let (merges, mut whole): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.key == "<<");
    for merge in merges {
        let maps = match merge.value.kind {
            Kind::List(items) => items,
            _ => vec![merge.value],
        };
        for map in maps {
            let Kind::Map(others) = map.kind else { continue };
            for other in others {
                if !whole.iter().any(|entry| entry.key == other.key) {
                    whole.push(other);
                }
            }
        }
    }
    whole
}

/// A value under the function that its short form stands for.
fn tagged(tag: Tag, node: Node) -> Node {
    let Tag::Function(name) = tag else { return node };
    let line = node.line;
    let (key, value) = match name.as_str() {
        "Ref" | "Condition" => (name, node),
        "GetAtt" => ("Fn::GetAtt".to_owned(), parted(node)),
        _ => (format!("Fn::{name}"), node),
    };
    Node { line, kind: Kind::Map(vec![Entry { key, line, value }]) }
}

/// `Resource.Attribute` as the list of both.
pub(super) fn parted(node: Node) -> Node {
    let Some((resource, attribute)) = node.text().and_then(|text| text.split_once('.')) else {
        return node;
    };
    let line = node.line;
    let scalar =
        |text: &str| Node { line, kind: Kind::Scalar { text: text.to_owned(), plain: false } };
    Node { line, kind: Kind::List(vec![scalar(resource), scalar(attribute)]) }
}
