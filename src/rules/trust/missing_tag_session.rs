//! `trust/missing-tag-session`: the app sends session tags, and a trust policy does not allow `sts:TagSession`.

use super::{SESSION_TAGS, TAG_SESSION, TROUBLE, needs_action};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/missing-tag-session",
        summary: "the app sends session tags, and a trust policy does not allow `sts:TagSession`",
        severity: Severity::Error,
        on: true,
        follows: &["trust/malformed-principal", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "An assertion with session tags asks for `sts:TagSession` beside `sts:AssumeRoleWithSAML`, and every role that it is used for has to allow both: else AWS answers `Not authorized to perform sts:AssumeRoleWithSAML`. Only roles that trust the provider of the Role Value Pattern are looked at, and only where the app's export carries its attribute statements.",
        remediation: "Allow `sts:TagSession` to the provider, in the same statement or in another.",
        references: &[SESSION_TAGS, TROUBLE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    needs_action(context, &RULE.info, "PrincipalTag:", TAG_SESSION)
}
