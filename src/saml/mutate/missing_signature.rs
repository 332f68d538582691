//! Class 9: no signature, or none over what is read.

use super::{Class, Expected, Kind};
use crate::saml::signature::DSIG;

pub(super) static CLASS: Class = Class {
    number: Some(9),
    name: "missing-signature",
    says: "there is no signature, or it is empty, or it covers one part alone",
    cves: &["CVE-2025-54369"],
    kinds: KINDS,
};

const NONE: Expected = Expected::Rejected(&["signature/none"]);
const INVALID: Expected = Expected::Rejected(&["signature/invalid"]);
const PARTIAL: Expected = Expected::Noted(&["signature/partial"]);

static KINDS: &[Kind] = &[
    Kind::new("missing-signature/none", "the signatures are taken out", NONE, |d| {
        d.unsign().map(drop)
    })
    .answered(INVALID_TEXT),
    Kind::new(
        "missing-signature/forged",
        "the signatures are taken out, and user and role are others",
        NONE,
        |d| d.unsign()?.forge().map(drop),
    ),
    Kind::new(
        "missing-signature/other-namespace",
        "the signatures are elements of another namespace",
        NONE,
        |d| d.swap(DSIG, "http://www.w3.org/2000/09/xmldsig").map(drop),
    ),
    Kind::new("missing-signature/in-comment", "the signatures stand in comments", NONE, |d| {
        d.swap("<ds:Signature ", "<!-- <ds:Signature ")?
            .swap("</ds:Signature>", "</ds:Signature> -->")
            .map(drop)
    }),
    Kind::new("missing-signature/empty", "the assertion has an empty Signature", INVALID, |d| {
        d.loosened()?
            .replace("Signature", &format!("<ds:Signature xmlns:ds=\"{DSIG}\"/>"))
            .map(drop)
    }),
    Kind::new(
        "missing-signature/no-value",
        "the signature of the assertion has no value",
        INVALID,
        |d| d.loosened()?.content("SignatureValue", "").map(drop),
    ),
    Kind::new(
        "missing-signature/no-digest",
        "the signature of the assertion has no digest, signed so",
        INVALID,
        |d| {
            let keys = d.keys;
            d.loosened()?.content("DigestValue", "")?.value_anew("Assertion", &keys.known.key)
        },
    ),
    Kind::new(
        "missing-signature/changed-name",
        "the user is another than the one that was signed",
        INVALID,
        |d| d.loosened()?.content("NameID", "mallory@heron.example").map(drop),
    )
    .answered(INVALID_TEXT),
    Kind::new(
        "missing-signature/changed-response",
        "the response says Consent, which was not signed",
        INVALID,
        |d| {
            d.attribute("Response", "Consent", "urn:oasis:names:tc:SAML:2.0:consent:prior")
                .map(drop)
        },
    ),
    Kind::new("missing-signature/assertion-only", "the assertion alone is signed", PARTIAL, |d| {
        d.sign_only(&["Assertion"])
    }),
    Kind::new("missing-signature/response-only", "the response alone is signed", PARTIAL, |d| {
        d.sign_only(&["Response"])
    }),
    Kind::valid(
        "missing-signature/valid-assertion-alone",
        "an assertion without a response around it, signed",
        |d| {
            d.text = d.unsign()?.outer("Assertion")?;
            d.sign_only(&["Assertion"])
        },
    ),
    Kind::valid(
        "missing-signature/valid-signed-last",
        "the signature of the assertion stands at its end",
        |d| {
            let signature = d.outer(("Assertion", "Signature"))?;
            d.remove(("Assertion", "Signature"))?.end("Assertion", &signature)?.sign_response()
        },
    ),
];

/// What AWS answers.
const INVALID_TEXT: &str = "Response signature invalid";
