//! Class 7: canonicalisation fails and is taken for nothing; and legal forms of it.

use super::{Class, Done, Draft, Expected, Kind};
use crate::saml::c14n::{Canonicalization, Form};
use crate::saml::sign::SigningOptions;

pub(super) static CLASS: Class = Class {
    number: Some(7),
    name: "canonicalization",
    says: "canonicalisation fails, and the digest of nothing is taken for right",
    cves: &["CVE-2025-66568"],
    kinds: KINDS,
};

const INVALID: Expected = Expected::Rejected(&["signature/invalid"]);
const TRANSFORM: Expected = Expected::Rejected(&["signature/transform"]);

/// SHA-256 of no bytes.
const OF_NOTHING: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

static KINDS: &[Kind] = &[
    Kind::new(
        "canonicalization/digest-of-nothing",
        "the digest is that of nothing, signed so",
        INVALID,
        |d| {
            d.loosened()?.content("DigestValue", OF_NOTHING)?;
            again(d)
        },
    ),
    Kind::new(
        "canonicalization/relative-namespace",
        "a namespace is no absolute address, for which libraries give nothing",
        INVALID,
        |d| {
            d.loosened()?
                .tag("Assertion", " xmlns:x=\"relative\"")?
                .content("DigestValue", OF_NOTHING)?;
            again(d)
        },
    ),
    Kind::new(
        "canonicalization/relative-namespace-signed",
        "a namespace is no absolute address, signed as it stands",
        INVALID,
        |d| d.tag("Assertion", " xmlns:x=\"../heron\"")?.sign(),
    ),
    Kind::new(
        "canonicalization/unknown",
        "the SignedInfo has a canonicalisation that nobody knows",
        TRANSFORM,
        |d| of_signed_info(d, "http://heron.example/c14n"),
    ),
    Kind::new(
        "canonicalization/none",
        "the SignedInfo has a canonicalisation of no name",
        TRANSFORM,
        |d| of_signed_info(d, ""),
    ),
    Kind::new(
        "canonicalization/base",
        "Canonical XML 1.1 below `xml:base`, which libraries join differently",
        TRANSFORM,
        |d| {
            d.tag("Assertion", " xml:base=\"https://heron.example/\"")?;
            form(d, Form::Inclusive11)
        },
    ),
    Kind::new(
        "canonicalization/comments",
        "the SignedInfo is canonicalised with its comments",
        Expected::Refused(&["signature/transform"]),
        |d| {
            let how =
                Canonicalization { with_comments: true, ..Canonicalization::exclusive(&["xs"]) };
            d.sign_with(&SigningOptions { canonicalization: how, ..d.okta() })
        },
    ),
    Kind::new(
        "canonicalization/inclusive-comments",
        "inclusive canonicalisation with comments",
        Expected::Refused(&["signature/transform"]),
        |d| {
            let how = Canonicalization { with_comments: true, ..Canonicalization::inclusive() };
            d.sign_with(&SigningOptions { canonicalization: how, ..d.okta() })
        },
    ),
    Kind::valid("canonicalization/valid-inclusive", "inclusive canonicalisation 1.0", |d| {
        form(d, Form::Inclusive)
    }),
    Kind::valid("canonicalization/valid-inclusive-1.1", "inclusive canonicalisation 1.1", |d| {
        form(d, Form::Inclusive11)
    }),
    Kind::valid(
        "canonicalization/valid-no-prefixes",
        "exclusive canonicalisation without InclusiveNamespaces",
        |d| prefixes(d, &[]),
    ),
    Kind::valid(
        "canonicalization/valid-prefixes",
        "InclusiveNamespaces name several prefixes, one of them unbound",
        |d| prefixes(d, &["xs", "xsi", "saml2", "nothing"]),
    ),
    Kind::valid(
        "canonicalization/valid-default-prefix",
        "InclusiveNamespaces name the default namespace",
        |d| {
            d.tag("Response", " xmlns=\"urn:heron:unused\"")?;
            prefixes(d, &["#default", "xs"])
        },
    ),
    Kind::valid(
        "canonicalization/valid-xs-elsewhere",
        "`xmlns:xs` is declared on the attribute's value alone",
        |d| {
            let own = " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"";
            let mut text = d.unsign()?.text.replace(own, "");
            text = text.replace(" xmlns:xsi=", &format!("{own} xmlns:xsi="));
            d.text = text;
            d.sign()
        },
    ),
    Kind::valid(
        "canonicalization/valid-default-namespace",
        "the assertion has the default namespace instead of a prefix",
        |d| {
            d.unsign()?
                .swap("xmlns:saml2=", "xmlns=")?
                .swap("<saml2:", "<")?
                .swap("</saml2:", "</")?
                .sign()
        },
    ),
];

/// The assertion's signature value made anew.
fn again(d: &mut Draft<'_>) -> Done {
    let keys = d.keys;
    d.value_anew("Assertion", &keys.known.key)
}

/// The assertion's `SignedInfo` says that it has another canonicalisation.
fn of_signed_info(d: &mut Draft<'_>, uri: &str) -> Done {
    d.loosened()?.attribute("CanonicalizationMethod", "Algorithm", uri).map(drop)
}

fn form(d: &mut Draft<'_>, form: Form) -> Done {
    let how = Canonicalization { form, ..Canonicalization::inclusive() };
    d.sign_with(&SigningOptions { canonicalization: how, ..d.okta() })
}

fn prefixes(d: &mut Draft<'_>, prefixes: &[&str]) -> Done {
    let how = Canonicalization::exclusive(prefixes);
    d.sign_with(&SigningOptions { canonicalization: how, ..d.okta() })
}
