//! Users to role-picker entries, each with its derivation: the one engine behind every question.
//!
//! Everything that belongs to a group (what its name maps to, whether its source is admitted, which role
//! groups its members reach through nesting) is computed once a group; a user costs no more than the
//! union of what their direct groups grant.

pub mod account_ids;
pub mod admission;
pub mod assertion_gap;
pub mod captured;
pub mod captures;
pub mod combination;
pub mod cut;
pub mod derivation;
pub mod exported_roles;
pub mod holdings;
pub mod issued;
pub mod lookup;
pub mod names;
pub use crate::text::near;
pub mod nesting;
pub mod picker;
pub mod presented;
mod reach;
pub mod reachable;
pub mod refusal;
pub mod resolve;
pub mod role_group;
pub mod role_names;
pub mod role_policies;
pub mod shared_roles;
pub mod sign_in;
pub mod stage;
mod stages;
pub mod why;
pub mod wildcard;
