//! `access/tier-reached`: users reach roles that their class must not.

use std::collections::BTreeSet;

use super::{counted, is_meant, need_memberships, number, ways};
use crate::entitlement::derivation::Distances;
use crate::entitlement::holdings::{Holdings, RoleNo};
use crate::entitlement::lookup::find_group;
use crate::entitlement::wildcard::fits;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::UserId;
use crate::rules::settings::KeptOut;
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Place;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/tier-reached",
        summary: "users reach roles of the admin tier that their class must not",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Contractors, service desks or guests are often meant to stay out of the admin tier altogether, and one nested group lets them in. The project says in tables `[[keep_out]]` of `rolecall.toml` whom it means, by patterns of logins (`users_like`) and by `groups`, whose users count through nesting too; `roles` means other roles than those of the tier `admin`.",
        remediation: "Take the users, or the group that they share, out of the way that is shown.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-manage-user-group-access.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    if context.settings.kept_out.is_empty() {
        return Ok(Vec::new());
    }
    need_memberships(context)?;
    let holdings = context.holdings()?;
    let finding = |kept_out: &KeptOut| finding(context, holdings, kept_out);
    Ok(context.settings.kept_out.iter().filter_map(finding).collect())
}

fn finding(context: &Context<'_>, holdings: &Holdings<'_>, kept_out: &KeptOut) -> Option<Finding> {
    let directory = &context.federation.directory;
    let of_groups = of_groups(holdings, &kept_out.groups);
    let patterns: Vec<String> =
        kept_out.users_like.iter().map(|pattern| pattern.to_lowercase()).collect();
    let is_of_class = |user: UserId| {
        let login = directory.login(user).to_lowercase();
        of_groups.contains(&user) || patterns.iter().any(|pattern| fits(pattern, &login))
    };
    let meant: BTreeSet<RoleNo> = holdings
        .roles()
        .filter(|(_, role)| is_meant(context, &kept_out.roles, role))
        .map(|(no, _)| no)
        .collect();
    let reaches = |&user: &UserId| {
        let role = holdings.of(user).iter().map(|held| held.role).find(|role| meant.contains(role));
        role.filter(|_| is_of_class(user)).map(|role| (user, role))
    };
    let reaching: Vec<(UserId, RoleNo)> = holdings.users().iter().filter_map(reaches).collect();
    let &(first, role) = reaching.first()?;
    let users: Vec<UserId> = reaching.iter().map(|one| one.0).collect();
    let roles: BTreeSet<RoleNo> = users
        .iter()
        .flat_map(|&user| holdings.of(user))
        .map(|held| held.role)
        .filter(|role| meant.contains(role))
        .collect();
    let tier = if kept_out.roles.is_empty() { " of the admin tier" } else { "" };
    let reach = if users.len() == 1 { "reaches" } else { "reach" };
    let message = format!(
        "{} of {} {reach} {}{tier}, from which they are kept out: {} sees {}",
        counted(holdings, &users),
        Quoted(&kept_out.name),
        number(roles.len(), "role"),
        Quoted(directory.login(first)),
        Quoted(holdings.called(role))
    );
    let mut labels = ways(holdings, first, role).into_iter();
    let primary = labels.next().unwrap_or_else(|| Label::new(Place::NOWHERE, ""));
    let found = Finding::new(&RULE.info, &*kept_out.name, message).at(primary);
    let found = labels.take(2).fold(found, Finding::related);
    Some(found.help("take them out of the groups that lead there"))
}

/// Users of some groups, direct or through nesting.
fn of_groups(holdings: &Holdings<'_>, names: &[String]) -> BTreeSet<UserId> {
    let directory = &holdings.entitlements.federation.directory;
    let groups: Vec<_> = names.iter().filter_map(|name| find_group(directory, name)).collect();
    if groups.is_empty() {
        return BTreeSet::new();
    }
    let distances = Distances::to_groups(holdings.entitlements, groups);
    let members = distances.groups().flat_map(|group| directory.members().targets(group.0));
    members.copied().map(UserId).collect()
}
