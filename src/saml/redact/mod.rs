//! A copy of a message that can be shared: its structure, lengths and times stay, names and keys do not.
//!
//! Every word of a text or attribute that is not SAML's or AWS's own is replaced, the same word by the same
//! pseudonym. Certificates become those of public TEST keys, and every signature is made anew with them: what was
//! valid is valid, and what was not is not, for the same reason, as far as that can be.

mod pseudonyms;

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Node, NodeId};

use super::key::{Algorithm, Scheme};
use super::sign::{
    attribute as escaped, lines_of_base64, signatures, with_content, with_digest, with_value,
};
use super::signature::DSIG;
use super::test_key::Signer;
use super::verify::{KeyOrigin, SignatureReport, Verification};
use super::xml::{MESSAGE, Tree, XmlError};
use crate::model::moment::Moment;
use pseudonyms::Pseudonyms;

/// The TEST keys that sign in the place of real ones.
#[derive(Debug, Clone)]
pub struct TestKeys {
    /// For an RSA key that is known.
    pub known: Signer,
    /// For an RSA key that only the message itself vouches for.
    pub stranger: Signer,
    /// For keys on P-256.
    pub p256: Signer,
    /// For keys on P-384.
    pub p384: Signer,
}

/// The copy, and what could not be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    /// The message.
    pub text: String,
    /// What differs from the original in more than names, for a person.
    pub notes: Vec<String>,
}

/// Attributes of elements that say what something is, not whose: they stay as they are, unless their value is
/// somebody's address.
const KEPT_ATTRIBUTES: &[&str] = &[
    "Consent",
    "Encoding",
    "Format",
    "FriendlyName",
    "Method",
    "Name",
    "NameFormat",
    "PrefixList",
    "Value",
    "Version",
    "isDefault",
    "lang",
    "space",
    "type",
    "use",
];

/// Attributes of an assertion, by the end of their name, whose values say nothing of anybody.
const KEPT_VALUES: &[&str] = &["/SessionDuration", "/TransitiveTagKeys"];

/// A copy to share. `verification` is what was found of the original's signatures; values of attributes and
/// elements of the names in `keep` stay as they are.
pub fn redact(
    tree: &Tree<'_>,
    verification: &Verification,
    keep: &[String],
    keys: &TestKeys,
) -> Result<Redacted, XmlError> {
    let text = tree.root().document().input_text();
    let mut redaction =
        Redaction { text, keep, words: Pseudonyms::avoiding(text), edits: Vec::new() };
    redaction.document(tree);
    let mut redacted = Redacted { text: redaction.applied(), notes: Vec::new() };
    let originals = Original::all(tree, verification);
    // An outer signature is over the inner one, so that one comes first.
    let mut order: Vec<usize> = (0..originals.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(originals.get(at).map_or(0, |one| one.depth)));
    for at in order {
        if let Some(original) = originals.get(at) {
            original.sign_again(&mut redacted, at, keys);
        }
    }
    Tree::parse(&redacted.text, MESSAGE)?;
    if has_encrypted(tree) {
        redacted.notes.push("what was encrypted cannot be decrypted any more".to_owned());
    }
    Ok(redacted)
}

fn has_encrypted(tree: &Tree<'_>) -> bool {
    tree.root().descendants().any(|node| node.tag_name().name() == "CipherValue")
}

/// Texts and attributes of a document, and what they become.
struct Redaction<'t> {
    text: &'t str,
    keep: &'t [String],
    words: Pseudonyms,
    edits: Vec<(Range<usize>, String)>,
}

impl Redaction<'_> {
    fn document(&mut self, tree: &Tree<'_>) {
        for node in tree.root().document().root().descendants() {
            if node.is_element() {
                self.attributes(node);
            } else if node.is_text() || node.is_comment() {
                self.content(node);
            }
        }
    }

    fn attributes(&mut self, node: Node<'_, '_>) {
        for one in node.attributes() {
            let name = one.name();
            let is_kept = name == "Algorithm"
                || (KEPT_ATTRIBUTES.contains(&name) && !is_foreign(one.value()))
                || self.is_kept(name)
                || Moment::parse(one.value()).is_some();
            if !is_kept {
                self.replace(one.range_value());
            }
        }
    }

    fn content(&mut self, node: Node<'_, '_>) {
        let parent = node.parent_element();
        let name = parent.map_or("", |parent| parent.tag_name().name());
        let value = node.text().unwrap_or_default();
        let of_attribute = parent
            .into_iter()
            .flat_map(|parent| parent.ancestors())
            .find(|one| one.tag_name().name() == "Attribute")
            .and_then(|one| one.attribute("Name"))
            .unwrap_or_default();
        let is_signature = parent.is_some_and(|parent| parent.has_tag_name((DSIG, name)))
            && matches!(name, "DigestValue" | "SignatureValue" | "X509Certificate");
        let is_kept = value.trim().is_empty()
            || is_signature
            || self.is_kept(name)
            || self.is_kept(of_attribute.rsplit('/').next().unwrap_or_default())
            || KEPT_VALUES.iter().any(|end| of_attribute.ends_with(end))
            || Moment::parse(value).is_some();
        if !is_kept {
            self.replace(node.range());
        }
    }

    fn is_kept(&self, name: &str) -> bool {
        self.keep.iter().any(|kept| kept == name)
    }

    /// Replaces the words of some bytes, which may hold references and CDATA sections; those stay.
    fn replace(&mut self, bytes: Range<usize>) {
        let raw = self.text.get(bytes.clone()).unwrap_or_default();
        let units = units(raw);
        let read: String = units.iter().map(|&(c, _)| c).collect();
        let written = self.words.text(&read);
        let mut out = String::with_capacity(raw.len());
        for (&(before, markup), after) in units.iter().zip(written.chars()) {
            if before == after {
                out.push_str(markup);
            } else {
                out.push(after);
            }
        }
        if out != raw {
            self.edits.push((bytes, out));
        }
    }

    fn applied(mut self) -> String {
        self.edits.sort_by_key(|(bytes, _)| bytes.start);
        let mut out = String::with_capacity(self.text.len());
        let mut done = 0;
        for (bytes, new) in &self.edits {
            out.push_str(self.text.get(done..bytes.start).unwrap_or_default());
            out.push_str(new);
            done = bytes.end;
        }
        out.push_str(self.text.get(done..).unwrap_or_default());
        out
    }
}

/// A name that tells whose it is: an address that is neither AWS's nor a standard's.
fn is_foreign(name: &str) -> bool {
    let known = [
        "https://aws.amazon.com/",
        "http://www.amazonaws.cn/",
        "http://schemas.",
        "http://www.w3.org/",
    ];
    name.contains("://") && !known.iter().any(|start| name.starts_with(start))
}

/// The characters of some markup without elements, each with how it is written; marks of comments and CDATA
/// sections are units of their own that mean a character of no word.
fn units(raw: &str) -> Vec<(char, &str)> {
    const MARKS: [&str; 4] = ["<![CDATA[", "]]>", "<!--", "-->"];
    let mut found = Vec::new();
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        let mark = MARKS.into_iter().find(|mark| rest.starts_with(mark));
        let reference = rest.split_once(';').map(|(reference, _)| reference);
        let reference = reference.and_then(|text| text.strip_prefix('&'));
        let (read, length) = match (mark, reference) {
            (Some(mark), _) => (' ', mark.len()),
            (None, Some(name)) => (referred(name), name.len() + 2),
            (None, None) => (c, c.len_utf8()),
        };
        let (unit, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        found.push((read, unit));
        rest = after;
    }
    found
}

/// The character that a reference means; of a named one, one of no word.
fn referred(name: &str) -> char {
    let number = match name.strip_prefix('#') {
        Some(text) => match text.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        },
        None => None,
    };
    number.and_then(char::from_u32).unwrap_or('&')
}

/// What a signature of the original was.
struct Original {
    depth: usize,
    digest_holds: bool,
    key: Option<KeyOrigin>,
    rsa_bits: Option<usize>,
    algorithm: Option<Algorithm>,
    /// Bytes of its value: those of ECDSA tell the curve.
    length: usize,
}

impl Original {
    fn all(tree: &Tree<'_>, verification: &Verification) -> Vec<Self> {
        let text = tree.root().document().input_text();
        let of = |(at, node): (usize, Node<'_, '_>)| {
            Self::of((text, at), node, report(verification, node.id()))
        };
        signatures(tree).enumerate().map(of).collect()
    }

    fn of((text, at): (&str, usize), node: Node<'_, '_>, report: Option<&SignatureReport>) -> Self {
        let named = |name: &str| node.descendants().find(|one| one.has_tag_name((DSIG, name)));
        let method = named("SignatureMethod").and_then(|method| method.attribute("Algorithm"));
        let value = named("SignatureValue").map(super::xml::text_of).unwrap_or_default();
        let value: String = value.split_ascii_whitespace().collect();
        Self {
            depth: node.ancestors().count(),
            digest_holds: with_digest(text, at).is_ok_and(|again| same_digest(text, &again, at)),
            key: report.and_then(|report| report.key.clone()),
            rsa_bits: report.and_then(|report| report.rsa_bits),
            algorithm: method.and_then(Algorithm::of_uri),
            length: STANDARD.decode(value).map_or(0, |value| value.len()),
        }
    }

    /// The TEST key in the place of the original's.
    fn signer<'k>(&self, keys: &'k TestKeys) -> &'k Signer {
        let scheme = self.algorithm.map(|algorithm| algorithm.scheme);
        match (scheme, &self.key) {
            (Some(Scheme::Ecdsa), _) if self.length == 96 => &keys.p384,
            (Some(Scheme::Ecdsa), _) => &keys.p256,
            (_, Some(KeyOrigin::Embedded)) => &keys.stranger,
            _ => &keys.known,
        }
    }

    /// Makes the signature anew in the copy, as good or as bad as it was.
    fn sign_again(&self, redacted: &mut Redacted, at: usize, keys: &TestKeys) {
        let signer = self.signer(keys);
        let number = at + 1;
        let text = with_certificates(&redacted.text, at, &signer.certificate.der);
        let digested = match with_digest(&text, at) {
            Ok(digested) if self.digest_holds => digested,
            Ok(digested) => spoilt(&digested, at, "DigestValue"),
            Err(_) => spoilt(&text, at, "DigestValue"),
        };
        redacted.text = match with_value(&digested, at, &signer.key, None) {
            Ok(anew) if self.key.is_some() => anew,
            Ok(anew) => spoilt(&anew, at, "SignatureValue"),
            Err(error) => {
                redacted.notes.push(format!("signature {number} could not be made anew: {error}"));
                spoilt(&digested, at, "SignatureValue")
            }
        };
        let is_ecdsa = self.algorithm.is_some_and(|one| one.scheme == Scheme::Ecdsa);
        match (&self.key, self.rsa_bits) {
            (_, Some(bits)) if bits != 2048 && !is_ecdsa => redacted.notes.push(format!(
                "signature {number} was made with a key of RSA {bits}, and now with one of RSA 2048"
            )),
            (None, _) if self.algorithm.is_some() => redacted.notes.push(format!(
                "the value of signature {number} verified with no key at hand, and does not now"
            )),
            (Some(KeyOrigin::Embedded), _) if is_ecdsa => redacted.notes.push(format!(
                "signature {number} was by a key that only the message carries, and now by a public TEST key"
            )),
            _ => {}
        }
    }
}

fn report(verification: &Verification, node: NodeId) -> Option<&SignatureReport> {
    verification.signatures.iter().find(|report| report.node == node)
}

/// Whether two texts have the same digest in one signature, white space aside.
fn same_digest(one: &str, other: &str, at: usize) -> bool {
    let digest = |text: &str| {
        let tree = Tree::parse(text, MESSAGE).ok()?;
        let node = signatures(&tree).nth(at)?;
        let found = node.descendants().find(|one| one.has_tag_name((DSIG, "DigestValue")))?;
        Some(super::xml::text_of(found).split_ascii_whitespace().collect::<String>())
    };
    digest(one) == digest(other)
}

/// The text with another certificate in one signature, wherever it carries one.
fn with_certificates(text: &str, at: usize, certificate: &[u8]) -> String {
    let mut text = text.to_owned();
    for number in 0.. {
        let next = Tree::parse(&text, MESSAGE).ok().and_then(|tree| {
            let node = signatures(&tree).nth(at)?;
            let mut found =
                node.descendants().filter(|one| one.has_tag_name((DSIG, "X509Certificate")));
            Some(with_content(&text, found.nth(number)?, &lines_of_base64(certificate)))
        });
        match next {
            Some(next) => text = next,
            None => break,
        }
    }
    text
}

/// The text with a digest or value that is of nothing: of the same length, every byte zero but the last.
fn spoilt(text: &str, at: usize, name: &str) -> String {
    let spoilt = Tree::parse(text, MESSAGE).ok().and_then(|tree| {
        let node = signatures(&tree).nth(at)?;
        let node = node.descendants().find(|one| one.has_tag_name((DSIG, name)))?;
        let value: String = super::xml::text_of(node).split_ascii_whitespace().collect();
        let mut bytes = vec![0; STANDARD.decode(value).map_or(32, |value| value.len())];
        if let Some(last) = bytes.last_mut() {
            *last = 1;
        }
        Some(with_content(text, node, &escaped(&STANDARD.encode(bytes))))
    });
    spoilt.unwrap_or_else(|| text.to_owned())
}

impl TestKeys {
    /// The embedded ones.
    pub fn embedded() -> Result<Self, super::test_key::SignerError> {
        Ok(Self {
            known: Signer::test()?,
            stranger: Signer::stranger()?,
            p256: Signer::p256()?,
            p384: Signer::p384()?,
        })
    }
}
