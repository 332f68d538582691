//! `[[source]]`, `[app]` and `[limits]`: what is read, and how much of it.

use toml::Spanned;
use toml::de::DeValue;

use super::tables::{APP, LIMITS, SOURCE};
use super::toml_reader::{Entry, Toml};
use super::{AppSettings, ConfigError, ConfigSource};
use crate::mapping::group_filter::MatchMode;
use crate::model::account::AccountId;
use crate::model::group_source::GroupSource;
use crate::sources::input::{Format, SourceOptions};
use crate::sources::limits::{Limit, Limits};

impl Toml<'_> {
    pub(super) fn sources(
        self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<ConfigSource>, ConfigError> {
        let sources = self.tables(&SOURCE, value)?;
        Ok(sources.iter().map(|(line, entries)| source(*line, entries)).collect())
    }

    pub(super) fn app(self, value: &Spanned<DeValue<'_>>) -> Result<AppSettings, ConfigError> {
        let mut app = AppSettings::default();
        for entry in self.entries(&APP, value)? {
            let text = entry.text();
            match entry.key.name {
                "group_filter" => app.group_filter = Some(text),
                "role_value_pattern" => app.role_value_pattern = Some(text),
                "app_filter" => app.app_filter = Some(text),
                _ => {
                    let full = text == "full";
                    app.match_mode = Some(if full { MatchMode::Full } else { MatchMode::Find });
                }
            }
        }
        Ok(app)
    }

    pub(super) fn limits(self, value: &Spanned<DeValue<'_>>) -> Result<Limits, ConfigError> {
        let mut limits = Limits::default();
        for entry in self.entries(&LIMITS, value)? {
            let limit = Limit::parse(entry.key.name);
            if let Some((limit, Ok(number))) = limit.map(|it| (it, it.value(&entry.text()))) {
                limits.set(limit, number);
            }
        }
        Ok(limits)
    }
}

fn source(line: usize, entries: &[Entry<'_, '_>]) -> ConfigSource {
    let mut source = ConfigSource { path: String::new(), line, options: SourceOptions::default() };
    let options = &mut source.options;
    for entry in entries {
        let text = entry.text();
        match entry.key.name {
            "path" => (source.path, source.line) = (text, entry.line),
            "format" => options.format = Format::parse(&text),
            "encoding" => options.encoding = Some(text),
            "delimiter" => options.delimiter = text.bytes().next(),
            "headers" => options.headers = entry.map(),
            "group_source" => options.group_source = Some(GroupSource::from_key(&text)),
            "account" => options.account = AccountId::parse(&text).ok(),
            "provider" => options.provider = Some(text),
            "group" => options.group = Some(text),
            _ => options.parameters = entry.map(),
        }
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_has_its_key() {
        assert_eq!(LIMITS.names(), Limit::NAMES);
    }
}
