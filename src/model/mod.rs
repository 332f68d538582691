//! The federation and its parts, in types that cannot be wrong.

pub mod account;
pub mod app;
pub mod arn;
pub mod aws;
pub mod declared;
pub mod defect;
pub mod directory;
pub mod export;
pub mod federation;
pub mod group_source;
pub mod moment;
pub mod names;
pub mod session;
pub mod spoiled_account;
