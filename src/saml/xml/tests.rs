//! Tests of the strict reader of XML.

use super::*;

fn problem(text: &str) -> (XmlProblem, u32) {
    let error = Tree::parse(text, MESSAGE).unwrap_err();
    (error.problem, error.at.line)
}

fn nested(depth: usize) -> String {
    format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth))
}

fn with_attributes(count: usize) -> String {
    let attributes: String = (0..count).map(|n| format!(" a{n}=\"\"")).collect::<Vec<_>>().concat();
    format!("<a{attributes}/>")
}

#[test]
fn a_document_at_a_limit_is_read_and_one_past_it_is_not() {
    assert!(Tree::parse(&nested(DEPTH), MESSAGE).is_ok());
    assert_eq!(problem(&nested(DEPTH + 1)).0, XmlProblem::TooDeep);
    assert!(Tree::parse(&with_attributes(ATTRIBUTES), MESSAGE).is_ok());
    assert_eq!(problem(&with_attributes(ATTRIBUTES + 1)).0, XmlProblem::TooManyAttributes);
    assert!(Tree::parse("<a/>", 4).is_ok());
    let error = Tree::parse("<a />", 4).unwrap_err();
    assert_eq!(error.problem, XmlProblem::TooLarge { found: 5, allowed: 4 });
    assert_eq!(problem(&nested(100_000)).0, XmlProblem::TooDeep);
    assert_eq!(problem(&with_attributes(50_000)).0, XmlProblem::TooManyAttributes);
    let declared = |count: usize| {
        let one = |level, n| format!(" xmlns:p{level}x{n}=\"urn:{level}:{n}\"");
        let tag = |level| {
            let all = (0..count).map(|n| one(level, n)).collect::<Vec<_>>().concat();
            format!("<a{all}>")
        };
        let open = (0..4).map(tag).collect::<Vec<_>>().concat();
        format!("{open}<b xmlns:q=\"urn:q\"/>{}", "</a>".repeat(4))
    };
    assert!(Tree::parse(&declared(63), MESSAGE).is_ok());
    assert_eq!(problem(&declared(64)).0, XmlProblem::TooManyNamespaces);
}

#[test]
fn an_xml_declaration_is_read_to_the_letter() {
    for text in [
        "<?xml version=\"1.0\"?><a/>",
        "\u{feff}<?xml version='1.0' encoding = 'UTF-8' ?><a/>",
        "<?xml version=\"1.0\"\n encoding=\"us-ascii\" standalone=\"no\"?><a/>",
        "<?xml version=\"1.0\" standalone='yes'?><a/>",
    ] {
        assert!(Tree::parse(text, MESSAGE).is_ok(), "{text}");
    }
    for text in [
        "<?xml version=\"&#49;.0\"?><a/>",
        "<?xml version=\"1.1\"?><a/>",
        "<?xml version=\"1.0\" standalone=\"ye&#0115;\"?><a/>",
        "<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?><a/>",
        "<?xml version=\"1.0\"encoding=\"UTF-8\"?><a/>",
        "<?xml version=\"1.0\" encoding=\"UTF 8\"?><a/>",
        "<?xml encoding=\"UTF-8\"?><a/>",
        "<?xml version=\"1.0\" other=\"1\"?><a/>",
    ] {
        let (problem, line) = problem(text);
        let is_refused = matches!(problem, XmlProblem::Declaration | XmlProblem::IllFormed(_));
        assert!(is_refused && line == 1, "{text}: {problem:?}");
    }
}

#[test]
fn document_types_instructions_and_unbound_prefixes_are_refused_at_their_line() {
    assert_eq!(
        problem("<!DOCTYPE a [<!ENTITY b \"c\">]>\n<a>&b;</a>"),
        (XmlProblem::DocumentType, 1)
    );
    assert_eq!(problem("<a>\n<?php x?></a>"), (XmlProblem::ProcessingInstruction, 2));
    assert_eq!(problem("<a\nxmlns:ds=\"\"/>").0, XmlProblem::EmptyNamespace("ds".to_owned()));
    for (first, second) in [("", "u"), ("u", ""), ("", ""), ("u", "u"), ("u", "v")] {
        let text = format!("<a>\n<b xmlns=\"{first}\" xmlns=\"{second}\"/></a>");
        assert_eq!(problem(&text), (XmlProblem::NamespaceTwice("xmlns".to_owned()), 2));
    }
    let twice = XmlProblem::NamespaceTwice("xmlns:p".to_owned());
    assert_eq!(problem("<a xmlns:p='u' c='' xmlns:p='u'/>").0, twice);
    for name in ["#0", "#xD800", "#55296", "#x110000", "#4294967361", "#xFFFE", "#+65", "#x"] {
        let expected = XmlProblem::Reference(name.to_owned());
        assert_eq!(problem(&format!("<a>&{name};</a>")).0, expected);
        assert_eq!(problem(&format!("<a b=\"x&amp;&{name};\"/>")).0, expected);
        assert!(Tree::parse(&format!("<a><!-- &{name}; --><![CDATA[&{name};]]></a>"), 100).is_ok());
    }
    assert_eq!(problem("<a>\n\n<b></a>").1, 3);
    assert_eq!(problem(" \n ").0, XmlProblem::Empty);
    assert_eq!(problem("\n{}"), (XmlProblem::NoMarkup, 2));
    assert_eq!(problem("<a/>\n<b/>"), (XmlProblem::BesideRoot, 2));
    assert_eq!(problem("<a/>\ntext").0, XmlProblem::BesideRoot);
    for (text, said) in [
        ("<a b=\"1\" b=\"2\"/>", "attribute `b` is already defined"),
        ("<a b=c/>", "attribute value must be enclosed in `\"` or `'`"),
        ("<a><!-- -- --></a>", "comment contains `--`"),
        ("<p:a/>", "an unknown namespace prefix `p`"),
    ] {
        assert_eq!(problem(text).0, XmlProblem::IllFormed(said.to_owned()), "{text}");
    }
    for text in [
        "<a/><b/>",
        "<p:a/>",
        "<a>]]></a>",
        "<a>\0</a>",
        "<a>&nope;</a>",
        "{}",
        "<a b=\"1\" b=\"2\"/>",
        "<a",
    ] {
        assert!(Tree::parse(text, MESSAGE).is_err(), "{text}");
    }
}

#[test]
fn attributes_and_tags_know_their_bytes_and_lines() {
    let text = "<?xml version=\"1.0\"?>\n<a>\n <b id=\"é&amp;x\">t</b>\n</a>";
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let b = tree.root().first_element_child().unwrap();
    let spot = tree.spot(b);
    assert_eq!((spot.line, text.get(spot.bytes)), (3, Some("<b id=\"é&amp;x\">")));
    let id = tree.attribute(b, "id").unwrap();
    assert_eq!((&*id.value, text.get(id.at.bytes)), ("é&x", Some("é&amp;x")));
    assert_eq!(text_of(tree.root()).trim(), "t");
}

proptest::proptest! {
    #[test]
    fn no_text_panics(text in "[<>a-b/&;!?\\[\\]'\" =:\u{feff}\\n-]{0,80}") {
        let _ = Tree::parse(&text, MESSAGE);
    }
}
