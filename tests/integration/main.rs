//! Integration tests, one binary.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

mod aws_formats;
mod okta_formats;
