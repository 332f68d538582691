//! AWS accounts as exported: roles, SAML providers, aliases.

use std::collections::BTreeMap;

use super::account::AccountId;
use crate::text::{Place, Sourced};

/// All accounts that any AWS export names, by id.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    accounts: BTreeMap<AccountId, Account>,
}

/// One AWS account; what no export states is `None`, which means unknown, never "none".
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// IAM account alias; `Some(None)`-like absence is `no_alias`.
    pub alias: Option<Sourced<String>>,
    /// An export states that the account has no alias.
    pub no_alias: bool,
    /// Name in AWS Organizations (not the alias).
    pub name: Option<Sourced<String>>,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, …, from AWS Organizations.
    pub status: Option<Sourced<String>>,
    /// Roles, sorted by name; `None` where no export lists them all.
    pub roles: Option<Vec<Role>>,
    /// SAML providers, sorted by name; `None` where no export lists them all.
    pub providers: Option<Vec<SamlProvider>>,
}

/// An IAM role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Name, case kept.
    pub name: String,
    /// Path with both slashes.
    pub path: String,
    /// Trust policy, where the export carries it.
    pub trust_policy: Option<PolicyDocument>,
    /// `MaxSessionDuration` in seconds, where the export carries it.
    pub max_session_duration: Option<u32>,
    /// Line the role begins at.
    pub place: Place,
}

/// A policy document: valid JSON text, decoded from whatever form the export keeps it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    /// The document as compact or original JSON text, known to parse.
    pub json: Box<str>,
    /// Line the document begins at.
    pub place: Place,
}

/// An IAM SAML provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamlProvider {
    /// Name, case kept.
    pub name: String,
    /// Metadata document as text, where an export carries it.
    pub metadata: Option<Sourced<String>>,
    /// `ValidUntil` as written.
    pub valid_until: Option<String>,
    /// Line that names the provider.
    pub place: Place,
}

impl Accounts {
    /// The account's entry, made when new.
    pub fn entry(&mut self, id: AccountId) -> &mut Account {
        self.accounts.entry(id).or_default()
    }

    /// The account, where any export names it.
    pub fn get(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.get(id)
    }

    /// All accounts in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&AccountId, &Account)> {
        self.accounts.iter()
    }

    /// How many accounts are known.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether no export names any account.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }
}

impl Account {
    /// The role of exactly this name; role names are unique ignoring case within an account.
    pub fn role(&self, name: &str) -> Option<&Role> {
        let roles = self.roles.as_ref()?;
        roles
            .binary_search_by(|role| role.name.as_str().cmp(name))
            .ok()
            .and_then(|at| roles.get(at))
    }

    /// The provider of exactly this name.
    pub fn provider(&self, name: &str) -> Option<&SamlProvider> {
        let providers = self.providers.as_ref()?;
        providers
            .binary_search_by(|provider| provider.name.as_str().cmp(name))
            .ok()
            .and_then(|at| providers.get(at))
    }
}
