//! `mapping/role-class-mismatch`: the Group Filter takes characters no role name has, or leaves out ones in use.

use std::collections::BTreeSet;

use super::{GUIDE, about_filter, analysis, some_of};
use crate::entitlement::resolve::Entitlements;
use crate::finding::{Finding, Label, Quoted, RuleInfo, Severity};
use crate::mapping::analysis::Analysis;
use crate::mapping::java::class::CharSet;
use crate::model::account::AccountId;
use crate::model::aws;
use crate::rules::{CannotCheck, Context, Rule};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "mapping/role-class-mismatch",
        summary: "the Group Filter takes characters no role name has, or leaves out ones in use",
        severity: Severity::Warning,
        on: true,
        follows: super::BROKEN_FILTER,
        options: &[],
        since: "0.1.0",
        explanation: "A role's name is 1 to 64 of `A-Z a-z 0-9 _ + = , . @ -`. A class that takes \
                      more than these lets a group name a role that cannot exist; one that takes \
                      less, as `[\\w\\-]+` of Okta's guide does with the dot, can never name some \
                      roles there are, and Okta leaves them out without a word. Only roles that \
                      trust a SAML provider, in accounts that some group maps to, are looked at.",
        remediation: "Capture the role with `[\\w+=,.@-]{1,64}`, without the character that \
                      separates the parts of a name.",
        references: &[
            "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html",
            GUIDE,
        ],
    },
    check,
};

/// What IAM takes in the name of a role.
const LEGAL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let entitlements = context.group_mapping()?;
    let analysis = analysis(entitlements)?;
    let found = [illegal(entitlements, &analysis), omitted(entitlements, &analysis)];
    Ok(found.into_iter().flatten().collect())
}

fn illegal(entitlements: &Entitlements<'_>, analysis: &Analysis<'_>) -> Option<Finding> {
    let found = analysis.role_with(&CharSet::of(LEGAL).complement())?;
    let message = format!(
        "the Group Filter takes characters that no role name may have: it would read the role {} from {}",
        Quoted(&found.role),
        Quoted(&found.name)
    );
    let finding = about_filter(&RULE.info, entitlements, analysis.role_class(), message);
    Some(finding.help("capture the role with `(?{{role}}[\\w+=,.@-]{1,64})`"))
}

/// Characters in names of roles that trust a SAML provider and belong to accounts some group maps to.
fn omitted(entitlements: &Entitlements<'_>, analysis: &Analysis<'_>) -> Option<Finding> {
    let taken = analysis.role_characters();
    if taken.is_empty() {
        return None;
    }
    let accounts: BTreeSet<&AccountId> = entitlements
        .role_groups
        .mapped
        .iter()
        .filter_map(|mapped| mapped.pair.as_ref().ok())
        .map(|pair| &pair.role.account)
        .collect();
    let known = accounts.iter().filter_map(|id| entitlements.federation.accounts.get(id));
    let is_missing = |c: &char| !taken.contains(u32::from(*c));
    let roles: Vec<&aws::Role> = known
        .flat_map(|account| &account.roles)
        .filter(|role| trusts_saml(role) && role.name.chars().any(|c| is_missing(&c)))
        .collect();
    let first = roles.first()?;
    let characters: BTreeSet<char> =
        roles.iter().flat_map(|role| role.name.chars()).filter(is_missing).collect();
    let characters: Vec<String> = characters.iter().map(|c| format!("`{c}`")).collect();
    let names: BTreeSet<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    let message = format!(
        "the Group Filter leaves {} out of the role, which {} in mapped accounts: {}",
        characters.join(", "),
        if names.len() == 1 {
            "a name needs".to_owned()
        } else {
            format!("{} names need", names.len())
        },
        some_of(names)
    );
    let finding = about_filter(&RULE.info, entitlements, analysis.role_class(), message);
    let place = Label::new(first.place, "a role that no group can name");
    Some(finding.related(place).help("add the characters to the class, or rename the roles"))
}

fn trusts_saml(role: &aws::Role) -> bool {
    role.trust_policy.as_ref().is_some_and(|policy| policy.json.contains(":saml-provider/"))
}
