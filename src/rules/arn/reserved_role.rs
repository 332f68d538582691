//! `arn/reserved-role`: a role of IAM Identity Center cannot be assumed with SAML.

use super::{Origin, values};
use crate::entitlement::refusal::Refusal;
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::arn::is_reserved_role;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/reserved-role",
        summary: "a role of IAM Identity Center cannot be assumed with SAML",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "IAM Identity Center makes the roles `AWSReservedSSO_…` and assumes them \
                      itself; `AssumeRoleWithSAML` refuses them whatever their trust policy says.",
        remediation: "Create a role for the federation with the same permissions.",
        references: &[
            "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html",
            "https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let values = values(context, |mapped| {
        mapped.pair.as_ref().is_ok_and(|pair| is_reserved_role(&pair.role.name))
    })?;
    let found = values.iter().filter_map(|value| {
        let read = value.read();
        let role = match read.role() {
            Some(role) => role.name.clone(),
            None if value.origin == Origin::SamlRoles => read.bare_role()?.to_owned(),
            None => return None,
        };
        if !is_reserved_role(&role) {
            return None;
        }
        let message = format!(
            "role {} belongs to IAM Identity Center and cannot be assumed with SAML",
            Quoted(&role)
        );
        let found = value.finding(context, &RULE.info, message);
        let found = found.help(
            "create a role of its own for the federation, or assign the permission set there",
        );
        Some(value.refused(found, Refusal::ReservedRole))
    });
    Ok(found.collect())
}
