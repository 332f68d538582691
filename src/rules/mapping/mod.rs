//! `mapping`: the settings of the Okta AWS app.

use super::Rule;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[];
