//! No attack: what AWS answers to, by mistakes of who sends the message.

use std::fmt::Write as _;

use super::{Class, Done, Draft, Expected, Kind, value};
use crate::saml::issue::ATTRIBUTES;
use crate::saml::response::ASSERTION;

pub(super) static CLASS: Class = Class {
    number: None,
    name: "answer",
    says: "no attack: mistakes of who sends the message, and what AWS answers to them",
    cves: &[],
    kinds: KINDS,
};

const INVALID: &str = "Your request included an invalid SAML response. To logout, click here.";
const NO_NAME: &str = "RoleSessionName is required in AuthnResponse";
const NAME: &str = "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}";
const IDENTITY: &str =
    "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"";
const NOT_AUTHORIZED: &str = "Not authorized to perform sts:AssumeRoleWithSAML";
const OTHER_ACCOUNT: &str = "Principal exists outside the account of the Role being assumed..";
const NO_PROVIDER: &str = "Specified provider doesn't exist.";
const DURATION: &str = "Requested DurationSeconds exceeds MaxSessionDuration set for this role.";

const NO_ROLE: Expected = Expected::Refused(&["assertion/no-role"]);
const SESSION_NAME: Expected = Expected::Refused(&["assertion/illegal-session-name"]);
const SOURCE: Expected = Expected::Refused(&["assertion/illegal-source-identity"]);
const TAGS: Expected = Expected::Refused(&["assertion/tag-limits"]);
const NO_NAME_ID: Expected = Expected::Refused(&["assertion/no-name-id"]);
const SECONDS: Expected = Expected::Refused(&["assertion/session-duration"]);

/// The one pair that most of these kinds have.
const PROVIDER: &str = "arn:aws:iam::418830275916:saml-provider/OKTA";
const ROLE: &str = "arn:aws:iam::418830275916:role/ReadOnly";

static KINDS: &[Kind] = &[
    Kind::new("answer/no-role", "there is no Role attribute", NO_ROLE, |d| {
        d.remove(super::draft::At::Attribute("Role"))?.sign()
    })
    .answered(INVALID),
    Kind::new(
        "answer/role-in-lower-case",
        "the Role attribute's name is in lower case",
        NO_ROLE,
        |d| d.swap("/Attributes/Role\"", "/Attributes/role\"")?.sign(),
    )
    .answered(INVALID),
    Kind::new("answer/role-empty", "the Role attribute has no value", NO_ROLE, |d| {
        roles(d, &[]).and_then(|()| d.sign())
    })
    .answered(INVALID),
    Kind::new(
        "answer/not-a-pair",
        "the Role value is a role without its provider",
        Expected::Refused(&["arn/not-a-pair"]),
        |d| signed(d, ROLE),
    )
    .answered(INVALID),
    Kind::new(
        "answer/two-roles",
        "the Role value is two roles",
        Expected::Refused(&["arn/same-kind-twice"]),
        |d| signed(d, &format!("{ROLE},{ROLE}")),
    )
    .answered(INVALID),
    Kind::new(
        "answer/malformed",
        "the role's ARN has a colon too few",
        Expected::Refused(&["arn/malformed"]),
        |d| signed(d, &format!("{PROVIDER},{}", ROLE.replace("iam::", "iam:"))),
    )
    .answered(INVALID),
    Kind::new(
        "answer/placeholder",
        "the Role value has a placeholder left in it",
        Expected::Refused(&["arn/unexpanded-placeholder"]),
        |d| signed(d, &format!("{PROVIDER},{}", ROLE.replace("ReadOnly", "${role}"))),
    ),
    Kind::new(
        "answer/joined-values",
        "one Role value has two pairs",
        Expected::Refused(&["assertion/joined-values"]),
        |d| {
            signed(
                d,
                &format!("{PROVIDER},{ROLE},{PROVIDER},{}", ROLE.replace("ReadOnly", "Billing")),
            )
        },
    )
    .answered(INVALID),
    Kind::new(
        "answer/other-account",
        "provider and role are in different accounts",
        Expected::Refused(&["arn/accounts-differ"]),
        |d| signed(d, &format!("{},{ROLE}", PROVIDER.replace("418830275916", "067712945380"))),
    )
    .answered(OTHER_ACCOUNT),
    Kind::new(
        "answer/other-partition",
        "provider and role are in different partitions",
        Expected::Refused(&["arn/partitions-differ"]),
        |d| signed(d, &format!("{},{ROLE}", PROVIDER.replace("arn:aws:", "arn:aws-cn:"))),
    ),
    Kind::new(
        "answer/reserved-role",
        "the role is one that IAM Identity Center made",
        Expected::Refused(&["arn/reserved-role"]),
        |d| signed(d, &pair("AWSReservedSSO_Admin_0123456789abcdef")),
    )
    .answered(NOT_AUTHORIZED),
    Kind::new(
        "answer/role-missing",
        "the account has no such role",
        Expected::Refused(&["drift/missing-role"]),
        |d| signed(d, &pair("Auditor")),
    )
    .answered(NOT_AUTHORIZED),
    Kind::new(
        "answer/role-case",
        "the role is written in another case",
        Expected::Refused(&["drift/missing-role"]),
        |d| signed(d, &pair("readonly")),
    )
    .answered(NOT_AUTHORIZED),
    Kind::new(
        "answer/role-path",
        "the role's path is not the one it has",
        Expected::Refused(&["arn/path-mismatch"]),
        |d| signed(d, &pair("teams/ReadOnly")),
    )
    .answered(NOT_AUTHORIZED),
    Kind::new(
        "answer/provider-missing",
        "the account has no such provider",
        Expected::Refused(&["provider/missing"]),
        |d| signed(d, &format!("{},{ROLE}", PROVIDER.replace("OKTA", "Partner"))),
    )
    .answered(NO_PROVIDER),
    Kind::new(
        "answer/provider-case",
        "the provider is written in another case",
        Expected::Refused(&["provider/missing"]),
        |d| signed(d, &format!("{},{ROLE}", PROVIDER.replace("OKTA", "Okta"))),
    )
    .answered(NO_PROVIDER),
    Kind::new(
        "answer/no-session-name",
        "there is no RoleSessionName",
        Expected::Refused(&["assertion/no-session-name"]),
        |d| d.remove(super::draft::At::Attribute("RoleSessionName"))?.sign(),
    )
    .answered(NO_NAME),
    Kind::new(
        "answer/session-name-short",
        "the session name has one character",
        SESSION_NAME,
        |d| session_name(d, "i"),
    )
    .answered(NAME),
    Kind::new(
        "answer/session-name-long",
        "the session name has 65 characters",
        SESSION_NAME,
        |d| session_name(d, &"i".repeat(65)),
    )
    .answered(NAME),
    Kind::new("answer/session-name-space", "the session name has a space", SESSION_NAME, |d| {
        session_name(d, "ida moss")
    })
    .answered(NAME),
    Kind::new(
        "answer/session-name-letter",
        "the session name has a letter that is not ASCII",
        SESSION_NAME,
        |d| session_name(d, "zoë@heron.example"),
    )
    .answered(NAME),
    Kind::new("answer/source-identity", "the source identity has a `#`", SOURCE, |d| {
        added(d, "SourceIdentity", &["ida#1"])
    })
    .answered(IDENTITY),
    Kind::new("answer/source-identity-of-aws", "the source identity begins `aws:`", SOURCE, |d| {
        added(d, "SourceIdentity", &["aws:ida"])
    })
    .answered(IDENTITY),
    Kind::new("answer/no-subject", "there is no Subject", NO_NAME_ID, |d| {
        d.remove("Subject")?.sign()
    })
    .answered(NOT_AUTHORIZED),
    Kind::new("answer/no-name-id", "the Subject has no NameID", NO_NAME_ID, |d| {
        d.remove("NameID")?.sign()
    })
    .answered(NOT_AUTHORIZED),
    Kind::new("answer/name-id-empty", "the NameID is empty", NO_NAME_ID, |d| {
        d.content("NameID", "")?.sign()
    })
    .answered(NOT_AUTHORIZED),
    Kind::new("answer/duration-short", "a session of 899 seconds is asked for", SECONDS, |d| {
        duration(d, "899")
    }),
    Kind::new("answer/duration-long", "a session of 43201 seconds is asked for", SECONDS, |d| {
        duration(d, "43201")
    }),
    Kind::new(
        "answer/duration-in-words",
        "a session of one hour, in words, is asked for",
        SECONDS,
        |d| duration(d, "1h"),
    ),
    Kind::new(
        "answer/duration-of-role",
        "a longer session than the role allows is asked for",
        Expected::Noted(&["assertion/session-duration"]),
        |d| duration(d, "7200"),
    )
    .answered(DURATION),
    Kind::new("answer/tags", "51 tags are sent", TAGS, |d| tags(d, 50)),
    Kind::new("answer/tag-key", "a tag's key has 129 characters", TAGS, |d| {
        added(d, &format!("PrincipalTag:{}", "k".repeat(129)), &["v"])
    }),
    Kind::new("answer/tag-value", "a tag's value has 257 characters", TAGS, |d| {
        added(d, "PrincipalTag:Unit", &["v".repeat(257).as_str()])
    }),
    Kind::new("answer/tag-of-aws", "a tag's key begins `aws:`", TAGS, |d| {
        added(d, "PrincipalTag:aws:unit", &["v"])
    }),
    Kind::new("answer/tag-twice", "two tags' keys differ in case alone", TAGS, |d| {
        added(d, "PrincipalTag:team", &["v"])
    }),
    Kind::new("answer/transitive-key", "a tag that is not sent is to be carried on", TAGS, |d| {
        added(d, "TransitiveTagKeys", &["Unit"])
    }),
    Kind::new(
        "answer/attribute-twice",
        "the Role attribute stands twice",
        Expected::Noted(&["assertion/duplicate-attribute"]),
        |d| {
            let second = d
                .outer(super::draft::At::Attribute("Role"))?
                .replace("role/ReadOnly", "role/Admin");
            d.end("AttributeStatement", &second.replace("role/Billing", "role/Vault"))?.sign()
        },
    ),
    Kind::new(
        "answer/name-id-format",
        "the NameID's format is none that AWS lists",
        Expected::Noted(&["assertion/name-id-format"]),
        |d| {
            d.attribute(
                "NameID",
                "Format",
                "urn:oasis:names:tc:SAML:2.0:nameid-format:emailAddress",
            )?
            .sign()
        },
    ),
    Kind::new(
        "answer/space-in-pair",
        "a space stands behind the comma of a pair",
        Expected::Noted(&["arn/space-in-pair"]),
        |d| signed(d, &format!("{PROVIDER}, {ROLE}")),
    ),
    Kind::new(
        "answer/role-first",
        "the role stands before the provider, as AWS's own example has it",
        Expected::Noted(&["arn/role-first"]),
        |d| signed(d, &format!("{ROLE},{PROVIDER}")),
    ),
    Kind::valid("answer/valid-one-role", "one role is sent", |d| signed(d, &pair("ReadOnly"))),
    Kind::valid(
        "answer/valid-many-roles",
        "a hundred roles of an account that nobody exported are sent",
        |d| {
            let other =
                |number| pair(&format!("Team-{number}")).replace("418830275916", "593320168874");
            let all: Vec<String> = (0..100).map(other).collect();
            roles(d, &all)?;
            d.sign()
        },
    ),
    Kind::valid("answer/valid-session-name-short", "the session name has two characters", |d| {
        session_name(d, "im")
    }),
    Kind::valid(
        "answer/valid-session-name-long",
        "the session name has 64 characters, all that are allowed among them",
        |d| session_name(d, &format!("{}_+=,.@-09azAZ", "i".repeat(51))),
    ),
    Kind::valid("answer/valid-source-identity", "a source identity is sent", |d| {
        added(d, "SourceIdentity", &["ida.moss@heron.example"])
    }),
    Kind::valid("answer/valid-durations", "a session of 900 seconds is asked for", |d| {
        duration(d, "900")
    }),
    Kind::valid("answer/valid-no-duration", "no duration is asked for", |d| {
        d.remove(super::draft::At::Attribute("SessionDuration"))?.sign()
    }),
    Kind::valid("answer/valid-tags", "fifty tags are sent", |d| tags(d, 49)),
    Kind::valid(
        "answer/valid-tag-sizes",
        "key and value of a tag are as long as is allowed",
        |d| added(d, &format!("PrincipalTag:{}", "k".repeat(128)), &["v".repeat(256).as_str()]),
    ),
    Kind::valid("answer/valid-transitive-key", "a tag that is sent is to be carried on", |d| {
        added(d, "TransitiveTagKeys", &["Team"])
    }),
    Kind::valid("answer/valid-persistent", "the NameID is a persistent one", |d| {
        d.attribute("NameID", "Format", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent")?
            .sign()
    }),
    Kind::valid(
        "answer/valid-email-address",
        "the NameID is an address, as SAML 1.1 spells it",
        |d| {
            d.attribute(
                "NameID",
                "Format",
                "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            )?
            .sign()
        },
    ),
];

fn pair(role: &str) -> String {
    format!("{PROVIDER},{}", ROLE.replace("ReadOnly", role))
}

/// Other values of the Role attribute.
fn roles(d: &mut Draft<'_>, values: &[String]) -> Done {
    let own = d.outer(value("Role"))?;
    let (start, _) = own.split_once('>').unwrap_or((&own, ""));
    let tag = start.trim_start_matches('<').split(' ').next().unwrap_or_default();
    let all = values.iter().map(|value| format!("{start}>{value}</{tag}>"));
    d.content(super::draft::At::Attribute("Role"), &all.collect::<String>()).map(drop)
}

/// One Role value, signed anew.
fn signed(d: &mut Draft<'_>, role: &str) -> Done {
    roles(d, &[role.to_owned()])?;
    d.sign()
}

fn session_name(d: &mut Draft<'_>, name: &str) -> Done {
    d.content(value("RoleSessionName"), name)?.sign()
}

fn duration(d: &mut Draft<'_>, seconds: &str) -> Done {
    d.content(value("SessionDuration"), seconds)?.sign()
}

/// An attribute of AWS more.
fn added(d: &mut Draft<'_>, name: &str, values: &[&str]) -> Done {
    d.end("AttributeStatement", &attribute(name, values))?.sign()
}

fn attribute(name: &str, values: &[&str]) -> String {
    let values =
        values.iter().map(|value| format!("<saml2:AttributeValue>{value}</saml2:AttributeValue>"));
    let values: String = values.collect();
    format!(
        "<saml2:Attribute xmlns:saml2=\"{ASSERTION}\" Name=\"{ATTRIBUTES}{name}\">{values}</saml2:Attribute>"
    )
}

/// So many tags more.
fn tags(d: &mut Draft<'_>, count: usize) -> Done {
    let mut all = String::new();
    for number in 0..count {
        // Writing to a String cannot fail.
        let _ = write!(all, "{}", attribute(&format!("PrincipalTag:T{number}"), &["v"]));
    }
    d.end("AttributeStatement", &all)?.sign()
}
