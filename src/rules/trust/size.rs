//! `trust/size`: a trust policy is longer than IAM takes.

use super::{At, GRAMMAR, QUOTAS, named, roles};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/size",
        summary: "a trust policy is longer than IAM takes",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A trust policy may have 2048 characters, white space not counted; the quota can be raised, according to several sources to 8192. Over 2048 characters this is a warning, as the account may have a raised quota; over 8192 an error.",
        remediation: "Put values that share a condition into one array, principals of one kind into one statement, or patterns under `StringLike` for lists.",
        references: &[QUOTAS, GRAMMAR],
    },
    check,
};

/// Characters that every account has room for.
const USUAL: usize = 2048;
/// Characters that a raised quota has room for.
const MOST: usize = 8192;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let found = roles(context)?.filter_map(|roles| {
        let size = roles.document.size;
        if size <= USUAL || roles.document.has_holes {
            return None;
        }
        let (severity, limit) =
            if size > MOST { (Severity::Error, MOST) } else { (Severity::Warning, USUAL) };
        let message = format!(
            "the trust policy of {} has {size} characters without white space, expected at most {limit}",
            named(&roles.alike.first)
        );
        let help = if size > MOST {
            "join statements that differ in one value, and lists that a pattern can stand for"
        } else {
            "join statements that differ in one value, or have the account's quota raised"
        };
        Some(roles.finding(&RULE.info, At::default(), message, help).severity(severity))
    });
    Ok(found.collect())
}
