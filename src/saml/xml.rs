//! XML, read strictly: a gate that counts before anything is built, then one tree with places.
//!
//! The gate (`quick-xml`) refuses what is too large, too deep or declares a document type; the tree
//! (`roxmltree`) refuses what is not well-formed. Everything else reads that one tree.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr_iter;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use roxmltree::{Document, Node, ParsingOptions};

/// Largest SAML message, in bytes.
pub const MESSAGE: usize = 1 << 20;
/// Largest metadata document, in bytes: what IAM takes.
pub const METADATA: usize = 10_000_000;
/// Deepest nesting of elements.
pub const DEPTH: usize = 64;
/// Most attributes and namespace declarations of one tag.
pub const ATTRIBUTES: usize = 64;
/// Most namespace declarations that hold at one element.
pub const NAMESPACES: usize = 256;
/// Most elements, texts and comments of a document.
pub const NODES: u32 = 1_000_000;

/// Where something stands in a document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spot {
    /// 1-based line.
    pub line: u32,
    /// Bytes of the document's text; for an element its start tag.
    pub bytes: Range<usize>,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spotted<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: Spot,
}

/// Why a text is no XML that is read here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlProblem {
    /// Larger than allowed.
    #[error("{found} bytes, expected at most {allowed}")]
    TooLarge {
        /// Its size.
        found: usize,
        /// The limit.
        allowed: usize,
    },
    /// Nested too deep.
    #[error("elements nested deeper than {DEPTH} levels, expected fewer")]
    TooDeep,
    /// Too many attributes.
    #[error("more than {ATTRIBUTES} attributes in one tag, expected fewer")]
    TooManyAttributes,
    /// Too many namespaces.
    #[error("more than {NAMESPACES} namespace declarations at one element, expected fewer")]
    TooManyNamespaces,
    /// Too many nodes.
    #[error("more than {NODES} elements, texts and comments, expected fewer")]
    TooManyNodes,
    /// `<!DOCTYPE`.
    #[error("a document type declaration, expected none: entities are never expanded")]
    DocumentType,
    /// `<?…?>` that is not the XML declaration.
    #[error("a processing instruction, expected none")]
    ProcessingInstruction,
    /// An XML declaration that is none.
    #[error(
        "an XML declaration that is not well-formed, expected `<?xml version=\"1.0\" encoding=\"UTF-8\"?>`"
    )]
    Declaration,
    /// `xmlns:p=""`.
    #[error("prefix `{0}` declared for no namespace, expected one")]
    EmptyNamespace(String),
    /// `xmlns:p` twice in one tag, which the tree's reader lets pass where the first is empty.
    #[error("namespace declaration `{0}` twice in one tag, expected it once")]
    NamespaceTwice(String),
    /// `&#…;` of no character.
    #[error("character reference `&{0};`, expected one to a character that XML has")]
    Reference(String),
    /// Not well-formed.
    #[error("{0}")]
    IllFormed(String),
    /// Something beside the root element.
    #[error("something beside the root element, expected one element alone")]
    BesideRoot,
    /// Text of another kind.
    #[error("no markup, expected XML")]
    NoMarkup,
    /// Neither tag nor text.
    #[error("nothing but white space, expected a document")]
    Empty,
}

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct XmlError {
    /// What.
    pub problem: XmlProblem,
    /// Where.
    pub at: Spot,
}

/// A well-formed document within the limits.
#[derive(Debug)]
pub struct Tree<'t> {
    document: Document<'t>,
    lines: Lines,
}

/// Line ends, to turn bytes into lines.
#[derive(Debug)]
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(memchr_iter(b'\n', text.as_bytes()).collect())
    }

    fn spot(&self, bytes: Range<usize>) -> Spot {
        let line = self.0.partition_point(|&end| end < bytes.start) + 1;
        Spot { line: u32::try_from(line).unwrap_or(u32::MAX), bytes }
    }
}

impl<'t> Tree<'t> {
    /// Reads a text of at most `size` bytes.
    pub fn parse(text: &'t str, size: usize) -> Result<Self, XmlError> {
        if text.len() > size {
            let problem = XmlProblem::TooLarge { found: text.len(), allowed: size };
            return Err(XmlError { problem, at: Spot { line: 1, bytes: 0..0 } });
        }
        let lines = Lines::of(text);
        let failed = |(problem, bytes): (XmlProblem, Range<usize>)| XmlError {
            problem,
            at: lines.spot(bytes),
        };
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            return Err(failed((XmlProblem::Empty, 0..0)));
        }
        let markup = text.trim_start_matches('\u{feff}').trim_start();
        if !markup.starts_with('<') {
            let at = text.len() - markup.len();
            return Err(failed((XmlProblem::NoMarkup, at..at)));
        }
        Gate::default().pass(text).map_err(failed)?;
        let options =
            ParsingOptions { allow_dtd: false, nodes_limit: NODES, ..ParsingOptions::default() };
        match Document::parse_with_options(text, options) {
            Ok(document) => Ok(Self { document, lines }),
            Err(roxmltree::Error::NodesLimitReached) => {
                Err(failed((XmlProblem::TooManyNodes, 0..0)))
            }
            Err(roxmltree::Error::UnknownToken(at)) => {
                let at = byte_of(text, &lines, at);
                Err(failed((XmlProblem::BesideRoot, at..at)))
            }
            Err(error) => {
                let at = byte_of(text, &lines, error.pos());
                Err(failed((XmlProblem::IllFormed(words(&error)), at..at)))
            }
        }
    }

    /// The root element.
    pub fn root(&self) -> Node<'_, 't> {
        self.document.root_element()
    }

    /// Where an element's start tag stands, or any other node.
    pub fn spot(&self, node: Node<'_, '_>) -> Spot {
        let whole = node.range();
        let end = node.first_child().map_or(whole.end, |child| child.range().start);
        self.lines.spot(whole.start..end.max(whole.start))
    }

    /// Where bytes of the document stand.
    pub fn spot_of(&self, bytes: Range<usize>) -> Spot {
        self.lines.spot(bytes)
    }

    /// An attribute without a namespace and where its value stands.
    pub fn attribute(&self, node: Node<'_, '_>, name: &str) -> Option<Spotted<String>> {
        let found =
            node.attributes().find(|one| one.namespace().is_none() && one.name() == name)?;
        let at = self.lines.spot(found.range_value());
        Some(Spotted { value: found.value().to_owned(), at })
    }
}

/// All text within an element, comments left out.
pub fn text_of(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|text| text.text()).collect()
}

/// What an element holds in base64, in which white space is legal; none where it is something else.
pub(super) fn octets_of(node: Node<'_, '_>) -> Option<Vec<u8>> {
    let packed: String = text_of(node).chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(packed).ok()
}

/// Counts what a document has before a tree is built of it.
#[derive(Debug, Default)]
struct Gate {
    /// Namespace declarations of every open element.
    open: Vec<usize>,
    /// Those of all of them together.
    declared: usize,
}

impl Gate {
    fn pass(&mut self, text: &str) -> Result<(), (XmlProblem, Range<usize>)> {
        let mut reader = Reader::from_str(text);
        let mut began = 0;
        loop {
            let event = reader.read_event();
            let ended = position(reader.buffer_position());
            let bytes = began..ended.max(began);
            let problem = match event {
                Ok(Event::Eof) => return Ok(()),
                Ok(Event::Start(tag)) => self.enter(&tag).err(),
                Ok(Event::Empty(tag)) => self.enter(&tag).map(|()| self.leave()).err(),
                // The tree's parser takes a reference to half a character for another character.
                Ok(Event::GeneralRef(name)) => wrong_reference(&name),
                Ok(Event::End(_)) => {
                    self.leave();
                    None
                }
                Ok(Event::DocType(_)) => Some(XmlProblem::DocumentType),
                Ok(Event::Decl(_)) if !is_declaration(text) => Some(XmlProblem::Declaration),
                Ok(Event::PI(_)) => Some(XmlProblem::ProcessingInstruction),
                Ok(_) => None,
                Err(error) => {
                    let at = position(reader.error_position()).min(text.len());
                    return Err((XmlProblem::IllFormed(words(&error)), at..at));
                }
            };
            if let Some(problem) = problem {
                return Err((problem, bytes));
            }
            began = ended;
        }
    }

    fn enter(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlProblem> {
        let mut count = 0;
        let mut namespaces: Vec<&str> = Vec::new();
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| XmlProblem::IllFormed(words(&error)))?;
            count += 1;
            if count > ATTRIBUTES {
                return Err(XmlProblem::TooManyAttributes);
            }
            let references = attribute.value.split('&').skip(1);
            let mut names = references.filter_map(|rest| rest.split_once(';'));
            if let Some(wrong) = names.find_map(|(name, _)| wrong_reference(name)) {
                return Err(wrong);
            }
            let name = attribute.key.into_inner();
            if name == "xmlns" || name.starts_with("xmlns:") {
                if namespaces.contains(&name) {
                    return Err(XmlProblem::NamespaceTwice(name.to_owned()));
                }
                namespaces.push(name);
            }
            if let Some(prefix) = name.strip_prefix("xmlns:")
                && attribute.value.is_empty()
            {
                return Err(XmlProblem::EmptyNamespace(prefix.to_owned()));
            }
        }
        self.open.push(namespaces.len());
        self.declared += namespaces.len();
        if self.open.len() > DEPTH {
            Err(XmlProblem::TooDeep)
        } else if self.declared > NAMESPACES {
            Err(XmlProblem::TooManyNamespaces)
        } else {
            Ok(())
        }
    }

    fn leave(&mut self) {
        self.declared -= self.open.pop().unwrap_or_default();
    }
}

/// What is wrong with a reference to a character by its number, without `&` and `;`.
fn wrong_reference(name: &str) -> Option<XmlProblem> {
    let number = name.strip_prefix('#')?;
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
    // A number may have a sign where Rust reads it.
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with('+'));
    let is_xml = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let is_right = code.and_then(char::from_u32).as_ref().is_some_and(is_xml);
    (!is_right).then(|| XmlProblem::Reference(name.to_owned()))
}

/// Whether a text begins with an XML declaration as XML 1.0 (2.8) has it; neither parser looks.
fn is_declaration(text: &str) -> bool {
    let declaration = text.trim_start_matches('\u{feff}').strip_prefix("<?xml");
    let Some((inner, _)) = declaration.and_then(|rest| rest.split_once("?>")) else {
        return false;
    };
    let name_of_encoding = |value: &str| {
        value.starts_with(|first: char| first.is_ascii_alphabetic())
            && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let Some(rest) = pseudo_attribute(inner, "version", |value| value == "1.0") else {
        return false;
    };
    let rest = pseudo_attribute(rest, "encoding", name_of_encoding).unwrap_or(rest);
    let standalone = |value: &str| matches!(value, "yes" | "no");
    let rest = pseudo_attribute(rest, "standalone", standalone).unwrap_or(rest);
    rest.bytes().all(is_space)
}

/// What follows `name="value"` with white space before it, where the value is one that is expected.
fn pseudo_attribute<'t>(
    text: &'t str,
    name: &str,
    is_expected: impl Fn(&str) -> bool,
) -> Option<&'t str> {
    let space = |c: char| u8::try_from(c).is_ok_and(is_space);
    let rest = text.strip_prefix(space)?.trim_start_matches(space).strip_prefix(name)?;
    let rest = rest.trim_start_matches(space).strip_prefix('=')?.trim_start_matches(space);
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, rest) = rest.get(1..)?.split_once(quote)?;
    is_expected(value).then_some(rest)
}

/// White space as XML has it.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn position(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// A library's message in the house style, without the place, which is told apart.
fn words(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let text = text.trim_end_matches('.');
    let text = ["ill-formed document: ", "syntax error: "]
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .unwrap_or(text);
    let is_place = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let text = match text.strip_prefix("position ").and_then(|rest| rest.split_once(": ")) {
        Some((number, rest)) if is_place(number) => rest,
        _ => text,
    };
    let mut kept: Vec<&str> = Vec::new();
    for word in text.split_ascii_whitespace() {
        if is_place(word) && word.contains(':') && kept.last() == Some(&"at") {
            kept.pop();
        } else {
            kept.push(word);
        }
    }
    let text = kept.join(" ");
    let quoted = if text.contains('`') { text } else { text.replace('\'', "`") };
    let mut letters = quoted.chars();
    match letters.next() {
        // Not where a name such as `XML` stands first.
        Some(first) if !letters.as_str().starts_with(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => quoted,
    }
}

/// The byte of a line and a column counted in characters.
fn byte_of(text: &str, lines: &Lines, at: roxmltree::TextPos) -> usize {
    let row = usize::try_from(at.row).unwrap_or(usize::MAX);
    let start = row.checked_sub(2).and_then(|row| lines.0.get(row)).map_or(0, |end| end + 1);
    let line = text.get(start..).unwrap_or_default();
    let column = usize::try_from(at.col).unwrap_or(usize::MAX).saturating_sub(1);
    line.char_indices().nth(column).map_or(text.len(), |(byte, _)| start + byte)
}

#[cfg(test)]
mod tests;
