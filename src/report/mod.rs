//! Outcomes written out, one file a format or subject.

pub(crate) mod filter;
