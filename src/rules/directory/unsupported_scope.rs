//! `directory/unsupported-scope`: memberships across domains that the import drops.

use super::{counted, group_label, need_memberships};
use crate::entitlement::nesting::management_groups;
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::{Directory, GroupId, NameKind, UserId};
use crate::rules::{CannotCheck, Context, Rule};
use crate::text::Place;

/// The bit of `groupType` of a domain-local group.
const DOMAIN_LOCAL: i32 = 4;
/// The container of objects that stand for somebody of another forest, as it stands in their names.
const FOREIGN: &str = "cn=foreignsecurityprincipals,";

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/unsupported-scope",
        summary: "a role or management group has members of another domain or forest that Okta does not import",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Okta does not import a domain-local group's members from other domains, and no membership \
                      across forests: a foreign security principal is an object with a SID and nobody behind it. \
                      Such members do not get the role although Active Directory shows them in the group. \
                      Universal groups with members of other domains need a two-way trust, which no export shows, \
                      and are not reported.",
        remediation: "Make the group universal if all domains are of one forest; users of another forest need a \
                      group of their own there.",
        references: &[
            "https://help.okta.com/en-us/content/topics/users-groups-profiles/usgp-group-types.htm",
            "https://learn.microsoft.com/en-us/windows/win32/adschema/a-grouptype",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    need_memberships(directory)?;
    let mut concerned = management_groups(entitlements);
    concerned.extend(entitlements.role_groups.mapped.iter().map(|role_group| role_group.group));
    concerned.sort_unstable();
    let mut findings = Vec::new();
    for &group in &concerned {
        findings.extend(other_domain(entitlements, group));
    }
    findings.extend(foreign(entitlements, &concerned));
    Ok(findings)
}

/// The domain of a distinguished name: all after its first `DC=`, in lower case.
fn domain(dn: &str) -> Option<String> {
    let lower = dn.to_lowercase();
    lower.find(",dc=").and_then(|at| lower.get(at + 1..).map(|domain| domain.replace(' ', "")))
}

fn dn<'d>(mut names: impl Iterator<Item = (NameKind, &'d str)>) -> Option<String> {
    names.find(|(kind, _)| *kind == NameKind::Dn).and_then(|(_, dn)| domain(dn))
}

/// Members of other domains in a domain-local group.
fn other_domain(entitlements: &Entitlements<'_>, group: GroupId) -> Option<Finding> {
    let directory = &entitlements.federation.directory;
    let kind = directory.group(group)?.group_type?;
    let own = dn(directory.names_of_group(group)).filter(|_| kind & DOMAIN_LOCAL != 0)?;
    let users =
        directory.members().targets(group.0).iter().map(|&user| {
            (dn(directory.names_of_user(UserId(user))), directory.login(UserId(user)))
        });
    let groups = directory.nested().targets(group.0).iter().map(|&member| {
        (dn(directory.names_of_group(GroupId(member))), directory.group_name(GroupId(member)))
    });
    let others: Vec<&str> = users
        .chain(groups)
        .filter(|(domain, _)| domain.as_ref().is_some_and(|domain| *domain != own))
        .map(|(_, name)| name)
        .collect();
    if others.is_empty() {
        return None;
    }
    let name = directory.group_name(group);
    let message = format!(
        "the domain-local group {} has {} of other domains, which Okta does not import",
        Quoted(name),
        counted(others.len(), "member", others.iter().copied())
    );
    Some(
        Finding::new(&RULE.info, name, message)
            .at(group_label(entitlements.federation, group, ""))
            .help("make the group universal, or give the other domain a group of its own"),
    )
}

/// Members of other forests.
fn foreign(entitlements: &Entitlements<'_>, concerned: &[GroupId]) -> Vec<Finding> {
    let directory = &entitlements.federation.directory;
    let mut members: Vec<(GroupId, &str, Place)> = directory
        .dangling()
        .iter()
        .filter(|dangling| concerned.binary_search(&dangling.group).is_ok())
        .filter(|dangling| is_foreign(directory, dangling.member))
        .map(|dangling| (dangling.group, directory.text(dangling.member), dangling.place))
        .collect();
    members.sort_unstable();
    members
        .chunk_by(|(a, _, _), (b, _, _)| a == b)
        .filter_map(|of_group| {
            let &(group, _, place) = of_group.first()?;
            let name = directory.group_name(group);
            let sid = |dn: &'_ str| dn.split(',').next().unwrap_or_default().to_owned();
            let names: Vec<String> = of_group.iter().map(|(_, dn, _)| sid(dn)).collect();
            let message = format!(
                "the group {} has {} of another forest, which Okta does not import",
                Quoted(name),
                counted(names.len(), "member", names.iter().map(String::as_str))
            );
            Some(
                Finding::new(&RULE.info, name, message)
                    .at(group_label(entitlements.federation, group, ""))
                    .related(Label::new(place, "the foreign security principal"))
                    .help("give the users of the other forest a group of their own there"),
            )
        })
        .collect()
}

fn is_foreign(directory: &Directory, member: crate::model::names::Text) -> bool {
    directory.text(member).to_lowercase().contains(FOREIGN)
}
