//! `trust/session-too-long`: sessions of an admin-tier role may be longer than the tier allows.

use super::{FOR_SAML, named, roles};
use crate::entitlement::role_policies::RolePolicy;
use crate::finding::{Finding, Label, RuleInfo, RuleOption, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/session-too-long",
        summary: "sessions of an admin-tier role may be longer than the tier allows",
        severity: Severity::Warning,
        on: false,
        follows: &[],
        options: &[RuleOption {
            name: "max_seconds",
            default: 3600,
            meaning: "longest session of an admin-tier role, in seconds",
        }],
        since: "0.1.0",
        explanation: "The role's maximum session duration bounds sessions by command line and API; the console takes the app's session duration. `get-account-authorization-details` does not carry the maximum, `list-roles` does; roles without it are not looked at. Which roles are of the tier is set in the table `[tiers]` of `rolecall.toml`.",
        remediation: "Lower the role's maximum session duration.",
        references: &[
            FOR_SAML,
            "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let most = context.settings.number(&RULE.info, "max_seconds");
    let mut found = Vec::new();
    for roles in roles(context)? {
        let is_admin = |role: &RolePolicy<'_>| {
            let accounts = &context.federation.accounts;
            role.name.is_some_and(|name| context.settings.is_admin(accounts, role.account, name))
        };
        let long = |role: &&RolePolicy<'_>| {
            let is_long = role.max_session_duration.is_some_and(|it| i64::from(it) > most);
            is_long && is_admin(role)
        };
        let over: Vec<&RolePolicy<'_>> = roles.alike.all().filter(long).collect();
        let Some((first, others)) = over.split_first() else { continue };
        let seconds = first.max_session_duration.unwrap_or_default();
        let message = format!(
            "sessions of {} may be {seconds} seconds long, expected at most {most} for the admin tier",
            named(first)
        );
        let finding = Finding::new(&RULE.info, first.identity(), message)
            .at(Label::new(first.place, "").mark(seconds.to_string()))
            .help(format!("lower the role's maximum session duration to {}", most.max(3600)));
        found.push(match others.len() {
            0 => finding,
            1 => finding.help("the role of another account is over it too"),
            many => finding.help(format!("those of {many} more accounts are over it too")),
        });
    }
    Ok(found)
}
