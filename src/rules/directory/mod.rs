//! `directory`: users, groups and memberships.

use super::Rule;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[];
