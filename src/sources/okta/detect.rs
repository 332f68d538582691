//! Which of Okta's formats a file is in.

use super::csv;
use super::members::is_group_id;
use super::settings::AwsSetting;
use crate::sources::input::Format;
use crate::sources::json::object::outline;

/// Keys below the settings of an app.
const DEPTH: usize = 3;

/// The Okta format that the beginning of a file is in. The name only tells a list of a group's users
/// from a list of users, which look alike.
pub fn looks_like(head: &[u8], name: &str) -> Option<Format> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return csv::format_of(head);
    }
    let outline = outline(text, DEPTH);
    let has = |path: &str| outline.iter().any(|(known, _)| known == path);
    let starts = |path: &str, with: &str| {
        outline.iter().any(|(known, value)| known == path && value.starts_with(with.as_bytes()))
    };
    if has("groupId") && (has("users") || has("groups")) {
        return Some(Format::OktaMembers);
    }
    if has_settings(&outline) || has("app_settings_json") || starts("name", "\"amazon_aws\"") {
        return Some(Format::OktaApp);
    }
    if !has("id") {
        return None;
    }
    if has("name")
        && has("label")
        && (has("signOnMode") || has("settings") || starts("id", "\"0oa"))
    {
        return Some(Format::OktaApps);
    }
    if starts("scope", "\"USER\"") || starts("scope", "\"GROUP\"") {
        return Some(Format::OktaAppUsers);
    }
    if has("profile.login") {
        let of_group = group_in_name(name).is_some();
        return Some(if of_group { Format::OktaMembers } else { Format::OktaUsers });
    }
    let typed =
        ["\"OKTA_GROUP\"", "\"APP_GROUP\"", "\"BUILT_IN\""].iter().any(|t| starts("type", t));
    if has("profile.name") && (typed || has("objectClass")) {
        return Some(Format::OktaGroups);
    }
    (has("priority") && starts("id", "\"00g")).then_some(Format::OktaAppGroups)
}

/// Whether an AWS setting stands at the top or under `settings.app`.
fn has_settings(outline: &[(String, &[u8])]) -> bool {
    outline.iter().any(|(path, _)| {
        let key = path.strip_prefix("settings.app.").unwrap_or(path);
        let key = key.strip_prefix("app.").unwrap_or(key);
        AwsSetting::parse(key).is_some_and(AwsSetting::is_telling)
    })
}

/// The group id in a file name such as `00g….users.json`, `group-00g…-users.json` or
/// `groups/00g…/users.json`: the last piece between other characters that has the form of one.
pub fn group_in_name(name: &str) -> Option<&str> {
    name.rsplit(|c: char| !c.is_ascii_alphanumeric()).find(|piece| is_group_id(piece))
}
