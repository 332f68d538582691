//! The integration tests, one binary.

mod directory_formats;
mod filter;
mod java_table;
mod properties;
mod support;
mod worlds;
