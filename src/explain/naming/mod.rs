//! The declared grammar of names: whether its Group Filter is right, and which grammar the names there are have.

mod proof;
mod proposal;

pub use proof::{Present, Proof, Real};
pub use proposal::{CannotPropose, Proposal, propose};
