//! `naming/account-id-typo`: account ids a typing error away from a known one.

use super::{account_part, by_account, counted, part_label, with_other_part};
use crate::finding::{Finding, FixHint, Quoted, RuleInfo, Severity};
use crate::model::account::AccountId;
use crate::model::aws::Accounts;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/account-id-typo",
        summary: "an account id in role groups' names is one typing error away from a known account",
        severity: Severity::Warning,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "Twelve digits that no export knows, and that become a known account by one other digit or by \
                      two neighbours swapped, are most likely a slip of the hand. The groups map, Okta sends the \
                      ARN, and AWS refuses it; whoever owns the other account is the only one it could ever work \
                      for.",
        remediation: "Rename the groups with the account's id, or export the account if it exists.",
        references: &[
            "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html",
            super::GUIDE,
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let accounts = &context.federation.accounts;
    if accounts.is_empty() {
        return Err(CannotCheck("no export names any AWS account".to_owned()));
    }
    let mut findings = Vec::new();
    for (account, groups) in by_account(entitlements) {
        let Some(&group) = groups.first() else { continue };
        if AccountId::parse(account).is_ok_and(|id| accounts.get(&id).is_some()) {
            continue;
        }
        let near = near(account, accounts);
        let Some(one) = near.first() else { continue };
        let known: Vec<String> = near.iter().map(|id| Quoted(id.as_str()).to_string()).collect();
        let message = format!(
            "account {} of {} is one typing error away from {}",
            Quoted(account),
            counted(entitlements, &groups),
            known.join(" and from ")
        );
        let part = account_part(entitlements, group);
        let label = part_label(entitlements, group, part.clone(), "");
        let mut finding = Finding::new(&RULE.info, account, message).at(label);
        if near.len() == 1 && groups.len() == 1 {
            let name = context.federation.directory.group_name(group);
            let written = with_other_part(finding.clone(), name, &part, one.as_str()).fix;
            finding.fix = written.map(|hint| {
                let (from, to) = hint.values();
                FixHint::ProposeName { from: from.to_owned(), to: to.to_owned() }
            });
        }
        if near.len() == 1 {
            finding =
                finding.help(format!("write {} if that account is meant", Quoted(one.as_str())));
        }
        findings.push(finding);
    }
    Ok(findings)
}

/// Known accounts that are one other digit, or two neighbours swapped, away from twelve digits.
fn near(account: &str, accounts: &Accounts) -> Vec<AccountId> {
    let digits = AccountId::parse(account).ok().and_then(|_| account.as_bytes().try_into().ok());
    let Some(digits): Option<[u8; 12]> = digits else { return Vec::new() };
    let mut tried = Vec::new();
    for at in 0..digits.len() {
        let mut swapped = digits;
        if at + 1 < digits.len() {
            swapped.swap(at, at + 1);
            tried.push(swapped);
        }
        for digit in b'0'..=b'9' {
            let mut other = digits;
            if let Some(byte) = other.get_mut(at) {
                *byte = digit;
            }
            tried.push(other);
        }
    }
    let mut near: Vec<AccountId> = tried
        .iter()
        .filter_map(|digits| AccountId::parse(std::str::from_utf8(digits).ok()?).ok())
        .filter(|id| accounts.get(id).is_some())
        .collect();
    near.sort_unstable();
    near.dedup();
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_other_digit_and_two_swapped_are_near_and_two_other_digits_are_not() {
        let mut accounts = Accounts::default();
        let known = AccountId::parse("418830275916").unwrap();
        accounts.entry(known);
        for account in ["418830275917", "148830275916", "418830275961"] {
            assert_eq!(near(account, &accounts), [known], "{account}");
        }
        for account in ["418830275900", "819830275416", "41883027591", "41883027591x"] {
            assert_eq!(near(account, &accounts), [], "{account}");
        }
    }
}
