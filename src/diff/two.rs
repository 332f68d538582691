//! Both sides, and how one looks at the other.

use super::fact::GroupRef;
use super::matching::Matching;
use super::side::{Side, Which};
use super::targets::Targets;
use crate::model::directory::{GroupId, UserId};

/// Both sides with everything that ties them.
#[derive(Debug)]
pub struct Two<'s> {
    /// How it was.
    pub before: Side<'s>,
    /// How it is.
    pub after: Side<'s>,
    /// Who is who.
    pub matching: &'s Matching,
    /// The roles of both.
    pub targets: Targets<'s>,
}

impl<'s> Two<'s> {
    /// Ties two sides.
    pub fn new(before: Side<'s>, after: Side<'s>, matching: &'s Matching) -> Self {
        let targets = Targets::of(&before, &after);
        Self { before, after, matching, targets }
    }

    /// A side.
    pub const fn side(&self, which: Which) -> &Side<'s> {
        match which {
            Which::Before => &self.before,
            Which::After => &self.after,
        }
    }

    /// What a group of a side is called on both.
    pub fn group_ref(&self, which: Which, group: GroupId) -> GroupRef {
        let first = u32::try_from(self.before.directory().group_count()).unwrap_or(u32::MAX);
        match which {
            Which::Before => GroupRef(group.0),
            Which::After => match self.matching.groups.other(Which::After, group.0) {
                Some(before) => GroupRef(before),
                None => GroupRef(first.saturating_add(group.0)),
            },
        }
    }

    /// A group's number on a side, where that has it.
    pub fn group_on(&self, which: Which, group: GroupRef) -> Option<GroupId> {
        let first = u32::try_from(self.before.directory().group_count()).unwrap_or(u32::MAX);
        match (group.0.checked_sub(first), which) {
            (Some(after), Which::After) => Some(GroupId(after)),
            (Some(_), Which::Before) => None,
            (None, Which::Before) => Some(GroupId(group.0)),
            (None, Which::After) => self.matching.groups.other(Which::Before, group.0).map(GroupId),
        }
    }

    /// A group's name: as before where it was there.
    pub fn group_name(&self, group: GroupRef) -> &'s str {
        let named = |which| {
            let id = self.group_on(which, group)?;
            Some(self.side(which).directory().group_name(id))
        };
        named(Which::Before).or_else(|| named(Which::After)).unwrap_or_default()
    }
}

/// The comparison as seen from the side that has an access: what of it does the other side lack?
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'c, 's> {
    pub(super) two: &'c Two<'s>,
    /// The side that has it.
    pub(super) holds: Which,
}

impl<'c, 's> View<'c, 's> {
    /// The side that has it.
    pub(super) const fn has(self) -> &'c Side<'s> {
        self.two.side(self.holds)
    }

    /// The side that lacks it.
    pub(super) const fn lacks(self) -> &'c Side<'s> {
        self.two.side(self.holds.other())
    }

    /// The group on the other side.
    pub(super) fn group_there(self, group: GroupId) -> Option<GroupId> {
        self.two.matching.groups.other(self.holds, group.0).map(GroupId)
    }

    /// The user on the other side.
    pub(super) fn user_there(self, user: UserId) -> Option<UserId> {
        self.two.matching.users.other(self.holds, user.0).map(UserId)
    }

    pub(super) fn group_ref(self, group: GroupId) -> GroupRef {
        self.two.group_ref(self.holds, group)
    }
}
