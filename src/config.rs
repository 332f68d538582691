//! `rolecall.toml`: where the exports are, what outranks the app's settings, and what the project declares.

use thiserror::Error;
use toml::de::DeTable;

use crate::entitlement::sign_in::SignInSettings;
use crate::finding::RuleInfo;
use crate::mapping::grammar::Declaration;
use crate::mapping::group_filter::MatchMode;
use crate::model::account::Partition;
use crate::rules::all;
use crate::rules::settings::{Forbidden, KeptOut, Waiver};
use crate::sources::input::SourceOptions;
use crate::sources::limits::Limits;
use crate::text::Shown;
use toml_reader::Toml;

mod access;
mod accounts;
pub mod baseline;
mod expectations;
pub mod keys;
mod naming;
pub mod page;
pub mod profile;
mod rules;
pub mod schema;
mod sign_in;
mod sources;
pub mod tables;
mod toml_reader;
mod waivers;

pub use accounts::ConfigAccount;
pub use expectations::{CannotEdit, blocks, edited, read_expectations};
pub use profile::Profile;
pub use rules::{RuleEntry, TierRoles, nearest_rule};
pub use sign_in::set as set_sign_in;

/// The file's name.
pub const FILE_NAME: &str = "rolecall.toml";

/// What a `rolecall.toml` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// `profile`: sets of settings that everything else here outranks, the later outranking the earlier.
    pub profiles: Vec<&'static Profile>,
    /// `partition`: that of the accounts, where nothing else tells it.
    pub partition: Option<Partition>,
    /// `[[source]]`: the exports, in the order written.
    pub sources: Vec<ConfigSource>,
    /// `[app]`.
    pub app: AppSettings,
    /// `[[account]]`: the AWS accounts, in the order written.
    pub accounts: Vec<ConfigAccount>,
    /// `[rules]`, in the order written.
    pub rules: Vec<RuleEntry>,
    /// `[tiers]`: roles by tier.
    pub tiers: TierRoles,
    /// `[naming]`: what the names of role groups are made of.
    pub naming: Declaration,
    /// `[[forbid]]`: roles that nobody may hold together.
    pub forbidden: Vec<Forbidden>,
    /// `[[keep_out]]`: classes of users that must not reach roles of the admin tier, or others.
    pub kept_out: Vec<KeptOut>,
    /// `[trust]`: regions whose sign-in endpoints trust policies are to admit.
    pub regions: Option<Vec<String>>,
    /// `[limits]`: how much is read.
    pub limits: Limits,
    /// `[sign_in]`: what sign-ins present to AWS.
    pub sign_in: SignInSettings,
    /// `[[waiver]]`: findings that are accepted, in the order written.
    pub waivers: Vec<Waiver>,
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
        for entry in file.entries_of(&tables::ROOT, table.get_ref())? {
            let value = entry.value;
            match entry.key.name {
                "profile" => config.profiles = profile::named(&entry.texts()),
                "partition" => config.partition = Partition::parse(&entry.text()),
                "source" => config.sources = file.sources(value)?,
                "app" => config.app = file.app(value)?,
                "account" => config.accounts = file.accounts(value)?,
                "rules" => config.rules = file.rules(value, known)?,
                "tiers" => config.tiers = file.tiers(value)?,
                "naming" => config.naming = file.naming(value)?,
                "trust" => config.regions = file.trust(value)?,
                "forbid" => config.forbidden = file.forbidden(value)?,
                "keep_out" => config.kept_out = file.kept_out(value)?,
                "limits" => config.limits = file.limits(value)?,
                "waiver" => config.waivers = file.waivers(value, known)?,
                _ => config.sign_in = file.sign_in(value)?,
            }
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::group_source::GroupSource;
    use crate::sources::input::Format;

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
