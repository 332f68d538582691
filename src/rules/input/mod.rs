//! `input`: what the exports themselves suffered.

use super::Rule;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[];
