//! `mapping/idle-app-filter`: the App Filter names a source that gives no role group.

use std::collections::BTreeSet;

use super::{GUIDE, about_app_filter, alike};
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_group::RoleGroup;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::group_source::GroupSource;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/idle-app-filter",
        summary: "the App Filter names a source that gives no role group",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Every source that the App Filter names is a place where role groups can be \
                      made. One that gives none is either misspelt, so that the groups meant to \
                      count do not, or a door left open for no use. Keys are compared exactly: \
                      `Active Directory` is not `active_directory`. What no export of Okta's groups \
                      shows is not reported.",
        remediation: "Correct the key, or take it out.",
        references: &[
            GUIDE,
            "https://help.okta.com/en/prod/Content/Topics/DeploymentGuides/AWS/aws-configure-aws-app.htm",
        ],
    },
    check,
};

/// Keys of sources that many have.
const USUAL: [&str; 2] = ["okta", "active_directory"];

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let Some(filter) = &entitlements.mapping.app_filter else {
        return Err(CannotCheck("the app export does not carry the App Filter".to_owned()));
    };
    let sources = Sources::of(entitlements);
    Ok(filter.sources().iter().filter_map(|source| idle(entitlements, source, &sources)).collect())
}

/// The sources that groups come from.
struct Sources {
    /// Sources of all groups.
    all: BTreeSet<GroupSource>,
    /// Sources of groups that map to a role.
    mapped: BTreeSet<GroupSource>,
    /// An export of Okta's groups says of every group that maps where it comes from.
    complete: bool,
}

impl Sources {
    fn of(entitlements: &Entitlements<'_>) -> Self {
        let directory = &entitlements.federation.directory;
        let mapped = &entitlements.role_groups.mapped;
        let source_of = |mapped: &RoleGroup| directory.group(mapped.group)?.source.clone();
        let in_okta = directory.groups().any(|(_, group)| group.in_okta);
        Self {
            all: directory.groups().filter_map(|(_, group)| group.source.clone()).collect(),
            mapped: mapped.iter().filter_map(source_of).collect(),
            complete: in_okta
                && !mapped.is_empty()
                && mapped.iter().all(|mapped| source_of(mapped).is_some()),
        }
    }
}

fn idle(
    entitlements: &Entitlements<'_>,
    source: &GroupSource,
    sources: &Sources,
) -> Option<Finding> {
    if sources.mapped.contains(source) {
        return None;
    }
    let key = source.key();
    let known = sources.all.iter().map(GroupSource::key).chain(USUAL);
    let meant = known.filter(|other| *other != key).find(|other| alike(other, key));
    if let Some(meant) = meant {
        let message =
            format!("the App Filter names {}, which is no source known here", Quoted(key));
        let found = about_app_filter(&RULE.info, entitlements, message);
        return Some(found.help(format!("write {}", Quoted(meant))));
    }
    if !sources.complete {
        return None;
    }
    let message = if sources.all.contains(source) {
        format!("the App Filter names {}, and none of its groups maps to a role", Quoted(key))
    } else {
        format!("the App Filter names {}, and no group comes from it", Quoted(key))
    };
    let found = about_app_filter(&RULE.info, entitlements, message);
    Some(found.help(
        "leave out what is not needed: every source named is one more place to make role groups in",
    ))
}
