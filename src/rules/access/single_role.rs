//! `access/single-role`: users whose picker AWS skips.

use super::counted;
use crate::finding::{Finding, Label, RuleInfo, Severity};
use crate::model::directory::UserId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "access/single-role",
        summary: "users with one role never see the picker",
        severity: Severity::Note,
        on: false,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "With exactly one role AWS skips the page where a role is chosen and opens the console. That is right, and breaks tools that read the page to find the roles of a user. Off by default: turn it on before such a tool is rolled out.",
        remediation: "Have the tool handle a sign-in without a picker, or read the roles from the assertion.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-saml.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let holdings = context.holdings()?;
    let directory = &context.federation.directory;
    let users: Vec<UserId> =
        holdings.users().iter().copied().filter(|&user| holdings.of(user).len() == 1).collect();
    let Some(&first) = users.first() else { return Ok(Vec::new()) };
    let see = if users.len() == 1 { "sees" } else { "see" };
    let message =
        format!("{} {see} one role only, so that AWS skips the picker", counted(holdings, &users));
    let place = directory.user(first).map(|user| user.place).unwrap_or_default();
    let found = Finding::new(&RULE.info, "pickers", message)
        .at(Label::new(place, "").mark(directory.login(first)))
        .help("have tools that read the picker handle a sign-in without one");
    Ok(vec![found])
}
