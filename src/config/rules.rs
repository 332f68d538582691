//! `[rules]`, `[tiers]` and `[trust]`: which rules run, how bad their findings are, and what they go by.

use toml::Spanned;
use toml::de::DeValue;

use super::tables::{TIERS, TRUST};
use super::toml_reader::{Entry, Toml, in_order};
use super::{Config, ConfigError};
use crate::entitlement::near::nearest;
use crate::finding::{RuleInfo, Severity};
use crate::rules::RETIRED;
use crate::rules::settings::{Level, Settings};
use crate::text::Shown;

/// The words for a level.
const LEVELS: &str = "`off`, `on`, `note`, `warning` or `error`";

/// What is said about a rule, or about the rules of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleEntry {
    /// Id of the rule, or name of the group.
    pub key: String,
    /// Its line, counted from one.
    pub line: usize,
    /// Whether it runs, and how.
    pub level: Option<Level>,
    /// Numbers by option name.
    pub options: Vec<(String, i64)>,
}

/// `[tiers]`: patterns of roles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TierRoles {
    /// Of the admin tier, instead of those usual.
    pub admin: Option<Vec<String>>,
    /// For emergencies.
    pub break_glass: Vec<String>,
}

impl Config {
    /// What it says about the rules; the usual where it says nothing.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        for profile in &self.profiles {
            profile.apply(&mut settings, &self.rules);
        }
        for RuleEntry { key, level, options, .. } in &self.rules {
            if let Some(level) = level {
                settings.levels.insert(key.clone(), *level);
            }
            for (name, number) in options {
                settings.options.insert((key.clone(), name.clone()), *number);
            }
        }
        settings.naming = self.naming.clone();
        settings.forbidden.clone_from(&self.forbidden);
        settings.kept_out.clone_from(&self.kept_out);
        if let Some(regions) = &self.regions {
            settings.regions.clone_from(regions);
        }
        settings.sign_in = self.sign_in.clone();
        settings.partition = self.partition.or(settings.partition);
        if let Some(roles) = &self.tiers.admin {
            settings.tiers.admin.clone_from(roles);
        }
        settings.tiers.break_glass.clone_from(&self.tiers.break_glass);
        settings.waivers.clone_from(&self.waivers);
        settings
    }
}

/// The rule or group whose name lies nearest: a rule named without its group, else by spelling.
pub fn nearest_rule<'n>(
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) -> Option<String> {
    let problem = |id: &&str| id.split_once('/').is_some_and(|(_, problem)| problem == name);
    let by_problem = known.clone().find(problem).map(str::to_owned);
    by_problem.or_else(|| nearest(name, known, 1).into_iter().next())
}

impl Toml<'_> {
    pub(super) fn rules(
        self,
        value: &Spanned<DeValue<'_>>,
        known: &[&RuleInfo],
    ) -> Result<Vec<RuleEntry>, ConfigError> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong_type("rules", value, "a table `[rules]`"));
        };
        let mut entries = Vec::new();
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            let rule = known.iter().copied().find(|info| info.id == name);
            if rule.is_none() && !groups(known).any(|group| group == name) {
                return Err(self.error(key.span(), &unknown(name, known)));
            }
            let mut entry = RuleEntry {
                key: name.to_owned(),
                line: self.line(key.span().start),
                level: None,
                options: Vec::new(),
            };
            match value.get_ref() {
                DeValue::String(text) => entry.level = Some(self.level(name, text, value)?),
                DeValue::Table(_) => self.rule_table(&mut entry, value, rule)?,
                _ => {
                    let expected = "a level such as `\"warning\"`, or a table";
                    return Err(self.wrong_type(&Shown(name).to_string(), value, expected));
                }
            }
            entries.push(entry);
        }
        Ok(entries)
    }

    fn rule_table(
        self,
        entry: &mut RuleEntry,
        value: &Spanned<DeValue<'_>>,
        rule: Option<&RuleInfo>,
    ) -> Result<(), ConfigError> {
        let Some(table) = value.get_ref().as_table() else { return Ok(()) };
        let options = rule.map_or(&[][..], |info| info.options);
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            if name == "level" {
                let text = self.string(name, value)?;
                entry.level = Some(self.level(name, &text, value)?);
            } else if options.iter().any(|option| option.name == name) {
                entry.options.push((name.to_owned(), self.number(name, value)?));
            } else {
                let names =
                    std::iter::once("level").chain(options.iter().map(|option| option.name));
                let names: Vec<&str> = names.collect();
                return Err(self.unknown(name, key.span(), &names));
            }
        }
        Ok(())
    }

    fn level(
        self,
        key: &str,
        text: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Level, ConfigError> {
        match text {
            "off" => Ok(Level::Off),
            "on" => Ok(Level::On),
            _ => Severity::ALL
                .into_iter()
                .find(|severity| severity.as_str() == text)
                .map(Level::Severity)
                .ok_or_else(|| self.wrong_value(key, text, value, LEVELS)),
        }
    }

    fn number(self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<i64, ConfigError> {
        let DeValue::Integer(number) = value.get_ref() else {
            return Err(self.wrong_type(key, value, "an integer"));
        };
        let parsed = i64::from_str_radix(number.as_str(), number.radix()).ok();
        parsed
            .filter(|number| *number >= 0)
            .ok_or_else(|| self.wrong_value(key, number.as_str(), value, "a number from 0 on"))
    }

    pub(super) fn tiers(self, value: &Spanned<DeValue<'_>>) -> Result<TierRoles, ConfigError> {
        let mut tiers = TierRoles::default();
        for entry in self.entries(&TIERS, value)? {
            match entry.key.name {
                "admin" => tiers.admin = Some(entry.texts()),
                _ => tiers.break_glass = entry.texts(),
            }
        }
        Ok(tiers)
    }

    /// `[trust]`: the regions that are planned for.
    pub(super) fn trust(
        self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Option<Vec<String>>, ConfigError> {
        let entries = self.entries(&TRUST, value)?;
        Ok(entries.iter().map(Entry::texts).next())
    }
}

/// The groups of some rules, in their order.
pub(super) fn groups<'r>(known: &'r [&RuleInfo]) -> impl Iterator<Item = &'r str> + Clone {
    known.iter().filter_map(|info| info.id.split_once('/')).map(|(group, _)| group)
}

pub(super) fn unknown(name: &str, known: &[&RuleInfo]) -> String {
    let shown = Shown(name);
    if RETIRED.contains(&name) {
        return format!("rule `{shown}` is retired, expected its line to be gone");
    }
    match nearest_rule(name, known.iter().map(|info| info.id).chain(groups(known))) {
        Some(near) => format!("no rule or group is called `{shown}`, expected `{near}`"),
        None => {
            format!(
                "no rule or group is called `{shown}`, expected one that `rolecall rules` lists"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::RuleOption;
    use crate::model::account::Tier;

    const INFO: RuleInfo = RuleInfo {
        id: "naming/too-long",
        summary: "",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[RuleOption { name: "max_length", default: 64, meaning: "characters" }],
        since: "0.1.0",
        explanation: "",
        remediation: "",
        references: &[],
    };

    const OTHER: RuleInfo = RuleInfo { id: "arn/accounts-differ", options: &[], ..INFO };

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse_knowing(text, &[&OTHER, &INFO])
    }

    #[test]
    fn levels_numbers_and_tiers_become_settings() {
        let config = parse(concat!(
            "[tiers]\nadmin = [\"*root*\"]\n[rules]\nnaming = \"off\"\n",
            "\"naming/too-long\" = { level = \"error\", max_length = 0x64 }\n",
            "\"arn/accounts-differ\" = \"on\"\n",
        ))
        .unwrap();
        let settings = config.settings();
        assert_eq!(settings.level(&INFO), Level::Severity(Severity::Error));
        assert_eq!(settings.number(&INFO, "max_length"), 100);
        assert_eq!(settings.level(&OTHER), Level::On);
        let is_admin = |role| settings.tiers.holds(Tier::Admin, None, role);
        assert!(is_admin("Root") && !is_admin("Admin"));
        let lines: Vec<(&str, usize)> =
            config.rules.iter().map(|entry| (entry.key.as_str(), entry.line)).collect();
        assert_eq!(lines, [("naming", 4), ("naming/too-long", 5), ("arn/accounts-differ", 6)]);
    }

    #[test]
    fn a_rule_without_a_level_keeps_its_own() {
        let config = parse("[rules.\"naming/too-long\"]\nmax_length = 9\n").unwrap();
        let settings = config.settings();
        assert_eq!((settings.level(&INFO), settings.number(&INFO, "max_length")), (Level::On, 9));
    }

    #[test]
    fn a_mistake_names_its_line_and_the_nearest() {
        for (text, line, message) in [
            (
                "[rules]\n\"naming/to-long\" = \"off\"\n",
                2,
                "no rule or group is called `naming/to-long`, expected `naming/too-long`",
            ),
            (
                "[rules]\ntoo-long = \"off\"\n",
                2,
                "no rule or group is called `too-long`, expected `naming/too-long`",
            ),
            (
                "[rules]\nnamng = \"off\"\n",
                2,
                "no rule or group is called `namng`, expected `naming`",
            ),
            (
                "[rules]\nnaming = \"of\"\n",
                2,
                "`naming` is `of`, expected `off`, `on`, `note`, `warning` or `error`",
            ),
            (
                "[rules]\n\n\"naming/too-long\" = { max_lenght = 3 }\n",
                3,
                "unknown key `max_lenght`, expected `max_length`",
            ),
            (
                "[rules]\nnaming = { max_length = 3 }\n",
                2,
                "unknown key `max_length`, expected one of `level`",
            ),
            (
                "[rules]\n\"naming/too-long\" = { max_length = \"3\" }\n",
                2,
                "`max_length` is a string, expected an integer",
            ),
            (
                "[rules]\n\"naming/too-long\" = { max_length = -3 }\n",
                2,
                "`max_length` is `-3`, expected a number from 0 on",
            ),
            (
                "[rules]\nnaming = false\n",
                2,
                "`naming` is a boolean, expected a level such as `\"warning\"`, or a table",
            ),
            ("[tiers]\nadmins = []\n", 2, "unknown key `admins`, expected `admin`"),
            (
                "[tiers]\nadmin = \"x\"\n",
                2,
                "`admin` is a string, expected an array such as `[\"*Admin*\"]`",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.line, error.message.as_str()), (line, message), "{text}");
        }
    }
}
