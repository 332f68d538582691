//! Who is in which group: `{"groupId","users","groups"}` objects, and the bare lists of
//! `/api/v1/groups/{id}/users`.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::OktaError;
use super::users::{Profile, User, record};
use crate::sources::batch::{Batch, KeyRef, Loss, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::json::{Elements, Lines, Next, Text};
use crate::sources::keys::{KeyHash, KeyId, KeySpace};

mod plain;

/// Reads Okta group memberships.
#[derive(Debug, Clone, Default)]
pub struct MembersReader {
    group: Option<String>,
}

impl MembersReader {
    /// `group` is the id or name of the group that a bare list of users is of.
    pub fn new(group: Option<String>) -> Self {
        Self { group }
    }
}

impl RecordReader for MembersReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        batch.expect(block.bytes.len(), MEMBER);
        let mut elements = Elements::new(block).with_limits(batch.limits());
        let mut members = Members::new(batch, elements.lines());
        let (mut groupless, bare) = (false, self.group.as_deref());
        while let Some(next) = elements.next() {
            let line = match next {
                Next::Element { line } => line,
                Next::Junk(error) => {
                    members.batch.problem(error.line, error.loss, error);
                    continue;
                }
                Next::Member { .. } => continue,
            };
            members.begin(elements.lines(), line);
            let (bytes, at) = elements.raw();
            if let Some((group, end)) = plain::read(bytes, at, &mut members) {
                members.end(KeySpace::OktaId, group);
                elements.pass(end);
                continue;
            }
            members.begin(elements.lines(), line);
            match elements.parse(RecordSeed { members: &mut members }) {
                Ok(Seen::Group(id)) => members.end(KeySpace::OktaId, id.as_bytes()),
                Ok(Seen::User(key)) => groupless |= members.end_bare(bare, key, groupless),
                Ok(Seen::Nothing) => {}
                Err(error) => members.batch.problem(error.line, error.loss, error),
            }
        }
        members.discard();
    }
}

/// How many bytes a member takes in a list of ids.
const MEMBER: usize = 23;

/// Members of one group on their way into the batch: hashed a few at a time, then looked up, so that
/// the memory accesses overlap; all are taken out again where the group's record does not end well.
struct Members<'s, 'a, 'k> {
    batch: &'s mut Batch<'k>,
    lines: Lines<'a>,
    line: u32,
    hashed: [(KeyHash, &'a [u8]); AT_ONCE],
    hashed_lines: [u32; AT_ONCE],
    count: usize,
    /// How many memberships the batch held before the group.
    before: usize,
}

/// How many members are hashed before they are looked up.
const AT_ONCE: usize = 32;

/// Stands in a membership for its group until that is known.
const NO_GROUP: KeyRef = KeyRef::known(KeyId(0));

impl<'s, 'a, 'k> Members<'s, 'a, 'k> {
    fn new(batch: &'s mut Batch<'k>, lines: Lines<'a>) -> Self {
        let before = batch.found.edges.len();
        let hashed = [(KeyHash::NONE, [].as_slice()); AT_ONCE];
        Self { batch, lines, line: 0, hashed, hashed_lines: [0; AT_ONCE], count: 0, before }
    }

    fn begin(&mut self, lines: Lines<'a>, line: u32) {
        (self.lines, self.line) = (lines, line);
        self.discard();
    }

    /// Takes out the members of a group whose record did not end well.
    fn discard(&mut self) {
        self.count = 0;
        self.batch.found.edges.truncate(self.before);
    }

    #[inline]
    fn member(&mut self, id: &'a [u8], line: u32) {
        if self.count == AT_ONCE {
            self.look_up();
        }
        if let (Some(hashed), Some(place)) =
            (self.hashed.get_mut(self.count), self.hashed_lines.get_mut(self.count))
        {
            *hashed = (KeyHash::of(id), id);
            *place = line;
            self.count += 1;
        }
    }

    /// A member whose id is not the block's own text.
    fn copied_member(&mut self, id: &str, line: u32) {
        self.look_up();
        let key = self.batch.key(KeySpace::OktaId, id.as_bytes());
        self.batch.member(NO_GROUP, key, line);
    }

    fn look_up(&mut self) {
        let hashed = self.hashed.get(..self.count).unwrap_or_default();
        let lines = &self.hashed_lines;
        self.batch.keys(KeySpace::OktaId, hashed, |batch, at, key| {
            batch.member(NO_GROUP, key, lines.get(at).copied().unwrap_or_default());
        });
        self.count = 0;
    }

    fn end(&mut self, space: KeySpace, group: &[u8]) {
        self.look_up();
        let group = self.batch.key(space, group);
        let edges = &mut self.batch.found.edges;
        for edge in edges.get_mut(self.before..).unwrap_or_default() {
            edge.group = group;
        }
        self.before = edges.len();
    }

    /// A user of a bare list; whether its group is unknown, which is reported once.
    fn end_bare(&mut self, group: Option<&str>, user: KeyRef, reported: bool) -> bool {
        let Some(group) = group else {
            if !reported {
                self.batch.problem(self.line, Loss::File, OktaError::NoGroup);
            }
            return true;
        };
        self.batch.member(NO_GROUP, user, self.line);
        let space = if is_group_id(group) { KeySpace::OktaId } else { KeySpace::GroupName };
        self.end(space, group.as_bytes());
        false
    }
}

/// Whether a text has the form of Okta's group ids: `00g` and 17 letters and digits.
pub(super) fn is_group_id(text: &str) -> bool {
    text.len() == 20 && text.starts_with("00g") && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// What a record turned out to be.
enum Seen<'a> {
    Group(Text<'a>),
    User(KeyRef),
    /// Reported already.
    Nothing,
}

struct RecordSeed<'m, 's, 'a, 'k> {
    members: &'m mut Members<'s, 'a, 'k>,
}

impl<'a> DeserializeSeed<'a> for RecordSeed<'_, '_, 'a, '_> {
    type Value = Seen<'a>;

    fn deserialize<D: Deserializer<'a>>(self, parser: D) -> Result<Self::Value, D::Error> {
        parser.deserialize_map(self)
    }
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    GroupId,
    Users,
    Groups,
    Id,
    Status,
    Profile,
    #[serde(other)]
    Other,
}

impl<'a> Visitor<'a> for RecordSeed<'_, '_, 'a, '_> {
    type Value = Seen<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `groupId` and `users`, or a user")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let members = self.members;
        let (mut group, mut listed) = (None::<Text<'a>>, false);
        let (mut id, mut status, mut profile) = (None::<Text<'a>>, None::<Text<'a>>, None);
        while let Some(field) = map.next_key::<Field>()? {
            match field {
                Field::GroupId if group.is_some() => {
                    return Err(A::Error::duplicate_field("groupId"));
                }
                Field::GroupId => group = Some(map.next_value()?),
                Field::Users | Field::Groups => {
                    listed = true;
                    map.next_value_seed(ListSeed { members })?;
                }
                Field::Id => id = Some(map.next_value()?),
                Field::Status => status = map.next_value()?,
                Field::Profile => profile = map.next_value::<Option<Profile<'a>>>()?,
                Field::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        match (group, id) {
            (Some(group), _) if !group.is_empty() => Ok(Seen::Group(group)),
            (None, Some(id)) if !listed => {
                let profile = profile.unwrap_or_default();
                let user = record(members.batch, &id, status.as_deref(), &profile, members.line);
                Ok(user.map_or(Seen::Nothing, Seen::User))
            }
            _ => Err(A::Error::missing_field("groupId")),
        }
    }
}

/// The list under `users` or `groups`.
struct ListSeed<'m, 's, 'a, 'k> {
    members: &'m mut Members<'s, 'a, 'k>,
}

impl<'a> DeserializeSeed<'a> for ListSeed<'_, '_, 'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ListSeed<'_, '_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of ids")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(ItemSeed { members: self.members })?.is_some() {}
        Ok(())
    }
}

/// One entry of the list: an id, or a user or group object.
struct ItemSeed<'m, 's, 'a, 'k> {
    members: &'m mut Members<'s, 'a, 'k>,
}

impl<'a> DeserializeSeed<'a> for ItemSeed<'_, '_, 'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, parser: D) -> Result<(), D::Error> {
        parser.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ItemSeed<'_, '_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id or an object with one")
    }

    fn visit_borrowed_str<E: Error>(self, id: &'a str) -> Result<(), E> {
        let line = self.members.lines.of(id.as_bytes());
        self.members.member(id.as_bytes(), line);
        Ok(())
    }

    fn visit_str<E: Error>(self, id: &str) -> Result<(), E> {
        self.members.copied_member(id, self.members.line);
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, map: A) -> Result<(), A::Error> {
        let user = User::deserialize(MapAccessDeserializer::new(map))?;
        let line = self.members.lines.of(user.id.as_bytes());
        // Only a profile makes it a record of the user; else it is a reference.
        match user.profile {
            Some(profile) => {
                let status = user.status.as_deref();
                self.members.look_up();
                let key = record(self.members.batch, &user.id, status, &profile, line);
                if let Some(key) = key {
                    self.members.batch.member(NO_GROUP, key, line);
                }
            }
            None => self.members.copied_member(&user.id, line),
        }
        Ok(())
    }
}
