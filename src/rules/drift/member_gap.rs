//! `drift/member-gap`: Okta has other members of a group than the directory.

use std::collections::{BTreeMap, BTreeSet};

use super::number;
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_group::place_of;
use crate::entitlement::stage::Answer;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::{Directory, Group, GroupId, UserId};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "drift/member-gap",
        summary: "members of a group differ between the directory and Okta",
        severity: Severity::Warning,
        on: true,
        follows: &["directory/unsupported-scope", "input/truncated-export"],
        options: &[],
        since: "0.1.0",
        explanation: "Okta's copy of a directory's memberships is flat and as old as the last import: who was added since sees nothing, who was removed keeps the role until the next one. Groups that differ by the same users have one cause, mostly a team above them, and are one finding. Users who cannot sign in are left out, as Okta drops them. Only groups of which both sides state members are compared.",
        remediation: "Run the import, or export both sides on the same day.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/Directory/ad-agent-import-groups.htm",
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-manage-user-group-access.htm",
        ],
    },
    check,
};

/// Users on one side only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Gap {
    not_in_okta: Vec<UserId>,
    only_in_okta: Vec<UserId>,
}

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    if !directory.has_mirrors() {
        return Ok(Vec::new());
    }
    let mut gaps: BTreeMap<Gap, Vec<GroupId>> = BTreeMap::new();
    for mapped in &entitlements.role_groups.mapped {
        if let Some(gap) = gap(entitlements, mapped.group) {
            gaps.entry(gap).or_default().push(mapped.group);
        }
    }
    Ok(gaps.iter().map(|(gap, groups)| finding(context, gap, groups)).collect())
}

fn gap(entitlements: &Entitlements<'_>, group: GroupId) -> Option<Gap> {
    let directory = &entitlements.federation.directory;
    let mirrored = directory.members().entries(group.0);
    let okta: BTreeSet<UserId> = mirrored
        .filter(|&(_, place)| directory.is_mirror(group, place))
        .map(|(user, _)| UserId(user))
        .collect();
    if okta.is_empty() {
        return None;
    }
    let stated = stated(directory, group);
    let can = |user: &&UserId| entitlements.can_sign_in(**user) != Answer::Fails;
    let not_in_okta: Vec<UserId> = stated.difference(&okta).filter(can).copied().collect();
    let only_in_okta: Vec<UserId> = okta.difference(&stated).filter(can).copied().collect();
    (!not_in_okta.is_empty() || !only_in_okta.is_empty())
        .then_some(Gap { not_in_okta, only_in_okta })
}

/// The users of a group as the directory states them, through nesting.
fn stated(directory: &Directory, group: GroupId) -> BTreeSet<UserId> {
    let (mut users, mut seen, mut rest) = (BTreeSet::new(), BTreeSet::from([group]), vec![group]);
    while let Some(group) = rest.pop() {
        let own = directory.members().entries(group.0);
        let own = own.filter(|&(_, place)| !directory.is_of_okta(place));
        users.extend(own.map(|(user, _)| UserId(user)));
        if directory.group(group).is_some_and(Group::nests) {
            let inner = directory.nested().targets(group.0).iter().copied().map(GroupId);
            rest.extend(inner.filter(|&inner| seen.insert(inner)));
        }
    }
    users
}

fn finding(context: &Context<'_>, gap: &Gap, groups: &[GroupId]) -> Finding {
    let directory = &context.federation.directory;
    let said = |users: &[UserId], what: &str| {
        let mut logins: Vec<&str> = users.iter().map(|&user| directory.login(user)).collect();
        logins.sort_unstable();
        let (count, names) = (number(users.len(), "user"), some_of(logins));
        (!users.is_empty()).then(|| format!("{count} {what} ({names})"))
    };
    let parts = [
        said(&gap.not_in_okta, "of the directory not in Okta"),
        said(&gap.only_in_okta, "of Okta not in the directory"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let mut names: Vec<(&str, GroupId)> =
        groups.iter().map(|&group| (directory.group_name(group), group)).collect();
    names.sort_unstable();
    let (name, group) = names.first().copied().unwrap_or(("", GroupId(0)));
    let more = match names.len() {
        0 | 1 => String::new(),
        count => format!(" and {}", number(count - 1, "more group")),
    };
    let message = format!("members of {}{more} differ: {}", Quoted(name), parts.join(", "));
    let label = Label::new(place_of(context.federation, group), "").mark(name);
    let mut found = Finding::new(&RULE.info, name, message).at(label);
    for (name, _) in &names {
        found = found.also(*name).stems_from(*name);
    }
    found.help("run the import in Okta, or export both sides again")
}
