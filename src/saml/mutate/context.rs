//! Class 16: a message for somebody else, for another time, or handed in once more.

use super::{Class, Done, Draft, Expected, Kind};
use crate::saml::issue::base64;
use crate::saml::response::ASSERTION;

pub(super) static CLASS: Class = Class {
    number: Some(16),
    name: "context",
    says: "a message for somebody else, for another time, or handed in once more",
    cves: &[],
    kinds: KINDS,
};

const RECIPIENT: Expected = Expected::Refused(&["assertion/wrong-recipient"]);
const AUDIENCE: Expected = Expected::Refused(&["assertion/wrong-audience"]);
const WINDOW: Expected = Expected::Refused(&["assertion/outside-window"]);
const CONFIRMATION: Expected = Expected::Refused(&["assertion/subject-confirmation"]);
const ISSUER: Expected = Expected::Refused(&["assertion/issuer"]);
const STATUS: Expected = Expected::Refused(&["assertion/status"]);
const WRONG_AUDIENCE: &str = "Response does not contain the required audience.";
const TOO_LATE: &str = "Token must be redeemed within 5 minutes of issuance";
const OTHER_ISSUER: &str = "Failed to assume role: Issuer not present in specified provider";
const INVALID: &str = "Your request included an invalid SAML response. To logout, click here.";

static KINDS: &[Kind] = &[
    Kind::new("context/recipient", "the Recipient is another service", RECIPIENT, |d| {
        recipient(d, "https://sp.heron.example/acs")
    }),
    Kind::new(
        "context/recipient-of-other-partition",
        "the Recipient is the sign-in of another partition",
        RECIPIENT,
        |d| recipient(d, "https://signin.amazonaws-us-gov.com/saml"),
    ),
    Kind::new(
        "context/recipient-alike",
        "the Recipient is a host that begins like AWS's",
        RECIPIENT,
        |d| recipient(d, "https://signin.aws.amazon.com.attacker.example/saml"),
    ),
    Kind::new("context/recipient-slash", "the Recipient has a `/` more", RECIPIENT, |d| {
        recipient(d, "https://signin.aws.amazon.com/saml/")
    }),
    Kind::new(
        "context/destination",
        "the Destination is another service, the Recipient AWS",
        RECIPIENT,
        |d| d.attribute("Response", "Destination", "https://sp.heron.example/acs")?.sign(),
    ),
    Kind::new("context/audience", "the Audience is another service", AUDIENCE, |d| {
        audience(d, "https://sp.heron.example")
    })
    .answered(WRONG_AUDIENCE),
    Kind::new(
        "context/audience-of-other-partition",
        "the Audience is that of another partition",
        AUDIENCE,
        |d| audience(d, "urn:amazon:webservices:govcloud"),
    )
    .answered(WRONG_AUDIENCE),
    Kind::new("context/audience-in-capitals", "the Audience differs in case", AUDIENCE, |d| {
        audience(d, "urn:Amazon:WebServices")
    })
    .answered(WRONG_AUDIENCE),
    Kind::new("context/no-audience", "there is no AudienceRestriction", AUDIENCE, |d| {
        d.remove("AudienceRestriction")?.sign()
    })
    .answered(WRONG_AUDIENCE),
    Kind::new(
        "context/second-restriction",
        "a second AudienceRestriction names another service alone",
        AUDIENCE,
        |d| d.after("AudienceRestriction", &restriction("https://sp.heron.example"))?.sign(),
    )
    .answered(WRONG_AUDIENCE),
    Kind::new("context/expired", "it ended a minute before it was handed in", WINDOW, |d| {
        d.attribute("Conditions", "NotOnOrAfter", "2026-11-24T11:59:00.000Z")?.sign()
    })
    .answered(TOO_LATE),
    Kind::new(
        "context/confirmation-expired",
        "its confirmation ended, its Conditions did not",
        WINDOW,
        |d| {
            d.attribute("SubjectConfirmationData", "NotOnOrAfter", "2026-11-24T12:00:00.000Z")?
                .sign()
        },
    )
    .answered(TOO_LATE),
    Kind::new("context/not-yet-valid", "it begins a minute after it was handed in", WINDOW, |d| {
        d.attribute("Conditions", "NotBefore", "2026-11-24T12:01:00.000Z")?.sign()
    }),
    Kind::new("context/never-valid", "it ends before it begins", WINDOW, |d| {
        d.attribute("Conditions", "NotBefore", "2026-11-24T12:05:00.000Z")?.sign()
    }),
    Kind::new("context/no-time", "its end is no time", WINDOW, |d| {
        d.attribute("Conditions", "NotOnOrAfter", "tomorrow")?.sign()
    }),
    Kind::new(
        "context/late",
        "it was issued ten minutes before it was handed in, within a longer window",
        Expected::Noted(&["assertion/outside-window"]),
        |d| {
            let early = "2026-11-24T11:50:00.000Z";
            d.attribute("Response", "IssueInstant", early)?.attribute(
                "Assertion",
                "IssueInstant",
                early,
            )?;
            d.attribute("Conditions", "NotBefore", early)?.sign()
        },
    )
    .answered(TOO_LATE),
    Kind::new("context/no-confirmation", "the Subject has no confirmation", CONFIRMATION, |d| {
        d.remove("SubjectConfirmation")?.sign()
    }),
    Kind::new(
        "context/two-confirmations",
        "the Subject has two confirmations",
        CONFIRMATION,
        |d| {
            let second = d.outer("SubjectConfirmation")?;
            d.after("SubjectConfirmation", &second)?.sign()
        },
    ),
    Kind::new(
        "context/holder-of-key",
        "the confirmation is of the holder of a key",
        CONFIRMATION,
        |d| {
            d.attribute(
                "SubjectConfirmation",
                "Method",
                "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
            )?
            .sign()
        },
    ),
    Kind::new("context/no-recipient", "the confirmation has no Recipient", CONFIRMATION, |d| {
        d.without("SubjectConfirmationData", "Recipient")?.sign()
    }),
    Kind::new("context/no-end", "the confirmation has no NotOnOrAfter", CONFIRMATION, |d| {
        d.without("SubjectConfirmationData", "NotOnOrAfter")?.sign()
    }),
    Kind::new(
        "context/in-response-to",
        "it answers a request, and AWS sends none",
        Expected::Noted(&["assertion/in-response-to"]),
        |d| {
            d.attribute("Response", "InResponseTo", "_1")?
                .attribute("SubjectConfirmationData", "InResponseTo", "_1")?
                .sign()
        },
    ),
    Kind::new(
        "context/replay",
        "the signed assertion is handed in twice, in two responses",
        Expected::Refused(&["assertion/in-response-to"]),
        |d| {
            let (okta, id) = (d.okta(), d.stated("Response", "ID")?);
            let first = base64(&d.text);
            d.loosened()?
                .attribute("Response", "ID", &format!("{id}1"))?
                .sign_one("Response", &okta)?;
            let second = base64(&d.text);
            d.pack(format!("first {first}\nagain {second}\n"))
        },
    )
    .packed("log"),
    Kind::new("context/status", "the Status says that the sign-in failed", STATUS, |d| {
        d.attribute("StatusCode", "Value", "urn:oasis:names:tc:SAML:2.0:status:Responder")?.sign()
    })
    .answered(INVALID),
    Kind::new("context/no-status", "there is no Status", STATUS, |d| d.remove("Status")?.sign())
        .answered(INVALID),
    Kind::new("context/issuer", "the Issuer is another app's", ISSUER, |d| {
        issuer(d, "http://www.okta.com/exk7heron000000002")
    })
    .answered(OTHER_ISSUER),
    Kind::new("context/issuer-space", "the Issuer has a space behind it", ISSUER, |d| {
        issuer(d, "http://www.okta.com/exk7heron000000001 ")
    })
    .answered(OTHER_ISSUER),
    Kind::new("context/no-issuer", "the assertion has no Issuer", ISSUER, |d| {
        d.remove(("Assertion", "Issuer"))?.sign()
    })
    .answered(OTHER_ISSUER),
    Kind::new("context/issuers-differ", "the Issuer of the response is another", ISSUER, |d| {
        d.content(("Response", "Issuer"), "http://www.okta.com/exk7heron000000002")?.sign()
    }),
    Kind::valid("context/valid-several-audiences", "AWS is one of several audiences", |d| {
        let other = format!(
            "<saml2:Audience xmlns:saml2=\"{ASSERTION}\">https://sp.heron.example</saml2:Audience>"
        );
        d.before("Audience", &other)?.sign()
    }),
    Kind::valid("context/valid-two-restrictions", "two AudienceRestrictions, both of AWS", |d| {
        d.after("AudienceRestriction", &restriction("https://signin.aws.amazon.com/saml"))?.sign()
    }),
    Kind::valid("context/valid-region", "the Recipient is the sign-in of a region", |d| {
        recipient(d, "https://eu-west-1.signin.aws.amazon.com/saml")
    }),
    Kind::valid(
        "context/valid-provider-id",
        "the Recipient names a provider that takes encrypted messages",
        |d| recipient(d, "https://eu-west-1.signin.aws.amazon.com/saml/acs/SAMLSPA1B2C3D4E5F6G7H8"),
    ),
    Kind::valid(
        "context/valid-at-its-beginning",
        "it is handed in at the second at which it begins",
        |d| d.attribute("Conditions", "NotBefore", "2026-11-24T12:00:00.000Z")?.sign(),
    ),
    Kind::valid("context/valid-last-second", "it is handed in a second before it ends", |d| {
        d.attribute("Conditions", "NotOnOrAfter", "2026-11-24T12:00:01Z")?.sign()
    }),
    Kind::valid(
        "context/valid-five-minutes",
        "it is handed in five minutes after it was issued",
        |d| {
            let early = "2026-11-24T11:55:00Z";
            d.attribute("Response", "IssueInstant", early)?
                .attribute("Assertion", "IssueInstant", early)?
                .sign()
        },
    ),
    Kind::valid(
        "context/valid-no-conditions-times",
        "the Conditions state no times, the confirmation does",
        |d| d.without("Conditions", "NotBefore")?.without("Conditions", "NotOnOrAfter")?.sign(),
    ),
    Kind::valid("context/valid-one-time-use", "the Conditions ask for one use alone", |d| {
        d.after("AudienceRestriction", &format!("<saml2:OneTimeUse xmlns:saml2=\"{ASSERTION}\"/>"))?
            .sign()
    }),
    Kind::valid("context/valid-session-end", "the session ends when its duration does", |d| {
        d.attribute("AuthnStatement", "SessionNotOnOrAfter", "2026-11-24T13:00:00Z")?.sign()
    }),
    Kind::valid(
        "context/valid-inner-status",
        "the Status has a second code within the first",
        |d| {
            d.content(
                "StatusCode",
                "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:PartialLogout\"/>",
            )?
            .sign()
        },
    ),
];

fn recipient(d: &mut Draft<'_>, address: &str) -> Done {
    d.attribute("SubjectConfirmationData", "Recipient", address)?;
    d.attribute("Response", "Destination", address)?.sign()
}

fn audience(d: &mut Draft<'_>, audience: &str) -> Done {
    d.content("Audience", audience)?.sign()
}

fn restriction(audience: &str) -> String {
    format!(
        "<saml2:AudienceRestriction xmlns:saml2=\"{ASSERTION}\"><saml2:Audience>{audience}</saml2:Audience>\
         </saml2:AudienceRestriction>"
    )
}

fn issuer(d: &mut Draft<'_>, issuer: &str) -> Done {
    d.content(("Response", "Issuer"), issuer)?.content(("Assertion", "Issuer"), issuer)?.sign()
}
