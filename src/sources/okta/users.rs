//! Users as `/api/v1/users` and `/api/v1/groups/{id}/users` list them.

use serde::Deserialize;

use super::{OktaError, status_or_report};
use crate::sources::batch::{Attribute, Batch, KeyRef, Loss, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::json::{self, Text};
use crate::sources::keys::KeySpace;

/// Reads Okta users.
#[derive(Debug, Clone, Copy, Default)]
pub struct UsersReader;

/// A user object; what rolecall does not need is passed over.
#[derive(Debug, Deserialize)]
pub(super) struct User<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) status: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) profile: Option<Profile<'a>>,
}

/// A user's profile; `login` is what AWS sees unless the app says otherwise.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Profile<'a> {
    #[serde(borrow)]
    pub(super) login: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) email: Option<Text<'a>>,
}

impl RecordReader for UsersReader {
    fn read(&self, block: &Block, batch: &mut Batch<'_>) {
        json::each::<User<'_>>(block, batch, |batch, user, line, _| {
            let profile = user.profile.unwrap_or_default();
            record(batch, &user.id, user.status.as_deref(), &profile, line);
        });
    }
}

/// Puts a user record into the batch; `None` for a user without an id.
pub(super) fn record(
    batch: &mut Batch<'_>,
    id: &str,
    status: Option<&str>,
    profile: &Profile<'_>,
    line: u32,
) -> Option<KeyRef> {
    if id.is_empty() {
        batch.problem(line, Loss::Record, OktaError::Missing { record: "user", field: "`id`" });
        return None;
    }
    let key = batch.key(KeySpace::OktaId, id.as_bytes());
    let status = status_or_report(batch, status, line);
    batch.user(key, status, line);
    for (attribute, text) in [(Attribute::Login, &profile.login), (Attribute::Mail, &profile.email)]
    {
        if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
            batch.user_attribute(attribute, text.as_bytes());
        }
    }
    Some(key)
}
