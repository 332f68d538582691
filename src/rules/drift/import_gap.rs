//! `drift/import-gap`: role groups of the directory that Okta does not have.

use super::number;
use crate::entitlement::role_group::{Import, RoleGroup, place_of};
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "drift/import-gap",
        summary: "role groups of the directory are not in Okta",
        severity: Severity::Warning,
        on: true,
        follows: &["naming/case-deviates", "naming/surrounding-space"],
        options: &[],
        since: "0.1.0",
        explanation: "Okta imports groups on a schedule, from chosen organizational units, and by their kind. A group that was made since the last import, in another unit or of a kind that Okta passes over gives nobody its role, and nothing says so. Reported where the directory and Okta's groups are both given; all such groups are one finding, as they mostly have one cause.",
        remediation: "Run the import in Okta, and look at its organizational units; export again if the groups are there.",
        references: &[
            "https://help.okta.com/oie/en-us/Content/Topics/Directory/ad-agent-configure-import-settings.htm",
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-assign-aws-groups.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let is_missing = |one: &&RoleGroup| one.import == Import::NotInOkta;
    let mapped = entitlements.role_groups.mapped.iter().filter(is_missing);
    let mut missing: Vec<(&str, &RoleGroup)> =
        mapped.map(|one| (directory.group_name(one.group), one)).collect();
    missing.sort_by_key(|&(name, one)| (name, one.group));
    let Some(&(first, group)) = missing.first() else { return Ok(Vec::new()) };
    let names = missing.iter().map(|one| one.0);
    let are = if missing.len() == 1 { "is" } else { "are" };
    let message = format!(
        "{} of the directory {are} not in Okta's groups, so that nobody gets the role: {}",
        number(missing.len(), "role group"),
        some_of(names.clone())
    );
    let label = Label::new(place_of(context.federation, group.group), "").mark(first);
    let mut found = Finding::new(&RULE.info, first, message).at(label);
    for (name, one) in &missing {
        found = found.also(*name).also(one.arns().0);
    }
    Ok(vec![found.help("import them into Okta, or export Okta's groups again")])
}
