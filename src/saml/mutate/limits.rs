//! Class 18: what is read before anything is verified has limits.

use std::fmt::Write as _;

use super::draft::{extensions, object};
use super::{Class, Done, Draft, Expected, Kind};

pub(super) static CLASS: Class = Class {
    number: Some(18),
    name: "limits",
    says: "what is read before anything is verified is too deep, too wide or too much",
    cves: &[],
    kinds: KINDS,
};

const STRICT: Expected = Expected::Rejected(&["signature/doctype"]);

static KINDS: &[Kind] = &[
    Kind::new("limits/depth", "elements are nested one level deeper than is read", STRICT, |d| {
        depth(d, 63)
    }),
    Kind::new(
        "limits/depth-of-thousands",
        "elements are nested thousands of levels deep",
        STRICT,
        |d| depth(d, 2_000),
    ),
    Kind::new("limits/attributes", "a tag has one attribute more than is read", STRICT, |d| {
        attributes(d, 64)
    }),
    Kind::new("limits/attributes-of-thousands", "a tag has thousands of attributes", STRICT, |d| {
        attributes(d, 2_000)
    }),
    Kind::new(
        "limits/namespaces",
        "more namespaces hold at an element than are read",
        STRICT,
        |d| namespaces(d, 5),
    ),
    Kind::new(
        "limits/many-signatures",
        "the signature of the assertion stands in it twenty times",
        Expected::Rejected(&["signature/wrong-element"]),
        |d| {
            let signature = d.loosened()?.outer("Signature")?;
            d.before("Status", &extensions(&signature.repeat(20))).map(drop)
        },
    ),
    Kind::new(
        "limits/many-certificates",
        "a stranger's signature carries twenty certificates",
        Expected::Rejected(&["signature/invalid"]),
        |d| {
            let keys = d.keys;
            let options = super::draft::as_okta(&keys.p256);
            d.unsign()?.sign_one("Assertion", &options)?;
            let known = d.outer("X509Certificate")?;
            d.content("SignatureValue", &super::bomb::base64_of(64))?;
            d.after("X509Certificate", &known.repeat(20)).map(drop)
        },
    ),
    Kind::valid("limits/valid-depth", "elements are nested as deep as is read", |d| {
        depth(d, 62)?;
        d.sign()
    }),
    Kind::valid("limits/valid-attributes", "a tag has as many attributes as are read", |d| {
        attributes(d, 63)?;
        d.sign()
    }),
    Kind::valid(
        "limits/valid-namespaces",
        "as many namespaces hold at an element as are read",
        |d| {
            namespaces(d, 4)?;
            d.sign()
        },
    ),
    Kind::valid(
        "limits/valid-object",
        "an Object of the signature holds a hundred elements",
        |d| {
            d.end(("Response", "Signature"), &object(&"<a xmlns=\"urn:heron\"/>".repeat(100)))
                .map(drop)
        },
    ),
];

/// So many elements within each other, in the Extensions.
fn depth(d: &mut Draft<'_>, count: usize) -> Done {
    let nested = format!("{}{}", "<a>".repeat(count), "</a>".repeat(count));
    d.before("Status", &extensions(&nested)).map(drop)
}

/// An element with so many attributes and a namespace, in the Extensions.
fn attributes(d: &mut Draft<'_>, count: usize) -> Done {
    let mut tag = "<a xmlns=\"urn:heron\"".to_owned();
    for number in 0..count {
        // Writing to a String cannot fail.
        let _ = write!(tag, " a{number}=\"\"");
    }
    d.before("Status", &extensions(&(tag + "/>"))).map(drop)
}

/// So many elements within each other, each with sixty namespaces, in the Extensions.
fn namespaces(d: &mut Draft<'_>, count: usize) -> Done {
    let mut open = String::new();
    for level in 0..count {
        open += "<a";
        for number in 0..60 {
            // Writing to a String cannot fail.
            let _ = write!(open, " xmlns:p{level}x{number}=\"urn:heron:{level}:{number}\"");
        }
        open += ">";
    }
    d.before("Status", &extensions(&(open + &"</a>".repeat(count)))).map(drop)
}
