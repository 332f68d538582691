//! Reads TOML by the tables of keys: what is no such key or value is an error with its line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ConfigError;
use super::keys::{Key, Shape, Table};
use crate::entitlement::near::nearest;
use crate::model::account::{AccountId, is_account_alias};
use crate::model::moment::Moment;
use crate::model::spoiled_account::padded;
use crate::sources::decode::Decoded;
use crate::sources::limits::Limit;
use crate::text::Shown;
use crate::trust::epoch_seconds;

/// Most words that are all named where none of them fits.
const NAMED: usize = 5;

/// The text, for lines.
#[derive(Clone, Copy)]
pub(super) struct Toml<'t> {
    pub(super) text: &'t str,
}

/// A key that is there, with a value that is of its shape.
pub(super) struct Entry<'v, 'i> {
    pub(super) key: &'static Key,
    pub(super) value: &'v Spanned<DeValue<'i>>,
    /// Line of the value, counted from one.
    pub(super) line: usize,
}

/// Entries as they stand in the file, so that the first mistake is the one reported.
pub(super) fn in_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(&'t Spanned<Cow<'i, str>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

impl Entry<'_, '_> {
    /// The text of a value: of a string, and of a number or time as written.
    pub(super) fn text(&self) -> String {
        text_of(self.value.get_ref()).unwrap_or_default()
    }

    /// Whether a switch is on.
    pub(super) fn is_on(&self) -> bool {
        self.value.get_ref().as_bool().unwrap_or_default()
    }

    /// The texts of an array, or the one text.
    pub(super) fn texts(&self) -> Vec<String> {
        match self.value.get_ref() {
            DeValue::Array(array) => {
                array.iter().filter_map(|one| text_of(one.get_ref())).collect()
            }
            one => text_of(one).into_iter().collect(),
        }
    }

    /// The texts of a table, as they stand.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let entries = self.value.get_ref().as_table().map(in_order).unwrap_or_default();
        let pair = |(key, value): (&Spanned<Cow<'_, str>>, &Spanned<DeValue<'_>>)| {
            Some((key.get_ref().to_string(), text_of(value.get_ref())?))
        };
        entries.into_iter().filter_map(pair).collect()
    }

    /// [`Self::pairs`] by their keys.
    pub(super) fn map(&self) -> BTreeMap<String, String> {
        self.pairs().into_iter().collect()
    }
}

fn text_of(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Datetime(moment) => Some(moment.to_string()),
        _ => None,
    }
}

impl Toml<'_> {
    pub(super) fn line(self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
    }

    pub(super) fn error(self, span: Range<usize>, message: &str) -> ConfigError {
        ConfigError { line: self.line(span.start), message: message.to_owned() }
    }

    pub(super) fn unknown(self, key: &str, span: Range<usize>, known: &[&str]) -> ConfigError {
        let near = nearest(key, known.iter().copied(), 1);
        let expected = match near.first() {
            Some(near) => format!("`{near}`"),
            None => format!("one of {}", list(known)),
        };
        self.error(span, &format!("unknown key `{}`, expected {expected}", Shown(key)))
    }

    pub(super) fn wrong_type(
        self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
    ) -> ConfigError {
        let found = kind(value.get_ref());
        self.error(value.span(), &format!("`{key}` is {found}, expected {expected}"))
    }

    pub(super) fn wrong_value(
        self,
        key: &str,
        text: &str,
        value: &Spanned<DeValue<'_>>,
        expected: &str,
    ) -> ConfigError {
        let message = format!("`{key}` is `{}`, expected {expected}", Shown(text));
        self.error(value.span(), &message)
    }

    pub(super) fn string(
        self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<String, ConfigError> {
        match value.get_ref().as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(self.wrong_type(key, value, "a string")),
        }
    }

    /// The entries of a table `[name]`; each is known and of its shape, and none is missing.
    pub(super) fn entries<'v, 'i>(
        self,
        table: &'static Table,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Result<Vec<Entry<'v, 'i>>, ConfigError> {
        let name = table.head.trim_matches(['[', ']']);
        let Some(found) = value.get_ref().as_table() else {
            return Err(self.wrong_type(name, value, &format!("a table `{}`", table.head)));
        };
        let entries = self.entries_of(table, found)?;
        let is_there = |key: &Key| entries.iter().any(|entry| entry.key.name == key.name);
        match table.keys.iter().find(|key| key.required && !is_there(key)) {
            Some(key) => {
                let message = format!("{} without `{}`, expected one", table.one, key.name);
                Err(self.error(value.span(), &message))
            }
            None => Ok(entries),
        }
    }

    /// The entries of a table, whether or not some are missing.
    pub(super) fn entries_of<'v, 'i>(
        self,
        table: &'static Table,
        found: &'v DeTable<'i>,
    ) -> Result<Vec<Entry<'v, 'i>>, ConfigError> {
        let mut entries = Vec::new();
        for (name, value) in in_order(found) {
            let Some(key) = table.key(name.get_ref()) else {
                return Err(self.unknown(name.get_ref(), name.span(), &table.names()));
            };
            self.check(key, value)?;
            entries.push(Entry { key, value, line: self.line(value.span().start) });
        }
        Ok(entries)
    }

    /// The tables `[[name]]`, each with its line.
    pub(super) fn tables<'v, 'i>(
        self,
        table: &'static Table,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Result<Vec<(usize, Vec<Entry<'v, 'i>>)>, ConfigError> {
        let Some(array) = value.get_ref().as_array() else {
            let name = table.head.trim_matches(['[', ']']);
            return Err(self.wrong_type(name, value, &format!("tables `{}`", table.head)));
        };
        let one = |value: &'v Spanned<DeValue<'i>>| {
            Ok((self.line(value.span().start), self.entries(table, value)?))
        };
        array.iter().map(one).collect()
    }

    /// An error where a value is not of its key's shape; tables are looked at when they are read.
    fn check(self, key: &Key, value: &Spanned<DeValue<'_>>) -> Result<(), ConfigError> {
        let name = key.name;
        match key.shape {
            Shape::Table(_) | Shape::Tables(_) | Shape::Rules => Ok(()),
            Shape::Switch => match value.get_ref() {
                DeValue::Boolean(_) => Ok(()),
                _ => Err(self.wrong_type(name, value, "`true` or `false`")),
            },
            Shape::Texts => {
                let Some(array) = value.get_ref().as_array() else {
                    let expected = format!("an array such as `{}`", key.example);
                    return Err(self.wrong_type(name, value, &expected));
                };
                array.iter().try_for_each(|one| self.string(name, one).map(drop))
            }
            Shape::Pairs => {
                let Some(table) = value.get_ref().as_table() else {
                    let expected = format!("a table such as `{}`", key.example);
                    return Err(self.wrong_type(name, value, &expected));
                };
                let mut entries = in_order(table).into_iter();
                entries.try_for_each(|(name, value)| self.string(name.get_ref(), value).map(drop))
            }
            Shape::Words(words) => match value.get_ref() {
                DeValue::Array(array) => {
                    let mut array = array.iter();
                    array.try_for_each(|one| self.word(Shape::Word(words), name, one))
                }
                _ => self.word(Shape::Word(words), name, value),
            },
            shape => self.word(shape, name, value),
        }
    }

    /// An error where a value that is one word, number or time is not of a shape.
    fn word(
        self,
        shape: Shape,
        name: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), ConfigError> {
        let text = match (shape, value.get_ref()) {
            (Shape::Size | Shape::Levels, DeValue::Integer(number)) => number.to_string(),
            (Shape::Day | Shape::Moment, DeValue::Datetime(moment)) => moment.to_string(),
            _ => self.string(name, value)?,
        };
        if text.is_empty() && !matches!(shape, Shape::Text) {
            return Err(self.wrong_value(name, "", value, "a text"));
        }
        objection(shape, &text)
            .map_or(Ok(()), |wanted| Err(self.wrong_value(name, &text, value, &wanted)))
    }
}

/// What was expected instead of a text, where it is not of the shape.
fn objection(shape: Shape, text: &str) -> Option<String> {
    let unless = |holds: bool, wanted: &str| (!holds).then(|| wanted.to_owned());
    match shape {
        Shape::Word(words) => {
            let words = words();
            (!words.contains(&text)).then(|| wanted_word(text, &words))
        }
        Shape::Character => unless(text.len() == 1, "one ASCII character"),
        Shape::AccountId => AccountId::parse(text).is_err().then(|| wanted_account(text)),
        Shape::Alias => {
            unless(is_account_alias(text), "an account alias: 3 to 63 of `a-z`, `0-9` and `-`")
        }
        Shape::Encoding => unless(
            Decoded::new(io::empty(), Some(text)).is_ok(),
            "a name such as `utf-8`, `utf-16le` or `windows-1252`",
        ),
        Shape::Day => unless(is_day(text), "a day such as `2027-03-31`"),
        Shape::Moment => {
            unless(epoch_seconds(text).is_some(), "a time such as `2026-11-24T12:00:00Z`")
        }
        Shape::Address => {
            unless(text.parse::<IpAddr>().is_ok(), "an address such as `203.0.113.7`")
        }
        Shape::Size => Limit::File.value(text).err().map(str::to_owned),
        Shape::Levels => Limit::JsonDepth.value(text).err().map(str::to_owned),
        _ => None,
    }
}

/// Whether a text is a day and nothing else.
fn is_day(text: &str) -> bool {
    text.len() == "2027-03-31".len() && Moment::parse(text).is_some()
}

fn wanted_account(text: &str) -> String {
    // Ten or eleven digits are most likely a number that lost its zeros.
    let padded = padded(text).filter(|_| text.len() > 9);
    let offer = padded.map(|id| format!(", `{id}` if leading zeros were lost"));
    format!("an account id of 12 digits{}", offer.unwrap_or_default())
}

fn wanted_word(text: &str, words: &[&str]) -> String {
    match nearest(text, words.iter().copied(), 1).first() {
        Some(near) if words.len() > NAMED => format!("`{near}`"),
        None if words.len() > NAMED => format!("one of {}", list(words)),
        _ => either(words),
    }
}

/// Words in backticks, with an `or` before the last.
fn either(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or `{last}`", list(rest)),
        _ => list(words),
    }
}

pub(super) fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// What a value is, with its article.
const fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
