//! Class 4: the reference of a signature means another element than the one that is read.

use super::draft::extensions;
use super::{Class, Done, Draft, Expected, Kind};
use crate::saml::sign::SigningOptions;

pub(super) static CLASS: Class = Class {
    number: Some(4),
    name: "reference",
    says: "the reference of a signature means another element, or may mean several",
    cves: &["CVE-2025-23369", "CVE-2026-33487"],
    kinds: KINDS,
};

const WRONG: Expected = Expected::Rejected(&["signature/wrong-element"]);

static KINDS: &[Kind] = &[
    Kind::new(
        "reference/duplicate-id",
        "an element in the Extensions has the ID of the assertion",
        WRONG,
        |d| id_elsewhere(d, "ID"),
    ),
    Kind::new(
        "reference/duplicate-id-in-lower-case",
        "an attribute `id` elsewhere has the ID of the assertion",
        WRONG,
        |d| id_elsewhere(d, "id"),
    ),
    Kind::new(
        "reference/duplicate-xml-id",
        "an attribute `xml:id` elsewhere has the ID of the assertion",
        WRONG,
        |d| id_elsewhere(d, "xml:id"),
    ),
    Kind::new(
        "reference/duplicate-assertion-id",
        "an attribute `AssertionID`, as SAML 1.1 has it, has the ID of the assertion",
        WRONG,
        |d| id_elsewhere(d, "AssertionID"),
    ),
    Kind::new(
        "reference/same-id-twice",
        "response and assertion have the same ID, both signed",
        WRONG,
        |d| {
            let id = d.stated("Response", "ID")?;
            d.attribute("Assertion", "ID", &id)?.sign()
        },
    ),
    Kind::new(
        "reference/built-by-entity",
        "an ID is built by an entity",
        Expected::Rejected(&["signature/doctype"]),
        |d| {
            let id = d.stated("Assertion", "ID")?;
            let (first, rest) = id.split_at(id.len() / 2);
            d.before("Response", &format!("<!DOCTYPE Response [<!ENTITY e \"{first}\">]>"))?;
            d.swap(&format!(" ID=\"{id}\""), &format!(" ID=\"&e;{rest}\"")).map(drop)
        },
    ),
    Kind::new(
        "reference/to-nothing",
        "the reference names an ID that no element has",
        WRONG,
        |d| refers_to(d, "#id0"),
    ),
    Kind::new(
        "reference/to-issuer",
        "the reference names the Issuer, which has an ID of its own",
        WRONG,
        |d| {
            d.loosened()?.attribute(("Assertion", "Issuer"), "ID", "idissuer")?;
            refers_to(d, "#idissuer")
        },
    ),
    Kind::new(
        "reference/empty",
        "the reference of the assertion's signature is empty: the whole document",
        WRONG,
        |d| refers_to(d, ""),
    ),
    Kind::new("reference/without-uri", "the reference has no URI at all", WRONG, |d| {
        let keys = d.keys;
        d.loosened()?.without("Reference", "URI")?.value_anew("Assertion", &keys.known.key)
    }),
    Kind::new("reference/without-fragment", "the reference names the ID without `#`", WRONG, |d| {
        let id = d.stated("Assertion", "ID")?;
        refers_to(d, &id)
    }),
    Kind::new("reference/external", "the reference names an address elsewhere", WRONG, |d| {
        refers_to(d, "https://attacker.example/assertion.xml")
    }),
    Kind::new("reference/file", "the reference names a file", WRONG, |d| {
        refers_to(d, "file:///etc/passwd")
    }),
    Kind::new(
        "reference/xpointer",
        "the reference is an XPointer to the assertion's ID",
        WRONG,
        |d| {
            let id = d.stated("Assertion", "ID")?;
            refers_to(d, &format!("#xpointer(id('{id}'))"))
        },
    ),
    Kind::new(
        "reference/xpointer-to-root",
        "the reference is an XPointer to the root",
        WRONG,
        |d| refers_to(d, "#xpointer(/)"),
    ),
    Kind::valid(
        "reference/valid-empty",
        "the reference of the response's signature is empty: the whole document",
        |d| {
            d.remove(("Response", "Signature"))?;
            d.sign_one("Response", &SigningOptions { refers_to_document: true, ..d.okta() })
        },
    ),
    Kind::valid(
        "reference/valid-character-reference",
        "a letter of an ID is written as a character reference",
        |d| {
            let id = d.stated("Assertion", "ID")?;
            d.swap(
                &format!(" ID=\"{id}\""),
                &format!(" ID=\"&#x69;{}\"", id.trim_start_matches('i')),
            )
            .map(drop)
        },
    ),
    Kind::valid(
        "reference/valid-other-ids",
        "elements in the Extensions have IDs of their own",
        |d| {
            d.before(
                "Status",
                &extensions(
                    "<h:a xmlns:h=\"urn:heron\" ID=\"a1\"/><h:a xmlns:h=\"urn:heron\" Id=\"a2\"/>",
                ),
            )?
            .sign()
        },
    ),
    Kind::valid("reference/valid-alike", "two IDs differ in case alone", |d| {
        let id = d.stated("Response", "ID")?;
        d.attribute("Assertion", "ID", &id.to_uppercase())?.sign()
    }),
    Kind::valid(
        "reference/valid-odd-id",
        "IDs hold full stops, hyphens and letters that are not ASCII",
        |d| d.attribute("Assertion", "ID", "_é.1-a·b")?.sign(),
    ),
];

/// An element in the Extensions with the assertion's ID; the assertion keeps its signature.
fn id_elsewhere(d: &mut Draft<'_>, name: &str) -> Done {
    let id = d.loosened()?.stated("Assertion", "ID")?;
    let foreign = format!("<h:a xmlns:h=\"urn:heron\" {name}=\"{id}\"/>");
    d.before("Status", &extensions(&foreign)).map(drop)
}

/// The assertion's signature refers elsewhere, its value made anew as if it had been signed so.
fn refers_to(d: &mut Draft<'_>, uri: &str) -> Done {
    let keys = d.keys;
    d.loosened()?.attribute("Reference", "URI", uri)?.value_anew("Assertion", &keys.known.key)
}
