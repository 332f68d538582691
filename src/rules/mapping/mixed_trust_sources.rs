//! `mapping/mixed-trust-sources`: the App Filter admits sources that different people administer.

use std::collections::BTreeSet;

use super::{GUIDE, about_app_filter, some_of};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::model::group_source::GroupSource;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/mixed-trust-sources",
        summary: "the App Filter admits sources that different people administer",
        severity: Severity::Warning,
        on: false,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Who may create a group in any admitted source may create a role group. Several \
                      sources usually have several administrators, and the least careful of them \
                      decides. No export says who administers a source, so the rule reports that \
                      there are several; it is off by default.",
        remediation: "Make role groups in one directory, and name only that.",
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
    let sources: BTreeSet<&str> = filter.sources().iter().map(GroupSource::key).collect();
    if sources.len() < 2 {
        return Ok(Vec::new());
    }
    let message = format!(
        "the App Filter admits groups of {} sources: {}",
        sources.len(),
        some_of(sources.iter().copied())
    );
    let found = about_app_filter(&RULE.info, entitlements, message);
    Ok(vec![found.help(
        "admit one source, or see that the same people guard the names of groups in all of them",
    )])
}
