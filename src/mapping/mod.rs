//! Group names to SAML Role values, as Okta does it.
