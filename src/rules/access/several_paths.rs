//! `access/several-paths`: removing one membership will not remove the access.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{counted, number};
use crate::entitlement::holdings::{Holdings, RoleNo};
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::{GroupId, UserId};
use crate::rules::{CannotCheck, Context, Rule};

/// Most roles of one user that are looked at.
const ROLES: usize = 500;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/several-paths",
        summary: "users keep a role when one of their memberships is taken away",
        severity: Severity::Note,
        on: true,
        follows: &[
            "directory/direct-user-member",
            "directory/redundant-membership",
            "naming/alias-id-conflict",
            "naming/duplicate-target",
            "naming/near-duplicate",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "Whoever is in several groups that lead to one role keeps it when taken out of one of them: who removes access has to look twice. One finding for each set of groups that users share, not one a user. Pairs of management groups are the findings of `directory/redundant-membership`, users directly in role groups those of `directory/direct-user-member`.",
        remediation: "Take the users out of all groups but one, or let one group alone give the role.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-manage-user-group-access.htm",
        ],
    },
    check,
};

/// Users that one thread looks at at once.
const AT_ONCE: usize = 4096;

/// Users in the same groups, and the roles that all of these lead to.
#[derive(Default)]
struct Same {
    users: Vec<UserId>,
    roles: Vec<RoleNo>,
}

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    context.group_mapping()?;
    let holdings = context.holdings()?;
    let directory = &context.federation.directory;
    let shares = holdings
        .users()
        .par_chunks(AT_ONCE)
        .map_init(|| Twice::new(holdings), |twice, users| same_of(holdings, users, twice));
    let mut found: BTreeMap<Vec<GroupId>, Same> = BTreeMap::new();
    for (groups, more) in shares.collect::<Vec<_>>().into_iter().flatten() {
        let same = found.entry(groups).or_default();
        same.users.extend(more.users);
        same.roles.extend(more.roles);
        same.roles.sort_unstable();
        same.roles.dedup();
    }
    let finding = |(groups, same): (Vec<GroupId>, Same)| {
        let mut names: Vec<&str> =
            groups.iter().map(|&group| directory.group_name(group)).collect();
        names.sort_unstable();
        let shown: Vec<String> =
            names.iter().take(super::EXAMPLES).map(|name| Quoted(name).to_string()).collect();
        let more = if names.len() > super::EXAMPLES { ", …" } else { "" };
        let example = same.roles.first().map_or("", |&role| holdings.called(role));
        let message = format!(
            "{} {} {} ({}{}) through each of {} groups: {}{more}",
            counted(holdings, &same.users),
            if same.users.len() == 1 { "reaches" } else { "reach" },
            number(same.roles.len(), "role"),
            Quoted(example),
            if same.roles.len() > 1 { ", …" } else { "" },
            groups.len(),
            shown.join(", ")
        );
        let label = |group: GroupId, says: &str| {
            Label::new(place_of(context.federation, group), says).mark(directory.group_name(group))
        };
        let mut found = Finding::new(&RULE.info, names.join(" + "), message);
        for (at, &group) in groups.iter().take(super::EXAMPLES).enumerate() {
            found = if at == 0 {
                found.at(label(group, ""))
            } else {
                found.related(label(group, "another of them"))
            };
        }
        for (at, &one) in groups.iter().enumerate() {
            found = found.stems_from(directory.group_name(one));
            for &other in groups.iter().skip(at + 1) {
                // As the rule about pairs of management groups calls them.
                let (first, second) = if one < other { (one, other) } else { (other, one) };
                let pair =
                    format!("{} + {}", directory.group_name(first), directory.group_name(second));
                found = found.stems_from(pair);
            }
        }
        for &role in same.roles.iter().take(ROLES) {
            let Some(role) = holdings.role(role) else { continue };
            found = found.stems_from(&*role.text).stems_from(role.arn.account.to_string());
        }
        found.help("take them out of all but one of the groups, if one is enough")
    };
    Ok(found.into_iter().map(finding).collect())
}

/// Finds out which users any target is granted twice.
struct Twice {
    /// The last user whom a target was granted, by target; [`NOBODY`] where there is none.
    seen_of: Vec<u32>,
}

const NOBODY: u32 = u32::MAX;

impl Twice {
    fn new(holdings: &Holdings<'_>) -> Self {
        Self { seen_of: vec![NOBODY; holdings.entitlements.targets().len()] }
    }

    /// Whether two groups of a user grant one target: few users have such groups, and of these alone it is
    /// asked which.
    fn is_some_granted(&mut self, holdings: &Holdings<'_>, user: UserId) -> bool {
        let granted = holdings.each_direct(user).map(|group| holdings.granted(group));
        let granted = granted.filter(|granted| !granted.is_empty());
        if granted.clone().nth(1).is_none() {
            return false;
        }
        granted.flatten().any(|&(target, _)| {
            let last = self.seen_of.get_mut(target.0 as usize);
            last.is_some_and(|last| std::mem::replace(last, user.0) == user.0)
        })
    }
}

/// The sets of groups that lead some of these users to one role, with those users and roles.
fn same_of(
    holdings: &Holdings<'_>,
    users: &[UserId],
    twice: &mut Twice,
) -> BTreeMap<Vec<GroupId>, Same> {
    let mut found: BTreeMap<Vec<GroupId>, Same> = BTreeMap::new();
    let mut entries = Vec::new();
    for &user in users {
        if !twice.is_some_granted(holdings, user) {
            continue;
        }
        let direct = holdings.direct(user);
        holdings.entries(user, &direct, &mut entries);
        for &(target, _) in entries.iter().take(ROLES).filter(|&&(_, ways)| ways > 1) {
            let leads = |group: &GroupId| {
                holdings.granted(*group).binary_search_by_key(&target, |one| one.0).is_ok()
            };
            let groups: Vec<GroupId> = direct.iter().copied().filter(leads).collect();
            let Some(role) = holdings.role_of(target).filter(|_| groups.len() > 1) else {
                continue;
            };
            let same = found.entry(groups).or_default();
            if same.users.last() != Some(&user) {
                same.users.push(user);
            }
            same.roles.push(role);
        }
    }
    found
}
