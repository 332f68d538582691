//! `naming/case-deviates`: upper case for lower case, or the reverse.

use super::{Entitlements, before, change, deviating, mend_finding, part_finding, with_other_part};
use crate::entitlement::names::Parts;
use crate::entitlement::role_group::RoleGroup;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::nearest::MendKind;
use crate::model::account::AccountId;
use crate::model::aws::Account;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/case-deviates",
        summary: "a role group's name is written in another case than what it names",
        severity: Severity::Warning,
        on: true,
        follows: before("naming/case-deviates"),
        options: &[],
        since: "0.1.0",
        explanation: "Upper and lower case are different characters to the Group Filter, as far as anybody has \
                      seen, and to IAM where a role is named by its ARN, although IAM has no two roles whose names \
                      differ in case alone. An error is a name that the filter does not match because of its case, \
                      or a role that the account has in another case; a warning is an alias that does not decide \
                      anything.",
        remediation: "Rename the group in the case of the filter, of the role and of the account's alias.",
        references: &[
            super::GUIDE,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let exported = context.exported_roles()?;
    let directory = &context.federation.directory;
    let mut findings: Vec<Finding> = deviating(entitlements, MendKind::Case)
        .filter(|(deviation, _)| !deviation.mapped)
        .map(|(deviation, mend)| {
            let name = Quoted(directory.group_name(deviation.group));
            let message = format!(
                "the Group Filter does not match {name} because of its case: {}",
                change(mend)
            );
            mend_finding(&RULE.info, entitlements, deviation, mend, message)
                .severity(Severity::Error)
        })
        .collect();
    for (role_group, parts) in
        entitlements.role_groups.mapped.iter().zip(&entitlements.names().parts)
    {
        let Ok(id) = AccountId::parse(&role_group.account) else { continue };
        let Some(account) = context.federation.accounts.get(&id) else { continue };
        let is_there = exported.of(role_group).is_some_and(|role| role.name == *role_group.role);
        let role = (!is_there).then(|| role(entitlements, (role_group, parts), account)).flatten();
        let finding = role.or_else(|| alias(entitlements, (role_group, parts), account));
        findings.extend(finding);
    }
    Ok(findings)
}

/// A role that the account has in another case.
fn role(
    entitlements: &Entitlements<'_>,
    (role_group, parts): (&RoleGroup, &Parts),
    account: &Account,
) -> Option<Finding> {
    if account.role(&role_group.role).is_some() {
        return None;
    }
    let meant = account.roles.iter().find(|it| it.name.eq_ignore_ascii_case(&role_group.role))?;
    let name = entitlements.federation.directory.group_name(role_group.group);
    let (role, real) = (Quoted(&role_group.role), Quoted(&meant.name));
    let message =
        format!("the role {role} in {} is {real} in account {}", Quoted(name), role_group.account);
    let part = parts.role.clone();
    let finding = part_finding(&RULE.info, entitlements, role_group.group, part.clone(), message);
    Some(
        with_other_part(finding, name, &part, &meant.name)
            .severity(Severity::Error)
            .related(Label::new(meant.place, "the role").mark(&*meant.name))
            .help(format!(
                "write {real} in the group's name, AWS takes an ARN in exactly that case"
            )),
    )
}

/// An alias that the account has in another case.
fn alias(
    entitlements: &Entitlements<'_>,
    (role_group, parts): (&RoleGroup, &Parts),
    account: &Account,
) -> Option<Finding> {
    let part = parts.alias.clone()?;
    let name = entitlements.federation.directory.group_name(role_group.group);
    let alias = name.get(part.clone())?;
    let real = account
        .alias
        .as_ref()
        .filter(|real| real.value != alias && real.value.to_lowercase() == alias.to_lowercase())?;
    let message = format!(
        "the alias {} in {} is {} in account {}",
        Quoted(alias),
        Quoted(name),
        Quoted(&real.value),
        role_group.account
    );
    let finding = part_finding(&RULE.info, entitlements, role_group.group, part.clone(), message);
    Some(
        with_other_part(finding, name, &part, &real.value)
            .related(Label::new(real.place, "the account's alias").mark(&*real.value))
            .help(format!("write {} in the group's name", Quoted(&real.value))),
    )
}
