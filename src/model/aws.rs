//! AWS accounts as exported: roles, SAML providers, aliases.

mod merge;
mod policy;

pub use merge::Conflict;
pub use policy::{Below, PolicyDocument};

use std::collections::BTreeMap;

use super::account::{AccountId, Partition, Standing, Tier};
use crate::text::{Place, Sourced};

/// All accounts that any AWS export names, by id.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    accounts: BTreeMap<AccountId, Account>,
}

/// One AWS account; what no export states is `None` or not complete, which means unknown, never "none".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// IAM account alias; `Some(None)`-like absence is `no_alias`.
    pub alias: Option<Sourced<String>>,
    /// An export states that the account has no alias.
    pub no_alias: bool,
    /// Name in AWS Organizations (not the alias).
    pub name: Option<Sourced<String>>,
    /// `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, …, from AWS Organizations.
    pub status: Option<Sourced<String>>,
    /// Partition, from the ARNs of any export.
    pub partition: Option<Partition>,
    /// Roles that any export states, sorted by name.
    pub roles: Vec<Role>,
    /// An export lists all roles: a name that is not among them does not exist.
    pub roles_complete: bool,
    /// SAML providers that any export states, sorted by name.
    pub providers: Vec<SamlProvider>,
    /// An export lists all SAML providers.
    pub providers_complete: bool,
    /// What the project's configuration says of it beside the above.
    pub stated: Option<Stated>,
}

/// What a project says of an account that no export tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    /// Whether it is in use.
    pub standing: Standing,
    /// What it is for: `prod`.
    pub environment: Option<String>,
    /// The tier of every role in it.
    pub tier: Option<Tier>,
    /// Line that states it.
    pub place: Place,
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

/// An IAM SAML provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SamlProvider {
    /// Name, case kept.
    pub name: String,
    /// Metadata document as text, where an export carries it.
    pub metadata: Option<Sourced<String>>,
    /// Whether the metadata document is a file of its own: its lines are lines of the run.
    pub metadata_is_file: bool,
    /// `ValidUntil` as written.
    pub valid_until: Option<String>,
    /// What an export says about encrypted assertions.
    pub encryption: Encryption,
    /// Line that names the provider.
    pub place: Place,
}

/// How a SAML provider takes encrypted assertions; what no export states is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encryption {
    /// `AssertionEncryptionMode`: `Required` or `Allowed`.
    pub mode: Option<Sourced<String>>,
    /// How many private keys `PrivateKeyList` names.
    pub private_keys: Option<usize>,
    /// `SAMLProviderUUID`, which stands in the sign-in endpoint for encrypted responses.
    pub uuid: Option<String>,
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

    /// The account, to be changed, where any export names it.
    pub fn get_mut(&mut self, id: &AccountId) -> Option<&mut Account> {
        self.accounts.get_mut(id)
    }

    /// All accounts in order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = (&AccountId, &Account)> {
        self.accounts.iter()
    }

    /// The ids of all accounts but those that are declared closed.
    pub fn in_use(&self) -> impl Iterator<Item = AccountId> {
        let is_closed = |account: &Account| {
            account.stated.as_ref().is_some_and(|stated| stated.standing == Standing::Closed)
        };
        self.accounts.iter().filter(move |(_, account)| !is_closed(account)).map(|(id, _)| *id)
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
        let found = self.roles.binary_search_by(|role| role.name.as_str().cmp(name)).ok()?;
        self.roles.get(found)
    }

    /// The provider of exactly this name.
    pub fn provider(&self, name: &str) -> Option<&SamlProvider> {
        let providers = &self.providers;
        let found = providers.binary_search_by(|one| one.name.as_str().cmp(name)).ok()?;
        providers.get(found)
    }
}
