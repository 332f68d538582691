//! The integration tests, one binary.

mod aws_formats;
mod directory_formats;
mod filter;
mod java_sets;
mod java_table;
mod okta_formats;
mod support;
mod worlds;
