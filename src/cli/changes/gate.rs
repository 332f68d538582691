//! `--fail-on-gained` and `--fail-on-lost`: which changes end a run with exit code 1.

use clap::Args;

use crate::cli::{CliError, Exit, complain};
use crate::diff::outcome::{Blind, Diff, Effect, Row};
use crate::model::account::Tier;
use crate::rules::settings::fits;
use crate::text::Shown;

/// The flags.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct GateArgs {
    /// End with exit code 1 where somebody gains a role that fits: `any`, `tier=admin`, `tier=break-glass`,
    /// `role=PATTERN` or `account=ID|ALIAS` (repeatable)
    #[arg(long, value_name = "WHAT")]
    fail_on_gained: Vec<String>,
    /// The same where somebody loses one
    #[arg(long, value_name = "WHAT")]
    fail_on_lost: Vec<String>,
}

/// What roles a change must be about to count.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    Any,
    Tier(Tier),
    Role(String),
    Account(String),
}

/// The flags, read.
#[derive(Debug, Clone, Default)]
pub(super) struct Gate {
    gained: Vec<(String, Pattern)>,
    lost: Vec<(String, Pattern)>,
}

impl GateArgs {
    /// Reads the flags.
    pub(super) fn gate(&self) -> Result<Gate, CliError> {
        let read = |flag: &str, texts: &[String]| {
            let one = |text: &String| Ok((text.clone(), Pattern::parse(flag, text)?));
            texts.iter().map(one).collect::<Result<Vec<_>, CliError>>()
        };
        Ok(Gate {
            gained: read("--fail-on-gained", &self.fail_on_gained)?,
            lost: read("--fail-on-lost", &self.fail_on_lost)?,
        })
    }
}

impl Pattern {
    fn parse(flag: &str, text: &str) -> Result<Self, CliError> {
        let known = match text.split_once('=') {
            None if text == "any" => Some(Self::Any),
            Some(("tier", tier)) => Tier::parse(&tier.replace('-', "_")).map(Self::Tier),
            Some(("role", pattern)) if !pattern.is_empty() => {
                Some(Self::Role(pattern.to_lowercase()))
            }
            Some(("account", account)) if !account.is_empty() => {
                Some(Self::Account(account.to_owned()))
            }
            _ => None,
        };
        known.ok_or_else(|| {
            CliError::Message(format!(
                "`{flag} {}`, expected `any`, `tier=admin`, `tier=break-glass`, `role=PATTERN` or `account=ID|ALIAS`",
                Shown(text)
            ))
        })
    }

    fn fits(&self, row: &Row) -> bool {
        match self {
            Self::Any => true,
            // Roles for emergencies are of the admin tier too.
            Self::Tier(Tier::Admin) => row.tier.is_some(),
            Self::Tier(tier) => row.tier == Some(*tier),
            Self::Role(pattern) => fits(pattern, &row.name.to_lowercase()),
            Self::Account(account) => {
                row.account.as_str() == account || row.alias.as_ref() == Some(account)
            }
        }
    }
}

impl Gate {
    /// An error where what is asked for cannot be told, unless lenient.
    pub(super) fn require_sight(&self, blind: Blind, lenient: bool) -> Result<(), CliError> {
        let asked = [
            ("--fail-on-gained", blind.gained && !self.gained.is_empty()),
            ("--fail-on-lost", blind.lost && !self.lost.is_empty()),
        ];
        match asked.into_iter().find(|(_, blind)| *blind && !lenient) {
            Some((flag, _)) => Err(CliError::Message(format!(
                "`{flag}` cannot be decided, as one side lacks exports of memberships (see above); give them, or go on with `--lenient`"
            ))),
            None => Ok(()),
        }
    }

    /// The exit code: 1 where a change fits; what does is said on standard error.
    pub(super) fn exit(&self, diff: &Diff) -> Exit {
        let mut exit = Exit::Clean;
        let ways = [("gained", Effect::Gain, &self.gained), ("lost", Effect::Loss, &self.lost)];
        for (word, effect, patterns) in ways {
            for (text, pattern) in patterns {
                let rows = diff.rows().filter(|row| row.effect() == effect && pattern.fits(row));
                let count: usize = rows.map(|row| row.users.len()).sum();
                if count > 0 {
                    let roles = if count == 1 { "role" } else { "roles" };
                    complain(&format!("{count} {roles} {word} of `{}`", Shown(text)));
                    exit = Exit::Findings;
                }
            }
        }
        exit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_any_a_tier_a_role_or_an_account() {
        let parse = |text: &str| Pattern::parse("--fail-on-gained", text);
        assert_eq!(parse("any").unwrap(), Pattern::Any);
        assert_eq!(parse("tier=admin").unwrap(), Pattern::Tier(Tier::Admin));
        for text in ["tier=break-glass", "tier=break_glass"] {
            assert_eq!(parse(text).unwrap(), Pattern::Tier(Tier::BreakGlass));
        }
        assert_eq!(parse("role=*Admin").unwrap(), Pattern::Role("*admin".to_owned()));
        assert_eq!(parse("account=prod").unwrap(), Pattern::Account("prod".to_owned()));
        for text in ["", "tier=x", "role=", "all", "user=x"] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("expected `any`, `tier=admin`"), "{error}");
        }
    }
}
