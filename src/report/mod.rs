//! Answers as text, JSON, JSON Lines and CSV. Nothing is decided, sorted or looked up here.

pub mod answer;
pub(crate) mod filter;
pub mod rows;
