//! Group names to SAML Role values, as Okta does it.

mod align;
pub mod analysis;
pub mod app_filter;
pub(crate) mod confusable;
pub mod explain;
pub mod grammar;
pub mod group_filter;
pub mod java;
pub mod layout;
pub mod nearest;
pub mod role_value;
pub mod settings;
mod shape;
pub mod stop;
pub mod trial;
