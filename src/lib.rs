//! Offline test harness and linter for Okta-to-AWS federation by groups.

pub mod cli;
pub mod config;
pub mod entitlement;
pub mod explain;
pub mod finding;
pub mod mapping;
pub mod model;
pub mod report;
pub mod rules;
pub mod sources;
pub mod text;
pub mod trust;
