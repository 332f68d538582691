//! `mapping/loose-account-digits`: the Group Filter takes accounts that are not twelve digits.

use super::{GROUP_FILTER, GUIDE, about_filter, analysis, with_setting};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::mapping::analysis::escapes;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/loose-account-digits",
        summary: "the Group Filter takes accounts that are not twelve digits",
        severity: Severity::Warning,
        on: true,
        follows: super::BROKEN_FILTER,
        options: &[],
        since: "0.1.0",
        explanation: "An AWS account id is exactly twelve digits. A filter that takes any number of \
                      them, as the one of Okta's guide does, maps a group whose id has lost its \
                      leading zero or gained a digit all the same: the Role value names no account, \
                      and AWS refuses it where the filter could have.",
        remediation: "Ask for twelve digits, `\\d{12}`: a mistyped name then maps to nothing, and \
                      `naming/filter-near-miss` tells what it should be.",
        references: &[
            GUIDE,
            "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let analysis = analysis(entitlements)?;
    let Some(found) = analysis.loose_account() else { return Ok(Vec::new()) };
    let part = analysis.account_class();
    let message = format!(
        "the Group Filter takes accounts that are not twelve digits: it would read {} from {}",
        Quoted(&found.account),
        Quoted(&found.name)
    );
    let finding = about_filter(&RULE.info, entitlements, part, message);
    let finding = finding.help("capture the account with `(?{{accountid}}\\d{12})`");
    let mapping = entitlements.mapping;
    let filter = mapping.filter.text();
    Ok(vec![match escapes::with_twelve_digits(filter) {
        Some(to) => with_setting(finding, GROUP_FILTER, mapping.places.filter, (filter, &to)),
        None => finding,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::mapping::tests::{messages, with_filter};

    #[test]
    fn twelve_characters_that_need_not_be_digits_are_loose_too() {
        let found = messages(&RULE, with_filter(r"^(?{{role}}[a-z]+)#(?{{accountid}}\w{12})$"));
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn choices_that_all_have_twelve_digits_are_not() {
        let filter = r"^(?{{role}}[a-z]+)#(?{{accountid}}418830275916|0\d{11}|[1-3][0-9]{11})$";
        assert_eq!(messages(&RULE, with_filter(filter)), [""; 0]);
    }
}
