//! What a reader can find: memberships, users, groups, assignments, problems.

use std::error::Error;

use crate::model::directory::Status;
use crate::model::group_source::GroupSource;
use crate::sources::focus::Later;
use crate::sources::keys::{KeyHash, KeyId, KeySpace};

/// A key as a batch knows it: found among the keys taken up so far, or waiting to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRef(u32);

const WAITING: u32 = 1 << 31;

impl KeyRef {
    pub(in crate::sources) const fn known(id: KeyId) -> Self {
        Self(id.0)
    }

    /// The key at an index among the batch's waiting keys.
    pub(in crate::sources) fn waiting(index: usize) -> Self {
        Self(WAITING | u32::try_from(index).unwrap_or(WAITING - 1))
    }

    /// The key's id, or its index among the batch's waiting keys.
    pub(in crate::sources) const fn resolve(self) -> Result<KeyId, usize> {
        if self.0 & WAITING == 0 { Ok(KeyId(self.0)) } else { Err((self.0 & !WAITING) as usize) }
    }
}

/// One membership: the member's key stands in the group's list at a line of this source.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources) struct Edge {
    pub(in crate::sources) group: KeyRef,
    pub(in crate::sources) member: KeyRef,
    pub(in crate::sources) line: u32,
}

/// Further names and facts of a user or group, beside its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Attribute {
    /// Login as Okta or AD know it (`profile.login`, `userPrincipalName`).
    Login,
    /// AD `sAMAccountName`.
    SamAccountName,
    /// Mail address.
    Mail,
    /// POSIX or LDAP `uid`.
    Uid,
    /// Security identifier as text.
    Sid,
    /// Distinguished name (Okta's `profile.dn` of an imported group; a second DN attribute).
    Dn,
    /// Common or display name of a user; for a group the name Okta shows is the name of its record.
    CommonName,
    /// Security identifier of the primary group (its domain's SID and `primaryGroupID` joined).
    PrimaryGroupSid,
    /// Id of the Okta app instance a group comes from (`source.id`).
    SourceApp,
    /// One value of `samlRoles` on an app assignment of this user or group.
    SamlRole,
}

/// One attribute of a record.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources) struct AttributeRow {
    pub(in crate::sources) of: RecordRef,
    pub(in crate::sources) attribute: Attribute,
    pub(in crate::sources) start: u32,
    pub(in crate::sources) end: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources) enum RecordRef {
    User(u32),
    Group(u32),
    Assignment(u32),
}

/// A key to be added, hashed already: that is done on many threads, adding on one.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources) struct Waiting {
    pub(in crate::sources) hash: KeyHash,
    pub(in crate::sources) space: KeySpace,
    pub(in crate::sources) text: (u32, u32),
}

/// A user as a source states it.
#[derive(Debug, Clone, Copy)]
pub struct UserRecord {
    /// The key memberships name it by.
    pub key: KeyRef,
    /// Whether the user can sign in.
    pub status: Status,
    /// Line of the record.
    pub line: u32,
}

/// Facts about a group that matter to federation; what a source does not say stays `None` or false.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFacts {
    /// Where Okta says the group comes from.
    pub source: Option<GroupSource>,
    /// AD `groupType` as a signed number.
    pub group_type: Option<i32>,
    /// The record stands in an Okta export: the group has reached Okta.
    pub in_okta: bool,
}

/// A group as a source states it.
#[derive(Debug, Clone)]
pub struct GroupRecord {
    /// The key memberships name it by.
    pub key: KeyRef,
    /// The name Okta filters: AD/LDAP `cn`, Okta `profile.name`, the group column of a CSV.
    pub(in crate::sources) name: (u32, u32),
    /// What else is known.
    pub facts: GroupFacts,
    /// Line of the record.
    pub line: u32,
}

/// Whom an assignment of the Okta AWS app is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignment {
    /// A group assigned to the app.
    Group(KeyRef),
    /// A user assigned to the app; `direct` for scope `USER`, otherwise through a group.
    User {
        /// The user's key.
        key: KeyRef,
        /// Assigned individually.
        direct: bool,
    },
}

/// A piece `low-high` of a ranged attribute; `high` is `None` for `*`, the last piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberRange {
    /// The group.
    pub group: KeyRef,
    /// First index of the piece.
    pub low: u32,
    /// Last index, `None` for `*`.
    pub high: Option<u32>,
    /// Line where the piece begins.
    pub line: u32,
}

/// How much a problem takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// Nothing: the input is odd, but read.
    Nothing,
    /// One record or value; reading goes on.
    Record,
    /// The rest of the file, or all of it.
    File,
}

/// Something wrong with an input, at a line.
#[derive(Debug)]
pub struct Problem {
    /// 1-based line, 0 for the file as a whole.
    pub line: u32,
    /// What is lost by it.
    pub loss: Loss,
    /// The reader's own error.
    pub error: Box<dyn Error + Send + Sync>,
}

/// Which memberships of a group are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Every one.
    All,
    /// The first, which is where the group is named first; the others can be left for later.
    First,
    /// None for now: the group was named before.
    Later,
    /// None at all.
    None,
}

/// A batch without its view of the keys.
#[derive(Debug, Default)]
pub(in crate::sources) struct Found {
    pub(in crate::sources) edges: Vec<Edge>,
    /// Room for the memberships of another block.
    room: Vec<Edge>,
    pub(in crate::sources) later: Later<KeyRef>,
    pub(in crate::sources) members_left_out: bool,
    /// Whether each row stands on one line; `None` where nothing was read of a table.
    pub(in crate::sources) rows_are_lines: Option<bool>,
    pub(in crate::sources) users: Vec<UserRecord>,
    pub(in crate::sources) groups: Vec<GroupRecord>,
    pub(in crate::sources) attributes: Vec<AttributeRow>,
    pub(in crate::sources) ranges: Vec<MemberRange>,
    pub(in crate::sources) assignments: Vec<(Assignment, u32)>,
    pub(in crate::sources) problems: Vec<Problem>,
    pub(in crate::sources) waiting: Vec<Waiting>,
    pub(in crate::sources) text: Vec<u8>,
}

impl Found {
    /// Puts the memberships where they take no more room than they need, and keeps the room there was. For the
    /// thread that found them: whoever takes up what many found is alone.
    pub(in crate::sources) fn fit(&mut self) {
        let edges = self.edges.clone();
        self.room = std::mem::replace(&mut self.edges, edges);
        self.room.clear();
    }

    /// Empties it.
    pub(in crate::sources) fn clear(&mut self) {
        self.edges.clear();
        if self.edges.capacity() == 0 {
            std::mem::swap(&mut self.edges, &mut self.room);
        }
        self.later = Later::default();
        self.members_left_out = false;
        self.rows_are_lines = None;
        self.users.clear();
        self.groups.clear();
        self.attributes.clear();
        self.ranges.clear();
        self.assignments.clear();
        self.problems.clear();
        self.waiting.clear();
        self.text.clear();
    }
}
