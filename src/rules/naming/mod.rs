//! `naming`: names of role groups.

mod filter_near_miss;

use super::Rule;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[&filter_near_miss::RULE];
