//! `directory/nested-okta-group`: groups as members of groups that cannot have them.

use super::{group_label, groups};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::directory::GroupId;
use crate::model::group_source::GroupSource;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "directory/nested-okta-group",
        summary: "a group is a member of a group made in Okta, which has no nesting",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Groups made in Okta hold users only. An export that has a group as a member of one was \
                      written by hand or by a program that took Okta for a directory: nobody gets the role through \
                      it. Reported of role groups and of groups that are assigned to the app.",
        remediation: "Add the users themselves (a group rule of Okta's can do that), or keep the groups in the \
                      directory, where nesting is followed at import.",
        references: &[
            "https://help.okta.com/en-us/content/topics/users-groups-profiles/usgp-group-types.htm",
            super::GUIDE,
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let assigned = directory.assignments().groups.as_deref().unwrap_or_default();
    let mut findings = Vec::new();
    for (id, group) in directory.groups().filter(|(_, it)| it.source == Some(GroupSource::Okta)) {
        let members: Vec<GroupId> =
            directory.nested().targets(id.0).iter().copied().map(GroupId).collect();
        let concerns = entitlements.role_groups.of(id).is_some()
            || assigned.binary_search_by_key(&id, |it| it.to).is_ok();
        let Some(&place) = directory.nested().places(id.0).first().filter(|_| concerns) else {
            continue;
        };
        let name = directory.text(group.name);
        let message = format!(
            "{} in {}, which was made in Okta and holds users only",
            groups(directory, "group", &members),
            Quoted(name)
        );
        findings.push(
            Finding::new(&RULE.info, name, message)
                .at(group_label(context.federation, id, ""))
                .related(Label::new(place, "the membership"))
                .help("add the users themselves, as Okta has no groups in groups"),
        );
    }
    Ok(findings)
}
