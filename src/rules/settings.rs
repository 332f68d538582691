//! What a project says about the rules: levels, numbers, which roles are of the admin tier.

use std::collections::BTreeMap;

use crate::entitlement::sign_in::SignInSettings;
use crate::finding::{RuleInfo, Severity};

pub use crate::entitlement::wildcard::fits;

/// What a project says about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// It does not run.
    Off,
    /// It runs with the severities it computes.
    On,
    /// It runs, and every finding of it has this severity.
    Severity(Severity),
}

/// What role groups may name; a list that is empty says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Naming {
    /// Account aliases; `*` stands for any text.
    pub aliases: Vec<String>,
    /// Role names; `*` stands for any text.
    pub roles: Vec<String>,
}

/// Roles that nobody may hold together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forbidden {
    /// What the project calls it, or its roles.
    pub name: String,
    /// Patterns of roles; one of each is too much.
    pub together: Vec<String>,
    /// Whether only roles of one account count together.
    pub same_account: bool,
}

/// A class of users that must not reach the admin tier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeptOut {
    /// What the project calls it.
    pub name: String,
    /// Patterns of logins; `*` stands for any text, case does not matter.
    pub users_like: Vec<String>,
    /// Groups, whose users are meant, those in nested groups too.
    pub groups: Vec<String>,
    /// Patterns of roles, instead of those of the admin tier.
    pub roles: Vec<String>,
}

/// Settings of the rules, from `rolecall.toml` and flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Levels by rule id, or by group (`naming`) for all of its rules; the id outranks the group.
    pub levels: BTreeMap<String, Level>,
    /// Numbers by rule id and option name.
    pub options: BTreeMap<(String, String), i64>,
    /// Role names of the admin tier; `*` stands for any text, case does not matter.
    pub admin_roles: Vec<String>,
    /// The project's own convention for names of role groups.
    pub naming: Naming,
    /// Roles that nobody may hold together.
    pub forbidden: Vec<Forbidden>,
    /// Classes of users that must not reach roles of the admin tier, or others.
    pub kept_out: Vec<KeptOut>,
    /// Regions whose sign-in endpoints trust policies are to admit.
    pub regions: Vec<String>,
    /// What sign-ins present to AWS, where it is not what the exports say.
    pub sign_in: SignInSettings,
    /// The time of the run in seconds since 1970, where a rule needs it.
    pub at: Option<i64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            levels: BTreeMap::new(),
            options: BTreeMap::new(),
            admin_roles: vec!["*admin*".to_owned()],
            naming: Naming::default(),
            forbidden: Vec::new(),
            kept_out: Vec::new(),
            regions: Vec::new(),
            sign_in: SignInSettings::default(),
            at: None,
        }
    }
}

impl Settings {
    /// What is said about a rule, or its own default.
    pub fn level(&self, rule: &RuleInfo) -> Level {
        let group = rule.id.split_once('/').map_or(rule.id, |(group, _)| group);
        let usual = if rule.on { Level::On } else { Level::Off };
        let of_group = match self.levels.get(group) {
            // A whole group turned on keeps what is off by default off.
            Some(Level::On | Level::Severity(_)) if !rule.on => None,
            level => level.copied(),
        };
        self.levels.get(rule.id).copied().or(of_group).unwrap_or(usual)
    }

    /// The number of a rule's option: set, or its default; 0 for an option the rule does not declare.
    pub fn number(&self, rule: &RuleInfo, name: &str) -> i64 {
        let set = self.options.get(&(rule.id.to_owned(), name.to_owned())).copied();
        let declared = rule.options.iter().find(|option| option.name == name);
        set.or(declared.map(|option| option.default)).unwrap_or(0)
    }

    /// Whether a role is of the admin tier.
    pub fn is_admin(&self, role: &str) -> bool {
        let role = role.to_lowercase();
        self.admin_roles.iter().any(|pattern| fits(&pattern.to_lowercase(), &role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::RuleOption;

    const RULE: RuleInfo = RuleInfo {
        id: "naming/too-long",
        summary: "",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[RuleOption { name: "max", default: 64, meaning: "characters" }],
        since: "0.1.0",
        explanation: "",
        remediation: "",
        references: &[],
    };

    #[test]
    fn a_rule_s_own_level_outranks_its_group_s_and_its_default() {
        let mut settings = Settings::default();
        assert_eq!(settings.level(&RULE), Level::On);
        settings.levels.insert("naming".to_owned(), Level::Off);
        assert_eq!(settings.level(&RULE), Level::Off);
        settings.levels.insert(RULE.id.to_owned(), Level::Severity(Severity::Note));
        assert_eq!(settings.level(&RULE), Level::Severity(Severity::Note));
    }

    #[test]
    fn a_group_turned_on_leaves_its_optional_rules_off() {
        let optional = RuleInfo { on: false, ..RULE };
        let mut settings = Settings::default();
        settings.levels.insert("naming".to_owned(), Level::On);
        assert_eq!(settings.level(&optional), Level::Off);
        settings.levels.insert(RULE.id.to_owned(), Level::On);
        assert_eq!(settings.level(&optional), Level::On);
    }

    #[test]
    fn a_number_is_the_one_set_or_the_default() {
        let mut settings = Settings::default();
        assert_eq!(settings.number(&RULE, "max"), 64);
        settings.options.insert((RULE.id.to_owned(), "max".to_owned()), 100);
        assert_eq!(settings.number(&RULE, "max"), 100);
    }

    #[test]
    fn admin_roles_fit_a_pattern_ignoring_case() {
        let settings = Settings::default();
        assert!(settings.is_admin("OrgAdministrator"));
        assert!(!settings.is_admin("ReadOnly"));
    }
}
