//! Microsoft Graph: users, groups and members as JSON.
//!
//! Pages (`{"value":[…]}`), concatenated or one a line, bare arrays, and objects one a line. A list of
//! members needs its group: `groups('id')/members` in `@odata.context`, a `groupId` or `group` beside
//! `value` or `members`, the group object itself (`$expand=members`), or the option `group`.

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

/// Reads Microsoft Graph JSON, blocks cut by [`JsonElements::new`](json::JsonElements::new).
#[derive(Debug, Clone, Default)]
pub struct GraphReader {
    group: Option<String>,
    source: Option<GroupSource>,
}

/// What is wrong with a page or an object.
#[derive(Debug, thiserror::Error)]
enum GraphError {
    #[error("`{link}` is left over, expected its pages in the file too: the list is not whole")]
    MorePages { link: &'static str },
    #[error(
        "a list of members without their group, expected a `groupId` beside it or the option `group`"
    )]
    NoGroup,
    #[error("an object without `id`, expected a user, group or member of Microsoft Graph")]
    NoId,
}

const PAGES_LEFT: GraphError = GraphError::MorePages { link: "@odata.nextLink" };
const MEMBERS_LEFT: GraphError = GraphError::MorePages { link: "members@odata.nextLink" };

impl GraphReader {
    /// A reader for a file with these options.
    pub fn new(options: &SourceOptions) -> Self {
        Self { group: options.group.clone(), source: options.group_source.clone() }
    }
}

impl RecordReader for GraphReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        json::each(block, batch, |batch, object: Object<'_>, line, lines| {
            Reading { reader: self, batch, lines }.top(&object, line);
        });
    }
}

/// What an error of this reader says happened, where it is more than an unreadable record.
pub(super) fn defect_of(error: &(dyn Error + 'static)) -> Option<DefectKind> {
    let error = error.downcast_ref::<GraphError>()?;
    matches!(error, GraphError::MorePages { .. }).then_some(DefectKind::Truncated)
}

/// Whether the beginning of a file has the look of Microsoft Graph.
pub fn looks_like(head: &[u8]) -> bool {
    let json = matches!(head.trim_ascii_start().first(), Some(b'{' | b'['));
    let has = |name: &str| memchr::memmem::find(head, name.as_bytes()).is_some();
    json && (has("\"@odata.") || has("#microsoft.graph.") || has("\"userPrincipalName\""))
}

/// A page, a user, a group, or a member: whatever it has of these.
#[derive(Debug, Deserialize)]
struct Object<'a> {
    #[serde(borrow, rename = "@odata.context")]
    context: Option<Text<'a>>,
    #[serde(borrow, rename = "@odata.type")]
    kind: Option<Text<'a>>,
    #[serde(borrow, rename = "@odata.id")]
    reference: Option<Text<'a>>,
    #[serde(rename = "@odata.nextLink")]
    next_link: Option<IgnoredAny>,
    #[serde(rename = "members@odata.nextLink")]
    members_next_link: Option<IgnoredAny>,
    #[serde(borrow)]
    value: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    members: Option<Vec<&'a RawValue>>,
    #[serde(borrow, rename = "groupId")]
    group_id: Option<Text<'a>>,
    #[serde(borrow)]
    group: Option<Text<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow, rename = "displayName")]
    display_name: Option<Text<'a>>,
    #[serde(borrow)]
    mail: Option<Text<'a>>,
    #[serde(borrow, rename = "userPrincipalName")]
    login: Option<Text<'a>>,
    #[serde(rename = "accountEnabled")]
    enabled: Option<bool>,
    #[serde(rename = "securityEnabled")]
    security_enabled: Option<bool>,
    #[serde(rename = "mailEnabled")]
    mail_enabled: Option<bool>,
    #[serde(borrow, rename = "onPremisesSamAccountName")]
    sam_account_name: Option<Text<'a>>,
    #[serde(borrow, rename = "onPremisesDistinguishedName")]
    dn: Option<Text<'a>>,
    #[serde(borrow, rename = "onPremisesSecurityIdentifier")]
    sid: Option<Text<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    User,
    Group,
    /// A device, an application, a contact.
    Other,
    Unknown,
}

impl Object<'_> {
    /// What the object says it is; `among` where it says nothing itself.
    fn kind(&self, among: Kind) -> Kind {
        match self.kind.as_ref().map(|kind| kind.trim_start_matches('#')) {
            Some("microsoft.graph.user") => Kind::User,
            Some("microsoft.graph.group") => Kind::Group,
            Some(_) => Kind::Other,
            None if self.login.is_some() || self.enabled.is_some() => Kind::User,
            None if self.security_enabled.is_some() || self.mail_enabled.is_some() => Kind::Group,
            None if self.members.is_some() => Kind::Group,
            None => among,
        }
    }

    /// The last part of the address of a reference, `…/directoryObjects/{id}`.
    fn id(&self) -> Option<&str> {
        let of_reference = || {
            let parts = self.reference.as_ref()?.rsplit('/');
            parts.into_iter().find(|part| !part.starts_with("Microsoft.") && !part.is_empty())
        };
        self.id.as_deref().or_else(of_reference).filter(|id| !id.is_empty())
    }
}

struct Reading<'s, 'k, 'a> {
    reader: &'s GraphReader,
    batch: &'s mut Batch<'k>,
    lines: Lines<'a>,
}

impl Reading<'_, '_, '_> {
    fn top(&mut self, object: &Object<'_>, line: u32) {
        if object.next_link.is_some() {
            self.batch.problem(line, Loss::File, PAGES_LEFT);
        }
        let context = Context::parse(object.context.as_deref().unwrap_or_default());
        let beside = object.group_id.as_deref().or(object.group.as_deref());
        let group = beside.or(context.group).or(self.reader.group.as_deref());
        match (&object.value, &object.members) {
            (Some(page), _) => {
                if group.is_none() && context.members {
                    return self.batch.problem(line, Loss::File, GraphError::NoGroup);
                }
                let group = group.map(|group| group_key(group, self.batch));
                self.page(page, group, context.of);
            }
            (None, Some(members)) if beside.is_some() || object.id().is_none() => match group {
                Some(group) => {
                    if object.members_next_link.is_some() {
                        self.batch.problem(line, Loss::File, MEMBERS_LEFT);
                    }
                    let group = group_key(group, self.batch);
                    self.members(members, group);
                }
                None => self.batch.problem(line, Loss::Record, GraphError::NoGroup),
            },
            (None, Some(_)) => self.one(object, None, Kind::Group, line),
            (None, None) => {
                let group = group.map(|group| group_key(group, self.batch));
                self.one(object, group, Kind::Unknown, line);
            }
        }
    }

    fn page(&mut self, items: &[&RawValue], group: Option<KeyRef>, among: Kind) {
        for item in items {
            if let Some((object, line)) = self.parse(item) {
                self.one(&object, group, among, line);
            }
        }
    }

    fn one(&mut self, object: &Object<'_>, group: Option<KeyRef>, among: Kind, line: u32) {
        if object.members_next_link.is_some() {
            self.batch.problem(line, Loss::File, MEMBERS_LEFT);
        }
        let Some(key) = self.record(object, line, among) else { return };
        if let Some(group) = group {
            self.batch.member(group, key, line);
        }
        self.members(object.members.as_deref().unwrap_or_default(), key);
    }

    /// The members of one group; Graph expands no members of members.
    fn members(&mut self, items: &[&RawValue], group: KeyRef) {
        for item in items {
            if let Some((object, line)) = self.parse(item)
                && let Some(member) = self.record(&object, line, Kind::Unknown)
            {
                self.batch.member(group, member, line);
            }
        }
    }

    fn parse<'o>(&mut self, item: &'o RawValue) -> Option<(Object<'o>, u32)> {
        let text = item.get();
        let line = self.lines.of(text.as_bytes());
        match serde_json::from_str(text) {
            Ok(object) => Some((object, line)),
            Err(error) => {
                let error = ElementError::new(&error, line);
                self.batch.problem(error.line, Loss::Record, error);
                None
            }
        }
    }

    /// Records a user or group; the key of whatever it is.
    fn record(&mut self, object: &Object<'_>, line: u32, among: Kind) -> Option<KeyRef> {
        let Some(id) = object.id() else {
            self.batch.problem(line, Loss::Record, GraphError::NoId);
            return None;
        };
        let key = self.batch.key(KeySpace::GraphId, id.as_bytes());
        match object.kind(among) {
            Kind::User => self.user(object, key, line),
            Kind::Group => self.group(object, key, line),
            Kind::Other | Kind::Unknown => {}
        }
        Some(key)
    }

    fn user(&mut self, object: &Object<'_>, key: KeyRef, line: u32) {
        let status = match object.enabled {
            Some(true) => Status::Active,
            Some(false) => Status::Disabled,
            None => Status::Unknown,
        };
        self.batch.user(key, status, line);
        let attributes = [
            (Attribute::Login, &object.login),
            (Attribute::Mail, &object.mail),
            (Attribute::CommonName, &object.display_name),
            (Attribute::SamAccountName, &object.sam_account_name),
            (Attribute::Dn, &object.dn),
            (Attribute::Sid, &object.sid),
        ];
        for (attribute, text) in attributes {
            if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                self.batch.user_attribute(attribute, text.as_bytes());
            }
        }
    }

    fn group(&mut self, object: &Object<'_>, key: KeyRef, line: u32) {
        let Some(name) = object.display_name.as_deref() else { return };
        let facts = GroupFacts { source: self.reader.source.clone(), ..GroupFacts::default() };
        self.batch.group(key, name, facts, line);
        let attributes = [
            (Attribute::Mail, &object.mail),
            (Attribute::SamAccountName, &object.sam_account_name),
            (Attribute::Dn, &object.dn),
            (Attribute::Sid, &object.sid),
        ];
        for (attribute, text) in attributes {
            if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                self.batch.group_attribute(attribute, text.as_bytes());
            }
        }
    }
}

/// What `@odata.context` says about a page.
struct Context<'a> {
    /// Kind of its objects.
    of: Kind,
    /// The page is a list of members.
    members: bool,
    /// Of this group.
    group: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// Reads `…/$metadata#groups('id')/members` and the like.
    fn parse(text: &'a str) -> Self {
        let set = text.rsplit_once('#').map_or(text, |(_, set)| set);
        let in_group = set.strip_prefix("groups('").and_then(|rest| rest.split_once("')/"));
        let (group, members) = match in_group {
            Some((group, what)) => (Some(group), what.to_ascii_lowercase().contains("member")),
            None => (None, set.starts_with("directoryObjects")),
        };
        let of = match set.split(['(', '/']).next() {
            Some("users") => Kind::User,
            Some("groups") if group.is_none() => Kind::Group,
            _ => Kind::Unknown,
        };
        Self { of, members, group: group.filter(|_| members) }
    }
}

/// A group is named by its id, or by the name people know.
fn group_key(group: &str, batch: &mut Batch<'_>) -> KeyRef {
    let space = if is_guid(group) { KeySpace::GraphId } else { KeySpace::GroupName };
    batch.key(space, group.as_bytes())
}

fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}
