//! `trust/prohibited-element`: an element that role trust policies may not have.

use super::{At, CHECKS, PRINCIPALS, Spot, roles, word_at};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::FaultKind;

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/prohibited-element",
        summary: "a trust policy has `Resource`, `NotResource` or `NotPrincipal`",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "The role is the resource of its own trust policy, so IAM refuses one with `Resource` or `NotResource`: `MalformedPolicyDocument: Has prohibited field Resource`. `NotPrincipal` is not supported in role trust policies either. Such a document was never stored as it is here.",
        remediation: "Take the element out; instead of `NotPrincipal` with Deny, deny `*` with a condition on who calls.",
        references: &[
            PRINCIPALS,
            CHECKS,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut found = Vec::new();
    for roles in roles(context)? {
        let mut faults: Vec<_> =
            roles.policy.faults.iter().filter(|one| one.kind == FaultKind::Prohibited).collect();
        // One a statement.
        faults.dedup_by_key(|fault| roles.policy.statement_at(fault.at));
        for fault in faults {
            let number = roles.policy.statement_at(fault.at).unwrap_or_default();
            let Some(statement) = roles.policy.statements.get(number) else { continue };
            let spot = Spot { roles, number, statement, providers: Vec::new() };
            let element = word_at(&roles.alike.first.document.json, fault.at);
            let message =
                format!("{} has {}, which IAM refuses here", spot.named(), Quoted(&element));
            let help = if element == "NotPrincipal" {
                "name the principals that are meant under `Principal`"
            } else {
                "take it out: the role is the resource"
            };
            found.push(spot.finding(&RULE.info, At::value(&element), message, help));
        }
    }
    Ok(found)
}
