//! SAML documents: XML read strictly and within limits, provider metadata, certificates.
//!
//! Nothing here knows where a document came from; places are bytes and lines within it.
//!
//! ```
//! use rolecall::saml::metadata::Metadata;
//!
//! let text = r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="http://www.okta.com/exk1">
//!   <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>
//! </EntityDescriptor>"#;
//! let metadata = Metadata::parse(text)?;
//! assert_eq!(metadata.entity_ids().collect::<Vec<_>>(), ["http://www.okta.com/exk1"]);
//! assert_eq!(metadata.signing_keys().count(), 0);
//! # Ok::<(), rolecall::saml::metadata::MetadataError>(())
//! ```

mod algorithm;
pub mod aws;
pub mod bindings;
pub mod c14n;
pub mod capture;
pub mod certificate;
pub mod decrypt;
pub mod detached;
pub mod issue;
pub mod key;
pub mod library;
pub mod metadata;
pub mod mutate;
pub mod opened;
pub mod outline;
pub mod pem;
mod pkcs1;
pub mod private_key;
pub mod redact;
pub mod response;
#[cfg(feature = "samael")]
pub mod samael;
pub mod sign;
pub mod signature;
pub mod test_key;
pub mod verify;
pub mod xml;

pub use library::Library;
