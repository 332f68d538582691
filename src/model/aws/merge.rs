//! Several exports of one account become one account; where they disagree, both places are told.

use std::collections::btree_map::Entry;
use std::fmt;

use super::{Account, Accounts, PolicyDocument, Role, SamlProvider};
use crate::model::account::AccountId;
use crate::text::{Place, Sourced};

/// Two exports that state different things of one account; the one merged first counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The account.
    pub account: AccountId,
    /// What they disagree on, such as `trust policy of role`.
    pub what: &'static str,
    /// Name of the role or provider; empty for the account itself.
    pub name: String,
    /// Where the statement that counts stands.
    pub kept: Place,
    /// Where the other stands.
    pub dropped: Place,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {}: another {}", self.account, self.what)?;
        if !self.name.is_empty() {
            write!(f, " `{}`", self.name)?;
        }
        f.write_str(" stands in an export read before, expected the same; the one before counts")
    }
}

impl std::error::Error for Conflict {}

impl Accounts {
    /// Adds what further exports state.
    pub fn merge(&mut self, other: Self) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        for (id, account) in other.accounts {
            match self.accounts.entry(id) {
                Entry::Vacant(entry) => {
                    entry.insert(account);
                }
                Entry::Occupied(entry) => {
                    let mut merging = Merging { account: id, conflicts: &mut conflicts };
                    merging.accounts(entry.into_mut(), account);
                }
            }
        }
        conflicts
    }

    /// Replaces every place, such as a line of one file by a place of the run.
    pub fn map_places(&mut self, place: impl Fn(Place) -> Place) {
        for account in self.accounts.values_mut() {
            let texts = [&mut account.alias, &mut account.name, &mut account.status];
            for text in texts.into_iter().flatten() {
                text.place = place(text.place);
            }
            for role in &mut account.roles {
                role.place = place(role.place);
                if let Some(policy) = &mut role.trust_policy {
                    policy.place = place(policy.place);
                }
            }
            for provider in &mut account.providers {
                provider.place = place(provider.place);
                if let Some(metadata) = &mut provider.metadata {
                    metadata.place = place(metadata.place);
                }
                if let Some(mode) = &mut provider.encryption.mode {
                    mode.place = place(mode.place);
                }
            }
        }
    }
}

struct Merging<'c> {
    account: AccountId,
    conflicts: &'c mut Vec<Conflict>,
}

impl Merging<'_> {
    fn accounts(&mut self, into: &mut Account, other: Account) {
        self.text("alias", &mut into.alias, other.alias);
        self.text("account name", &mut into.name, other.name);
        self.text("account status", &mut into.status, other.status);
        into.no_alias = (into.no_alias || other.no_alias) && into.alias.is_none();
        into.partition = into.partition.or(other.partition);
        let (roles, others) = (std::mem::take(&mut into.roles), other.roles);
        into.roles = by_name(roles, others, |role| &role.name, |a, b| self.roles(a, b));
        into.roles_complete |= other.roles_complete;
        let (providers, others) = (std::mem::take(&mut into.providers), other.providers);
        into.providers = by_name(providers, others, |one| &one.name, |a, b| self.providers(a, b));
        into.providers_complete |= other.providers_complete;
    }

    fn text(
        &mut self,
        what: &'static str,
        into: &mut Option<Sourced<String>>,
        other: Option<Sourced<String>>,
    ) {
        match (&*into, other) {
            (None, other) => *into = other,
            (Some(kept), Some(other)) if kept.value != other.value => {
                self.report(what, "", kept.place, other.place);
            }
            _ => {}
        }
    }

    fn roles(&mut self, into: &mut Role, other: Role) {
        if into.path != other.path {
            self.report("path of role", &other.name, into.place, other.place);
        }
        match (&into.trust_policy, other.trust_policy) {
            (None, policy) => into.trust_policy = policy,
            (Some(kept), Some(PolicyDocument { json, place })) if kept.json != json => {
                self.report("trust policy of role", &other.name, kept.place, place);
            }
            _ => {}
        }
        match (into.max_session_duration, other.max_session_duration) {
            (None, duration) => into.max_session_duration = duration,
            (Some(kept), Some(found)) if kept != found => {
                self.report("session duration of role", &other.name, into.place, other.place);
            }
            _ => {}
        }
    }

    fn providers(&mut self, into: &mut SamlProvider, other: SamlProvider) {
        into.valid_until = into.valid_until.take().or(other.valid_until);
        let (own, others) = (&mut into.encryption, other.encryption);
        own.mode = own.mode.take().or(others.mode);
        own.private_keys = own.private_keys.or(others.private_keys);
        own.uuid = own.uuid.take().or(others.uuid);
        match (&into.metadata, other.metadata) {
            (None, metadata) => {
                into.metadata = metadata;
                into.metadata_is_file = other.metadata_is_file;
            }
            (Some(kept), Some(found)) if kept.value != found.value => {
                self.report("metadata of SAML provider", &other.name, kept.place, found.place);
            }
            _ => {}
        }
    }

    fn report(&mut self, what: &'static str, name: &str, kept: Place, dropped: Place) {
        let (account, name) = (self.account, name.to_owned());
        self.conflicts.push(Conflict { account, what, name, kept, dropped });
    }
}

/// Joins two lists sorted by name; what both hold is joined by `join`.
fn by_name<T>(
    first: Vec<T>,
    second: Vec<T>,
    name: impl Fn(&T) -> &String,
    mut join: impl FnMut(&mut T, T),
) -> Vec<T> {
    if first.is_empty() {
        return second;
    }
    let mut joined = Vec::with_capacity(first.len() + second.len());
    let mut others = second.into_iter().peekable();
    for mut one in first {
        while let Some(other) = others.next_if(|other| name(other) < name(&one)) {
            joined.push(other);
        }
        while let Some(other) = others.next_if(|other| name(other) == name(&one)) {
            join(&mut one, other);
        }
        joined.push(one);
    }
    joined.extend(others);
    joined
}
