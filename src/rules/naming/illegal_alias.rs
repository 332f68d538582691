//! `naming/illegal-alias`: aliases that no account can have.

use std::collections::BTreeMap;

use super::{alias_part, aliases, before, counted, part_label};
use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::is_account_alias;
use crate::model::directory::GroupId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/illegal-alias",
        summary: "the alias in role groups' names is none that an account can have",
        severity: Severity::Warning,
        on: true,
        follows: before("naming/illegal-alias"),
        options: &[],
        since: "0.1.0",
        explanation: "In the guide's form, `aws#alias#role#account`, the second segment is the account's alias. \
                      AWS takes 3 to 63 lower-case letters, digits and single hyphens, no hyphen at either end, \
                      and not twelve digits. The Group Filter takes anything there, so nothing breaks; but the \
                      name cannot be that of an account, and whoever reads it may take the group for another. One \
                      finding an alias.",
        remediation: "Write the account's alias as IAM has it (`aws iam list-account-aliases`). If the segment is \
                      not meant to be an alias, turn the rule off.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html",
            super::GUIDE,
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let mut illegal: BTreeMap<&str, Vec<GroupId>> = BTreeMap::new();
    for (role_group, alias) in aliases(entitlements).filter(|(_, alias)| !is_account_alias(alias)) {
        illegal.entry(alias).or_default().push(role_group.group);
    }
    let directory = &context.federation.directory;
    let findings = illegal.iter().filter_map(|(alias, groups)| {
        let &group = groups.first()?;
        let (alias, why) = (*alias, why(alias));
        let message =
            format!("the alias {} of {} {why}", Quoted(alias), counted(entitlements, groups));
        let part = alias_part(entitlements, group);
        Some(
            Finding::new(&RULE.info, alias, message)
                .at(part_label(entitlements, group, part, ""))
                .stems_from(directory.group_name(group))
                .help("write the account's alias as IAM has it"),
        )
    });
    Ok(findings.collect())
}

/// What is wrong with an alias that is not legal.
fn why(alias: &str) -> String {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if let Some(c) = alias.chars().find(|&c| !legal(c)) {
        format!("holds `{c}`, expected lower-case letters, digits and hyphens")
    } else if !(3..=63).contains(&alias.len()) {
        format!("has {} characters, expected 3 to 63", alias.len())
    } else if alias.contains("--") {
        "has two hyphens in a row, expected single ones".to_owned()
    } else if alias.contains('-') {
        "has a hyphen at an end, expected a letter or digit".to_owned()
    } else {
        "is twelve digits, expected what cannot be taken for an account id".to_owned()
    }
}
