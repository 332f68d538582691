//! `input/account-id-float`: an account id written with an exponent.

use crate::entitlement::account_ids::{Cause, SpoiledId};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/account-id-float",
        summary: "an account id was written with an exponent, as `1.23457E+11`",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A spreadsheet shows a number of twelve digits as `1.23457E+11`, and writes it so \
                      when the sheet is saved as CSV: all but the first digits are gone. What was there \
                      can be told only where it is known which accounts there are, and one of them alone \
                      rounds to this number.",
        remediation: "Take the account id from its source and keep it as text: format the column as text \
                      before pasting. Where the finding offers an id, it is the only known one that is \
                      written this way.",
        references: &[
            "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html",
            "https://support.microsoft.com/en-us/office/keeping-leading-zeros-and-large-numbers-1bf7b935-36e1-4985-842f-5dfa51f85fe7",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let found = context.spoiled_ids();
    found.iter().filter_map(finding).collect()
}

fn finding(spoiled: &SpoiledId) -> Option<Finding> {
    let Cause::Float { accounts } = &spoiled.cause else { return None };
    let written = Quoted(spoiled.written());
    let which = match accounts.as_slice() {
        [] => "and the account id it was is lost".to_owned(),
        [account] => format!("which of the known accounts only {account} is written as"),
        several => {
            let ids = several.iter().map(crate::model::account::AccountId::as_str);
            format!(
                "which several of the known accounts are written as: {}",
                super::examples(ids, several.len())
            )
        }
    };
    let message = format!("{written} is a rounded number, {which}");
    let only = if let [account] = accounts.as_slice() { Some(*account) } else { None };
    Some(super::of_account(&RULE.info, spoiled, &message, only))
}
