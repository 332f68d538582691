//! What the AWS role picker shows.

use super::resolve::{Entitlements, Grants, TargetId};
use crate::model::arn::ArnPair;
use crate::model::directory::{GroupId, UserId};

/// The role picker of one user: accounts by id, roles by name (AWS documents no order; this one is ours).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolePicker {
    /// Accounts with at least one role.
    pub accounts: Vec<PickerAccount>,
}

/// One heading of the picker, and its roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickerAccount {
    /// The heading as AWS writes it: `Account: alias (id)`, without an alias `Account: id`.
    pub heading: String,
    /// The roles.
    pub entries: Vec<PickerEntry>,
}

/// One role to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickerEntry {
    /// The target.
    pub target: TargetId,
    /// The pair sent.
    pub pair: ArnPair,
    /// How many of the user's direct groups lead here.
    pub ways: u32,
}

impl RolePicker {
    /// The picker of a user with these direct groups; `grants` holds what is visible.
    pub fn of(
        entitlements: &Entitlements<'_>,
        user: UserId,
        direct: &[GroupId],
        grants: &Grants,
    ) -> Self {
        let mut entries = Vec::new();
        entitlements.entries(user, direct, grants, &mut entries);
        let mut entries: Vec<PickerEntry> = entries
            .into_iter()
            .filter_map(|(target, ways)| {
                let pair = entitlements.target(target)?.pair.clone().ok()?;
                Some(PickerEntry { target, pair, ways })
            })
            .collect();
        entries.sort_by(|a, b| {
            let key = |entry: &PickerEntry| (entry.pair.role.account, entry.pair.role.name.clone());
            (key(a), &a.pair).cmp(&(key(b), &b.pair))
        });
        let accounts = entries
            .chunk_by(|a, b| a.pair.role.account == b.pair.role.account)
            .filter_map(|entries| {
                let id = entries.first()?.pair.role.account;
                let account = entitlements.federation.accounts.get(&id);
                let alias = account.and_then(|account| account.alias.as_ref());
                let heading = match alias {
                    Some(alias) => format!("Account: {} ({id})", alias.value),
                    None => format!("Account: {id}"),
                };
                Some(PickerAccount { heading, entries: entries.to_vec() })
            })
            .collect();
        Self { accounts }
    }

    /// All entries in the order shown.
    pub fn entries(&self) -> impl Iterator<Item = &PickerEntry> {
        self.accounts.iter().flat_map(|account| &account.entries)
    }

    /// With exactly one role AWS skips the page and opens the console.
    pub fn is_skipped(&self) -> bool {
        self.entries().count() == 1
    }

    /// Without any role AWS shows an error page instead.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }
}
