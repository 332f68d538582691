//! The integration tests, one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "test code"
)]

mod admission;
mod architecture;
mod aws_formats;
mod bad_input;
mod build_log;
mod canary;
mod changes;
mod code_formats;
mod config;
mod config_schema;
mod console;
mod declared;
mod demo;
mod directory_formats;
mod docs;
mod expect;
mod filter;
mod fixes;
mod help_desk;
mod hostile;
mod init;
mod java_naming;
mod java_sets;
mod java_table;
mod limit_table;
mod limits;
mod naming;
mod naming_commands;
mod nesting;
mod okta_formats;
mod outputs;
mod program;
mod properties;
mod readme;
mod reconcile;
mod reconcile_commands;
mod reports;
mod rules;
mod saml;
mod saml_attacks;
mod saml_c14n;
mod saml_captures;
mod saml_check;
mod saml_corpus;
mod saml_issue;
mod saml_opened;
mod saml_properties;
mod saml_readers;
mod saml_redirect;
mod saml_verify;
mod schema;
mod screens;
mod shell;
mod support;
mod terraform_formats;
mod trust;
mod trust_commands;
mod trust_mending;
mod trust_rules;
mod trust_unknown;
mod waivers;
mod walks;
mod worlds;
