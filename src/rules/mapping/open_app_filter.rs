//! `mapping/open-app-filter`: the App Filter is empty: groups of every source may grant roles.

use std::collections::BTreeSet;

use super::{GUIDE, about_app_filter, some_of};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::model::group_source::GroupSource;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/open-app-filter",
        summary: "the App Filter is empty: groups of every source may grant roles",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "The App Filter is what keeps look-alike groups out: only groups of the sources \
                      it names may grant roles. Empty, it lets in groups of every app that pushes \
                      groups to Okta, and whoever may name a group in the least of them can give \
                      themselves any role.",
        remediation: "Name the one directory in which role groups are made.",
        references: &[
            GUIDE,
            "https://help.okta.com/en/prod/Content/Topics/DeploymentGuides/AWS/aws-configure-aws-app.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let Some(filter) = &entitlements.mapping.app_filter else {
        return Err(CannotCheck("the app export does not carry the App Filter".to_owned()));
    };
    if !filter.is_open() {
        return Ok(Vec::new());
    }
    let directory = &context.federation.directory;
    let sources: BTreeSet<&str> = entitlements
        .role_groups
        .mapped
        .iter()
        .filter_map(|mapped| directory.group(mapped.group)?.source.as_ref())
        .map(GroupSource::key)
        .collect();
    let found = about_app_filter(
        &RULE.info,
        entitlements,
        "the App Filter is empty: a group of any source that has the right name grants a role"
            .to_owned(),
    );
    let help = if sources.is_empty() {
        "name the source that role groups come from, such as `active_directory` or `okta`"
            .to_owned()
    } else {
        format!("name the source that role groups come from: {}", some_of(sources))
    };
    Ok(vec![found.help(help)])
}
