//! The rules: each asks one question of the whole federation and answers with findings.
//!
//! A rule asks, an engine answers: nothing here reads a pattern, an ARN or a policy.

mod access;
mod arn;
mod assertion;
mod config;
mod directory;
mod documents;
mod drift;
mod input;
mod mapping;
mod naming;
mod provider;
mod run;
pub mod settings;
mod signature;
mod suppress;
mod trust;

use std::sync::OnceLock;

use crate::entitlement::account_ids::{SpoiledId, spoiled};
use crate::entitlement::captures::{Captured, Captures};
use crate::entitlement::exported_roles::ExportedRoles;
use crate::entitlement::holdings::Holdings;
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_policies::RolePolicies;
use crate::finding::{Finding, RuleInfo};
use crate::mapping::grammar::NamingGrammar;
use crate::mapping::settings::MappingError;
use crate::model::federation::Federation;
use crate::saml::Library;
use settings::Settings;

pub use run::{
    Counts, Cut, FINDINGS_SHOWN, NotChecked, Outcome, Suppress, Suppressed, SuppressedCounts,
    Suppression, run, run_but,
};
pub use suppress::{Against, Baseline, Compared, OF_CONFIGURATION, WaiverUse, run_against};
pub use trust::review_policy;

/// Ids of rules that are gone; none may come back with another meaning.
pub const RETIRED: &[&str] = &[];

/// The rules by group, groups and rules sorted by id.
const GROUPS: &[&[&Rule]] = &[
    access::RULES,
    arn::RULES,
    assertion::RULES,
    config::RULES,
    directory::RULES,
    drift::RULES,
    input::RULES,
    mapping::RULES,
    naming::RULES,
    provider::RULES,
    signature::RULES,
    trust::RULES,
];

/// Groups of rules, and rules, about captured sign-ins alone; without any they have nothing to say.
const OF_CAPTURES: [&str; 3] = ["assertion", "drift/assertion-gap", "signature"];

/// Further rules and groups that look at captured sign-ins.
const CAPTURES_TOO: [&str; 3] = ["arn", "drift/missing-role", "provider/missing"];

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
    /// The sign-ins that were captured, and what they are held against.
    pub captures: &'c Captures,
    /// What the rules look at.
    pub scope: Scope,
    /// The metadata documents read so far.
    pub library: Library,
    /// What the run says of each waiver, once every other rule was asked.
    waiver_uses: OnceLock<Vec<WaiverUse>>,
    /// Every trust policy, once somebody asks.
    policies: OnceLock<RolePolicies<'c>>,
    /// The exported roles of targets, once somebody asks.
    exported_roles: OnceLock<Result<ExportedRoles<'c>, CannotCheck>>,
    /// Account ids that lost something, once somebody asks.
    spoiled_ids: OnceLock<Vec<SpoiledId>>,
    /// The grammar of names, once somebody asks.
    grammar: OnceLock<Option<NamingGrammar>>,
    /// What everybody holds, once somebody asks.
    holdings: OnceLock<Result<Holdings<'c>, CannotCheck>>,
}

/// What rules look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    Everything,
    /// Captured sign-ins; the federation is what they are held against.
    Captures,
}

/// Nothing captured.
static NO_CAPTURES: Captures = Captures::NONE;

impl<'c> Context<'c> {
    /// Joins the parts; nothing is captured.
    pub fn new(
        federation: &'c Federation,
        entitlements: Result<&'c Entitlements<'c>, &'c MappingError>,
        settings: &'c Settings,
    ) -> Self {
        Self {
            federation,
            entitlements,
            settings,
            captures: &NO_CAPTURES,
            scope: Scope::Everything,
            library: Library::default(),
            waiver_uses: OnceLock::new(),
            policies: OnceLock::new(),
            exported_roles: OnceLock::new(),
            spoiled_ids: OnceLock::new(),
            grammar: OnceLock::new(),
            holdings: OnceLock::new(),
        }
    }

    /// With sign-ins that were captured.
    #[must_use]
    pub fn with_captures(self, captures: &'c Captures, scope: Scope) -> Self {
        Self { captures, scope, ..self }
    }

    /// The captured sign-ins, for a rule that is nothing without them.
    fn captured(&self) -> Result<&'c [Captured], CannotCheck> {
        if self.captures.all.is_empty() {
            return Err(CannotCheck("no sign-in was captured".to_owned()));
        }
        Ok(&self.captures.all)
    }

    /// Whether a rule has anything to look at.
    fn concerns(&self, rule: &RuleInfo) -> bool {
        let group = rule.id.split_once('/').map_or(rule.id, |(group, _)| group);
        if group == OF_CONFIGURATION {
            return self.waiver_uses.get().is_some_and(|uses| !uses.is_empty());
        }
        let is_of_captures = OF_CAPTURES.contains(&group) || OF_CAPTURES.contains(&rule.id);
        match self.scope {
            Scope::Everything => !is_of_captures || !self.captures.all.is_empty(),
            Scope::Captures => {
                is_of_captures || CAPTURES_TOO.contains(&group) || CAPTURES_TOO.contains(&rule.id)
            }
        }
    }

    /// Every role's trust policy, each read once a run.
    pub fn policies(&self) -> &RolePolicies<'c> {
        self.policies.get_or_init(|| RolePolicies::read(self.federation))
    }

    /// Every account id that lost something, looked for once a run.
    fn spoiled_ids(&self) -> &[SpoiledId] {
        self.spoiled_ids.get_or_init(|| spoiled(self.federation, self.entitlements.ok()))
    }

    /// The grammar of names that the project declares, if it does.
    fn grammar(&self) -> Result<Option<&NamingGrammar>, CannotCheck> {
        let known = self.federation.accounts.in_use();
        let grammar = self.grammar.get_or_init(|| self.settings.naming.grammar(known)).as_ref();
        if grammar.is_some_and(NamingGrammar::is_empty) {
            return Err(CannotCheck(
                "`accounts = \"known\"` in `[naming]`, and no `[[account]]` and no export names one".to_owned(),
            ));
        }
        Ok(grammar)
    }

    /// Works out what rules will ask for, before they are asked side by side: what takes all threads cannot wait
    /// for them in a rule, whose thread could be given another rule that asks for the same.
    fn prepare(&self, rules: &[(&'static Rule, settings::Level)]) {
        let asks = |groups: &[&str]| {
            let group = |rule: &RuleInfo| rule.id.split_once('/').map_or("", |(group, _)| group);
            rules.iter().any(|(rule, _)| groups.contains(&group(&rule.info)))
        };
        // Why it cannot be told is told to the rule that asks.
        if asks(&["access"]) {
            let _ = self.holdings();
        }
        if asks(&["arn", "drift", "mapping", "naming"]) {
            let _ = self.exported_roles();
        }
    }

    /// The roles that groups map to as exports have them, each looked up once a run.
    pub fn exported_roles(&self) -> Result<&ExportedRoles<'c>, CannotCheck> {
        let made = self.exported_roles.get_or_init(|| Ok(ExportedRoles::new(self.entitlements()?)));
        made.as_ref().map_err(Clone::clone)
    }

    /// What everybody holds, worked out once a run; for rules of the group `access`.
    pub fn holdings(&self) -> Result<&Holdings<'c>, CannotCheck> {
        let made = self.holdings.get_or_init(|| {
            let entitlements = self.entitlements()?;
            Holdings::new(entitlements).map_err(|error| CannotCheck(error.to_string()))
        });
        made.as_ref().map_err(Clone::clone)
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
