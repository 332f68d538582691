//! The integration tests, one binary.

mod architecture;
mod aws_formats;
mod directory_formats;
mod docs;
mod filter;
mod java_sets;
mod java_table;
mod okta_formats;
mod properties;
mod rules;
mod support;
mod worlds;
