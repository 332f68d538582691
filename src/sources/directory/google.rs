//! Google Directory: users, groups and members as JSON.
//!
//! Pages (`{"kind":"admin#directory#members","members":[…]}`), concatenated or one a line, bare arrays,
//! and objects one a line. A list of members does not name its group: a `groupId`, `groupKey`,
//! `groupEmail` or `group` stands beside `members`, or the option `group` says it.

use std::error::Error;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::model::defect::DefectKind;
use crate::model::directory::Status;
use crate::model::group_source::GroupSource;
use crate::sources::batch::{Attribute, Batch, GroupFacts, KeyRef, Loss, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::input::SourceOptions;
use crate::sources::json::{self, ElementError, Lines, Text};
use crate::sources::keys::KeySpace;

/// Reads Google Directory JSON, blocks cut by [`JsonElements::new`](json::JsonElements::new).
#[derive(Debug, Clone, Default)]
pub struct GoogleReader {
    group: Option<String>,
    source: Option<GroupSource>,
}

/// What is wrong with a page or an object.
#[derive(Debug, thiserror::Error)]
enum GoogleError {
    #[error(
        "`nextPageToken` is left over, expected its pages in the file too: the list is not whole"
    )]
    MorePages,
    #[error(
        "a list of members without their group, expected a `group` beside it or the option `group`"
    )]
    NoGroup,
    #[error(
        "an object without `id` and `email`, expected a user, group or member of Google Directory"
    )]
    NoId,
    #[error("a member of type `CUSTOMER` stands for everybody, expected users and groups")]
    Everybody,
}

impl GoogleReader {
    /// A reader for a file with these options.
    pub fn new(options: &SourceOptions) -> Self {
        Self { group: options.group.clone(), source: options.group_source.clone() }
    }
}

impl RecordReader for GoogleReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        json::each(block, batch, |batch, object: Object<'_>, line, lines| {
            Reading { reader: self, batch, lines }.top(&object, line);
        });
    }
}

/// What an error of this reader says happened, where it is more than an unreadable record.
pub(super) fn defect_of(error: &(dyn Error + 'static)) -> Option<DefectKind> {
    let error = error.downcast_ref::<GoogleError>()?;
    matches!(error, GoogleError::MorePages).then_some(DefectKind::Truncated)
}

/// Whether the beginning of a file has the look of Google Directory.
pub fn looks_like(head: &[u8]) -> bool {
    let json = matches!(head.trim_ascii_start().first(), Some(b'{' | b'['));
    let has = |name: &str| memchr::memmem::find(head, name.as_bytes()).is_some();
    json && (has("\"admin#directory#") || has("\"primaryEmail\""))
}

/// A page, a user, a group, or a member: whatever it has of these.
#[derive(Debug, Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    kind: Option<Text<'a>>,
    #[serde(rename = "nextPageToken")]
    next_page: Option<IgnoredAny>,
    #[serde(borrow)]
    users: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    groups: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    members: Option<Vec<&'a RawValue>>,
    #[serde(borrow, rename = "groupId")]
    group_id: Option<Text<'a>>,
    #[serde(borrow, alias = "groupKey", alias = "groupEmail")]
    group: Option<Text<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    email: Option<Text<'a>>,
    #[serde(borrow, rename = "primaryEmail")]
    primary_email: Option<Text<'a>>,
    /// Text for a group, an object for a user.
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    suspended: Option<bool>,
    archived: Option<bool>,
    #[serde(borrow, rename = "type")]
    member_type: Option<Text<'a>>,
    #[serde(borrow)]
    role: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
struct UserName<'a> {
    #[serde(borrow, rename = "fullName")]
    full: Option<Text<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    User,
    Group,
    Member,
}

impl Object<'_> {
    /// What the object says it is; `among` where it says nothing itself.
    fn kind(&self, among: Option<Kind>) -> Kind {
        match self.kind.as_deref() {
            Some("admin#directory#user") => Kind::User,
            Some("admin#directory#group") => Kind::Group,
            Some("admin#directory#member") => Kind::Member,
            _ if self.primary_email.is_some() => Kind::User,
            _ => among.unwrap_or(if self.member_type.is_some() || self.role.is_some() {
                Kind::Member
            } else {
                Kind::Group
            }),
        }
    }
}

struct Reading<'s, 'k, 'a> {
    reader: &'s GoogleReader,
    batch: &'s mut Batch<'k>,
    lines: Lines<'a>,
}

impl Reading<'_, '_, '_> {
    fn top(&mut self, object: &Object<'_>, line: u32) {
        if object.next_page.is_some() {
            self.batch.problem(line, Loss::File, GoogleError::MorePages);
        }
        let lists = [(&object.users, Kind::User), (&object.groups, Kind::Group)];
        for (list, kind) in lists {
            self.list(list.as_deref().unwrap_or_default(), kind, None);
        }
        let beside = object.group_id.as_deref().map(|id| (id, KeySpace::GoogleId));
        let beside = beside.or(object.group.as_deref().map(|name| (name, KeySpace::GroupName)));
        let option = self.reader.group.as_deref().map(|name| (name, KeySpace::GroupName));
        let Some(members) = &object.members else {
            if object.users.is_none() && object.groups.is_none() && !is_page(object) {
                let group = beside.or(option).map(|(name, space)| self.group_key(name, space));
                self.one(object, None, group, line);
            }
            return;
        };
        let own = object.id.is_some() || object.email.is_some();
        let group = match beside {
            None if own => {
                self.group(object, line);
                self.key(object, line)
            }
            _ => beside.or(option).map(|(name, space)| self.group_key(name, space)),
        };
        match group {
            Some(group) => self.list(members, Kind::Member, Some(group)),
            None => self.batch.problem(line, Loss::File, GoogleError::NoGroup),
        }
    }

    fn list(&mut self, items: &[&RawValue], among: Kind, group: Option<KeyRef>) {
        for item in items {
            let text = item.get();
            let line = self.lines.of(text.as_bytes());
            match serde_json::from_str::<Object<'_>>(text) {
                Ok(object) => self.one(&object, Some(among), group, line),
                Err(error) => {
                    let error = ElementError::new(&error, line);
                    self.batch.problem(error.line, Loss::Record, error);
                }
            }
        }
    }

    fn one(&mut self, object: &Object<'_>, among: Option<Kind>, group: Option<KeyRef>, line: u32) {
        match object.kind(among) {
            Kind::User => self.user(object, line),
            Kind::Group => self.group(object, line),
            Kind::Member => self.member(object, group, line),
        }
    }

    fn member(&mut self, object: &Object<'_>, group: Option<KeyRef>, line: u32) {
        let Some(group) = group else {
            return self.batch.problem(line, Loss::Record, GoogleError::NoGroup);
        };
        if object.member_type.as_deref() == Some("CUSTOMER") {
            return self.batch.problem(line, Loss::Record, GoogleError::Everybody);
        }
        if let Some(member) = self.key(object, line) {
            self.batch.member(group, member, line);
        }
    }

    fn user(&mut self, object: &Object<'_>, line: u32) {
        let Some(key) = self.key(object, line) else { return };
        let status = match (object.suspended, object.archived) {
            (Some(true), _) | (_, Some(true)) => Status::Disabled,
            (None, None) => Status::Unknown,
            _ => Status::Active,
        };
        self.batch.user(key, status, line);
        if let Some(email) = object.primary_email.as_deref().or(object.email.as_deref()) {
            self.batch.user_attribute(Attribute::Login, email.as_bytes());
            self.batch.user_attribute(Attribute::Mail, email.as_bytes());
        }
        let name = object.name.map(|name| serde_json::from_str::<UserName<'_>>(name.get()));
        if let Some(Ok(UserName { full: Some(full) })) = name {
            self.batch.user_attribute(Attribute::CommonName, full.as_bytes());
        }
    }

    fn group(&mut self, object: &Object<'_>, line: u32) {
        let Some(key) = self.key(object, line) else { return };
        let name = object.name.and_then(|name| serde_json::from_str::<Text<'_>>(name.get()).ok());
        let email = object.email.as_deref();
        let Some(name) = name.as_deref().filter(|name| !name.is_empty()).or(email) else { return };
        let facts = GroupFacts { source: self.reader.source.clone(), ..GroupFacts::default() };
        self.batch.group(key, name, facts, line);
        if let Some(email) = email {
            self.batch.group_attribute(Attribute::Mail, email.as_bytes());
        }
    }

    fn key(&mut self, object: &Object<'_>, line: u32) -> Option<KeyRef> {
        let present = |text: &'_ &str| !text.is_empty();
        if let Some(id) = object.id.as_deref().filter(present) {
            return Some(self.batch.key(KeySpace::GoogleId, id.as_bytes()));
        }
        let email = object.primary_email.as_deref().or(object.email.as_deref()).filter(present);
        if email.is_none() {
            self.batch.problem(line, Loss::Record, GoogleError::NoId);
        }
        email.map(|email| self.batch.key(KeySpace::Email, email.as_bytes()))
    }

    fn group_key(&mut self, name: &str, space: KeySpace) -> KeyRef {
        let space = if name.contains('@') { KeySpace::Email } else { space };
        self.batch.key(space, name.as_bytes())
    }
}

/// An empty page has no list at all.
fn is_page(object: &Object<'_>) -> bool {
    let kind = object.kind.as_deref().unwrap_or_default();
    ["admin#directory#users", "admin#directory#groups", "admin#directory#members"].contains(&kind)
}
