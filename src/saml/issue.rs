//! Makes a response as Okta's AWS app sends it: its elements, their order, prefixes and formats.
//!
//! Everything is an argument: nothing is random and no clock is read, so the same facts give the same bytes.
//! IDs are made of what the response says.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use sha2::{Digest as _, Sha256};

use super::response::{ASSERTION, PROTOCOL};
use super::sign::{SigningError, SigningOptions, attribute, content, sign};
use super::xml::{MESSAGE, Tree, XmlError};
use crate::model::account::Partition;
use crate::model::moment::Moment;

/// How long Okta's responses hold, before and after they are issued, in seconds.
pub const WINDOW: i64 = 300;

/// Where AWS looks for its own attributes.
pub const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";

const XS: &str = "http://www.w3.org/2001/XMLSchema";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
const NAME_FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:";

/// The `Audience` that AWS expects in a partition.
pub const fn audience(partition: Partition) -> &'static str {
    match partition {
        Partition::Aws => "urn:amazon:webservices",
        Partition::China => "urn:amazon:webservices:cn-north-1",
        Partition::GovCloud => "urn:amazon:webservices:govcloud",
    }
}

/// What a response says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// `Destination` and `Recipient`.
    pub recipient: String,
    /// `Issuer`.
    pub issuer: String,
    /// `Audience`.
    pub audience: String,
    /// `NameID`.
    pub name_id: String,
    /// `Format` of the `NameID`, the whole URI.
    pub name_id_format: String,
    /// When it is issued.
    pub at: Moment,
    /// The request it answers; none where the sign-in began at Okta.
    pub in_response_to: Option<String>,
    /// Attributes in their order.
    pub attributes: Vec<IssuedAttribute>,
    /// Goes into the IDs, to tell apart responses that say the same.
    pub seed: String,
}

/// An attribute of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedAttribute {
    /// `Name`.
    pub name: String,
    /// The last part of `NameFormat`: `uri`, `basic` or `unspecified`.
    pub format: &'static str,
    /// Its values.
    pub values: Vec<String>,
}

impl IssuedAttribute {
    /// `Role`, with a value a role: `provider,role`.
    pub fn roles(values: Vec<String>) -> Self {
        Self { name: format!("{ATTRIBUTES}Role"), format: "uri", values }
    }

    /// Another attribute of AWS, with one value.
    pub fn aws(name: &str, value: String) -> Self {
        Self { name: format!("{ATTRIBUTES}{name}"), format: "basic", values: vec![value] }
    }
}

/// What is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignWhat {
    /// The assertion and then the response around it, as Okta does.
    Both,
    /// The assertion alone.
    Assertion,
    /// The response alone.
    Response,
    /// Nothing.
    Nothing,
}

/// Why a response cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// A character that no XML document may hold.
    #[error("{field} holds the character U+{code:04X}, which no XML document may hold")]
    Character {
        /// Of what.
        field: String,
        /// The character.
        code: u32,
    },
    /// No four-digit year.
    #[error("{0} is outside the years 0001 to 9999")]
    Time(Moment),
    /// Larger than a message may be, for one.
    #[error("the response is no message: {0}")]
    Xml(#[from] XmlError),
    /// Signing failed.
    #[error("{0}")]
    Signing(#[from] SigningError),
}

impl Issue {
    /// The response, signed.
    pub fn signed(
        &self,
        what: SignWhat,
        options: &SigningOptions<'_>,
    ) -> Result<String, IssueError> {
        let mut text = self.unsigned()?;
        for (name, wanted) in [
            ("Assertion", matches!(what, SignWhat::Both | SignWhat::Assertion)),
            ("Response", matches!(what, SignWhat::Both | SignWhat::Response)),
        ] {
            if wanted {
                let tree = Tree::parse(&text, MESSAGE)?;
                let mut nodes = tree.root().descendants();
                let found = nodes.find(|node| node.tag_name().name() == name);
                let target = found.ok_or(SigningError::NoElement)?.id();
                text = sign(&tree, target, options)?;
            }
        }
        Ok(text)
    }

    /// The response without a signature.
    pub fn unsigned(&self) -> Result<String, IssueError> {
        self.check()?;
        let now = instant(self.at)?;
        let response = self.id("Response");
        let assertion = self.id("Assertion");
        let issuer = content(&self.issuer);
        let recipient = attribute(&self.recipient);
        let request = self.in_response_to.as_deref().map(attribute);
        let request = request.map(|id| format!(" InResponseTo=\"{id}\"")).unwrap_or_default();
        let entity = format!("Format=\"{FORMAT}entity\"");
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        // Writing to a String cannot fail.
        let _ = write!(
            xml,
            "<saml2p:Response xmlns:saml2p=\"{PROTOCOL}\" Destination=\"{recipient}\" ID=\"{response}\"{request} \
             IssueInstant=\"{now}\" Version=\"2.0\" xmlns:xs=\"{XS}\">\
             <saml2:Issuer xmlns:saml2=\"{ASSERTION}\" {entity}>{issuer}</saml2:Issuer>\
             <saml2p:Status xmlns:saml2p=\"{PROTOCOL}\">\
             <saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></saml2p:Status>\
             <saml2:Assertion xmlns:saml2=\"{ASSERTION}\" ID=\"{assertion}\" IssueInstant=\"{now}\" \
             Version=\"2.0\" xmlns:xs=\"{XS}\">\
             <saml2:Issuer {entity} xmlns:saml2=\"{ASSERTION}\">{issuer}</saml2:Issuer>"
        );
        self.write_subject(&mut xml, &request)?;
        self.write_statements(&mut xml)?;
        xml += "</saml2:Assertion></saml2p:Response>";
        Ok(xml)
    }

    fn write_subject(&self, xml: &mut String, request: &str) -> Result<(), IssueError> {
        let until = instant(Moment(self.at.0.saturating_add(WINDOW)))?;
        let since = instant(Moment(self.at.0.saturating_sub(WINDOW)))?;
        let format = attribute(&self.name_id_format);
        // Writing to a String cannot fail.
        let _ = write!(
            xml,
            "<saml2:Subject xmlns:saml2=\"{ASSERTION}\">\
             <saml2:NameID Format=\"{format}\">{}</saml2:NameID>\
             <saml2:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
             <saml2:SubjectConfirmationData{request} NotOnOrAfter=\"{until}\" Recipient=\"{}\"/>\
             </saml2:SubjectConfirmation></saml2:Subject>\
             <saml2:Conditions NotBefore=\"{since}\" NotOnOrAfter=\"{until}\" xmlns:saml2=\"{ASSERTION}\">\
             <saml2:AudienceRestriction><saml2:Audience>{}</saml2:Audience></saml2:AudienceRestriction>\
             </saml2:Conditions>",
            content(&self.name_id),
            attribute(&self.recipient),
            content(&self.audience),
        );
        Ok(())
    }

    fn write_statements(&self, xml: &mut String) -> Result<(), IssueError> {
        let now = instant(self.at)?;
        let session = format!("id{}000.{}", self.at.0, self.digits("session", 10));
        // Writing to a String cannot fail.
        let _ = write!(
            xml,
            "<saml2:AuthnStatement AuthnInstant=\"{now}\" SessionIndex=\"{session}\" xmlns:saml2=\"{ASSERTION}\">\
             <saml2:AuthnContext><saml2:AuthnContextClassRef>\
             urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport\
             </saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>"
        );
        if self.attributes.is_empty() {
            return Ok(());
        }
        let _ = write!(xml, "<saml2:AttributeStatement xmlns:saml2=\"{ASSERTION}\">");
        for one in &self.attributes {
            let name = attribute(&one.name);
            let format = one.format;
            let _ = write!(
                xml,
                "<saml2:Attribute Name=\"{name}\" NameFormat=\"{NAME_FORMAT}{format}\">"
            );
            for value in &one.values {
                let value = content(value);
                let _ = write!(
                    xml,
                    "<saml2:AttributeValue xmlns:xs=\"{XS}\" xmlns:xsi=\"{XSI}\" xsi:type=\"xs:string\">\
                     {value}</saml2:AttributeValue>"
                );
            }
            *xml += "</saml2:Attribute>";
        }
        *xml += "</saml2:AttributeStatement>";
        Ok(())
    }

    /// Refuses what would not be XML.
    fn check(&self) -> Result<(), IssueError> {
        let mut fields = vec![
            ("the recipient".to_owned(), &self.recipient),
            ("the issuer".to_owned(), &self.issuer),
            ("the audience".to_owned(), &self.audience),
            ("the NameID".to_owned(), &self.name_id),
            ("the NameID's format".to_owned(), &self.name_id_format),
        ];
        if let Some(request) = &self.in_response_to {
            fields.push(("InResponseTo".to_owned(), request));
        }
        for attribute in &self.attributes {
            fields.push(("an attribute's name".to_owned(), &attribute.name));
            let short = attribute.name.strip_prefix(ATTRIBUTES).unwrap_or(&attribute.name);
            let field = format!("the attribute `{}`", crate::text::Shown(short));
            fields.extend(attribute.values.iter().map(|value| (field.clone(), value)));
        }
        for (field, text) in fields {
            if let Some(c) = text.chars().find(|&c| !is_xml(c)) {
                return Err(IssueError::Character { field, code: u32::from(c) });
            }
        }
        Ok(())
    }

    /// An ID as Okta makes them: `id` and digits.
    fn id(&self, element: &str) -> String {
        format!("id{}", self.digits(element, 26))
    }

    /// So many digits that depend on all that the response says.
    fn digits(&self, of: &str, count: usize) -> String {
        let mut hash = Sha256::new();
        let mut feed = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        };
        for text in [
            of,
            &self.seed,
            &self.recipient,
            &self.issuer,
            &self.audience,
            &self.name_id,
            &self.name_id_format,
            self.in_response_to.as_deref().unwrap_or_default(),
            &self.at.0.to_string(),
        ] {
            feed(text);
        }
        for attribute in &self.attributes {
            feed(&attribute.name);
            feed(&attribute.values.len().to_string());
            attribute.values.iter().for_each(|value| feed(value));
        }
        let bytes = hash.finalize();
        let digits = bytes.iter().map(|byte| char::from(b'0' + byte % 10));
        // An ID that begins with a zero is none that Okta makes.
        std::iter::once('1').chain(digits).take(count).collect()
    }
}

/// A moment as Okta writes it, with milliseconds.
fn instant(at: Moment) -> Result<String, IssueError> {
    let time = DateTime::from_timestamp(at.0, 0).ok_or(IssueError::Time(at))?;
    let text = time.format("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    // A year of another length has a sign or none to hold it.
    if text.len() == 24 && !text.starts_with("0000") { Ok(text) } else { Err(IssueError::Time(at)) }
}

/// Whether XML 1.0 has the character.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The response in base64, as `SAMLResponse` carries it.
pub fn base64(response: &str) -> String {
    STANDARD.encode(response)
}

/// The body of the form that the browser posts to AWS.
pub fn form(response: &str, relay_state: &str) -> String {
    format!(
        "SAMLResponse={}&RelayState={}",
        percent_encoded(&base64(response)),
        percent_encoded(relay_state)
    )
}

/// `application/x-www-form-urlencoded`.
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3 / 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::test_key::Signer;

    fn example() -> Issue {
        Issue {
            recipient: Partition::Aws.sign_in().to_owned(),
            issuer: "http://www.okta.com/exk1".to_owned(),
            audience: audience(Partition::Aws).to_owned(),
            name_id: "ada@example.com".to_owned(),
            name_id_format: format!("{FORMAT}unspecified"),
            at: Moment::parse("2026-11-24T12:00:00Z").unwrap(),
            in_response_to: None,
            attributes: vec![
                IssuedAttribute::roles(vec!["p,r".to_owned(), "p,s".to_owned()]),
                IssuedAttribute::aws("RoleSessionName", "ada@example.com".to_owned()),
            ],
            seed: String::new(),
        }
    }

    #[test]
    fn a_response_has_the_elements_of_okta_in_their_order() {
        let text = example().unsigned().unwrap();
        let tree = Tree::parse(&text, MESSAGE).unwrap();
        let names: Vec<&str> = tree
            .root()
            .descendants()
            .filter(roxmltree::Node::is_element)
            .map(|node| node.tag_name().name())
            .collect();
        assert_eq!(
            names,
            [
                "Response",
                "Issuer",
                "Status",
                "StatusCode",
                "Assertion",
                "Issuer",
                "Subject",
                "NameID",
                "SubjectConfirmation",
                "SubjectConfirmationData",
                "Conditions",
                "AudienceRestriction",
                "Audience",
                "AuthnStatement",
                "AuthnContext",
                "AuthnContextClassRef",
                "AttributeStatement",
                "Attribute",
                "AttributeValue",
                "AttributeValue",
                "Attribute",
                "AttributeValue"
            ]
        );
        for (element, name, value) in [
            ("Response", "IssueInstant", "2026-11-24T12:00:00.000Z"),
            ("Response", "Destination", "https://signin.aws.amazon.com/saml"),
            ("SubjectConfirmationData", "NotOnOrAfter", "2026-11-24T12:05:00.000Z"),
            ("SubjectConfirmationData", "Recipient", "https://signin.aws.amazon.com/saml"),
            ("Conditions", "NotBefore", "2026-11-24T11:55:00.000Z"),
            ("Conditions", "NotOnOrAfter", "2026-11-24T12:05:00.000Z"),
        ] {
            let found = tree.root().descendants().find(|node| node.tag_name().name() == element);
            assert_eq!(found.unwrap().attribute(name), Some(value), "{element}/@{name}");
        }
    }

    #[test]
    fn ids_depend_on_all_that_is_said_and_on_nothing_else() {
        let issue = example();
        assert_eq!(issue.unsigned().unwrap(), example().unsigned().unwrap());
        let id = issue.id("Response");
        assert!(id.strip_prefix("id1").unwrap().bytes().all(|byte| byte.is_ascii_digit()), "{id}");
        assert_eq!(id.len(), 28);
        assert_ne!(id, issue.id("Assertion"));
        let other = Issue { seed: "2".to_owned(), ..example() };
        assert_ne!(id, other.id("Response"));
        let mut moved = example();
        moved.attributes[0].values = vec!["p,r,p".to_owned(), "s".to_owned()];
        assert_ne!(id, moved.id("Response"));
    }

    #[test]
    fn what_no_xml_may_hold_is_refused_with_its_field() {
        let failed = |issue: Issue| issue.unsigned().unwrap_err().to_string();
        assert_eq!(
            failed(Issue { name_id: "a\u{1}".to_owned(), ..example() }),
            "the NameID holds the character U+0001, which no XML document may hold"
        );
        let mut issue = example();
        issue.attributes[1].values = vec!["\u{ffff}".to_owned()];
        assert_eq!(
            failed(issue),
            "the attribute `RoleSessionName` holds the character U+FFFF, which no XML document may hold"
        );
        assert!(failed(Issue { at: Moment(1 << 40), ..example() }).contains("outside the years"));
        assert!(failed(Issue { at: Moment(-1 << 40), ..example() }).contains("outside the years"));
    }

    #[test]
    fn what_is_signed_is_what_was_asked_for() {
        let signer = Signer::test().unwrap();
        let options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
        for (what, parents) in [
            (SignWhat::Both, ["Response", "Assertion"].as_slice()),
            (SignWhat::Assertion, &["Assertion"]),
            (SignWhat::Response, &["Response"]),
            (SignWhat::Nothing, &[]),
        ] {
            let text = example().signed(what, &options).unwrap();
            let tree = Tree::parse(&text, MESSAGE).unwrap();
            let found: Vec<String> = super::super::sign::signatures(&tree)
                .filter_map(|node| Some(node.parent()?.tag_name().name().to_owned()))
                .collect();
            assert_eq!(found, parents);
        }
    }

    #[test]
    fn a_form_is_percent_encoded() {
        assert_eq!(
            form("<a>~</a>", "https://x/?a=b c"),
            "SAMLResponse=PGE%2BfjwvYT4%3D&RelayState=https%3A%2F%2Fx%2F%3Fa%3Db+c"
        );
    }
}
