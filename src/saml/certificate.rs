//! X.509 certificates as metadata carries them: who, how long, which key, how signed.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine as _};
use sha2::{Digest as _, Sha256};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier, UintRef};
use x509_cert::der::{Decode as _, Encode as _, Reader as _, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::model::moment::Moment;

/// A certificate that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it is for: `CN=example,O=Example`.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Serial number in hexadecimal.
    pub serial: String,
    /// From when on it holds.
    pub not_before: Moment,
    /// The last moment at which it holds.
    pub not_after: Moment,
    /// The key it certifies.
    pub key: PublicKey,
    /// What it is signed with.
    pub signature: Signature,
    /// SHA-256 of the key's DER form: the same for certificates of the same key.
    pub key_hash: [u8; 32],
    /// SHA-256 of its DER form.
    pub fingerprint: [u8; 32],
    /// An extension that stands in it more than once, as its object identifier; IAM refuses such ones.
    pub repeated_extension: Option<String>,
    /// Its DER form.
    pub der: Box<[u8]>,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// RSA.
    Rsa {
        /// Bits of the modulus, where it can be read.
        bits: Option<usize>,
    },
    /// DSA.
    Dsa {
        /// Bits of the prime, where it can be read.
        bits: Option<usize>,
    },
    /// Elliptic curve.
    Ec {
        /// Name of the curve, or its object identifier.
        curve: String,
    },
    /// Another algorithm, by its object identifier.
    Other(String),
}

/// What a certificate is signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Name of the algorithm, or its object identifier.
    pub name: String,
    /// Whether its digest is MD2, MD5 or SHA-1.
    pub is_weak: bool,
}

/// Why a text is no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Nothing there.
    #[error("empty, expected a certificate in base64")]
    Empty,
    /// A character outside base64.
    #[error("not base64: {0}")]
    Base64(String),
    /// Encoded twice.
    #[error("base64 of a PEM file, expected its inner base64 alone")]
    Pem,
    /// Base64 of something else.
    #[error("base64 of something that is no X.509 certificate: {0}")]
    Der(String),
}

impl Certificate {
    /// Reads base64 text; white space in it is legal.
    pub fn from_base64(text: &str) -> Result<Self, CertificateError> {
        let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        if packed.is_empty() {
            return Err(CertificateError::Empty);
        }
        let decoded = STANDARD.decode(packed.as_bytes());
        let der =
            decoded.map_err(|error| CertificateError::Base64(base64_fault(&packed, &error)))?;
        if der.starts_with(b"-----BEGIN") {
            return Err(CertificateError::Pem);
        }
        Self::from_der(&der)
    }

    /// Reads the DER form.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let read = CertificateInner::<Raw>::from_der(der);
        let read = read.map_err(|error| CertificateError::Der(error.to_string().to_lowercase()))?;
        let about = read.tbs_certificate();
        let moment = |time: x509_cert::time::Time| {
            Moment(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX))
        };
        let mut seen = BTreeSet::new();
        let repeated = about.extensions().into_iter().flatten().map(|one| one.extn_id);
        let repeated = repeated.filter(|id| !seen.insert(*id)).map(|id| id.to_string()).next();
        Ok(Self {
            subject: about.subject().to_string(),
            issuer: about.issuer().to_string(),
            serial: hex(about.serial_number().as_bytes()),
            not_before: moment(about.validity().not_before),
            not_after: moment(about.validity().not_after),
            key: key_of(about.subject_public_key_info()),
            signature: signature_of(&read.signature_algorithm().oid),
            key_hash: Sha256::digest(about.subject_public_key_info().to_der().unwrap_or_default())
                .into(),
            fingerprint: Sha256::digest(der).into(),
            repeated_extension: repeated,
            der: der.into(),
        })
    }

    /// The fingerprint in hexadecimal.
    pub fn fingerprint_hex(&self) -> String {
        hex(&self.fingerprint)
    }

    /// The beginning of the fingerprint: enough to tell certificates apart.
    pub fn short(&self) -> String {
        self.fingerprint.get(..6).map(hex).unwrap_or_default()
    }

    /// Whether another one certifies the same key: what one verifies the other does.
    pub fn has_key_of(&self, other: &Self) -> bool {
        let key = |der: &[u8]| {
            let read = CertificateInner::<Raw>::from_der(der).ok()?;
            Some(read.tbs_certificate().subject_public_key_info().clone())
        };
        self.der == other.der || key(&self.der).is_some_and(|own| key(&other.der) == Some(own))
    }
}

/// What is wrong with base64, in words.
fn base64_fault(text: &str, error: &DecodeError) -> String {
    match *error {
        DecodeError::InvalidByte(at, _) => {
            let found = text.get(at..).and_then(|rest| rest.chars().next()).unwrap_or_default();
            format!("`{found}` at character {}", at + 1)
        }
        DecodeError::InvalidLastSymbol { .. } => "its last character cannot be the last".to_owned(),
        DecodeError::InvalidLength(length) => format!("{length} characters, some are missing"),
        DecodeError::InvalidPadding => "`=` is missing at its end, or too many of them".to_owned(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sized = |f: &mut fmt::Formatter<'_>, name: &str, bits: &Option<usize>| match bits {
            Some(bits) => write!(f, "{name} {bits}"),
            None => write!(f, "{name} of unknown size"),
        };
        match self {
            Self::Rsa { bits } => sized(f, "RSA", bits),
            Self::Dsa { bits } => sized(f, "DSA", bits),
            Self::Ec { curve } => write!(f, "EC {curve}"),
            Self::Other(oid) => write!(f, "key of algorithm {oid}"),
        }
    }
}

fn key_of(info: &SubjectPublicKeyInfoOwned) -> PublicKey {
    let parameters = info.algorithm.parameters.as_ref();
    match info.algorithm.oid.to_string().as_str() {
        // RSA, and RSA for PSS only.
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            let bits = info.subject_public_key.as_bytes().and_then(modulus_bits);
            PublicKey::Rsa { bits }
        }
        "1.2.840.10040.4.1" => {
            PublicKey::Dsa { bits: parameters.and_then(|any| first_number(any.value())) }
        }
        "1.2.840.10045.2.1" => {
            let curve = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
            PublicKey::Ec {
                curve: curve.map_or_else(|| "of its own".to_owned(), |oid| curve_name(&oid)),
            }
        }
        "1.3.101.112" => PublicKey::Ec { curve: "Ed25519".to_owned() },
        "1.3.101.113" => PublicKey::Ec { curve: "Ed448".to_owned() },
        other => PublicKey::Other(other.to_owned()),
    }
}

fn curve_name(oid: &ObjectIdentifier) -> String {
    match oid.to_string().as_str() {
        "1.2.840.10045.3.1.7" => "P-256".to_owned(),
        "1.3.132.0.34" => "P-384".to_owned(),
        "1.3.132.0.35" => "P-521".to_owned(),
        "1.3.132.0.10" => "secp256k1".to_owned(),
        other => other.to_owned(),
    }
}

/// Bits of the modulus of an `RSAPublicKey` (RFC 8017 A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    first_number(AnyRef::from_der(key).ok()?.value())
}

/// Bits of the number that stands first in a sequence's contents.
fn first_number(contents: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(contents).ok()?;
    let number = reader.decode::<UintRef<'_>>().ok()?;
    let bytes = number.as_bytes();
    let first = bytes.iter().position(|&byte| byte != 0)?;
    let top = bytes.get(first)?;
    Some((bytes.len() - first) * 8 - usize::try_from(top.leading_zeros()).ok()?)
}

fn signature_of(oid: &ObjectIdentifier) -> Signature {
    let oid = oid.to_string();
    let (name, is_weak) = match oid.as_str() {
        "1.2.840.113549.1.1.2" => ("MD2 with RSA", true),
        "1.2.840.113549.1.1.4" => ("MD5 with RSA", true),
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => ("SHA-1 with RSA", true),
        "1.2.840.10040.4.3" | "1.3.14.3.2.27" => ("SHA-1 with DSA", true),
        "1.2.840.10045.4.1" => ("SHA-1 with ECDSA", true),
        "1.2.840.113549.1.1.11" => ("SHA-256 with RSA", false),
        "1.2.840.113549.1.1.12" => ("SHA-384 with RSA", false),
        "1.2.840.113549.1.1.13" => ("SHA-512 with RSA", false),
        "1.2.840.113549.1.1.10" => ("RSASSA-PSS", false),
        "1.2.840.10045.4.3.2" => ("SHA-256 with ECDSA", false),
        "1.2.840.10045.4.3.3" => ("SHA-384 with ECDSA", false),
        "1.2.840.10045.4.3.4" => ("SHA-512 with ECDSA", false),
        "1.3.101.112" => ("Ed25519", false),
        other => (other, false),
    };
    Signature { name: name.to_owned(), is_weak }
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! fixture {
        ($name:literal) => {
            include_str!(concat!("../../fixtures/keys/", $name, ".b64"))
        };
    }

    fn read(text: &str) -> Certificate {
        Certificate::from_base64(text).unwrap()
    }

    #[test]
    fn names_days_key_and_signature_are_read() {
        let current = read(fixture!("current"));
        assert!(current.subject.contains("CN=current"), "{}", current.subject);
        assert_eq!(current.subject, current.issuer);
        assert_eq!(current.not_before.to_string(), "2024-03-01");
        assert_eq!(current.not_after.to_string(), "2094-03-01");
        assert_eq!(current.key, PublicKey::Rsa { bits: Some(2048) });
        assert_eq!(current.signature.name, "SHA-256 with RSA");
        assert!(!current.signature.is_weak);
        assert_eq!(current.repeated_extension, None);
        assert_eq!((current.fingerprint_hex().len(), current.short().len()), (64, 12));
        let next = read(fixture!("next"));
        assert_ne!(current.fingerprint, next.fingerprint);
        assert_ne!(current.key_hash, next.key_hash);
    }

    #[test]
    fn short_keys_curves_weak_signatures_and_repeated_extensions_are_recognised() {
        assert_eq!(read(fixture!("rsa-1024")).key.to_string(), "RSA 1024");
        assert_eq!(read(fixture!("rsa-768")).key.to_string(), "RSA 768");
        assert_eq!(read(fixture!("ec")).key.to_string(), "EC P-256");
        assert_eq!(read(fixture!("sha1")).signature.name, "SHA-1 with RSA");
        assert!(read(fixture!("md5")).signature.is_weak);
        let repeated = read(fixture!("repeated-extension")).repeated_extension;
        assert_eq!(repeated.as_deref(), Some("1.3.6.1.4.1.99999.1"));
    }

    #[test]
    fn white_space_is_legal_and_other_texts_say_what_they_are() {
        let spaced: String = fixture!("ec").chars().flat_map(|c| [c, ' ']).collect();
        assert_eq!(read(&spaced), read(fixture!("ec")));
        assert_eq!(Certificate::from_base64(" \n"), Err(CertificateError::Empty));
        let failed = |text: &str| Certificate::from_base64(text).unwrap_err();
        assert!(matches!(failed("a*b="), CertificateError::Base64(_)));
        assert!(matches!(failed("MAA="), CertificateError::Der(_)));
        assert_eq!(failed(&STANDARD.encode("-----BEGIN CERTIFICATE-----")), CertificateError::Pem);
        assert_eq!(failed("AB*=").to_string(), "not base64: `*` at character 3");
        let whole = fixture!("ec");
        let cut = whole.split_at(whole.len() / 2 / 77 * 77).0;
        assert!(Certificate::from_base64(cut).is_err());
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = Certificate::from_der(&bytes);
        }

        #[test]
        fn no_change_of_a_certificate_panics(at in 0_usize..500, to in proptest::num::u8::ANY) {
            let mut der = read(fixture!("ec")).der.into_vec();
            if let Some(byte) = der.get_mut(at) {
                *byte = to;
            }
            let _ = Certificate::from_der(&der);
        }
    }
}
