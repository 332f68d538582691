//! The JSON Schema of `rolecall.toml`, made from the tables that the reader follows.

use serde_json::{Map, Value, json};

use super::keys::{Key, Shape, Table};
use super::rules::groups;
use super::tables::{ROOT, tables};
use crate::finding::RuleInfo;
use crate::rules::{OF_CONFIGURATION, all};

/// The schema as a text; the same in every run.
pub fn text() -> String {
    format!("{:#}\n", schema())
}

/// The schema: draft 7, which editors of TOML know.
pub fn schema() -> Value {
    let mut definitions: Map<String, Value> =
        tables().map(|(key, table)| (key.name.to_owned(), object(table))).collect();
    definitions
        .insert("level".to_owned(), json!({ "enum": ["off", "on", "note", "warning", "error"] }));
    definitions.insert("rules".to_owned(), rules());
    let mut schema = object(&ROOT);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
        schema.insert("title".to_owned(), json!("rolecall.toml"));
        schema.insert("definitions".to_owned(), Value::Object(definitions));
    }
    schema
}

fn object(table: &Table) -> Value {
    let properties: Map<String, Value> =
        table.keys.iter().map(|key| (key.name.to_owned(), described(key))).collect();
    let required: Vec<&str> =
        table.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    json!({
        "type": "object",
        "description": table.meaning,
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    })
}

/// What a key takes, with what it means.
fn described(key: &Key) -> Value {
    let mut schema = of_shape(key);
    if let Some(schema) = schema.as_object_mut() {
        let default = match key.default {
            "" => String::new(),
            default => format!("; where it is not there: {default}"),
        };
        schema.insert("description".to_owned(), json!(format!("{}{default}", key.meaning)));
        if let Some(example) = example(key) {
            schema.insert("examples".to_owned(), json!([example]));
        }
    }
    schema
}

fn of_shape(key: &Key) -> Value {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match key.shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Name | Shape::Encoding | Shape::Moment => {
            json!({ "type": "string", "minLength": 1 })
        }
        Shape::Word(words) => json!({ "enum": words() }),
        Shape::Words(words) => {
            let word = json!({ "enum": words() });
            json!({ "oneOf": [word, { "type": "array", "items": word }] })
        }
        Shape::Rule => json!({ "enum": waivable() }),
        Shape::Character => text("^[\\u0000-\\u007f]$"),
        Shape::AccountId => text("^[0-9]{12}$"),
        Shape::Alias => json!({
            "type": "string", "minLength": 3, "maxLength": 63, "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
            "not": { "pattern": "^[0-9]{12}$" },
        }),
        Shape::Day => text("^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"),
        Shape::Address => text("^[0-9A-Fa-f:.]*[:.][0-9A-Fa-f:.]*$"),
        Shape::Switch => json!({ "type": "boolean" }),
        Shape::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Shape::Pairs => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Shape::Size => number_or("^0*[1-9][0-9]* *(B|KiB|MiB|GiB)?$"),
        Shape::Levels => number_or("^0*[1-9][0-9]*$"),
        Shape::Rules | Shape::Table(_) => json!({ "$ref": format!("#/definitions/{}", key.name) }),
        Shape::Tables(_) => {
            json!({ "type": "array", "items": { "$ref": format!("#/definitions/{}", key.name) } })
        }
    }
}

fn number_or(pattern: &str) -> Value {
    let number = json!({ "type": "integer", "minimum": 1 });
    json!({ "oneOf": [number, { "type": "string", "pattern": pattern }] })
}

/// A key's example as JSON; times are texts there.
fn example(key: &Key) -> Option<Value> {
    fn plain(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => Value::String(text),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(is) => is.into(),
            toml::Value::Datetime(moment) => Value::String(moment.to_string()),
            toml::Value::Array(array) => array.into_iter().map(plain).collect(),
            toml::Value::Table(table) => {
                table.into_iter().map(|(key, value)| (key, plain(value))).collect()
            }
        }
    }
    let mut read: toml::Table = toml::from_str(&format!("example = {}", key.example)).ok()?;
    read.remove("example").map(plain)
}

/// `[rules]`: every group and every rule.
fn rules() -> Value {
    let infos: Vec<&RuleInfo> = all().map(|rule| &rule.info).collect();
    let mut properties = Map::new();
    for group in groups(&infos) {
        let meaning = format!("Every rule of the group {group}.");
        properties.insert(group.to_owned(), level_or(&meaning, Map::new()));
    }
    for info in infos {
        let options = info.options.iter().map(|option| {
            let meaning = format!("{}; {} where it is not there", option.meaning, option.default);
            let number = json!({ "type": "integer", "minimum": 0, "description": meaning });
            (option.name.to_owned(), number)
        });
        let state = if info.on { "" } else { ", off where nothing is said" };
        let meaning = format!("{} ({}{state})", info.summary, info.severity);
        properties.insert(info.id.to_owned(), level_or(&meaning, options.collect()));
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// A level, or a table with one and with numbers.
fn level_or(meaning: &str, mut options: Map<String, Value>) -> Value {
    let level = json!({ "$ref": "#/definitions/level" });
    options.insert("level".to_owned(), level.clone());
    let table = json!({ "type": "object", "additionalProperties": false, "properties": options });
    json!({ "description": meaning, "oneOf": [level, table] })
}

/// The rules and groups that a waiver may name.
fn waivable() -> Vec<&'static str> {
    let ids = || all().map(|rule| rule.info.id);
    let mut names: Vec<&'static str> = ids().collect();
    names.extend(ids().filter_map(|id| Some(id.split_once('/')?.0)));
    names.retain(|name| name.split('/').next() != Some(OF_CONFIGURATION));
    names.sort_unstable();
    names.dedup();
    names
}
