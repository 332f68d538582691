//! Private keys to sign with, from PEM: PKCS#8, PKCS#1 (RSA) and SEC1 (elliptic curve).
//!
//! A key is never printed, and none is ever made here.

use std::convert::Infallible;
use std::fmt;

use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::{
    DecodePrivateKey as _, EncodePublicKey as _, ObjectIdentifier, PrivateKeyInfoRef,
};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::signature::hazmat::PrehashSigner as _;
use rsa::traits::{PublicKeyParts as _, SignatureScheme as _};
use rsa::{Pkcs1v15Sign, Pss};
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use super::key::{Algorithm, Hash, Scheme};
use super::pem::{self, PemError};

/// A private key.
#[derive(Clone)]
pub struct PrivateKey(Kind);

#[derive(Clone)]
enum Kind {
    Rsa(Box<rsa::PrivateKey>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
}

/// Why a text is no private key that is used here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrivateKeyError {
    /// Not PEM.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// PEM of something else.
    #[error("PEM of `{0}`, expected `PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`")]
    Label(String),
    /// Needs a passphrase.
    #[error("an encrypted private key, expected one without a passphrase")]
    Encrypted,
    /// A curve that is not used here.
    #[error("a private key on curve `{0}`, expected P-256 or P-384")]
    Curve(String),
    /// A key of another kind.
    #[error("a private key of algorithm `{0}`, expected RSA or an elliptic curve")]
    Algorithm(String),
    /// Broken.
    #[error("a private key that cannot be read as {0}")]
    Malformed(&'static str),
}

/// Why a key cannot sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyUseError {
    /// The algorithm wants another kind of key.
    #[error("a key of {key} cannot sign with `{algorithm}`")]
    Kind {
        /// What the key is.
        key: String,
        /// What is wanted.
        algorithm: String,
    },
    /// Too short for the algorithm.
    #[error("a key of {key} is too short for `{algorithm}`")]
    TooShort {
        /// What the key is.
        key: String,
        /// What is wanted.
        algorithm: String,
    },
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

impl PrivateKey {
    /// Reads the first private key of a PEM text.
    pub fn from_pem(text: &str) -> Result<Self, PrivateKeyError> {
        let blocks = pem::blocks(text)?;
        let is_key = |block: &&pem::Block| block.label.ends_with("PRIVATE KEY");
        let Some(block) = blocks.iter().find(is_key) else {
            let label = blocks.first().map(|block| block.label.clone());
            return Err(PrivateKeyError::Label(label.unwrap_or_default()));
        };
        match block.label.as_str() {
            _ if block.is_encrypted => Err(PrivateKeyError::Encrypted),
            "ENCRYPTED PRIVATE KEY" => Err(PrivateKeyError::Encrypted),
            "PRIVATE KEY" => Self::from_pkcs8(&block.der),
            "RSA PRIVATE KEY" => Self::from_pkcs1(&block.der),
            "EC PRIVATE KEY" => Self::from_sec1(&block.der),
            other => Err(PrivateKeyError::Label(other.to_owned())),
        }
    }

    fn from_pkcs8(der: &[u8]) -> Result<Self, PrivateKeyError> {
        let malformed = || PrivateKeyError::Malformed("PKCS#8");
        let info = PrivateKeyInfoRef::try_from(der).map_err(|_| malformed())?;
        if info.algorithm.oid == RSA {
            let key = rsa::PrivateKey::from_pkcs8_der(der).map_err(|_| malformed())?;
            return Ok(Self(Kind::Rsa(Box::new(key))));
        }
        if info.algorithm.oid != EC {
            return Err(PrivateKeyError::Algorithm(info.algorithm.oid.to_string()));
        }
        let kind = match info.algorithm.parameters_oid().map_err(|_| malformed())? {
            P256 => p256::SecretKey::from_pkcs8_der(der).map(Kind::P256),
            P384 => p384::SecretKey::from_pkcs8_der(der).map(Kind::P384),
            other => return Err(PrivateKeyError::Curve(other.to_string())),
        };
        kind.map(Self).map_err(|_| malformed())
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, PrivateKeyError> {
        let key = rsa::PrivateKey::from_pkcs1_der(der);
        let key = key.map_err(|_| PrivateKeyError::Malformed("PKCS#1"))?;
        Ok(Self(Kind::Rsa(Box::new(key))))
    }

    /// The length tells the curve where nothing else does.
    fn from_sec1(der: &[u8]) -> Result<Self, PrivateKeyError> {
        if let Ok(key) = p256::SecretKey::from_sec1_der(der) {
            return Ok(Self(Kind::P256(key)));
        }
        let key = p384::SecretKey::from_sec1_der(der);
        let key = key.map_err(|_| PrivateKeyError::Malformed("SEC1 on P-256 or P-384"))?;
        Ok(Self(Kind::P384(key)))
    }

    /// What it is: `RSA 2048`, `EC P-256`.
    pub fn kind(&self) -> String {
        match &self.0 {
            Kind::Rsa(key) => format!("RSA {}", key.n().bit_width_vartime()),
            Kind::P256(_) => "EC P-256".to_owned(),
            Kind::P384(_) => "EC P-384".to_owned(),
        }
    }

    /// The algorithm that this key signs with where none is named.
    pub const fn usual_algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::Rsa(_) => Algorithm::RSA_SHA256,
            Kind::P256(_) => Algorithm { scheme: Scheme::Ecdsa, hash: Hash::Sha256 },
            Kind::P384(_) => Algorithm { scheme: Scheme::Ecdsa, hash: Hash::Sha384 },
        }
    }

    /// The RSA key, where it is one.
    pub fn as_rsa(&self) -> Option<&rsa::PrivateKey> {
        match &self.0 {
            Kind::Rsa(key) => Some(key),
            Kind::P256(_) | Kind::P384(_) => None,
        }
    }

    /// SHA-256 of the public key's DER form, as
    /// [`Certificate::key_hash`](super::certificate::Certificate::key_hash) has it.
    pub fn public_key_hash(&self) -> [u8; 32] {
        let der = match &self.0 {
            Kind::Rsa(key) => key.to_public_key().to_public_key_der(),
            Kind::P256(key) => key.public_key().to_public_key_der(),
            Kind::P384(key) => key.public_key().to_public_key_der(),
        };
        Sha256::digest(der.map(|der| der.as_bytes().to_vec()).unwrap_or_default()).into()
    }

    /// The value of a signature over some octets. The same octets give the same value: ECDSA takes its number
    /// from RFC 6979, and PSS the salt that is given or else one made of the octets.
    pub fn sign(
        &self,
        algorithm: Algorithm,
        octets: &[u8],
        salt: Option<&[u8]>,
    ) -> Result<Vec<u8>, KeyUseError> {
        let hashed = algorithm.hash.digest(octets);
        let names = || (self.kind(), algorithm.name());
        let too_short = || {
            let (key, algorithm) = names();
            KeyUseError::TooShort { key, algorithm }
        };
        match (&self.0, algorithm.scheme) {
            (Kind::Rsa(key), Scheme::RsaPkcs1) => {
                let padding = match algorithm.hash {
                    Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
                    Hash::Sha224 => Pkcs1v15Sign::new::<Sha224>(),
                    Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                    Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                    Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
                };
                padding.sign(None::<&mut Salt>, key, &hashed).map_err(|_| too_short())
            }
            (Kind::Rsa(key), Scheme::RsaPss) => {
                let salt = match salt {
                    Some(salt) => salt.to_vec(),
                    None => algorithm.hash.digest(&[b"salt ".as_slice(), &hashed].concat()),
                };
                pss(key, algorithm.hash, &hashed, salt).map_err(|_| too_short())
            }
            (Kind::P256(key), Scheme::Ecdsa) => {
                let key = p256::ecdsa::SigningKey::from(key);
                let value: Result<p256::ecdsa::Signature, _> = key.sign_prehash(&hashed);
                value.map(|value| value.to_bytes().to_vec()).map_err(|_| too_short())
            }
            (Kind::P384(key), Scheme::Ecdsa) => {
                let key = p384::ecdsa::SigningKey::from(key);
                let value: Result<p384::ecdsa::Signature, _> = key.sign_prehash(&hashed);
                value.map(|value| value.to_bytes().to_vec()).map_err(|_| too_short())
            }
            _ => {
                let (key, algorithm) = names();
                Err(KeyUseError::Kind { key, algorithm })
            }
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.kind())
    }
}

fn pss(
    key: &rsa::PrivateKey,
    hash: Hash,
    hashed: &[u8],
    salt: Vec<u8>,
) -> Result<Vec<u8>, rsa::Error> {
    fn with<D: sha2::Digest + sha2::digest::FixedOutputReset>(
        key: &rsa::PrivateKey,
        hashed: &[u8],
        salt: Vec<u8>,
    ) -> Result<Vec<u8>, rsa::Error> {
        let padding = Pss::<D> { blinded: false, digest: D::new(), salt_len: Some(salt.len()) };
        padding.sign(Some(&mut Salt(salt)), key, hashed)
    }
    match hash {
        Hash::Sha1 => with::<Sha1>(key, hashed, salt),
        Hash::Sha224 => with::<Sha224>(key, hashed, salt),
        Hash::Sha256 => with::<Sha256>(key, hashed, salt),
        Hash::Sha384 => with::<Sha384>(key, hashed, salt),
        Hash::Sha512 => with::<Sha512>(key, hashed, salt),
    }
}

/// Stands where random bytes are asked for and gives the salt, so that signing is repeatable.
struct Salt(Vec<u8>);

impl TryRng for Salt {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for (byte, salt) in bytes.iter_mut().zip(self.0.iter().cycle()) {
            *byte = *salt;
        }
        Ok(())
    }
}

impl TryCryptoRng for Salt {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::certificate::Certificate;

    macro_rules! key {
        ($name:literal) => {
            include_str!(concat!("../../fixtures/keys/signing/", $name, ".key.pem"))
        };
    }
    macro_rules! certificate {
        ($name:literal) => {
            include_str!(concat!("../../fixtures/keys/signing/", $name, ".cert.pem"))
        };
    }

    #[test]
    fn every_form_of_key_is_read_and_fits_its_certificate() {
        for (key, certificate, kind) in [
            (key!("test"), certificate!("test"), "RSA 2048"),
            (key!("stranger"), certificate!("stranger"), "RSA 2048"),
            (key!("p256"), certificate!("p256"), "EC P-256"),
            (key!("p384"), certificate!("p384"), "EC P-384"),
        ] {
            let key = PrivateKey::from_pem(key).unwrap();
            let der = &pem::blocks(certificate).unwrap()[0].der;
            assert_eq!(key.kind(), kind);
            assert_eq!(key.public_key_hash(), Certificate::from_der(der).unwrap().key_hash);
            assert_eq!(format!("{key:?}"), format!("PrivateKey({kind})"));
        }
    }

    #[test]
    fn a_signature_is_repeatable_and_verifies_with_the_public_key() {
        let key = PrivateKey::from_pem(key!("test")).unwrap();
        let public = key.as_rsa().unwrap().to_public_key();
        let pkcs1 = key.sign(Algorithm::RSA_SHA256, b"text", None).unwrap();
        public.pkcs1v15_verify::<Sha256>(b"text", &pkcs1).unwrap();
        assert!(public.pkcs1v15_verify::<Sha256>(b"texts", &pkcs1).is_err());
        let algorithm = Algorithm { scheme: Scheme::RsaPss, hash: Hash::Sha384 };
        let pss = key.sign(algorithm, b"text", None).unwrap();
        assert_eq!(key.sign(algorithm, b"text", None).unwrap(), pss);
        public.pss_verify::<Sha384>(b"text", &pss).unwrap();
        let salted = key.sign(algorithm, b"text", Some(&[7; 48])).unwrap();
        assert_ne!(salted, pss);
        public.pss_verify::<Sha384>(b"text", &salted).unwrap();
    }

    #[test]
    fn ecdsa_gives_the_value_of_rfc_6979() {
        // RFC 6979 A.2.5: the key, the message `sample`, SHA-256.
        let scalar = [
            0xC9, 0xAF, 0xA9, 0xD8, 0x45, 0xBA, 0x75, 0x16, 0x6B, 0x5C, 0x21, 0x57, 0x67, 0xB1,
            0xD6, 0x93, 0x4E, 0x50, 0xC3, 0xDB, 0x36, 0xE8, 0x9B, 0x12, 0x7B, 0x8A, 0x62, 0x2B,
            0x12, 0x0F, 0x67, 0x21,
        ];
        let key = PrivateKey(Kind::P256(p256::SecretKey::from_slice(&scalar).unwrap()));
        let value = key.sign(key.usual_algorithm(), b"sample", None).unwrap();
        let hex: Vec<String> = value.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(
            hex.concat(),
            "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
             F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
        );
    }

    #[test]
    fn what_is_no_usable_key_says_what_it_is() {
        let failed = |text: &str| PrivateKey::from_pem(text).unwrap_err().to_string();
        assert_eq!(
            failed(certificate!("test")),
            "PEM of `CERTIFICATE`, expected `PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`"
        );
        let block = |label: &str, body: &str| {
            format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
        };
        assert_eq!(
            failed(&block("ENCRYPTED PRIVATE KEY", "MAA=")),
            "an encrypted private key, expected one without a passphrase"
        );
        assert_eq!(
            failed(&block("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nMAA=")),
            "an encrypted private key, expected one without a passphrase"
        );
        for (label, form) in [
            ("PRIVATE KEY", "PKCS#8"),
            ("RSA PRIVATE KEY", "PKCS#1"),
            ("EC PRIVATE KEY", "SEC1 on P-256 or P-384"),
        ] {
            let expected = format!("a private key that cannot be read as {form}");
            assert_eq!(failed(&block(label, "MAA=")), expected);
        }
        // Ed25519 (RFC 8410 10.3).
        let ed = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
        assert!(failed(&block("PRIVATE KEY", ed)).contains("algorithm `1.3.101.112`"));
    }

    #[test]
    fn a_key_of_another_kind_than_the_algorithm_cannot_sign() {
        let key = PrivateKey::from_pem(key!("p256")).unwrap();
        let error = key.sign(Algorithm::RSA_SHA256, b"", None).unwrap_err();
        assert_eq!(error.to_string(), "a key of EC P-256 cannot sign with `rsa-sha256`");
    }
}
