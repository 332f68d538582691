//! Canonical XML: the octets that a signature is over.
//!
//! Inclusive (1.0 and 1.1) and exclusive canonicalisation of one element and all within it, with or
//! without its comments. An element is canonicalised where it stands, in the tree that is read.

use roxmltree::{Node, NodeId};

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Which form of Canonical XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Canonical XML 1.0: everything in scope comes along.
    Inclusive,
    /// Canonical XML 1.1: as 1.0, but `xml:id` of ancestors stays behind. `xml:base`, which it
    /// would join, is [not taken](Canonicalization::takes).
    Inclusive11,
    /// Exclusive Canonical XML 1.0: of what is in scope, what is used.
    Exclusive,
}

/// How an element becomes octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonicalization {
    /// Which form.
    pub form: Form,
    /// Whether comments are kept.
    pub with_comments: bool,
    /// `InclusiveNamespaces/@PrefixList` of the exclusive form; `""` for `#default`.
    pub inclusive_prefixes: Vec<String>,
}

impl Canonicalization {
    /// The exclusive form without comments, with these prefixes treated as inclusive.
    pub fn exclusive(prefixes: &[&str]) -> Self {
        Self {
            form: Form::Exclusive,
            with_comments: false,
            inclusive_prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect(),
        }
    }

    /// The inclusive form 1.0 without comments.
    pub fn inclusive() -> Self {
        Self { form: Form::Inclusive, with_comments: false, inclusive_prefixes: Vec::new() }
    }

    /// Whether an element can be canonicalised so: all but `xml:base` above it or in it, which the form 1.1
    /// joins and libraries treat differently.
    pub fn takes(&self, element: Node<'_, '_>) -> bool {
        let has_base = |node: Node<'_, '_>| node.has_attribute((XML, "base"));
        self.form != Form::Inclusive11
            || !element.ancestors().chain(element.descendants()).any(has_base)
    }

    /// The form that an algorithm's URI names; none for a URI of anything else.
    pub fn of_uri(uri: &str) -> Option<Self> {
        let (form, rest) = [
            ("http://www.w3.org/2001/10/xml-exc-c14n#", Form::Exclusive),
            ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", Form::Inclusive),
            ("http://www.w3.org/2006/12/xml-c14n11", Form::Inclusive11),
        ]
        .into_iter()
        .find_map(|(start, form)| Some((form, uri.strip_prefix(start)?)))?;
        let with_comments = match (form, rest) {
            (_, "") => false,
            (Form::Exclusive, "WithComments")
            | (Form::Inclusive | Form::Inclusive11, "#WithComments") => true,
            _ => return None,
        };
        Some(Self { form, with_comments, inclusive_prefixes: Vec::new() })
    }
}

/// The octets of an element and all within it, but for one element (and all within that).
pub fn canonicalize(
    element: Node<'_, '_>,
    how: &Canonicalization,
    without: Option<NodeId>,
) -> Vec<u8> {
    canonicalize_with(element, how, |node| Some(node.id()) == without)
}

/// The octets of an element with what a question names left out.
pub fn canonicalize_with(
    element: Node<'_, '_>,
    how: &Canonicalization,
    left_out: impl Fn(Node<'_, '_>) -> bool,
) -> Vec<u8> {
    let mut writer = Writer {
        how,
        left_out,
        text: element.document().input_text(),
        shown: Vec::new(),
        out: Vec::with_capacity(element.range().len()),
    };
    writer.walk(element);
    writer.out
}

/// The octets of a whole document, with the comments around its root where they are kept.
pub fn canonicalize_document(root: Node<'_, '_>, how: &Canonicalization) -> Vec<u8> {
    if !how.with_comments {
        return canonicalize(root, how, None);
    }
    let mut all = Vec::new();
    let mut is_before = true;
    for node in root.document().root().children() {
        if node == root {
            all.extend(canonicalize(root, how, None));
            is_before = false;
        } else if let Some(comment) = node.text().filter(|_| node.is_comment()) {
            if !is_before {
                all.push(b'\n');
            }
            write_comment(&mut all, comment);
            if is_before {
                all.push(b'\n');
            }
        }
    }
    all
}

/// A namespace declaration: prefix, empty for the default one, and URI.
type Declared<'n> = (&'n str, &'n str);

struct Writer<'n, F> {
    how: &'n Canonicalization,
    left_out: F,
    text: &'n str,
    /// Declarations that were written for the open elements, the innermost last.
    shown: Vec<Declared<'n>>,
    out: Vec<u8>,
}

impl<'n, F: Fn(Node<'_, '_>) -> bool> Writer<'n, F> {
    /// Writes an element and what is within it, without recursion.
    fn walk(&mut self, apex: Node<'n, 'n>) {
        // What was shown before each open element.
        let mut open: Vec<usize> = Vec::new();
        let mut at = apex;
        loop {
            let mut next = None;
            if (self.left_out)(at) {
                // Nothing of it.
            } else if at.is_element() {
                open.push(self.shown.len());
                self.enter(at, at == apex);
                next = at.first_child();
                if next.is_none() {
                    self.leave(at, &mut open);
                }
            } else if at.is_text() {
                write_text(&mut self.out, at.text().unwrap_or_default());
            } else if at.is_comment() && self.how.with_comments {
                write_comment(&mut self.out, at.text().unwrap_or_default());
            }
            while next.is_none() {
                if at == apex {
                    return;
                }
                next = at.next_sibling();
                if next.is_none() {
                    let Some(parent) = at.parent() else { return };
                    at = parent;
                    self.leave(at, &mut open);
                }
            }
            let Some(node) = next else { return };
            at = node;
        }
    }

    fn enter(&mut self, element: Node<'n, 'n>, is_apex: bool) {
        let name = qualified_name(self.text, element);
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        let mut declarations = match self.how.form {
            Form::Exclusive => self.used(element, name),
            Form::Inclusive | Form::Inclusive11 => {
                let bound = element.namespaces().map(declared).filter(|one| self.is_news(*one));
                let mut bound: Vec<Declared<'n>> = bound.collect();
                self.undeclare_default(element, &mut bound);
                bound
            }
        };
        declarations.sort_unstable();
        for (prefix, uri) in declarations {
            self.out.extend_from_slice(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
            self.out.extend_from_slice(prefix.as_bytes());
            self.out.extend_from_slice(b"=\"");
            write_value(&mut self.out, uri);
            self.out.push(b'"');
            self.shown.push((prefix, uri));
        }
        self.attributes(element, is_apex);
        self.out.push(b'>');
    }

    fn leave(&mut self, element: Node<'n, 'n>, open: &mut Vec<usize>) {
        self.shown.truncate(open.pop().unwrap_or_default());
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(qualified_name(self.text, element).as_bytes());
        self.out.push(b'>');
    }

    /// The URI last written for a prefix.
    fn shown(&self, prefix: &str) -> Option<&'n str> {
        self.shown.iter().rev().find(|(shown, _)| *shown == prefix).map(|(_, uri)| *uri)
    }

    /// Whether a declaration in scope has to be written. `xmlns=""` is told apart.
    fn is_news(&self, (prefix, uri): Declared<'n>) -> bool {
        prefix != "xml" && !uri.is_empty() && self.shown(prefix) != Some(uri)
    }

    /// Adds `xmlns=""` where an element without a default namespace stands in one with it.
    fn undeclare_default(&self, element: Node<'n, 'n>, declarations: &mut Vec<Declared<'n>>) {
        let has_default = element.default_namespace().is_some_and(|uri| !uri.is_empty());
        if !has_default && self.shown("").is_some_and(|uri| !uri.is_empty()) {
            declarations.push(("", ""));
        }
    }

    /// The exclusive form's declarations: those of prefixes that the element itself uses, and those
    /// treated as inclusive.
    fn used(&self, element: Node<'n, 'n>, name: &'n str) -> Vec<Declared<'n>> {
        let mut declarations = Vec::new();
        let prefix = prefix_of(name);
        if prefix.is_empty() {
            self.undeclare_default(element, &mut declarations);
        }
        let own = (prefix, element.tag_name().namespace().unwrap_or_default());
        if self.is_news(own) {
            declarations.push(own);
        }
        for attribute in element.attributes() {
            if let Some(uri) = attribute.namespace() {
                let name = self.text.get(attribute.range_qname()).unwrap_or_default();
                let one = (prefix_of(name), uri);
                if self.is_news(one) && !declarations.contains(&one) {
                    declarations.push(one);
                }
            }
        }
        let listed = &self.how.inclusive_prefixes;
        if !listed.is_empty() {
            for one in element.namespaces().map(declared) {
                let is_listed = listed.iter().any(|prefix| prefix == one.0);
                if is_listed && self.is_news(one) && !declarations.contains(&one) {
                    declarations.push(one);
                }
            }
            if listed.iter().any(String::is_empty)
                && !declarations.iter().any(|one| one.0.is_empty())
            {
                self.undeclare_default(element, &mut declarations);
            }
        }
        declarations
    }

    fn attributes(&mut self, element: Node<'n, 'n>, is_apex: bool) {
        let mut all: Vec<(&str, &str, &str, std::borrow::Cow<'n, str>)> = element
            .attributes()
            .map(|one| {
                let name = self.text.get(one.range_qname()).unwrap_or_default();
                (one.namespace().unwrap_or_default(), one.name(), name, one.value().into())
            })
            .collect();
        if is_apex && self.how.form != Form::Exclusive {
            self.inherit(element, &mut all);
        }
        all.sort_unstable();
        for (_, _, name, value) in all {
            self.out.push(b' ');
            self.out.extend_from_slice(name.as_bytes());
            self.out.extend_from_slice(b"=\"");
            write_value(&mut self.out, &value);
            self.out.push(b'"');
        }
    }

    /// Adds the `xml:` attributes of ancestors, the nearest first.
    fn inherit(
        &self,
        element: Node<'n, 'n>,
        all: &mut Vec<(&'n str, &'n str, &'n str, std::borrow::Cow<'n, str>)>,
    ) {
        let is_11 = self.how.form == Form::Inclusive11;
        for ancestor in element.ancestors().skip(1).filter(Node::is_element) {
            for one in ancestor.attributes().filter(|one| one.namespace() == Some(XML)) {
                let is_there = all.iter().any(|(uri, name, ..)| *uri == XML && *name == one.name());
                let stays = is_11 && matches!(one.name(), "id" | "base");
                if !is_there && !stays {
                    let name = self.text.get(one.range_qname()).unwrap_or_default();
                    all.push((XML, one.name(), name, one.value().into()));
                }
            }
        }
    }
}

fn declared<'n>(one: &'n roxmltree::Namespace<'n>) -> Declared<'n> {
    (one.name().unwrap_or_default(), one.uri())
}

/// An element's name as it is written.
fn qualified_name<'n>(text: &'n str, element: Node<'_, '_>) -> &'n str {
    let tag = text.get(element.range().start + 1..).unwrap_or_default();
    let end =
        tag.bytes().position(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>'));
    tag.get(..end.unwrap_or(tag.len())).unwrap_or_default()
}

fn prefix_of(name: &str) -> &str {
    name.split_once(':').map_or("", |(prefix, _)| prefix)
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    escape(out, text, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'>' => Some(b"&gt;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

fn write_value(out: &mut Vec<u8>, value: &str) {
    escape(out, value, |byte| match byte {
        b'&' => Some(b"&amp;"),
        b'<' => Some(b"&lt;"),
        b'"' => Some(b"&quot;"),
        b'\t' => Some(b"&#x9;"),
        b'\n' => Some(b"&#xA;"),
        b'\r' => Some(b"&#xD;"),
        _ => None,
    });
}

fn escape(out: &mut Vec<u8>, text: &str, written: impl Fn(u8) -> Option<&'static [u8]>) {
    let mut rest = text.as_bytes();
    while let Some((at, instead)) =
        rest.iter().enumerate().find_map(|(at, byte)| Some((at, written(*byte)?)))
    {
        let (before, after) = rest.split_at(at);
        out.extend_from_slice(before);
        out.extend_from_slice(instead);
        rest = after.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

/// A comment with its line ends as XML reads them.
fn write_comment(out: &mut Vec<u8>, comment: &str) {
    out.extend_from_slice(b"<!--");
    out.extend_from_slice(comment.replace("\r\n", "\n").replace('\r', "\n").as_bytes());
    out.extend_from_slice(b"-->");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::xml::{MESSAGE, Tree};

    fn octets(text: &str, name: &str, how: &Canonicalization) -> String {
        let tree = Tree::parse(text, MESSAGE).unwrap();
        let root = tree.root();
        let node = root.descendants().find(|node| node.tag_name().name() == name).unwrap();
        String::from_utf8(canonicalize(node, how, None)).unwrap()
    }

    const NESTED: &str = "<a:r xmlns:a='urn:a' xmlns:b='urn:b' xmlns='urn:d' xml:lang='en'>\
        <n z='1' a='2' b:y='3' ><b:m xmlns:c='urn:c' xmlns=''><k/></b:m></n></a:r>";

    #[test]
    fn the_inclusive_form_takes_along_what_is_in_scope() {
        let inclusive = Canonicalization::inclusive();
        assert_eq!(
            octets(NESTED, "n", &inclusive),
            "<n xmlns=\"urn:d\" xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" a=\"2\" z=\"1\" xml:lang=\"en\" b:y=\"3\">\
             <b:m xmlns=\"\" xmlns:c=\"urn:c\"><k></k></b:m></n>"
        );
    }

    #[test]
    fn the_exclusive_form_takes_along_what_is_used_and_what_is_listed() {
        assert_eq!(
            octets(NESTED, "n", &Canonicalization::exclusive(&[])),
            "<n xmlns=\"urn:d\" xmlns:b=\"urn:b\" a=\"2\" z=\"1\" b:y=\"3\">\
             <b:m><k xmlns=\"\"></k></b:m></n>"
        );
        assert_eq!(
            octets(NESTED, "m", &Canonicalization::exclusive(&["a", "missing"])),
            "<b:m xmlns:a=\"urn:a\" xmlns:b=\"urn:b\"><k></k></b:m>"
        );
        assert_eq!(
            octets(NESTED, "m", &Canonicalization::exclusive(&["c"])),
            "<b:m xmlns:b=\"urn:b\" xmlns:c=\"urn:c\"><k></k></b:m>"
        );
        let default = Canonicalization::exclusive(&[""]);
        assert_eq!(
            octets("<x xmlns='urn:d'><p:y xmlns:p='urn:p'/></x>", "y", &default),
            "<p:y xmlns=\"urn:d\" xmlns:p=\"urn:p\"></p:y>"
        );
    }

    #[test]
    fn characters_are_written_in_their_one_form() {
        let text = "<r a='&quot;&lt;>&amp;&#9;&#xA;&#xD;\n'>&lt;>&amp;\"&#xD;\r\n<![CDATA[<&]]><!--c--></r>";
        let exclusive = Canonicalization::exclusive(&[]);
        assert_eq!(
            octets(text, "r", &exclusive),
            "<r a=\"&quot;&lt;>&amp;&#x9;&#xA;&#xD; \">&lt;&gt;&amp;\"&#xD;\n&lt;&amp;</r>"
        );
        let with_comments = Canonicalization { with_comments: true, ..exclusive };
        assert!(octets(text, "r", &with_comments).ends_with("<!--c--></r>"));
    }

    #[test]
    fn one_element_is_left_out_with_all_within_it() {
        let text = "<r><s xmlns:q='urn:q'><t/>x</s><q:u xmlns:q='urn:q'/></r>";
        let tree = Tree::parse(text, MESSAGE).unwrap();
        let out = tree.root().first_element_child().unwrap().id();
        let octets = canonicalize(tree.root(), &Canonicalization::inclusive(), Some(out));
        assert_eq!(String::from_utf8(octets).unwrap(), "<r><q:u xmlns:q=\"urn:q\"></q:u></r>");
    }

    #[test]
    fn comments_around_the_root_stand_on_lines_of_their_own() {
        let tree = Tree::parse("<!--a--><r/><!--b-->", MESSAGE).unwrap();
        let how = Canonicalization { with_comments: true, ..Canonicalization::inclusive() };
        assert_eq!(canonicalize_document(tree.root(), &how), b"<!--a-->\n<r></r>\n<!--b-->");
        let plain = Canonicalization::inclusive();
        assert_eq!(canonicalize_document(tree.root(), &plain), b"<r></r>");
    }

    #[test]
    fn algorithms_are_known_by_their_whole_address() {
        let form = |uri| Canonicalization::of_uri(uri).map(|how| (how.form, how.with_comments));
        assert_eq!(form("http://www.w3.org/2001/10/xml-exc-c14n#"), Some((Form::Exclusive, false)));
        let comments = "http://www.w3.org/2001/10/xml-exc-c14n#WithComments";
        assert_eq!(form(comments), Some((Form::Exclusive, true)));
        let inclusive = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
        assert_eq!(form(inclusive), Some((Form::Inclusive, true)));
        assert_eq!(form("http://www.w3.org/2006/12/xml-c14n11"), Some((Form::Inclusive11, false)));
        assert_eq!(form("http://www.w3.org/2001/10/xml-exc-c14n"), None);
        assert_eq!(form("http://www.w3.org/2001/10/xml-exc-c14n##WithComments"), None);
        assert_eq!(form("http://www.w3.org/2000/09/xmldsig#enveloped-signature"), None);
    }

    #[test]
    fn the_form_11_is_not_taken_where_there_is_a_base_address() {
        let tree = Tree::parse("<r xml:base='urn:x'><a/></r>", MESSAGE).unwrap();
        let inner = tree.root().first_element_child().unwrap();
        let of = |uri: &str| Canonicalization::of_uri(uri).unwrap();
        assert!(!of("http://www.w3.org/2006/12/xml-c14n11").takes(inner));
        assert!(!of("http://www.w3.org/2006/12/xml-c14n11").takes(tree.root()));
        let plain = Tree::parse("<r><a/></r>", MESSAGE).unwrap();
        assert!(of("http://www.w3.org/2006/12/xml-c14n11").takes(plain.root()));
        assert!(Canonicalization::inclusive().takes(inner));
    }
}
