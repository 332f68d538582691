//! What a project says about the rules: levels, numbers, which roles are of the admin tier.

use std::collections::{BTreeMap, BTreeSet};

use crate::entitlement::sign_in::SignInSettings;
use crate::finding::{RuleInfo, Severity};
use crate::mapping::grammar::Declaration;
use crate::model::account::{AccountId, Partition, Tier};
use crate::model::aws::Accounts;
use crate::model::moment::Moment;
use crate::text::Place;

pub use crate::entitlement::wildcard::fits;

/// What a project says about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// It does not run.
    Off,
    /// It runs with the severities it computes.
    On,
    /// It runs, and every finding of it has this severity.
    Severity(Severity),
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

/// Findings that a project accepts, known by what they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// Id of a rule, or name of a group.
    pub rule: String,
    /// Subject of the findings; `*` stands for any text.
    pub subject: String,
    /// Why they are accepted.
    pub reason: String,
    /// First second of the last day on which they are.
    pub expires: Moment,
    /// Line of the configuration, counted from one.
    pub line: u32,
    /// The same as a place of the run.
    pub place: Place,
}

/// Settings of the rules, from `rolecall.toml` and flags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// Levels by rule id, or by group (`naming`) for all of its rules; the id outranks the group.
    pub levels: BTreeMap<String, Level>,
    /// Numbers by rule id and option name.
    pub options: BTreeMap<(String, String), i64>,
    /// Roles by tier.
    pub tiers: Tiers,
    /// The partition of the accounts, where the project says it.
    pub partition: Option<Partition>,
    /// What the names of role groups are made of, as the project says.
    pub naming: Declaration,
    /// Roles that nobody may hold together.
    pub forbidden: Vec<Forbidden>,
    /// Classes of users that must not reach roles of the admin tier, or others.
    pub kept_out: Vec<KeptOut>,
    /// Findings that are accepted.
    pub waivers: Vec<Waiver>,
    /// Rules that are on and were left out of this run.
    pub left_out: BTreeSet<String>,
    /// Regions whose sign-in endpoints trust policies are to admit.
    pub regions: Vec<String>,
    /// What sign-ins present to AWS, where it is not what the exports say.
    pub sign_in: SignInSettings,
    /// The time of the run in seconds since 1970, where a rule needs it.
    pub at: Option<i64>,
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

    /// The tier of a role; one for emergencies is of the admin tier too.
    pub fn tier(&self, accounts: &Accounts, account: AccountId, role: &str) -> Option<Tier> {
        let holds = |tier: &Tier| self.tiers.holds(*tier, Some((accounts, account)), role);
        [Tier::BreakGlass, Tier::Admin].into_iter().find(holds)
    }

    /// Whether a role is of the admin tier.
    pub fn is_admin(&self, accounts: &Accounts, account: Option<AccountId>, role: &str) -> bool {
        self.tiers.holds(Tier::Admin, account.map(|id| (accounts, id)), role)
    }
}

/// Roles by tier: patterns of a role's name, or of `account/role` with the account's id or alias; `*` stands
/// for any text, case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tiers {
    /// Of the admin tier.
    pub admin: Vec<String>,
    /// For emergencies; they are of the admin tier too.
    pub break_glass: Vec<String>,
}

impl Default for Tiers {
    fn default() -> Self {
        Self { admin: vec!["*admin*".to_owned()], break_glass: Vec::new() }
    }
}

impl Tiers {
    /// Whether a role is of a tier: by a pattern, or because its whole account is.
    pub fn holds(&self, tier: Tier, account: Option<(&Accounts, AccountId)>, role: &str) -> bool {
        let of_account = account.and_then(|(accounts, id)| accounts.get(&id));
        let stated = of_account.and_then(|account| account.stated.as_ref()?.tier);
        let alias = of_account.and_then(|account| account.alias.as_ref());
        let role = role.to_lowercase();
        let fits = |pattern: &String| {
            let pattern = pattern.to_lowercase();
            let Some((wanted, pattern)) = pattern.split_once('/') else {
                return fits(&pattern, &role);
            };
            let by_id = account.is_some_and(|(_, id)| fits(wanted, id.as_str()));
            let by_alias = alias.is_some_and(|alias| fits(wanted, &alias.value.to_lowercase()));
            (by_id || by_alias) && fits(pattern, &role)
        };
        let break_glass = || stated == Some(Tier::BreakGlass) || self.break_glass.iter().any(fits);
        match tier {
            Tier::BreakGlass => break_glass(),
            Tier::Admin => {
                stated == Some(Tier::Admin) || self.admin.iter().any(fits) || break_glass()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::RuleOption;
    use crate::model::aws::Stated;
    use crate::text::Sourced;

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
        let is_admin = |role| Settings::default().is_admin(&Accounts::default(), None, role);
        assert!(is_admin("OrgAdministrator"));
        assert!(!is_admin("ReadOnly"));
    }

    #[test]
    fn a_tier_is_told_by_the_account_s_id_or_alias_too_or_by_the_account_alone() {
        let id = |text: &str| AccountId::parse(text).unwrap();
        let (root, other) = (id("111111111111"), id("222222222222"));
        let mut accounts = Accounts::default();
        accounts.entry(root).alias = Some(Sourced::new("kestrel-root".to_owned(), Place(1)));
        let tiers = |admin: &str, break_glass: &str| Tiers {
            admin: vec![admin.to_owned()],
            break_glass: vec![break_glass.to_owned()],
        };
        let of = |tiers: &Tiers, id, tier| tiers.holds(tier, Some((&accounts, id)), "Deploy");
        let by_alias = tiers("Kestrel-*/*", "");
        assert!(of(&by_alias, root, Tier::Admin) && !of(&by_alias, root, Tier::BreakGlass));
        assert!(!of(&by_alias, other, Tier::Admin));
        assert!(!by_alias.holds(Tier::Admin, None, "Deploy"));
        let by_id = tiers("", "222222222222/Dep*");
        assert!(of(&by_id, other, Tier::BreakGlass) && of(&by_id, other, Tier::Admin));
        let mut accounts = Accounts::default();
        let tier = Some(Tier::BreakGlass);
        accounts.entry(other).stated = Some(Stated { tier, ..Stated::default() });
        let none = tiers("", "");
        assert!(none.holds(Tier::Admin, Some((&accounts, other)), "View"));
        assert!(!none.holds(Tier::Admin, Some((&accounts, root)), "View"));
    }
}
