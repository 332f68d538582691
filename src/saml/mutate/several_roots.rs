//! Class 3: several roots, or a response within the response.

use super::draft::{Done, advice, extensions, object};
use super::{Class, Draft, Expected, Kind, MutateError};

pub(super) static CLASS: Class = Class {
    number: Some(3),
    name: "several-roots",
    says: "several root elements, or a second response within the first",
    cves: &["CVE-2022-39299"],
    kinds: KINDS,
};

const STRICT: Expected = Expected::Rejected(&["signature/doctype"]);
const WRONG: Expected = Expected::Rejected(&["signature/wrong-element"]);

static KINDS: &[Kind] = &[
    Kind::new(
        "several-roots/forged-first",
        "a forged response stands before the signed one, as a root of its own",
        STRICT,
        |d| {
            let forged = forged(d)?;
            d.before("Response", &forged).map(drop)
        },
    ),
    Kind::new(
        "several-roots/forged-last",
        "a forged response stands after the signed one, as a root of its own",
        STRICT,
        |d| {
            let forged = forged(d)?;
            d.after("Response", &forged).map(drop)
        },
    ),
    Kind::new(
        "several-roots/assertion-beside",
        "the signed assertion stands beside a forged response",
        STRICT,
        |d| {
            let signed = d.outer("Assertion")?;
            d.text = format!("{}{signed}", forged(d)?);
            Ok(())
        },
    ),
    Kind::new("several-roots/text-behind", "text stands behind the root", STRICT, |d| {
        d.after("Response", "admin").map(drop)
    }),
    Kind::new(
        "several-roots/response-in-extensions",
        "the signed response stands in the Extensions of a forged one",
        WRONG,
        |d| {
            let signed = d.outer("Response")?;
            d.text = forged(d)?;
            d.before("Status", &extensions(&signed)).map(drop)
        },
    ),
    Kind::new(
        "several-roots/response-in-response",
        "the signed response stands in place of a forged one's assertion",
        WRONG,
        |d| {
            let signed = d.outer("Response")?;
            d.text = forged(d)?;
            d.replace("Assertion", &signed).map(drop)
        },
    ),
    Kind::new(
        "several-roots/response-in-object",
        "a forged response stands in an Object of the signature",
        WRONG,
        |d| {
            let forged = forged(d)?;
            d.end(("Response", "Signature"), &object(&forged)).map(drop)
        },
    ),
    Kind::new(
        "several-roots/response-in-advice",
        "a second response stands in the Advice, signed as a whole",
        WRONG,
        |d| {
            let forged = forged(d)?;
            d.after("Conditions", &advice(&forged))?.sign()
        },
    ),
    Kind::valid("several-roots/valid-space", "white space stands around the root", |d| {
        around(d, "\n\n", "\n \t\n")
    }),
    Kind::valid("several-roots/valid-comments", "comments stand around the root", |d| {
        around(d, "<!-- from the browser -->", "<!-- the end -->\n")
    }),
    Kind::valid(
        "several-roots/valid-foreign",
        "the Extensions hold an element `Response` of another namespace",
        |d| {
            d.before("Status", &extensions("<Response xmlns=\"urn:heron:trace\">ok</Response>"))?
                .sign()
        },
    ),
];

/// The response as somebody else would have it, without a signature.
fn forged(d: &Draft<'_>) -> Result<String, MutateError> {
    let mut copy = d.clone();
    let id = format!("{}0", d.stated("Response", "ID")?);
    copy.unsign()?.forge()?.attribute("Response", "ID", &id)?.outer("Response")
}

fn around(d: &mut Draft<'_>, before: &str, after: &str) -> Done {
    d.before("Response", before)?.after("Response", after).map(drop)
}
