//! The integration tests, one binary.

mod directory_formats;
mod java_table;
