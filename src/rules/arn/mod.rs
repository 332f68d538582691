//! `arn`: the pairs of provider and role that names map to.

use super::Rule;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[];
