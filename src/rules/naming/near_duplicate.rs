//! `naming/near-duplicate`: names that people cannot tell apart.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Entitlements, before};
use crate::entitlement::names::skeleton;
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::AccountId;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/near-duplicate",
        summary: "two group names are equal but for case, white space, look-alikes or Unicode form",
        severity: Severity::Error,
        on: true,
        follows: before("naming/near-duplicate"),
        options: &[],
        since: "0.1.0",
        explanation: "Two groups whose names people read as one: somebody is added to the one that does not map, \
                      or to the one that maps by accident, and everybody believes that the access is as it was \
                      meant. Names are compared without case, white space, invisible characters and look-alikes, \
                      in one Unicode form. Reported where at least one of the two is a role group or was meant to \
                      be.",
        remediation: "Move the members to the group that is meant and delete the other.",
        references: &[
            "https://www.unicode.org/reports/tr15/",
            "https://www.unicode.org/reports/tr39/",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let groups: Vec<GroupId> = directory.groups().map(|(group, _)| group).collect();
    let mut keys: Vec<(String, GroupId)> =
        groups.par_iter().map(|&group| (skeleton(directory.group_name(group)), group)).collect();
    keys.par_sort_unstable();
    let sets = keys.chunk_by(|(a, _), (b, _)| a == b).filter(|set| set.len() > 1);
    Ok(sets.flat_map(|set| twins(entitlements, set)).collect())
}

/// The names of a set that are not the one to keep, each once.
fn twins(entitlements: &Entitlements<'_>, set: &[(String, GroupId)]) -> Vec<Finding> {
    let federation = entitlements.federation;
    let names = entitlements.names();
    let mut by_name: BTreeMap<&str, GroupId> = BTreeMap::new();
    for &(_, group) in set {
        by_name.entry(federation.directory.group_name(group)).or_insert(group);
    }
    let concerns = |group: &GroupId| {
        entitlements.role_groups.of(*group).is_some() || names.deviation(*group).is_some()
    };
    if by_name.len() < 2 || !by_name.values().any(concerns) {
        return Vec::new();
    }
    let Some((&kept, &keeper)) = by_name.iter().min_by_key(|&(name, &group)| {
        (std::cmp::Reverse(worth(entitlements, group)), place_of(federation, group), *name)
    }) else {
        return Vec::new();
    };
    let others = by_name.iter().filter(|&(&name, _)| name != kept);
    others
        .map(|(&name, &group)| {
            let message = format!(
                "the name {} is {} but for {}",
                Quoted(name),
                Quoted(kept),
                apart(name, kept)
            );
            let at = difference(name, kept);
            Finding::new(&RULE.info, name, message)
                .at(Label::new(place_of(federation, group), "").mark_part(name, at))
                .related(Label::new(place_of(federation, keeper), "the other group").mark(kept))
                .help(format!("move its members to {} and delete it", Quoted(kept)))
        })
        .collect()
}

/// How much speaks for a name: that it maps without anything to mend, to a role that is there.
fn worth(entitlements: &Entitlements<'_>, group: GroupId) -> u8 {
    let Some(role_group) = entitlements.role_groups.of(group) else { return 0 };
    let clean = entitlements.names().deviation(group).is_none();
    let account = AccountId::parse(&role_group.account).ok();
    let account = account.and_then(|id| entitlements.federation.accounts.get(&id));
    let exists = account.is_some_and(|account| account.role(&role_group.role).is_some());
    1 + 2 * u8::from(clean) + u8::from(exists)
}

/// What keeps two names apart that read as one.
fn apart(name: &str, other: &str) -> &'static str {
    let lower = |text: &str| text.to_lowercase();
    let dense = |text: &str| text.split_whitespace().collect::<String>();
    if lower(name) == lower(other) {
        "its case"
    } else if dense(name) == dense(other) {
        "white space"
    } else if lower(&dense(name)) == lower(&dense(other)) {
        "case and white space"
    } else {
        "characters that are not seen or look alike"
    }
}

/// The first character in which a name differs from another.
fn difference(name: &str, other: &str) -> std::ops::Range<usize> {
    let mut others = other.chars();
    let found = name.char_indices().find(|&(_, c)| others.next() != Some(c));
    found.map_or(name.len()..name.len(), |(at, c)| at..at + c.len_utf8())
}
