//! The stages `provider` and `role`: whether the account has what the pair names.

use super::super::near::nearest;
use super::super::refusal::Refusal;
use super::super::sign_in::SignIns;
use super::super::stage::{Answer, Stage, StageReport};
use super::metadata;
use crate::model::account::AccountId;
use crate::model::arn::{RoleArn, SamlProviderArn};
use crate::model::declared::{DeclaredProvider, DeclaredRole};
use crate::model::federation::Federation;
use crate::text::Place;

/// How many existing names are offered.
const OFFERED: usize = 3;

/// How the names of IAM Identity Center's roles begin.
const RESERVED: &str = "AWSReservedSSO_";

pub(super) fn provider(
    federation: &Federation,
    sign_ins: &SignIns<'_>,
    provider: &SamlProviderArn,
) -> StageReport {
    let stage = Stage::Provider;
    let id = provider.account;
    let unknown = |says: String| {
        let declared = federation.declared.providers.iter().find(|one| is_provider(one, provider));
        let says = match declared {
            Some(one) => format!("{says}; `{}` of a {} declares it", one.address, one.by),
            None => says,
        };
        let place = declared.map_or(Place::NOWHERE, |one| one.place);
        StageReport::new(stage, Answer::Unknown, says).at(place)
    };
    let Some(account) = federation.accounts.get(&id) else { return unknown(no_export(id)) };
    if let Some(found) = account.provider(&provider.name) {
        return metadata::compare(federation, sign_ins, (provider, found));
    }
    if !account.providers_complete {
        return unknown(format!("no export lists the SAML providers of account {id}"));
    }
    let names = account.providers.iter().map(|provider| provider.name.as_str());
    let near = nearest(&provider.name, names.clone(), OFFERED);
    let has: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let has = if has.is_empty() { "none".to_owned() } else { has.join(", ") };
    let says = format!("account {id} has no SAML provider `{}` (it has {has})", provider.name);
    let place = account.providers.first().map_or(Place::NOWHERE, |provider| provider.place);
    let change = match near.first() {
        Some(near) => format!(
            "use the provider name `{near}` in the Role Value Pattern, or create the provider"
        ),
        None => "create the SAML provider in the account, with Okta's metadata".to_owned(),
    };
    let report = StageReport::new(stage, Answer::Fails, says).at(place);
    StageReport { nearest: near, ..report }.refused(Refusal::ProviderMissing).change(change)
}

fn is_provider(declared: &DeclaredProvider, provider: &SamlProviderArn) -> bool {
    declared.account == Some(provider.account) && declared.name.value() == Some(&provider.name)
}

/// What code declares of a role.
pub(super) fn declared_role<'f>(
    federation: &'f Federation,
    role: &RoleArn,
) -> Option<&'f DeclaredRole> {
    federation.declared.roles.iter().find(|one| {
        one.account == Some(role.account)
            && one.name.value() == Some(&role.name)
            && one.path.value().is_none_or(|path| *path == role.path)
    })
}

pub(super) fn role(federation: &Federation, role: &RoleArn) -> StageReport {
    let stage = Stage::Role;
    let id = role.account;
    if role.name.starts_with(RESERVED) {
        let says = format!(
            "`{}` is a role of IAM Identity Center, which nobody can assume with SAML",
            role.name
        );
        let report = StageReport::new(stage, Answer::Fails, says).refused(Refusal::ReservedRole);
        return report.change("name a role of the account's own, or remove the group");
    }
    let unknown = |says: String| {
        let declared = declared_role(federation, role);
        let says = match declared {
            Some(one) => format!("{says}; `{}` of a {} declares it", one.address, one.by),
            None => says,
        };
        let place = declared.map_or(Place::NOWHERE, |one| one.place);
        StageReport::new(stage, Answer::Unknown, says).at(place)
    };
    let Some(account) = federation.accounts.get(&id) else { return unknown(no_export(id)) };
    if let Some(found) = account.role(&role.name) {
        if found.path == role.path {
            let says = format!("account {id} has the role `{}`", role.name);
            return StageReport::new(stage, Answer::Holds, says).at(found.place);
        }
        let says = format!(
            "the role `{}` of account {id} has the path `{}`, the ARN sent says `{}`: AWS finds no such role",
            role.name, found.path, role.path
        );
        let right = RoleArn { path: found.path.clone(), ..role.clone() };
        let change = format!("let the Role Value Pattern give `{right}`");
        let report = StageReport::new(stage, Answer::Fails, says).at(found.place);
        return report.refused(Refusal::RoleMissing).change(change);
    }
    let names = || account.roles.iter().map(|role| role.name.as_str());
    let other_case = names().find(|name| name.eq_ignore_ascii_case(&role.name));
    if !account.roles_complete && other_case.is_none() {
        return unknown(format!("no export lists the roles of account {id}"));
    }
    let near = nearest(&role.name, names(), OFFERED);
    let says = match (other_case, near.first()) {
        (Some(other), _) => format!(
            "account {id} has no role `{}`, only `{other}`: role names are case-sensitive when assumed",
            role.name
        ),
        (None, Some(other)) => {
            format!("account {id} has no role `{}`, the nearest is `{other}`", role.name)
        }
        (None, None) => {
            format!("account {id} has no role `{}`, nor one of a similar name", role.name)
        }
    };
    let change = match near.first() {
        Some(near) => {
            format!("use `{near}` in the group's name, or create the role as the name says")
        }
        None => "create the role, or remove the group".to_owned(),
    };
    let place = account.roles.first().map_or(Place::NOWHERE, |role| role.place);
    let report = StageReport::new(stage, Answer::Fails, says).at(place);
    StageReport { nearest: near, ..report }.refused(Refusal::RoleMissing).change(change)
}

fn no_export(id: AccountId) -> String {
    format!("no export of account {id} was given")
}
