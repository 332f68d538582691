//! `trust/wildcard-action`: a statement allows a SAML provider more actions than one.

use super::{ASSUME_WITH_SAML, At, CHECKS, FOR_SAML, ask};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/wildcard-action",
        summary: "a statement allows a SAML provider actions by a wildcard or by `NotAction`",
        severity: Severity::Warning,
        on: true,
        follows: &["trust/malformed-principal"],
        options: &[],
        since: "0.1.0",
        explanation: "A provider needs `sts:AssumeRoleWithSAML`, and `sts:TagSession` and `sts:SetSourceIdentity` where the app sends tags or a source identity. A wildcard allows whatever AWS adds later, and lets an app that begins to send tags set any.",
        remediation: "List the actions that are needed.",
        references: &[FOR_SAML, CHECKS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |spot| {
        let mut actions = spot.statement.actions();
        let (value, what) = if spot.statement.excludes_actions() {
            let (action, _) = actions.next()?;
            (action, "whatever `NotAction` does not name".to_owned())
        } else {
            let (action, _) = actions.find(|(action, _)| action.contains(['*', '?']))?;
            (action, Quoted(action).to_string())
        };
        if !spot.signs_in() {
            return None;
        }
        let message = format!(
            "{} allows a SAML provider {what}, expected `{ASSUME_WITH_SAML}`",
            spot.named()
        );
        let help = format!(
            "write `{ASSUME_WITH_SAML}`, with `sts:TagSession` and `sts:SetSourceIdentity` where the app needs them"
        );
        Some(spot.finding(&RULE.info, At::value(value), message, &help))
    })
}
