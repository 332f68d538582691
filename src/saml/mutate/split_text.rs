//! Class 8: something within a value makes one reader see less of it than another.

use super::{Class, Expected, Kind, value};

pub(super) static CLASS: Class = Class {
    number: Some(8),
    name: "split-text",
    says: "a comment, CDATA section, instruction or element splits a value; the signature still holds",
    cves: &[
        "CVE-2017-11427",
        "CVE-2017-11428",
        "CVE-2017-11429",
        "CVE-2017-11430",
        "CVE-2018-0489",
    ],
    kinds: KINDS,
};

const SPLIT: Expected = Expected::Refused(&["signature/comment-in-value"]);
const STRICT: Expected = Expected::Rejected(&["signature/doctype"]);

static KINDS: &[Kind] = &[
    Kind::new("split-text/comment-in-name-id", "a comment splits the NameID", SPLIT, |d| {
        d.split("NameID", "<!-- -->").map(drop)
    }),
    Kind::new(
        "split-text/comment-before-name-id",
        "a comment stands at the beginning of the NameID",
        SPLIT,
        |d| {
            let name = d.inner("NameID")?;
            d.content("NameID", &format!("<!-- -->{name}")).map(drop)
        },
    ),
    Kind::new(
        "split-text/comment-behind-name-id",
        "a comment stands at the end of the NameID",
        SPLIT,
        |d| d.end("NameID", "<!-- -->").map(drop),
    ),
    Kind::new("split-text/comment-in-role", "a comment splits a Role value", SPLIT, |d| {
        d.split(value("Role"), "<!-- -->").map(drop)
    }),
    Kind::new(
        "split-text/comment-in-session-name",
        "a comment splits the session name",
        SPLIT,
        |d| d.split(value("RoleSessionName"), "<!---->").map(drop),
    ),
    Kind::new("split-text/comment-in-tag", "a comment splits the value of a tag", SPLIT, |d| {
        d.split(value("PrincipalTag:Team"), "<!-- -->").map(drop)
    }),
    Kind::new(
        "split-text/comment-in-attribute",
        "a comment splits a value of the app's own",
        SPLIT,
        |d| d.content(value("department"), "Docks<!-- --> and Cranes")?.sign(),
    ),
    Kind::new("split-text/comment-in-audience", "a comment splits the Audience", SPLIT, |d| {
        d.split("Audience", "<!-- -->").map(drop)
    }),
    Kind::new(
        "split-text/comment-in-issuer",
        "a comment splits the Issuer of the assertion",
        SPLIT,
        |d| d.split(("Assertion", "Issuer"), "<!-- -->").map(drop),
    ),
    Kind::new(
        "split-text/cdata-in-name-id",
        "a part of the NameID is a CDATA section",
        SPLIT,
        |d| d.split("NameID", "<![CDATA[]]>").map(drop),
    ),
    Kind::new("split-text/cdata-as-role", "a Role value is a CDATA section", SPLIT, |d| {
        let role = d.inner(value("Role"))?;
        d.content(value("Role"), &format!("<![CDATA[{role}]]>")).map(drop)
    }),
    Kind::new(
        "split-text/element-in-name-id",
        "an element stands in the NameID, signed so",
        SPLIT,
        |d| d.split("NameID", "<x xmlns=\"\"/>")?.sign(),
    ),
    Kind::new(
        "split-text/element-in-role",
        "an element stands in a Role value, signed so",
        SPLIT,
        |d| d.split(value("Role"), "<x xmlns=\"\"/>")?.sign(),
    ),
    Kind::new(
        "split-text/instruction-in-name-id",
        "a processing instruction splits the NameID",
        STRICT,
        |d| d.split("NameID", "<?x y?>").map(drop),
    ),
    Kind::new(
        "split-text/instruction-in-role",
        "a processing instruction splits a Role value",
        STRICT,
        |d| d.split(value("Role"), "<?x?>").map(drop),
    ),
    Kind::valid(
        "split-text/valid-comment-beside-name-id",
        "comments stand around the NameID, within the Subject",
        |d| d.before("NameID", "<!-- who -->")?.after("NameID", "<!-- and how -->").map(drop),
    ),
    Kind::valid(
        "split-text/valid-comment-between-values",
        "a comment stands between two values of Role",
        |d| d.after(value("Role"), "<!-- the next -->").map(drop),
    ),
    Kind::valid(
        "split-text/valid-comment-in-conditions",
        "a comment stands between Conditions and Audience",
        |d| d.before("AudienceRestriction", "<!-- AWS -->").map(drop),
    ),
    Kind::valid(
        "split-text/valid-element",
        "a value of the app's own holds an element, as eduPerson has it",
        |d| {
            let name = "<saml2:NameID xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\">aGVyb24</saml2:NameID>";
            d.content(value("department"), name)?.sign()
        },
    ),
    Kind::valid(
        "split-text/valid-escaped",
        "a value holds the letters of a comment, escaped",
        |d| d.content(value("department"), "&lt;!-- no comment --&gt;")?.sign(),
    ),
    Kind::valid(
        "split-text/valid-references",
        "the NameID is written with character references",
        |d| {
            let name = d.inner("NameID")?;
            let first = name.chars().next().map(u32::from).unwrap_or_default();
            let rest: String = name.chars().skip(1).collect();
            d.content("NameID", &format!("&#{first};{}", rest.replace('.', "&#x2e;"))).map(drop)
        },
    ),
    Kind::valid(
        "split-text/valid-comment-in-text",
        "a comment stands in the name of an authentication context",
        |d| d.split("AuthnContextClassRef", "<!-- -->").map(drop),
    ),
];
