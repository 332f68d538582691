//! `arn/partitions-differ`: role and provider of a pair are in different partitions.

use super::ask;
use crate::finding::{Finding, RuleInfo, Severity};
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "arn/partitions-differ",
        summary: "role and provider of a pair are in different partitions",
        severity: Severity::Error,
        on: true,
        follows: super::BROKEN_PATTERN,
        options: &[],
        since: "0.1.0",
        explanation: "No partition of AWS (`aws`, `aws-cn`, `aws-us-gov`) trusts anything of \
                      another. A pair that names two of them cannot be assumed.",
        remediation: "Write the partition of the account in both ARNs.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    ask(context, |value, read| {
        let (role, provider) = read.role_and_provider()?;
        if role.partition == provider.partition {
            return None;
        }
        let message = format!(
            "{} has a role in partition `{}` and a provider in partition `{}`",
            value.named(),
            role.partition,
            provider.partition
        );
        let found = value.finding(context, &RULE.info, message);
        Some(found.help("write the partition of the account in both ARNs"))
    })
}
