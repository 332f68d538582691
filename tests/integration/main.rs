//! The integration tests, one binary.

mod architecture;
mod directory_formats;
mod docs;
mod filter;
mod java_table;
mod rules;
mod support;
mod worlds;
