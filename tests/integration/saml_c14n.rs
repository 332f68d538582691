//! Canonical XML: what libxml2 makes of the same documents, and what holds of every document.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rolecall::saml::c14n::{Canonicalization, Form, canonicalize, canonicalize_document};
use rolecall::saml::key::Hash;
use rolecall::saml::xml::{MESSAGE, Tree, text_of};

use crate::support::shared;

/// One line of `cases.tsv`.
struct Case<'t> {
    document: &'t str,
    how: Canonicalization,
    id: &'t str,
    octets: &'t str,
}

impl<'t> Case<'t> {
    fn read(line: &'t str) -> Self {
        let cells: Vec<&str> = line.split('\t').collect();
        let [document, form, comments, id, prefixes, octets] = *cells else {
            panic!("{line}: expected six cells");
        };
        let form = match form {
            "1.0" => Form::Inclusive,
            "1.1" => Form::Inclusive11,
            "exclusive" => Form::Exclusive,
            other => panic!("{other}: no form"),
        };
        let prefix = |name: &str| if name == "#default" { String::new() } else { name.to_owned() };
        let inclusive_prefixes = prefixes.split_ascii_whitespace().map(prefix).collect();
        let how = Canonicalization { form, with_comments: comments == "1", inclusive_prefixes };
        Self { document, how, id, octets }
    }

    /// What is made of it here; none where an element cannot be canonicalised so.
    fn canonical(&self, text: &str) -> Option<Vec<u8>> {
        let tree = Tree::parse(text, MESSAGE).unwrap_or_else(|error| panic!("{text}\n{error}"));
        if self.id.is_empty() {
            let is_taken = self.how.takes(tree.root());
            return is_taken.then(|| canonicalize_document(tree.root(), &self.how));
        }
        let element = tree.root().descendants().find(|one| one.attribute("ID") == Some(self.id));
        let element = element.expect("an element with the ID");
        self.how.takes(element).then(|| canonicalize(element, &self.how, None))
    }
}

/// With `ROLECALL_C14N`, a folder that `tests/outside/c14n.py` fills.
#[test]
#[ignore = "wants ROLECALL_C14N, a folder made by tests/outside/c14n.py"]
fn canonical_forms_are_those_of_libxml2() {
    let folder = std::env::var("ROLECALL_C14N").expect("ROLECALL_C14N names a folder");
    let folder = Path::new(&folder);
    let cases = fs::read_to_string(folder.join("cases.tsv")).unwrap();
    let (mut agreed, mut not_taken, mut wrong) = (0, 0, Vec::new());
    for case in cases.lines().map(Case::read) {
        let text = fs::read_to_string(folder.join(case.document)).unwrap();
        match case.canonical(&text) {
            Some(ours) if ours == fs::read(folder.join(case.octets)).unwrap() => agreed += 1,
            Some(_) => wrong.push(format!("{} {:?} `{}`", case.octets, case.how, case.id)),
            None => not_taken += 1,
        }
    }
    println!("{agreed} canonical forms agree, {not_taken} are not taken (xml:base and form 1.1)");
    let shown: Vec<&str> = wrong.iter().take(20).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), shown.join("\n"));
    assert!(agreed > 2_000, "only {agreed} canonical forms: too few to say");
}

#[test]
fn the_exclusive_forms_of_the_interoperability_vectors_have_their_digests() {
    let Some(shared) = shared() else { return };
    let file = shared.join("saml/c14n/merlin-exc-c14n-one/exc-signature.xml");
    let text = fs::read_to_string(file).unwrap();
    let tree = Tree::parse(&text, MESSAGE).unwrap();
    let named = |name: &'static str| {
        tree.root().descendants().filter(move |node| node.tag_name().name() == name)
    };
    let signed = tree.root().descendants().find(|one| one.attribute("Id") == Some("to-be-signed"));
    let mut count = 0;
    for reference in named("Reference") {
        let within = |name: &str| reference.descendants().find(|one| one.tag_name().name() == name);
        let algorithm = within("Transform").and_then(|one| one.attribute("Algorithm")).unwrap();
        let mut how = Canonicalization::of_uri(algorithm).unwrap();
        if let Some(list) = within("InclusiveNamespaces") {
            let prefixes = list.attribute("PrefixList").unwrap().split(' ');
            how.inclusive_prefixes = prefixes.map(|one| one.replace("#default", "")).collect();
        }
        let octets = canonicalize(signed.unwrap(), &how, None);
        let digest = STANDARD.encode(Hash::Sha1.digest(&octets));
        assert_eq!(digest, text_of(within("DigestValue").unwrap()), "{algorithm}");
        count += 1;
    }
    assert_eq!(count, 4);
}

/// The other vectors of this set take nodes out of the middle of a tree, which no signature here may.
#[test]
fn the_inclusive_form_of_an_element_within_is_that_of_the_interoperability_vector() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("saml/c14n/merlin-c14n-three");
    let text = fs::read_to_string(folder.join("signature.xml")).unwrap();
    let tree = Tree::parse(&text, MESSAGE).unwrap();
    let element = tree.root().first_element_child().unwrap();
    let octets = canonicalize(element, &Canonicalization::inclusive(), None);
    assert_eq!(octets, fs::read(folder.join("c14n-0.txt")).unwrap());
}

/// An element of a made document; every prefix is declared where it is used, or further out.
fn elements() -> impl Strategy<Value = String> {
    let text = || "[a-z<&>\"'\\r\\n\\t \u{e9}\u{85}\u{2028}\u{1f980}]{0,6}";
    let escaped = |text: &str, in_attribute: bool| {
        let mut out = String::new();
        for c in text.chars() {
            match c {
                '<' | '&' | '>' | '\r' => write!(out, "&#{};", u32::from(c)).unwrap(),
                '"' | '\n' | '\t' if in_attribute => {
                    write!(out, "&#x{:x};", u32::from(c)).unwrap();
                }
                other => out.push(other),
            }
        }
        out
    };
    let names = || prop::sample::select(vec!["a", "b", "p:a", "q:a", "p:b"]);
    let declarations = prop::sample::subsequence(
        vec![
            "xmlns=\"urn:d\"",
            "xmlns:p=\"urn:p2\"",
            "xmlns:q=\"urn:p\"",
            "xmlns:unused=\"urn:u\"",
            "xml:lang=\"en\"",
            "xml:space=\"preserve\"",
        ],
        0..4,
    );
    let tag = (names(), declarations, text(), text(), any::<bool>(), any::<bool>());
    let tag = tag.prop_map(move |(name, mut parts, first, second, is_cdata, undeclares)| {
        if undeclares && !parts.contains(&"xmlns=\"urn:d\"") {
            parts.push("xmlns=\"\"");
        }
        let inside = if is_cdata {
            format!("<![CDATA[{}]]>", first.replace('\r', ""))
        } else {
            escaped(&first, false)
        };
        let value = escaped(&second, true);
        (
            name,
            parts.join(" "),
            format!("b=\"{value}\" p:c='{}'", value.replace('\'', "&apos;")),
            inside,
        )
    });
    let leaf = tag.clone().prop_map(|(name, declared, attributes, text)| {
        format!("<{name} {declared} {attributes}>{text}<!--{name}--></{name}>")
    });
    leaf.prop_recursive(5, 24, 4, move |inner| {
        (tag.clone(), prop::collection::vec(inner, 0..4)).prop_map(
            |((name, declared, attributes, text), children)| {
                let children = children.join("\n");
                format!("<{name} {attributes} {declared}>{text}{children}</{name}>")
            },
        )
    })
}

fn forms() -> impl Strategy<Value = Canonicalization> {
    let forms = prop::sample::select(vec![Form::Inclusive, Form::Inclusive11, Form::Exclusive]);
    let prefixes = prop::sample::subsequence(vec!["", "p", "q", "absent"], 0..4);
    (forms, any::<bool>(), prefixes).prop_map(|(form, with_comments, prefixes)| {
        let is_exclusive = form == Form::Exclusive;
        let prefixes = if is_exclusive { prefixes } else { Vec::new() };
        let inclusive_prefixes = prefixes.into_iter().map(str::to_owned).collect();
        Canonicalization { form, with_comments, inclusive_prefixes }
    })
}

proptest! {
    #[test]
    fn the_canonical_form_of_a_canonical_form_is_itself(inside in elements(), how in forms()) {
        let text = format!("<r xmlns:p=\"urn:p\" xmlns:q='urn:q' xmlns='urn:r'>{inside}</r>");
        let tree = Tree::parse(&text, MESSAGE).unwrap();
        for element in tree.root().descendants().filter(roxmltree::Node::is_element) {
            let once = String::from_utf8(canonicalize(element, &how, None)).unwrap();
            let again = Tree::parse(&once, MESSAGE).unwrap();
            let twice = String::from_utf8(canonicalize(again.root(), &how, None)).unwrap();
            prop_assert_eq!(once, twice);
        }
    }
}
