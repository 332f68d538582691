//! Class 15: what is encrypted says nothing of who wrote it.

use super::draft::advice;
use super::several_assertions::encrypted;
use super::{Class, Expected, Kind, value};
use crate::saml::response::ASSERTION;

pub(super) static CLASS: Class = Class {
    number: Some(15),
    name: "encrypted",
    says: "an encrypted part that nobody signed, or that nobody can read",
    cves: &[],
    kinds: KINDS,
};

const UNREAD: Expected = Expected::Rejected(&["assertion/several-assertions"]);

static KINDS: &[Kind] = &[
    Kind::new(
        "encrypted/unsigned",
        "an encrypted assertion, and no signature outside: anybody can encrypt",
        UNREAD,
        |d| d.unsign()?.replace("Assertion", &encrypted()).map(drop),
    ),
    Kind::new(
        "encrypted/unsigned-alone",
        "an encrypted assertion is the whole message",
        UNREAD,
        |d| {
            d.text = encrypted();
            Ok(())
        },
    ),
    Kind::new("encrypted/twice", "two encrypted assertions in a signed response", UNREAD, |d| {
        d.replace("Assertion", &encrypted().repeat(2))?.sign_only(&["Response"])
    }),
    Kind::new(
        "encrypted/wrapped",
        "an encrypted assertion within the signed one, signed as a whole",
        Expected::Rejected(&["signature/wrong-element"]),
        |d| d.after("Conditions", &encrypted())?.sign(),
    ),
    Kind::new(
        "encrypted/name-id",
        "the Subject has an EncryptedID in place of the NameID",
        Expected::Noted(&["assertion/no-name-id"]),
        |d| {
            let id = encrypted().replace("EncryptedAssertion", "EncryptedID");
            d.replace("NameID", &id)?.sign()
        },
    ),
    Kind::valid("encrypted/valid-advice", "an encrypted assertion stands in the Advice", |d| {
        d.after("Conditions", &advice(&encrypted()))?.sign()
    }),
    Kind::valid("encrypted/valid-attribute", "an attribute of the app's own is encrypted", |d| {
        let attribute = encrypted().replace("EncryptedAssertion", "EncryptedAttribute");
        d.end("AttributeStatement", &attribute)?.sign()
    }),
    Kind::valid(
        "encrypted/valid-beside-name-id",
        "a value of the app's own holds an EncryptedID",
        |d| {
            d.content(
                value("department"),
                &format!("<saml2:EncryptedID xmlns:saml2=\"{ASSERTION}\"/>"),
            )?
            .sign()
        },
    ),
];
