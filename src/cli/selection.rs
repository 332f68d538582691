//! Which rules run: the defaults, `rolecall.toml`, and the flags that outrank both.

use clap::Args;

use super::CliError;
use super::files::Configuration;
use crate::config::{Profile, RuleEntry, nearest_rule};
use crate::finding::RuleInfo;
use crate::report::rules::Row;
use crate::rules::settings::{Level, Settings};
use crate::rules::{RETIRED, all};
use crate::text::Shown;

/// The flags.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RuleArgs {
    /// Run this rule, or the rules of this group, and no others (repeatable)
    #[arg(long, value_name = "ID|GROUP", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Leave out this rule, or the rules of this group (repeatable)
    #[arg(long, value_name = "ID|GROUP", value_delimiter = ',')]
    pub(crate) skip: Vec<String>,
}

impl RuleArgs {
    /// The settings of a run, and how each rule stands in it.
    pub(crate) fn settings(
        &self,
        configuration: Option<&Configuration>,
    ) -> Result<(Settings, Vec<Row>), CliError> {
        for name in self.only.iter().chain(&self.skip) {
            let known = all().any(|rule| chooses(name, &rule.info));
            if !known {
                return Err(unknown(name));
            }
        }
        let mut settings =
            configuration.map_or_else(Settings::default, |found| found.config.settings());
        let mut rows = Vec::new();
        for rule in all() {
            let info = &rule.info;
            let usual = Row {
                info,
                level: settings.level(info),
                because: because(info, configuration).unwrap_or_else(|| "default".to_owned()),
            };
            let row = self.outranked(usual);
            if row.level == Level::Off && settings.level(info) != Level::Off {
                settings.left_out.insert(info.id.to_owned());
            }
            if row.level != settings.level(info) {
                settings.levels.insert(info.id.to_owned(), row.level);
            }
            rows.push(row);
        }
        Ok((settings, rows))
    }

    /// How a rule stands once the flags are heard.
    fn outranked(&self, row: Row) -> Row {
        let info = row.info;
        if self.skip.iter().any(|name| chooses(name, info)) {
            return Row { level: Level::Off, because: "--skip".to_owned(), ..row };
        }
        if self.only.is_empty() {
            return row;
        }
        let because = "--only".to_owned();
        let by_id = self.only.iter().any(|name| name == info.id);
        if !self.only.iter().any(|name| chooses(name, info)) {
            return Row { level: Level::Off, because, ..row };
        }
        match row.level {
            // A group does not turn on what is off by default.
            Level::Off if by_id || info.on => Row { level: Level::On, because, ..row },
            _ => row,
        }
    }
}

/// Whether a name is a rule's id or that of its group.
fn chooses(name: &str, info: &RuleInfo) -> bool {
    name == info.id || info.id.split_once('/').is_some_and(|(group, _)| group == name)
}

/// The line of the configuration that decides about a rule, or its profile.
fn because(info: &RuleInfo, configuration: Option<&Configuration>) -> Option<String> {
    let Configuration { name, config, .. } = configuration?;
    let says = |entry: &&RuleEntry| entry.level.is_some();
    let own = config.rules.iter().filter(says).find(|entry| entry.key == info.id);
    let of_group = config.rules.iter().filter(says).find(|entry| {
        entry.key != info.id
            && chooses(&entry.key, info)
            && (info.on || entry.level == Some(Level::Off))
    });
    let profile = || {
        let says = |profile: &&&'static Profile| profile.level(info.id).is_some();
        config.profiles.iter().rfind(says).map(|profile| format!("profile {}", profile.name))
    };
    own.or(of_group).map(|entry| format!("{name}:{}", entry.line)).or_else(profile)
}

/// No rule or group has this name.
pub(crate) fn unknown(name: &str) -> CliError {
    let shown = Shown(name);
    if RETIRED.contains(&name) {
        return CliError::Message(format!(
            "rule `{shown}` is retired: nothing reports it any more"
        ));
    }
    let ids: Vec<&str> = all().map(|rule| rule.info.id).collect();
    let groups = ids.iter().filter_map(|id| id.split_once('/')).map(|(group, _)| group);
    CliError::Message(match nearest_rule(name, ids.iter().copied().chain(groups)) {
        Some(near) => format!("no rule is called `{shown}`; the nearest: `{near}`"),
        None => format!("no rule is called `{shown}`; `rolecall rules` lists them"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    const INFO: RuleInfo = RuleInfo {
        id: "naming/too-long",
        summary: "",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "",
        remediation: "",
        references: &[],
    };

    const OPTIONAL: RuleInfo = RuleInfo { on: false, ..INFO };

    fn level(only: &[&str], skip: &[&str], info: &'static RuleInfo, level: Level) -> Level {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let args = RuleArgs { only: owned(only), skip: owned(skip) };
        args.outranked(Row { info, level, because: String::new() }).level
    }

    #[test]
    fn flags_outrank_the_file_and_skip_outranks_only() {
        let error = Level::Severity(Severity::Error);
        assert_eq!(level(&[], &[], &INFO, error), error);
        assert_eq!(level(&["naming"], &[], &INFO, error), error);
        assert_eq!(level(&["naming"], &[], &INFO, Level::Off), Level::On);
        assert_eq!(level(&["arn"], &[], &INFO, Level::On), Level::Off);
        assert_eq!(level(&["naming"], &["naming/too-long"], &INFO, Level::On), Level::Off);
        assert_eq!(level(&[], &["naming"], &INFO, Level::On), Level::Off);
    }

    #[test]
    fn a_rule_that_is_off_by_default_is_turned_on_by_its_id_alone() {
        assert_eq!(level(&["naming"], &[], &OPTIONAL, Level::Off), Level::Off);
        assert_eq!(level(&["naming/too-long"], &[], &OPTIONAL, Level::Off), Level::On);
    }
}
