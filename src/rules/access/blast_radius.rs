//! `access/blast-radius`: one group opens every account.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::number;
use crate::entitlement::nesting::{direct_users, management_groups};
use crate::entitlement::role_group::{RoleGroup, place_of};
use crate::finding::{Finding, Label, Quoted, RuleInfo, RuleOption, Severity};
use crate::model::account::AccountId;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/blast-radius",
        summary: "one management group gives roles of the admin tier in every account",
        severity: Severity::Warning,
        on: true,
        follows: &["directory/over-broad-management-group"],
        options: &[
            RuleOption {
                name: "min_accounts",
                default: 5,
                meaning: "accounts that there have to be",
            },
            RuleOption {
                name: "any_role",
                default: 0,
                meaning: "1 counts roles of every tier, not of the admin tier alone",
            },
        ],
        since: "0.1.0",
        explanation: "Whoever gets into such a group, or takes over one of its users, has an administrator's role everywhere at once. Groups that lead there only through another such group are not reported again. A group that only reads everywhere is usual for audits and is no finding, unless `any_role` is 1.",
        remediation: "Split the group by accounts or environments, or keep it empty and fill it on demand.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-manage-user-group-access.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let option = |name| usize::try_from(context.settings.number(&RULE.info, name)).unwrap_or(0);
    let any_role = option("any_role") != 0;
    let accounts_known = &context.federation.accounts;
    let counts = |one: &RoleGroup| {
        let account = AccountId::parse(&one.account).ok();
        any_role || context.settings.is_admin(accounts_known, account, &one.role)
    };
    let mapped = &entitlements.role_groups.mapped;
    let visible = mapped.iter().filter(|one| one.is_visible());
    let mut all: FxHashMap<&str, usize> = FxHashMap::default();
    for one in visible {
        let number = all.len();
        all.entry(&one.account).or_insert(number);
    }
    if all.len() < option("min_accounts").max(1) {
        return Ok(Vec::new());
    }
    let of_role_groups = accounts(mapped, &all, counts);
    let opens_all = |group: GroupId| {
        let reached = entitlements.reached_from(group);
        reached.len() >= all.len() && opened(reached, &of_role_groups) == all.len()
    };
    let widest: Vec<GroupId> =
        management_groups(entitlements).into_iter().filter(|&group| opens_all(group)).collect();
    let finding = |&group: &GroupId| {
        let mut outer = directory.containers().targets(group.0).iter().copied().map(GroupId);
        if outer.any(|outer| widest.contains(&outer)) {
            return None;
        }
        let name = directory.group_name(group);
        let what = if any_role { "roles" } else { "roles of the admin tier" };
        let direct: BTreeSet<u32> =
            direct_users(directory, group).iter().map(|(user, _)| user.0).collect();
        let message = format!(
            "the management group {} gives {what} in every account, which are {}; it has {} of its own",
            Quoted(name),
            all.len(),
            number(direct.len(), "user")
        );
        let label = Label::new(place_of(context.federation, group), "").mark(name);
        let found = Finding::new(&RULE.info, name, message).at(label);
        Some(found.help("split it by accounts or environments"))
    };
    Ok(widest.iter().filter_map(finding).collect())
}

/// For each role group the number of its account among all, where what it gives counts.
fn accounts(
    mapped: &[RoleGroup],
    numbers: &FxHashMap<&str, usize>,
    counts: impl Fn(&RoleGroup) -> bool,
) -> Vec<Option<usize>> {
    let counted = |one: &RoleGroup| one.is_visible() && counts(one);
    let number = |one: &RoleGroup| numbers.get(&*one.account).copied().filter(|_| counted(one));
    mapped.iter().map(number).collect()
}

/// In how many accounts some role groups give what counts.
fn opened(reached: &[u32], of_role_groups: &[Option<usize>]) -> usize {
    let account = |&at: &u32| of_role_groups.get(at as usize).copied().flatten();
    let mut accounts: Vec<usize> = reached.iter().filter_map(account).collect();
    accounts.sort_unstable();
    accounts.dedup();
    accounts.len()
}
