//! `naming/unknown-account`: accounts that the organization does not have.

use super::{account_part, by_account, counted, part_label};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::account::{AccountId, Standing};
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
        explanation: "A list of accounts from AWS Organizations, or the tables `[[account]]` of `rolecall.toml`, say \
                      which accounts there are. Role groups of an account that is not among them give entries that \
                      AWS refuses, unless the account belongs to another organization; those of a suspended or \
                      closed account can be used by nobody. Without either nothing is said: an account whose \
                      export is missing is not an unknown one.",
        remediation: "Delete the groups of accounts that are gone, and mend the account id of the others. Accounts \
                      of another organization: add its list of accounts to the exports, or declare them; an \
                      account that is still to come is declared with `status = \"planned\"`.",
        references: &[
            "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let accounts = &context.federation.accounts;
    let organization = accounts.iter().any(|(_, account)| account.status.is_some());
    if !organization && accounts.iter().all(|(_, account)| account.stated.is_none()) {
        return Err(CannotCheck(
            "no list of accounts from AWS Organizations was given (`aws organizations list-accounts`), and no \
             `[[account]]` is declared"
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
            let (list, help) = if organization {
                ("the organization's accounts", "")
            } else {
                ("the accounts declared", ", or declare it with `[[account]]`")
            };
            let help =
                format!("mend the account id, or delete the groups if the account is gone{help}");
            findings.push(finding(&groups, &format!("is not among {list}")).help(help));
            continue;
        };
        let Some(status) = &account.status else {
            let stated = account.stated.as_ref();
            if let Some(stated) = stated.filter(|stated| stated.standing == Standing::Closed) {
                findings.push(
                    finding(&groups, "is declared closed")
                        .severity(Severity::Error)
                        .related(Label::new(stated.place, "the account's declaration").mark(text))
                        .help("delete the groups, nobody can sign in there"),
                );
            }
            continue;
        };
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
