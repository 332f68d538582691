//! `naming/account-id-length`: account ids that are not twelve digits.

use super::{Entitlements, before, change, deviating, mend_finding, part_finding, with_rename};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::mapping::nearest::{Mend, MendKind};
use crate::model::account::AccountId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/account-id-length",
        summary: "the account id in a role group's name is not exactly twelve digits",
        severity: Severity::Error,
        on: true,
        follows: before("naming/account-id-length"),
        options: &[],
        since: "0.1.0",
        explanation: "An AWS account id is twelve digits, leading zeros included. The Group Filters of Okta's \
                      guides take any number of digits (`\\d+`), so a group whose account lost a zero in a \
                      spreadsheet still maps, to a role ARN that AWS refuses as a whole; a stricter filter passes \
                      over the group.",
        remediation: "Rename the group with the account's twelve digits. `\\d{12}` in the Group Filter keeps such \
                      names from mapping.",
        references: &[
            "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html",
            super::GUIDE,
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let directory = &context.federation.directory;
    let mut findings: Vec<Finding> = deviating(entitlements, MendKind::AccountDigits)
        .filter(|(deviation, mend)| !deviation.mapped && AccountId::parse(&mend.found).is_err())
        .map(|(deviation, mend): (_, &Mend)| {
            let name = Quoted(directory.group_name(deviation.group));
            let message =
                format!("the account id in {name} is not twelve digits: {}", change(mend));
            mend_finding(&RULE.info, entitlements, deviation, mend, message)
        })
        .collect();
    findings.extend(mapped(entitlements));
    Ok(findings)
}

/// Names that map, to an account that is none.
fn mapped(entitlements: &Entitlements<'_>) -> Vec<Finding> {
    let (names, directory) = (entitlements.names(), &entitlements.federation.directory);
    let mut findings = Vec::new();
    for (role_group, parts) in entitlements.role_groups.mapped.iter().zip(&names.parts) {
        // A filter without the capture is another rule's.
        if role_group.account.is_empty() && !entitlements.mapping.filter.has_capture("accountid") {
            continue;
        }
        let Err(error) = AccountId::parse(&role_group.account) else { continue };
        let group = role_group.group;
        let name = directory.group_name(group);
        let (account, quoted) = (Quoted(&role_group.account), Quoted(name));
        let message = format!("the account id {account} in {quoted} {error}");
        let finding = part_finding(&RULE.info, entitlements, group, parts.account.clone(), message);
        findings.push(match names.deviation(group).filter(|it| it.suggestion.is_some()) {
            Some(deviation) => with_rename(finding, name, deviation),
            None => finding.help("write the account's twelve digits, leading zeros included"),
        });
    }
    findings
}
