//! Tests through the public library, on files.

mod directory_formats;
