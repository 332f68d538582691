//! `settings.app` of the AWS app: every setting with its line, its type checked, secrets left behind.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

use crate::model::app::OktaApp;
use crate::model::declared::has_hole;
use crate::sources::batch::{Loss, Problem};
use crate::sources::json::Lines;
use crate::sources::json::object::{Member, members};
use crate::text::{Place, Shown, Sourced};

/// The settings read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AwsSetting {
    AppFilter,
    GroupFilter,
    RoleValuePattern,
    UseGroupMapping,
    JoinAllRoles,
    IdentityProviderArn,
    SessionDuration,
    EnvironmentType,
    OverrideAcsUrl,
    LoginUrl,
    Secret,
}

impl AwsSetting {
    pub(super) fn parse(key: &str) -> Option<Self> {
        Some(match key {
            "appFilter" => Self::AppFilter,
            "groupFilter" => Self::GroupFilter,
            "roleValuePattern" => Self::RoleValuePattern,
            "useGroupMapping" => Self::UseGroupMapping,
            "joinAllRoles" => Self::JoinAllRoles,
            "identityProviderArn" => Self::IdentityProviderArn,
            "sessionDuration" => Self::SessionDuration,
            "awsEnvironmentType" => Self::EnvironmentType,
            "overrideAcsURL" => Self::OverrideAcsUrl,
            "loginURL" => Self::LoginUrl,
            "accessKey" | "secretKey" | "secretKeyEnc" => Self::Secret,
            _ => return None,
        })
    }

    /// Whether the setting shows that an object is the AWS app's: other apps have login URLs too.
    pub(super) fn is_telling(self) -> bool {
        matches!(
            self,
            Self::GroupFilter
                | Self::RoleValuePattern
                | Self::UseGroupMapping
                | Self::EnvironmentType
        ) || matches!(self, Self::JoinAllRoles | Self::IdentityProviderArn | Self::AppFilter)
    }
}

/// What is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Another type than the setting has.
    #[error("`{key}` is {found}, expected {expected}")]
    Type {
        /// The setting.
        key: String,
        /// What stands there.
        found: Found,
        /// What should.
        expected: &'static str,
    },
    /// The same key twice in one object.
    #[error("`{0}` stands twice in one object, the last one counts")]
    Twice(String),
}

/// What stands where a setting of another type was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found(String);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Found {
    fn new(value: &Value) -> Self {
        Self(match value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => format!("`{value}`"),
            Value::Number(value) => format!("the number `{value}`"),
            Value::String(value) => {
                let start: String = value.chars().take(60).collect();
                format!("the string `{}`", Shown(&start))
            }
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        })
    }
}

/// Reads the settings object at `at` of `text` into `app`.
pub(super) fn read(
    text: &[u8],
    at: usize,
    mut lines: SettingLines<'_>,
    app: &mut OktaApp,
    problems: &mut Vec<Problem>,
) {
    let found = members(text, at);
    let mut seen = HashSet::new();
    let mut reader = Reader { app, problems };
    for member in &found {
        let line = lines.at(member.at);
        if !seen.insert(&*member.key) {
            reader.report(line, Loss::Nothing, SettingError::Twice(member.key.to_string()));
        }
        if let Some(setting) = AwsSetting::parse(&member.key) {
            reader.setting(setting, member, line);
        }
    }
}

/// Lines of offsets, or one line for all of them: a text inside a string has none of its own, unless
/// whoever took it from there tells them.
#[derive(Debug, Clone, Copy)]
pub(super) enum SettingLines<'a> {
    Own(Lines<'a>),
    Outer(u32),
    /// Where the text from an offset on stands, offsets rising; the number where none is before.
    Told(&'a [(usize, Place)], Place),
}

impl SettingLines<'_> {
    pub(super) fn at(&mut self, offset: usize) -> u32 {
        match self {
            Self::Own(lines) => lines.at(offset),
            Self::Outer(line) => *line,
            Self::Told(lines, place) => place_at(lines, offset).unwrap_or(*place).0,
        }
    }
}

/// Where a text stands at an offset.
fn place_at(lines: &[(usize, Place)], offset: usize) -> Option<Place> {
    let before = lines.partition_point(|&(start, _)| start <= offset);
    lines.get(before.checked_sub(1)?).map(|&(_, place)| place)
}

struct Reader<'r> {
    app: &'r mut OktaApp,
    problems: &'r mut Vec<Problem>,
}

impl Reader<'_> {
    fn setting(&mut self, setting: AwsSetting, member: &Member<'_>, line: u32) {
        if setting == AwsSetting::Secret {
            // A key that only deployment knows stands elsewhere.
            let open = std::str::from_utf8(member.value).is_ok_and(has_hole);
            if !open && !matches!(member.value, b"null" | b"\"\"") {
                self.app.secret = self.app.secret.or(Some(Place(line)));
            }
            return;
        }
        match setting {
            AwsSetting::AppFilter => self.app.app_filter = self.text(member, line),
            AwsSetting::GroupFilter => self.app.group_filter = self.text(member, line),
            AwsSetting::RoleValuePattern => self.app.role_value_pattern = self.text(member, line),
            AwsSetting::UseGroupMapping => self.app.use_group_mapping = self.boolean(member, line),
            AwsSetting::JoinAllRoles => self.app.join_all_roles = self.boolean(member, line),
            AwsSetting::IdentityProviderArn => {
                self.app.identity_provider_arn = self.text(member, line);
            }
            AwsSetting::SessionDuration => self.app.session_duration = self.seconds(member, line),
            AwsSetting::EnvironmentType => self.app.environment_type = self.text(member, line),
            AwsSetting::OverrideAcsUrl => self.app.override_acs_url = self.text(member, line),
            AwsSetting::LoginUrl => self.app.login_url = self.text(member, line),
            AwsSetting::Secret => {}
        }
    }

    fn text(&mut self, member: &Member<'_>, line: u32) -> Option<Sourced<String>> {
        self.value(member, line, "a string", |value| value.as_str().map(str::to_owned))
    }

    fn boolean(&mut self, member: &Member<'_>, line: u32) -> Option<Sourced<bool>> {
        self.value(member, line, "true or false", Value::as_bool)
    }

    fn seconds(&mut self, member: &Member<'_>, line: u32) -> Option<Sourced<i64>> {
        self.value(member, line, "a whole number of seconds", |value| {
            value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
        })
    }

    /// The value of a member, where it is of the type that `take` takes; null is no value.
    fn value<T>(
        &mut self,
        member: &Member<'_>,
        line: u32,
        expected: &'static str,
        take: impl Fn(&Value) -> Option<T>,
    ) -> Option<Sourced<T>> {
        let mut parser = serde_json::Deserializer::from_slice(member.value);
        let value = Value::deserialize(&mut parser).unwrap_or(Value::Null);
        if value.is_null() {
            return None;
        }
        if let Some(taken) = take(&value) {
            return Some(Sourced::new(taken, Place(line)));
        }
        let (key, found) = (member.key.to_string(), Found::new(&value));
        self.report(line, Loss::Record, SettingError::Type { key, found, expected });
        None
    }

    fn report(&mut self, line: u32, loss: Loss, error: SettingError) {
        self.problems.push(Problem { line, loss, error: error.into() });
    }
}
