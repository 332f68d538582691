//! The federation and its parts, in types that cannot be wrong.

pub mod account;
pub mod arn;
pub mod group_source;
