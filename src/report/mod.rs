//! Answers as text, JSON, CSV, SARIF and whatever else reads them. Nothing is decided, sorted or looked up here.

pub mod answer;
pub mod captured_json;
mod check_github;
mod check_gitlab;
pub mod check_json;
mod check_junit;
mod check_markdown;
mod check_sarif;
pub mod check_text;
pub mod checked;
pub mod diff;
pub mod expect;
pub(crate) mod filter;
pub mod init;
mod junit;
pub(crate) mod markdown;
pub mod naming;
pub mod review;
pub mod rows;
pub mod rules;
mod safe_json;
pub mod saml_kinds;
#[cfg(feature = "samael")]
pub(crate) mod saml_opinion;
pub(crate) mod saml_outline;
pub(crate) mod saml_verification;
pub(crate) mod saml_xml;
pub mod screen;
mod snippet;
pub mod suggest;
pub mod trust_decision;
mod workflow;
pub mod wrap;
