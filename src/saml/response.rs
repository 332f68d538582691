//! A message with its assertions, typed and with places. Nothing is judged here: what is missing is
//! missing, times stay texts, and which assertion may be believed is for `verify` to say.

mod read;

use roxmltree::NodeId;

use super::xml::{Spot, Spotted, Tree};
use crate::model::moment::Moment;

/// Namespace of assertions (SAML core 2).
pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// Namespace of requests and responses (SAML core 3).
pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// Namespace of XML encryption.
pub const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
/// The status of a response that says yes (SAML core 3.2.2.2).
pub const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// The confirmation that a browser brings (SAML profiles 3.3).
pub const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

/// A document that may be a SAML message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What its root element is.
    pub root: Root,
    /// The root, where it is a `Response`.
    pub response: Option<Response>,
    /// Every `Assertion` outside `Advice`, in document order, wherever it stands.
    pub assertions: Vec<Assertion>,
    /// Every `EncryptedAssertion` outside `Advice`, in document order.
    pub encrypted: Vec<Encrypted>,
}

/// What a root element is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// `Response` of the protocol's namespace.
    Response,
    /// `Assertion` of the assertions' namespace.
    Assertion,
    /// Another element: its local name, with `{namespace}` before it where that is not SAML 2.0's.
    Other(String),
}

/// A `Response` (SAML core 3.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The element.
    pub node: NodeId,
    /// Where it begins.
    pub at: Spot,
    /// `ID`.
    pub id: Option<Spotted<String>>,
    /// `Version`.
    pub version: Option<Spotted<String>>,
    /// `IssueInstant`.
    pub issue_instant: Option<Spotted<String>>,
    /// `Destination`.
    pub destination: Option<Spotted<String>>,
    /// `InResponseTo`; none where the sign-in began at the identity provider.
    pub in_response_to: Option<Spotted<String>>,
    /// Its own `Issuer`.
    pub issuer: Option<Issuer>,
    /// Its `Status`.
    pub status: Option<Status>,
}

/// An `Assertion` (SAML core 2.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The element.
    pub node: NodeId,
    /// Where it begins.
    pub at: Spot,
    /// `ID`.
    pub id: Option<Spotted<String>>,
    /// `Version`.
    pub version: Option<Spotted<String>>,
    /// `IssueInstant`.
    pub issue_instant: Option<Spotted<String>>,
    /// Its `Issuer`.
    pub issuer: Option<Issuer>,
    /// Its first `Subject`.
    pub subject: Option<Subject>,
    /// Its `Conditions`; one is legal.
    pub conditions: Vec<Conditions>,
    /// Its `AuthnStatement`s.
    pub authn_statements: Vec<AuthnStatement>,
    /// `Attribute`s of all its `AttributeStatement`s.
    pub attributes: Vec<Attribute>,
    /// `EncryptedAttribute`s among them.
    pub encrypted_attributes: Vec<Spot>,
}

/// An `EncryptedAssertion` (SAML core 2.3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encrypted {
    /// The element.
    pub node: NodeId,
    /// Where it begins.
    pub at: Spot,
    /// With what its content is encrypted.
    pub algorithm: Option<Spotted<String>>,
    /// With what the content's key is encrypted.
    pub key_algorithm: Option<Spotted<String>>,
}

/// An `Issuer` (SAML core 2.2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Its text.
    pub value: Spotted<String>,
    /// `Format`.
    pub format: Option<Spotted<String>>,
}

/// A `Status` (SAML core 3.2.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// `Value` of the outer `StatusCode`.
    pub code: Option<Spotted<String>>,
    /// `Value` of the `StatusCode` within it.
    pub inner: Option<Spotted<String>>,
    /// `StatusMessage`.
    pub message: Option<Spotted<String>>,
}

/// A `Subject` (SAML core 2.4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Where it begins.
    pub at: Spot,
    /// Its first `NameID`.
    pub name_id: Option<NameId>,
    /// Whether it has an `EncryptedID`.
    pub encrypted_id: bool,
    /// Its `SubjectConfirmation`s.
    pub confirmations: Vec<SubjectConfirmation>,
}

/// A `NameID` (SAML core 2.2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameId {
    /// Its text.
    pub value: Value,
    /// `Format`.
    pub format: Option<Spotted<String>>,
    /// `NameQualifier`.
    pub name_qualifier: Option<Spotted<String>>,
    /// `SPNameQualifier`.
    pub sp_name_qualifier: Option<Spotted<String>>,
}

/// A `SubjectConfirmation` (SAML core 2.4.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectConfirmation {
    /// Where it begins.
    pub at: Spot,
    /// `Method`.
    pub method: Option<Spotted<String>>,
    /// Its `SubjectConfirmationData`.
    pub data: Option<ConfirmationData>,
}

/// A `SubjectConfirmationData` (SAML core 2.4.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationData {
    /// Where it begins.
    pub at: Spot,
    /// `Recipient`.
    pub recipient: Option<Spotted<String>>,
    /// `NotBefore`.
    pub not_before: Option<Spotted<String>>,
    /// `NotOnOrAfter`.
    pub not_on_or_after: Option<Spotted<String>>,
    /// `InResponseTo`.
    pub in_response_to: Option<Spotted<String>>,
    /// `Address`.
    pub address: Option<Spotted<String>>,
}

/// `Conditions` (SAML core 2.5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conditions {
    /// Where they begin.
    pub at: Spot,
    /// `NotBefore`.
    pub not_before: Option<Spotted<String>>,
    /// `NotOnOrAfter`.
    pub not_on_or_after: Option<Spotted<String>>,
    /// The audiences of each `AudienceRestriction`: one of each restriction has to fit
    /// (SAML core 2.5.1.4).
    pub restrictions: Vec<Vec<Spotted<String>>>,
}

/// An `AuthnStatement` (SAML core 2.7.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthnStatement {
    /// Where it begins.
    pub at: Spot,
    /// `AuthnInstant`.
    pub authn_instant: Option<Spotted<String>>,
    /// `SessionIndex`.
    pub session_index: Option<Spotted<String>>,
    /// `SessionNotOnOrAfter`.
    pub session_not_on_or_after: Option<Spotted<String>>,
    /// `AuthnContextClassRef`.
    pub context_class: Option<Spotted<String>>,
}

/// An `Attribute` (SAML core 2.7.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Where it begins.
    pub at: Spot,
    /// `Name`; empty, at the element, where there is none.
    pub name: Spotted<String>,
    /// `NameFormat`.
    pub name_format: Option<Spotted<String>>,
    /// `FriendlyName`.
    pub friendly_name: Option<Spotted<String>>,
    /// Its `AttributeValue`s.
    pub values: Vec<Value>,
}

/// The text of an element that names somebody or something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// All text within, comments left out, nothing trimmed; its place is what stands between the tags.
    pub text: Spotted<String>,
    /// What stands inside beside text, so that other readers may see less of it.
    pub split: Option<Split>,
}

/// What splits a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// A comment or a CDATA section, which canonicalisation leaves out or takes for text.
    Mark,
    /// An element alone.
    Element,
}

impl Split {
    /// What splits some markup between two tags.
    pub fn of(written: &str) -> Option<Self> {
        match written {
            _ if written.contains("<!") => Some(Self::Mark),
            _ if written.contains('<') => Some(Self::Element),
            _ => None,
        }
    }
}

impl Message {
    /// Reads a document, whatever it is.
    pub fn read(tree: &Tree<'_>) -> Self {
        read::message(tree)
    }

    /// The assertion that is this element.
    pub fn assertion(&self, node: NodeId) -> Option<&Assertion> {
        self.assertions.iter().find(|assertion| assertion.node == node)
    }
}

impl Assertion {
    /// Its attributes of one name, to the letter.
    pub fn attributes_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Attribute> {
        self.attributes.iter().filter(move |attribute| attribute.name.value == name)
    }

    /// When it ends: with its conditions, or before that with the last of its confirmations.
    pub fn end(&self) -> Option<&Spotted<String>> {
        let moment = |text: &&Spotted<String>| Moment::parse(&text.value);
        let confirmed = self.subject.iter().flat_map(|subject| &subject.confirmations);
        let confirmed = confirmed.filter_map(|one| one.data.as_ref()?.not_on_or_after.as_ref());
        let confirmed = confirmed.filter(|end| moment(end).is_some()).max_by_key(moment);
        let conditions = self.conditions.iter().filter_map(|one| one.not_on_or_after.as_ref());
        let ends = confirmed.into_iter().chain(conditions).filter(|end| moment(end).is_some());
        ends.min_by_key(moment)
    }

    /// When it ends, where that is after a moment: until then whoever has it can hand it in.
    pub fn usable_until(&self, at: Moment) -> Option<Moment> {
        Moment::parse(&self.end()?.value).filter(|end| *end > at)
    }

    /// Every audience of every restriction.
    pub fn audiences(&self) -> impl Iterator<Item = &Spotted<String>> {
        self.conditions.iter().flat_map(Conditions::audiences)
    }
}

impl Conditions {
    /// Every audience of every restriction.
    pub fn audiences(&self) -> impl Iterator<Item = &Spotted<String>> {
        self.restrictions.iter().flatten()
    }
}

#[cfg(test)]
mod tests;
