//! `provider/unused`: a provider that no role trusts, or that no group leads to.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, Quoted, RuleInfo, Severity};
use crate::model::account::AccountId;
use crate::model::aws::Account;
use crate::rules::documents::{Provider, Sent};
use crate::rules::mapping::some_of;
use crate::rules::{CannotCheck, Context, Rule};
use crate::trust::{Mentioned, providers_mentioned};

pub(super) static RULE: Rule = Rule {
    info: RuleInfo {
        id: "provider/unused",
        summary: "a provider that no role trusts, or that roles trust and no group leads to",
        severity: Severity::Warning,
        on: true,
        follows: &["provider/name-case"],
        options: &[],
        since: "0.1.0",
        explanation: "A provider that no trust policy names signs nobody in; it is left over, or the \
                      roles name another one. One that roles trust, under the name that the Role Value \
                      Pattern gives, in an account that no group's name leads to, signs nobody in \
                      either. Whoever holds the identity provider's key can still use it. Accounts \
                      without a complete list of roles and their trust policies are unknown and not \
                      reported, nor are providers of IAM Identity Center. Client VPN endpoints and Cognito \
                      identity pools can use a provider without any role, which no export here shows.",
        remediation: "Delete the provider, or give the roles and groups their names.",
        references: &[
            super::CREATE,
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
            "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/federated-authentication.html",
        ],
    },
    check,
};

/// What the providers of one name lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    Role,
    Group,
}

fn check(context: &Context<'_>) -> Result<Vec<Finding>, CannotCheck> {
    let accounts = context.federation.accounts.iter();
    let trusted: BTreeMap<&AccountId, Mentioned<'_>> =
        accounts.filter_map(|(id, account)| Some((id, trusted(account)?))).collect();
    if trusted.is_empty() {
        return Err(CannotCheck(
            "no account has all its roles with their trust policies exported".to_owned(),
        ));
    }
    let reached = reached(context);
    let mut lacking: BTreeMap<(&str, Lack), Vec<Provider<'_>>> = BTreeMap::new();
    for one in Provider::all(context).filter(|one| !is_identity_center(&one.stated.name)) {
        let Some(named) = trusted.get(one.id) else { continue };
        let name = one.stated.name.as_str();
        let lack = match &reached {
            _ if !named.names(name) => Lack::Role,
            Some((provider, accounts)) if provider == name && !accounts.contains(one.id) => {
                Lack::Group
            }
            _ => continue,
        };
        lacking.entry((name, lack)).or_default().push(one);
    }
    Ok(lacking.into_iter().filter_map(|((name, lack), all)| finding(name, lack, &all)).collect())
}

fn is_identity_center(name: &str) -> bool {
    name.starts_with("AWSSSO_") && name.ends_with("_DO_NOT_DELETE")
}

/// Which providers the trust policies of an account name, where all of them are known.
fn trusted(account: &Account) -> Option<Mentioned<'_>> {
    if !account.roles_complete {
        return None;
    }
    let mut named = Mentioned::default();
    for role in &account.roles {
        named.extend(providers_mentioned(&role.trust_policy.as_ref()?.json));
    }
    Some(named)
}

/// The provider that the Role Value Pattern names, and the accounts that groups lead to, where groups are
/// known.
fn reached(context: &Context<'_>) -> Option<(String, BTreeSet<AccountId>)> {
    let entitlements = context.group_mapping().ok()?;
    let provider = Sent::of(context).ok()?.everywhere?;
    let mapped = &entitlements.role_groups.mapped;
    if mapped.is_empty() || !entitlements.role_groups.undecided.is_empty() {
        return None;
    }
    let pairs = mapped.iter().filter_map(|mapped| mapped.pair.as_ref().ok());
    Some((provider, pairs.map(|pair| pair.role.account).collect()))
}

fn finding(name: &str, lack: Lack, all: &[Provider<'_>]) -> Option<Finding> {
    let first = all.first()?;
    let ids = some_of(all.iter().map(|one| one.id.as_str()));
    let accounts = match all.len() {
        1 => "1 account".to_owned(),
        count => format!("{count} accounts"),
    };
    let message = match lack {
        Lack::Role => format!("no role trusts SAML provider {} in {accounts}: {ids}", Quoted(name)),
        Lack::Group => format!(
            "roles trust SAML provider {} in {accounts} that no group leads to: {ids}",
            Quoted(name)
        ),
    };
    let found = Finding::new(&RULE.info, first.arn(), message).at(first.label(""));
    Some(found.help(match lack {
        Lack::Role => {
            "delete it there unless Client VPN or Cognito uses it, or let the roles name it"
        }
        Lack::Group => "make groups for the account's roles, or delete provider and trust",
    }))
}
