//! `input/dangling-member`: memberships of nobody.

use std::collections::BTreeMap;

use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::{Dangling, GroupId};
use crate::rules::{Context, Rule};
use crate::text::Place;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/dangling-member",
        summary: "a group lists members that no export states",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A member that no export states is somebody nobody can say anything about: whether \
                      they can sign in, or whether it is a group with people in it. Often the export \
                      leaves out an organisational unit, a domain or the disabled accounts; sometimes the \
                      user is long gone and the directory was never cleaned. One finding a group, with how \
                      many of its members it is about.",
        remediation: "Export the users and groups that are missing as well, from every domain whose \
                      members the groups hold; or remove the members from the group where they are gone.",
        references: &[
            "https://learn.microsoft.com/en-us/windows/win32/ad/group-objects",
            "https://www.rfc-editor.org/rfc/rfc4519",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let directory = &context.federation.directory;
    let mut by_group: BTreeMap<GroupId, Vec<&Dangling>> = BTreeMap::new();
    for dangling in directory.dangling() {
        if is_foreign(directory.text(dangling.member)) {
            continue;
        }
        by_group.entry(dangling.group).or_default().push(dangling);
    }
    by_group
        .into_iter()
        .map(|(group, members)| {
            let name = directory.group_name(group);
            let names = members.iter().map(|member| directory.text(member.member));
            let message = format!(
                "{} has {} that no export states: {}",
                Quoted(name),
                super::counted(members.len(), "member", "members"),
                super::examples(names, members.len()),
            );
            let first = members.first();
            let at = first.map_or(Place::NOWHERE, |member| member.place);
            let member = first.map_or("", |member| directory.text(member.member));
            let mut finding =
                Finding::new(&RULE.info, name, message).at(Label::new(at, "").mark(member));
            let group = place_of(context.federation, group);
            if group != at {
                finding = finding.related(Label::new(group, "the group"));
            }
            finding.help("export the users and groups that are missing, or remove the members")
        })
        .collect()
}

/// Whether a member stands for somebody of another forest: no export of this one states them, and
/// `directory/unsupported-scope` says what that means.
fn is_foreign(member: &str) -> bool {
    member.to_lowercase().contains(",cn=foreignsecurityprincipals,")
}
