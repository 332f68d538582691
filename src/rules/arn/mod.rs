//! `arn`: the provider/role pairs that Okta sends.

mod accounts_differ;
mod duplicate_pair;
mod malformed;
mod not_a_pair;
mod partitions_differ;
mod path_mismatch;
mod reserved_role;
mod role_first;
mod same_kind_twice;
mod space_in_pair;
mod unexpanded_placeholder;

use std::collections::BTreeMap;

use super::mapping::{ROLE_VALUE_PATTERN, some_of};
use super::{CannotCheck, Context, Rule};
use crate::entitlement::role_group::place_of;
use crate::finding::{Finding, Label, Quoted, RuleInfo};
use crate::model::arn::{Arn, RoleValue};
use crate::model::directory::GroupId;
use crate::text::Place;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &accounts_differ::RULE,
    &duplicate_pair::RULE,
    &malformed::RULE,
    &not_a_pair::RULE,
    &partitions_differ::RULE,
    &path_mismatch::RULE,
    &reserved_role::RULE,
    &role_first::RULE,
    &same_kind_twice::RULE,
    &space_in_pair::RULE,
    &unexpanded_placeholder::RULE,
];

/// Rules about the pattern that gives every group its value.
const BROKEN_PATTERN: &[&str] = &[
    "arn/unexpanded-placeholder",
    "mapping/iac-escaping",
    "mapping/invalid-role-value",
    "mapping/placeholder-literal",
];

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The name of a group maps to it.
    Group(GroupId),
    /// An assignment's `samlRoles` have it.
    SamlRoles,
    /// The app's identity provider ARN is it.
    IdentityProvider,
}

/// A value that is sent, or should be a part of what is sent.
#[derive(Debug)]
struct Value<'c> {
    text: &'c str,
    origin: Origin,
    place: Place,
    /// How many groups or assignments have it.
    count: usize,
}

impl Value<'_> {
    /// Its parts.
    fn read(&self) -> RoleValue<'_> {
        RoleValue::read(self.text)
    }

    /// Whether an ARN may stand alone there.
    fn takes_alone(&self, arn: &Arn) -> bool {
        match self.origin {
            Origin::Group(_) => false,
            Origin::SamlRoles => matches!(arn, Arn::Role(_)),
            Origin::IdentityProvider => matches!(arn, Arn::SamlProvider(_)),
        }
    }

    /// What it is, and the value where nothing else tells it.
    fn named(&self) -> String {
        match self.origin {
            Origin::Group(_) => format!("the Role value {}", Quoted(self.text)),
            Origin::SamlRoles => format!("the `samlRoles` value {}", Quoted(self.text)),
            Origin::IdentityProvider => "the identity provider ARN".to_owned(),
        }
    }

    /// A finding about it.
    fn finding(&self, context: &Context<'_>, info: &RuleInfo, message: String) -> Finding {
        let directory = &context.federation.directory;
        let subject = match self.origin {
            Origin::IdentityProvider => "identityProviderArn",
            _ => self.text,
        };
        let found = Finding::new(info, subject, message);
        let Origin::Group(group) = self.origin else {
            let found = found.at(Label::new(self.place, "").mark(self.text));
            return if self.count < 2 {
                found
            } else {
                found.help(format!("{} assignments have it", self.count))
            };
        };
        let name = directory.group_name(group);
        let found = found
            .at(Label::new(self.place, "").mark(name))
            .stems_from(ROLE_VALUE_PATTERN)
            .stems_from(name);
        if self.count < 2 { found } else { found.help(format!("{} groups map to it", self.count)) }
    }
}

/// Every distinct value: those that names of groups map to, or the `samlRoles` where they decide, and the
/// app's identity provider ARN.
fn values<'c>(context: &Context<'c>) -> Result<Vec<Value<'c>>, CannotCheck> {
    let entitlements = context.entitlements()?;
    let (federation, directory) = (context.federation, &context.federation.directory);
    let mut found: BTreeMap<&str, (Origin, Place, usize)> = BTreeMap::new();
    for mapped in &entitlements.role_groups.mapped {
        let of = (Origin::Group(mapped.group), Place::NOWHERE, 0);
        found.entry(&mapped.value).or_insert(of).2 += 1;
    }
    if !entitlements.mapping.maps_groups() {
        let stated = directory.assignments();
        let users = stated.user_roles.iter().map(|row| (row.1, row.2));
        let groups = stated.group_roles.iter().map(|row| (row.1, row.2));
        for (text, place) in users.chain(groups) {
            let of = (Origin::SamlRoles, place, 0);
            found.entry(directory.text(text)).or_insert(of).2 += 1;
        }
    }
    let mut values: Vec<Value<'c>> = found
        .into_iter()
        .map(|(text, (origin, place, count))| {
            let place = match origin {
                Origin::Group(group) => place_of(federation, group),
                _ => place,
            };
            Value { text, origin, place, count }
        })
        .collect();
    let single = federation.app.as_ref().and_then(|app| app.identity_provider_arn.as_ref());
    values.extend(single.filter(|setting| !setting.value.trim().is_empty()).map(|setting| Value {
        text: &setting.value,
        origin: Origin::IdentityProvider,
        place: setting.place,
        count: 1,
    }));
    Ok(values)
}

/// The findings that a question about each value that looks like ARNs gives.
fn ask(
    context: &Context<'_>,
    question: impl Fn(&Value<'_>, &RoleValue<'_>) -> Option<Finding>,
) -> Result<Vec<Finding>, CannotCheck> {
    let values = values(context)?;
    let read = values.iter().map(|value| (value, value.read()));
    // A bare name of a role is fine in `samlRoles`, and is not read here.
    let arns = read.filter(|(value, read)| value.origin != Origin::SamlRoles || read.has_arn());
    Ok(arns.filter_map(|(value, read)| question(value, &read)).collect())
}
