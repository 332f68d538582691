//! Who is assigned to the Okta app.

use std::collections::BTreeMap;

use super::Collector;
use super::identity::{Identities, Owner};
use super::memberships::{group_of, member_of};
use crate::model::directory::{Assigned, Assignments, GroupId, UserId};
use crate::model::names::Text;
use crate::sources::batch::{Attribute, RecordRef};
use crate::text::Place;

/// Who is assigned to the app, and what of theirs the assignments state.
pub(super) fn assignments(collector: &mut Collector, found: &mut Identities) -> Assignments {
    let mut result = Assignments {
        groups: collector.group_assignments_stated.then(Vec::new),
        users: collector.user_assignments_stated.then(Vec::new),
        ..Assignments::default()
    };
    let (roles, logins) = assignment_texts(collector);
    for (at, row) in (0..).zip(std::mem::take(&mut collector.assignments)) {
        let place = row.place;
        let roles = roles.get(&at).map_or(&[][..], Vec::as_slice);
        if row.to_group {
            let Some(group) = group_of(collector, found, row.key).map(GroupId) else { continue };
            result.groups.get_or_insert_default().push(Assigned { to: group, place });
            result.group_roles.extend(roles.iter().map(|&role| (group, role, place)));
        } else if let Owner::User(user) = member_of(collector, found, row.key) {
            result.users.get_or_insert_default().push(Assigned { to: UserId(user), place });
            result.user_roles.extend(roles.iter().map(|&role| (UserId(user), role, place)));
            let name = logins.get(&at).copied();
            result.user_names.extend(name.map(|name| (UserId(user), name)));
            name_implied(found, user, name);
        }
    }
    if let Some(groups) = &mut result.groups {
        groups.sort_unstable_by_key(|assigned| (assigned.to, assigned.place));
        groups.dedup_by_key(|assigned| assigned.to);
    }
    if let Some(users) = &mut result.users {
        users.sort_unstable_by_key(|assigned| (assigned.to, assigned.place));
        users.dedup_by_key(|assigned| assigned.to);
    }
    // The first that an export states counts.
    result.user_names.sort_by_key(|row| row.0);
    result.user_names.dedup_by_key(|row| row.0);
    result.user_roles.sort_unstable_by_key(|&(user, _, place)| (user, place));
    result.group_roles.sort_unstable_by_key(|&(group, _, place)| (group, place));
    result
}

/// `samlRoles` values of each assignment (by row), and the name its user has in the app.
type AssignmentTexts = (BTreeMap<u32, Vec<Text>>, BTreeMap<u32, Text>);

fn assignment_texts(collector: &Collector) -> AssignmentTexts {
    let (mut roles, mut logins): AssignmentTexts = AssignmentTexts::default();
    for row in &collector.attributes {
        match (row.of, row.attribute) {
            (RecordRef::Assignment(at), Attribute::SamlRole) => {
                roles.entry(at).or_default().push(row.text);
            }
            (RecordRef::Assignment(at), Attribute::Login) => {
                logins.insert(at, row.text);
            }
            _ => {}
        }
    }
    (roles, logins)
}

/// A user whom no record states is called what the app calls them.
fn name_implied(found: &mut Identities, user: u32, login: Option<Text>) {
    if let Some(node) = found.users.get_mut(user as usize)
        && node.place == Place::NOWHERE
        && login.is_some()
    {
        node.login = login;
    }
}
