//! The integration tests, one binary.

mod config;
mod demo;
mod directory_formats;
mod filter;
mod java_table;
mod program;
mod support;
mod worlds;
