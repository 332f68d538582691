//! `directory/redundant-membership`: the same role given twice.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::{group_label, need_memberships, number};
use crate::entitlement::nesting::{direct_users, management_groups};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

/// Most management groups of one user that are compared with each other.
const GROUPS_OF_A_USER: usize = 100;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/redundant-membership",
        summary: "users get the same role through two management groups",
        severity: Severity::Note,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Whoever is in two management groups that give the same role keeps it when taken out of one \
                      of them. That may be meant; it is counted so that somebody who removes access knows to look \
                      twice. One finding a pair of groups that share users and a role. Of a user in more than 100 \
                      management groups the first 100 are compared.",
        remediation: "Take the users out of one of the groups, or let one group alone give the role.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    need_memberships(directory)?;
    let pairs = pairs(entitlements);
    let findings = pairs.iter().map(|(&(a, b), &users)| {
        let (one, other) = (directory.group_name(GroupId(a)), directory.group_name(GroupId(b)));
        let shared = shared(entitlements, a, b);
        let example = shared.first().and_then(|&at| entitlements.role_group(at));
        let role = example.map_or("", |role_group| directory.group_name(role_group.group));
        let message = format!(
            "{} in both {} and {}, which both give {} ({}{})",
            match users {
                1 => "1 user is".to_owned(),
                users => format!("{users} users are"),
            },
            Quoted(one),
            Quoted(other),
            number(shared.len(), "role"),
            Quoted(role),
            if shared.len() > 1 { ", …" } else { "" }
        );
        Finding::new(&RULE.info, format!("{one} + {other}"), message)
            .at(group_label(context.federation, GroupId(a), ""))
            .related(group_label(context.federation, GroupId(b), "the other group"))
            .related(example.map_or(Label::new(crate::text::Place::NOWHERE, ""), |role_group| {
                group_label(context.federation, role_group.group, "a role group of both")
            }))
            .help("take them out of one of the groups, if one is enough")
    });
    Ok(findings.collect())
}

/// Role groups that two groups both lead to.
fn shared(entitlements: &Entitlements<'_>, a: u32, b: u32) -> Vec<u32> {
    let of_b = entitlements.reached_from(GroupId(b));
    let of_a = entitlements.reached_from(GroupId(a)).iter().copied();
    of_a.filter(|at| of_b.binary_search(at).is_ok()).collect()
}

/// Users of pairs of groups; `None` where a pair shares no role, which is asked once.
type Counts = FxHashMap<(u32, u32), Option<usize>>;

/// Pairs of management groups that share a role, with the number of users directly in both.
fn pairs(entitlements: &Entitlements<'_>) -> BTreeMap<(u32, u32), usize> {
    let directory = &entitlements.federation.directory;
    let members = |&group: &GroupId| {
        direct_users(directory, group).into_iter().map(move |(user, _)| (user.0, group.0))
    };
    let groups = management_groups(entitlements);
    let mut of_user: Vec<(u32, u32)> = groups.par_iter().flat_map_iter(members).collect();
    of_user.par_sort_unstable();
    let count = |mut counts: Counts, mine: &[(u32, u32)]| {
        let mine = mine.get(..GROUPS_OF_A_USER).unwrap_or(mine);
        for (at, &(_, a)) in mine.iter().enumerate() {
            for &(_, b) in mine.iter().skip(at + 1) {
                let count = counts
                    .entry((a, b))
                    .or_insert_with(|| (!shared(entitlements, a, b).is_empty()).then_some(0));
                if let Some(count) = count {
                    *count += 1;
                }
            }
        }
        counts
    };
    let users = of_user.par_chunk_by(|(a, _), (b, _)| a == b).filter(|mine| mine.len() > 1);
    let parts: Vec<Counts> = users.fold(Counts::default, count).collect();
    let mut pairs: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for (pair, count) in parts.into_iter().flatten() {
        if let Some(count) = count {
            *pairs.entry(pair).or_default() += count;
        }
    }
    pairs
}
