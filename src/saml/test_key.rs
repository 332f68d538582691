//! The public TEST keys that are embedded here, to issue and share messages without real ones.
//!
//! Anybody can sign with them, so no provider may ever trust one.

use super::certificate::Certificate;
use super::pem;
use super::private_key::PrivateKey;

/// Its private key in PEM.
pub const KEY: &str = include_str!("../../fixtures/keys/signing/test.key.pem");
/// Its certificate in PEM.
pub const CERTIFICATE: &str = include_str!("../../fixtures/keys/signing/test.cert.pem");
/// The private key of a second one, which stands for somebody unknown.
pub const STRANGER_KEY: &str = include_str!("../../fixtures/keys/signing/stranger.key.pem");
/// The certificate of the second one.
pub const STRANGER_CERTIFICATE: &str =
    include_str!("../../fixtures/keys/signing/stranger.cert.pem");
/// The private key of one on P-256.
pub const P256_KEY: &str = include_str!("../../fixtures/keys/signing/p256.key.pem");
/// The certificate of the one on P-256.
pub const P256_CERTIFICATE: &str = include_str!("../../fixtures/keys/signing/p256.cert.pem");
/// The private key of one on P-384.
pub const P384_KEY: &str = include_str!("../../fixtures/keys/signing/p384.key.pem");
/// The certificate of the one on P-384.
pub const P384_CERTIFICATE: &str = include_str!("../../fixtures/keys/signing/p384.cert.pem");

/// The private key of one of RSA 1024.
pub const SHORT_KEY: &str = include_str!("../../fixtures/keys/signing/short.key.pem");
/// The certificate of the one of RSA 1024.
pub const SHORT_CERTIFICATE: &str = include_str!("../../fixtures/keys/signing/short.cert.pem");
/// A certificate of the second one that is expired.
pub const EXPIRED_CERTIFICATE: &str = include_str!("../../fixtures/keys/signing/expired.cert.pem");

/// A private key and its certificate.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The private key.
    pub key: PrivateKey,
    /// Its certificate.
    pub certificate: Certificate,
}

/// Why key and certificate do not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The key cannot be read.
    #[error(transparent)]
    Key(#[from] super::private_key::PrivateKeyError),
    /// The certificate is no PEM.
    #[error(transparent)]
    Pem(#[from] pem::PemError),
    /// No certificate in it.
    #[error("PEM without a `CERTIFICATE`, expected one")]
    NoCertificate,
    /// The certificate cannot be read.
    #[error(transparent)]
    Certificate(#[from] super::certificate::CertificateError),
    /// They do not belong together.
    #[error(
        "the certificate is of another key than the private key, expected the certificate of that key"
    )]
    Mismatch,
}

impl Signer {
    /// Reads a private key and its certificate, both PEM.
    pub fn from_pem(key: &str, certificate: &str) -> Result<Self, SignerError> {
        let key = PrivateKey::from_pem(key)?;
        let blocks = pem::blocks(certificate)?;
        let block = blocks.iter().find(|block| block.label == "CERTIFICATE");
        let block = block.ok_or(SignerError::NoCertificate)?;
        let certificate = Certificate::from_der(&block.der)?;
        if certificate.key_hash != key.public_key_hash() {
            return Err(SignerError::Mismatch);
        }
        Ok(Self { key, certificate })
    }

    /// The embedded TEST key.
    pub fn test() -> Result<Self, SignerError> {
        Self::from_pem(KEY, CERTIFICATE)
    }

    /// The embedded TEST key of a stranger.
    pub fn stranger() -> Result<Self, SignerError> {
        Self::from_pem(STRANGER_KEY, STRANGER_CERTIFICATE)
    }

    /// The embedded TEST key of a stranger, with a certificate that is expired.
    pub fn expired() -> Result<Self, SignerError> {
        Self::from_pem(STRANGER_KEY, EXPIRED_CERTIFICATE)
    }

    /// The embedded TEST key of a stranger that is too short.
    pub fn short() -> Result<Self, SignerError> {
        Self::from_pem(SHORT_KEY, SHORT_CERTIFICATE)
    }

    /// The embedded TEST key on P-256.
    pub fn p256() -> Result<Self, SignerError> {
        Self::from_pem(P256_KEY, P256_CERTIFICATE)
    }

    /// The embedded TEST key on P-384.
    pub fn p384() -> Result<Self, SignerError> {
        Self::from_pem(P384_KEY, P384_CERTIFICATE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_keys_fit_their_certificates_and_not_each_other() {
        assert_eq!(Signer::test().unwrap().key.kind(), "RSA 2048");
        assert!(Signer::test().unwrap().certificate.subject.contains("PUBLIC TEST KEY"));
        assert!(Signer::stranger().is_ok());
        assert!(Signer::expired().is_ok());
        assert_eq!(Signer::short().unwrap().key.kind(), "RSA 1024");
        assert_eq!(Signer::p256().unwrap().key.kind(), "EC P-256");
        assert_eq!(Signer::p384().unwrap().key.kind(), "EC P-384");
        assert_eq!(Signer::from_pem(KEY, STRANGER_CERTIFICATE).err(), Some(SignerError::Mismatch));
        assert_eq!(Signer::from_pem(KEY, KEY).err(), Some(SignerError::NoCertificate));
    }
}
