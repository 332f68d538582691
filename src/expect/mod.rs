//! What a project expects of its federation, and whether it holds: the questions of `rolecall test`.
//!
//! All expectations are judged against one [`Holdings`](crate::entitlement::holdings::Holdings): users,
//! groups and roles that they name are looked up once, whoever names them.

mod coverage;
mod evidence;
mod expectation;
mod judge;
mod names;
mod of_roles;
mod of_users;
pub mod record;
mod verdict;

pub use coverage::{Coverage, coverage};
pub use expectation::{
    Assertion, Expectation, Key, Kind, RefusedRole, RoleChoice, Said, Select, Selector, Wants,
};
pub use judge::{Judge, judge};
pub use names::{Names, Tiers};
pub use verdict::{Case, Fact, Miss, Outcome, Verdict};
