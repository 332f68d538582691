//! Group names to SAML Role values, as Okta does it.

pub mod app_filter;
pub mod role_value;
