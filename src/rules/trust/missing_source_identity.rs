//! `trust/missing-source-identity`: the app sends a source identity, and a trust policy does not allow `sts:SetSourceIdentity`.

use super::{SET_SOURCE_IDENTITY, SOURCE_IDENTITY, TROUBLE, needs_action};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "trust/missing-source-identity",
        summary: "the app sends a source identity, and a trust policy does not allow `sts:SetSourceIdentity`",
        severity: Severity::Error,
        on: true,
        follows: &["trust/malformed-principal", "trust/wrong-action"],
        options: &[],
        since: "0.1.0",
        explanation: "An assertion with a source identity asks for `sts:SetSourceIdentity` beside `sts:AssumeRoleWithSAML`, and every role that it is used for has to allow both: else AWS answers `Not authorized to perform sts:AssumeRoleWithSAML`. Only roles that trust the provider of the Role Value Pattern are looked at, and only where the app's export carries its attribute statements.",
        remediation: "Allow `sts:SetSourceIdentity` to the provider, in the same statement or in another.",
        references: &[SOURCE_IDENTITY, TROUBLE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    needs_action(context, &RULE.info, "SourceIdentity", SET_SOURCE_IDENTITY)
}
