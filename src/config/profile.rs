//! `profile`: sets of settings by name. What stands in the file itself outranks them.

use super::RuleEntry;
use crate::finding::Severity;
use crate::model::account::Partition;
use crate::rules::settings::{Level, Settings};

/// Settings by one name.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub name: &'static str,
    /// Whom it is for, as a Markdown sentence.
    pub meaning: &'static str,
    /// The partition of the accounts, and so the sign-in endpoint.
    pub partition: Option<Partition>,
    /// Regions whose sign-in endpoints trust policies are to admit.
    pub regions: &'static [&'static str],
    /// Levels by rule.
    pub levels: &'static [(&'static str, Level)],
    /// Numbers by rule and option.
    pub options: &'static [(&'static str, &'static str, i64)],
}

/// Every profile.
pub static PROFILES: &[Profile] = &[
    Profile {
        name: "okta-aws",
        meaning: "The set-up of Okta's guide in the commercial partition: one directory makes the role groups, and \
                  users sign in at `https://signin.aws.amazon.com/saml` or at the endpoint of a region.",
        partition: Some(Partition::Aws),
        regions: &[],
        levels: &[("mapping/mixed-trust-sources", Level::Severity(Severity::Note))],
        options: &[],
    },
    Profile {
        name: "govcloud",
        meaning: "AWS GovCloud (US): ARNs of `aws-us-gov`, sign-in at `https://signin.amazonaws-us-gov.com/saml`. \
                  Endpoints of its regions are not documented, so that none is planned for; roles of the admin tier \
                  are held to more.",
        partition: Some(Partition::GovCloud),
        regions: &[],
        levels: &[
            ("mapping/rogue-name-witness", Level::On),
            ("trust/session-too-long", Level::On),
            ("trust/weak-for-tier", Level::On),
        ],
        options: &[],
    },
    Profile {
        name: "china",
        meaning: "AWS in China: ARNs of `aws-cn`, sign-in at `https://signin.amazonaws.cn/saml`, which the Okta app has \
                  as its ACS URL.",
        partition: Some(Partition::China),
        regions: &[],
        levels: &[("mapping/mixed-trust-sources", Level::Severity(Severity::Note))],
        options: &[],
    },
    Profile {
        name: "strict",
        meaning: "Every rule that is off by default and needs no declaration is on, what is only worth knowing about \
                  who gets in is a warning, and numbers are tighter.",
        partition: None,
        regions: &[],
        levels: &[
            ("access/single-role", Level::On),
            ("access/sole-holder", Level::On),
            ("input/stale-export", Level::On),
            ("mapping/mixed-trust-sources", Level::On),
            ("mapping/rogue-name-witness", Level::On),
            ("trust/no-audience", Level::Severity(Severity::Error)),
            ("trust/other-doors", Level::Severity(Severity::Warning)),
            ("trust/session-too-long", Level::On),
            ("trust/weak-for-tier", Level::On),
        ],
        options: &[
            ("directory/deep-nesting", "max_depth", 5),
            ("directory/over-broad-management-group", "forbid_mixed", 1),
            ("directory/over-broad-management-group", "max_accounts", 20),
            ("input/stale-export", "max_days", 7),
        ],
    },
];

/// The names.
pub fn names() -> Vec<&'static str> {
    PROFILES.iter().map(|profile| profile.name).collect()
}

/// The profiles of some names, in their order.
pub(super) fn named(names: &[String]) -> Vec<&'static Profile> {
    let of = |name: &String| PROFILES.iter().find(|profile| profile.name == name.as_str());
    names.iter().filter_map(of).collect()
}

impl Profile {
    /// What it says of a rule.
    pub fn level(&self, id: &str) -> Option<Level> {
        self.levels.iter().find(|(rule, _)| *rule == id).map(|(_, level)| *level)
    }

    /// Sets what it says; a rule whose group a line of the project turns off stays off.
    pub(super) fn apply(&self, settings: &mut Settings, own: &[RuleEntry]) {
        for (rule, level) in self.levels {
            if !outranked(own, rule) {
                settings.levels.insert((*rule).to_owned(), *level);
            }
        }
        for (rule, option, number) in self.options {
            settings.options.insert(((*rule).to_owned(), (*option).to_owned()), *number);
        }
        settings.partition = self.partition.or(settings.partition);
        settings.regions.extend(self.regions.iter().map(|region| (*region).to_owned()));
    }
}

/// Whether the project's line about a rule's group decides about it.
fn outranked(own: &[RuleEntry], rule: &str) -> bool {
    let group = rule.split_once('/').map_or(rule, |(group, _)| group);
    own.iter().any(|entry| entry.key == group && entry.level.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::rules::find;

    #[test]
    fn every_profile_speaks_of_rules_and_options_that_exist() {
        for profile in PROFILES {
            for (id, _) in profile.levels {
                assert!(find(id).is_some(), "{}: {id}", profile.name);
            }
            for (id, option, _) in profile.options {
                let rule = find(id).unwrap();
                assert!(rule.info.options.iter().any(|one| one.name == *option), "{id} {option}");
            }
            assert!(profile.levels.is_sorted() && profile.options.is_sorted(), "{}", profile.name);
        }
    }

    #[test]
    fn strict_turns_on_all_that_needs_no_declaration() {
        let strict = PROFILES.iter().find(|profile| profile.name == "strict").unwrap();
        let declared = ["trust/incomplete-regions"];
        for rule in crate::rules::all().filter(|rule| !rule.info.on) {
            let id = rule.info.id;
            assert_eq!(strict.level(id).is_none(), declared.contains(&id), "{id}");
        }
    }

    #[test]
    fn lines_of_the_project_outrank_its_profile_and_a_later_profile_an_earlier_one() {
        let settings = |text: &str| Config::parse(text).unwrap().settings();
        let level = |settings: &Settings, id: &str| settings.level(&find(id).unwrap().info);
        let strict = settings("profile = \"strict\"\n");
        assert_eq!(level(&strict, "trust/weak-for-tier"), Level::On);
        assert_eq!(strict.number(&find("directory/deep-nesting").unwrap().info, "max_depth"), 5);
        let own = settings(concat!(
            "profile = \"strict\"\npartition = \"aws-cn\"\n[rules]\ntrust = \"off\"\n",
            "\"directory/deep-nesting\" = { max_depth = 7 }\n"
        ));
        assert_eq!(level(&own, "trust/weak-for-tier"), Level::Off);
        assert_eq!(own.number(&find("directory/deep-nesting").unwrap().info, "max_depth"), 7);
        assert_eq!(own.partition, Some(Partition::China));
        let two = settings("profile = [\"govcloud\", \"strict\"]\n");
        assert_eq!(two.partition, Some(Partition::GovCloud));
        assert_eq!(level(&two, "input/stale-export"), Level::On);
    }

    #[test]
    fn a_profile_that_is_none_names_its_line_and_those_there_are() {
        let error = Config::parse("\nprofile = [\"strict\", \"gov\"]\n").unwrap_err();
        assert_eq!(error.line, 2);
        let message = "`profile` is `gov`, expected `okta-aws`, `govcloud`, `china` or `strict`";
        assert_eq!(error.message, message);
    }
}
