//! What the signatures of a message prove, and about which element: the coverage rule.
//!
//! A signature that verifies proves nothing about an element that it does not cover. A message is
//! accepted where one assertion can be read, and a signature by a known key covers that assertion or the
//! response around it, found by a unique ID in the very tree that is read.

use roxmltree::{Node, NodeId};

use super::certificate::Certificate;
use super::key::{KeyError, VerifyingKey};
use super::metadata::NAMESPACE as METADATA;
use super::response::{ASSERTION, PROTOCOL};
use super::signature::{Examined, Ids, examine, is_dsig};
use super::xml::{Spot, Tree, XmlError, XmlProblem};

/// What comes of a message's signatures. Nothing is said about time, audience or issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A known key signed what is read.
    Accept,
    /// Signed, but only the key that the message carries itself says so: anybody can do that.
    AcceptEmbeddedKeyOnly,
    /// The assertion is encrypted and no signature stands outside it.
    NeedsDecryption,
    /// Metadata without a signature, which is common and fine.
    Unsigned,
    /// Not to be believed.
    Reject,
}

impl Verdict {
    /// Whether nothing speaks against what is read.
    pub fn is_fine(self) -> bool {
        matches!(self, Self::Accept | Self::Unsigned)
    }

    /// As the JSON Lines say it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::AcceptEmbeddedKeyOnly => "accept-embedded-key-only",
            Self::NeedsDecryption => "needs-decryption",
            Self::Unsigned => "unsigned",
            Self::Reject => "reject",
        }
    }
}

/// What is proven of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// What comes of it all.
    pub verdict: Verdict,
    /// Elements whose whole content a signature proves, in document order.
    pub signed: Vec<Signed>,
    /// Why it is not accepted, in document order; none where it is.
    pub reasons: Vec<Reason>,
    /// Every signature, in document order.
    pub signatures: Vec<SignatureReport>,
    /// The one assertion that may be read, where there is one: accepted or not.
    pub assertion: Option<NodeId>,
}

/// An element that is signed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The element.
    pub node: NodeId,
    /// Its local name.
    pub element: String,
    /// Its ID.
    pub id: Option<String>,
    /// Where it begins.
    pub at: Spot,
    /// Whose key verifies it.
    pub key: KeyOrigin,
}

/// Where a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOrigin {
    /// Given with `--cert`, `--metadata` or by the federation: its label.
    Known(String),
    /// The message's own `KeyInfo`.
    Embedded,
}

/// A reason against a message, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What it is.
    pub problem: Problem,
    /// Where.
    pub at: Spot,
}

/// What speaks against a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not XML, or over a limit.
    #[error("{0}")]
    Xml(XmlProblem),
    /// Root element of something else.
    #[error("root element `{0}`, expected a Response, an Assertion or metadata")]
    Root(String),
    /// Nothing to read.
    #[error("no assertion, expected exactly one")]
    NoAssertion,
    /// More than one to read.
    #[error("{0} assertions, expected exactly one: a reader may take another than the signed one")]
    SeveralAssertions(usize),
    /// An assertion or a second response at a place where no reader should look for one.
    #[error("{element} within {parent}, expected {expected}")]
    Misplaced {
        /// Local name of what stands there.
        element: String,
        /// Local name of the element it stands in.
        parent: String,
        /// Where it belongs.
        expected: &'static str,
    },
    /// An ID that stands twice.
    #[error("ID `{0}` stands more than once, so a reference to it may mean another element")]
    DuplicateId(String),
    /// A namespace that is no absolute address, for which Canonical XML has no form.
    #[error("namespace `{0}` is no absolute address, so the document has no canonical form")]
    RelativeNamespace(String),
    /// No signature at all.
    #[error("no signature, expected the Response or the Assertion to be signed")]
    Unsigned,
    /// Signatures verify, but none covers what is read.
    #[error("no signature covers the assertion that is read, or the Response around it")]
    NotCovered,
    /// A signature that is no child of what it signs.
    #[error(
        "signature within `{parent}` refers to {found}, expected the element that it stands in"
    )]
    WrongElement {
        /// Element in which it stands.
        parent: String,
        /// Element or URI to which it refers.
        found: String,
    },
    /// A reference to nothing.
    #[error("reference to `{0}`, which no element has as its ID")]
    Dangling(String),
    /// More than one `SignedInfo`.
    #[error("{0} SignedInfo elements in a signature, expected one")]
    SeveralSignedInfo(usize),
    /// Not exactly one `Reference`.
    #[error("{0} Reference elements in a signature, expected one")]
    References(usize),
    /// A transform beyond enveloped signature and canonicalisation.
    #[error("transform `{0}`, expected enveloped-signature and canonicalisation alone")]
    Transform(String),
    /// A canonicalisation of another kind.
    #[error("canonicalisation `{0}`, expected exclusive or inclusive Canonical XML")]
    Canonicalization(String),
    /// A signature algorithm that is not verified.
    #[error("signature algorithm `{0}` is not accepted")]
    SignatureMethod(String),
    /// A digest algorithm that is not verified.
    #[error("digest algorithm `{0}` is not accepted")]
    DigestMethod(String),
    /// The signed element was changed.
    #[error("`{element}` is not what was signed: its digest differs")]
    Digest {
        /// Local name of the element.
        element: String,
        /// Whether only white space between elements was changed: a tool printed it anew.
        reformatted: bool,
    },
    /// The signature value verifies with no key at hand.
    #[error(
        "the signature value verifies with none of the {0} known keys nor with the key it carries"
    )]
    Signature(usize),
    /// Something that has to be there is missing or unreadable.
    #[error("{0}")]
    Malformed(String),
}

/// What came of one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureReport {
    /// The `Signature` element.
    pub node: NodeId,
    /// Where it begins.
    pub at: Spot,
    /// Local name of the element in which it stands.
    pub parent: String,
    /// Local name of the element to which it refers, where there is one.
    pub target: Option<String>,
    /// Whether its digest and its value verify with some key, whatever element that proves.
    pub valid: bool,
    /// With whose key its value verifies.
    pub key: Option<KeyOrigin>,
    /// Size of that key in bits, where it is RSA.
    pub rsa_bits: Option<usize>,
    /// `URI` of its reference.
    pub uri: Option<String>,
    /// `SignatureMethod`, the whole URI; empty where there is none.
    pub signature_method: String,
    /// `DigestMethod`, the whole URI; empty where there is none.
    pub digest_method: String,
    /// `CanonicalizationMethod`, the whole URI; empty where there is none.
    pub canonicalization: String,
    /// `Transform`s, whole URIs in order.
    pub transforms: Vec<String>,
    /// What speaks against it.
    pub problems: Vec<Reason>,
}

/// The keys that are believed.
#[derive(Debug, Clone, Default)]
pub struct KnownKeys {
    keys: Vec<(String, VerifyingKey)>,
}

impl KnownKeys {
    /// Adds a key with the name of where it comes from; a key that is there already keeps its name.
    pub fn add(&mut self, label: impl Into<String>, key: VerifyingKey) {
        if !self.keys.iter().any(|(_, known)| *known == key) {
            self.keys.push((label.into(), key));
        }
    }

    /// Adds the key of a certificate.
    pub fn add_certificate(
        &mut self,
        label: impl Into<String>,
        certificate: &Certificate,
    ) -> Result<(), KeyError> {
        self.add(label, VerifyingKey::of_certificate(certificate)?);
        Ok(())
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: &Self) {
        for (label, key) in &other.keys {
            self.add(label.clone(), key.clone());
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &VerifyingKey)> {
        self.keys.iter().map(|(label, key)| (label.as_str(), key))
    }
}

/// What a message is read for.
enum Kind {
    /// A `Response` or an `Assertion` of its own.
    Message,
    Metadata,
    Other,
}

impl Verification {
    /// Nothing is proven, and there are these reasons against it.
    pub fn rejected(reasons: Vec<Reason>) -> Self {
        Self {
            verdict: Verdict::Reject,
            signed: Vec::new(),
            reasons,
            signatures: Vec::new(),
            assertion: None,
        }
    }

    /// What is proven of a text that could not even be read.
    pub fn refused(error: &XmlError) -> Self {
        let reason = Reason { problem: Problem::Xml(error.problem.clone()), at: error.at.clone() };
        Self::rejected(vec![reason])
    }
}

/// Verifies every signature of a message, and tells what they prove of what is read.
pub fn verify(tree: &Tree<'_>, keys: &KnownKeys) -> Verification {
    let root = tree.root();
    let kind = kind_of(root);
    let ids = Ids::of(tree);
    let mut reasons = Vec::new();
    let reason = |problem, node| Reason { problem, at: tree.spot(node) };
    if matches!(kind, Kind::Other) {
        let name = root.tag_name().name().to_owned();
        reasons.push(reason(Problem::Root(name), root));
    }
    for (id, node) in ids.repeated() {
        let node = root.document().get_node(node).unwrap_or(root);
        reasons.push(reason(Problem::DuplicateId(id.to_owned()), node));
    }
    let (assertions, encrypted) = assertions(root);
    let count = assertions.len() + encrypted.len();
    if matches!(kind, Kind::Message) && count != 1 {
        let second = assertions.iter().chain(&encrypted).nth(1).copied().unwrap_or(root);
        let problem =
            if count == 0 { Problem::NoAssertion } else { Problem::SeveralAssertions(count) };
        reasons.push(reason(problem, second));
    }
    if matches!(kind, Kind::Message) {
        reasons.extend(misplaced(tree, assertions.iter().chain(&encrypted).copied()));
    }
    let only = if count == 1 { assertions.first().copied() } else { None };
    let found: Vec<Examined> = root
        .descendants()
        .filter(|node| is_dsig(*node, "Signature"))
        .map(|node| examine(tree, &ids, keys, node))
        .collect();
    let is_encrypted = matches!(kind, Kind::Message) && count == 1 && only.is_none();
    if found.is_empty() && !is_encrypted && !matches!(kind, Kind::Metadata) {
        reasons.push(reason(Problem::Unsigned, root));
    }
    if let Some((uri, node)) = relative_namespace(root).filter(|_| !found.is_empty()) {
        let uri = uri.to_owned();
        reasons.push(reason(Problem::RelativeNamespace(uri), node));
    }
    for one in &found {
        reasons.extend(one.report.problems.iter().cloned());
    }
    let is_read = |node: NodeId| node == root.id() || only.is_some_and(|only| only.id() == node);
    let is_covered = found.iter().any(|one| one.covers.is_some_and(is_read));
    if !is_covered && !found.is_empty() && reasons.is_empty() && !matches!(kind, Kind::Metadata) {
        reasons.push(reason(Problem::NotCovered, only.unwrap_or(root)));
    }
    let all_known = found.iter().all(|one| matches!(one.report.key, Some(KeyOrigin::Known(_))));
    let verdict = match kind {
        _ if !reasons.is_empty() => Verdict::Reject,
        Kind::Metadata if !is_covered => Verdict::Unsigned,
        _ if found.is_empty() => Verdict::NeedsDecryption,
        _ if all_known => Verdict::Accept,
        _ => Verdict::AcceptEmbeddedKeyOnly,
    };
    Verification {
        verdict,
        signed: found.iter().filter_map(|one| signed(tree, one)).collect(),
        reasons,
        signatures: found.into_iter().map(|one| one.report).collect(),
        assertion: only.map(|only| only.id()),
    }
}

fn kind_of(root: Node<'_, '_>) -> Kind {
    match (root.tag_name().namespace(), root.tag_name().name()) {
        (Some(PROTOCOL), "Response") | (Some(ASSERTION), "Assertion" | "EncryptedAssertion") => {
            Kind::Message
        }
        (Some(METADATA), "EntityDescriptor" | "EntitiesDescriptor") => Kind::Metadata,
        _ => Kind::Other,
    }
}

/// Every assertion and every encrypted one that stands outside of an `Advice`.
fn assertions<'a, 't>(root: Node<'a, 't>) -> (Vec<Node<'a, 't>>, Vec<Node<'a, 't>>) {
    let is = |node: Node<'_, '_>, name: &str| {
        node.tag_name().name() == name && node.tag_name().namespace() == Some(ASSERTION)
    };
    let outside = |node: &Node<'a, 't>| !node.ancestors().any(|above| is(above, "Advice"));
    let named = |name: &'static str| {
        root.descendants().filter(move |node| is(*node, name)).filter(outside).collect()
    };
    (named("Assertion"), named("EncryptedAssertion"))
}

/// How many namespaces are remembered as looked at; a message has ten.
const SEEN: usize = 32;

/// A namespace that is no absolute URI (RFC 3986), and an element in its scope.
fn relative_namespace<'a>(root: Node<'a, 'a>) -> Option<(&'a str, Node<'a, 'a>)> {
    let is_absolute = |uri: &str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
        let is_of_uri = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        uri.bytes().all(is_of_uri)
            && uri.split_once(':').is_some_and(|(scheme, _)| {
                scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                    && scheme.bytes().all(is_part)
            })
    };
    // An element has those of its parents, too: each text is looked at once.
    let mut seen: Vec<&str> = Vec::new();
    root.descendants().filter(Node::is_element).find_map(|node| {
        let found = node.namespaces().map(roxmltree::Namespace::uri).find(|uri| {
            let is_new = !seen.iter().any(|known| std::ptr::eq(*known, *uri));
            if is_new && seen.len() < SEEN {
                seen.push(uri);
            }
            is_new && !uri.is_empty() && !is_absolute(uri)
        });
        Some((found?, node))
    })
}

/// Assertions that are no child of the response, and responses within it.
fn misplaced<'a>(
    tree: &'a Tree<'_>,
    assertions: impl Iterator<Item = Node<'a, 'a>>,
) -> Vec<Reason> {
    let root = tree.root();
    let beside = |node: &Node<'_, '_>| *node != root && node.parent() != Some(root);
    let responses = root.descendants().skip(1).filter(|node| {
        node.tag_name().name() == "Response" && node.tag_name().namespace() == Some(PROTOCOL)
    });
    let reason = |node: Node<'_, '_>, expected| {
        let parent = node.parent_element().map_or("", |parent| parent.tag_name().name());
        let (element, parent) = (node.tag_name().name().to_owned(), parent.to_owned());
        Reason { problem: Problem::Misplaced { element, parent, expected }, at: tree.spot(node) }
    };
    let assertions = assertions.filter(beside);
    let assertions = assertions.map(|node| reason(node, "it directly within the Response"));
    let responses = responses.map(|node| reason(node, "one Response, the root element"));
    assertions.chain(responses).collect()
}

fn signed(tree: &Tree<'_>, one: &Examined) -> Option<Signed> {
    let node = tree.root().document().get_node(one.covers?)?;
    let id = ["ID", "Id", "id", "AssertionID"].iter().find_map(|name| node.attribute(*name));
    Some(Signed {
        node: node.id(),
        element: node.tag_name().name().to_owned(),
        id: id.map(str::to_owned),
        at: tree.spot(node),
        key: one.report.key.clone()?,
    })
}
