//! Class 12: transforms that run programs, cut out what is covered, or are unknown.

use super::{Class, Done, Draft, Expected, Kind};
use crate::saml::signature::{DSIG, ENVELOPED, EXCLUSIVE};

pub(super) static CLASS: Class = Class {
    number: Some(12),
    name: "transform",
    says: "a transform runs a program, cuts out what is covered, or is unknown",
    cves: &["CVE-2022-34169"],
    kinds: KINDS,
};

const TRANSFORM: Expected = Expected::Rejected(&["signature/transform"]);
const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

static KINDS: &[Kind] = &[
    Kind::new(
        "transform/xslt",
        "an XSLT transform, a program to run before anything is verified",
        TRANSFORM,
        |d| {
            let program = "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\">\
                       <xsl:template match=\"/\"><a/></xsl:template></xsl:stylesheet>";
            third(d, "http://www.w3.org/TR/1999/REC-xslt-19991116", program)
        },
    ),
    Kind::new(
        "transform/xpath",
        "an XPath transform that leaves all but the Issuer out",
        TRANSFORM,
        |d| {
            let path = "<ds:XPath>ancestor-or-self::*[local-name()='Issuer']</ds:XPath>";
            instead(d, &transform("http://www.w3.org/TR/1999/REC-xpath-19991116", path))
        },
    ),
    Kind::new(
        "transform/xpath-filter",
        "an XPath Filter 2.0 that subtracts the statements",
        TRANSFORM,
        |d| {
            let path = "<x:XPath xmlns:x=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"subtract\">\
                    //*[local-name()='AttributeStatement']</x:XPath>";
            instead(d, &transform("http://www.w3.org/2002/06/xmldsig-filter2", path))
        },
    ),
    Kind::new("transform/base64", "a base64 transform", TRANSFORM, |d| {
        instead(d, &transform(&format!("{DSIG}base64"), ""))
    }),
    Kind::new("transform/decrypt", "a decryption transform", TRANSFORM, |d| {
        instead(d, &transform("http://www.w3.org/2002/07/decrypt#XML", ""))
    }),
    Kind::new("transform/unknown", "a transform that nobody knows", TRANSFORM, |d| {
        instead(d, &transform("http://heron.example/transform", ""))
    }),
    Kind::new("transform/without-name", "a transform without a name", TRANSFORM, |d| {
        instead(d, "<ds:Transform/>")
    }),
    Kind::new("transform/three", "a third transform, canonicalisation once more", TRANSFORM, |d| {
        third(d, EXCLUSIVE, "")
    }),
    Kind::new(
        "transform/enveloped-twice",
        "the enveloped-signature transform twice",
        TRANSFORM,
        |d| instead(d, &transform(ENVELOPED, "").repeat(2)),
    ),
    Kind::new(
        "transform/enveloped-late",
        "the enveloped-signature transform behind canonicalisation",
        TRANSFORM,
        |d| instead(d, &[transform(EXCLUSIVE, ""), transform(ENVELOPED, "")].concat()),
    ),
    Kind::new("transform/many", "fifty transforms", TRANSFORM, |d| {
        instead(d, &transform(EXCLUSIVE, "").repeat(50))
    }),
    Kind::valid(
        "transform/valid-enveloped-alone",
        "the enveloped-signature transform alone; canonicalisation is inclusive then",
        |d| signed(d, &transform(ENVELOPED, "")),
    ),
    Kind::valid(
        "transform/valid-inclusive",
        "inclusive canonicalisation of the element, exclusive of the SignedInfo",
        |d| signed(d, &[transform(ENVELOPED, ""), transform(INCLUSIVE, "")].concat()),
    ),
    Kind::valid(
        "transform/valid-many-prefixes",
        "InclusiveNamespaces name every prefix there is",
        |d| {
            let list = format!(
                "<ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"ds saml2 saml2p xs xsi\"/>"
            );
            signed(d, &[transform(ENVELOPED, ""), transform(EXCLUSIVE, &list)].concat())
        },
    ),
    Kind::valid(
        "transform/valid-prefixes-of-signed-info",
        "the SignedInfo is canonicalised with InclusiveNamespaces",
        |d| {
            let list = format!(
                "<ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"saml2p xs\"/>"
            );
            d.content("CanonicalizationMethod", &list)?;
            complete(d)
        },
    ),
];

/// A transform of the signatures' namespace.
fn transform(algorithm: &str, content: &str) -> String {
    format!("<ds:Transform xmlns:ds=\"{DSIG}\" Algorithm=\"{algorithm}\">{content}</ds:Transform>")
}

/// A third transform of the assertion's signature, its value made anew.
fn third(d: &mut Draft<'_>, algorithm: &str, content: &str) -> Done {
    let keys = d.keys;
    d.loosened()?.end("Transforms", &transform(algorithm, content))?;
    d.value_anew("Assertion", &keys.known.key)
}

/// Other transforms of the assertion's signature, its value made anew.
fn instead(d: &mut Draft<'_>, transforms: &str) -> Done {
    let keys = d.keys;
    d.loosened()?.content("Transforms", transforms)?;
    d.value_anew("Assertion", &keys.known.key)
}

/// Other transforms of the response's signature, made anew.
fn signed(d: &mut Draft<'_>, transforms: &str) -> Done {
    d.content("Transforms", transforms)?;
    complete(d)
}

/// Digest and value of the response's signature made anew.
fn complete(d: &mut Draft<'_>) -> Done {
    d.text = crate::saml::sign::complete(&d.text, 0, &d.keys.known.key, None)?;
    Ok(())
}
