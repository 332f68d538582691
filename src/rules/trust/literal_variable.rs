//! `trust/literal-variable`: a variable under a version of the language that has none.

use super::{At, GRAMMAR, VARIABLES, ask_conditions};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::Family;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/literal-variable",
        summary: "a value has a variable under a `Version` that does not expand it",
        severity: Severity::Warning,
        on: true,
        follows: &["trust/impossible-audience", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "Only under `\"Version\": \"2012-10-17\"` is `${…}` a variable. Under `2008-10-17`, and without a `Version`, which means the same, it is text, and a condition wants exactly these characters.",
        remediation: "Write `\"Version\": \"2012-10-17\"`.",
        references: &[VARIABLES, GRAMMAR],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask_conditions(context, |spot, condition| {
        let version = spot.roles.policy.version();
        if version == Some("2012-10-17") || condition.key_lower() == "saml:aud" {
            return None;
        }
        let family = condition.operator?.family();
        let expands = matches!(family, Family::Text { .. } | Family::Arn);
        let wanted = condition.values.iter().find(|one| one.text.contains("${"))?;
        if !expands {
            return None;
        }
        let under = match version {
            Some(version) => format!("under `Version` {}", Quoted(version)),
            None => "without a `Version`".to_owned(),
        };
        let message = format!(
            "{} wants {} {}, which is no variable {under}",
            spot.named(),
            Quoted(&condition.key),
            Quoted(&wanted.text)
        );
        let help = "write `\"Version\": \"2012-10-17\"`";
        Some(spot.finding(&RULE.info, At::value(&wanted.text), message, help))
    })
}
