//! Edges between keys become rows between users and groups.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::identity::{GroupNode, Identities, Owner, UserNode};
use super::{AttributeOf, Chunk, Collector, count};
use crate::model::directory::{
    Assigned, Assignments, Dangling, Directory, Group, GroupId, NameKind, Rows, Status, User,
    UserId, is_within,
};
use crate::model::names::Text;
use crate::sources::batch::{Attribute, Edge, GroupFacts, KeyRef, RecordRef};
use crate::sources::dn;
use crate::sources::keys::{KeyId, KeySpace, Keys};
use crate::text::Place;

/// Builds the directory; the collector's memberships are used up.
pub(super) fn build(collector: &mut Collector, mut found: Identities) -> Directory {
    let mut counted = count_edges(collector, &mut found);
    primary_groups(collector, &found, &mut counted);
    let assignments = assignments(collector, &mut found);
    collector.keys.drop_index();
    let groups = found.groups.len();
    let chunks = std::mem::take(&mut collector.chunks);
    let mut nested = std::mem::take(&mut counted.nested);
    let (members, (names, containers)) = rayon::join(
        || member_rows(chunks, groups, &counted),
        || {
            let names = (user_names(collector, &found), group_names(collector, &found));
            let mut upward: Vec<_> = nested.iter().map(|&(g, m, place)| (m, g, place)).collect();
            (names, rows(groups, &mut upward))
        },
    );
    let mirrored = mirrored(collector, &members, &nested, groups);
    let nested = rows(groups, &mut nested);
    let (user_names, group_names) = names;
    choose_logins(collector, &mut found);
    let keys = std::mem::take(&mut collector.keys);
    let users = found.users.par_iter().map(|user| finish_user(&keys, user)).collect();
    let groups = found.groups.into_iter().map(finish_group).collect();
    Directory {
        names: keys.into_names(),
        users,
        groups,
        user_names,
        group_names,
        members,
        nested,
        containers,
        dangling: counted.dangling,
        mirrors: std::mem::take(&mut collector.mirrors),
        mirrored,
        assignments,
        users_stated: found.users_stated,
        members_left_out: collector.members_left_out,
    }
}

fn finish_user(keys: &Keys, user: &UserNode) -> User {
    let login = user.login.unwrap_or_else(|| keys.span(user.key));
    let implied = user.place == Place::NOWHERE;
    User { login, status: user.status, place: user.place, implied }
}

fn finish_group(group: GroupNode) -> Group {
    Group {
        name: group.name,
        source: group.facts.source,
        group_type: group.facts.group_type,
        in_okta: group.facts.in_okta,
        implied: group.place == Place::NOWHERE,
        place: group.place,
    }
}

#[derive(Default)]
struct Counted {
    /// Users in each group.
    sizes: Vec<u32>,
    nested: Vec<(u32, u32, Place)>,
    dangling: Vec<Dangling>,
    /// Memberships beside those of the chunks: of implied users, and primary groups, which no list states.
    extra: Vec<(u32, u32, Place)>,
}

impl Counted {
    /// So many users more in a group.
    fn add(&mut self, group: u32, users: u32) {
        let at = group as usize;
        if self.sizes.len() <= at {
            self.sizes.resize(at + 1, 0);
        }
        if let Some(size) = self.sizes.get_mut(at) {
            *size += users;
        }
    }
}

/// First pass over the edges: who is named by nobody's record is implied or dangling; how many users
/// each group has. Edges between a known group and a known user stay, with their numbers for keys.
fn count_edges(collector: &mut Collector, found: &mut Identities) -> Counted {
    let mut chunks = std::mem::take(&mut collector.chunks);
    imply_listed_groups(collector, found, &chunks);
    let share = chunks.len().div_ceil(rayon::current_num_threads()).max(1);
    let known = &*found;
    let parts: Vec<Part> =
        chunks.par_chunks_mut(share).map(|chunks| Part::of(chunks, known)).collect();
    collector.chunks = chunks;
    let mut counted = Counted::default();
    for part in parts {
        for (group, size) in (0..).zip(part.sizes) {
            counted.add(group, size);
        }
        for (base, edge) in part.rest {
            count_edge(collector, found, &mut counted, (base, edge));
        }
    }
    counted
}

/// Edges of some chunks, sorted out.
struct Part {
    /// Known users in each group.
    sizes: Vec<u32>,
    /// The other edges, each with the place its line counts from.
    rest: Vec<(u32, Edge)>,
}

impl Part {
    fn of(chunks: &mut [Chunk], known: &Identities) -> Self {
        let mut part = Self { sizes: vec![0; known.groups.len()], rest: Vec::new() };
        for chunk in chunks {
            chunk.edges.retain_mut(|edge| {
                let owner = |key: KeyRef| key.resolve().map(|key| known.owner(key));
                let (Ok(Owner::Group(group)), Ok(Owner::User(user))) =
                    (owner(edge.group), owner(edge.member))
                else {
                    part.rest.push((chunk.base, *edge));
                    return false;
                };
                if let Some(size) = part.sizes.get_mut(group as usize) {
                    *size += 1;
                }
                edge.group = KeyRef::known(KeyId(group));
                edge.member = KeyRef::known(KeyId(user));
                true
            });
        }
        part
    }
}

/// Makes the groups whose lists no record states, in the order they are named: what was left for later may
/// have been read in another.
fn imply_listed_groups(collector: &mut Collector, found: &mut Identities, chunks: &[Chunk]) {
    let (mut last, mut implied) = (None, Vec::new());
    for chunk in chunks {
        for edge in &chunk.edges {
            if last != Some(edge.group) {
                last = Some(edge.group);
                if let Ok(group) = edge.group.resolve()
                    && found.owner(group) == Owner::Nobody
                {
                    implied.push((chunk.base.saturating_add(edge.line), group));
                }
            }
        }
    }
    implied.sort_unstable();
    for (_, group) in implied {
        group_of(collector, found, group);
    }
}

fn count_edge(
    collector: &mut Collector,
    found: &mut Identities,
    counted: &mut Counted,
    (base, edge): (u32, Edge),
) {
    let (Ok(group), Ok(member)) = (edge.group.resolve(), edge.member.resolve()) else { return };
    let place = Place(base.saturating_add(edge.line));
    let Some(at) = group_of(collector, found, group) else { return };
    match member_of(collector, found, member) {
        Owner::User(user) => {
            counted.add(at, 1);
            counted.extra.push((at, user, place));
        }
        Owner::Group(inner) => counted.nested.push((at, inner, place)),
        Owner::Nobody => counted.dangling.push(Dangling {
            group: GroupId(at),
            member: collector.keys.span(member),
            place,
        }),
    }
}

/// The group a list belongs to; made where no record states it.
fn group_of(collector: &mut Collector, found: &mut Identities, key: KeyId) -> Option<u32> {
    match found.owner(key) {
        Owner::Group(at) => Some(at),
        Owner::User(_) => None,
        Owner::Nobody => Some(imply_group(collector, found, key)),
    }
}

fn member_of(collector: &mut Collector, found: &mut Identities, key: KeyId) -> Owner {
    let owner = found.owner(key);
    if owner != Owner::Nobody {
        return owner;
    }
    let space = collector.keys.space(key);
    if space == Some(KeySpace::GroupName) {
        return Owner::Group(imply_group(collector, found, key));
    }
    if space == Some(KeySpace::Member)
        && let Some(group) = collector.keys.get(KeySpace::GroupName, collector.keys.text(key))
    {
        return group_of(collector, found, group).map_or(Owner::Nobody, Owner::Group);
    }
    if found.users_stated || is_foreign(collector.keys.text(key)) {
        return Owner::Nobody;
    }
    let at = count(&found.users);
    let login = implied_name(collector, key);
    found.users.push(UserNode {
        status: Status::Unknown,
        place: Place::NOWHERE,
        key,
        login: Some(login),
    });
    found.set_owner(key, Owner::User(at));
    Owner::User(at)
}

fn imply_group(collector: &mut Collector, found: &mut Identities, key: KeyId) -> u32 {
    let at = count(&found.groups);
    let name = implied_name(collector, key);
    let facts = GroupFacts::default();
    found.groups.push(GroupNode { name, facts, place: Place::NOWHERE, key });
    found.set_owner(key, Owner::Group(at));
    at
}

/// What somebody known by a key alone is called: of a DN the first value, else the key itself.
fn implied_name(collector: &mut Collector, key: KeyId) -> Text {
    let span = collector.keys.span(key);
    if collector.keys.space(key) != Some(KeySpace::Dn) {
        return span;
    }
    let name = dn::first_value(collector.keys.slice(span));
    name.and_then(|name| collector.keys.store(name.as_bytes()).ok()).unwrap_or(span)
}

/// A security identifier stands for somebody of another forest.
fn is_foreign(text: &[u8]) -> bool {
    let text = text.get(3..).filter(|_| text.starts_with(b"CN=")).unwrap_or(text);
    text.starts_with(b"S-1-")
}

/// AD keeps a user's primary group out of every member list.
fn primary_groups(collector: &Collector, found: &Identities, counted: &mut Counted) {
    let mut by_sid = rustc_hash::FxHashMap::default();
    for row in &collector.attributes {
        if let (RecordRef::Group(at), Attribute::Sid) = (row.of, row.attribute)
            && let Some(&group) = found.group_of_row.get(at as usize)
        {
            by_sid.insert(collector.keys.slice(row.text), group);
        }
    }
    for row in &collector.attributes {
        if let (RecordRef::User(at), Attribute::PrimaryGroupSid) = (row.of, row.attribute)
            && let Some(&group) = by_sid.get(collector.keys.slice(row.text))
            && let Some(&user) = found.user_of_row.get(at as usize)
        {
            let place = found.users.get(user as usize).map_or(Place::NOWHERE, |user| user.place);
            counted.extra.push((group, user, place));
            counted.add(group, 1);
        }
    }
}

/// Second pass: users of each group, side by side. Each batch is let go as soon as it is used.
fn member_rows(chunks: Vec<Chunk>, groups: usize, counted: &Counted) -> Rows {
    let mut offsets = Vec::with_capacity(groups + 1);
    let mut total = 0;
    for group in 0..groups {
        offsets.push(total);
        total += counted.sizes.get(group).copied().unwrap_or(0);
    }
    offsets.push(total);
    let mut next = offsets.clone();
    let mut targets = vec![0; total as usize];
    let mut places = vec![Place::NOWHERE; total as usize];
    let mut put = |group: u32, user: u32, place: Place| {
        if let Some(slot) = next.get_mut(group as usize) {
            let at = *slot as usize;
            if let (Some(target), Some(line)) = (targets.get_mut(at), places.get_mut(at)) {
                (*target, *line) = (user, place);
                *slot += 1;
            }
        }
    };
    for chunk in chunks {
        for edge in &chunk.edges {
            if let (Ok(group), Ok(user)) = (edge.group.resolve(), edge.member.resolve()) {
                put(group.0, user.0, Place(chunk.base.saturating_add(edge.line)));
            }
        }
    }
    for &(group, user, place) in &counted.extra {
        put(group, user, place);
    }
    Rows::new(offsets, targets, places)
}

/// Groups whose members a directory states as well as Okta: there Okta's flat list is a copy. Empty where
/// no source is one.
fn mirrored(
    collector: &Collector,
    members: &Rows,
    nested: &[(u32, u32, Place)],
    groups: usize,
) -> Vec<bool> {
    if collector.mirrors.is_empty() {
        return Vec::new();
    }
    let own = |place: Place| !is_within(&collector.mirrors, place);
    let mut mirrored: Vec<bool> = (0..u32::try_from(groups).unwrap_or(u32::MAX))
        .map(|group| members.places(group).iter().any(|&place| own(place)))
        .collect();
    for &(group, _, place) in nested {
        if own(place)
            && let Some(flag) = mirrored.get_mut(group as usize)
        {
            *flag = true;
        }
    }
    mirrored
}

/// Rows of a small list of (row, target, place).
fn rows(count: usize, entries: &mut Vec<(u32, u32, Place)>) -> Rows {
    entries.sort_unstable();
    entries.dedup_by_key(|&mut (row, target, _)| (row, target));
    let mut offsets = vec![0_u32; count + 1];
    for &(row, _, _) in entries.iter() {
        if let Some(slot) = offsets.get_mut(row as usize + 1) {
            *slot += 1;
        }
    }
    let mut total = 0;
    for slot in &mut offsets {
        total += *slot;
        *slot = total;
    }
    let targets = entries.iter().map(|&(_, target, _)| target).collect();
    Rows::new(offsets, targets, entries.iter().map(|&(_, _, place)| place).collect())
}

fn assignments(collector: &mut Collector, found: &mut Identities) -> Assignments {
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

const fn kind(attribute: Attribute) -> Option<NameKind> {
    Some(match attribute {
        Attribute::Login => NameKind::Login,
        Attribute::SamAccountName => NameKind::SamAccountName,
        Attribute::Mail => NameKind::Mail,
        Attribute::Uid => NameKind::Uid,
        Attribute::Sid => NameKind::Sid,
        Attribute::Dn => NameKind::Dn,
        Attribute::CommonName => NameKind::CommonName,
        Attribute::PrimaryGroupSid | Attribute::SourceApp | Attribute::SamlRole => return None,
    })
}

const fn kind_of_space(space: KeySpace) -> NameKind {
    match space {
        KeySpace::Dn => NameKind::Dn,
        KeySpace::Login => NameKind::Login,
        KeySpace::GroupName | KeySpace::Member => NameKind::CommonName,
        KeySpace::OktaId | KeySpace::GraphId | KeySpace::GoogleId => NameKind::Id,
        KeySpace::Email => NameKind::Mail,
        KeySpace::Uid => NameKind::Uid,
        KeySpace::Sid => NameKind::Sid,
        KeySpace::SamAccountName => NameKind::SamAccountName,
    }
}

/// All names of users beside their login key.
fn user_names(collector: &Collector, found: &Identities) -> Vec<(UserId, NameKind, Text)> {
    let mut names: Vec<_> = collector
        .attributes
        .iter()
        .filter_map(|row| {
            let RecordRef::User(at) = row.of else { return None };
            Some((UserId(*found.user_of_row.get(at as usize)?), kind(row.attribute)?, row.text))
        })
        .collect();
    let keys = &collector.keys;
    let own = (0..).zip(&found.users).map(|(node, user)| (Owner::User(node), user.key));
    for (owner, key) in own.chain(found.more_keys.iter().copied()) {
        if let (Owner::User(node), Some(space)) = (owner, keys.space(key))
            && space != KeySpace::Login
        {
            names.push((UserId(node), kind_of_space(space), keys.span(key)));
        }
    }
    names.sort_unstable_by_key(|&(user, kind, text)| (user, kind, text.start));
    names
}

fn group_names(collector: &Collector, found: &Identities) -> Vec<(GroupId, NameKind, Text)> {
    let mut names: Vec<_> = collector
        .attributes
        .iter()
        .filter_map(|row| {
            let RecordRef::Group(at) = row.of else { return None };
            Some((GroupId(*found.group_of_row.get(at as usize)?), kind(row.attribute)?, row.text))
        })
        .collect();
    let keys = &collector.keys;
    let own = (0..).zip(&found.groups).map(|(node, group)| (Owner::Group(node), group.key));
    for (owner, key) in own.chain(found.more_keys.iter().copied()) {
        if let (Owner::Group(node), Some(space)) = (owner, keys.space(key))
            && space != KeySpace::GroupName
        {
            names.push((GroupId(node), kind_of_space(space), keys.span(key)));
        }
    }
    names.sort_unstable_by_key(|&(group, kind, text)| (group, kind, text.start));
    names
}

/// The name reports use for each user: the best there is, the same whatever the order of input.
fn choose_logins(collector: &Collector, found: &mut Identities) {
    if collector.attributes.is_empty() && found.more_keys.is_empty() {
        // Nobody has a name beside their key.
        return;
    }
    let keys = &collector.keys;
    let mut best: Vec<Option<(u8, Text)>> = vec![None; found.users.len()];
    let mut offer = |node: u32, rank: u8, text: Text| {
        if let Some(slot) = best.get_mut(node as usize) {
            let better =
                slot.is_none_or(|(old, name)| (rank, keys.slice(text)) < (old, keys.slice(name)));
            if better && !text.is_empty() {
                *slot = Some((rank, text));
            }
        }
    };
    for row in &collector.attributes {
        if let (RecordRef::User(at), Some(rank)) = (row.of, login_rank(collector, row))
            && let Some(&node) = found.user_of_row.get(at as usize)
        {
            offer(node, rank, row.text);
        }
    }
    let own = (0..).zip(&found.users).map(|(node, user)| (Owner::User(node), user.key));
    for (owner, key) in own.chain(found.more_keys.iter().copied()) {
        if let (Owner::User(node), Some(KeySpace::Login)) = (owner, keys.space(key)) {
            offer(node, 1, keys.span(key));
        }
    }
    for (user, best) in found.users.iter_mut().zip(best) {
        if let Some((_, text)) = best {
            user.login = Some(text);
        }
    }
}

/// Okta's login first: it is what Okta signs in with.
fn login_rank(collector: &Collector, row: &AttributeOf) -> Option<u8> {
    Some(match row.attribute {
        Attribute::Login => {
            let RecordRef::User(at) = row.of else { return None };
            let key = collector.users.get(at as usize)?.key;
            u8::from(collector.keys.space(key) != Some(KeySpace::OktaId))
        }
        Attribute::Uid => 2,
        Attribute::SamAccountName => 3,
        Attribute::Mail => 4,
        Attribute::CommonName => 5,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_free_of_repeats() {
        let mut entries =
            vec![(2, 1, Place(9)), (0, 3, Place(4)), (2, 1, Place(5)), (2, 0, Place(7))];
        let rows = rows(3, &mut entries);
        assert_eq!(rows.targets(0), [3]);
        assert_eq!(rows.targets(1), [0; 0]);
        assert_eq!(rows.entries(2).collect::<Vec<_>>(), [(0, Place(7)), (1, Place(5))]);
    }

    #[test]
    fn a_sid_in_a_dn_is_foreign() {
        assert!(is_foreign(b"CN=S-1-5-21-1-2-3-4,CN=ForeignSecurityPrincipals,DC=x"));
        assert!(!is_foreign(b"CN=S-Bahn,DC=x"));
    }

    #[test]
    fn names_survive() {
        let mut keys = Keys::default();
        let text = keys.store("é".as_bytes()).unwrap();
        let names = keys.into_names();
        assert_eq!(names.get(text), "é");
    }
}
