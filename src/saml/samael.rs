//! A second opinion: samael, which asks libxmlsec1 (feature `samael`, off by default: it needs C libraries).
//!
//! samael reads each message with a parser of its own, takes every part away that no signature covers and gives
//! what is left. That is what it can say; whether a reader would read another part than the signed one, it cannot:
//! an `accept` here is weaker than an `accept` of [`super::verify`].

use std::error::Error;

use roxmltree::Node;
use samael::crypto::{CertificateDer, Crypto, CryptoProvider, ReduceMode};
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

/// What is left of a message without the parts that no signature covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Local name of its root element.
    pub element: String,
    /// `ID` of its root element.
    pub id: Option<String>,
    /// The document itself: it is written anew, so no signature in it verifies any more.
    pub text: String,
}

/// Verifies every signature of a message with certificates in DER, which are tried in turn.
pub fn verify(text: &str, certificates: &[Vec<u8>]) -> Opinion {
    let certificates: Vec<CertificateDer> =
        certificates.iter().cloned().map(CertificateDer::from).collect();
    match reduce(text, &certificates) {
        Ok(reduced) => of_reduced(reduced),
        Err(reason) => {
            let is_unsigned =
                text.parse::<EntityDescriptor>().is_ok_and(|entity| entity.signature.is_none());
            let verdict = if is_unsigned { Verdict::Unsigned } else { Verdict::Reject };
            Opinion { verdict, kept: None, reasons: vec![reason] }
        }
    }
}

/// All signatures with all certificates; where that fails, with each alone: samael stops at a key of another kind.
fn reduce(text: &str, certificates: &[CertificateDer]) -> Result<String, String> {
    let mode = ReduceMode::ValidateAndMarkNoAncestors;
    let mut said = match Crypto::reduce_xml_to_signed(text, certificates, mode) {
        Ok(reduced) => return Ok(reduced),
        Err(error) => words(&error),
    };
    if certificates.len() > 1 {
        for one in certificates {
            match Crypto::reduce_xml_to_signed(text, std::slice::from_ref(one), mode) {
                Ok(reduced) => return Ok(reduced),
                Err(error) => said = words(&error),
            }
        }
    }
    Err(said)
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
