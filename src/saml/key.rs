//! Keys that verify signatures: RSA and the NIST curves.

use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use rsa::pkcs1::RsaPublicKeyRef;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, PublicKey};
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::Decode as _;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::certificate::{Certificate, CertificateError};
use super::pem::{self, PemError};
use super::pkcs1;

/// Smallest RSA modulus that is tried, in bits: what is shorter proves nothing at all.
pub const RSA_LEAST: usize = 512;
/// Largest RSA modulus that is tried, in bits.
pub const RSA_MOST: usize = 16_384;

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-1, broken for signatures.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The algorithm that a `DigestMethod` names; none for what is not verified.
    pub fn of_uri(uri: &str) -> Option<Self> {
        Some(match uri {
            "http://www.w3.org/2000/09/xmldsig#sha1" => Self::Sha1,
            "http://www.w3.org/2001/04/xmldsig-more#sha224" => Self::Sha224,
            "http://www.w3.org/2001/04/xmlenc#sha256" => Self::Sha256,
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Self::Sha384,
            "http://www.w3.org/2001/04/xmlenc#sha512" => Self::Sha512,
            _ => return None,
        })
    }

    /// The digest of some octets.
    pub fn digest(self, octets: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(octets).to_vec(),
            Self::Sha224 => Sha224::digest(octets).to_vec(),
            Self::Sha256 => Sha256::digest(octets).to_vec(),
            Self::Sha384 => Sha384::digest(octets).to_vec(),
            Self::Sha512 => Sha512::digest(octets).to_vec(),
        }
    }
}

/// How a signature value is made of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS with MGF1 of the same digest and a salt of its length.
    RsaPss,
    /// ECDSA, the value `r` and `s` one after the other.
    Ecdsa,
}

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Algorithm {
    /// How the value is made.
    pub scheme: Scheme,
    /// Of which digest.
    pub hash: Hash,
}

impl Algorithm {
    /// The algorithm that a `SignatureMethod` names; none for what is not verified (HMAC, DSA, MD5, …).
    pub fn of_uri(uri: &str) -> Option<Self> {
        let (scheme, name) = match uri.split_once('#')? {
            ("http://www.w3.org/2000/09/xmldsig", "rsa-sha1") => (Scheme::RsaPkcs1, "sha1"),
            ("http://www.w3.org/2001/04/xmldsig-more", name) => {
                if let Some(name) = name.strip_prefix("rsa-") {
                    (Scheme::RsaPkcs1, name)
                } else {
                    (Scheme::Ecdsa, name.strip_prefix("ecdsa-")?)
                }
            }
            ("http://www.w3.org/2007/05/xmldsig-more", name) => {
                (Scheme::RsaPss, name.strip_suffix("-rsa-MGF1")?)
            }
            _ => return None,
        };
        let hash = match name {
            // `rsa-sha1` stands in the first namespace alone.
            "sha1" if !uri.ends_with("xmldsig-more#rsa-sha1") => Hash::Sha1,
            "sha224" => Hash::Sha224,
            "sha256" => Hash::Sha256,
            "sha384" => Hash::Sha384,
            "sha512" => Hash::Sha512,
            _ => return None,
        };
        Some(Self { scheme, hash })
    }
}

/// A public key that signatures are tried with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyingKey {
    /// RSA.
    Rsa(PublicKey),
    /// Curve P-256.
    P256(p256::ecdsa::VerifyingKey),
    /// Curve P-384.
    P384(p384::ecdsa::VerifyingKey),
    /// Curve P-521.
    P521(p521::ecdsa::VerifyingKey),
}

/// Why there is no key to try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a certificate.
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    /// Neither PEM, DER nor base64 of a certificate or public key.
    #[error("neither PEM, DER nor base64, expected a certificate or a public key")]
    NotAKey,
    /// PEM that is cut or spoilt.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// A PEM block of something else.
    #[error("PEM block `{0}`, expected `CERTIFICATE` or `PUBLIC KEY`")]
    Block(String),
    /// An algorithm that verifies no signature of SAML.
    #[error("a key of algorithm {0}, expected RSA, P-256, P-384 or P-521")]
    Algorithm(String),
    /// RSA numbers that are no key.
    #[error("an RSA key that cannot be used: {0}")]
    Rsa(String),
    /// A point that is not on its curve.
    #[error("a point that is not on curve {0}")]
    Point(&'static str),
}

impl VerifyingKey {
    /// The key that a certificate certifies.
    pub fn of_certificate(certificate: &Certificate) -> Result<Self, KeyError> {
        Self::of_certificate_der(&certificate.der)
    }

    /// The key of a certificate in DER.
    pub fn of_certificate_der(der: &[u8]) -> Result<Self, KeyError> {
        let read = CertificateInner::<Raw>::from_der(der);
        let read = read.map_err(|error| CertificateError::Der(error.to_string().to_lowercase()))?;
        Self::of_info(read.tbs_certificate().subject_public_key_info())
    }

    /// An RSA key of modulus and exponent, most significant byte first.
    pub fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, KeyError> {
        let number = |bytes: &[u8]| {
            let first = bytes.iter().position(|&byte| byte != 0).unwrap_or(bytes.len());
            BoxedUint::from_be_slice_vartime(bytes.get(first..).unwrap_or_default())
        };
        if modulus.len() > RSA_MOST / 8 + 1 || exponent.len() > 9 {
            return Err(KeyError::Rsa(format!("{} bytes of modulus", modulus.len())));
        }
        let sizes = RSA_LEAST..=RSA_MOST;
        PublicKey::new_with_size_limits(number(modulus), number(exponent), sizes)
            .map(Self::Rsa)
            .map_err(|error| KeyError::Rsa(error.to_string()))
    }

    /// The key of a `SubjectPublicKeyInfo` in DER.
    pub fn of_info_der(der: &[u8]) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoOwned::from_der(der).map_err(|_| KeyError::NotAKey)?;
        Self::of_info(&info)
    }

    fn of_info(info: &SubjectPublicKeyInfoOwned) -> Result<Self, KeyError> {
        let algorithm = info.algorithm.oid.to_string();
        let bytes = info.subject_public_key.as_bytes().ok_or(KeyError::NotAKey)?;
        match algorithm.as_str() {
            "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
                let key = RsaPublicKeyRef::from_der(bytes)
                    .map_err(|error| KeyError::Rsa(error.to_string()))?;
                Self::rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes())
            }
            "1.2.840.10045.2.1" => {
                let parameters = info.algorithm.parameters.as_ref();
                let curve = parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
                Self::on_curve(&curve.map(|oid| oid.to_string()).unwrap_or_default(), bytes)
            }
            _ => Err(KeyError::Algorithm(algorithm)),
        }
    }

    /// A point of a curve named by its object identifier.
    fn on_curve(curve: &str, point: &[u8]) -> Result<Self, KeyError> {
        match curve {
            "1.2.840.10045.3.1.7" => p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .map(Self::P256)
                .map_err(|_| KeyError::Point("P-256")),
            "1.3.132.0.34" => p384::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .map(Self::P384)
                .map_err(|_| KeyError::Point("P-384")),
            "1.3.132.0.35" => p521::ecdsa::VerifyingKey::from_sec1_bytes(point)
                .map(Self::P521)
                .map_err(|_| KeyError::Point("P-521")),
            "" => Err(KeyError::Algorithm("EC with a curve of its own".to_owned())),
            other => Err(KeyError::Algorithm(format!("EC {other}"))),
        }
    }

    /// Every key of a file: PEM certificates and public keys, one DER certificate, or base64 of one.
    pub fn read_file(bytes: &[u8]) -> Result<Vec<(Self, Option<Certificate>)>, KeyError> {
        let certified = |der: &[u8]| {
            let certificate = Certificate::from_der(der)?;
            Ok((Self::of_certificate(&certificate)?, Some(certificate)))
        };
        if bytes.first() == Some(&0x30) {
            return certified(bytes)
                .or_else(|error| Self::of_info_der(bytes).map(|key| (key, None)).map_err(|_| error))
                .map(|one| vec![one]);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| KeyError::NotAKey)?;
        if !text.contains("-----BEGIN") {
            let certificate = Certificate::from_base64(text.trim_start_matches('\u{feff}'))?;
            return Ok(vec![(Self::of_certificate(&certificate)?, Some(certificate))]);
        }
        let mut keys = Vec::new();
        for pem::Block { label, der, .. } in pem::blocks(text)? {
            keys.push(match label.as_str() {
                "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => certified(&der)?,
                "PUBLIC KEY" => (Self::of_info_der(&der)?, None),
                _ => return Err(KeyError::Block(label)),
            });
        }
        Ok(keys)
    }

    /// Bits of the modulus, where the key is RSA.
    pub fn rsa_bits(&self) -> Option<usize> {
        match self {
            Self::Rsa(key) => usize::try_from(key.n().bit_width_vartime()).ok(),
            _ => None,
        }
    }

    /// Whether a signature value is this key's over some octets.
    pub fn verifies(&self, algorithm: Algorithm, octets: &[u8], value: &[u8]) -> bool {
        let digest = algorithm.hash.digest(octets);
        match (self, algorithm.scheme) {
            (Self::Rsa(key), Scheme::RsaPkcs1) => {
                if let Some(said) = pkcs1::verifies(key, algorithm.hash, &digest, value) {
                    return said;
                }
                let padding = match algorithm.hash {
                    Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
                    Hash::Sha224 => Pkcs1v15Sign::new::<Sha224>(),
                    Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                    Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                    Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
                };
                key.verify(padding, &digest, value).is_ok()
            }
            (Self::Rsa(key), Scheme::RsaPss) => match algorithm.hash {
                Hash::Sha1 => key.verify(Pss::<Sha1>::new(), &digest, value),
                Hash::Sha224 => key.verify(Pss::<Sha224>::new(), &digest, value),
                Hash::Sha256 => key.verify(Pss::<Sha256>::new(), &digest, value),
                Hash::Sha384 => key.verify(Pss::<Sha384>::new(), &digest, value),
                Hash::Sha512 => key.verify(Pss::<Sha512>::new(), &digest, value),
            }
            .is_ok(),
            (Self::P256(key), Scheme::Ecdsa) => p256::ecdsa::Signature::from_slice(value)
                .is_ok_and(|value| key.verify_prehash(&widened(digest, 32), &value).is_ok()),
            (Self::P384(key), Scheme::Ecdsa) => p384::ecdsa::Signature::from_slice(value)
                .is_ok_and(|value| key.verify_prehash(&widened(digest, 48), &value).is_ok()),
            (Self::P521(key), Scheme::Ecdsa) => p521::ecdsa::Signature::from_slice(value)
                .is_ok_and(|value| key.verify_prehash(&widened(digest, 66), &value).is_ok()),
            _ => false,
        }
    }
}

/// A digest shorter than the curve's numbers, as the number it is.
fn widened(digest: Vec<u8>, size: usize) -> Vec<u8> {
    let mut wide = vec![0; size.saturating_sub(digest.len())];
    wide.extend(digest);
    wide
}

/// Whether octets are an ECDSA value in DER, which XML signatures do not use.
pub(super) fn is_der_pair(value: &[u8]) -> bool {
    p256::ecdsa::DerSignature::from_bytes(value).is_ok()
        || p384::ecdsa::DerSignature::from_bytes(value).is_ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn algorithms_are_known_by_their_whole_address() {
        let of = |uri: &str| Algorithm::of_uri(uri).map(|found| (found.scheme, found.hash));
        let more = "http://www.w3.org/2001/04/xmldsig-more";
        assert_eq!(
            of("http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
            Some((Scheme::RsaPkcs1, Hash::Sha1))
        );
        assert_eq!(of(&format!("{more}#rsa-sha512")), Some((Scheme::RsaPkcs1, Hash::Sha512)));
        assert_eq!(of(&format!("{more}#ecdsa-sha1")), Some((Scheme::Ecdsa, Hash::Sha1)));
        assert_eq!(
            of("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"),
            Some((Scheme::RsaPss, Hash::Sha256))
        );
        for not in [
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
            "http://www.w3.org/2000/09/xmldsig#rsa-sha256",
            "",
        ] {
            assert_eq!(of(not), None, "{not}");
        }
        assert_eq!(Hash::of_uri("http://www.w3.org/2001/04/xmldsig-more#md5"), None);
    }

    #[test]
    fn a_key_is_read_from_base64_der_and_pem() {
        let base64 = include_str!("../../fixtures/keys/current.b64");
        let key = |bytes: &[u8]| VerifyingKey::read_file(bytes).map(|keys| keys[0].0.clone());
        let bare = key(base64.as_bytes()).unwrap();
        assert_eq!(bare.rsa_bits(), Some(2048));
        let der = STANDARD.decode(base64.replace('\n', "")).unwrap();
        assert_eq!(key(&der), Ok(bare.clone()));
        let pem =
            format!("text\n-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
        assert_eq!(key(pem.as_bytes()), Ok(bare));
        let ec = key(include_bytes!("../../fixtures/keys/ec.b64")).unwrap();
        assert!(matches!(ec, VerifyingKey::P256(_)));
        assert_eq!(
            key(include_bytes!("../../fixtures/keys/rsa-768.b64")).unwrap().rsa_bits(),
            Some(768)
        );
    }

    #[test]
    fn what_is_no_key_says_so() {
        let refused = |bytes: &[u8]| VerifyingKey::read_file(bytes).unwrap_err().to_string();
        let private = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----";
        assert_eq!(
            refused(private),
            "PEM block `PRIVATE KEY`, expected `CERTIFICATE` or `PUBLIC KEY`"
        );
        assert_eq!(refused(b"\xff"), KeyError::NotAKey.to_string());
        assert!(refused(b"-----BEGIN CERTIFICATE-----\nMAA=").contains("that does not end"));
        assert!(refused(b"\x30\x00").contains("no X.509 certificate"));
        assert!(VerifyingKey::rsa(&[0x81; 32], &[3]).is_err(), "256 bits");
        assert!(VerifyingKey::rsa(&[0x81; 4000], &[3]).is_err(), "32,000 bits");
        assert!(VerifyingKey::rsa(&[0x80; 128], &[3]).is_err(), "an even modulus");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let _ = VerifyingKey::read_file(&bytes);
            let _ = VerifyingKey::rsa(&bytes, &bytes);
        }
    }
}
