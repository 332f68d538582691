//! Class 17: metadata that is changed, over, weak, or not what it seems.

use super::draft::as_okta;
use super::example::descriptor_of;
use super::{Class, Done, Draft, Expected, Kind};
use crate::saml::sign::lines_of_base64;

pub(super) static CLASS: Class = Class {
    number: Some(17),
    name: "metadata",
    says: "metadata that is changed, over, weak, or sends users to odd places",
    cves: &["CVE-2023-45683"],
    kinds: KINDS,
};

/// By its signature alone, which `saml verify` tells.
const SIGNATURE: Expected = Expected::Rejected(&[]);
const INVALID: Expected = Expected::Refused(&["provider/invalid-metadata"]);
const OVER: Expected = Expected::Noted(&["provider/expired-certificate"]);
const UNPARSED: &str = "Could not parse metadata.";

const SHORT: &str = include_str!("../../../fixtures/keys/rsa-768.b64");
const REPEATED: &str = include_str!("../../../fixtures/keys/repeated-extension.b64");
const PREVIOUS: &str = include_str!("../../../fixtures/keys/previous.b64");
const FUTURE: &str = include_str!("../../../fixtures/keys/future.b64");

static KINDS: &[Kind] = &[
    Kind::new(
        "metadata/changed",
        "signed, and its certificate changed after that",
        SIGNATURE,
        |d| {
            d.sign_only(&["EntityDescriptor"])?;
            let stranger = lines_of_base64(&d.keys.stranger.certificate.der);
            d.content(("X509Data", "X509Certificate"), &stranger)?;
            d.attribute("EntityDescriptor", "validUntil", "2036-11-24T12:00:00Z").map(drop)
        },
    ),
    Kind::new(
        "metadata/stranger",
        "signed by a stranger, whose certificate it carries",
        SIGNATURE,
        |d| d.sign_one("EntityDescriptor", &as_okta(&d.keys.stranger)),
    ),
    Kind::new("metadata/duplicate-id", "signed, and the ID stands a second time", SIGNATURE, |d| {
        d.sign_only(&["EntityDescriptor"])?;
        let id = d.stated("EntityDescriptor", "ID")?;
        d.attribute("IDPSSODescriptor", "ID", &id).map(drop)
    }),
    Kind::new(
        "metadata/doctype",
        "it has a document type",
        Expected::Rejected(&["provider/invalid-metadata"]),
        |d| d.before("EntityDescriptor", "<!DOCTYPE md:EntityDescriptor>").map(drop),
    ),
    Kind::new("metadata/mark", "it begins with a byte order mark", INVALID, |d| {
        d.text.insert(0, '\u{feff}');
        Ok(())
    })
    .answered(UNPARSED),
    Kind::new(
        "metadata/repeated-extension",
        "the certificate has an extension twice",
        INVALID,
        |d| only_certificate(d, REPEATED),
    )
    .answered(UNPARSED),
    Kind::new(
        "metadata/short-key",
        "the certificate has a key of 768 bits",
        Expected::Refused(&["provider/weak-key"]),
        |d| only_certificate(d, SHORT),
    )
    .answered(UNPARSED),
    Kind::new("metadata/no-entity-id", "the entity has no ID", INVALID, |d| {
        d.without("EntityDescriptor", "entityID").map(drop)
    }),
    Kind::new("metadata/service-provider", "it is that of a service provider", INVALID, |d| {
        d.swap("IDPSSODescriptor", "SPSSODescriptor").map(drop)
    }),
    Kind::new("metadata/script-location", "the sign-in's location is a script", INVALID, |d| {
        location(d, "javascript:alert(1)")
    }),
    Kind::new("metadata/file-location", "the sign-in's location is a file", INVALID, |d| {
        location(d, "file:///etc/passwd")
    }),
    Kind::new(
        "metadata/plain-location",
        "the sign-in's location is not encrypted",
        Expected::Noted(&["provider/invalid-metadata"]),
        |d| location(d, "http://heron.okta.example/sso"),
    ),
    Kind::new(
        "metadata/no-signing-key",
        "it has no key to sign with",
        Expected::Refused(&["provider/no-signing-key"]),
        |d| d.swap("use=\"signing\"", "use=\"encryption\"").map(drop),
    ),
    Kind::new("metadata/expired-certificate", "the certificate is expired", OVER, |d| {
        only_certificate(d, PREVIOUS)
    }),
    Kind::new(
        "metadata/future-certificate",
        "the certificate holds from next year on",
        OVER,
        |d| only_certificate(d, FUTURE),
    ),
    Kind::new("metadata/expired", "it held until yesterday", OVER, |d| {
        d.attribute("EntityDescriptor", "validUntil", "2026-11-23T12:00:00Z").map(drop)
    }),
    Kind::valid(
        "metadata/valid-unsigned",
        "unsigned, with three keys, as metadata mostly is",
        |_| Ok(()),
    ),
    Kind::valid("metadata/valid-signed", "signed by the known key", |d| {
        d.sign_only(&["EntityDescriptor"])
    }),
    Kind::valid("metadata/valid-one-key", "it has one key", |d| {
        let own = lines_of_base64(&d.keys.known.certificate.der);
        only_certificate(d, &own)
    }),
    Kind::valid(
        "metadata/valid-encryption-key",
        "a key to encrypt with stands beside those to sign with",
        |d| {
            let own = descriptor_of(&lines_of_base64(&d.keys.known.certificate.der))
                .replace("signing", "encryption");
            d.after("KeyDescriptor", &own).map(drop)
        },
    ),
    Kind::valid("metadata/valid-entities", "the entity stands in an EntitiesDescriptor", |d| {
        let own = d.outer("EntityDescriptor")?;
        let all = format!(
            "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">{own}</md:EntitiesDescriptor>"
        );
        d.replace("EntityDescriptor", &all).map(drop)
    }),
    Kind::valid(
        "metadata/valid-until",
        "it says until when it holds, and how long it may be kept",
        |d| {
            d.attribute("EntityDescriptor", "validUntil", "2036-11-24T12:00:00Z")?;
            d.attribute("EntityDescriptor", "cacheDuration", "PT1H").map(drop)
        },
    ),
    Kind::valid("metadata/valid-comments", "comments stand between its elements", |d| {
        d.before("IDPSSODescriptor", "<!-- exported by hand -->\n")?
            .after("KeyDescriptor", "\n<!-- the next -->")
            .map(drop)
    }),
];

/// This certificate instead of all others.
fn only_certificate(d: &mut Draft<'_>, base64: &str) -> Done {
    while d.outer("KeyDescriptor").is_ok() {
        d.remove("KeyDescriptor")?;
    }
    d.before("NameIDFormat", &descriptor_of(base64.trim())).map(drop)
}

fn location(d: &mut Draft<'_>, address: &str) -> Done {
    let own = d.stated("SingleSignOnService", "Location")?;
    d.swap(&format!("\"{own}\""), &format!("\"{address}\"")).map(drop)
}
