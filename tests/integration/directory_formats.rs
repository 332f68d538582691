//! Directory exports, read from files.
