//! Users as `/api/v1/users` and `/api/v1/groups/{id}/users` list them.

use std::marker::PhantomData;

use serde::Deserialize;

use super::{OktaError, status_or_report};
use crate::sources::batch::{Attribute, Batch, KeyRef, Loss, RecordReader};
use crate::sources::blocks::Block;
use crate::sources::json::{Elements, Next, Plain, Text, borrowed, once};
use crate::sources::keys::KeySpace;
use crate::sources::limits::Limits;

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
        let limits = batch.limits();
        let mut elements = Elements::new(block).with_limits(limits);
        while let Some(next) = elements.next() {
            let line = match next {
                Next::Element { line } => line,
                Next::Junk(error) => {
                    batch.problem(error.line, error.loss, error);
                    continue;
                }
                Next::Member { .. } => continue,
            };
            let (bytes, at) = elements.raw();
            let read = match usual(bytes, at, limits) {
                Some((user, end)) => {
                    elements.pass(end);
                    Ok(user)
                }
                None => elements.parse(PhantomData::<User<'_>>),
            };
            match read {
                Ok(user) => {
                    let profile = user.profile.unwrap_or_default();
                    record(batch, &user.id, user.status.as_deref(), &profile, line);
                }
                Err(error) => batch.problem(error.line, error.loss, error),
            }
        }
    }
}

/// Reads the user at `at` where all its text is in the usual form, and says where it ends.
fn usual(bytes: &[u8], at: usize, limits: Limits) -> Option<(User<'_>, usize)> {
    let mut text = Plain::new(bytes, at, limits.value);
    let inner = limits.json_depth.checked_sub(1)?;
    let (mut id, mut status, mut profile) = (None, None, None);
    text.object(limits.json_depth, |text, key| match key {
        b"id" => once(&mut id, text.string()?),
        b"status" => once(&mut status, text.string_or_null()?),
        b"profile" => once(&mut profile, usual_profile(text, inner)?),
        _ => text.skip(inner),
    })?;
    if text.at() - at > limits.record {
        return None;
    }
    let status = status.flatten().and_then(borrowed);
    Some((User { id: borrowed(id?)?, status, profile }, text.at()))
}

fn usual_profile<'a>(text: &mut Plain<'a>, levels: usize) -> Option<Profile<'a>> {
    let inner = levels.checked_sub(1)?;
    let (mut login, mut email) = (None, None);
    text.object(levels, |text, key| match key {
        b"login" => once(&mut login, text.string_or_null()?),
        b"email" => once(&mut email, text.string_or_null()?),
        _ => text.skip(inner),
    })?;
    let text = |value: Option<Option<&'a [u8]>>| value.flatten().and_then(borrowed);
    Some(Profile { login: text(login), email: text(email) })
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
