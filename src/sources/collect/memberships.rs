//! Edges between keys become rows between users and groups.

use rayon::prelude::*;

use super::assignments::assignments;
use super::identity::{GroupNode, Identities, Owner, UserNode};
use super::member_rows::member_rows;
use super::names::{choose_logins, group_names, user_names};
use super::{Chunk, Collector, count};
use crate::model::directory::{Dangling, Directory, Group, GroupId, Rows, Status, User, is_within};
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
        || member_rows(&chunks, groups, &counted.sizes, &counted.extra),
        || {
            let names = (user_names(collector, &found), group_names(collector, &found));
            let mut upward: Vec<_> = nested.iter().map(|&(g, m, place)| (m, g, place)).collect();
            (names, rows(groups, &mut upward))
        },
    );
    drop(chunks);
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
    let known = &*found;
    let of_chunk = |chunk: &Chunk| {
        let (mut last, mut implied) = (None, Vec::new());
        for edge in &chunk.edges {
            if last != Some(edge.group) {
                last = Some(edge.group);
                if let Ok(group) = edge.group.resolve()
                    && known.owner(group) == Owner::Nobody
                {
                    implied.push((chunk.base.saturating_add(edge.line), group));
                }
            }
        }
        implied
    };
    let mut implied: Vec<(u32, KeyId)> = chunks.par_iter().flat_map_iter(of_chunk).collect();
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
pub(super) fn group_of(
    collector: &mut Collector,
    found: &mut Identities,
    key: KeyId,
) -> Option<u32> {
    match found.owner(key) {
        Owner::Group(at) => Some(at),
        Owner::User(_) => None,
        Owner::Nobody => Some(imply_group(collector, found, key)),
    }
}

/// Who a member is; made where no record states them and any may be.
pub(super) fn member_of(collector: &mut Collector, found: &mut Identities, key: KeyId) -> Owner {
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
    entries.par_sort_unstable();
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
