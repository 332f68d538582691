//! `rolecall diff` and `rolecall what-if`: who gains and loses which role, and why.

pub(super) mod diff;
mod edits;
mod gate;
mod output;
pub(super) mod what_if;
