//! `drift`: sources that disagree.

mod iac_app;
mod iac_deployed;

use super::Rule;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[&iac_app::RULE, &iac_deployed::RULE];
