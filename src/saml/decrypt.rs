//! Encrypted assertions, opened with a key that is given (XML Encryption 1.1).
//!
//! AES in CBC and GCM, its key under RSA (OAEP or PKCS #1 v1.5): what IAM takes and what is seen.

use aes::cipher::block_padding::Iso10126;
use aes::cipher::consts::U12;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use roxmltree::Node;
use rsa::{Oaep, Pkcs1v15Encrypt};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::private_key::PrivateKey;
use super::response::ASSERTION;
use super::verify::{KnownKeys, Problem, Verdict, Verification, verify};
use super::xml::{MESSAGE, Tree, octets_of};

/// Namespace of XML Encryption.
pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";

/// Why an assertion cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecryptError {
    /// Nothing to open.
    #[error("no encrypted assertion, expected exactly one")]
    NotEncrypted,
    /// Something that has to be there is not.
    #[error("no {0} in the encrypted assertion")]
    Missing(&'static str),
    /// Not base64.
    #[error("a CipherValue that is not base64")]
    Base64,
    /// An algorithm that is not opened.
    #[error("encryption algorithm `{0}`, expected AES in CBC or GCM under RSA")]
    Algorithm(String),
    /// A key of another kind.
    #[error("a private key of {0}, expected RSA")]
    WrongKey(String),
    /// The key does not fit.
    #[error("the content's key cannot be opened with the given private key")]
    Key,
    /// The content does not fit its key.
    #[error("the content cannot be opened with its key: it was changed or cut")]
    Content,
    /// Opened, and no XML text.
    #[error("what was encrypted is not UTF-8")]
    NotText,
}

/// Opens the one encrypted assertion of a message: the text of the assertion, a document of its own.
pub fn decrypt(tree: &Tree<'_>, key: &PrivateKey) -> Result<String, DecryptError> {
    let encrypted = encrypted_assertion(tree).ok_or(DecryptError::NotEncrypted)?;
    let data = child(encrypted, "EncryptedData").ok_or(DecryptError::Missing("EncryptedData"))?;
    let wrapped = encrypted.descendants().find(|node| is_xenc(*node, "EncryptedKey"));
    let wrapped = wrapped.ok_or(DecryptError::Missing("EncryptedKey"))?;
    let key = key.as_rsa().ok_or_else(|| DecryptError::WrongKey(key.kind()))?;
    let content_key = unwrapped(wrapped, key)?;
    let octets = opened(algorithm(data)?, &content_key, &cipher_value(data)?)?;
    let text = String::from_utf8(octets).map_err(|_| DecryptError::NotText)?;
    Ok(with_namespaces(text, encrypted))
}

/// The one encrypted assertion of a message.
pub(super) fn encrypted_assertion<'a, 't>(tree: &'a Tree<'t>) -> Option<Node<'a, 't>> {
    let is_encrypted = |node: &Node<'_, '_>| {
        node.tag_name().name() == "EncryptedAssertion"
            && node.tag_name().namespace() == Some(ASSERTION)
    };
    let mut found = tree.root().descendants().filter(is_encrypted);
    found.next().filter(|_| found.next().is_none())
}

fn is_xenc(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().name() == name && node.tag_name().namespace() == Some(XENC)
}

fn child<'a, 't>(node: Node<'a, 't>, name: &str) -> Option<Node<'a, 't>> {
    node.children().find(|child| is_xenc(*child, name))
}

fn algorithm<'a>(node: Node<'a, '_>) -> Result<&'a str, DecryptError> {
    child(node, "EncryptionMethod")
        .and_then(|method| method.attribute("Algorithm"))
        .ok_or(DecryptError::Missing("EncryptionMethod"))
}

fn cipher_value(node: Node<'_, '_>) -> Result<Vec<u8>, DecryptError> {
    let value = child(node, "CipherData").and_then(|data| child(data, "CipherValue"));
    let value = value.ok_or(DecryptError::Missing("CipherValue"))?;
    octets_of(value).ok_or(DecryptError::Base64)
}

/// The key of the content, which stands encrypted for the receiver.
fn unwrapped(wrapped: Node<'_, '_>, key: &rsa::PrivateKey) -> Result<Vec<u8>, DecryptError> {
    let uri = algorithm(wrapped)?;
    let value = cipher_value(wrapped)?;
    let method =
        child(wrapped, "EncryptionMethod").ok_or(DecryptError::Missing("EncryptionMethod"))?;
    let named = |name: &str, namespace: &str| {
        let found = method.children().find(|child| {
            child.tag_name().name() == name && child.tag_name().namespace() == Some(namespace)
        });
        found.and_then(|found| found.attribute("Algorithm"))
    };
    let digest = named("DigestMethod", super::signature::DSIG);
    let mask = named("MGF", XENC11);
    let opened = match uri.strip_prefix(XENC) {
        Some("rsa-1_5") => key.decrypt(Pkcs1v15Encrypt, &value),
        // Its mask is of SHA-1, whatever its digest.
        Some("rsa-oaep-mgf1p") => return oaep(key, digest, None, &value),
        _ if uri.strip_prefix(XENC11) == Some("rsa-oaep") => {
            return oaep(key, digest, mask, &value);
        }
        _ => return Err(DecryptError::Algorithm(uri.to_owned())),
    };
    opened.map_err(|_| DecryptError::Key)
}

/// RSA-OAEP with a digest and a mask generation function, both SHA-1 where they are not named.
fn oaep(
    key: &rsa::PrivateKey,
    digest: Option<&str>,
    mask: Option<&str>,
    value: &[u8],
) -> Result<Vec<u8>, DecryptError> {
    let name = |uri: Option<&str>| {
        let end = uri.and_then(|uri| uri.rsplit_once('#')).map(|(_, name)| name.to_owned());
        end.unwrap_or_else(|| "sha1".to_owned())
    };
    let (digest, mask) = (name(digest), name(mask));
    let mask = mask.strip_prefix("mgf1").unwrap_or(&mask);
    macro_rules! open {
        ($digest:ty) => {
            match mask {
                "sha1" => key.decrypt(Oaep::<$digest, Sha1>::new_with_mgf_hash(), value),
                "sha256" => key.decrypt(Oaep::<$digest, Sha256>::new_with_mgf_hash(), value),
                "sha384" => key.decrypt(Oaep::<$digest, Sha384>::new_with_mgf_hash(), value),
                "sha512" => key.decrypt(Oaep::<$digest, Sha512>::new_with_mgf_hash(), value),
                other => return Err(DecryptError::Algorithm(format!("rsa-oaep with mgf1{other}"))),
            }
        };
    }
    let opened = match digest.as_str() {
        "sha1" => open!(Sha1),
        "sha256" => open!(Sha256),
        "sha384" => open!(Sha384),
        "sha512" => open!(Sha512),
        other => return Err(DecryptError::Algorithm(format!("rsa-oaep with {other}"))),
    };
    opened.map_err(|_| DecryptError::Key)
}

/// Opens content: its initialisation vector stands before it.
fn opened(uri: &str, key: &[u8], content: &[u8]) -> Result<Vec<u8>, DecryptError> {
    match uri.strip_prefix(XENC).or_else(|| uri.strip_prefix(XENC11)) {
        Some("aes128-cbc") => cbc::<Aes128>(key, content),
        Some("aes192-cbc") => cbc::<Aes192>(key, content),
        Some("aes256-cbc") => cbc::<Aes256>(key, content),
        Some("aes128-gcm") => gcm::<AesGcm<Aes128, U12>>(key, content),
        Some("aes192-gcm") => gcm::<AesGcm<Aes192, U12>>(key, content),
        Some("aes256-gcm") => gcm::<AesGcm<Aes256, U12>>(key, content),
        _ => Err(DecryptError::Algorithm(uri.to_owned())),
    }
}

fn cbc<C>(key: &[u8], content: &[u8]) -> Result<Vec<u8>, DecryptError>
where
    C: aes::cipher::BlockCipherDecrypt + aes::cipher::KeyInit,
    cbc::Decryptor<C>: aes::cipher::KeyIvInit + aes::cipher::BlockModeDecrypt,
{
    let (vector, content) = content.split_at_checked(16).ok_or(DecryptError::Content)?;
    let cipher =
        cbc::Decryptor::<C>::new_from_slices(key, vector).map_err(|_| DecryptError::Key)?;
    cipher.decrypt_padded_vec::<Iso10126>(content).map_err(|_| DecryptError::Content)
}

fn gcm<C>(key: &[u8], content: &[u8]) -> Result<Vec<u8>, DecryptError>
where
    C: aes_gcm::aead::Aead<NonceSize = U12> + aes_gcm::aead::KeyInit,
{
    let (vector, content) = content.split_at_checked(12).ok_or(DecryptError::Content)?;
    let cipher = C::new_from_slice(key).map_err(|_| DecryptError::Key)?;
    let vector = vector.try_into().map_err(|_| DecryptError::Content)?;
    cipher.decrypt(vector, content).map_err(|_| DecryptError::Content)
}

/// The text with the declarations that it takes from where it stood, so that it is a document of its own.
fn with_namespaces(text: String, stood: Node<'_, '_>) -> String {
    let start = text.trim_start_matches('\u{feff}');
    let start = start.find('<').map_or(0, |at| at + text.len() - start.len());
    let tag = text.get(start..).unwrap_or_default();
    let name = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
    let head = tag.get(..tag.find('>').unwrap_or(tag.len())).unwrap_or_default();
    let Some(name) = name.filter(|_| !tag.starts_with("<?")) else { return text };
    let missing: String = stood
        .namespaces()
        .filter_map(|one| {
            let declares = one.name().map_or("xmlns=".to_owned(), |name| format!("xmlns:{name}="));
            let is_there = head.contains(&declares) || one.name() == Some("xml");
            let value = one.uri().replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            (!is_there).then(|| format!(" {declares}\"{value}\""))
        })
        .collect();
    let (before, after) = text.split_at(start + name);
    format!("{before}{missing}{after}")
}

/// An encrypted assertion that was opened, and what is proven of it and of the message around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The assertion, a document of its own.
    pub text: String,
    /// What its own signature proves; its places are lines of `text`.
    pub inner: Verification,
    /// What is proven of what is read.
    pub verdict: Verdict,
}

/// Opens the encrypted assertion of a message and verifies what was inside.
///
/// A signature around it proves it as well as one inside; none inside may fail.
pub fn open(
    tree: &Tree<'_>,
    outer: &Verification,
    key: &PrivateKey,
    keys: &KnownKeys,
) -> Result<Opened, DecryptError> {
    let text = decrypt(tree, key)?;
    let inner = match Tree::parse(&text, MESSAGE) {
        Ok(tree) => verify(&tree, keys),
        Err(error) => Verification::refused(&error),
    };
    let is_unsigned = inner.signatures.is_empty()
        && inner.assertion.is_some()
        && inner.reasons.iter().all(|one| one.problem == Problem::Unsigned);
    let verdict = match (outer.verdict, inner.verdict) {
        (Verdict::NeedsDecryption, inner) => inner,
        (outer, Verdict::Reject) if is_unsigned => outer,
        (Verdict::Reject, _) | (_, Verdict::Reject) => Verdict::Reject,
        (Verdict::AcceptEmbeddedKeyOnly, _) | (_, Verdict::AcceptEmbeddedKeyOnly) => {
            Verdict::AcceptEmbeddedKeyOnly
        }
        (outer, _) => outer,
    };
    Ok(Opened { text, inner, verdict })
}
