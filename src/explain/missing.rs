//! The roles a user with an empty picker comes near to, and what keeps each of them out.

use std::collections::BTreeSet;

use super::lookup::{RoleQuery, called};
use super::why::{Explanation, KnownNames, explain};
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::stage::{Answer, Stage};
use crate::mapping::explain::Explainer;
use crate::mapping::group_filter::Reading;
use crate::model::directory::{GroupId, UserId};

/// How many roles are told of.
const TOLD: usize = 5;

/// How many of a user's names that map nowhere are looked at closely.
const NAMES: usize = 1000;

/// A role that one stage keeps out of the picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The role as `why` takes it.
    pub role: String,
    /// The stage that keeps it out.
    pub stage: Stage,
    /// What that stage says, without full stop; not yet neutralised.
    pub says: String,
}

/// Roles that the user's groups lead to, or would but for their names, each with the answer of [`explain`].
pub fn missing_roles(
    entitlements: &Entitlements<'_>,
    user: UserId,
    direct: &[GroupId],
) -> Vec<Missing> {
    let mut roles: Vec<String> = mapped_roles(entitlements, user, direct).into_iter().collect();
    if roles.len() < TOLD {
        let near = near_roles(entitlements, direct);
        roles.extend(near.into_iter().filter(|role| !roles.contains(role)).collect::<Vec<_>>());
    }
    let told = roles.into_iter().filter_map(|role| {
        let query = RoleQuery::parse(&role).ok()?;
        told(role, &explain(entitlements, user, &query))
    });
    told.take(TOLD).collect()
}

/// What to say of one role: what stops it beside account and assignment, which stop every role alike.
fn told(role: String, why: &Explanation) -> Option<Missing> {
    let first = why.first_failure().filter(|report| report.stage.decides_picker())?;
    let of_all = |stage: Stage| matches!(stage, Stage::Account | Stage::Assignment);
    let own = why.stages.iter().find(|report| {
        report.answer == Answer::Fails && report.stage.decides_picker() && !of_all(report.stage)
    });
    let (stage, says) = match (own, &why.group) {
        (None, _) => (first.stage, "nothing else keeps it out of the picker".to_owned()),
        (Some(own), Some(group)) if own.stage == Stage::Import && !own.says.contains(group) => {
            (own.stage, format!("`{group}`: {}", own.says))
        }
        (Some(own), _) => (own.stage, own.says.clone()),
    };
    Some(Missing { role, stage, says })
}

/// The groups a user is in, those too that Okta's missing nesting does not hand them.
fn groups_of(entitlements: &Entitlements<'_>, direct: &[GroupId]) -> BTreeSet<GroupId> {
    let containers = entitlements.federation.directory.containers();
    let mut seen: BTreeSet<GroupId> = direct.iter().copied().collect();
    let mut frontier = direct.to_vec();
    while let Some(group) = frontier.pop() {
        let outer = containers.targets(group.0).iter().copied().map(GroupId);
        frontier.extend(outer.filter(|&outer| seen.insert(outer)));
    }
    seen
}

fn mapped_roles(
    entitlements: &Entitlements<'_>,
    user: UserId,
    direct: &[GroupId],
) -> BTreeSet<String> {
    let granted = entitlements.saml_roles_of(user, direct);
    let granted = granted.into_iter().filter_map(|id| entitlements.target(id)?.pair.as_ref().ok());
    let groups = groups_of(entitlements, direct);
    let mapped =
        groups.iter().filter_map(|&group| entitlements.role_groups.of(group)?.pair.as_ref().ok());
    granted.chain(mapped).map(|pair| called(entitlements.federation, &pair.role)).collect()
}

/// The roles that the nearest names of groups that give no pair would give.
fn near_roles(entitlements: &Entitlements<'_>, direct: &[GroupId]) -> BTreeSet<String> {
    let (federation, mapping) = (entitlements.federation, entitlements.mapping);
    if !mapping.maps_groups() {
        return BTreeSet::new();
    }
    let names = KnownNames::of(federation);
    let mut explainer = Explainer::new(&mapping.filter, mapping.mode);
    let mut reader = mapping.filter.reader();
    let gives_none = |&group: &GroupId| {
        entitlements.role_groups.of(group).is_none_or(|mapped| mapped.pair.is_err())
    };
    groups_of(entitlements, direct)
        .into_iter()
        .filter(gives_none)
        .take(NAMES)
        .filter_map(|group| {
            let name = federation.directory.group_name(group);
            let near = explainer.nearest(name, &names.known())?.name;
            let Reading::Match(captures) = reader.read(&near, mapping.mode) else { return None };
            let pair = mapping.pattern.pair(captures.role?, captures.account_id?).ok()?;
            Some(called(entitlements.federation, &pair.role))
        })
        .collect()
}
