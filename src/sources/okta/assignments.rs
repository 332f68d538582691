//! Who has the AWS app: `/api/v1/apps/{id}/groups` and `/api/v1/apps/{id}/users`.

use serde::Deserialize;
use serde::de::Deserializer;

use super::OktaError;
use crate::sources::batch::{Assignment, Attribute, Batch, Loss, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::json::{self, Text};
use crate::sources::keys::KeySpace;

/// Reads the groups assigned to the app.
#[derive(Debug, Clone, Copy, Default)]
pub struct AppGroupsReader;

/// Reads the users that have the app, by themselves or through a group.
#[derive(Debug, Clone, Copy, Default)]
pub struct AppUsersReader;

#[derive(Debug, Deserialize)]
struct AppGroup<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    profile: Option<Profile<'a>>,
}

#[derive(Debug, Deserialize)]
struct AppUser<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    scope: Option<Text<'a>>,
    #[serde(borrow)]
    credentials: Option<Credentials<'a>>,
    #[serde(borrow)]
    profile: Option<Profile<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credentials<'a> {
    #[serde(borrow)]
    user_name: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile<'a> {
    #[serde(borrow, default, deserialize_with = "one_or_many")]
    saml_roles: Vec<Text<'a>>,
    #[serde(borrow)]
    role: Option<Text<'a>>,
}

/// A list of strings, one string, or null.
fn one_or_many<'de: 'a, 'a, D: Deserializer<'de>>(parser: D) -> Result<Vec<Text<'a>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a string or a list of strings")]
    enum Roles<'a> {
        Many(#[serde(borrow)] Vec<Text<'a>>),
        One(#[serde(borrow)] Text<'a>),
        Null(()),
    }
    Ok(match Roles::deserialize(parser)? {
        Roles::Many(many) => many,
        Roles::One(one) => vec![one],
        Roles::Null(()) => Vec::new(),
    })
}

impl RecordReader for AppGroupsReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        json::each::<AppGroup<'_>>(block, batch, |batch, group, line, _| {
            if group.id.is_empty() {
                let error = OktaError::Missing { record: "group assignment", field: "`id`" };
                batch.problem(line, Loss::Record, error);
                return;
            }
            let key = batch.key(KeySpace::OktaId, group.id.as_bytes());
            batch.assignment(Assignment::Group(key), line);
            roles(batch, group.profile);
        });
    }
}

impl RecordReader for AppUsersReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        json::each::<AppUser<'_>>(block, batch, |batch, user, line, _| {
            if user.id.is_empty() {
                let error = OktaError::Missing { record: "user assignment", field: "`id`" };
                batch.problem(line, Loss::Record, error);
                return;
            }
            let direct = match user.scope.as_deref() {
                Some("USER") => true,
                Some("GROUP") => false,
                other => {
                    let scope = other.unwrap_or("absent").to_owned();
                    batch.problem(line, Loss::Nothing, OktaError::Scope(scope));
                    false
                }
            };
            let key = batch.key(KeySpace::OktaId, user.id.as_bytes());
            batch.assignment(Assignment::User { key, direct }, line);
            if let Some(name) = user.credentials.and_then(|credentials| credentials.user_name) {
                batch.assignment_attribute(Attribute::Login, name.as_bytes());
            }
            roles(batch, user.profile);
        });
    }
}

fn roles(batch: &mut Batch<'_>, profile: Option<Profile<'_>>) {
    let profile = profile.unwrap_or_default();
    let listed = profile.saml_roles.iter();
    // The single-role form counts once where the list names it too.
    let single = profile.role.iter().filter(|role| !profile.saml_roles.contains(role));
    for role in listed.chain(single).filter(|role| !role.is_empty()) {
        batch.assignment_attribute(Attribute::SamlRole, role.as_bytes());
    }
}
