//! The integration tests, one binary.

mod filter;
mod java_table;
