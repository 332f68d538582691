//! What an entry is: its classes say so, or attributes that only users or groups have.

use super::super::attribute::Field;
use super::super::class::{Classes, Kind};
use super::{Entry, digits};
use crate::sources::dn;

impl Entry<'_> {
    pub(super) fn kind(&self) -> Kind {
        let Classes { user, group, neither, count } = self.classes;
        if neither {
            return Kind::Other;
        }
        let control =
            self.values.first(Field::UserAccountControl).and_then(digits).unwrap_or_default();
        if control & ACCOUNT_OF_MACHINE != 0 {
            return Kind::Other;
        }
        if self.has_members && !user || group && (!user || self.has_members) {
            return Kind::Group;
        }
        match count {
            _ if user => Kind::User,
            0 => self.kind_without_class(),
            _ => Kind::Other,
        }
    }

    fn kind_without_class(&self) -> Kind {
        if let Some(account_type) = self.values.first(Field::SamAccountType).and_then(digits) {
            match account_type {
                0x3000_0000 => return Kind::User,
                0x1000_0000 | 0x1000_0001 | 0x2000_0000 | 0x2000_0001 => return Kind::Group,
                _ => return Kind::Other,
            }
        }
        if self.values.has(Field::GroupType) {
            return Kind::Group;
        }
        if let Some(category) = self.values.first(Field::ObjectCategory).and_then(dn::first_value) {
            match category.to_ascii_lowercase().as_str() {
                "person" => return Kind::User,
                "group" => return Kind::Group,
                _ => return Kind::Other,
            }
        }
        let user = OF_USERS.into_iter().any(|field| self.values.has(field));
        if user { Kind::User } else { Kind::Neither }
    }
}

/// Interdomain, workstation and server trust accounts.
const ACCOUNT_OF_MACHINE: i64 = 0x800 | 0x1000 | 0x2000;

/// Attributes that tell a user where no class does.
const OF_USERS: [Field; 5] = [
    Field::UserPrincipalName,
    Field::UserAccountControl,
    Field::Uid,
    Field::PrimaryGroupId,
    Field::OfPeople,
];
