//! Group names to SAML Role values, as Okta does it.

pub mod app_filter;
pub mod group_filter;
pub mod java;
pub mod role_value;
pub mod settings;
