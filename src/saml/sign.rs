//! Signs: an enveloped signature put into a text, all other bytes of which stay as they are.
//!
//! [`sign`] puts a signature into an element as Okta does; [`complete`] works out digest and value of a
//! signature that already stands there, by the algorithms it names itself. The same text and key always give
//! the same bytes.

use std::fmt::Write as _;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Node, NodeId};

use super::c14n::{Canonicalization, Form, canonicalize};
use super::key::{Algorithm, Hash};
use super::private_key::{KeyUseError, PrivateKey};
use super::signature::{DSIG, ENVELOPED, EXCLUSIVE};
use super::xml::{MESSAGE, Tree, XmlError};

/// How to sign.
#[derive(Debug, Clone)]
pub struct SigningOptions<'k> {
    /// With which key.
    pub key: &'k PrivateKey,
    /// The certificate that `KeyInfo` carries, in DER; no `KeyInfo` without one.
    pub certificate: Option<&'k [u8]>,
    /// `SignatureMethod`.
    pub algorithm: Algorithm,
    /// `DigestMethod`.
    pub digest: Hash,
    /// Canonicalisation of the element and of `SignedInfo`; of the latter without the inclusive prefixes.
    pub canonicalization: Canonicalization,
    /// Whether the reference is empty, which means the whole document, instead of the element's ID.
    pub refers_to_document: bool,
    /// Salt of PSS; one made of the text where none is given.
    pub salt: Option<Vec<u8>>,
}

impl<'k> SigningOptions<'k> {
    /// As Okta signs: the key's usual algorithm, SHA-256, exclusive canonicalisation with `xs` inclusive.
    pub fn as_okta(key: &'k PrivateKey, certificate: Option<&'k [u8]>) -> Self {
        Self {
            key,
            certificate,
            algorithm: key.usual_algorithm(),
            digest: Hash::Sha256,
            canonicalization: Canonicalization::exclusive(&["xs"]),
            refers_to_document: false,
            salt: None,
        }
    }
}

/// Why a text cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// No XML, or none after signing: the message became too large.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// The key does not do.
    #[error(transparent)]
    Key(#[from] KeyUseError),
    /// Nothing a reference could name.
    #[error("`{0}` without an ID, expected one that the signature can refer to")]
    NoId(String),
    /// No such element.
    #[error("no element to sign, expected one of this document")]
    NoElement,
    /// No room for a signature.
    #[error("`{0}` without content, expected an element that a signature can stand in")]
    NoContent(String),
    /// A signature that lacks something.
    #[error("a signature without {0}, which signing has to fill in or to follow")]
    Incomplete(&'static str),
    /// An algorithm that nothing is signed with here.
    #[error("algorithm `{0}`, expected one that messages are signed with here")]
    Algorithm(String),
    /// A reference to nothing.
    #[error("reference to `{0}`, which no element has as its ID")]
    Dangling(String),
}

/// The text with a signature over one element, put behind the element's `Issuer` or, where there is none, at
/// its beginning.
pub fn sign(
    tree: &Tree<'_>,
    target: NodeId,
    options: &SigningOptions<'_>,
) -> Result<String, SigningError> {
    let document = tree.root().document();
    let text = document.input_text();
    let target = document.get_node(target).ok_or(SigningError::NoElement)?;
    let name = target.tag_name().name();
    let id = match target.attribute("ID") {
        _ if options.refers_to_document => String::new(),
        Some(id) => format!("#{id}"),
        None => return Err(SigningError::NoId(name.to_owned())),
    };
    let issuer = target.children().find(Node::is_element);
    let issuer = issuer.filter(|node| node.tag_name().name() == "Issuer");
    let at = match (issuer, target.first_child()) {
        (Some(issuer), _) => issuer.range().end,
        (None, Some(first)) => first.range().start,
        (None, None) => return Err(SigningError::NoContent(name.to_owned())),
    };
    let template = template(&id, options);
    let (before, after) = text.split_at(at);
    let signed = [before, &template, after].concat();
    // Signatures that begin before the new one.
    let earlier = signatures(tree).filter(|node| node.range().start < at).count();
    complete(&signed, earlier, options.key, options.salt.as_deref())
}

/// Every `Signature` of a document, in its order.
pub fn signatures<'d>(tree: &'d Tree<'_>) -> impl Iterator<Item = Node<'d, 'd>> {
    tree.root().descendants().filter(|node| node.has_tag_name((DSIG, "Signature")))
}

/// A signature as Okta prints it, digest and value still empty.
fn template(reference: &str, options: &SigningOptions<'_>) -> String {
    let canonicalization = uri_of(&options.canonicalization);
    let prefixes = match options.canonicalization.inclusive_prefixes.join(" ") {
        prefixes if prefixes.is_empty() => "/>".to_owned(),
        prefixes => format!(
            "><ec:InclusiveNamespaces xmlns:ec=\"{EXCLUSIVE}\" PrefixList=\"{}\"/></ds:Transform>",
            attribute(&prefixes)
        ),
    };
    let key_info = options.certificate.map(|certificate| {
        let certificate = lines_of_base64(certificate);
        format!(
            "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate>\
             </ds:X509Data></ds:KeyInfo>"
        )
    });
    format!(
        "<ds:Signature xmlns:ds=\"{DSIG}\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"{canonicalization}\"/>\
         <ds:SignatureMethod Algorithm=\"{}\"/><ds:Reference URI=\"{}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{ENVELOPED}\"/><ds:Transform Algorithm=\"{canonicalization}\"{prefixes}\
         </ds:Transforms><ds:DigestMethod Algorithm=\"{}\"/><ds:DigestValue></ds:DigestValue>\
         </ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>{}</ds:Signature>",
        options.algorithm.uri(),
        attribute(reference),
        options.digest.uri(),
        key_info.unwrap_or_default(),
    )
}

/// The URI of a canonicalisation.
fn uri_of(how: &Canonicalization) -> String {
    let (start, comments) = match how.form {
        Form::Exclusive => (EXCLUSIVE, "WithComments"),
        Form::Inclusive => ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "#WithComments"),
        Form::Inclusive11 => ("http://www.w3.org/2006/12/xml-c14n11", "#WithComments"),
    };
    format!("{start}{}", if how.with_comments { comments } else { "" })
}

/// Base64 in lines of 76 characters, as Okta prints certificates.
pub(super) fn lines_of_base64(bytes: &[u8]) -> String {
    let packed = STANDARD.encode(bytes);
    let lines = packed.as_bytes().chunks(76).filter_map(|line| std::str::from_utf8(line).ok());
    lines.collect::<Vec<_>>().join("\n")
}

/// The text with digest and value of one of its signatures, counted in document order from zero, worked out
/// anew by what that signature says of itself.
pub fn complete(
    text: &str,
    signature: usize,
    key: &PrivateKey,
    salt: Option<&[u8]>,
) -> Result<String, SigningError> {
    let digested = with_digest(text, signature)?;
    with_value(&digested, signature, key, salt)
}

/// [`complete`], but of the digest alone: the value no longer fits then.
pub fn with_digest(text: &str, signature: usize) -> Result<String, SigningError> {
    let tree = Tree::parse(text, MESSAGE)?;
    let node = signatures(&tree).nth(signature).ok_or(SigningError::NoElement)?;
    let reference = child(child(node, "SignedInfo")?, "Reference")?;
    let octets = octets_of(&tree, node, reference)?;
    let hash = algorithm_of(child(reference, "DigestMethod")?);
    let hash = Hash::of_uri(hash).ok_or_else(|| SigningError::Algorithm(hash.to_owned()))?;
    let digest = STANDARD.encode(hash.digest(&octets));
    Ok(with_content(text, child(reference, "DigestValue")?, &digest))
}

/// [`complete`], but of the value alone: whatever digest stands there is signed.
pub fn with_value(
    text: &str,
    signature: usize,
    key: &PrivateKey,
    salt: Option<&[u8]>,
) -> Result<String, SigningError> {
    let tree = Tree::parse(text, MESSAGE)?;
    let node = signatures(&tree).nth(signature).ok_or(SigningError::NoElement)?;
    let info = child(node, "SignedInfo")?;
    let method = algorithm_of(child(info, "SignatureMethod")?);
    let algorithm = Algorithm::of_uri(method);
    let algorithm = algorithm.ok_or_else(|| SigningError::Algorithm(method.to_owned()))?;
    let how = canonicalization_of(child(info, "CanonicalizationMethod")?)?;
    let value = key.sign(algorithm, &canonicalize(info, &how, None), salt)?;
    Ok(with_content(text, child(node, "SignatureValue")?, &STANDARD.encode(value)))
}

/// The octets that a reference means.
fn octets_of(
    tree: &Tree<'_>,
    signature: Node<'_, '_>,
    reference: Node<'_, '_>,
) -> Result<Vec<u8>, SigningError> {
    let target = match reference.attribute("URI").unwrap_or_default() {
        "" => tree.root(),
        uri => {
            let id = uri.strip_prefix('#').unwrap_or(uri);
            let has_id = |node: &Node<'_, '_>| node.attribute("ID") == Some(id);
            let found = tree.root().descendants().find(has_id);
            found.ok_or_else(|| SigningError::Dangling(uri.to_owned()))?
        }
    };
    let mut how = Canonicalization::inclusive();
    let mut without = None;
    let transforms = reference.children().filter(|node| node.has_tag_name((DSIG, "Transforms")));
    for transform in transforms.flat_map(|node| node.children()).filter(Node::is_element) {
        if algorithm_of(transform) == ENVELOPED {
            without = Some(signature.id());
        } else {
            how = canonicalization_of(transform)?;
        }
    }
    Ok(canonicalize(target, &how, without))
}

/// The canonicalisation that an element names.
fn canonicalization_of(node: Node<'_, '_>) -> Result<Canonicalization, SigningError> {
    let uri = algorithm_of(node);
    let mut how =
        Canonicalization::of_uri(uri).ok_or_else(|| SigningError::Algorithm(uri.to_owned()))?;
    let listed = node.children().find(|node| node.has_tag_name((EXCLUSIVE, "InclusiveNamespaces")));
    if let Some(listed) = listed.and_then(|node| node.attribute("PrefixList")) {
        let prefix = |prefix: &str| if prefix == "#default" { "" } else { prefix }.to_owned();
        how.inclusive_prefixes = listed.split_ascii_whitespace().map(prefix).collect();
    }
    Ok(how)
}

fn algorithm_of<'n>(node: Node<'n, '_>) -> &'n str {
    node.attribute("Algorithm").unwrap_or_default()
}

/// A part of a signature that has to be there.
fn child<'n, 'i>(node: Node<'n, 'i>, name: &'static str) -> Result<Node<'n, 'i>, SigningError> {
    let mut children = node.children();
    children.find(|node| node.has_tag_name((DSIG, name))).ok_or(SigningError::Incomplete(name))
}

/// The text with another content of an element; `content` is markup.
pub(super) fn with_content(text: &str, node: Node<'_, '_>, content: &str) -> String {
    let whole = node.range();
    let own = text.get(whole.clone()).unwrap_or_default();
    let (head, tail) = match (node.first_child(), own.strip_suffix("/>")) {
        (None, Some(tag)) => {
            let name = tag.trim_start_matches('<').split_ascii_whitespace().next();
            (format!("{tag}>"), format!("</{}>", name.unwrap_or_default()))
        }
        (first, _) => {
            let (inner, end) = own.rsplit_once("</").unwrap_or((own, ""));
            let start = first.map(|first| first.range().start - whole.start);
            let head = inner.get(..start.unwrap_or(inner.len())).unwrap_or_default();
            (head.to_owned(), format!("</{end}"))
        }
    };
    let (before, after) = text.split_at(whole.start);
    let after = after.get(own.len()..).unwrap_or_default();
    [before, &head, content, &tail, after].concat()
}

/// All bytes of a node. The range of a text that goes on after a CDATA section, or begins with one, is in the
/// tree that of its first piece alone.
pub(super) fn bytes_of(text: &str, node: Node<'_, '_>) -> Range<usize> {
    let start = node.range().start;
    let end = match (node.next_sibling(), node.parent_element()) {
        _ if !node.is_text() => node.range().end,
        (Some(next), _) => next.range().start,
        (None, Some(parent)) => {
            let own = text.get(parent.range()).unwrap_or_default();
            parent.range().start + own.rfind("</").unwrap_or(own.len())
        }
        (None, None) => node.range().end,
    };
    start..end.max(start)
}

/// A text as it stands in an attribute within `"`.
pub(super) fn attribute(text: &str) -> String {
    escaped(text, true)
}

/// A text as it stands in an element.
pub(super) fn content(text: &str) -> String {
    escaped(text, false)
}

fn escaped(text: &str, is_attribute: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if is_attribute => out.push_str("&quot;"),
            // A parser would read another character.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' if is_attribute => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#{};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
