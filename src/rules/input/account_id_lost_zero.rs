//! `input/account-id-lost-zero`: an account id without its leading zeros.

use crate::entitlement::account_ids::{Cause, SpoiledId};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/account-id-lost-zero",
        summary: "an account id lost its leading zeros",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "An account id is twelve digits of text, and one in ten begins with a zero. A \
                      spreadsheet, or a script that keeps it as a JSON number, takes it for a number and \
                      writes eleven digits or fewer; Okta then builds the ARN of an account that does not \
                      exist, and AWS shows no role. Reported where the digits with zeros in front are an \
                      account that some export names, and, where no accounts are known, where the Group \
                      Filter would take them.",
        remediation: "Put the zeros back where the export or the group's name was made, and keep account \
                      ids as text: format the column as text before pasting, quote them in JSON and YAML.",
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
    let Cause::LostZeros { account, known } = &spoiled.cause else { return None };
    let written = spoiled.written();
    let digits = written.len();
    let lost = match 12_usize.saturating_sub(digits) {
        1 => "leading zero".to_owned(),
        zeros => format!("{zeros} leading zeros"),
    };
    let message = if *known {
        format!("{} is account {account} without its {lost}", Quoted(written))
    } else {
        format!(
            "{} has {digits} digits, expected 12: account {account} if it lost its {lost}",
            Quoted(written)
        )
    };
    Some(super::of_account(&RULE.info, spoiled, &message, Some(*account)))
}
