//! An old Group Filter against a new one: over the names there are, and over every name there could be.

use std::collections::BTreeSet;

use crate::entitlement::resolve::Entitlements;
use crate::mapping::analysis::compare::{Comparison, ReadTwice, Verdict, compare, narrowed};
use crate::mapping::analysis::{Analysis, Witness};
use crate::mapping::group_filter::{GroupFilter, MatchMode};
use crate::model::account::Partition;
use crate::model::arn::RoleArn;

/// Real names that are given, before the rest is counted.
const REAL: usize = 20;

/// Roles for which a name is made.
const ROLES: usize = 40;

/// Names that are given for roles of the admin tier.
const OUTSIDERS: usize = 3;

/// How two filters differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filters {
    /// How many names of groups there are.
    pub real: usize,
    /// Some of those that are read otherwise, by name.
    pub different: Vec<ReadTwice>,
    /// How many there are of them.
    pub count: usize,
    /// Every name there could be.
    pub every: Comparison,
    /// Names that the new filter maps to a role of the admin tier and the old one does not, and that no group
    /// has: whoever may create groups could hand that role out.
    pub outsiders: Vec<Witness>,
}

/// A filter and how it is applied.
pub type Applied<'f> = (&'f GroupFilter, MatchMode);

impl Filters {
    /// Whether the filters read every name alike; names that were looked at may have several lines.
    pub fn verdict(&self) -> Verdict {
        if self.count > 0 { Verdict::Different } else { self.every.verdict.clone() }
    }
}

/// Compares two filters over some names, and over every name there could be.
pub fn compared(names: &BTreeSet<&str>, old: Applied<'_>, new: Applied<'_>) -> Filters {
    let (mut one, mut other) = (old.0.reader(), new.0.reader());
    let mut different: Vec<ReadTwice> = names
        .iter()
        .filter_map(|&name| {
            let (old, new) =
                (Witness::read(&mut one, name, old.1), Witness::read(&mut other, name, new.1));
            (old != new).then(|| ReadTwice { name: name.to_owned(), old, new })
        })
        .collect();
    let count = different.len();
    different.truncate(REAL);
    let every = compare(old, new);
    Filters { real: names.len(), different, count, every, outsiders: Vec::new() }
}

/// Compares the filters of two sides.
pub fn filters(
    before: &Entitlements<'_>,
    after: &Entitlements<'_>,
    is_admin: &dyn Fn(&RoleArn) -> bool,
) -> Filters {
    let (old, new) = (before.mapping, after.mapping);
    let directory = &after.federation.directory;
    let names: BTreeSet<&str> =
        directory.groups().map(|(id, _)| directory.group_name(id)).collect();
    let compared = compared(&names, (&old.filter, old.mode), (&new.filter, new.mode));
    let outsiders = match compared.every.verdict {
        Verdict::Different => outsiders(before, after, &names, is_admin),
        Verdict::Equivalent | Verdict::Undecided(_) => Vec::new(),
    };
    Filters { outsiders, ..compared }
}

fn outsiders(
    before: &Entitlements<'_>,
    after: &Entitlements<'_>,
    taken: &BTreeSet<&str>,
    is_admin: &dyn Fn(&RoleArn) -> bool,
) -> Vec<Witness> {
    let (old, new) = (before.mapping, after.mapping);
    let Ok(analysis) = Analysis::new(&new.filter, new.mode) else { return Vec::new() };
    let mut reader = old.filter.reader();
    let roles = admin_roles(before, after, is_admin).into_iter().take(ROLES);
    let made = roles.filter_map(|(role, account)| {
        let narrowed = narrowed(&new.filter, &role, &account)?;
        let compared = compare((&old.filter, old.mode), (&narrowed, new.mode));
        let names = compared.names.into_iter().map(|read| read.name);
        names.filter(|name| !taken.contains(name.as_str())).find_map(|name| {
            let found = analysis.read(&name)?;
            let known = Witness::read(&mut reader, &name, old.mode);
            let is_it = |one: &Witness| one.role == role && one.account == account;
            (is_it(&found) && !known.as_ref().is_some_and(is_it)).then_some(found)
        })
    });
    made.take(OUTSIDERS).collect()
}

/// Roles of the admin tier that groups of either side map to, then those that the exports have.
fn admin_roles(
    before: &Entitlements<'_>,
    after: &Entitlements<'_>,
    is_admin: &dyn Fn(&RoleArn) -> bool,
) -> BTreeSet<(String, String)> {
    let mapped = [before, after].into_iter().flat_map(Entitlements::targets);
    let mapped = mapped.filter_map(|target| target.pair.as_ref().ok().map(|pair| &pair.role));
    let mapped = mapped.filter(|role| is_admin(role));
    let mut roles: BTreeSet<(String, String)> =
        mapped.map(|role| (role.name.clone(), role.account.to_string())).collect();
    for (id, account) in after.federation.accounts.iter() {
        for role in &account.roles {
            let arn = RoleArn {
                partition: account.partition.unwrap_or(Partition::Aws),
                account: *id,
                path: role.path.clone(),
                name: role.name.clone(),
            };
            if is_admin(&arn) {
                roles.insert((role.name.clone(), id.to_string()));
            }
        }
    }
    roles
}
