//! The key that signs: files of `--key` and `--cert`, or the public TEST key.

use std::path::{Path, PathBuf};

use clap::Args;

use super::read_bytes;
use crate::cli::CliError;
use crate::saml::test_key::{Signer, SignerError};
use crate::text::Shown;

/// With which key to sign.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct SignerArgs {
    /// Private key to sign with: PEM of PKCS#8, PKCS#1 or SEC1, without a passphrase (default: a public TEST key,
    /// which no provider should trust)
    #[arg(long, value_name = "PEM", requires = "cert")]
    key: Option<PathBuf>,
    /// Certificate of that key
    #[arg(long, value_name = "PEM", requires = "key")]
    cert: Option<PathBuf>,
}

impl SignerArgs {
    /// The key and its certificate; says so where it is the public TEST key.
    pub(super) fn signer(&self) -> Result<Signer, CliError> {
        let (Some(key), Some(certificate)) = (&self.key, &self.cert) else {
            crate::cli::warn(
                "signed with a public TEST key that anybody can sign with: no provider should ever trust it",
            );
            return Signer::test().map_err(|error| CliError::Message(error.to_string()));
        };
        let (key_text, certificate_text) = (pem(key)?, pem(certificate)?);
        Signer::from_pem(&key_text, &certificate_text).map_err(|error| {
            let of_key = matches!(error, SignerError::Key(_));
            refused(if of_key { key } else { certificate }, &error.to_string())
        })
    }
}

/// What is wrong with a file.
pub(super) fn refused(path: &Path, why: &str) -> CliError {
    let name = path.display().to_string();
    CliError::Message(format!("`{}`: {}", Shown(&name), Shown(why)))
}

/// The text of a PEM file.
pub(super) fn pem(path: &Path) -> Result<String, CliError> {
    String::from_utf8(read_bytes(path)?).map_err(|_| refused(path, "not UTF-8, expected PEM"))
}
