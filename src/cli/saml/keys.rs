//! The keys that a command believes: certificates and provider metadata named on the command line.

use std::path::PathBuf;

use clap::Args;

use super::signer::{pem, refused};
use super::{CliError, read_bytes};
use crate::cli::files::plain;
use crate::entitlement::captures::Trusted;
use crate::saml::key::VerifyingKey;
use crate::saml::metadata::Metadata;
use crate::saml::private_key::PrivateKey;
use crate::saml::verify::KnownKeys;
use crate::text::Shown;

/// Keys that signatures are believed by.
#[derive(Debug, Clone, Args)]
pub(crate) struct KeyArgs {
    /// Certificate or public key to believe: PEM, DER or base64; a folder for all in it
    #[arg(long = "cert", value_name = "FILE")]
    certificates: Vec<PathBuf>,
    /// Provider metadata whose signing keys to believe
    #[arg(long, value_name = "FILE")]
    metadata: Vec<PathBuf>,
}

/// The key that opens encrypted assertions.
#[derive(Debug, Clone, Args)]
pub(crate) struct OpenArgs {
    /// Private key to open encrypted assertions with: PEM of an RSA key without a passphrase
    #[arg(long, value_name = "PEM")]
    key: Option<PathBuf>,
}

impl OpenArgs {
    /// Reads the key, where one was named.
    pub(crate) fn private_key(&self) -> Result<Option<PrivateKey>, CliError> {
        let Some(file) = &self.key else { return Ok(None) };
        let read = PrivateKey::from_pem(&pem(file)?);
        read.map(Some).map_err(|error| refused(file, &error.to_string()))
    }
}

/// Adds every key named, and the issuers of the metadata, to what is believed.
pub(crate) fn trusted(args: &KeyArgs, mut trusted: Trusted) -> Result<Trusted, CliError> {
    trusted.keys.extend(&known_keys(args)?);
    for file in &args.metadata {
        // It was read before, and could be.
        let text = String::from_utf8(read_bytes(file)?).unwrap_or_default();
        if let Ok(metadata) = Metadata::parse(&text) {
            trusted.add_issuers(&format!("`{}`", file.display()), &metadata);
        }
    }
    Ok(trusted)
}

/// Reads every key named.
pub(crate) fn known_keys(args: &KeyArgs) -> Result<KnownKeys, CliError> {
    let mut keys = KnownKeys::default();
    for path in &args.certificates {
        for file in files(path)? {
            let name = file.display().to_string();
            let read = VerifyingKey::read_file(&read_bytes(&file)?);
            let read = read.map_err(|error| {
                CliError::Message(format!("`{}` holds no key: {error}", Shown(&name)))
            })?;
            for (key, _) in read {
                keys.add(name.clone(), key);
            }
        }
    }
    for file in &args.metadata {
        let name = file.display().to_string();
        let refuse = |why: String| {
            CliError::Message(format!("`{}` is no provider metadata: {why}", Shown(&name)))
        };
        let bytes = read_bytes(file)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            refuse(format!("byte {} is not UTF-8", error.utf8_error().valid_up_to() + 1))
        })?;
        let metadata = Metadata::parse(&text).map_err(|error| refuse(error.to_string()))?;
        let mut count = 0;
        for (_, certificate) in metadata.signing_certificates() {
            keys.add_certificate(name.clone(), certificate)
                .map_err(|error| refuse(error.to_string()))?;
            count += 1;
        }
        if count == 0 {
            return Err(refuse("it has no key for signing, expected one or more".to_owned()));
        }
    }
    Ok(keys)
}

/// Every certificate named, in DER: what samael takes. A public key of its own is refused.
#[cfg(feature = "samael")]
pub(crate) fn certificates(args: &KeyArgs) -> Result<Vec<Vec<u8>>, CliError> {
    let mut all = Vec::new();
    for path in &args.certificates {
        for file in files(path)? {
            let name = file.display().to_string();
            let refuse = |why: String| {
                CliError::Message(format!("`{}` holds no certificate: {why}", Shown(&name)))
            };
            let read = VerifyingKey::read_file(&read_bytes(&file)?);
            for (_, certificate) in read.map_err(|error| refuse(error.to_string()))? {
                let bare = "a public key, expected the certificate that samael asks for";
                all.push(certificate.ok_or_else(|| refuse(bare.to_owned()))?.der.into_vec());
            }
        }
    }
    for file in &args.metadata {
        let text = String::from_utf8_lossy(&read_bytes(file)?).into_owned();
        let metadata = Metadata::parse(&text).map_err(|error| {
            let name = file.display().to_string();
            CliError::Message(format!("`{}` is no provider metadata: {error}", Shown(&name)))
        })?;
        all.extend(metadata.signing_certificates().map(|(_, one)| one.der.to_vec()));
    }
    Ok(all)
}

/// A file, or the files of a folder in the order of their names.
fn files(path: &PathBuf) -> Result<Vec<PathBuf>, CliError> {
    if !path.is_dir() {
        return Ok(vec![path.clone()]);
    }
    let refuse = |error: &std::io::Error| {
        let name = path.display().to_string();
        CliError::Message(format!("`{}` cannot be read: {}", Shown(&name), plain(error)))
    };
    #[expect(clippy::disallowed_methods, reason = "this is where the folder is read")]
    let entries = std::fs::read_dir(path).map_err(|error| refuse(&error))?;
    let mut found = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| refuse(&error))?.path();
        if file.is_file() {
            found.push(file);
        }
    }
    found.sort();
    Ok(found)
}
