//! Class 1: the signed element is moved aside, and a forged one is read.

use super::draft::{advice, extensions, object, within};
use super::{Class, Draft, Expected, Kind, MutateError};
use crate::saml::response::PROTOCOL;

pub(super) static CLASS: Class = Class {
    number: Some(1),
    name: "wrapping",
    says: "the signed element is moved aside, and a forged one stands where it is read",
    cves: &[
        "CVE-2016-5697",
        "CVE-2024-6800",
        "CVE-2024-45409",
        "CVE-2025-47949",
        "CVE-2025-54369",
        "CVE-2025-54419",
    ],
    kinds: KINDS,
};

const WRONG: Expected = Expected::Rejected(&["signature/wrong-element"]);
const SEVERAL: Expected = Expected::Rejected(&["assertion/several-assertions"]);

static KINDS: &[Kind] = &[
    Kind::new(
        "wrapping/xsw1",
        "the signed response stands within its signature, in a forged response",
        Expected::Rejected(&["signature/several-references"]),
        |d| {
            let (mut forged, original) = responses(d)?;
            forged.end(("Response", "Signature"), &original)?;
            d.text = forged.text;
            Ok(())
        },
    ),
    Kind::new(
        "wrapping/xsw2",
        "the signed response stands beside its signature, in a forged response",
        WRONG,
        |d| {
            let (mut forged, original) = responses(d)?;
            forged.before(("Response", "Signature"), &original)?;
            d.text = forged.text;
            Ok(())
        },
    ),
    Kind::new("wrapping/xsw3", "a forged assertion stands before the signed one", SEVERAL, |d| {
        let forged = d.loosened()?.forged()?;
        d.before("Assertion", &forged).map(drop)
    }),
    Kind::new("wrapping/xsw4", "the signed assertion stands within a forged one", WRONG, |d| {
        let forged = d.loosened()?.forged()?;
        let signed = d.outer("Assertion")?;
        d.replace("Assertion", &within(&forged, &signed)).map(drop)
    }),
    Kind::new(
        "wrapping/xsw5",
        "the signature stands in a forged assertion, and what it signs after that",
        WRONG,
        |d| {
            let bare = bare(d)?;
            d.forge()?.after("Assertion", &bare).map(drop)
        },
    ),
    Kind::new(
        "wrapping/xsw6",
        "the signature stands in a forged assertion, and what it signs within the signature",
        WRONG,
        |d| {
            let bare = bare(d)?;
            d.forge()?.end("Signature", &bare).map(drop)
        },
    ),
    Kind::new(
        "wrapping/xsw7",
        "a forged assertion stands in the Extensions, before the signed one",
        WRONG,
        |d| {
            let forged = d.loosened()?.forged()?;
            d.before("Assertion", &extensions(&forged)).map(drop)
        },
    ),
    Kind::new(
        "wrapping/xsw8",
        "what the signature of a forged assertion signs stands in an Object of it",
        WRONG,
        |d| {
            let bare = bare(d)?;
            d.forge()?.end("Signature", &object(&bare)).map(drop)
        },
    ),
    Kind::new(
        "wrapping/xsw9",
        "the signed assertion stands in the Status, and a forged one in its place",
        WRONG,
        |d| {
            let forged = d.loosened()?.forged()?;
            let signed = d.outer("Assertion")?;
            d.replace("Assertion", &forged)?;
            let detail = format!(
                "<saml2p:StatusDetail xmlns:saml2p=\"{PROTOCOL}\">{signed}</saml2p:StatusDetail>"
            );
            d.end("Status", &detail).map(drop)
        },
    ),
    Kind::new("wrapping/after", "a forged assertion stands after the signed one", SEVERAL, |d| {
        let forged = d.loosened()?.forged()?;
        d.after("Assertion", &forged).map(drop)
    }),
    Kind::new(
        "wrapping/advice",
        "the signed assertion stands in the Advice of a forged one",
        WRONG,
        |d| {
            let forged = d.loosened()?.forged()?;
            let signed = d.outer("Assertion")?;
            d.replace("Assertion", &forged)?;
            d.after("Conditions", &advice(&signed)).map(drop)
        },
    ),
    Kind::new(
        "wrapping/detached",
        "the signature of the assertion stands beside it, in the response",
        WRONG,
        |d| {
            let signature = d.loosened()?.outer(("Assertion", "Signature"))?;
            d.remove("Signature")?.before("Assertion", &signature).map(drop)
        },
    ),
    Kind::new(
        "wrapping/signature-of-response-inside",
        "the signature of the response stands in a forged assertion",
        WRONG,
        |d| {
            let signature = d.outer(("Response", "Signature"))?;
            let forged = within(&d.forged()?, &signature);
            d.remove("Signature")?.replace("Assertion", &forged).map(drop)
        },
    ),
    Kind::valid(
        "wrapping/valid-both",
        "response and assertion are signed, as Okta signs them",
        |_| Ok(()),
    ),
    Kind::valid(
        "wrapping/valid-advice",
        "an unsigned assertion stands in the Advice of the signed one",
        |d| {
            let other = d.forged()?;
            d.after("Conditions", &advice(&other))?.sign()
        },
    ),
    Kind::valid(
        "wrapping/valid-extensions",
        "the Extensions hold an element of somebody else's",
        |d| {
            let foreign = "<h:Assertion xmlns:h=\"https://heron.example/other\" ID=\"id0\"/>";
            d.before("Status", &extensions(foreign))?.sign()
        },
    ),
    Kind::valid(
        "wrapping/valid-object",
        "a signature has an Object with a word about itself",
        |d| {
            d.end(
                ("Response", "Signature"),
                &object("<note xmlns=\"urn:heron:note\">made by hand</note>"),
            )
            .map(drop)
        },
    ),
];

/// A forged response with the original's signature, and the original without it.
fn responses<'k>(d: &Draft<'k>) -> Result<(Draft<'k>, String), MutateError> {
    let original = d.clone().remove(("Response", "Signature"))?.outer("Response")?;
    let mut forged = d.clone();
    let assertion = d.forged()?;
    let id = format!("{}0", d.stated("Response", "ID")?);
    forged.attribute("Response", "ID", &id)?.replace("Assertion", &assertion)?;
    Ok((forged, original))
}

/// The assertion without its signature; the response loses its own.
fn bare(d: &mut Draft<'_>) -> Result<String, MutateError> {
    d.loosened()?.clone().remove("Signature")?.outer("Assertion")
}
