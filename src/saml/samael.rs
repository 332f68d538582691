//! A second opinion: samael, which asks libxmlsec1 (feature `samael`, off by default: it needs C libraries).
//!
//! samael reads each message with a parser of its own, takes every part away that no signature covers and gives
//! what is left. That is what it can say; whether a reader would read another part than the signed one, it cannot:
//! an `accept` here is weaker than an `accept` of [`super::verify`].

use std::error::Error;

use roxmltree::Node;
use samael::crypto::{CertificateDer, Crypto, CryptoError, CryptoProvider, ReduceMode};
use samael::metadata::EntityDescriptor;

use super::verify::Verdict;
use super::xml::{METADATA, Tree};

/// What samael says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// Of the verdicts those samael can give: never `accept-embedded-key-only`, for it uses the given keys alone.
    pub verdict: Verdict,
    /// What its signatures cover, where they verify.
    pub kept: Option<Kept>,
    /// Why it is not accepted: samael's own words.
    pub reasons: Vec<String>,
}

impl Opinion {
    /// Of what is no message.
    pub fn unread(why: String) -> Self {
        Self { verdict: Verdict::Reject, kept: None, reasons: vec![why] }
    }
}

/// What is left of a message without the parts that no signature covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Local name of its root element.
    pub element: String,
    /// `ID` of its root element.
    pub id: Option<String>,
    /// The part itself, canonical or written anew.
    pub text: String,
}

/// Verifies every signature of a message with certificates in DER, which are tried in turn.
pub fn verify(text: &str, certificates: &[Vec<u8>]) -> Opinion {
    let certificates: Vec<CertificateDer> =
        certificates.iter().cloned().map(CertificateDer::from).collect();
    match reduce(text, &certificates) {
        Ok(reduced) => of_reduced(reduced),
        Err(reason) => {
            // samael's types do not look at the name of the root element.
            let is_metadata = Tree::parse(text, METADATA)
                .is_ok_and(|tree| tree.root().tag_name().name() == "EntityDescriptor");
            let is_unsigned = is_metadata
                && text.parse::<EntityDescriptor>().is_ok_and(|entity| entity.signature.is_none());
            let verdict = if is_unsigned { Verdict::Unsigned } else { Verdict::Reject };
            Opinion { verdict, kept: None, reasons: vec![reason] }
        }
    }
}

/// All signatures with all certificates; where that fails, with each alone: samael stops at a key of another kind.
fn reduce(text: &str, certificates: &[CertificateDer]) -> Result<String, String> {
    let mut said = match signed_part(text, certificates) {
        Ok(reduced) => return Ok(reduced),
        Err(error) => words(&error),
    };
    if certificates.len() > 1 {
        for one in certificates {
            match signed_part(text, std::slice::from_ref(one)) {
                Ok(reduced) => return Ok(reduced),
                Err(error) => said = words(&error),
            }
        }
    }
    Err(said)
}

/// The octets that were signed; of several signed parts, which samael cannot give so, the document without the rest.
/// (Finding octets in the document again fails where it holds comments, CDATA or carriage returns.)
fn signed_part(text: &str, certificates: &[CertificateDer]) -> Result<String, CryptoError> {
    Crypto::reduce_xml_to_signed(text, certificates, ReduceMode::PreDigest).or_else(|_| {
        let mode = ReduceMode::ValidateAndMarkNoAncestors;
        Crypto::reduce_xml_to_signed(text, certificates, mode)
    })
}

fn of_reduced(text: String) -> Opinion {
    let tree = match Tree::parse(&text, METADATA) {
        Ok(tree) => tree,
        Err(error) => {
            let reason = format!("what samael kept cannot be read: {error}");
            return Opinion { verdict: Verdict::Reject, kept: None, reasons: vec![reason] };
        }
    };
    let root = tree.root();
    let holds = |name| root.descendants().any(|node: Node<'_, '_>| node.tag_name().name() == name);
    let element = root.tag_name().name().to_owned();
    let (verdict, reasons) = if holds("Assertion") || element.starts_with("Entit") {
        (Verdict::Accept, Vec::new())
    } else if holds("EncryptedAssertion") {
        (Verdict::NeedsDecryption, vec!["the signed part holds an encrypted assertion".to_owned()])
    } else {
        let reason = format!("the signatures cover `{element}`, in which no assertion stands");
        (Verdict::Reject, vec![reason])
    };
    let id = root.attribute("ID").map(str::to_owned);
    Opinion { verdict, kept: Some(Kept { element, id, text }), reasons }
}

/// An error with its causes, in the house style.
fn words(error: &dyn Error) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if said.last().is_none_or(|last| !last.contains(&text)) {
            said.push(text);
        }
        next = error.source();
    }
    let all = said.join(": ");
    let mut letters = all.trim_end_matches('.').chars();
    letters.next().map_or(String::new(), |first| {
        format!("samael: {}{}", first.to_lowercase(), letters.as_str())
    })
}

#[cfg(test)]
mod tests {
    use samael::schema::Response;

    use super::*;
    use crate::model::account::Partition;
    use crate::model::moment::Moment;
    use crate::saml::issue::{Issue, IssuedAttribute, SignWhat, audience};
    use crate::saml::sign::SigningOptions;
    use crate::saml::test_key::Signer;

    const ROLE: &str =
        "arn:aws:iam::123456789012:saml-provider/okta,arn:aws:iam::123456789012:role/Reader";

    fn issue() -> Issue {
        Issue {
            recipient: "https://signin.aws.amazon.com/saml".to_owned(),
            issuer: "http://www.okta.com/exksecond".to_owned(),
            audience: audience(Partition::Aws).to_owned(),
            name_id: "ada@example.com".to_owned(),
            name_id_format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".to_owned(),
            at: Moment(1_900_000_000),
            in_response_to: None,
            attributes: vec![IssuedAttribute::roles(vec![ROLE.to_owned()])],
            seed: String::new(),
        }
    }

    fn signed(what: SignWhat) -> String {
        let signer = Signer::test().unwrap();
        let options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
        issue().signed(what, &options).unwrap()
    }

    fn certificates(of: &Signer) -> Vec<Vec<u8>> {
        vec![of.certificate.der.to_vec()]
    }

    #[test]
    fn samael_accepts_what_is_issued_and_tells_which_element_is_signed() {
        let known = certificates(&Signer::test().unwrap());
        for (what, element) in [
            (SignWhat::Both, "Response"),
            (SignWhat::Response, "Response"),
            (SignWhat::Assertion, "Assertion"),
        ] {
            let opinion = verify(&signed(what), &known);
            assert_eq!((opinion.verdict, opinion.reasons), (Verdict::Accept, Vec::new()));
            assert_eq!(opinion.kept.unwrap().element, element);
        }
    }

    #[test]
    fn samael_refuses_another_key_a_changed_message_and_one_without_signature() {
        let known = certificates(&Signer::test().unwrap());
        let stranger = certificates(&Signer::stranger().unwrap());
        let text = signed(SignWhat::Both);
        let verdict = |text: &str, known: &[Vec<u8>]| verify(text, known).verdict;
        assert_eq!(verdict(&text, &stranger), Verdict::Reject);
        assert_eq!(verdict(&text.replace("ada@", "eve@"), &known), Verdict::Reject);
        assert_eq!(verdict(&issue().unsigned().unwrap(), &known), Verdict::Reject);
        let both = [stranger, known].concat();
        assert_eq!(verdict(&text, &both), Verdict::Accept);
    }

    #[test]
    fn samaels_typed_response_reads_what_is_issued() {
        let response: Response = signed(SignWhat::Both).parse().unwrap();
        assert_eq!(response.destination.as_deref(), Some("https://signin.aws.amazon.com/saml"));
        let assertion = response.assertion.unwrap();
        assert_eq!(assertion.issuer.value.as_deref(), Some("http://www.okta.com/exksecond"));
        assert_eq!(assertion.subject.unwrap().name_id.unwrap().value, "ada@example.com");
        let restrictions = assertion.conditions.unwrap().audience_restrictions.unwrap();
        assert_eq!(restrictions[0].audience, ["urn:amazon:webservices"]);
        let attributes = &assertion.attribute_statements.unwrap()[0].attributes;
        let name = attributes[0].name.as_deref();
        assert_eq!(name, Some("https://aws.amazon.com/SAML/Attributes/Role"));
        assert_eq!(attributes[0].values[0].value.as_deref(), Some(ROLE));
    }
}
