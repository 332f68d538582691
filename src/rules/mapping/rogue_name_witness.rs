//! `mapping/rogue-name-witness`: whoever may create a group in a second admitted source can hand out an admin role.

use std::collections::BTreeSet;

use super::{GUIDE, about_filter, analysis};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::analysis::Witness;
use crate::model::account::AccountId;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/rogue-name-witness",
        summary: "whoever may create a group in a second admitted source can hand out an admin \
                      role",
        severity: Severity::Note,
        on: false,
        follows: super::BROKEN_FILTER,
        options: &[],
        since: "0.1.0",
        explanation: "A group grants its role by its name alone. Where the App Filter admits several \
                      sources, or all of them, whoever may create groups in the least guarded one \
                      can make a name that maps to an admin role, and put themselves in. The rule \
                      shows such a name. It is off by default: it says what the settings allow, not \
                      that something is wrong.",
        remediation: "Name one source in the App Filter, the directory in which role groups are \
                      made, and guard who creates groups there.",
        references: &[
            GUIDE,
            "https://help.okta.com/en/prod/Content/Topics/DeploymentGuides/AWS/aws-configure-aws-app.htm",
        ],
    },
    check,
};

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let Some(filter) = &entitlements.mapping.app_filter else {
        return Err(CannotCheck("the app export does not carry the App Filter".to_owned()));
    };
    if !filter.is_open() && filter.sources().len() < 2 {
        return Ok(Vec::new());
    }
    let analysis = analysis(entitlements)?;
    let directory = &entitlements.federation.directory;
    let taken: BTreeSet<&str> =
        directory.groups().map(|(id, _)| directory.group_name(id)).collect();
    let mut roles = admin_roles(context, entitlements).into_iter();
    let made = roles.find_map(|(role, account)| {
        let found = analysis.name_of(role, account)?;
        (!taken.contains(&*found.name)).then_some(found)
    });
    Ok(made.map(|found| finding(entitlements, &found)).into_iter().collect())
}

/// Roles of the admin tier with their accounts: those that groups map to, then those of the exports.
fn admin_roles<'e>(
    context: &'e Context<'_>,
    entitlements: &'e Entitlements<'_>,
) -> BTreeSet<(&'e str, &'e str)> {
    let mapped = entitlements.role_groups.mapped.iter().filter(|mapped| mapped.pair.is_ok());
    let mapped = mapped.map(|mapped| (&*mapped.role, &*mapped.account));
    let accounts = entitlements.federation.accounts.iter();
    let stated = accounts.flat_map(|(id, account)| {
        account.roles.iter().map(|role| (role.name.as_str(), id.as_str()))
    });
    let accounts = &entitlements.federation.accounts;
    let is_admin = |&(role, account): &(&str, &str)| {
        context.settings.is_admin(accounts, AccountId::parse(account).ok(), role)
    };
    mapped.chain(stated).filter(is_admin).collect()
}

fn finding(entitlements: &Entitlements<'_>, found: &Witness) -> Finding {
    let sources = match &entitlements.mapping.app_filter {
        Some(filter) if !filter.is_open() => format!("any of the sources `{filter}`"),
        _ => "any source".to_owned(),
    };
    let message = format!(
        "a new group {} from {sources} would give the role {} of account {}",
        Quoted(&found.name),
        Quoted(&found.role),
        Quoted(&found.account)
    );
    let place = entitlements.mapping.places.app_filter;
    about_filter(&RULE.info, entitlements, None, message)
        .related(Label::new(place, "the App Filter"))
        .help("admit one source, and let nobody create groups in it but those who may hand out the role")
}
