//! `mapping/join-all-roles`: the app joins all roles, which group mapping does not use.

use super::{app, with_setting};
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/join-all-roles",
        summary: "the app joins all roles, which group mapping does not use",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Join all roles says whether roles of a user's own assignment and of assigned \
                      groups add up, where `samlRoles` decide. With Use Group Mapping on they do \
                      not. What Okta does where both are on is not documented; most likely the \
                      switch is left over from the time of one account, and somebody believes that \
                      it gives roles.",
        remediation: "Turn it off.",
        references: &[
            "https://help.okta.com/en/prod/Content/Topics/DeploymentGuides/AWS/aws-configure-aws-app.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let setting = app(context)?.join_all_roles.as_ref();
    let Some(setting) = setting.filter(|_| entitlements.mapping.join_all_roles) else {
        return Ok(Vec::new());
    };
    let message = "the app joins all roles, and group mapping does not use that".to_owned();
    let place = entitlements.mapping.places.use_group_mapping;
    let found = Finding::new(&RULE.info, "joinAllRoles", message)
        .at(Label::new(setting.place, ""))
        .related(Label::new(place, "group mapping is on"))
        .help("turn Join all roles off: the names of groups decide, not `samlRoles`");
    Ok(vec![with_setting(found, "joinAllRoles", setting.place, ("true", "false"))])
}
