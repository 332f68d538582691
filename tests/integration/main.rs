//! The integration tests, one binary.

mod java_sets;
mod java_table;
