//! Files of expectations: `[[expect]]` and `[[forbid]]`.

mod edit;
mod write;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::toml_reader::{Toml, in_order, list};
use crate::entitlement::near::nearest;
use crate::entitlement::stage::Stage;
use crate::expect::{
    Assertion, Expectation, Key, Kind, RefusedRole, RoleChoice, Said, Select, Selector, Wants,
};
use crate::text::{Place, Shown};

pub use edit::{CannotEdit, edited};
pub use write::blocks;

const OF_USERS: [&str; 5] = ["user", "users", "group", "users_like", "everybody"];
const OF_ROLES: [&str; 4] = ["role", "roles", "roles_like", "tier"];
const WANTS_OF_USERS: [Key; 5] =
    [Key::Sees, Key::NotSees, Key::SeesExactly, Key::CanAssume, Key::Refused];
const WANTS_OF_ROLES: [Key; 5] =
    [Key::ReachedBy, Key::ReachedByExactly, Key::ReachedByAtMost, Key::NobodyOutside, Key::Count];
const FORBID_KEYS: [&str; 4] = ["name", "together", "same_account", "except"];
const REFUSED_KEYS: [&str; 3] = ["role", "stage", "text"];
const WHO_KEYS: [&str; 4] = ["user", "users_like", "group", "everybody"];
const WHO: &str =
    "a login, a pattern such as `\"*@contractor.test\"`, or a table such as `{ group = \"…\" }`";

type Value<'v> = Spanned<DeValue<'v>>;

/// Reads a file of expectations, which is the `file`th of the run; `place` gives the place of a line.
pub fn read_expectations(
    text: &str,
    file: usize,
    place: &dyn Fn(usize) -> Place,
) -> Result<Vec<Expectation>, ConfigError> {
    let toml = Toml { text };
    let table = DeTable::parse(text).map_err(|error| {
        let message = error.message().trim_end_matches('.').replace('\n', ", ");
        toml.error(error.span().unwrap_or(0..0), &Shown(&message).to_string())
    })?;
    let line_ends = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
    let reader = Reader { toml, line_ends, file, place };
    let mut found: Vec<(usize, Expectation)> = Vec::new();
    for (key, value) in in_order(table.get_ref()) {
        let name = key.get_ref().as_ref();
        if !["expect", "forbid"].contains(&name) {
            return Err(toml.unknown(name, key.span(), &["expect", "forbid"]));
        }
        let Some(array) = value.get_ref().as_array() else {
            return Err(toml.wrong_type(name, value, &format!("tables `[[{name}]]`")));
        };
        for one in array {
            let read = if name == "expect" { reader.expect(one)? } else { reader.forbid(one)? };
            found.push((one.span().start, read));
        }
    }
    found.sort_by_key(|(start, _)| *start);
    Ok(found.into_iter().map(|(_, expectation)| expectation).collect())
}

struct Reader<'r> {
    toml: Toml<'r>,
    /// Bytes at which lines end: a file may hold many expectations.
    line_ends: Vec<usize>,
    file: usize,
    place: &'r dyn Fn(usize) -> Place,
}

/// Parts of an expectation, while they are read.
#[derive(Default)]
struct Parts {
    name: Option<String>,
    who: Vec<Selector>,
    roles: Option<RoleChoice>,
    except: Vec<Selector>,
    assertions: Vec<Assertion>,
    /// Keys that say whom it is about.
    about: Vec<(String, Range<usize>)>,
}

impl Reader<'_> {
    fn place(&self, at: usize) -> Place {
        (self.place)(self.line_ends.partition_point(|end| *end < at) + 1)
    }

    fn expect(&self, value: &Value<'_>) -> Result<Expectation, ConfigError> {
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.toml.wrong_type("expect", value, "a table `[[expect]]`"));
        };
        let mut parts = Parts::default();
        for (key, value) in in_order(table) {
            self.part(&mut parts, key.get_ref().as_ref(), key.span(), value)?;
        }
        let all = WANTS_OF_USERS.iter().chain(&WANTS_OF_ROLES).map(|key| key.as_str());
        match parts.about.as_slice() {
            [_] => {}
            [] => {
                let known: Vec<&str> = OF_USERS.iter().chain(&OF_ROLES).copied().collect();
                let message = format!("an expectation of nobody, expected one of {}", list(&known));
                return Err(self.toml.error(value.span(), &message));
            }
            [(first, _), (second, span), ..] => {
                let message = format!("`{second}` beside `{first}`, expected one of them");
                return Err(self.toml.error(span.clone(), &message));
            }
        }
        let of_roles = parts.roles.is_some();
        let wanted = if of_roles { &WANTS_OF_ROLES } else { &WANTS_OF_USERS };
        if let Some(other) = parts.assertions.iter().find(|one| !wanted.contains(&one.key)) {
            let wanted: Vec<&str> = wanted.iter().map(|key| key.as_str()).collect();
            let (of, key) = (if of_roles { "roles" } else { "users" }, other.key.as_str());
            let list = list(&wanted);
            let message = format!("`{key}` says nothing about {of}, expected one of {list}");
            return Err(self.toml.error(other.span.clone(), &message));
        }
        if parts.assertions.is_empty() {
            let all: Vec<&str> = all.collect();
            let message = format!("nothing is expected, expected one of {}", list(&all));
            return Err(self.toml.error(value.span(), &message));
        }
        let kind = match parts.roles {
            Some(roles) => Kind::OfRoles { roles, assertions: parts.assertions },
            None => {
                Kind::OfUsers { who: parts.who, except: parts.except, assertions: parts.assertions }
            }
        };
        let place = self.place(value.span().start);
        Ok(Expectation { name: parts.name, place, file: self.file, kind })
    }

    fn part(
        &self,
        parts: &mut Parts,
        name: &str,
        span: Range<usize>,
        value: &Value<'_>,
    ) -> Result<(), ConfigError> {
        let toml = self.toml;
        if OF_USERS.contains(&name) || OF_ROLES.contains(&name) {
            parts.about.push((name.to_owned(), span.clone()));
        }
        match name {
            "name" => parts.name = Some(toml.string(name, value)?),
            "users" => parts.who = self.who(name, value)?,
            "user" | "users_like" | "group" | "everybody" => {
                parts.who = vec![self.selector(name, value, value.span())?];
            }
            "except" => parts.except = self.who(name, value)?,
            "role" | "roles" | "roles_like" => {
                parts.roles = Some(RoleChoice::Named(self.texts(name, value)?));
            }
            "tier" => parts.roles = Some(RoleChoice::Tier(self.said(name, value)?)),
            other => {
                let keys = WANTS_OF_USERS.iter().chain(&WANTS_OF_ROLES);
                let Some(key) = keys.copied().find(|key| key.as_str() == other) else {
                    let mut known = vec!["name", "except"];
                    known.extend(OF_USERS.iter().chain(&OF_ROLES));
                    let keys = WANTS_OF_USERS.iter().chain(&WANTS_OF_ROLES);
                    known.extend(keys.map(|key| key.as_str()));
                    return Err(toml.unknown(other, span, &known));
                };
                let (place, span) = (self.place(span.start), value.span());
                let wants = self.wants(key, value)?;
                parts.assertions.push(Assertion { key, place, span, wants });
            }
        }
        Ok(())
    }

    fn wants(&self, key: Key, value: &Value<'_>) -> Result<Wants, ConfigError> {
        let name = key.as_str();
        Ok(match key {
            Key::Sees | Key::NotSees | Key::SeesExactly | Key::CanAssume | Key::Together => {
                Wants::Roles(self.texts(name, value)?)
            }
            Key::Refused => Wants::Refused(match value.get_ref().as_array() {
                Some(array) => {
                    array.iter().map(|one| self.refused(one)).collect::<Result<_, _>>()?
                }
                None => vec![self.refused(value)?],
            }),
            Key::Count => self.count(value)?,
            Key::About
            | Key::ReachedBy
            | Key::ReachedByExactly
            | Key::ReachedByAtMost
            | Key::NobodyOutside => Wants::Users(self.who(name, value)?),
        })
    }

    fn forbid(&self, value: &Value<'_>) -> Result<Expectation, ConfigError> {
        let toml = self.toml;
        let Some(table) = value.get_ref().as_table() else {
            return Err(toml.wrong_type("forbid", value, "a table `[[forbid]]`"));
        };
        let (mut title, mut together, mut same_account, mut except) =
            (None, Vec::new(), false, Vec::new());
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            match name {
                "name" => title = Some(toml.string(name, value)?),
                "together" => together = self.texts(name, value)?,
                "same_account" => match value.get_ref().as_bool() {
                    Some(set) => same_account = set,
                    None => return Err(toml.wrong_type(name, value, "`true` or `false`")),
                },
                "except" => except = self.who(name, value)?,
                other => return Err(toml.unknown(other, key.span(), &FORBID_KEYS)),
            }
        }
        if !(2..=32).contains(&together.len()) {
            let message = "a `[[forbid]]` needs `together` with two roles or more, at most 32";
            return Err(toml.error(value.span(), message));
        }
        let place = self.place(value.span().start);
        let kind = Kind::Forbid { together, same_account, except };
        Ok(Expectation { name: title, place, file: self.file, kind })
    }

    fn said(&self, name: &str, value: &Value<'_>) -> Result<Said, ConfigError> {
        let text = self.toml.string(name, value)?;
        if text.is_empty() {
            return Err(self.toml.wrong_value(name, "", value, "a text"));
        }
        Ok(Said { text, place: self.place(value.span().start), span: value.span() })
    }

    /// A text, or a list of texts.
    fn texts(&self, name: &str, value: &Value<'_>) -> Result<Vec<Said>, ConfigError> {
        match value.get_ref() {
            DeValue::Array(array) => array.iter().map(|one| self.said(name, one)).collect(),
            DeValue::String(_) => Ok(vec![self.said(name, value)?]),
            _ => Err(self.toml.wrong_type(name, value, "a text or an array of texts")),
        }
    }

    /// Somebody, or a list of them.
    fn who(&self, name: &str, value: &Value<'_>) -> Result<Vec<Selector>, ConfigError> {
        match value.get_ref().as_array() {
            Some(array) => array.iter().map(|one| self.one_of(name, one)).collect(),
            None => Ok(vec![self.one_of(name, value)?]),
        }
    }

    fn one_of(&self, name: &str, value: &Value<'_>) -> Result<Selector, ConfigError> {
        match value.get_ref() {
            DeValue::String(_) => self.selector("user", value, value.span()),
            DeValue::Table(table) => match in_order(table).as_slice() {
                [(key, inner)] => {
                    let name = key.get_ref().as_ref();
                    if !WHO_KEYS.contains(&name) {
                        return Err(self.toml.unknown(name, key.span(), &WHO_KEYS));
                    }
                    self.selector(name, inner, value.span())
                }
                _ => Err(self
                    .toml
                    .error(value.span(), &format!("`{name}` has a table, expected {WHO}"))),
            },
            _ => Err(self.toml.wrong_type(name, value, WHO)),
        }
    }

    fn selector(
        &self,
        key: &str,
        value: &Value<'_>,
        span: Range<usize>,
    ) -> Result<Selector, ConfigError> {
        let place = self.place(span.start);
        let what = if key == "everybody" {
            if value.get_ref().as_bool() != Some(true) {
                return Err(self
                    .toml
                    .error(value.span(), "`everybody` is not `true`, expected that"));
            }
            Select::Everybody
        } else {
            let text = self.said(key, value)?.text;
            match key {
                "group" => Select::Group(text),
                "users_like" => Select::Like(text),
                _ if text.contains('*') => Select::Like(text),
                _ => Select::User(text),
            }
        };
        Ok(Selector { what, place, span })
    }

    fn refused(&self, value: &Value<'_>) -> Result<RefusedRole, ConfigError> {
        let toml = self.toml;
        let example = "a table such as `{ role = \"…\", stage = \"trust\" }`";
        if value.get_ref().as_str().is_some() {
            return Ok(RefusedRole { role: self.said("refused", value)?, stage: None, text: None });
        }
        let Some(table) = value.get_ref().as_table() else {
            return Err(toml.wrong_type("refused", value, example));
        };
        let (mut role, mut stage, mut text) = (None, None, None);
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            match name {
                "role" => role = Some(self.said(name, value)?),
                "text" => text = Some(self.said(name, value)?.text),
                "stage" => stage = Some(self.stage(value)?),
                other => return Err(toml.unknown(other, key.span(), &REFUSED_KEYS)),
            }
        }
        match role {
            Some(role) => Ok(RefusedRole { role, stage, text }),
            None => {
                Err(toml
                    .error(value.span(), &format!("`refused` without `role`, expected {example}")))
            }
        }
    }

    fn stage(&self, value: &Value<'_>) -> Result<Stage, ConfigError> {
        let text = self.toml.string("stage", value)?;
        Stage::ALL.into_iter().find(|stage| stage.as_str() == text).ok_or_else(|| {
            let names = Stage::ALL.map(Stage::as_str);
            let expected = match nearest(&text, names.into_iter(), 1).first() {
                Some(near) => format!("`{near}`"),
                None => format!("one of {}", list(&names)),
            };
            self.toml.wrong_value("stage", &text, value, &expected)
        })
    }

    fn count(&self, value: &Value<'_>) -> Result<Wants, ConfigError> {
        let toml = self.toml;
        let number = |name: &str, value: &Value<'_>| match value.get_ref() {
            DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix())
                .map_err(|_| toml.wrong_value(name, number.as_str(), value, "a number from 0 on")),
            _ => Err(toml.wrong_type(name, value, "a number, or a table `{ min = 1, max = 3 }`")),
        };
        let Some(table) = value.get_ref().as_table() else {
            let count = number("count", value)?;
            return Ok(Wants::Count { min: count, max: Some(count) });
        };
        let (mut min, mut max) = (0, None);
        for (key, value) in in_order(table) {
            let name = key.get_ref().as_ref();
            match name {
                "min" => min = number(name, value)?,
                "max" => max = Some(number(name, value)?),
                other => return Err(toml.unknown(other, key.span(), &["min", "max"])),
            }
        }
        if table.is_empty() || max.is_some_and(|max| max < min) {
            let message =
                "`count` asks for nothing or for the impossible, expected `min` up to `max`";
            return Err(toml.error(value.span(), message));
        }
        Ok(Wants::Count { min, max })
    }
}
