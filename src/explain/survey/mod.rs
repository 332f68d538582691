//! What a folder of exports holds, how a configuration names it, and which questions it leaves open.

mod missing;
mod sources;

pub use missing::{Missing, Reason, missing, that_tell};
pub use sources::{Entry, File, entries};
