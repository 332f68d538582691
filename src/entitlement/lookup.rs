//! Finds the user and the role a person names, or the nearest names there are.

use rayon::prelude::*;
use thiserror::Error;

use super::near::{distance, nearest};
use super::resolve::{Entitlements, TargetId};
use crate::model::account::AccountId;
use crate::model::arn::{Arn, RoleArn, is_role_name};
use crate::model::directory::{Directory, GroupId, NameKind, UserId};
use crate::model::federation::Federation;
use crate::sources::dn;

/// What looking a user up gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserMatch {
    /// Exactly one user is called that.
    One(UserId),
    /// Several are; their logins.
    Several(Vec<String>),
    /// None is; the nearest logins.
    None(Vec<String>),
}

/// How many names are offered.
const OFFERED: usize = 3;

/// Finds a user by login, else by any other name, ignoring case (DNs compare after RFC 4514).
pub fn find_user(directory: &Directory, text: &str) -> UserMatch {
    let wanted = text.to_lowercase();
    let same = |name: &str| name == text || name.to_lowercase() == wanted;
    let numbers: Vec<u32> = (0..u32::try_from(directory.user_count()).unwrap_or(0)).collect();
    let by_login: Vec<UserId> =
        numbers.par_iter().map(|&id| UserId(id)).filter(|&id| same(directory.login(id))).collect();
    if let [one] = by_login.as_slice() {
        return UserMatch::One(*one);
    }
    let mut canonical = Vec::new();
    let is_dn =
        dn::looks_like(text.as_bytes()) && dn::canonical(text.as_bytes(), &mut canonical).is_ok();
    let called = |id: UserId| {
        let mut scratch = Vec::new();
        directory.names_of_user(id).any(|(kind, name)| match kind {
            NameKind::Dn if is_dn => {
                dn::canonical(name.as_bytes(), &mut scratch).is_ok() && scratch == canonical
            }
            _ => same(name),
        })
    };
    let mut found: Vec<UserId> = by_login;
    if found.is_empty() {
        found = numbers.par_iter().map(|&id| UserId(id)).filter(|&id| called(id)).collect();
    }
    match found.as_slice() {
        [one] => UserMatch::One(*one),
        [] => UserMatch::None(nearest_users(directory, text)),
        many => UserMatch::Several(many.iter().map(|&id| directory.login(id).to_owned()).collect()),
    }
}

/// Finds a user by the part of login or mail before the `@`, or by the words of the name in any order
/// (`Doe, Jane`).
pub fn find_loosely(directory: &Directory, text: &str) -> UserMatch {
    let (wanted, sorted) = (text.to_lowercase(), sorted_words(text));
    let local =
        |name: &str| name.split_once('@').is_some_and(|(local, _)| local.to_lowercase() == wanted);
    let same_words = |name: &str| sorted.len() > 1 && sorted_words(name) == sorted;
    let numbers = (0..u32::try_from(directory.user_count()).unwrap_or(0)).into_par_iter();
    let found: Vec<UserId> = numbers
        .map(UserId)
        .filter(|&id| {
            local(directory.login(id))
                || directory.names_of_user(id).any(|(kind, name)| match kind {
                    NameKind::Login | NameKind::Mail => local(name),
                    NameKind::CommonName => same_words(name),
                    _ => false,
                })
        })
        .collect();
    match found.as_slice() {
        [one] => UserMatch::One(*one),
        [] => UserMatch::None(Vec::new()),
        many => UserMatch::Several(many.iter().map(|&id| directory.login(id).to_owned()).collect()),
    }
}

fn sorted_words(name: &str) -> Vec<String> {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words: Vec<String> = words.map(str::to_lowercase).collect();
    words.sort_unstable();
    words
}

fn nearest_users(directory: &Directory, text: &str) -> Vec<String> {
    let local = |name: &str| name.split('@').next().unwrap_or_default().to_lowercase();
    let wanted = local(text);
    let mut found: Vec<(usize, &str)> = directory
        .users
        .par_iter()
        .filter_map(|user| {
            let login = directory.text(user.login);
            Some((distance(&wanted, &local(login), 3)?, login))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(OFFERED).map(|(_, login)| login.to_owned()).collect()
}

/// A role as a person names it: `alias/Role`, `123456789012/Role` or an ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleQuery {
    /// As written.
    pub text: String,
    /// The account.
    pub account: AccountQuery,
    /// The role's name.
    pub name: String,
    /// The whole ARN, where one was given.
    pub arn: Option<RoleArn>,
}

/// An account as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountQuery {
    /// By id.
    Id(AccountId),
    /// By alias.
    Alias(String),
}

/// Why a text names no role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` names no role, expected `alias/Role`, `123456789012/Role` or a role ARN")]
pub struct NoRoleQuery(pub String);

impl RoleQuery {
    /// The very role of an ARN, called as a person would call it: by alias where the account has one.
    pub fn of(federation: &Federation, role: &RoleArn) -> Self {
        Self {
            text: called(federation, role),
            account: AccountQuery::Id(role.account),
            name: role.name.clone(),
            arn: Some(role.clone()),
        }
    }

    /// Reads a role as a person names it.
    pub fn parse(text: &str) -> Result<Self, NoRoleQuery> {
        let refused = || NoRoleQuery(text.to_owned());
        if text.starts_with("arn:") {
            let Ok(Arn::Role(arn)) = Arn::parse(text) else { return Err(refused()) };
            return Ok(Self {
                text: text.to_owned(),
                account: AccountQuery::Id(arn.account),
                name: arn.name.clone(),
                arn: Some(arn),
            });
        }
        let (account, name) = text.split_once('/').ok_or_else(refused)?;
        let name = name.rsplit('/').next().unwrap_or(name);
        if account.is_empty() || !is_role_name(name) {
            return Err(refused());
        }
        let account = match AccountId::parse(account) {
            Ok(id) => AccountQuery::Id(id),
            Err(_) => AccountQuery::Alias(account.to_owned()),
        };
        Ok(Self { text: text.to_owned(), account, name: name.to_owned(), arn: None })
    }

    /// The account's id: given, or the account of that alias, or the one account that names with this
    /// alias map to.
    pub fn account_id(&self, entitlements: &Entitlements<'_>) -> Option<AccountId> {
        match &self.account {
            AccountQuery::Id(id) => Some(*id),
            AccountQuery::Alias(alias) => account_of_alias(entitlements.federation, alias)
                .or_else(|| account_in_names(entitlements, alias)),
        }
    }

    /// The account's id: given, or the account of that alias in an export.
    pub fn account_in(&self, federation: &Federation) -> Option<AccountId> {
        match &self.account {
            AccountQuery::Id(id) => Some(*id),
            AccountQuery::Alias(alias) => account_of_alias(federation, alias),
        }
    }

    /// The alias: given, or the account's.
    pub fn alias<'q>(&'q self, federation: &'q Federation) -> Option<&'q str> {
        match &self.account {
            AccountQuery::Alias(alias) => Some(alias),
            AccountQuery::Id(id) => {
                federation.accounts.get(id)?.alias.as_ref().map(|alias| alias.value.as_str())
            }
        }
    }

    /// Targets that are this role.
    pub fn targets(&self, entitlements: &Entitlements<'_>) -> Vec<TargetId> {
        let Some(account) = self.account_id(entitlements) else { return Vec::new() };
        (0..)
            .map(TargetId)
            .zip(entitlements.targets())
            .filter(|(_, target)| {
                target.pair.as_ref().is_ok_and(|pair| self.is_in(account, &pair.role))
            })
            .map(|(id, _)| id)
            .collect()
    }

    /// Whether a role is this one, case and (where an ARN was given) path and partition included.
    pub fn is(&self, entitlements: &Entitlements<'_>, role: &RoleArn) -> bool {
        self.account_id(entitlements).is_some_and(|account| self.is_in(account, role))
    }

    fn is_in(&self, account: AccountId, role: &RoleArn) -> bool {
        match &self.arn {
            Some(arn) => role == arn,
            None => role.account == account && role.name == self.name,
        }
    }

    /// Nearest role names among the account's roles and what groups map to there.
    pub fn nearest_roles(&self, entitlements: &Entitlements<'_>) -> Vec<String> {
        let Some(id) = self.account_id(entitlements) else { return Vec::new() };
        let account = entitlements.federation.accounts.get(&id);
        let existing =
            account.into_iter().flat_map(|account| &account.roles).map(|role| role.name.as_str());
        let mapped = entitlements.targets().iter().filter_map(|target| {
            let pair = target.pair.as_ref().ok()?;
            (pair.role.account == id).then_some(pair.role.name.as_str())
        });
        nearest(&self.name, existing.chain(mapped), OFFERED)
    }
}

/// A role as a person calls it: `alias/Role` where the account has an alias, else `123456789012/Role`.
pub fn called(federation: &Federation, role: &RoleArn) -> String {
    let account = federation.accounts.get(&role.account);
    match account.and_then(|account| account.alias.as_ref()) {
        Some(alias) => format!("{}/{}", alias.value, role.name),
        None => format!("{}/{}", role.account, role.name),
    }
}

fn account_of_alias(federation: &Federation, alias: &str) -> Option<AccountId> {
    federation
        .accounts
        .iter()
        .find(|(_, account)| account.alias.as_ref().is_some_and(|own| own.value == alias))
        .map(|(id, _)| *id)
}

/// The one account that role groups with this alias in their names map to.
fn account_in_names(entitlements: &Entitlements<'_>, alias: &str) -> Option<AccountId> {
    let directory = &entitlements.federation.directory;
    let mut accounts = entitlements.role_groups.mapped.iter().filter_map(|mapped| {
        let account = mapped.pair.as_ref().ok()?.role.account;
        has_token(directory.group_name(mapped.group), alias).then_some(account)
    });
    let first = accounts.next()?;
    accounts.all(|other| other == first).then_some(first)
}

/// Whether a word stands in a name, not as a part of a longer one.
pub fn has_token(name: &str, word: &str) -> bool {
    let inner = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-');
    !word.is_empty()
        && name.match_indices(word).any(|(at, _)| {
            let (before, rest) = name.split_at(at);
            let after = rest.strip_prefix(word).unwrap_or_default();
            !inner(before.chars().next_back()) && !inner(after.chars().next())
        })
}

/// Finds a group by exact name, else ignoring case.
pub fn find_group(directory: &Directory, name: &str) -> Option<GroupId> {
    let exact = directory.groups().find(|(_, group)| directory.text(group.name) == name);
    let lower = name.to_lowercase();
    let folded =
        || directory.groups().find(|(_, group)| directory.text(group.name).to_lowercase() == lower);
    exact.or_else(folded).map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_named_by_alias_id_or_arn() {
        let by_alias = RoleQuery::parse("acme-prod/Admin").unwrap();
        assert_eq!(by_alias.account, AccountQuery::Alias("acme-prod".into()));
        let by_id = RoleQuery::parse("012345678901/Admin").unwrap();
        assert_eq!(by_id.account, AccountQuery::Id(AccountId::parse("012345678901").unwrap()));
        let by_arn = RoleQuery::parse("arn:aws:iam::012345678901:role/team/Admin").unwrap();
        assert_eq!((by_arn.name.as_str(), by_arn.arn.unwrap().path.as_str()), ("Admin", "/team/"));
        assert!(RoleQuery::parse("Admin").is_err());
        assert!(RoleQuery::parse("/Admin").is_err());
    }

    #[test]
    fn a_word_inside_a_longer_one_is_no_token() {
        assert!(has_token("aws#acme-prod#Admin#1", "acme-prod"));
        assert!(!has_token("aws#acme-prod-eu#Admin#1", "acme-prod"));
        assert!(!has_token("aws#xacme-prod#Admin#1", "acme-prod"));
        assert!(!has_token("x", ""));
    }
}
