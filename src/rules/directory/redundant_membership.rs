//! `directory/redundant-membership`: the same role given twice.

use rayon::prelude::*;

use super::{group_label, need_memberships, number};
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::shared_roles::{SharingPair, sharing_pairs};
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
    let pairs = sharing_pairs(entitlements, GROUPS_OF_A_USER);
    let findings = pairs.into_par_iter().map(|SharingPair { groups: (a, b), users }| {
        let (one, other) = (directory.group_name(a), directory.group_name(b));
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
            .at(group_label(context.federation, a, ""))
            .related(group_label(context.federation, b, "the other group"))
            .related(example.map_or(Label::new(crate::text::Place::NOWHERE, ""), |role_group| {
                group_label(context.federation, role_group.group, "a role group of both")
            }))
            .help("take them out of one of the groups, if one is enough")
    });
    Ok(findings.collect())
}

/// Role groups that two groups both lead to.
fn shared(entitlements: &Entitlements<'_>, a: GroupId, b: GroupId) -> Vec<u32> {
    let of_b = entitlements.reached_from(b);
    let of_a = entitlements.reached_from(a).iter().copied();
    of_a.filter(|at| of_b.binary_search(at).is_ok()).collect()
}
