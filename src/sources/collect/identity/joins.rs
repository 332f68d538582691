//! Pairs of nodes that are one user or one group.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::super::Collector;
use super::{Identities, KeySpaces, Owner, canonical_dn, cased_users, folded, spaces_of_users};
use crate::model::group_source::GroupSource;
use crate::sources::batch::{Attribute, RecordRef};
use crate::sources::keys::KeySpace;

/// Pairs of user nodes that are one user: the same login, else the same mail address, ignoring case.
pub(super) fn user_joins(collector: &Collector, found: &Identities) -> Vec<(Owner, Owner)> {
    if spaces_of_users(collector, found).len() < 2 {
        return login_case_joins(collector, found);
    }
    let mut by_login: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
    let mut joins = Vec::new();
    let mut join = |name: &[u8], node: u32| {
        let first = *by_login.entry(folded(name)).or_insert(node);
        if first != node {
            joins.push((Owner::User(first), Owner::User(node)));
        }
    };
    for (node, user) in (0..).zip(&found.users) {
        if collector.keys.space(user.key) == Some(KeySpace::Login) {
            join(collector.keys.text(user.key), node);
        }
    }
    for row in &collector.attributes {
        if let (RecordRef::User(at), Attribute::Login) = (row.of, row.attribute)
            && let Some(&node) = found.user_of_row.get(at as usize)
        {
            join(collector.keys.slice(row.text), node);
        }
    }
    joins.extend(mail_joins(collector, found, &joins));
    joins
}

/// Users of different systems that no login joins, but one mail address does.
fn mail_joins(
    collector: &Collector,
    found: &Identities,
    joined: &[(Owner, Owner)],
) -> Vec<(Owner, Owner)> {
    let done: BTreeSet<Owner> = joined.iter().flat_map(|&(a, b)| [a, b]).collect();
    let mut by_mail: FxHashMap<Vec<u8>, Vec<u32>> = FxHashMap::default();
    for row in &collector.attributes {
        if let (RecordRef::User(at), Attribute::Mail) = (row.of, row.attribute)
            && let Some(&node) = found.user_of_row.get(at as usize)
            && !done.contains(&Owner::User(node))
        {
            by_mail.entry(folded(collector.keys.slice(row.text))).or_default().push(node);
        }
    }
    let space =
        |node: u32| found.users.get(node as usize).and_then(|user| collector.keys.space(user.key));
    let mut joins: Vec<_> = by_mail
        .into_values()
        .filter_map(|nodes| match nodes.as_slice() {
            &[a, b] if space(a) != space(b) => Some((Owner::User(a), Owner::User(b))),
            _ => None,
        })
        .collect();
    joins.sort_unstable();
    joins
}

/// Logins of one system that differ in case only.
fn login_case_joins(collector: &Collector, found: &Identities) -> Vec<(Owner, Owner)> {
    let keys = &collector.keys;
    let cased = cased_users(collector, found).into_par_iter().filter_map(|node| {
        let key = found.users.get(node as usize)?.key;
        let lower = (keys.space(key)? == KeySpace::Login).then(|| folded(keys.text(key)))?;
        let other = keys.get(KeySpace::Login, &lower).map(|key| found.owner(key));
        // Whoever has the text without its case is found by the others.
        (other != Some(Owner::User(node))).then_some((node, lower, other))
    });
    let cased: Vec<_> = cased.collect();
    let mut variants: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
    let mut joins = Vec::new();
    for (node, lower, other) in cased {
        let first = match other {
            Some(Owner::User(first)) => first,
            _ => *variants.entry(lower).or_insert(node),
        };
        if first != node {
            joins.push((Owner::User(first), Owner::User(node)));
        }
    }
    joins
}

/// Pairs of group nodes that are one group: the same DN, else the same name in different systems.
pub(super) fn group_joins(collector: &Collector, found: &Identities) -> Vec<(Owner, Owner)> {
    let space = |node: u32| {
        found.groups.get(node as usize).and_then(|group| collector.keys.space(group.key))
    };
    let spaces = KeySpaces::of((0..super::super::count(&found.groups)).filter_map(space));
    if spaces.len() < 2 && !spaces.has(KeySpace::Dn) {
        return Vec::new();
    }
    let mut joins = Vec::new();
    let mut by_dn: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
    let mut scratch = Vec::new();
    let mut join_dn = |text: &[u8], node: u32| {
        if canonical_dn(text, &mut scratch) {
            let first = *by_dn.entry(scratch.clone()).or_insert(node);
            if first != node {
                joins.push((Owner::Group(first), Owner::Group(node)));
            }
        }
    };
    for (node, group) in (0..).zip(&found.groups) {
        if collector.keys.space(group.key) == Some(KeySpace::Dn) {
            join_dn(collector.keys.text(group.key), node);
        }
    }
    for row in &collector.attributes {
        if let (RecordRef::Group(at), Attribute::Dn) = (row.of, row.attribute)
            && let Some(&node) = found.group_of_row.get(at as usize)
        {
            join_dn(collector.keys.slice(row.text), node);
        }
    }
    joins.extend(name_joins(collector, found, &joins));
    joins
}

/// Groups of different systems with one name, each the only one of that name in its system. A group
/// made in Okta is never a directory's, but two exports may both say that it was made in Okta.
fn name_joins(
    collector: &Collector,
    found: &Identities,
    joined: &[(Owner, Owner)],
) -> Vec<(Owner, Owner)> {
    let done: BTreeSet<Owner> = joined.iter().flat_map(|&(a, b)| [a, b]).collect();
    let mut by_name: FxHashMap<(bool, &[u8]), Vec<u32>> = FxHashMap::default();
    for (node, group) in (0..).zip(&found.groups) {
        let own = group.facts.source == Some(GroupSource::Okta);
        if !done.contains(&Owner::Group(node)) {
            by_name.entry((own, collector.keys.slice(group.name))).or_default().push(node);
        }
    }
    let space = |node: u32| {
        found.groups.get(node as usize).and_then(|group| collector.keys.space(group.key))
    };
    let mut joins = Vec::new();
    for nodes in by_name.into_values().filter(|nodes| nodes.len() > 1) {
        let spaces: BTreeSet<_> = nodes.iter().map(|&node| space(node)).collect();
        if spaces.len() == nodes.len() {
            let first = nodes.iter().copied().min().unwrap_or_default();
            joins.extend(
                nodes
                    .iter()
                    .filter(|&&node| node != first)
                    .map(|&node| (Owner::Group(first), Owner::Group(node))),
            );
        }
    }
    joins.sort_unstable();
    joins
}
