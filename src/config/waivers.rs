//! `[[waiver]]`: findings that a project accepts.

use toml::Spanned;
use toml::de::DeValue;

use super::ConfigError;
use super::rules::{groups, unknown};
use super::tables::WAIVER;
use super::toml_reader::{Entry, Toml};
use crate::finding::RuleInfo;
use crate::model::moment::Moment;
use crate::rules::OF_CONFIGURATION;
use crate::rules::settings::Waiver;
use crate::text::{Place, Shown};

impl Toml<'_> {
    pub(super) fn waivers(
        self,
        value: &Spanned<DeValue<'_>>,
        known: &[&RuleInfo],
    ) -> Result<Vec<Waiver>, ConfigError> {
        let mut waivers = Vec::new();
        for (_, entries) in self.tables(&WAIVER, value)? {
            waivers.extend(self.waiver(&entries, known)?);
        }
        Ok(waivers)
    }

    fn waiver(
        self,
        entries: &[Entry<'_, '_>],
        known: &[&RuleInfo],
    ) -> Result<Option<Waiver>, ConfigError> {
        let entry = |name: &str| entries.iter().find(|entry| entry.key.name == name);
        let (Some(rule), Some(subject)) = (entry("rule"), entry("subject")) else {
            return Ok(None);
        };
        let name = rule.text();
        let is_rule = known.iter().any(|info| info.id == name);
        if !is_rule && !groups(known).any(|group| group == name) {
            return Err(self.error(rule.value.span(), &unknown(&name, known)));
        }
        if name.split('/').next() == Some(OF_CONFIGURATION) {
            let message = format!(
                "`{}` is about waivers, expected a rule that a waiver can waive",
                Shown(&name)
            );
            return Err(self.error(rule.value.span(), &message));
        }
        let text = |name: &str| entry(name).map(Entry::text).unwrap_or_default();
        Ok(Moment::parse(&text("expires")).map(|expires| Waiver {
            rule: name,
            subject: subject.text(),
            reason: text("reason"),
            expires,
            line: u32::try_from(subject.line).unwrap_or(u32::MAX),
            place: Place::NOWHERE,
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    const WHOLE: &str = concat!(
        "[[waiver]]\nrule = \"naming/too-long\"\nsubject = \"aws#old#*\"\n",
        "reason = \"renamed in Q1\"\nexpires = 2027-03-31\n"
    );

    #[test]
    fn a_waiver_is_read_with_the_line_of_its_subject() {
        for text in [WHOLE.to_owned(), WHOLE.replace("2027-03-31", "\"2027-03-31\"")] {
            let config = Config::parse(&text).unwrap();
            let [waiver] = config.waivers.as_slice() else { panic!("{config:?}") };
            assert_eq!(waiver.rule, "naming/too-long");
            assert_eq!((waiver.subject.as_str(), waiver.line), ("aws#old#*", 3));
            assert_eq!(waiver.expires.to_string(), "2027-03-31");
        }
        assert_eq!(Config::parse(&WHOLE.replace("/too-long", "")).unwrap().waivers.len(), 1);
    }

    #[test]
    fn a_waiver_that_is_wrong_names_its_line_and_what_was_expected() {
        for (from, to, line, message) in [
            ("reason = \"renamed in Q1\"\n", "", 1, "a waiver without `reason`, expected one"),
            ("expires = 2027-03-31\n", "", 1, "a waiver without `expires`, expected one"),
            ("\"renamed in Q1\"", "\"\"", 4, "`reason` is ``, expected a text"),
            (
                "2027-03-31",
                "\"soon\"",
                5,
                "`expires` is `soon`, expected a day such as `2027-03-31`",
            ),
            (
                "2027-03-31",
                "2027-03-31T12:00:00Z",
                5,
                "`expires` is `2027-03-31T12:00:00Z`, expected a day such as `2027-03-31`",
            ),
            (
                "naming/too-long",
                "naming/to-long",
                2,
                "no rule or group is called `naming/to-long`, expected `naming/too-long`",
            ),
            (
                "naming/too-long",
                "config/expired-waiver",
                2,
                "`config/expired-waiver` is about waivers, expected a rule that a waiver can waive",
            ),
            (
                "reason =",
                "because =",
                4,
                "unknown key `because`, expected one of `rule`, `subject`, `reason`, `expires`",
            ),
        ] {
            let text = WHOLE.replace(from, to);
            let error = Config::parse(&text).unwrap_err();
            assert_eq!((error.line, error.message.as_str()), (line, message), "{text}");
        }
    }
}
