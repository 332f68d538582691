//! Offline test harness and linter for Okta-to-AWS federation by groups.

pub mod cli;
pub mod mapping;
pub mod model;
mod report;
pub mod text;
