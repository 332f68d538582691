//! The rules: each asks one question of the whole federation and answers with findings.
//!
//! A rule asks, an engine answers: nothing here reads a pattern, an ARN or a policy.

mod arn;
mod directory;
mod input;
mod mapping;
mod naming;
mod run;
pub mod settings;
mod trust;

use std::sync::OnceLock;

use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_policies::RolePolicies;
use crate::finding::{Finding, RuleInfo};
use crate::mapping::settings::MappingError;
use crate::model::federation::Federation;
use settings::Settings;

pub use run::{Counts, Cut, FINDINGS_SHOWN, NotChecked, Outcome, run};
pub use trust::review_policy;

/// Ids of rules that are gone; none may come back with another meaning.
pub const RETIRED: &[&str] = &[];

/// The rules by group, groups and rules sorted by id.
const GROUPS: &[&[&Rule]] =
    &[arn::RULES, directory::RULES, input::RULES, mapping::RULES, naming::RULES, trust::RULES];

/// A rule: what is known of it, and the question it asks.
#[derive(Debug)]
pub struct Rule {
    /// What is known of it without running it.
    pub info: RuleInfo,
    /// Asks the question: every finding, or why it cannot be asked.
    pub check: fn(&Context<'_>) -> Result<Vec<Finding>, CannotCheck>,
}

/// What rules may ask about.
#[derive(Debug)]
pub struct Context<'c> {
    /// Everything the exports say.
    pub federation: &'c Federation,
    /// Who gets what, or why the settings do not let that be told.
    pub entitlements: Result<&'c Entitlements<'c>, &'c MappingError>,
    /// What the project says about the rules.
    pub settings: &'c Settings,
    /// Every trust policy, once somebody asks.
    policies: OnceLock<RolePolicies<'c>>,
}

impl<'c> Context<'c> {
    /// Joins the parts.
    pub fn new(
        federation: &'c Federation,
        entitlements: Result<&'c Entitlements<'c>, &'c MappingError>,
        settings: &'c Settings,
    ) -> Self {
        Self { federation, entitlements, settings, policies: OnceLock::new() }
    }

    /// Every role's trust policy, each read once a run.
    pub fn policies(&self) -> &RolePolicies<'c> {
        self.policies.get_or_init(|| RolePolicies::read(self.federation))
    }

    /// The entitlements, for a rule that is nothing without them.
    pub fn entitlements(&self) -> Result<&'c Entitlements<'c>, CannotCheck> {
        self.entitlements.map_err(|error| CannotCheck(error.to_string()))
    }

    /// The entitlements, for a rule about the names of groups: nothing where `samlRoles` decide instead.
    pub fn group_mapping(&self) -> Result<&'c Entitlements<'c>, CannotCheck> {
        let entitlements = self.entitlements()?;
        if entitlements.mapping.maps_groups() {
            return Ok(entitlements);
        }
        Err(CannotCheck(
            "Use Group Mapping is off, so Okta ignores the Group Filter and the names of groups"
                .to_owned(),
        ))
    }
}

/// Why a rule could not be checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CannotCheck(pub String);

/// Every rule, sorted by id.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().copied().flatten().copied()
}

/// The rule of an id.
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.info.id == id)
}
