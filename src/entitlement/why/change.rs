//! The smallest change that mends a failure.

use super::super::derivation::Derivation;
use super::super::lookup::RoleQuery;
use super::super::resolve::Entitlements;
use super::super::role_group::Import;
use super::super::stage::{Stage, StageReport};
use super::Asked;
use super::candidates::Candidate;
use crate::mapping::group_filter::Reading;
use crate::model::arn::ArnPair;
use crate::model::directory::GroupId;

/// The smallest change that mends a failure.
pub(super) fn change(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    candidate: &Candidate,
    derivation: Option<&Derivation>,
    failing: &StageReport,
) -> Option<String> {
    let directory = &entitlements.federation.directory;
    let user = directory.login(asked.user);
    let group = candidate.group.map(|group| directory.group_name(group));
    Some(match failing.stage {
        Stage::Account => format!("enable `{user}`"),
        Stage::Assignment => match derivation.and_then(|derivation| derivation.path.first()) {
            Some(step) => {
                format!(
                    "assign the Okta app to `{}`, or to `{user}`",
                    directory.group_name(step.group)
                )
            }
            None => format!("assign the Okta app to `{user}`, or to a group of theirs"),
        },
        Stage::Membership => membership_change(entitlements, asked, candidate)?,
        Stage::Import => match candidate.import {
            Import::NotInOkta => format!("import `{}` into Okta", group?),
            _ if derivation.is_none() => format!("add `{user}` to `{}` itself", group?),
            _ => {
                let source = directory.group(candidate.group?)?.source.clone()?;
                format!("add `{source}` to the App Filter, or make the group in a source it names")
            }
        },
        Stage::Filter if !entitlements.mapping.maps_groups() => {
            format!("turn Use Group Mapping on, or give `{user}` the role in `samlRoles`")
        }
        Stage::Filter | Stage::Pair => {
            let near = match &candidate.nearest {
                Some(near) => near.name.clone(),
                None => right_name(entitlements, asked.query, candidate)?,
            };
            format!("rename `{}` to `{near}`", group?)
        }
        Stage::Provider | Stage::Role | Stage::Trust | Stage::Session => failing.change.clone()?,
    })
}

fn membership_change(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    candidate: &Candidate,
) -> Option<String> {
    let directory = &entitlements.federation.directory;
    let user = directory.login(asked.user);
    let Some(group) = candidate.group else {
        let name = example_name(entitlements, asked.query)?;
        return Some(format!(
            "create the role group `{name}`, with a management group of `{user}` as its member"
        ));
    };
    let name = directory.group_name(group);
    let smallest = directory
        .nested()
        .targets(group.0)
        .iter()
        .filter(|_| directory.group(group).is_some_and(crate::model::directory::Group::nests))
        .map(|&inner| {
            let mut users = directory.members().targets(inner).to_vec();
            users.sort_unstable();
            users.dedup();
            (users.len(), directory.group_name(GroupId(inner)))
        })
        .min();
    Some(match smallest {
        Some((count, inner)) => {
            let users = if count == 1 { "user" } else { "users" };
            format!(
                "add `{user}` to `{inner}`, which is a member of `{name}` ({count} {users} there now)"
            )
        }
        None => format!("add `{user}` to `{name}`"),
    })
}

/// A name for the wanted role, made from a group of the same account and proved by the filter.
fn example_name(entitlements: &Entitlements<'_>, query: &RoleQuery) -> Option<String> {
    let account = query.account_id(entitlements)?;
    let wanted = wanted_pair(entitlements, query)?;
    let mut names: Vec<(&str, &str)> = entitlements
        .role_groups
        .mapped
        .iter()
        .filter(|mapped| mapped.pair.as_ref().is_ok_and(|pair| pair.role.account == account))
        .map(|mapped| (entitlements.federation.directory.group_name(mapped.group), &*mapped.role))
        .collect();
    names.sort_unstable();
    names
        .into_iter()
        .find_map(|(name, role)| with_role(entitlements, (name, role), &query.name, &wanted))
}

/// The name a group that maps to another role should have.
fn right_name(
    entitlements: &Entitlements<'_>,
    query: &RoleQuery,
    candidate: &Candidate,
) -> Option<String> {
    let mapped = entitlements.role_group(candidate.mapped?)?;
    let name = entitlements.federation.directory.group_name(mapped.group);
    let wanted = wanted_pair(entitlements, query)?;
    with_role(entitlements, (name, &mapped.role), &query.name, &wanted)
}

/// A name with another role in it, where the filter then gives the wanted pair.
fn with_role(
    entitlements: &Entitlements<'_>,
    (name, role): (&str, &str),
    other: &str,
    wanted: &ArnPair,
) -> Option<String> {
    let (before, after) = name.rsplit_once(role)?;
    let made = format!("{before}{other}{after}");
    let mut reader = entitlements.mapping.filter.reader();
    let Reading::Match(captures) = reader.read(&made, entitlements.mapping.mode) else {
        return None;
    };
    let pair = entitlements.mapping.pattern.pair(captures.role?, captures.account_id?).ok()?;
    (pair.role == wanted.role).then_some(made)
}

/// The pair the role's right name would give.
pub(super) fn wanted_pair(entitlements: &Entitlements<'_>, query: &RoleQuery) -> Option<ArnPair> {
    let account = query.account_id(entitlements)?;
    let pair = entitlements.mapping.pattern.pair(&query.name, account.as_str()).ok()?;
    match &query.arn {
        Some(arn) => ArnPair::new(arn.clone(), pair.provider).ok(),
        None => Some(pair),
    }
}
