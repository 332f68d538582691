//! What changes between two federations: who gains and loses which role, and what caused it.

mod aws;
mod cause;
mod chains;
mod compare;
mod describe;
pub mod fact;
pub mod filters;
pub mod hypothesis;
pub mod level;
mod mapped;
pub mod matching;
pub mod outcome;
pub mod phrase;
pub mod side;
pub mod targets;
pub mod two;
