//! Use Group Mapping off: the roles that the app's assignments name.

use std::collections::BTreeMap;

use super::{Entitlements, Target, TargetId};
use crate::mapping::settings::Mapping;
use crate::model::arn::{ArnPair, RoleArn, SamlProviderArn};
use crate::model::directory::{GroupId, UserId};
use crate::model::federation::Federation;

/// Targets of each user's and each group's own `samlRoles`.
#[derive(Debug, Default)]
pub(super) struct SamlRoles {
    pub(super) by_user: BTreeMap<UserId, Vec<TargetId>>,
    pub(super) by_group: BTreeMap<GroupId, Vec<TargetId>>,
}

impl Entitlements<'_> {
    /// For group mapping off: the targets that a user's own or their groups' `samlRoles` give.
    pub fn saml_roles_of(&self, user: UserId, direct: &[GroupId]) -> Vec<TargetId> {
        let mut found: Vec<TargetId> =
            self.saml_roles.by_user.get(&user).cloned().unwrap_or_default();
        if found.is_empty() || self.mapping.join_all_roles {
            let assigned = direct.iter().flat_map(|&group| self.assigned.of(group));
            let roles = assigned.filter_map(|&group| self.saml_roles.by_group.get(&GroupId(group)));
            found.extend(roles.flatten());
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// For group mapping off: the targets of the user's own `samlRoles`.
    pub fn own_saml_roles(&self, user: UserId) -> &[TargetId] {
        self.saml_roles.by_user.get(&user).map_or(&[], Vec::as_slice)
    }

    /// For group mapping off: the groups whose own `samlRoles` give a target, in order of their numbers.
    pub fn saml_role_groups(&self, target: TargetId) -> impl Iterator<Item = GroupId> {
        let giving = self.saml_roles.by_group.iter().filter(move |row| row.1.contains(&target));
        giving.map(|(&group, _)| group)
    }
}

/// Targets of `samlRoles`, for group mapping off: a role name stands for a role beside the app's one
/// provider; `123456789012 -- Role` names the account; a pair or a role ARN stands for itself.
pub(super) fn saml_roles(federation: &Federation, mapping: &Mapping) -> (Vec<Target>, SamlRoles) {
    let directory = &federation.directory;
    let stated = directory.assignments();
    let texts = stated.user_roles.iter().map(|row| row.1);
    let texts = texts.chain(stated.group_roles.iter().map(|row| row.1));
    let mut values: Vec<(String, ArnPair)> = texts
        .filter_map(|text| {
            let text = directory.text(text);
            Some((text.to_owned(), saml_role(text, mapping)?))
        })
        .collect();
    values.sort_by(|a, b| (&a.1.role, &a.1.provider, &a.0).cmp(&(&b.1.role, &b.1.provider, &b.0)));
    values.dedup();
    let mut targets: Vec<Target> = Vec::new();
    let mut ids: BTreeMap<String, TargetId> = BTreeMap::new();
    for (text, pair) in values {
        if targets.last().and_then(|last| last.pair.as_ref().ok()) != Some(&pair) {
            targets.push(Target {
                account: pair.role.account.as_str().into(),
                role_arn: pair.role.to_string().into(),
                provider_arn: pair.provider.to_string().into(),
                pair: Ok(pair),
                role_groups: Vec::new(),
            });
        }
        ids.insert(text, TargetId(u32::try_from(targets.len() - 1).unwrap_or(u32::MAX)));
    }
    let mut roles = SamlRoles::default();
    for &(user, text, _) in &stated.user_roles {
        if let Some(&id) = ids.get(directory.text(text)) {
            roles.by_user.entry(user).or_default().push(id);
        }
    }
    for &(group, text, _) in &stated.group_roles {
        if let Some(&id) = ids.get(directory.text(text)) {
            roles.by_group.entry(group).or_default().push(id);
        }
    }
    (targets, roles)
}

fn saml_role(text: &str, mapping: &Mapping) -> Option<ArnPair> {
    if let Ok(pair) = ArnPair::parse(text) {
        return Some(pair);
    }
    let provider = mapping.single_provider.as_ref()?;
    let (account, name) = match text.split_once(" -- ") {
        Some((account, name)) => (account.parse().ok()?, name),
        None => (provider.account, text),
    };
    let role = match RoleArn::parse(name) {
        Ok(role) => role,
        Err(_) => RoleArn::parse(&format!("arn:{}:iam::{account}:role/{name}", provider.partition))
            .ok()?,
    };
    let provider = SamlProviderArn { account, ..provider.clone() };
    ArnPair::new(role, provider).ok()
}
