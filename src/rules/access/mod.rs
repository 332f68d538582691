//! `access`: who ends up with what.

mod alike_entries;
mod rejected_entry;
mod unreachable_role;

use super::Rule;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] =
    &[&alike_entries::RULE, &rejected_entry::RULE, &unreachable_role::RULE];
