//! Which roles of pickers some expectation says something about.

use std::collections::{BTreeMap, BTreeSet};

use crate::entitlement::holdings::{Holdings, RoleNo};

/// Roles that pickers may show, and those among them that an expectation names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// How many roles pickers may show.
    pub roles: usize,
    /// How many of them are named.
    pub covered: usize,
    /// Those that are not, as people call them, by account and name.
    pub uncovered: Vec<String>,
    /// How many accounts have a role that pickers may show.
    pub accounts: usize,
    /// Accounts of which no role is named.
    pub uncovered_accounts: Vec<String>,
}

impl Coverage {
    /// Whole per cent of the roles that are named, rounded down; 100 where there is none.
    pub const fn percent(&self) -> usize {
        match (self.covered * 100).checked_div(self.roles) {
            Some(percent) => percent,
            None => 100,
        }
    }
}

/// What some named roles cover.
pub fn coverage(holdings: &Holdings<'_>, named: &BTreeSet<RoleNo>) -> Coverage {
    let mut found = Coverage::default();
    let mut accounts: BTreeMap<String, bool> = BTreeMap::new();
    for (no, role) in holdings.roles().filter(|(_, role)| role.is_visible) {
        let is_named = named.contains(&no);
        found.roles += 1;
        found.covered += usize::from(is_named);
        let account = holdings.entitlements.federation.accounts.get(&role.arn.account);
        let id = role.arn.account.to_string();
        let account = match account.and_then(|account| account.alias.as_ref()) {
            Some(alias) => format!("{} ({id})", alias.value),
            None => id,
        };
        *accounts.entry(account).or_default() |= is_named;
        if !is_named {
            found.uncovered.push(role.called.to_string());
        }
    }
    found.accounts = accounts.len();
    found.uncovered_accounts =
        accounts.into_iter().filter(|(_, named)| !named).map(|(account, _)| account).collect();
    found
}
