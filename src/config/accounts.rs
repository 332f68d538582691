//! `[[account]]`: the AWS accounts that a project declares.

use toml::Spanned;
use toml::de::DeValue;

use super::tables::ACCOUNT;
use super::toml_reader::{Entry, Toml};
use super::{Config, ConfigError};
use crate::model::account::{AccountId, Partition, Standing, Tier};
use crate::model::aws::Stated;
use crate::model::federation::Federation;
use crate::text::{SourceId, Sourced};

/// One `[[account]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigAccount {
    /// Its id.
    pub id: AccountId,
    /// Line of the id, counted from one.
    pub line: usize,
    /// Its alias, with the line.
    pub alias: Option<(String, usize)>,
    /// Its name in AWS Organizations, with the line.
    pub name: Option<(String, usize)>,
    /// What it is for.
    pub environment: Option<String>,
    /// The tier of every role in it.
    pub tier: Option<Tier>,
    /// Its partition.
    pub partition: Option<Partition>,
    /// Whether it is in use.
    pub standing: Standing,
}

impl Config {
    /// Says of accounts what no export says of them; `source` is the configuration itself.
    pub fn declare(&self, federation: &mut Federation, source: SourceId) {
        let Federation { sources, accounts, .. } = federation;
        let place = |line: usize| sources.place(source, u32::try_from(line).unwrap_or(u32::MAX));
        for said in &self.accounts {
            let account = accounts.entry(said.id);
            let sourced = |said: &Option<(String, usize)>| {
                said.as_ref().map(|(text, line)| Sourced::new(text.clone(), place(*line)))
            };
            if account.alias.is_none() && !account.no_alias {
                account.alias = sourced(&said.alias);
            }
            if account.name.is_none() {
                account.name = sourced(&said.name);
            }
            account.partition = account.partition.or(said.partition);
            account.stated = Some(Stated {
                standing: said.standing,
                environment: said.environment.clone(),
                tier: said.tier,
                place: place(said.line),
            });
        }
    }
}

impl Toml<'_> {
    pub(super) fn accounts(
        self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Vec<ConfigAccount>, ConfigError> {
        let mut accounts: Vec<ConfigAccount> = Vec::new();
        for (line, entries) in self.tables(&ACCOUNT, value)? {
            let Some(account) = account(&entries) else { continue };
            for other in &accounts {
                let alias = account.alias.as_ref().map(|(alias, _)| alias);
                let twice = if other.id == account.id {
                    format!("account `{}` is declared twice", account.id)
                } else if alias.is_some() && alias == other.alias.as_ref().map(|(alias, _)| alias) {
                    let alias = alias.map_or("", String::as_str);
                    format!(
                        "alias `{alias}` is that of two accounts, `{}` and `{}`",
                        other.id, account.id
                    )
                } else {
                    continue;
                };
                let message = format!("{twice}, first in line {}", other.line);
                return Err(ConfigError { line, message });
            }
            accounts.push(account);
        }
        Ok(accounts)
    }
}

fn account(entries: &[Entry<'_, '_>]) -> Option<ConfigAccount> {
    let entry = |name: &str| entries.iter().find(|entry| entry.key.name == name);
    let with_line = |name: &str| entry(name).map(|entry| (entry.text(), entry.line));
    let text = |name: &str| entry(name).map(Entry::text);
    let id = entry("id")?;
    Some(ConfigAccount {
        id: AccountId::parse(&id.text()).ok()?,
        line: id.line,
        alias: with_line("alias"),
        name: with_line("name"),
        environment: text("environment"),
        tier: text("tier").and_then(|text| Tier::parse(&text)),
        partition: text("partition").and_then(|text| Partition::parse(&text)),
        standing: text("status").and_then(|text| Standing::parse(&text)).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws::Account;

    const CONFIG: &str = concat!(
        "[[account]]\nid = \"111111111111\"\nalias = \"kestrel-prod\"\nname = \"Kestrel\"\n",
        "environment = \"prod\"\ntier = \"break_glass\"\npartition = \"aws-cn\"\nstatus = \"planned\"\n",
        "[[account]]\nid = \"222222222222\"\n",
    );

    fn declared(mut federation: Federation) -> Vec<Account> {
        let config = Config::parse(CONFIG).unwrap();
        let source = federation.sources.append("rolecall.toml".to_owned(), 10);
        config.declare(&mut federation, source);
        let places = federation.accounts.iter().filter_map(|(_, account)| account.stated.as_ref());
        let lines: Vec<_> =
            places.filter_map(|stated| federation.sources.resolve(stated.place)).collect();
        assert_eq!(lines, [("rolecall.toml", 2), ("rolecall.toml", 10)]);
        federation.accounts.iter().map(|(_, account)| account.clone()).collect()
    }

    #[test]
    fn what_is_declared_counts_where_no_export_says_it() {
        let accounts = declared(Federation::default());
        let first = &accounts[0];
        assert_eq!(first.alias.as_ref().unwrap().value, "kestrel-prod");
        assert_eq!(first.name.as_ref().unwrap().value, "Kestrel");
        assert_eq!(first.partition, Some(Partition::China));
        let stated = first.stated.as_ref().unwrap();
        assert_eq!((stated.standing, stated.tier), (Standing::Planned, Some(Tier::BreakGlass)));
        assert_eq!(stated.environment.as_deref(), Some("prod"));
        assert_eq!(accounts[1].alias, None);
    }

    #[test]
    fn what_an_export_says_outranks_it() {
        let mut federation = Federation::default();
        let account = federation.accounts.entry(AccountId::parse("111111111111").unwrap());
        account.no_alias = true;
        account.partition = Some(Partition::Aws);
        let accounts = declared(federation);
        assert_eq!((&accounts[0].alias, accounts[0].partition), (&None, Some(Partition::Aws)));
    }

    #[test]
    fn an_account_that_is_declared_wrongly_names_its_line() {
        for (text, line, message) in [
            ("[[account]]\nalias = \"abc\"\n", 1, "an account without `id`, expected one"),
            (
                "[[account]]\nid = \"12345678901\"\n",
                2,
                "`id` is `12345678901`, expected an account id of 12 digits, `012345678901` if leading zeros were lost",
            ),
            (
                "[[account]]\nid = \"111111111111\"\nalias = \"Kestrel\"\n",
                3,
                "`alias` is `Kestrel`, expected an account alias: 3 to 63 of `a-z`, `0-9` and `-`",
            ),
            (
                "[[account]]\nid = \"111111111111\"\nstatus = \"shut\"\n",
                3,
                "`status` is `shut`, expected `active`, `planned` or `closed`",
            ),
            (
                "[[account]]\nid = \"111111111111\"\nteir = \"admin\"\n",
                3,
                "unknown key `teir`, expected `tier`",
            ),
            (
                "[[account]]\nid = \"111111111111\"\n[[account]]\nid = \"111111111111\"\n",
                3,
                "account `111111111111` is declared twice, first in line 2",
            ),
            (
                concat!(
                    "[[account]]\nid = \"111111111111\"\nalias = \"abc\"\n",
                    "[[account]]\nid = \"222222222222\"\nalias = \"abc\"\n"
                ),
                4,
                "alias `abc` is that of two accounts, `111111111111` and `222222222222`, first in line 2",
            ),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert_eq!((error.line, error.message.as_str()), (line, message), "{text}");
        }
    }
}
