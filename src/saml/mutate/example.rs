//! The message and the metadata that kinds are made of where no other is given.

use super::MutateError;
use crate::model::moment::Moment;
use crate::saml::issue::{Issue, IssueError, IssuedAttribute, SignWhat};
use crate::saml::redact::TestKeys;
use crate::saml::sign::{SigningOptions, lines_of_base64};

/// When the example is issued, and handed in.
pub const AT: &str = "2026-11-24T12:00:00Z";

/// Who issues it.
const ISSUER: &str = "http://www.okta.com/exk7heron000000001";

/// What kinds are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// A response, both parts signed.
    pub response: String,
    /// The metadata of who issues it.
    pub metadata: String,
}

impl Example {
    /// Made with these keys.
    pub fn new(keys: &TestKeys) -> Result<Self, MutateError> {
        let known = &keys.known;
        let options = SigningOptions::as_okta(&known.key, Some(&known.certificate.der));
        let at = Moment::parse(AT).ok_or(IssueError::Time(Moment(0)))?;
        let response = issue(at).signed(SignWhat::Both, &options)?;
        let others = [&keys.p256, &keys.p384].map(|one| descriptor(&one.certificate.der));
        let own = descriptor(&known.certificate.der);
        Ok(Self { response, metadata: metadata(&[own, others.concat()].concat()) })
    }
}

fn issue(at: Moment) -> Issue {
    let pair = |role: &str| {
        format!(
            "arn:aws:iam::418830275916:saml-provider/OKTA,arn:aws:iam::418830275916:role/{role}"
        )
    };
    Issue {
        recipient: "https://signin.aws.amazon.com/saml".to_owned(),
        issuer: ISSUER.to_owned(),
        audience: "urn:amazon:webservices".to_owned(),
        name_id: "ida.moss@heron.example".to_owned(),
        name_id_format: "urn:oasis:names:tc:SAML:2.0:nameid-format:unspecified".to_owned(),
        at,
        in_response_to: None,
        attributes: vec![
            IssuedAttribute::roles(vec![pair("ReadOnly"), pair("Billing")]),
            IssuedAttribute::aws("RoleSessionName", "ida.moss@heron.example".to_owned()),
            IssuedAttribute::aws("SessionDuration", "3600".to_owned()),
            IssuedAttribute::aws("PrincipalTag:Team", "harbour".to_owned()),
            IssuedAttribute {
                name: "department".to_owned(),
                format: "unspecified",
                values: vec!["Docks & Cranes".to_owned()],
            },
        ],
        seed: String::new(),
    }
}

fn descriptor(certificate: &[u8]) -> String {
    descriptor_of(&lines_of_base64(certificate))
}

/// A `KeyDescriptor` for signing with a certificate, in base64.
pub(super) fn descriptor_of(certificate: &str) -> String {
    format!(
        "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
         <ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
         </md:KeyDescriptor>"
    )
}

/// Metadata as Okta serves it.
fn metadata(keys: &str) -> String {
    let single_sign_on = |binding: &str| {
        format!(
            "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" \
             Location=\"https://heron.okta.example/app/amazon_aws/exk7heron000000001/sso/saml\"/>"
        )
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{ISSUER}\" ID=\"idm7\">\
         <md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{keys}\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</md:NameIDFormat>{}{}\
         </md:IDPSSODescriptor></md:EntityDescriptor>\n",
        single_sign_on("HTTP-POST"),
        single_sign_on("HTTP-Redirect"),
    )
}
