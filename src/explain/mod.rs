//! Why a user sees a role or does not: the questions a help desk asks.

pub mod lookup;
pub mod missing;
pub mod stages;
pub mod survey;
pub mod trust_review;
pub mod who;
pub mod why;
