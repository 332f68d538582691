//! Class 2: several assertions, of which one reader takes the first and another the last.

use super::draft::advice;
use super::{Class, Draft, Expected, Kind, MutateError};
use crate::saml::response::{ASSERTION, ENCRYPTION};

pub(super) static CLASS: Class = Class {
    number: Some(2),
    name: "several-assertions",
    says: "several assertions, of which one reader takes the first and another the last",
    cves: &["CVE-2021-28091", "CVE-2022-41912"],
    kinds: KINDS,
};

const SEVERAL: Expected = Expected::Rejected(&["assertion/several-assertions"]);
const WRONG: Expected = Expected::Rejected(&["signature/wrong-element"]);

static KINDS: &[Kind] = &[
    Kind::new(
        "several-assertions/both-signed",
        "two assertions of two sign-ins, both signed by a known key",
        SEVERAL,
        |d| {
            let other = second(d)?;
            d.loosened()?.after("Assertion", &other).map(drop)
        },
    ),
    Kind::new(
        "several-assertions/signed-response",
        "two assertions in a response that is signed as a whole",
        SEVERAL,
        |d| {
            let other = d.forged()?;
            d.unsign()?.after("Assertion", &other)?.sign_only(&["Response"])
        },
    ),
    Kind::new(
        "several-assertions/encrypted-beside",
        "an encrypted assertion beside the signed one",
        SEVERAL,
        |d| d.loosened()?.after("Assertion", &encrypted()).map(drop),
    ),
    Kind::new(
        "several-assertions/encrypted-first",
        "an encrypted assertion before the signed one",
        SEVERAL,
        |d| d.loosened()?.before("Assertion", &encrypted()).map(drop),
    ),
    Kind::new(
        "several-assertions/same-twice",
        "the signed assertion twice, with the same ID",
        WRONG,
        |d| {
            let same = d.loosened()?.outer("Assertion")?;
            d.after("Assertion", &same).map(drop)
        },
    ),
    Kind::new(
        "several-assertions/in-subject",
        "a forged assertion in the confirmation data of the signed one, signed as a whole",
        WRONG,
        |d| {
            let other = d.forged()?;
            d.content("SubjectConfirmationData", &other)?.sign()
        },
    ),
    Kind::new(
        "several-assertions/in-value",
        "a forged assertion in an attribute's value, signed as a whole",
        WRONG,
        |d| {
            let other = d.forged()?;
            d.content(super::value("department"), &other)?.sign()
        },
    ),
    Kind::new(
        "several-assertions/none",
        "no assertion in a signed response that says Success",
        SEVERAL,
        |d| d.remove("Assertion")?.sign_only(&["Response"]),
    ),
    Kind::valid(
        "several-assertions/valid-comment",
        "a comment between elements that holds an assertion",
        |d| {
            let other = d.forged()?;
            d.before("Status", &format!("<!-- {other} -->")).map(drop)
        },
    ),
    Kind::valid(
        "several-assertions/valid-foreign",
        "an attribute's value that holds an element `Assertion` of another namespace",
        |d| {
            let foreign = "<h:Assertion xmlns:h=\"urn:heron:claims\" ID=\"idh\"><h:Name>ida</h:Name></h:Assertion>";
            d.content(super::value("department"), foreign)?.sign()
        },
    ),
    Kind::valid(
        "several-assertions/valid-escaped",
        "an attribute's value that quotes an assertion as text",
        |d| {
            let other = crate::saml::sign::content(&d.forged()?);
            d.content(super::value("department"), &other)?.sign()
        },
    ),
    Kind::valid(
        "several-assertions/valid-advice-twice",
        "two assertions in the Advice of the signed one",
        |d| {
            let other = d.forged()?;
            let id = d.stated("Assertion", "ID")?;
            let third = other.replace(&id, &format!("{id}1"));
            d.after("Conditions", &advice(&[other, third].concat()))?.sign()
        },
    ),
];

/// An assertion of another sign-in, signed by the known key.
fn second(d: &Draft<'_>) -> Result<String, MutateError> {
    let mut copy = d.clone();
    copy.unsign()?.forge()?;
    copy.sign_one("Assertion", &d.okta())?;
    copy.outer("Assertion")
}

/// An assertion that nobody can read; what is in it is of no account.
pub(super) fn encrypted() -> String {
    let cipher = |length: usize| super::bomb::base64_of(length);
    format!(
        "<saml2:EncryptedAssertion xmlns:saml2=\"{ASSERTION}\"><xenc:EncryptedData xmlns:xenc=\"{ENCRYPTION}\" \
         Type=\"{ENCRYPTION}Element\"><xenc:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/>\
         <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><xenc:EncryptedKey><xenc:EncryptionMethod \
         Algorithm=\"{ENCRYPTION}rsa-oaep-mgf1p\"/><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue>\
         </xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue>\
         </xenc:CipherData></xenc:EncryptedData></saml2:EncryptedAssertion>",
        cipher(256),
        cipher(600),
    )
}
