//! What a captured message says, for somebody who has to read it: nothing here is verified, and nothing
//! here lets anybody sign in.

use roxmltree::Node;
use serde::Serialize;

use super::aws::{SentRole, SignInAttributes};
use super::capture::Capture;
use super::certificate::Certificate;
use super::metadata::SIGNATURES;
use super::response::{Assertion, Attribute, Encrypted, Message, Root};
use super::xml::{Spot, Spotted, Tree, text_of};
use crate::model::arn::{RoleArn, SamlProviderArn};
use crate::model::moment::Moment;

/// A text and its line in the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The text.
    pub value: String,
    /// 1-based line of the message.
    pub line: u32,
}

/// A message's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outline {
    /// Name of the root element.
    pub kind: String,
    /// `ID` of the response.
    pub id: Option<Said>,
    /// `Issuer` of the response.
    pub issuer: Option<Said>,
    /// `IssueInstant` of the response.
    pub issued: Option<Said>,
    /// `Destination` of the response.
    pub destination: Option<Said>,
    /// `InResponseTo` of the response.
    pub in_response_to: Option<Said>,
    /// Status codes, the outer one first, and the status message.
    pub status: Vec<Said>,
    /// Its assertions, whether or not they can be believed.
    pub assertions: Vec<AssertionOutline>,
    /// Its encrypted assertions.
    pub encrypted: Vec<EncryptedOutline>,
    /// Its signatures, none of them verified.
    pub signatures: Vec<SignatureOutline>,
}

/// An assertion's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AssertionOutline {
    /// Its line.
    pub line: u32,
    /// `ID`.
    pub id: Option<Said>,
    /// `Issuer`.
    pub issuer: Option<Said>,
    /// `IssueInstant`.
    pub issued: Option<Said>,
    /// `NameID`.
    pub subject: Option<Said>,
    /// Its `Format`.
    pub subject_format: Option<String>,
    /// Each `SubjectConfirmation`.
    pub confirmations: Vec<ConfirmationOutline>,
    /// `NotBefore` of the conditions.
    pub not_before: Option<Said>,
    /// `NotOnOrAfter` of the conditions.
    pub not_on_or_after: Option<Said>,
    /// Every `Audience`.
    pub audiences: Vec<Said>,
    /// `AuthnInstant`.
    pub signed_in: Option<Said>,
    /// `SessionNotOnOrAfter`.
    pub session_end: Option<Said>,
    /// Roles by account, as the role picker shows them.
    pub accounts: Vec<AccountOutline>,
    /// Role values that are no pair, and why.
    pub odd_roles: Vec<OddRole>,
    /// `RoleSessionName`.
    pub session_name: Vec<Said>,
    /// `SessionDuration` in seconds.
    pub session_duration: Vec<Said>,
    /// `SourceIdentity`.
    pub source_identity: Vec<Said>,
    /// Session tags.
    pub tags: Vec<Tag>,
    /// `TransitiveTagKeys`.
    pub transitive: Vec<Said>,
    /// All other attributes.
    pub attributes: Vec<OtherAttribute>,
    /// When it ends.
    #[serde(skip)]
    pub end: Option<Moment>,
}

/// A `SubjectConfirmation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfirmationOutline {
    /// Its line.
    pub line: u32,
    /// The last part of its `Method`.
    pub method: Option<String>,
    /// `Recipient`.
    pub recipient: Option<String>,
    /// `NotBefore`.
    pub not_before: Option<String>,
    /// `NotOnOrAfter`.
    pub not_on_or_after: Option<String>,
    /// `InResponseTo`.
    pub in_response_to: Option<String>,
}

/// An account of the role picker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountOutline {
    /// Its id.
    pub account: String,
    /// Its roles by name.
    pub roles: Vec<RoleOutline>,
}

/// A role of the role picker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleOutline {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub role: String,
    /// The provider's ARN.
    pub provider: String,
    /// Line of the value.
    pub line: u32,
}

/// A role value that is no pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OddRole {
    /// As sent.
    pub value: String,
    /// What is wrong with it.
    pub problem: String,
    /// Its line.
    pub line: u32,
}

/// A session tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Its line.
    pub line: u32,
}

/// An attribute that AWS reads nothing from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OtherAttribute {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<String>,
    /// The name of AWS's that it looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looks_like: Option<String>,
    /// Its line.
    pub line: u32,
}

/// An encrypted assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EncryptedOutline {
    /// Its line.
    pub line: u32,
    /// With what its content is encrypted.
    pub algorithm: Option<String>,
    /// With what the content's key is encrypted.
    pub key_algorithm: Option<String>,
}

/// A signature, not verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignatureOutline {
    /// Its line.
    pub line: u32,
    /// Element in which it stands.
    pub within: String,
    /// `URI` of each reference.
    pub references: Vec<String>,
    /// `SignatureMethod`, the whole URI.
    pub method: Option<String>,
    /// `DigestMethod`, the whole URI.
    pub digest: Option<String>,
    /// The certificate that it carries, which proves nothing by itself.
    pub certificate: Option<CertificateOutline>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateOutline {
    /// Whom it is for.
    pub subject: String,
    /// SHA-256 of it in hexadecimal.
    pub sha256: String,
    /// The last moment at which it holds.
    pub not_after: String,
}

fn said(one: &Spotted<String>) -> Said {
    Said { value: one.value.clone(), line: one.at.line }
}

fn maybe(one: Option<&Spotted<String>>) -> Option<Said> {
    one.map(said)
}

fn all(many: &[Spotted<String>]) -> Vec<Said> {
    many.iter().map(said).collect()
}

fn value(one: Option<&Spotted<String>>) -> Option<String> {
    one.map(|one| one.value.clone())
}

/// The last part of a URI or URN: `bearer`, `Success`, `rsa-sha256`.
pub fn last_part(uri: &str) -> &str {
    uri.rsplit([':', '#', '/']).next().unwrap_or(uri)
}

impl Outline {
    /// Outlines a message.
    pub fn read(tree: &Tree<'_>) -> Self {
        let message = Message::read(tree);
        let response = message.response.as_ref();
        let status = response.and_then(|response| response.status.as_ref());
        let parts = status.map(|status| [&status.code, &status.inner, &status.message]);
        let signatures = tree.root().descendants().filter(|node| is(*node, "Signature"));
        Self {
            kind: match message.root {
                Root::Response => "Response".to_owned(),
                Root::Assertion => "Assertion".to_owned(),
                Root::Other(name) => name,
            },
            id: response.and_then(|response| maybe(response.id.as_ref())),
            issuer: response.and_then(|response| Some(said(&response.issuer.as_ref()?.value))),
            issued: response.and_then(|response| maybe(response.issue_instant.as_ref())),
            destination: response.and_then(|response| maybe(response.destination.as_ref())),
            in_response_to: response.and_then(|response| maybe(response.in_response_to.as_ref())),
            status: parts.into_iter().flatten().flatten().map(said).collect(),
            assertions: message.assertions.iter().map(assertion).collect(),
            encrypted: message.encrypted.iter().map(encrypted).collect(),
            signatures: signatures.map(|node| signature(tree, node)).collect(),
        }
    }

    /// Until when one of its assertions can be used to sign in, where that is still so: neither its
    /// conditions nor all its confirmations have ended.
    pub fn usable_until(&self, at: Moment) -> Option<Moment> {
        self.assertions.iter().filter_map(|one| one.end.filter(|end| *end > at)).max()
    }
}

fn assertion(one: &Assertion) -> AssertionOutline {
    let sign_in = SignInAttributes::read(one);
    let name_id = one.subject.as_ref().and_then(|subject| subject.name_id.as_ref());
    let conditions = one.conditions.first();
    let authn = one.authn_statements.first();
    AssertionOutline {
        line: one.at.line,
        id: maybe(one.id.as_ref()),
        issuer: one.issuer.as_ref().map(|issuer| said(&issuer.value)),
        issued: maybe(one.issue_instant.as_ref()),
        subject: name_id.map(|name_id| said(&name_id.value.text)),
        subject_format: name_id.and_then(|name_id| value(name_id.format.as_ref())),
        confirmations: confirmations(one),
        not_before: conditions.and_then(|one| maybe(one.not_before.as_ref())),
        not_on_or_after: conditions.and_then(|one| maybe(one.not_on_or_after.as_ref())),
        audiences: one.audiences().map(said).collect(),
        signed_in: authn.and_then(|one| maybe(one.authn_instant.as_ref())),
        session_end: authn.and_then(|one| maybe(one.session_not_on_or_after.as_ref())),
        accounts: accounts(&sign_in),
        odd_roles: sign_in.roles.iter().filter_map(odd_role).collect(),
        session_name: all(&sign_in.session_name),
        session_duration: all(&sign_in.session_duration),
        source_identity: all(&sign_in.source_identity),
        tags: tags(&sign_in),
        transitive: all(&sign_in.transitive),
        attributes: others(one, &sign_in),
        end: one.end().and_then(|end| Moment::parse(&end.value)),
    }
}

fn confirmations(one: &Assertion) -> Vec<ConfirmationOutline> {
    let confirmations = one.subject.iter().flat_map(|subject| &subject.confirmations);
    let confirmations = confirmations.map(|confirmation| {
        let data = confirmation.data.as_ref();
        ConfirmationOutline {
            line: confirmation.at.line,
            method: confirmation.method.as_ref().map(|one| last_part(&one.value).to_owned()),
            recipient: data.and_then(|data| value(data.recipient.as_ref())),
            not_before: data.and_then(|data| value(data.not_before.as_ref())),
            not_on_or_after: data.and_then(|data| value(data.not_on_or_after.as_ref())),
            in_response_to: data.and_then(|data| value(data.in_response_to.as_ref())),
        }
    });
    confirmations.collect()
}

/// Accounts by id, roles by name: AWS documents no order, this is the one of `picker`.
fn accounts(sign_in: &SignInAttributes) -> Vec<AccountOutline> {
    let with_line = |sent: &'_ SentRole| sent.text.at.line;
    let mut pairs: Vec<(&RoleArn, &SamlProviderArn, u32)> = Vec::new();
    for sent in &sign_in.roles {
        let line = with_line(sent);
        pairs.extend(sent.pairs().into_iter().map(|(role, provider)| (role, provider, line)));
    }
    pairs.sort_by(|a, b| {
        let key = |one: &(&RoleArn, &SamlProviderArn, u32)| (one.0.account, one.0.name.clone());
        (key(a), a).cmp(&(key(b), b))
    });
    let accounts = pairs.chunk_by(|a, b| a.0.account == b.0.account);
    let accounts = accounts.filter_map(|pairs| {
        let roles = pairs.iter().map(|(role, provider, line)| RoleOutline {
            name: role.name.clone(),
            role: role.to_string(),
            provider: provider.to_string(),
            line: *line,
        });
        let account = pairs.first()?.0.account.to_string();
        Some(AccountOutline { account, roles: roles.collect() })
    });
    accounts.collect()
}

fn odd_role(sent: &SentRole) -> Option<OddRole> {
    let problem = sent.pair.as_ref().err()?.to_string();
    Some(OddRole { value: sent.text.value.clone(), problem, line: sent.text.at.line })
}

fn tags(sign_in: &SignInAttributes) -> Vec<Tag> {
    let tags = sign_in.tags.iter().map(|(key, value)| Tag {
        key: key.value.clone(),
        value: value.value.clone(),
        line: value.at.line,
    });
    tags.collect()
}

/// Attributes from which AWS takes nothing.
fn others(one: &Assertion, sign_in: &SignInAttributes) -> Vec<OtherAttribute> {
    let is_read = |attribute: &&Attribute| {
        let name = &attribute.name.value;
        let look_alike = sign_in.look_alikes.iter().any(|one| one.name == attribute.name);
        super::aws::is_known(name) && !look_alike
    };
    let others = one.attributes.iter().filter(|attribute| !is_read(attribute));
    let others = others.map(|attribute| {
        let meant = sign_in.look_alikes.iter().find(|one| one.name == attribute.name);
        OtherAttribute {
            name: attribute.name.value.clone(),
            values: attribute.values.iter().map(|value| value.text.value.clone()).collect(),
            looks_like: meant.map(|one| one.meant.clone()),
            line: attribute.at.line,
        }
    });
    others.collect()
}

fn encrypted(one: &Encrypted) -> EncryptedOutline {
    EncryptedOutline {
        line: one.at.line,
        algorithm: value(one.algorithm.as_ref()),
        key_algorithm: value(one.key_algorithm.as_ref()),
    }
}

fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element()
        && node.tag_name().name() == name
        && node.tag_name().namespace() == Some(SIGNATURES)
}

fn signature(tree: &Tree<'_>, node: Node<'_, '_>) -> SignatureOutline {
    let within = |name: &'static str| node.descendants().filter(move |inner| is(*inner, name));
    let algorithm = |name| {
        let found = within(name).next()?;
        found.attribute("Algorithm").map(str::to_owned)
    };
    let certificate = within("X509Certificate").next();
    let certificate =
        certificate.and_then(|element| Certificate::from_base64(&text_of(element)).ok());
    let Spot { line, .. } = tree.spot(node);
    SignatureOutline {
        line,
        within: node
            .parent_element()
            .map(|parent| parent.tag_name().name().to_owned())
            .unwrap_or_default(),
        references: within("Reference")
            .map(|reference| reference.attribute("URI").unwrap_or_default().to_owned())
            .collect(),
        method: algorithm("SignatureMethod"),
        digest: algorithm("DigestMethod"),
        certificate: certificate.map(|certificate| CertificateOutline {
            sha256: certificate.fingerprint_hex(),
            not_after: certificate.not_after.to_string(),
            subject: certificate.subject,
        }),
    }
}

/// `RelayState` with everything masked that may be a token: values of an address's parameters, and a text
/// that is no address.
pub fn masked_relay_state(capture: &Capture) -> Option<String> {
    let state = capture.relay_state.as_deref()?;
    if !state.starts_with("https://") && !state.starts_with("http://") && !state.starts_with('/') {
        return Some(format!("[masked: {} characters]", state.chars().count()));
    }
    let (mut shown, mut rest) = host_and_rest(state);
    while let Some((name, behind)) = rest.split_once('=') {
        let end = behind.find(['&', '#', '?']).unwrap_or(behind.len());
        shown.push_str(&without_tokens(name));
        shown.push_str("=[masked]");
        rest = behind.get(end..).unwrap_or_default();
    }
    shown.push_str(&without_tokens(rest));
    Some(shown)
}

/// Scheme and host of an address, without whoever it names before the host, and what follows.
fn host_and_rest(address: &str) -> (String, &str) {
    let Some((scheme, behind)) = address.split_once("://") else {
        return (String::new(), address);
    };
    let end = behind.find(['/', '?', '#']).unwrap_or(behind.len());
    let (host, rest) = behind.split_at_checked(end).unwrap_or((behind, ""));
    let host = match host.rsplit_once('@') {
        Some((_, host)) => format!("[masked]@{host}"),
        None => host.to_owned(),
    };
    (format!("{scheme}://{host}"), rest)
}

/// A part of an address in which whatever may be a token is masked: long runs of letters and digits, and what is a
/// query without a name.
fn without_tokens(text: &str) -> String {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "_-+%~".contains(c);
    let mut shown = String::new();
    for piece in text.split_inclusive(|c| !is_of_token(c)) {
        let run = piece.trim_end_matches(|c| !is_of_token(c));
        let has_digit = run.bytes().any(|byte| byte.is_ascii_digit());
        let is_token = run.len() >= TOKEN && (has_digit || run.len() >= 2 * TOKEN);
        shown.push_str(if is_token { "[masked]" } else { run });
        shown.push_str(piece.get(run.len()..).unwrap_or_default());
    }
    shown
}

/// Shortest run of letters and digits that may be a token.
const TOKEN: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::bindings::captures;

    #[test]
    fn a_relay_state_keeps_its_address_and_loses_its_values() {
        let shown = |state: &str| {
            let text = format!("SAMLResponse=PGEvPg==&RelayState={state}");
            let capture = captures("x", text.as_bytes()).remove(0).unwrap();
            masked_relay_state(&capture)
        };
        assert_eq!(shown(""), None);
        assert_eq!(shown("canary").as_deref(), Some("[masked: 6 characters]"));
        assert_eq!(
            shown("https://console.aws.test/ec2/home?region=x%26token=canary").as_deref(),
            Some("https://console.aws.test/ec2/home?region=[masked]&token=[masked]")
        );
        assert_eq!(shown("/home").as_deref(), Some("/home"));
        assert_eq!(
            shown("https://ann:canary@a-very-long-name-of-a-host-1.test/s/4f9a1c7e2b8d6035canary/x%3Fcanary0123456789abcdef%26a=b")
                .as_deref(),
            Some("https://[masked]@a-very-long-name-of-a-host-1.test/s/[masked]/x?[masked]&a=[masked]")
        );
    }
}
