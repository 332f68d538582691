//! Signs: an enveloped signature put into a text, all other bytes of which stay as they are.
//!
//! [`sign`] puts a signature into an element as Okta does; [`complete`] works out digest and value of a
//! signature that already stands there, by the algorithms it names itself. The same text and key always give
//! the same bytes.

use std::fmt::Write as _;

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
    let inner = node.first_child().zip(node.last_child());
    let (head, tail) = match (inner, own.strip_suffix("/>")) {
        (Some((first, last)), _) => (
            text.get(whole.start..first.range().start).unwrap_or_default().to_owned(),
            text.get(last.range().end..whole.end).unwrap_or_default().to_owned(),
        ),
        (None, Some(tag)) => {
            let name = tag.trim_start_matches('<').split_ascii_whitespace().next();
            (format!("{tag}>"), format!("</{}>", name.unwrap_or_default()))
        }
        (None, None) => {
            let (head, tail) = own.rsplit_once("</").unwrap_or((own, ""));
            (head.to_owned(), format!("</{tail}"))
        }
    };
    let (before, after) = text.split_at(whole.start);
    let after = after.get(own.len()..).unwrap_or_default();
    [before, &head, content, &tail, after].concat()
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
mod tests {
    use super::*;
    use crate::saml::key::Scheme;
    use crate::saml::test_key::Signer;
    use sha2::Sha256;

    const P256: &str = include_str!("../../fixtures/keys/signing/p256.key.pem");

    fn signed(
        text: &str,
        name: &str,
        options: &SigningOptions<'_>,
    ) -> Result<String, SigningError> {
        let tree = Tree::parse(text, MESSAGE).unwrap();
        let named = |node: &Node<'_, '_>| node.tag_name().name() == name;
        let target = tree.root().descendants().find(named).unwrap().id();
        sign(&tree, target, options)
    }

    /// Digest and value as they have to be, worked out without the code above.
    fn holds(text: &str, signature: usize, target: &str, key: &PrivateKey) -> (bool, bool) {
        let tree = Tree::parse(text, MESSAGE).unwrap();
        let node = signatures(&tree).nth(signature).unwrap();
        let found =
            |name: &str| node.descendants().find(|one| one.tag_name().name() == name).unwrap();
        let target = tree.root().descendants().find(|one| one.attribute("ID") == Some(target));
        let how = Canonicalization::exclusive(&["xs"]);
        let octets = canonicalize(target.unwrap(), &how, Some(node.id()));
        let digest = STANDARD.encode(Hash::Sha256.digest(&octets));
        let value = STANDARD.decode(found("SignatureValue").text().unwrap_or_default()).unwrap();
        let info = canonicalize(found("SignedInfo"), &Canonicalization::exclusive(&[]), None);
        let public = key.as_rsa().unwrap().to_public_key();
        (
            found("DigestValue").text() == Some(&digest),
            public.pkcs1v15_verify::<Sha256>(&info, &value).is_ok(),
        )
    }

    const MESSAGE_TEXT: &str = "<?xml version=\"1.0\"?>\n<r xmlns:xs=\"x\" ID=\"one\">\n\
        <!-- c --><a ID='two' b = \"&#13;&quot;\"><Issuer>i</Issuer> &amp; <c/></a ></r>";

    #[test]
    fn a_signature_stands_behind_the_issuer_and_every_other_byte_stays() {
        let signer = Signer::test().unwrap();
        let options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
        let text = signed(MESSAGE_TEXT, "a", &options).unwrap();
        let (before, rest) = text.split_once("<ds:Signature ").unwrap();
        let (own, after) = rest.split_once("</ds:Signature>").unwrap();
        assert_eq!([before, after].concat(), MESSAGE_TEXT);
        assert!(before.ends_with("<Issuer>i</Issuer>"), "{before}");
        assert!(own.contains("URI=\"#two\"") && own.contains("PrefixList=\"xs\""), "{own}");
        assert_eq!(holds(&text, 0, "two", &signer.key), (true, true));
        assert_eq!(signed(MESSAGE_TEXT, "a", &options).unwrap(), text);
    }

    #[test]
    fn a_signature_around_a_signed_element_leaves_the_inner_one_valid() {
        let signer = Signer::test().unwrap();
        let options = SigningOptions::as_okta(&signer.key, None);
        let inner = signed(MESSAGE_TEXT, "a", &options).unwrap();
        let both = signed(&inner, "r", &options).unwrap();
        // Without an issuer it stands first, so it is the first of the two.
        assert_eq!(holds(&both, 0, "one", &signer.key), (true, true));
        assert_eq!(holds(&both, 1, "two", &signer.key), (true, true));
        assert!(!both.contains("KeyInfo"));
        let changed = both.replace(" &amp; ", " &amp;  ");
        assert_eq!(holds(&changed, 0, "one", &signer.key), (false, true));
        assert_eq!(holds(&changed, 1, "two", &signer.key), (false, true));
    }

    #[test]
    fn a_digest_or_a_value_alone_leaves_the_other_as_it_was() {
        let signer = Signer::test().unwrap();
        let options = SigningOptions::as_okta(&signer.key, None);
        let text = signed(MESSAGE_TEXT, "a", &options).unwrap().replace("&amp;", "+");
        assert_eq!(holds(&text, 0, "two", &signer.key), (false, true));
        let digested = with_digest(&text, 0).unwrap();
        assert_eq!(holds(&digested, 0, "two", &signer.key), (true, false));
        let valued = with_value(&digested, 0, &signer.key, None).unwrap();
        assert_eq!(holds(&valued, 0, "two", &signer.key), (true, true));
        assert_eq!(complete(&text, 0, &signer.key, None).unwrap(), valued);
    }

    #[test]
    fn every_algorithm_and_canonicalisation_is_written_and_read_back() {
        let signer = Signer::test().unwrap();
        let ec = PrivateKey::from_pem(P256).unwrap();
        for algorithm in Algorithm::all() {
            let key = if algorithm.scheme == Scheme::Ecdsa { &ec } else { &signer.key };
            let how = if algorithm.hash == Hash::Sha1 {
                Canonicalization::inclusive()
            } else {
                Canonicalization::exclusive(&[])
            };
            let options = SigningOptions {
                algorithm,
                digest: algorithm.hash,
                canonicalization: how,
                refers_to_document: algorithm.hash == Hash::Sha512,
                ..SigningOptions::as_okta(key, None)
            };
            let text = signed(MESSAGE_TEXT, "r", &options).unwrap();
            assert!(text.contains(&algorithm.uri()) && !text.contains("PrefixList"), "{text}");
            assert!(text.contains(algorithm.hash.uri()));
            assert_eq!(complete(&text, 0, key, None).unwrap(), text);
        }
    }

    #[test]
    fn what_cannot_be_signed_says_why() {
        let signer = Signer::test().unwrap();
        let options = SigningOptions::as_okta(&signer.key, None);
        let failed = |text: &str, name: &str| signed(text, name, &options).unwrap_err().to_string();
        assert_eq!(
            failed("<a><b/></a>", "a"),
            "`a` without an ID, expected one that the signature can refer to"
        );
        assert_eq!(
            failed("<a ID='x'/>", "a"),
            "`a` without content, expected an element that a signature can stand in"
        );
        let text = signed(MESSAGE_TEXT, "a", &options).unwrap();
        let failed = |text: &str| complete(text, 0, &signer.key, None).unwrap_err().to_string();
        assert_eq!(
            failed(&text.replace("#two", "#three")),
            "reference to `#three`, which no element has as its ID"
        );
        assert_eq!(
            failed(&text.replace("#enveloped-signature", "#base64")),
            "algorithm `http://www.w3.org/2000/09/xmldsig#base64`, expected one that messages are signed with here"
        );
        assert_eq!(
            failed(&text.replace("DigestMethod", "Method")),
            "a signature without DigestMethod, which signing has to fill in or to follow"
        );
        assert_eq!(complete(&text, 1, &signer.key, None), Err(SigningError::NoElement));
    }

    #[test]
    fn content_is_replaced_however_the_element_is_written() {
        for text in ["<r><a x='1'/></r>", "<r><a x='1'></a></r>", "<r><a x='1'>o<!-- --></a></r>"] {
            let tree = Tree::parse(text, MESSAGE).unwrap();
            let node = tree.root().first_element_child().unwrap();
            assert_eq!(with_content(text, node, "new"), "<r><a x='1'>new</a></r>", "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_escaped_text_is_read_back_as_it_was(text in "[ -~\\t\\n\\r\u{e9}\u{2028}\u{1f600}\\]>&<\"']{0,40}") {
            let xml = format!("<a b=\"{}\">{}</a>", attribute(&text), content(&text));
            let tree = Tree::parse(&xml, MESSAGE).unwrap();
            proptest::prop_assert_eq!(tree.root().attribute("b"), Some(text.as_str()));
            proptest::prop_assert_eq!(tree.root().text().unwrap_or_default(), text.as_str());
        }
    }
}
