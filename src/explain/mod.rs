//! Why a user sees a role or does not: the questions a help desk asks.

pub mod captured;
pub mod missing;
pub mod naming;
pub mod survey;
pub mod ticket;
pub mod trust_review;
pub mod who;

pub use crate::entitlement::{lookup, why};
