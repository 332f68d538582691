//! `naming/unmatchable-role-name`: roles that no name can reach through this filter.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::{Entitlements, before, mend_finding};
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::nearest::{Mend, MendKind};
use crate::model::account::AccountId;
use crate::model::arn::is_role_name;
use crate::model::aws;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Glance, SIGN_IN, glance};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "naming/unmatchable-role-name",
        summary: "a role's name or path can never pass the Group Filter",
        severity: Severity::Error,
        on: true,
        follows: before("naming/unmatchable-role-name"),
        options: &[],
        since: "0.1.0",
        explanation: "IAM allows `.`, `+`, `=`, `,` and `@` in role names, and paths; the role of the guide's \
                      Group Filter (`[\\w\\-]+`) allows neither. Such a role is never seen by anybody, whatever \
                      its group is called, and nothing says so. Reported is a group whose name stops at such a \
                      character, and a role that trusts the app's provider and that no name could give.",
        remediation: "Rename the role, or add the character to the role's class in the Group Filter. For a path, \
                      write it before `${role}` in the Role Value Pattern, where all roles share one.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
            super::GUIDE,
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let mut meant = BTreeSet::new();
    let mut findings = Vec::new();
    for deviation in entitlements.names().deviations.iter().filter(|it| !it.mapped) {
        let Some(mend) = deviation.mends.iter().find(|mend| is_refused(mend)) else { continue };
        if deviation.mends.iter().any(is_illegal) {
            continue;
        }
        let name = context.federation.directory.group_name(deviation.group);
        if let Some(layout) = &entitlements.names().layout {
            meant.extend(name.split(layout.separator));
        }
        let (found, at) = (Quoted(&mend.found), mend.range.start);
        let message = format!(
            "the role in {} holds {found} at byte {at}, which IAM allows and the Group Filter does not",
            Quoted(name)
        );
        findings.push(
            mend_finding(&RULE.info, entitlements, deviation, mend, message)
                .help(format!("or let the filter's role take {found}")),
        );
    }
    findings.extend(roles(entitlements, &meant));
    Ok(findings)
}

fn is_refused(mend: &Mend) -> bool {
    mend.kind == MendKind::IllegalRoleCharacter && is_role_name(&mend.found)
}

fn is_illegal(mend: &Mend) -> bool {
    mend.kind == MendKind::IllegalRoleCharacter && !is_role_name(&mend.found)
}

/// Roles that trust the provider and that no name can give, apart from those that a group's name means.
fn roles(entitlements: &Entitlements<'_>, meant: &BTreeSet<&str>) -> Vec<Finding> {
    let mapped: FxHashSet<(&str, &str)> = entitlements
        .role_groups
        .mapped
        .iter()
        .map(|role_group| (&*role_group.account, &*role_group.role))
        .collect();
    let mut found: BTreeMap<(&str, String), Vec<&aws::Role>> = BTreeMap::new();
    for (id, account) in entitlements.federation.accounts.iter() {
        for role in &account.roles {
            if meant.contains(&*role.name) || mapped.contains(&(id.as_str(), &*role.name)) {
                continue;
            }
            if let Some(why) = why_not(entitlements, role, id)
                && is_trusting(entitlements, role, id)
            {
                found.entry((&role.name, why)).or_default().push(role);
            }
        }
    }
    found
        .iter()
        .map(|((name, why), roles)| role_finding(entitlements, (name, why), roles))
        .collect()
}

fn role_finding(
    entitlements: &Entitlements<'_>,
    (name, why): (&str, &str),
    roles: &[&aws::Role],
) -> Finding {
    let place = roles.first().map_or(crate::text::Place::NOWHERE, |role| role.place);
    let accounts = match roles.len() {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
    };
    let message = format!("no group name can give the role {} of {accounts}: {why}", Quoted(name));
    Finding::new(&RULE.info, name, message)
        .at(Label::new(place, "").mark(name))
        .related(Label::new(entitlements.mapping.places.filter, "the Group Filter"))
        .help("rename the role, or let the settings of the Okta app give it")
}

/// Why the settings can give no value with this role, if so.
fn why_not(
    entitlements: &Entitlements<'_>,
    role: &aws::Role,
    account: &AccountId,
) -> Option<String> {
    let characters = entitlements.names().role_characters.as_ref()?;
    if let Some(c) = role.name.chars().find(|&c| !characters.admit(c)) {
        return Some(format!("the Group Filter's role does not take `{c}`"));
    }
    let pair = entitlements.mapping.pattern.pair(&role.name, account.as_str()).ok()?;
    (pair.role.path != role.path && !characters.admit('/')).then(|| {
        let (path, given) = (Quoted(&role.path), Quoted(&pair.role.path));
        format!("its path is {path}, the Role Value Pattern gives {given}")
    })
}

/// Whether the role surely admits the provider that the pattern names.
fn is_trusting(entitlements: &Entitlements<'_>, role: &aws::Role, account: &AccountId) -> bool {
    let Some(policy) = &role.trust_policy else { return false };
    let Ok(pair) = entitlements.mapping.pattern.pair("role", account.as_str()) else {
        return false;
    };
    glance(&policy.json, &pair.provider.to_string(), SIGN_IN) == Glance::Admits
}
