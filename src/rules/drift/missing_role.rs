//! `drift/missing-role`: groups map to a role that the account does not have.

use std::collections::BTreeMap;

use super::super::mapping::some_of;
use super::{need_roles, number};
use crate::entitlement::near::nearest;
use crate::entitlement::refusal::Refusal;
use crate::entitlement::role_group::{RoleGroup, place_of};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::model::arn::RoleArn;
use crate::rules::assertion::{answer, sign_ins};
use crate::rules::{CannotCheck, Context, Rule, Scope};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "drift/missing-role",
        summary: "groups map to a role that the account does not have",
        severity: Severity::Error,
        on: true,
        follows: &[
            "arn/reserved-role",
            "naming/account-id-typo",
            "naming/alias-id-conflict",
            "naming/ambiguous-split",
            "naming/case-deviates",
            "naming/illegal-role-name",
            "naming/invisible-character",
            "naming/mixed-script",
            "naming/near-duplicate",
            "naming/segment-count",
            "naming/unmatchable-role-name",
        ],
        options: &[],
        since: "0.1.0",
        explanation: "Okta sends the role whether or not it is there, the picker shows it, and AWS answers `Not \
                      authorized to perform sts:AssumeRoleWithSAML` to whoever chooses it. Only accounts whose \
                      roles an export lists whole are looked at. A role that many accounts lack gives one finding.",
        remediation: "Create the role, or delete the group; mend the name where a role of almost the same name is \
                      there.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html",
            "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-create-external-roles-groups.htm",
        ],
    },
    check,
};

/// From this many accounts on, a role that all of them lack gives one finding.
const MANY: usize = 5;

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let mut found = captured(context);
    if context.scope == Scope::Everything {
        match of_groups(context) {
            Ok(more) => found.extend(more),
            Err(reason) if found.is_empty() => return Err(reason),
            Err(_) => {}
        }
    }
    Ok(found)
}

/// Roles that captured sign-ins name: exactly, for AWS compares them so.
fn captured(context: &Context<'_>) -> Vec<Finding> {
    let mut missing: BTreeMap<String, Finding> = BTreeMap::new();
    for sign_in in sign_ins(context) {
        for sent in &sign_in.aws.roles {
            for (arn, _) in sent.pairs() {
                let Some(account) = context.federation.accounts.get(&arn.account) else { continue };
                if !account.roles_complete || account.role(&arn.name).is_some() {
                    continue;
                }
                let message = format!(
                    "account {} has no role {}, which a sign-in names",
                    Quoted(arn.account.as_str()),
                    Quoted(&arn.name)
                );
                let found = Finding::new(&RULE.info, arn.to_string(), message)
                    .at(sign_in.captured.label(&sent.text.at, ""))
                    .stems_from(&*sent.text.value);
                let near =
                    nearest(&arn.name, account.roles.iter().map(|role| role.name.as_str()), 1);
                let near = near.first().and_then(|near| account.role(near));
                let found = match near {
                    Some(role) => found.related(
                        Label::new(role.place, "a role of almost the same name").mark(&*role.name),
                    ),
                    None => found,
                };
                let found = found.help(answer(Refusal::RoleMissing));
                missing.entry(arn.to_string()).or_insert(found);
            }
        }
    }
    missing.into_values().collect()
}

fn of_groups(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    need_roles(context)?;
    let exported = context.exported_roles()?;
    let mut missing: BTreeMap<&str, BTreeMap<&RoleArn, Vec<&RoleGroup>>> = BTreeMap::new();
    for mapped in entitlements.role_groups.mapped.iter().filter(|mapped| mapped.is_visible()) {
        let Ok(pair) = &mapped.pair else { continue };
        let Some(account) = context.federation.accounts.get(&pair.role.account) else { continue };
        // Another case is told by the rule about names, another path by the one about paths.
        let exists = exported.of(mapped).is_some()
            || account.roles.iter().any(|one| one.name.eq_ignore_ascii_case(&pair.role.name));
        if account.roles_complete && !exists {
            let of_name = missing.entry(&pair.role.name).or_default();
            of_name.entry(&pair.role).or_default().push(mapped);
        }
    }
    let mut found = Vec::new();
    for (name, accounts) in &missing {
        if accounts.len() < MANY {
            found.extend(accounts.iter().filter_map(|(arn, groups)| one(context, arn, groups)));
        } else {
            found.extend(many(context, name, accounts));
        }
    }
    Ok(found)
}

fn one(context: &Context<'_>, arn: &RoleArn, groups: &[&RoleGroup]) -> Option<Finding> {
    let directory = &context.federation.directory;
    let account = context.federation.accounts.get(&arn.account)?;
    let first = groups.first()?;
    let names = || groups.iter().map(|mapped| directory.group_name(mapped.group));
    let also = match groups.len() {
        1 => String::new(),
        count => format!(", to which {count} groups map"),
    };
    let message =
        format!("account {} has no role {}{also}", Quoted(arn.account.as_str()), Quoted(&arn.name));
    let near = nearest(&arn.name, account.roles.iter().map(|role| role.name.as_str()), 1);
    let mut found = Finding::new(&RULE.info, arn.to_string(), message).at(Label::new(
        place_of(context.federation, first.group),
        "",
    )
    .mark(directory.group_name(first.group)));
    if let Some(role) = near.first().and_then(|near| account.role(near)) {
        found = found
            .related(Label::new(role.place, "a role of almost the same name").mark(&*role.name))
            .help(format!("write {} in the group's name, or create the role", Quoted(&role.name)));
    } else {
        found = found.help("create the role, or delete the group");
    }
    Some(names().fold(found, Finding::stems_from).stems_from(&*first.value))
}

fn many(
    context: &Context<'_>,
    name: &str,
    accounts: &BTreeMap<&RoleArn, Vec<&RoleGroup>>,
) -> Option<Finding> {
    let directory = &context.federation.directory;
    let (first, groups) = accounts.first_key_value()?;
    let group = groups.first()?.group;
    let message = format!(
        "{} have no role {}, to which groups map: {}",
        number(accounts.len(), "account"),
        Quoted(name),
        some_of(accounts.keys().map(|arn| arn.account.as_str()))
    );
    let found = Finding::new(&RULE.info, first.to_string(), message)
        .at(Label::new(place_of(context.federation, group), "").mark(directory.group_name(group)))
        .help("create the role in these accounts, or delete the groups");
    Some(accounts.keys().skip(1).fold(found, |found, arn| found.also(arn.to_string())))
}
