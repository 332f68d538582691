//! One `ds:Signature`: what it refers to, and whether its digest and its value verify.
//!
//! XML Signature Syntax and Processing 1.1, as far as SAML uses it: one reference to an element of the same
//! document, the enveloped-signature transform and Canonical XML. Everything else is a problem with a name.

use std::cell::OnceCell;

use roxmltree::{Node, NodeId};
use rustc_hash::FxHashMap;

use super::c14n::{Canonicalization, canonicalize, canonicalize_with};
use super::key::{Algorithm, Hash, VerifyingKey, is_der_pair};
use super::verify::{KeyOrigin, KnownKeys, Problem, Reason, SignatureReport};
use super::xml::{Tree, octets_of};

/// Namespace of XML Signature.
pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The transform that leaves the signature itself out.
pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Namespace and algorithm of exclusive canonicalisation.
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// Most transforms of a reference.
pub const TRANSFORMS: usize = 2;

/// Elements by their IDs.
#[derive(Debug, Default)]
pub(super) struct Ids<'t> {
    of: FxHashMap<&'t str, Vec<NodeId>>,
}

impl<'t> Ids<'t> {
    /// Every attribute that some reader takes for an ID, whatever its namespace.
    pub(super) fn of(tree: &'t Tree<'_>) -> Self {
        let mut ids = Self::default();
        for element in tree.root().descendants().filter(Node::is_element) {
            for attribute in element.attributes() {
                if matches!(attribute.name(), "ID" | "Id" | "id" | "AssertionID") {
                    ids.of.entry(attribute.value()).or_default().push(element.id());
                }
            }
        }
        ids
    }

    /// IDs that stand more than once, in the order of their second places.
    pub(super) fn repeated(&self) -> Vec<(&'t str, NodeId)> {
        let mut found: Vec<(&'t str, NodeId)> =
            self.of.iter().filter_map(|(id, nodes)| Some((*id, *nodes.get(1)?))).collect();
        found.sort_unstable_by_key(|(id, node)| (node.get(), *id));
        found
    }

    /// The element of an ID.
    fn element(&self, id: &str) -> Option<NodeId> {
        self.of.get(id)?.first().copied()
    }
}

/// What a signature turned out to be.
pub(super) struct Examined {
    pub(super) report: SignatureReport,
    /// The element it proves, which is the one it stands in or the whole document.
    pub(super) covers: Option<NodeId>,
}

/// Whether a node is an element of XML Signature with this name.
pub(super) fn is_dsig(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace() == Some(DSIG)
}

/// Reads and verifies one signature.
pub(super) fn examine(
    tree: &Tree<'_>,
    ids: &Ids<'_>,
    keys: &KnownKeys,
    signature: Node<'_, '_>,
) -> Examined {
    let parent = signature.parent_element();
    let report = SignatureReport {
        node: signature.id(),
        at: tree.spot(signature),
        parent: parent.map(|one| one.tag_name().name().to_owned()).unwrap_or_default(),
        target: None,
        valid: false,
        key: None,
        rsa_bits: None,
        uri: None,
        signature_method: String::new(),
        digest_method: String::new(),
        canonicalization: String::new(),
        transforms: Vec::new(),
        problems: Vec::new(),
    };
    let mut examiner = Examiner { tree, ids, keys, signature, report, stripped: false };
    let target = examiner.run();
    let mut report = examiner.report;
    report.valid &= report.problems.is_empty();
    let covers = target.filter(|_| report.valid).map(|target| target.id());
    Examined { report, covers }
}

struct Examiner<'e, 't> {
    tree: &'e Tree<'t>,
    ids: &'e Ids<'e>,
    keys: &'e KnownKeys,
    signature: Node<'e, 't>,
    report: SignatureReport,
    /// Whether the digest verifies once white space between elements is taken out.
    stripped: bool,
}

/// How a signature refers to what it signs.
struct Reference<'e, 't> {
    target: Node<'e, 't>,
    transforms: Transforms,
    hash: Hash,
    digest: Vec<u8>,
}

/// What is done to an element before its digest is taken.
struct Transforms {
    is_enveloped: bool,
    canonicalization: Canonicalization,
}

impl<'e, 't> Examiner<'e, 't> {
    /// Everything there is to find; the element that is signed if all of it verifies.
    fn run(&mut self) -> Option<Node<'e, 't>> {
        let signed_info = self.signed_info()?;
        self.no_strangers();
        let method = self.algorithm_of(signed_info, "SignatureMethod");
        let form = self.canonicalization(signed_info);
        let reference = self.reference(signed_info);
        let value = self.only_text(self.signature, "SignatureValue");
        let algorithm = method.and_then(|(uri, node)| {
            self.report.signature_method.clone_from(&uri);
            let found = Algorithm::of_uri(&uri);
            if found.is_none() {
                self.problem(Problem::SignatureMethod(uri), node);
            }
            found
        });
        let target = reference.as_ref().map(|reference| reference.target);
        let is_digest_right = reference.is_some_and(|reference| self.digest(&reference));
        let (algorithm, form, value) = (algorithm?, form?, value?);
        self.value(signed_info, &form, algorithm, &value);
        self.report.valid = is_digest_right && self.report.key.is_some();
        target
    }

    fn problem(&mut self, problem: Problem, node: Node<'_, '_>) {
        self.report.problems.push(Reason { problem, at: self.tree.spot(node) });
    }

    fn malformed(&mut self, what: impl Into<String>, node: Node<'_, '_>) {
        self.problem(Problem::Malformed(what.into()), node);
    }

    /// Nothing but the children that the schema has.
    fn no_strangers(&mut self) {
        let expected = ["SignedInfo", "SignatureValue", "KeyInfo", "Object"];
        let is_expected = |node: &Node<'_, '_>| expected.iter().any(|name| is_dsig(*node, name));
        let mut children = self.signature.children().filter(Node::is_element);
        if let Some(stranger) = children.find(|node| !is_expected(node)) {
            let name = stranger.tag_name().name();
            self.malformed(format!("`{name}` in the signature, which has no such part"), stranger);
        }
    }

    /// The one `SignedInfo`, the first child as the schema wants it.
    fn signed_info(&mut self) -> Option<Node<'e, 't>> {
        let all: Vec<Node<'e, 't>> =
            self.signature.descendants().filter(|node| is_dsig(*node, "SignedInfo")).collect();
        match all.as_slice() {
            [only] if only.parent() == Some(self.signature) => Some(*only),
            [] => {
                self.malformed("no SignedInfo in the signature, expected one", self.signature);
                None
            }
            [only] => {
                self.malformed("SignedInfo is no child of its Signature", *only);
                None
            }
            several => {
                self.problem(Problem::SeveralSignedInfo(several.len()), self.signature);
                None
            }
        }
    }

    /// The one child with a name.
    fn only_child(&mut self, parent: Node<'e, 't>, name: &str) -> Option<Node<'e, 't>> {
        let mut found = parent.children().filter(|node| is_dsig(*node, name));
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only),
            (None, _) => {
                self.malformed(format!("no {name} in the signature, expected one"), parent);
                None
            }
            (Some(_), Some(second)) => {
                self.malformed(
                    format!("more than one {name} in the signature, expected one"),
                    second,
                );
                None
            }
        }
    }

    /// The octets that the one child with a name has in base64.
    fn only_text(&mut self, parent: Node<'e, 't>, name: &str) -> Option<Vec<u8>> {
        let node = self.only_child(parent, name)?;
        if node.children().any(|child| !child.is_text()) {
            self.malformed(format!("something beside text in {name}, expected base64 alone"), node);
            return None;
        }
        match octets_of(node) {
            Some(octets) if !octets.is_empty() => Some(octets),
            Some(_) => {
                self.malformed(format!("{name} is empty, expected base64"), node);
                None
            }
            None => {
                self.malformed(format!("{name} is not base64"), node);
                None
            }
        }
    }

    /// `Algorithm` of the one child with a name.
    fn algorithm_of(&mut self, parent: Node<'e, 't>, name: &str) -> Option<(String, Node<'e, 't>)> {
        let node = self.only_child(parent, name)?;
        let Some(uri) = node.attribute("Algorithm") else {
            self.malformed(format!("{name} without its Algorithm"), node);
            return None;
        };
        Some((uri.to_owned(), node))
    }

    fn canonicalization(&mut self, signed_info: Node<'e, 't>) -> Option<Canonicalization> {
        let (uri, node) = self.algorithm_of(signed_info, "CanonicalizationMethod")?;
        self.report.canonicalization.clone_from(&uri);
        let Some(form) = Canonicalization::of_uri(&uri).filter(|form| form.takes(signed_info))
        else {
            self.problem(Problem::Canonicalization(uri), node);
            return None;
        };
        Some(with_prefixes(form, node))
    }

    fn reference(&mut self, signed_info: Node<'e, 't>) -> Option<Reference<'e, 't>> {
        let all: Vec<Node<'e, 't>> =
            self.signature.descendants().filter(|node| is_dsig(*node, "Reference")).collect();
        let [only] = all.as_slice() else {
            self.problem(Problem::References(all.len()), signed_info);
            return None;
        };
        let only = *only;
        if only.parent() != Some(signed_info) {
            self.malformed("Reference is no child of its SignedInfo", only);
            return None;
        }
        let target = self.target(only);
        let transforms = self.transforms(only);
        let hash = self.algorithm_of(only, "DigestMethod").and_then(|(uri, node)| {
            self.report.digest_method.clone_from(&uri);
            let found = Hash::of_uri(&uri);
            if found.is_none() {
                self.problem(Problem::DigestMethod(uri), node);
            }
            found
        });
        let digest = self.only_text(only, "DigestValue");
        let (target, transforms) = (target?, transforms?);
        if !transforms.canonicalization.takes(target) {
            let form = "http://www.w3.org/2006/12/xml-c14n11 below xml:base".to_owned();
            self.problem(Problem::Canonicalization(form), only);
            return None;
        }
        Some(Reference { target, transforms, hash: hash?, digest: digest? })
    }

    /// The element a reference means. It has to be the one the signature stands in, or the whole document.
    fn target(&mut self, reference: Node<'e, 't>) -> Option<Node<'e, 't>> {
        let parent = self.report.parent.clone();
        let Some(uri) = reference.attribute("URI") else {
            let found = "a reference without URI".to_owned();
            self.problem(Problem::WrongElement { parent, found }, reference);
            return None;
        };
        self.report.uri = Some(uri.to_owned());
        let document = self.signature.document();
        let found = match uri.strip_prefix('#') {
            _ if uri.is_empty() => Some(document.root_element()),
            Some(id) => self.ids.element(id).and_then(|node| document.get_node(node)),
            None => None,
        };
        let Some(target) = found else {
            self.problem(Problem::Dangling(uri.to_owned()), reference);
            return None;
        };
        self.report.target = Some(target.tag_name().name().to_owned());
        if Some(target) != self.signature.parent_element() {
            let name = target.tag_name().name();
            let found = if uri.is_empty() {
                format!("the whole document, {name}")
            } else {
                format!("{name} `{uri}`")
            };
            self.problem(Problem::WrongElement { parent, found }, reference);
        }
        Some(target)
    }

    fn transforms(&mut self, reference: Node<'e, 't>) -> Option<Transforms> {
        let list = reference.children().filter(|node| is_dsig(*node, "Transforms"));
        let all: Vec<Node<'e, 't>> =
            list.flat_map(|list| list.children().filter(Node::is_element)).collect();
        let uri_of = |node: Node<'e, 't>| node.attribute("Algorithm").unwrap_or_default();
        self.report.transforms = all.iter().map(|node| uri_of(*node).to_owned()).collect();
        let mut found =
            Transforms { is_enveloped: false, canonicalization: Canonicalization::inclusive() };
        let mut is_octets = false;
        for (number, node) in all.into_iter().enumerate() {
            let uri = uri_of(node);
            let form = Canonicalization::of_uri(uri);
            // What follows a canonicalisation would have to be parsed anew.
            let is_known = is_dsig(node, "Transform") && !is_octets && number < TRANSFORMS;
            if is_known && uri == ENVELOPED && !found.is_enveloped {
                found.is_enveloped = true;
            } else if let Some(form) = form.filter(|_| is_known) {
                is_octets = true;
                // A reference to the document or to an ID leaves comments out before any transform.
                let form = Canonicalization { with_comments: false, ..form };
                found.canonicalization = with_prefixes(form, node);
            } else {
                self.problem(Problem::Transform(uri.to_owned()), node);
                return None;
            }
        }
        Some(found)
    }

    /// Whether the element still has its digest.
    fn digest(&mut self, reference: &Reference<'e, 't>) -> bool {
        let Reference { target, transforms, hash, digest } = reference;
        let without = transforms.is_enveloped.then(|| self.signature.id());
        let octets = canonicalize(*target, &transforms.canonicalization, without);
        if hash.digest(&octets) == *digest {
            return true;
        }
        let octets = canonicalize_with(*target, &transforms.canonicalization, |node| {
            Some(node.id()) == without || is_layout(node)
        });
        self.stripped = hash.digest(&octets) == *digest;
        let element = target.tag_name().name().to_owned();
        self.problem(Problem::Digest { element, reformatted: self.stripped }, *target);
        false
    }

    /// Finds whose key the value is made with.
    fn value(
        &mut self,
        signed_info: Node<'e, 't>,
        form: &Canonicalization,
        algorithm: Algorithm,
        value: &[u8],
    ) {
        let octets = canonicalize(signed_info, form, None);
        // Read where no known key verifies: a certificate costs as much as a signature.
        let embedded = OnceCell::new();
        let origin = |octets: &[u8]| {
            let known = self.keys.iter().find(|(_, key)| key.verifies(algorithm, octets, value));
            if let Some((label, key)) = known {
                return Some((KeyOrigin::Known(label.to_owned()), key.rsa_bits()));
            }
            let embedded = embedded.get_or_init(|| embedded_keys(self.signature));
            let own = embedded.iter().find(|key| key.verifies(algorithm, octets, value))?;
            Some((KeyOrigin::Embedded, own.rsa_bits()))
        };
        if let Some((key, bits)) = origin(&octets) {
            self.report.key = Some(key);
            self.report.rsa_bits = bits;
            return;
        }
        if self.stripped {
            let octets = canonicalize_with(signed_info, form, is_layout);
            if origin(&octets).is_some() {
                // The digest's problem says it already.
                return;
            }
        }
        if is_der_pair(value) && algorithm.scheme == super::key::Scheme::Ecdsa {
            let what =
                "SignatureValue is an ECDSA value in DER, expected `r` and `s` one after the other";
            self.malformed(what, self.signature);
            return;
        }
        self.problem(Problem::Signature(self.keys.len()), self.signature);
    }
}

/// The form with the prefixes of an `InclusiveNamespaces` below the element that names it.
fn with_prefixes(mut form: Canonicalization, node: Node<'_, '_>) -> Canonicalization {
    let list = node.children().find(|child| {
        child.tag_name().name() == "InclusiveNamespaces"
            && child.tag_name().namespace() == Some(EXCLUSIVE)
    });
    let prefixes = list.and_then(|list| list.attribute("PrefixList")).unwrap_or_default();
    let prefix = |word: &str| if word == "#default" { String::new() } else { word.to_owned() };
    form.inclusive_prefixes = prefixes.split_ascii_whitespace().map(prefix).collect();
    form
}

/// White space between elements, which a tool that prints XML anew adds or takes away.
fn is_layout(node: Node<'_, '_>) -> bool {
    node.is_text()
        && node.text().is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_whitespace()))
        && node.parent().is_some_and(|parent| parent.children().any(|child| child.is_element()))
}

/// Keys that a signature carries itself; whoever made it chose them.
fn embedded_keys(signature: Node<'_, '_>) -> Vec<VerifyingKey> {
    let info = signature.children().filter(|node| is_dsig(*node, "KeyInfo"));
    let parts = info.flat_map(|info| info.descendants());
    parts
        .filter_map(|node| {
            if is_dsig(node, "X509Certificate") {
                VerifyingKey::of_certificate_der(&octets_of(node)?).ok()
            } else if is_dsig(node, "RSAKeyValue") {
                let part = |name| node.children().find(|child| is_dsig(*child, name));
                let (modulus, exponent) =
                    (octets_of(part("Modulus")?)?, octets_of(part("Exponent")?)?);
                VerifyingKey::rsa(&modulus, &exponent).ok()
            } else {
                None
            }
        })
        .take(EMBEDDED)
        .collect()
}

/// Most keys of a `KeyInfo` that are tried.
const EMBEDDED: usize = 8;
