//! The app list: which app an instance id is of, to name where groups come from.

use super::settings::AwsSetting;
use crate::sources::json::object::{Member, members};

/// One app instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppName {
    /// Okta's id of the instance (`0oa…`), what `source.id` of a group names.
    pub id: String,
    /// App key (`active_directory`, `amazon_aws`, …), what the App Filter names.
    pub name: String,
    /// Label shown to users.
    pub label: Option<String>,
}

impl AppName {
    /// From the members of an app object.
    pub(super) fn from_members(found: &[Member<'_>]) -> Option<Self> {
        let text = |key: &str| text_of(found, key);
        Some(Self { id: text("id")?, name: text("name")?, label: text("label") })
    }
}

/// The string under a key; `None` where there is none or something else.
pub(super) fn text_of(found: &[Member<'_>], key: &str) -> Option<String> {
    let member = found.iter().rev().find(|member| member.key == key)?;
    serde_json::from_slice(member.value).ok()
}

/// Whether an object has AWS settings at its top: a bare `settings.app`.
pub(super) fn is_bare_settings(found: &[Member<'_>]) -> bool {
    found.iter().any(|member| AwsSetting::parse(&member.key).is_some_and(AwsSetting::is_telling))
}

/// Offset of the object under a key of the object at `at`.
pub(super) fn child(text: &[u8], at: usize, key: &str) -> Option<usize> {
    members(text, at).iter().rev().find(|member| member.key == key).map(|member| member.value_at)
}
