//! Group names to SAML Role values, as Okta does it.

pub mod group_filter;
pub mod java;
