//! `naming/unknown-account`: accounts that the organization does not have.

use super::{account_part, by_account, counted, part_label};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::AccountId;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

/// States of AWS Organizations in which nobody gets into an account.
const CLOSED: &[&str] = &["CLOSED", "PENDING_CLOSURE", "SUSPENDED"];

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/unknown-account",
        summary: "role groups name an account that the organization does not have, or that is closed",
        severity: Severity::Warning,
        on: true,
        follows: &["naming/account-id-typo"],
        options: &[],
        since: "0.1.0",
        explanation: "A list of accounts from AWS Organizations says which accounts there are. Role groups of an \
                      account that is not on it give entries that AWS refuses, unless the account belongs to \
                      another organization; those of a suspended or closed account can be used by nobody. Without \
                      such a list nothing is said: an account whose export is missing is not an unknown one.",
        remediation: "Delete the groups of accounts that are gone, and mend the account id of the others. Accounts \
                      of another organization: add its list of accounts to the exports.",
        references: &[
            "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let accounts = &context.federation.accounts;
    if accounts.iter().all(|(_, account)| account.status.is_none()) {
        return Err(CannotCheck(
            "no list of accounts from AWS Organizations was given (`aws organizations list-accounts`)"
                .to_owned(),
        ));
    }
    let mut findings = Vec::new();
    for (text, groups) in by_account(entitlements) {
        let (Ok(id), Some(&group)) = (AccountId::parse(text), groups.first()) else { continue };
        let at = part_label(entitlements, group, account_part(entitlements, group), "");
        let finding = |groups: &[GroupId], what: &str| {
            let message =
                format!("account {} of {} {what}", Quoted(text), counted(entitlements, groups));
            Finding::new(&RULE.info, text, message).at(at.clone())
        };
        let Some(account) = accounts.get(&id) else {
            findings.push(
                finding(&groups, "is not among the organization's accounts")
                    .help("mend the account id, or delete the groups if the account is gone"),
            );
            continue;
        };
        let Some(status) = &account.status else { continue };
        if CLOSED.contains(&&*status.value.to_ascii_uppercase()) {
            let what = format!("is {} in AWS Organizations", Quoted(&status.value));
            findings.push(
                finding(&groups, &what)
                    .severity(Severity::Error)
                    .related(Label::new(status.place, "the account's status").mark(&*status.value))
                    .help("delete the groups, nobody can sign in there"),
            );
        }
    }
    Ok(findings)
}
