//! `provider/too-many-keys`: more keys than IAM takes for one provider.

use crate::finding::{Finding, RuleInfo, RuleOption, Severity};
use crate::rules::documents::documents;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/too-many-keys",
        summary: "metadata with more keys than IAM takes for one provider",
        severity: Severity::Warning,
        on: true,
        follows: &["provider/invalid-metadata"],
        options: &[RuleOption { name: "max", default: 10, meaning: "keys of one provider" }],
        since: "0.1.0",
        explanation: "IAM keeps at most ten keys for a SAML provider, a quota that cannot be raised. \
                      Which keys a document with more leaves out is not documented. Old certificates of \
                      past rotations usually make the number.",
        remediation: "Take certificates that are not used any more out of the metadata.",
        references: &[super::QUOTAS],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let max = context.settings.number(&RULE.info, "max");
    let max = usize::try_from(max).unwrap_or(0);
    let all = documents(context)?;
    Ok(all
        .iter()
        .filter_map(|document| {
            let keys: Vec<_> = document.metadata()?.keys().collect();
            let over = keys.get(max)?;
            let message = format!(
                "{} has {} keys, IAM keeps at most {max} for a provider",
                document.whose(),
                keys.len()
            );
            Some(document.finding(&RULE.info, &over.at, message))
        })
        .collect())
}
