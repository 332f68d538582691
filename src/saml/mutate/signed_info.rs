//! Class 5: a signature with several parts where it has one, or with something in a part.

use super::draft::object;
use super::{Class, Done, Draft, Expected, Kind};
use crate::saml::signature::DSIG;

pub(super) static CLASS: Class = Class {
    number: Some(5),
    name: "signed-info",
    says: "a signature has a part twice, or a part holds more than its value",
    cves: &["CVE-2025-29774", "CVE-2025-29775"],
    kinds: KINDS,
};

const SEVERAL: Expected = Expected::Rejected(&["signature/several-references"]);
const INVALID: Expected = Expected::Rejected(&["signature/invalid"]);

static KINDS: &[Kind] = &[
    Kind::new(
        "signed-info/two",
        "a forged SignedInfo stands before the signed one",
        SEVERAL,
        |d| {
            let forged = forged_info(d)?;
            d.before("SignedInfo", &forged).map(drop)
        },
    ),
    Kind::new(
        "signed-info/two-last",
        "a forged SignedInfo stands after the signed one",
        SEVERAL,
        |d| {
            let forged = forged_info(d)?;
            d.after("SignedInfo", &forged).map(drop)
        },
    ),
    Kind::new(
        "signed-info/moved",
        "the signed SignedInfo stands in an Object, and a forged one in its place",
        SEVERAL,
        |d| {
            let forged = forged_info(d)?;
            let signed = d.outer("SignedInfo")?;
            d.replace("SignedInfo", &forged)?.end("Signature", &object(&signed)).map(drop)
        },
    ),
    Kind::new(
        "signed-info/only-in-object",
        "the one SignedInfo stands in an Object",
        INVALID,
        |d| {
            let signed = d.loosened()?.outer("SignedInfo")?;
            d.remove("SignedInfo")?.end("Signature", &object(&signed)).map(drop)
        },
    ),
    Kind::new(
        "signed-info/two-references",
        "a second Reference covers the Issuer, all of it signed",
        SEVERAL,
        |d| {
            let second = d.loosened()?.outer("Reference")?;
            d.attribute(("Assertion", "Issuer"), "ID", "idissuer")?;
            let id = d.stated("Assertion", "ID")?;
            let second = second.replace(&format!("#{id}"), "#idissuer");
            again(d.end("SignedInfo", &second)?)
        },
    ),
    Kind::new(
        "signed-info/no-reference",
        "a SignedInfo without a Reference, signed",
        SEVERAL,
        |d| again(d.loosened()?.remove("Reference")?),
    ),
    Kind::new(
        "signed-info/reference-in-manifest",
        "the Reference stands in a Manifest, which nobody signed",
        SEVERAL,
        |d| {
            let reference = d.loosened()?.outer("Reference")?;
            let manifest = format!("<ds:Manifest xmlns:ds=\"{DSIG}\">{reference}</ds:Manifest>");
            again(d.end("Signature", &object(&manifest))?)
        },
    ),
    Kind::new(
        "signed-info/comment-in-digest",
        "a comment splits the digest of a forged assertion from the signed one",
        INVALID,
        |d| {
            let signed = d.loosened()?.inner("DigestValue")?;
            let forged = super::bomb::base64_of(32);
            d.content("DigestValue", &format!("{forged}<!-- -->{signed}")).map(drop)
        },
    ),
    Kind::new(
        "signed-info/element-in-digest",
        "an element stands in the DigestValue",
        INVALID,
        |d| {
            let signed = d.loosened()?.inner("DigestValue")?;
            again(d.content("DigestValue", &format!("<!-- x --><x xmlns=\"\">{signed}</x>"))?)
        },
    ),
    Kind::new(
        "signed-info/two-digests",
        "a Reference has two DigestValues, all of it signed",
        INVALID,
        |d| {
            let second = d.loosened()?.outer("DigestValue")?;
            again(d.end("Reference", &second)?)
        },
    ),
    Kind::new("signed-info/two-values", "a signature has two SignatureValues", INVALID, |d| {
        let second = d.loosened()?.outer("SignatureValue")?;
        d.after("SignatureValue", &second).map(drop)
    }),
    Kind::new(
        "signed-info/comment-in-value",
        "a comment stands in the SignatureValue",
        INVALID,
        |d| d.loosened()?.split("SignatureValue", "<!-- -->").map(drop),
    ),
    Kind::new(
        "signed-info/strange-part",
        "a signature has a part that the standard does not have",
        INVALID,
        |d| d.loosened()?.after("SignatureValue", "<x xmlns=\"urn:heron\"/>").map(drop),
    ),
    Kind::valid(
        "signed-info/valid-lines",
        "digest and value of the outer signature are wrapped into lines",
        |d| {
            let value = d.inner("SignatureValue")?;
            let lines: Vec<&str> = value
                .as_bytes()
                .chunks(64)
                .filter_map(|line| std::str::from_utf8(line).ok())
                .collect();
            d.content("SignatureValue", &format!("\n{}\n", lines.join("\r\n"))).map(drop)
        },
    ),
    Kind::valid(
        "signed-info/valid-digest-in-lines",
        "a digest is signed with white space around it",
        |d| {
            let digest = d.loosened()?.inner("DigestValue")?;
            again(d.content("DigestValue", &format!("\n  {digest}\n"))?)?;
            d.sign_response()
        },
    ),
    Kind::valid(
        "signed-info/valid-comments",
        "comments stand between the parts of a signature",
        |d| {
            d.before("SignatureValue", "<!-- what follows is the value -->")?
                .after("SignatureMethod", "<!-- rsa -->")
                .map(drop)
        },
    ),
    Kind::valid(
        "signed-info/valid-indented",
        "a SignedInfo is signed with its parts on lines of their own",
        |d| {
            d.loosened()?
                .before("SignatureMethod", "\n  ")?
                .before("Reference", "\n  ")?
                .after("Reference", "\n")?;
            again(d)?;
            d.sign_response()
        },
    ),
    Kind::valid("signed-info/valid-id", "signature, value and key have IDs of their own", |d| {
        d.attribute(("Response", "Signature"), "Id", "ids")?
            .attribute("SignatureValue", "Id", "idv")?
            .attribute("KeyInfo", "Id", "idk")
            .map(drop)
    }),
];

/// The assertion's `SignedInfo` with the digest of something else.
fn forged_info(d: &mut Draft<'_>) -> Result<String, super::MutateError> {
    let mut copy = d.loosened()?.clone();
    copy.content("DigestValue", &super::bomb::base64_of(32))?.outer("SignedInfo")
}

/// The assertion's signature value made anew, as if it had been signed so.
fn again(d: &mut Draft<'_>) -> Done {
    let keys = d.keys;
    d.value_anew("Assertion", &keys.known.key)
}
