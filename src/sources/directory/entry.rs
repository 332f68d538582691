//! One directory entry while its values come in: a user, a group, or neither.

use crate::model::directory::Status;
use crate::model::group_source::GroupSource;
use crate::sources::batch::{Attribute, Batch, GroupFacts, KeyRef, Loss, MemberRange};
use crate::sources::dn;
use crate::sources::keys::{KeyHash, KeyId, KeySpace};
use crate::sources::limits::{Limit, OverLimit};

use super::attribute::Field;
use super::class::{Class, Classes, Kind};
use super::lookups::Lookups;
use super::sid;

mod kind;
mod values;

pub(super) use values::Value;
use values::Values;

/// What is wrong with an entry as a whole or with one of its values.
#[derive(Debug, thiserror::Error)]
pub(super) enum EntryError {
    #[error(transparent)]
    Over(#[from] OverLimit),
    #[error("`{found}` is not a value of `{attribute}`, expected {expected}")]
    BadValue { attribute: &'static str, found: String, expected: &'static str },
    #[error(
        "`{dn}` has memberships but no `objectClass` or other sign of a user or group, expected one"
    )]
    Neither { dn: String },
    #[error("range `{low}-{high}` holds {count} members, expected {expected}")]
    ShortRange { low: u32, high: u32, count: u32, expected: u32 },
}

impl EntryError {
    /// A value of more bytes than are kept.
    pub(super) fn value_too_long(field: Field, allowed: usize) -> Self {
        let what = format!("a value of `{}`", field.name());
        Self::Over(OverLimit::new(what, Limit::Value, allowed))
    }

    /// An entry of more bytes than are kept; its memberships are not.
    pub(super) fn entry_too_long(allowed: usize) -> Self {
        let over = OverLimit::new("an entry, its members aside,", Limit::Record, allowed);
        Self::Over(OverLimit { expected: "fewer", ..over })
    }
}

/// A piece of a ranged attribute.
#[derive(Debug)]
struct Piece {
    range: (u32, Option<u32>),
    line: u32,
    count: u32,
}

/// An entry that is being read. Reused from one entry to the next.
#[derive(Debug)]
pub(super) struct Entry<'b> {
    hash: KeyHash,
    /// Looked up when it is needed.
    key: Option<KeyRef>,
    line: u32,
    /// How many memberships and ranges the batch held before this entry.
    before: (usize, usize),
    /// What its classes say; they are not among the values.
    classes: Classes,
    values: Values<'b>,
    /// Names of users whose keys are missing in their records, each with the record's index.
    users: Lookups<'b, usize>,
    pieces: Vec<Piece>,
    has_members: bool,
    /// How many bytes its name and values have.
    length: usize,
}

impl<'b> Entry<'b> {
    /// No entry yet: [`Entry::restart`] begins one.
    pub(super) fn new() -> Self {
        Self {
            hash: KeyHash::NONE,
            key: None,
            line: 0,
            before: (0, 0),
            classes: Classes::default(),
            values: Values::default(),
            users: Lookups::new(),
            pieces: Vec::new(),
            has_members: false,
            length: 0,
        }
    }

    /// Begins an entry, keeping what is allocated.
    pub(super) fn restart(&mut self, dn: Value<'b, '_>, line: u32, batch: &mut Batch<'_>) {
        let bytes = dn.bytes();
        self.hash = KeyHash::of(bytes);
        self.key = None;
        self.line = line;
        self.before = (batch.found.edges.len(), batch.found.ranges.len());
        self.classes = Classes::default();
        self.length = bytes.len();
        self.values.restart(dn);
        self.pieces.clear();
        self.has_members = false;
    }

    /// The key memberships name the entry by.
    pub(super) fn key(&mut self, batch: &mut Batch<'_>) -> KeyRef {
        if let Some(key) = self.key {
            return key;
        }
        self.end(batch);
        let key = batch.key_hashed(self.hash, KeySpace::Dn, self.values.dn());
        self.key = Some(key);
        key
    }

    /// The key of a user, which may stay missing until [`Entry::end`].
    fn user_key(&mut self, batch: &mut Batch<'_>) -> KeyRef {
        if let Some(key) = self.key {
            return key;
        }
        if self.users.is_full() {
            self.end(batch);
        }
        self.users.push(self.hash, self.values.dn_value(), batch.found.users.len());
        KeyRef::known(KeyId(0))
    }

    /// Gives the users recorded so far their keys.
    pub(super) fn end(&mut self, batch: &mut Batch<'_>) {
        self.users.look_up(KeySpace::Dn, batch, |batch, at, key| {
            if let Some(user) = batch.found.users.get_mut(at) {
                user.key = key;
            }
        });
    }

    /// Keeps a value of an attribute that is not a membership.
    #[inline]
    pub(super) fn value(
        &mut self,
        field: Field,
        value: Value<'b, '_>,
        line: u32,
        batch: &Batch<'_>,
    ) -> Result<(), EntryError> {
        let bytes = value.bytes();
        if field == Field::ObjectClass {
            return self.class(Class::parse(bytes), bytes.len(), batch);
        }
        self.grow(bytes.len(), batch)?;
        self.values.push(field, value, line);
        Ok(())
    }

    /// Keeps a class, whose name has so many bytes.
    #[inline]
    pub(super) fn class(
        &mut self,
        class: Class,
        length: usize,
        batch: &Batch<'_>,
    ) -> Result<(), EntryError> {
        self.grow(length, batch)?;
        self.classes.add(class);
        Ok(())
    }

    #[inline]
    fn grow(&mut self, by: usize, batch: &Batch<'_>) -> Result<(), EntryError> {
        let longest = batch.limits().record;
        self.length += by;
        if self.length > longest { Err(EntryError::entry_too_long(longest)) } else { Ok(()) }
    }

    /// Notes `count` memberships of one attribute description.
    pub(super) fn memberships(
        &mut self,
        field: Field,
        range: Option<(u32, Option<u32>)>,
        count: u32,
        line: u32,
    ) {
        self.has_members |= field != Field::MemberOf;
        let Some(range) = range else { return };
        match self.pieces.iter_mut().find(|piece| piece.range == range) {
            Some(piece) => piece.count = piece.count.saturating_add(count),
            None => self.pieces.push(Piece { range, line, count }),
        }
    }

    /// Forgets the entry and the memberships it brought.
    pub(super) fn discard(&self, batch: &mut Batch<'_>) {
        batch.found.edges.truncate(self.before.0);
        batch.found.ranges.truncate(self.before.1);
    }

    /// Ends the entry: its record goes to the batch. `source` is where the user says the groups of this
    /// file come from.
    pub(super) fn finish(&mut self, source: Option<&GroupSource>, batch: &mut Batch<'_>) {
        match self.kind() {
            Kind::User => {
                let key = self.user_key(batch);
                self.user(key, batch);
            }
            Kind::Group => {
                let key = self.key(batch);
                self.group(key, source, batch);
            }
            Kind::Other => return self.discard(batch),
            Kind::Neither if batch.found.edges.len() > self.before.0 => {
                let dn = super::excerpt(self.values.dn());
                batch.problem(self.line, Loss::Record, EntryError::Neither { dn });
                return self.discard(batch);
            }
            Kind::Neither => return,
        }
        if !self.pieces.is_empty() {
            let key = self.key(batch);
            self.ranges(key, batch);
        }
    }

    fn ranges(&self, group: KeyRef, batch: &mut Batch<'_>) {
        for piece in &self.pieces {
            let (low, high) = piece.range;
            batch.range(MemberRange { group, low, high, line: piece.line });
            if let Some(high) = high
                && let expected = (high - low).saturating_add(1)
                && piece.count != expected
            {
                let count = piece.count;
                let error = EntryError::ShortRange { low, high, count, expected };
                batch.problem(piece.line, Loss::Record, error);
            }
        }
    }

    fn user(&self, key: KeyRef, batch: &mut Batch<'_>) {
        let status = self.status(batch);
        batch.user(key, status, self.line);
        let mut named = false;
        for (field, value) in self.values.iter() {
            let attribute = match field {
                Field::UserPrincipalName => Attribute::Login,
                Field::SamAccountName => Attribute::SamAccountName,
                Field::Mail => Attribute::Mail,
                Field::Uid => Attribute::Uid,
                Field::Cn if !named => {
                    named = true;
                    Attribute::CommonName
                }
                _ => continue,
            };
            batch.user_attribute(attribute, value);
        }
        if !named
            && let Some(name) =
                self.values.first(Field::Name).or_else(|| self.values.first(Field::DisplayName))
        {
            batch.user_attribute(Attribute::CommonName, name);
        }
        let Some(sid) = self.sid(batch) else { return };
        batch.user_attribute(Attribute::Sid, sid.as_bytes());
        let relative = self.number(Field::PrimaryGroupId, batch);
        if let Some(group) =
            relative.and_then(|id| u32::try_from(id).ok()).and_then(|id| sid::sibling(&sid, id))
        {
            batch.user_attribute(Attribute::PrimaryGroupSid, group.as_bytes());
        }
    }

    fn group(&self, key: KeyRef, source: Option<&GroupSource>, batch: &mut Batch<'_>) {
        let of_ad = [Field::GroupType, Field::ObjectSid, Field::SamAccountName]
            .into_iter()
            .any(|field| self.values.has(field));
        let named = self.classes.count > 0
            || [Field::Cn, Field::Name].into_iter().any(|field| self.values.has(field));
        if !of_ad && !named && !self.pieces.is_empty() {
            // A further piece of a group that another record describes.
            return;
        }
        let group_type = self.number(Field::GroupType, batch);
        let facts = GroupFacts {
            source: source.cloned().or_else(|| of_ad.then_some(GroupSource::ActiveDirectory)),
            group_type: group_type.and_then(signed),
            in_okta: false,
        };
        batch.group(key, &self.group_name(), facts, self.line);
        for (field, value) in self.values.iter() {
            let attribute = match field {
                Field::SamAccountName => Attribute::SamAccountName,
                Field::Mail => Attribute::Mail,
                _ => continue,
            };
            batch.group_attribute(attribute, value);
        }
        if let Some(sid) = self.sid(batch) {
            batch.group_attribute(Attribute::Sid, sid.as_bytes());
        }
    }

    /// `cn`; of several the one in the DN; else `name`, else the DN's first value.
    fn group_name(&self) -> String {
        let mut names = self.values.all(Field::Cn);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match (names.next(), names.next()) {
            (Some(name), None) => text(name),
            (Some(name), Some(_)) => {
                let relative = dn::first_value(self.values.dn()).unwrap_or_default();
                let same = self.values.all(Field::Cn).any(|name| name == relative.as_bytes());
                if same { relative } else { text(name) }
            }
            (None, _) => match self.values.first(Field::Name) {
                Some(name) => text(name),
                None => dn::first_value(self.values.dn()).unwrap_or_default(),
            },
        }
    }

    fn status(&self, batch: &mut Batch<'_>) -> Status {
        let control = self.number(Field::UserAccountControl, batch);
        let control = control.map(|control| control & ACCOUNT_DISABLED != 0);
        let locked = self.values.first(Field::LockedTime).map(|time| time == LOCKED_FOR_GOOD);
        let mut status = match control {
            Some(true) => return Status::Disabled,
            Some(false) => Status::Active,
            None => Status::Unknown,
        };
        if locked == Some(true) {
            return Status::Disabled;
        }
        for value in self.values.all(Field::Disabled) {
            if value.eq_ignore_ascii_case(b"TRUE") {
                return Status::Disabled;
            }
            status = Status::Active;
        }
        status
    }

    fn sid(&self, batch: &mut Batch<'_>) -> Option<String> {
        let value = self.values.first(Field::ObjectSid)?;
        let sid = sid::parse(value);
        if sid.is_none() {
            let found = super::excerpt(value);
            let expected = "`S-1-…` or its binary form";
            let error = EntryError::BadValue { attribute: "objectSid", found, expected };
            batch.problem(self.line_of(Field::ObjectSid), Loss::Record, error);
        }
        sid
    }

    fn number(&self, field: Field, batch: &mut Batch<'_>) -> Option<i64> {
        let value = self.values.first(field)?;
        let number = digits(value);
        if number.is_none() {
            let found = super::excerpt(value);
            let attribute = field.name();
            let error = EntryError::BadValue { attribute, found, expected: "a number" };
            batch.problem(self.line_of(field), Loss::Record, error);
        }
        number
    }

    fn line_of(&self, field: Field) -> u32 {
        self.values.line_of(field).unwrap_or(self.line)
    }
}

/// `ADS_UF_ACCOUNTDISABLE`.
const ACCOUNT_DISABLED: i64 = 0x2;

/// `pwdAccountLockedTime` of an account that only an administrator unlocks.
const LOCKED_FOR_GOOD: &[u8] = b"000001010000Z";

/// A number as text, spaces around it and a sign allowed.
fn digits(value: &[u8]) -> Option<i64> {
    if !value.is_empty() && value.len() <= 18 && value.iter().all(u8::is_ascii_digit) {
        return Some(value.iter().fold(0, |number, digit| number * 10 + i64::from(digit & 0xf)));
    }
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// `groupType` is a signed 32-bit number; some programs write it unsigned.
pub(super) fn signed(number: i64) -> Option<i32> {
    i32::try_from(number).ok().or_else(|| u32::try_from(number).ok().map(u32::cast_signed))
}
