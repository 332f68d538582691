//! `naming/environment-conflict`: a name says one environment, and its account is another.

use super::{before, part_label};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::grammar::{GrammarReader, Part};
use crate::model::account::AccountId;
use crate::rules::directory::PRODUCTION;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/environment-conflict",
        summary: "a role group's name has another environment than its account",
        severity: Severity::Warning,
        on: true,
        follows: before("naming/environment-conflict"),
        options: &[],
        since: "0.1.0",
        explanation: "Okta takes the account from the account id in a name and from nothing else. Where a project's \
                      names have an `{environment}` (`[naming]`), people go by that: who approves a membership in a \
                      group that says `dev` does not know that it opens production. The account's own is the \
                      `environment` of its `[[account]]` in `rolecall.toml`; case does not matter, and `prod`, \
                      `production`, `prd` and `live` are the same. Nothing is reported where either is not declared.",
        remediation: "Rename the group, with the environment or the account id that was meant; or mend the \
                      `environment` of the account.",
        references: &[super::GUIDE],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let Some(grammar) = context.grammar()?.filter(|grammar| grammar.has(Part::Environment)) else {
        return Ok(Vec::new());
    };
    let entitlements = context.group_mapping()?;
    let mut reader = GrammarReader::new(grammar);
    let mut findings = Vec::new();
    for role_group in &entitlements.role_groups.mapped {
        let name = context.federation.directory.group_name(role_group.group);
        let Some(read) = reader.read(name) else { continue };
        let Some(said) = read.text(name, Part::Environment) else { continue };
        let Ok(id) = AccountId::parse(&role_group.account) else { continue };
        let account = context.federation.accounts.get(&id);
        let Some(stated) = account.and_then(|account| account.stated.as_ref()) else { continue };
        let Some(environment) = stated.environment.as_deref() else { continue };
        if is_same(said, environment) {
            continue;
        }
        let message = format!(
            "{} says {}, and account {id} is declared as {}",
            Quoted(name),
            Quoted(said),
            Quoted(environment)
        );
        let range = read.range(Part::Environment).unwrap_or_default();
        findings.push(
            Finding::new(&RULE.info, name, message)
                .at(part_label(entitlements, role_group.group, range, ""))
                .related(Label::new(stated.place, "the account").mark(id.as_str()))
                .help("rename the group, or mend the `environment` of the account"),
        );
    }
    Ok(findings)
}

/// Whether two words mean the same environment.
fn is_same(one: &str, other: &str) -> bool {
    let is_production = |word: &str| PRODUCTION.contains(&word.to_lowercase().as_str());
    one.eq_ignore_ascii_case(other) || is_production(one) && is_production(other)
}
