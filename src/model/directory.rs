//! Users, groups and memberships, from whatever directory they come.

use std::collections::BTreeSet;

use super::group_source::GroupSource;
use super::names::{Names, Text};
use crate::text::Place;

/// Number of a user, dense from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u32);

/// Number of a group, dense from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// Whether a user can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Status {
    /// No source says; taken as able to sign in, and said so.
    #[default]
    Unknown,
    /// Able to sign in (Okta `ACTIVE`, `PASSWORD_EXPIRED`, `RECOVERY`, `LOCKED_OUT`, `PROVISIONED`; AD
    /// without the disabled bit).
    Active,
    /// Not able to sign in (Okta `STAGED`, `SUSPENDED`, `DEPROVISIONED`; AD `userAccountControl` bit 2).
    Disabled,
}

impl Status {
    /// Reads the words exports use, ignoring case: Okta's states, `ENABLED`/`DISABLED`, `TRUE`/`FALSE`
    /// (AD's `Enabled`), `INACTIVE`.
    pub fn parse(text: &str) -> Option<Self> {
        const ACTIVE: [&str; 7] = [
            "ACTIVE",
            "ENABLED",
            "TRUE",
            "PROVISIONED",
            "RECOVERY",
            "PASSWORD_EXPIRED",
            "LOCKED_OUT",
        ];
        const DISABLED: [&str; 6] =
            ["DISABLED", "DEPROVISIONED", "SUSPENDED", "STAGED", "INACTIVE", "FALSE"];
        let among = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        if among(&ACTIVE) {
            Some(Self::Active)
        } else if among(&DISABLED) {
            Some(Self::Disabled)
        } else {
            None
        }
    }
}

/// A user.
#[derive(Debug, Clone, Copy)]
pub struct User {
    /// The name reports use: Okta login, else `userPrincipalName`, `uid`, `sAMAccountName`, mail, name.
    pub login: Text,
    /// Whether the user can sign in.
    pub status: Status,
    /// Line of the record that says most.
    pub place: Place,
    /// No record states the user; only memberships name it.
    pub implied: bool,
}

/// A group.
#[derive(Debug, Clone)]
pub struct Group {
    /// The name Okta filters.
    pub name: Text,
    /// Where it comes from, when a source says.
    pub source: Option<GroupSource>,
    /// AD `groupType`.
    pub group_type: Option<i32>,
    /// Whether it stands in an Okta export.
    pub in_okta: bool,
    /// Whether memberships of groups in this group count (`false` for groups made in Okta).
    pub place: Place,
    /// No record states the group; only memberships name it.
    pub implied: bool,
}

impl Group {
    /// Whether a group that is a member of this one hands its users on: everywhere but in Okta, which
    /// has no nesting of its own.
    pub fn nests(&self) -> bool {
        self.source != Some(GroupSource::Okta)
    }
}

/// What else a user or group is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum NameKind {
    /// Okta login or `userPrincipalName`.
    Login,
    /// `sAMAccountName`.
    SamAccountName,
    /// Mail address.
    Mail,
    /// `uid`.
    Uid,
    /// Common or display name.
    CommonName,
    /// Distinguished name.
    Dn,
    /// Okta, Graph or Google id.
    Id,
    /// Security identifier.
    Sid,
}

/// A membership that names nobody any export states.
#[derive(Debug, Clone, Copy)]
pub struct Dangling {
    /// The group whose list it stands in.
    pub group: GroupId,
    /// The name as written.
    pub member: Text,
    /// The line.
    pub place: Place,
}

/// An assignment of the Okta AWS app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assigned<T> {
    /// Whom it is for.
    pub to: T,
    /// The line.
    pub place: Place,
}

/// Who is assigned to the Okta AWS app; `None` where no export says.
#[derive(Debug, Clone, Default)]
pub struct Assignments {
    /// Assigned groups, sorted; `None` where no app-groups export was given.
    pub groups: Option<Vec<Assigned<GroupId>>>,
    /// Assigned users (directly, or through a group), sorted; `None` where no app-users export was given.
    pub users: Option<Vec<Assigned<UserId>>>,
    /// `samlRoles` values of assigned users, sorted.
    pub user_roles: Vec<(UserId, Text, Place)>,
    /// `samlRoles` values of assigned groups, sorted.
    pub group_roles: Vec<(GroupId, Text, Place)>,
    /// What the app calls assigned users, sorted.
    pub user_names: Vec<(UserId, Text)>,
}

impl Assignments {
    /// What the app calls a user, where its users were exported.
    pub fn user_name(&self, user: UserId) -> Option<Text> {
        let at = self.user_names.binary_search_by_key(&user, |row| row.0).ok()?;
        self.user_names.get(at).map(|row| row.1)
    }
}

/// Compressed rows: for each group its members and the line that states each.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    offsets: Vec<u32>,
    targets: Vec<u32>,
    places: Vec<Place>,
}

impl Rows {
    /// Joins the parts: row `i` is `targets[offsets[i]..offsets[i + 1]]`.
    pub(crate) const fn new(offsets: Vec<u32>, targets: Vec<u32>, places: Vec<Place>) -> Self {
        Self { offsets, targets, places }
    }

    /// The same without the entries that `goes` names, and with others, which no line states, at the end of
    /// their rows.
    pub(crate) fn changed(
        &self,
        goes: &dyn Fn(u32, u32, Place) -> bool,
        added: &BTreeSet<(u32, u32)>,
    ) -> Self {
        let rows = u32::try_from(self.offsets.len().saturating_sub(1)).unwrap_or(0);
        let mut changed = Self { offsets: vec![0], ..Self::default() };
        for row in 0..rows {
            for (target, place) in self.entries(row).filter(|&(target, at)| !goes(row, target, at))
            {
                changed.targets.push(target);
                changed.places.push(place);
            }
            for &(_, target) in added.range((row, 0)..=(row, u32::MAX)) {
                changed.targets.push(target);
                changed.places.push(Place::NOWHERE);
            }
            changed.offsets.push(u32::try_from(changed.targets.len()).unwrap_or(u32::MAX));
        }
        changed
    }

    fn range(&self, row: u32) -> std::ops::Range<usize> {
        let at = row as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(&from), Some(&to)) => from as usize..to as usize,
            _ => 0..0,
        }
    }

    /// Targets of a row.
    pub fn targets(&self, row: u32) -> &[u32] {
        self.targets.get(self.range(row)).unwrap_or_default()
    }

    /// Lines of a row, beside its targets.
    pub fn places(&self, row: u32) -> &[Place] {
        self.places.get(self.range(row)).unwrap_or_default()
    }

    /// Target and line of each entry of a row.
    pub fn entries(&self, row: u32) -> impl Iterator<Item = (u32, Place)> {
        self.targets(row).iter().copied().zip(self.places(row).iter().copied())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

/// Users, groups and memberships.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    pub(crate) names: Names,
    pub(crate) users: Vec<User>,
    pub(crate) groups: Vec<Group>,
    pub(crate) user_names: Vec<(UserId, NameKind, Text)>,
    pub(crate) group_names: Vec<(GroupId, NameKind, Text)>,
    pub(crate) members: Rows,
    pub(crate) nested: Rows,
    pub(crate) containers: Rows,
    pub(crate) dangling: Vec<Dangling>,
    pub(crate) assignments: Assignments,
    /// Places of flat copies that Okta holds of a directory's memberships.
    pub(crate) mirrors: Vec<(u32, u32)>,
    /// Groups whose members a directory states too.
    pub(crate) mirrored: Vec<bool>,
    /// Whether any source states users at all.
    pub(crate) users_stated: bool,
    /// Whether memberships were left out that no question of this run needs.
    pub(crate) members_left_out: bool,
}

impl Directory {
    /// Number of users.
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    /// Number of groups.
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// All users with their numbers.
    pub fn users(&self) -> impl Iterator<Item = (UserId, &User)> {
        (0..).map(UserId).zip(&self.users)
    }

    /// All groups with their numbers.
    pub fn groups(&self) -> impl Iterator<Item = (GroupId, &Group)> {
        (0..).map(GroupId).zip(&self.groups)
    }

    /// A user.
    pub fn user(&self, id: UserId) -> Option<&User> {
        self.users.get(id.0 as usize)
    }

    /// A group.
    pub fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(id.0 as usize)
    }

    /// Stored text.
    pub fn text(&self, text: Text) -> &str {
        self.names.get(text)
    }

    /// Login of a user.
    pub fn login(&self, id: UserId) -> &str {
        self.user(id).map_or("", |user| self.text(user.login))
    }

    /// Name of a group.
    pub fn group_name(&self, id: GroupId) -> &str {
        self.group(id).map_or("", |group| self.text(group.name))
    }

    /// Users directly in each group.
    pub const fn members(&self) -> &Rows {
        &self.members
    }

    /// Groups directly in each group.
    pub const fn nested(&self) -> &Rows {
        &self.nested
    }

    /// For each group, the groups it is directly a member of.
    pub const fn containers(&self) -> &Rows {
        &self.containers
    }

    /// Memberships that name nobody any export states.
    pub fn dangling(&self) -> &[Dangling] {
        &self.dangling
    }

    /// Assignments of the Okta AWS app.
    pub const fn assignments(&self) -> &Assignments {
        &self.assignments
    }

    /// Whether any membership is Okta's flat copy of one a directory states.
    pub fn has_mirrors(&self) -> bool {
        self.mirrored.contains(&true)
    }

    /// Whether a membership of a group is Okta's flat copy of the directory's, which may be nested.
    pub fn is_mirror(&self, group: GroupId, place: Place) -> bool {
        self.mirrored.get(group.0 as usize) == Some(&true) && is_within(&self.mirrors, place)
    }

    /// Whether any source states a user's membership.
    pub fn members_stated(&self) -> bool {
        self.members_left_out || !self.members.is_empty()
    }

    /// Whether a membership stands in a list of Okta's, which is flat.
    pub fn is_of_okta(&self, place: Place) -> bool {
        is_within(&self.mirrors, place)
    }

    /// Whether any source states users at all (else memberships alone imply them).
    pub const fn users_stated(&self) -> bool {
        self.users_stated
    }

    /// What else a user is called.
    pub fn names_of_user(&self, id: UserId) -> impl Iterator<Item = (NameKind, &str)> {
        let from = self.user_names.partition_point(|(user, _, _)| *user < id);
        self.user_names
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(move |(user, _, _)| *user == id)
            .map(|&(_, kind, text)| (kind, self.text(text)))
    }

    /// What else a group is called.
    pub fn names_of_group(&self, id: GroupId) -> impl Iterator<Item = (NameKind, &str)> {
        let from = self.group_names.partition_point(|(group, _, _)| *group < id);
        self.group_names
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(move |(group, _, _)| *group == id)
            .map(|&(_, kind, text)| (kind, self.text(text)))
    }
}

/// Whether a place lies in one of some spans of places.
pub(crate) fn is_within(spans: &[(u32, u32)], place: Place) -> bool {
    spans.iter().any(|&(from, to)| (from..=to).contains(&place.0))
}
