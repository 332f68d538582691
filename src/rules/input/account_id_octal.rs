//! `input/account-id-octal`: an account id that was read as an octal number.

use crate::entitlement::account_ids::{Cause, SpoiledId};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::rules::{Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "input/account-id-octal",
        summary: "an account id was read as an octal number",
        severity: Severity::Error,
        on: true,
        follows: &[],
        options: &[],
        since: "0.1.0",
        explanation: "A YAML 1.1 reader takes digits with a leading zero, none of them an 8 or a 9, for an \
                      octal number: `012345670123` without quotes becomes `1402433619`. The number looks \
                      like an account id that lost digits, and padding it with zeros gives another \
                      account. Reported where the digits are what is left of an account that some export \
                      names.",
        remediation: "Write the account id that the finding offers, and quote account ids in YAML.",
        references: &[
            "https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html",
            "https://yaml.org/type/int.html",
        ],
    },
    check: |context| Ok(check(context)),
};

fn check(context: &Context<'_>) -> Vec<Finding> {
    let found = context.spoiled_ids();
    found.iter().filter_map(finding).collect()
}

fn finding(spoiled: &SpoiledId) -> Option<Finding> {
    let Cause::Octal { account } = &spoiled.cause else { return None };
    let written = Quoted(spoiled.written());
    let message = format!("{written} is account {account} read as an octal number");
    Some(super::of_account(&RULE.info, spoiled, &message, Some(*account)))
}
