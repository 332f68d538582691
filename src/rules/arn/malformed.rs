//! `arn/malformed`: an ARN of a Role value is malformed.

use super::{Origin, ask};
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/malformed",
        summary: "an ARN of a Role value is malformed",
        severity: Severity::Error,
        on: true,
        follows: &[
            "arn/not-a-pair",
            "arn/space-in-pair",
            "arn/unexpanded-placeholder",
            "assertion/joined-values",
            "mapping/iac-escaping",
            "mapping/invalid-role-value",
            "mapping/missing-capture",
            "mapping/placeholder-literal",
            "naming/account-id-length",
            "naming/illegal-role-name",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "An ARN of a role or SAML provider has six parts: `arn`, the partition, `iam`, \
                      an empty region, twelve digits and the resource. AWS compares it as text: a \
                      missing colon, a region, another service or an account of eleven digits makes \
                      it name nothing.",
        remediation: "Correct the part that the finding names.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |value, read| {
        // Another number of parts is reported as such.
        let (range, error) = match read.parts.as_slice() {
            [(range, Err(error))] | [(range, Err(error)), _] | [_, (range, Err(error))] => {
                (range.clone(), error)
            }
            _ => return None,
        };
        let message = format!("{} has a malformed ARN: {error}", value.named());
        let found = value.finding(context, &RULE.info, message);
        let found = match value.origin {
            Origin::Group(_) => found,
            _ => found.at(value.part(range)),
        };
        let form = "arn:aws:iam::123456789012:role/NAME";
        Some(value.unread(found.help(format!("an ARN of IAM has six parts, as `{form}` has"))))
    })
}
