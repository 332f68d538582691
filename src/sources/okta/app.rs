//! The AWS app from the API's envelope, a bare `settings.app`, a list of apps, or Terraform's
//! `app_settings_json`; other apps give their names.

use serde::de::IgnoredAny;

use super::apps::{AppName, child, is_bare_settings, text_of};
use super::settings::{self, SettingLines};
use crate::model::app::{AttributeStatement, OktaApp};
use crate::sources::batch::{Loss, Problem};
use crate::sources::json::object::{Member, members};
use crate::sources::json::{ElementError, Lines};
use crate::text::{Place, Sourced};

/// What a file says about apps. Places are lines of the file; [`AppPart::place`] makes them places of
/// the run.
#[derive(Debug, Default)]
pub struct AppPart {
    /// Every AWS app in the file.
    pub apps: Vec<OktaApp>,
    /// Ids and keys of all apps in the file.
    pub names: Vec<AppName>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Why a file gives no AWS app.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppError {
    /// Not JSON; the message never repeats the file's text, which may hold keys.
    #[error("{0}")]
    Json(ElementError),
    /// Something else than an app, a list of apps or settings.
    #[error(
        "found {0}, expected an Okta app, a list of apps, its `settings.app`, or `app_settings_json`"
    )]
    NotAnApp(&'static str),
    /// An app of another kind, alone in its file.
    #[error("the app is `{0}`, expected `amazon_aws`")]
    OtherApp(String),
    /// The AWS app without settings.
    #[error(
        "the app has no `settings.app`, expected its Group Filter and Role Value Pattern there"
    )]
    NoSettings,
    /// Settings that are neither an object nor JSON text.
    #[error("`{0}` is neither an object nor a string of JSON, expected the app's settings")]
    NotSettings(String),
    /// Attribute statements that are no list, or have no name.
    #[error("`attributeStatements` is not a list of objects with `name` and `values`")]
    NotStatements,
}

/// Key of the AWS app in Okta's catalogue.
const AWS: &str = "amazon_aws";

/// Lists within lists that are followed.
const LIST_DEPTH: usize = 8;

/// Reads a whole file of apps or settings.
pub fn read_app(text: &[u8]) -> AppPart {
    let mut part = AppPart::default();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut at = 0;
    let mut lines = Lines::new(text, 1);
    let mut objects = 0;
    while let Some(start) = next_value(text, at) {
        let rest = text.get(start..).unwrap_or_default();
        let mut parsed = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        if let Some(Err(error)) = parsed.next() {
            let error = ElementError::new(&error, lines.at(start));
            part.report(error.line, Loss::File, AppError::Json(error.clone()));
            return part;
        }
        at = start + parsed.byte_offset().max(1);
        objects += part.value(text, start, &mut lines, LIST_DEPTH);
    }
    if objects == 0 && part.problems.is_empty() {
        part.report(0, Loss::File, AppError::NotAnApp("no object"));
    }
    // A list only names the sources of groups; an app alone in its file was meant to be the AWS app.
    let alone = objects == 1 && !text.trim_ascii_start().starts_with(b"[");
    if part.apps.is_empty() && alone && part.problems.is_empty() {
        let name = part.names.first().map_or_else(|| "(unnamed)".to_owned(), |n| n.name.clone());
        part.report(1, Loss::File, AppError::OtherApp(name));
    }
    part
}

fn next_value(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    rest.iter().position(|b| !b.is_ascii_whitespace() && *b != b',').map(|found| at + found)
}

impl AppPart {
    /// Turns the lines of this file into places of the run.
    pub fn place(&mut self, place: impl Fn(u32) -> Place) {
        for app in &mut self.apps {
            app.map_places(|local| place(local.0));
        }
    }

    /// Reads one value: an app, settings, or a list of them; how many objects it held.
    fn value(&mut self, text: &[u8], at: usize, lines: &mut Lines<'_>, depth: usize) -> usize {
        match text.get(at) {
            Some(b'{') => {
                self.object(text, at, lines);
                1
            }
            Some(b'[') if depth > 0 => {
                let mut objects = 0;
                for item in list_items(text, at) {
                    objects += self.value(text, item, lines, depth - 1);
                }
                objects
            }
            _ => {
                self.report(
                    lines.at(at),
                    Loss::File,
                    AppError::NotAnApp("a value of another kind"),
                );
                0
            }
        }
    }

    fn object(&mut self, text: &[u8], at: usize, lines: &mut Lines<'_>) {
        let found = members(text, at);
        let line = lines.at(at);
        let named = AppName::from_members(&found);
        let name = text_of(&found, "name");
        self.names.extend(named);
        let settings = found
            .iter()
            .rev()
            .find(|m| matches!(&*m.key, "settings" | "app_settings_json" | "app"));
        let is_aws = name.as_deref() == Some(AWS);
        if name.is_some() && !is_aws && !has_aws_settings(text, settings) {
            return;
        }
        let mut app = OktaApp {
            id: text_of(&found, "id"),
            label: text_of(&found, "label"),
            status: text_of(&found, "status"),
            sign_on_mode: text_of(&found, "signOnMode"),
            place: Place(line),
            ..OktaApp::default()
        };
        if is_bare_settings(&found) {
            settings::read(text, at, SettingLines::Own(*lines), &mut app, &mut self.problems);
        } else if let Some(member) = settings {
            self.settings(text, member, lines, &mut app);
        } else if is_aws {
            self.report(line, Loss::Record, AppError::NoSettings);
        } else {
            self.report(line, Loss::Record, AppError::NotAnApp("an object of another kind"));
            return;
        }
        self.apps.push(app);
    }

    /// Settings under a key: `settings` around `app`, the settings themselves, or JSON text of them.
    fn settings(
        &mut self,
        text: &[u8],
        member: &Member<'_>,
        lines: &mut Lines<'_>,
        app: &mut OktaApp,
    ) {
        let line = lines.at(member.at);
        match member.value.first() {
            Some(b'{') => {
                let inner = (member.key == "settings").then(|| child(text, member.value_at, "app"));
                let at = match inner {
                    Some(Some(inner)) => inner,
                    Some(None) if !is_bare_settings(&members(text, member.value_at)) => {
                        self.report(line, Loss::Record, AppError::NoSettings);
                        return;
                    }
                    _ => member.value_at,
                };
                app.place = Place(lines.at(at));
                if member.key == "settings" {
                    self.statements(text, member.value_at, *lines, app);
                }
                let lines = SettingLines::Own(*lines);
                settings::read(text, at, lines, app, &mut self.problems);
            }
            Some(b'"') => {
                app.place = Place(line);
                let inner: String = serde_json::from_slice(member.value).unwrap_or_default();
                let inner = inner.trim();
                if !inner.starts_with('{') || serde_json::from_str::<IgnoredAny>(inner).is_err() {
                    let key = member.key.to_string();
                    self.report(line, Loss::Record, AppError::NotSettings(key));
                    return;
                }
                let lines = SettingLines::Outer(line);
                settings::read(inner.as_bytes(), 0, lines, app, &mut self.problems);
            }
            _ => {
                let key = member.key.to_string();
                self.report(line, Loss::Record, AppError::NotSettings(key));
            }
        }
    }

    /// `signOn.attributeStatements` of the settings at `at`.
    fn statements(&mut self, text: &[u8], at: usize, mut lines: Lines<'_>, app: &mut OktaApp) {
        let sign_on = child(text, at, "signOn");
        let Some(list) = sign_on.and_then(|at| child(text, at, "attributeStatements")) else {
            return;
        };
        if text.get(list) == Some(&b'n') {
            return;
        }
        let statement = |at: usize| {
            let found = members(text, at);
            let values = found.iter().rev().find(|member| member.key == "values");
            let values = values.map_or(Some(Vec::new()), |m| serde_json::from_slice(m.value).ok());
            let statement = AttributeStatement { name: text_of(&found, "name")?, values: values? };
            Some(Sourced::new(statement, Place(lines.at(at))))
        };
        let is_list = text.get(list) == Some(&b'[');
        let items = if is_list { list_items(text, list) } else { Vec::new() };
        app.attribute_statements = items.into_iter().map(statement).collect();
        if !is_list || app.attribute_statements.is_none() {
            app.attribute_statements = None;
            self.report(lines.at(list), Loss::Record, AppError::NotStatements);
        }
    }

    fn report(&mut self, line: u32, loss: Loss, error: AppError) {
        self.problems.push(Problem { line, loss, error: error.into() });
    }
}

/// Whether `settings.app` holds settings of the AWS app, whatever the app is called.
fn has_aws_settings(text: &[u8], settings: Option<&Member<'_>>) -> bool {
    settings
        .filter(|member| member.value.starts_with(b"{"))
        .and_then(|member| child(text, member.value_at, "app"))
        .is_some_and(|at| is_bare_settings(&members(text, at)))
}

/// Offsets of the values of the list at `at`.
fn list_items(text: &[u8], at: usize) -> Vec<usize> {
    let mut items = Vec::new();
    let mut at = at + 1;
    while let Some(start) = next_value(text, at).filter(|&s| text.get(s) != Some(&b']')) {
        items.push(start);
        match crate::sources::json::object::end_of(text, start) {
            Some(end) if end > start => at = end,
            _ => break,
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sign_on: &str) -> AppPart {
        let text = format!(
            "{{\"name\": \"amazon_aws\",\n\"settings\": {{\"app\": {{\"groupFilter\": \"x\"}},\n\"signOn\": {sign_on}}}}}"
        );
        read_app(text.as_bytes())
    }

    #[test]
    fn attribute_statements_have_names_values_and_lines() {
        let part = read(
            r#"{"attributeStatements": [
                {"type": "EXPRESSION", "name": "a", "values": ["user.login", "x"]},
                {"type": "GROUP", "name": "b"}]}"#,
        );
        let found = part.apps.first().unwrap().attribute_statements.clone().unwrap();
        let [first, second] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((first.value.name.as_str(), first.place), ("a", Place(4)));
        assert_eq!(first.value.values, ["user.login", "x"]);
        assert_eq!((second.value.name.as_str(), second.value.values.len()), ("b", 0));
    }

    #[test]
    fn statements_that_are_not_exported_are_unknown_and_broken_ones_are_reported() {
        let known = |sign_on: &str| {
            let part = read(sign_on);
            let statements = part.apps.first().unwrap().attribute_statements.clone();
            (statements.map(|list| list.len()), part.problems.len())
        };
        assert_eq!(known("{}"), (None, 0));
        assert_eq!(known("null"), (None, 0));
        assert_eq!(known(r#"{"attributeStatements": null}"#), (None, 0));
        assert_eq!(known(r#"{"attributeStatements": []}"#), (Some(0), 0));
        assert_eq!(known(r#"{"attributeStatements": {}}"#), (None, 1));
        assert_eq!(known(r#"{"attributeStatements": [{"values": []}]}"#), (None, 1));
        assert_eq!(known(r#"{"attributeStatements": [{"name": "a", "values": "x"}]}"#), (None, 1));
    }
}
