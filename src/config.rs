//! `rolecall.toml`: where the exports are, and what outranks the app's settings.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::ops::Range;

use thiserror::Error;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::entitlement::near::nearest;
use crate::entitlement::sign_in::SignInSettings;
use crate::finding::RuleInfo;
use crate::mapping::group_filter::MatchMode;
use crate::model::account::AccountId;
use crate::model::group_source::GroupSource;
use crate::model::spoiled_account::padded;
use crate::rules::all;
use crate::rules::settings::{Forbidden, KeptOut, Naming};
use crate::sources::decode::Decoded;
use crate::sources::input::{Format, SourceOptions};
use crate::sources::limits::{Limit, Limits};
use crate::text::Shown;

mod access;
mod expectations;
mod rules;
mod sign_in;

pub use expectations::{CannotEdit, blocks, edited, read_expectations};
pub use rules::{RuleEntry, nearest_rule};
pub use sign_in::set as set_sign_in;

/// The file's name.
pub const FILE_NAME: &str = "rolecall.toml";

const TABLES: [&str; 10] = [
    "source", "app", "rules", "tiers", "naming", "trust", "limits", "sign_in", "forbid", "keep_out",
];
const APP_KEYS: [&str; 4] = ["group_filter", "role_value_pattern", "app_filter", "match_mode"];
const SOURCE_KEYS: [&str; 10] = [
    "path",
    "format",
    "encoding",
    "delimiter",
    "headers",
    "group_source",
    "account",
    "provider",
    "group",
    "parameters",
];

/// What a `rolecall.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// `[[source]]`: the exports, in the order written.
    pub sources: Vec<ConfigSource>,
    /// `[app]`.
    pub app: AppSettings,
    /// `[rules]`, in the order written.
    pub rules: Vec<RuleEntry>,
    /// `[tiers]`: the roles of the admin tier, instead of those usual.
    pub admin_roles: Option<Vec<String>>,
    /// `[naming]`: the convention of names, for `naming/convention-violated`.
    pub naming: Naming,
    /// `[[forbid]]`: roles that nobody may hold together.
    pub forbidden: Vec<Forbidden>,
    /// `[[keep_out]]`: classes of users that must not reach roles of the admin tier, or others.
    pub kept_out: Vec<KeptOut>,
    /// `[trust]`: regions whose sign-in endpoints trust policies are to admit.
    pub regions: Vec<String>,
    /// `[limits]`: how much is read.
    pub limits: Limits,
    /// `[sign_in]`: what sign-ins present to AWS.
    pub sign_in: SignInSettings,
}

/// One `[[source]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigSource {
    /// A file or folder relative to the configuration; `*` in its last part stands for any text.
    pub path: String,
    /// Line of the path, counted from one.
    pub line: usize,
    /// What is said about it.
    pub options: SourceOptions,
}

/// `[app]`: what outranks the Okta app's export.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppSettings {
    /// Another Group Filter.
    pub group_filter: Option<String>,
    /// Another Role Value Pattern.
    pub role_value_pattern: Option<String>,
    /// Another App Filter.
    pub app_filter: Option<String>,
    /// How the Group Filter is applied.
    pub match_mode: Option<MatchMode>,
}

/// Why a text is no configuration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ConfigError {
    /// Line, counted from one.
    pub line: usize,
    /// What is wrong there, and what was expected.
    pub message: String,
}

impl Config {
    /// Reads a configuration.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let known: Vec<&RuleInfo> = all().map(|rule| &rule.info).collect();
        Self::parse_knowing(text, &known)
    }

    /// Reads a configuration of a program that has these rules.
    fn parse_knowing(text: &str, known: &[&RuleInfo]) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file = Toml { text };
        let table = DeTable::parse(text).map_err(|error| {
            let message = error.message().trim_end_matches('.').replace('\n', ", ");
            file.error(error.span().unwrap_or(0..0), &Shown(&message).to_string())
        })?;
        let mut config = Self::default();
        for (key, value) in in_order(table.get_ref()) {
            match key.get_ref().as_ref() {
                "source" => config.sources = file.sources(value)?,
                "app" => config.app = file.app(value)?,
                "rules" => config.rules = file.rules(value, known)?,
                "tiers" => config.admin_roles = file.tiers(value)?,
                "naming" => config.naming = file.naming(value)?,
                "trust" => config.regions = file.trust(value)?,
                "forbid" => config.forbidden = file.forbidden(value)?,
                "keep_out" => config.kept_out = file.kept_out(value)?,
                "limits" => config.limits = file.limits(value)?,
                "sign_in" => config.sign_in = file.sign_in(value)?,
                other => return Err(file.unknown(other, key.span(), &TABLES)),
            }
        }
        Ok(config)
    }
}

/// Entries as they stand in the file, so that the first mistake is the one reported.
fn in_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(&'t Spanned<Cow<'i, str>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// The text, for lines.
#[derive(Clone, Copy)]
struct Toml<'t> {
    text: &'t str,
}

impl Toml<'_> {
    fn line(self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
    }

    fn error(self, span: Range<usize>, message: &str) -> ConfigError {
        ConfigError { line: self.line(span.start), message: message.to_owned() }
    }

    fn unknown(self, key: &str, span: Range<usize>, known: &[&str]) -> ConfigError {
        let near = nearest(key, known.iter().copied(), 1);
        let expected = match near.first() {
            Some(near) => format!("`{near}`"),
            None => format!("one of {}", list(known)),
        };
        self.error(span, &format!("unknown key `{}`, expected {expected}", Shown(key)))
    }

    fn wrong_type(self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) -> ConfigError {
        let found = kind(value.get_ref());
        self.error(value.span(), &format!("`{key}` is {found}, expected {expected}"))
    }

    fn string(self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<String, ConfigError> {
        match value.get_ref().as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(self.wrong_type(key, value, "a string")),
        }
    }

    fn app(self, value: &Spanned<DeValue<'_>>) -> Result<AppSettings, ConfigError> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong_type("app", value, "a table `[app]`"));
        };
        let mut app = AppSettings::default();
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            match name {
                "group_filter" => app.group_filter = Some(self.string(name, value)?),
                "role_value_pattern" => app.role_value_pattern = Some(self.string(name, value)?),
                "app_filter" => app.app_filter = Some(self.string(name, value)?),
                "match_mode" => {
                    let mode = match self.string(name, value)?.as_str() {
                        "find" => MatchMode::Find,
                        "full" => MatchMode::Full,
                        other => {
                            return Err(self.wrong_value(name, other, value, "`find` or `full`"));
                        }
                    };
                    app.match_mode = Some(mode);
                }
                other => return Err(self.unknown(other, key.span(), &APP_KEYS)),
            }
        }
        Ok(app)
    }

    fn limits(self, value: &Spanned<DeValue<'_>>) -> Result<Limits, ConfigError> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong_type("limits", value, "a table `[limits]`"));
        };
        let mut limits = Limits::default();
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            let Some(limit) = Limit::parse(name) else {
                return Err(self.unknown(name, key.span(), &Limit::NAMES));
            };
            let number = value.get_ref().as_integer().map(ToString::to_string);
            let text = number.map_or_else(|| self.string(name, value), Ok)?;
            let read = limit.value(&text);
            limits.set(limit, read.map_err(|wanted| self.wrong_value(name, &text, value, wanted))?);
        }
        Ok(limits)
    }

    fn wrong_value(
        self,
        key: &str,
        text: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
    ) -> ConfigError {
        let message = format!("`{key}` is `{}`, expected {expected}", Shown(text));
        self.error(value.span(), &message)
    }

    fn sources(self, value: &Spanned<DeValue<'_>>) -> Result<Vec<ConfigSource>, ConfigError> {
        let Some(array) = value.get_ref().as_array() else {
            return Err(self.wrong_type("source", value, "tables `[[source]]`"));
        };
        array.iter().map(|value| self.source(value)).collect()
    }

    fn source(self, value: &Spanned<DeValue<'_>>) -> Result<ConfigSource, ConfigError> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong_type("source", value, "a table `[[source]]`"));
        };
        let mut path = None;
        let mut options = SourceOptions::default();
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            if !SOURCE_KEYS.contains(&name) {
                return Err(self.unknown(name, key.span(), &SOURCE_KEYS));
            }
            if name == "headers" {
                let example = "a table such as `{ group = \"Gruppe\" }`";
                options.headers = self.texts(name, value, example)?;
                continue;
            }
            if name == "parameters" {
                let example = "a table such as `{ Stage = \"prod\" }`";
                options.parameters = self.texts(name, value, example)?;
                continue;
            }
            let text = self.string(name, value)?;
            if text.is_empty() {
                return Err(self.wrong_value(name, "", value, "a text"));
            }
            if name == "path" {
                path = Some((text, self.line(value.span().start)));
            } else {
                set(&mut options, name, &text)
                    .map_err(|wanted| self.wrong_value(name, &text, value, &wanted))?;
            }
        }
        match path {
            Some((path, line)) => Ok(ConfigSource { path, line, options }),
            None => Err(self.error(value.span(), "a source without `path`, expected one")),
        }
    }

    fn texts(
        self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
    ) -> Result<BTreeMap<String, String>, ConfigError> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.wrong_type(key, value, expected));
        };
        in_order(table)
            .into_iter()
            .map(|(key, value)| {
                let name = key.get_ref().as_ref();
                Ok((name.to_owned(), self.string(name, value)?))
            })
            .collect()
    }
}

/// Sets one option of a source; what was expected, where the text is none.
fn set(options: &mut SourceOptions, key: &str, text: &str) -> Result<(), String> {
    match key {
        "format" => {
            let format = Format::parse(text).ok_or_else(|| wanted_format(text))?;
            options.format = Some(format);
        }
        "encoding" => {
            if Decoded::new(io::empty(), Some(text)).is_err() {
                return Err("a name such as `utf-8`, `utf-16le` or `windows-1252`".to_owned());
            }
            options.encoding = Some(text.to_owned());
        }
        "delimiter" => match text.as_bytes() {
            [byte] => options.delimiter = Some(*byte),
            _ => return Err("one ASCII character".to_owned()),
        },
        "account" => {
            let account = AccountId::parse(text).map_err(|_| wanted_account(text))?;
            options.account = Some(account);
        }
        "group_source" => options.group_source = Some(GroupSource::from_key(text)),
        "provider" => options.provider = Some(text.to_owned()),
        _ => options.group = Some(text.to_owned()),
    }
    Ok(())
}

fn wanted_account(text: &str) -> String {
    // Ten or eleven digits are most likely a number that lost its zeros.
    let padded = padded(text).filter(|_| text.len() > 9);
    let offer = padded.map(|id| format!(", `{id}` if leading zeros were lost"));
    format!("an account id of 12 digits{}", offer.unwrap_or_default())
}

fn wanted_format(text: &str) -> String {
    let names: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
    match nearest(text, names.iter().copied(), 1).first() {
        Some(near) => format!("`{near}`"),
        None => format!("one of {}", list(&names)),
    }
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// What a value is, with its article.
const fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (usize, String) {
        let error = Config::parse(text).unwrap_err();
        (error.line, error.message)
    }

    #[test]
    fn every_setting_is_read() {
        let config = Config::parse(concat!(
            "[[source]]\npath = \"ad/*.csv\"\nformat = \"powershell-members\"\n",
            "encoding = \"windows-1252\"\ndelimiter = \";\"\nheaders = { group = \"Gruppe\" }\n",
            "group_source = \"active_directory\"\n\n",
            "[[source]]\npath = \"iam\"\naccount = \"012345678901\"\nprovider = \"OKTA\"\n",
            "group = \"00g1\"\nparameters = { Stage = \"prod\" }\n\n[app]\ngroup_filter = '^aws\\#(?{{role}}\\w+)$'\n",
            "role_value_pattern = \"p\"\napp_filter = \"okta\"\nmatch_mode = \"full\"\n",
        ))
        .unwrap();
        let [directory, iam] = config.sources.as_slice() else { panic!("{config:?}") };
        assert_eq!((directory.path.as_str(), directory.line), ("ad/*.csv", 2));
        assert_eq!(
            directory.options,
            SourceOptions {
                format: Some(Format::PowerShellMembers),
                encoding: Some("windows-1252".to_owned()),
                delimiter: Some(b';'),
                headers: [("group".to_owned(), "Gruppe".to_owned())].into(),
                group_source: Some(GroupSource::ActiveDirectory),
                ..SourceOptions::default()
            }
        );
        assert_eq!(iam.options.account.unwrap().as_str(), "012345678901");
        assert_eq!(iam.options.provider.as_deref(), Some("OKTA"));
        assert_eq!(iam.options.group.as_deref(), Some("00g1"));
        let parameters = [("Stage".to_owned(), "prod".to_owned())].into();
        assert_eq!(iam.options.parameters, parameters);
        assert_eq!(
            config.app,
            AppSettings {
                group_filter: Some(r"^aws\#(?{{role}}\w+)$".to_owned()),
                role_value_pattern: Some("p".to_owned()),
                app_filter: Some("okta".to_owned()),
                match_mode: Some(MatchMode::Full),
            }
        );
    }

    #[test]
    fn an_unknown_key_names_its_line_and_the_nearest_known_one() {
        assert_eq!(
            refused("[[source]]\npath = \"x\"\nformt = \"ldif\"\n"),
            (3, "unknown key `formt`, expected `format`".to_owned())
        );
        assert_eq!(refused("\n[apps]\n"), (2, "unknown key `apps`, expected `app`".to_owned()));
        let (line, message) = refused("[app]\nzzzzzzzz = 1\n");
        assert_eq!(line, 2);
        assert!(message.starts_with("unknown key `zzzzzzzz`, expected one of `group_filter`, "));
    }

    #[test]
    fn a_wrong_type_or_value_names_its_line_and_what_was_expected() {
        for (text, line, message) in [
            ("[[source]]\npath = 5\n", 2, "`path` is an integer, expected a string"),
            ("\n[source]\npath = \"x\"\n", 2, "`source` is a table, expected tables `[[source]]`"),
            ("app = true\n", 1, "`app` is a boolean, expected a table `[app]`"),
            (
                "[app]\nmatch_mode = \"part\"\n",
                2,
                "`match_mode` is `part`, expected `find` or `full`",
            ),
            (
                "[[source]]\npath = \"x\"\naccount = \"12345\"\n",
                3,
                "`account` is `12345`, expected an account id of 12 digits",
            ),
            (
                "[[source]]\npath = \"x\"\nformat = \"okta-user\"\n",
                3,
                "`format` is `okta-user`, expected `okta-users`",
            ),
            (
                "[[source]]\npath = \"x\"\ndelimiter = \";;\"\n",
                3,
                "`delimiter` is `;;`, expected one ASCII character",
            ),
            (
                "[[source]]\npath = \"x\"\nencoding = \"utf-7\"\n",
                3,
                "`encoding` is `utf-7`, expected a name such as `utf-8`, `utf-16le` or `windows-1252`",
            ),
            (
                "[[source]]\npath = \"x\"\naccount = \"12345678901\"\n",
                3,
                "`account` is `12345678901`, expected an account id of 12 digits, `012345678901` if leading zeros were lost",
            ),
            ("[[source]]\nformat = \"ldif\"\n", 1, "a source without `path`, expected one"),
            (
                "[[source]]\npath = \"x\"\nheaders = \"Gruppe\"\n",
                3,
                "`headers` is a string, expected a table such as `{ group = \"Gruppe\" }`",
            ),
        ] {
            assert_eq!(refused(text), (line, message.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_toml_names_its_line() {
        let (line, message) = refused("[[source]]\npath = \"x\n");
        assert_eq!(line, 2);
        assert!(!message.is_empty() && !message.contains('\n'), "{message:?}");
    }

    #[test]
    fn a_key_cannot_act_on_the_terminal() {
        let (_, message) = refused("\"\\u001b[2J\" = 1\n");
        assert!(message.starts_with("unknown key `\\u{1b}[2J`"), "{message}");
    }
}
