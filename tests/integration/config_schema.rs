//! `rolecall.toml` beside its schema: what one refuses, the other refuses.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::{Path, PathBuf};

use rolecall::config::keys::{Key, Shape, Table};
use rolecall::config::tables::{ROOT, tables};
use rolecall::config::{Config, schema};
use serde_json::Value;

use crate::program::{folder, put, rolecall};
use crate::schema::objection;
use crate::support::fixtures;

/// Every file of this name, or with this end, below a folder.
fn files(folder: &Path, end: &str, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, end, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
}

fn below(folder: &str, end: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    files(&fixtures().join(folder), end, &mut found);
    assert!(!found.is_empty(), "{folder}");
    found
        .iter()
        .map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap()))
        .collect()
}

/// TOML as JSON, times as texts.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(is) => is.into(),
        toml::Value::Datetime(moment) => Value::String(moment.to_string()),
        toml::Value::Array(array) => array.into_iter().map(json).collect(),
        toml::Value::Table(table) => {
            table.into_iter().map(|(key, value)| (key, json(value))).collect()
        }
    }
}

/// Why the schema refuses a configuration, if it does.
fn refused(text: &str) -> Option<String> {
    let schema = schema::schema();
    let read: toml::Table = toml::from_str(text).unwrap();
    objection(&schema, &schema, &json(toml::Value::Table(read)), "")
}

#[test]
fn every_configuration_of_the_fixtures_is_read_and_fits_the_schema() {
    let all = below("", "rolecall.toml").into_iter().chain(below("config/good", ".toml"));
    for (name, text) in all {
        Config::parse(&text).unwrap_or_else(|error| panic!("{name}:{}: {error}", error.line));
        assert_eq!(refused(&text), None, "{name}");
    }
}

#[test]
fn what_the_reader_refuses_the_schema_refuses() {
    for (folder, by_schema) in [("config/bad", true), ("config/beyond-schema", false)] {
        for (name, text) in below(folder, ".toml") {
            let error = Config::parse(&text).unwrap_err();
            let said = format!("# refused in line {}: {error}\n", error.line);
            assert!(text.ends_with(&said), "{name}: {said}");
            assert_eq!(refused(&text).is_some(), by_schema, "{name}: {:?}", refused(&text));
        }
    }
}

/// A table with one key, beside those that it has to have.
fn with(table: &Table, key: &Key) -> String {
    let others = table.keys.iter().filter(|other| other.required && other.name != key.name);
    // One of two keys has to be there, which no table of keys can say.
    let is_of_nobody = table.head == "[[keep_out]]" && ["name", "roles"].contains(&key.name);
    let whom = table.keys.iter().filter(|other| is_of_nobody && other.name == "groups");
    // What aliases are made of is declared where they are.
    let is_of_alias = table.head == "[naming]" && ["environments", "owners"].contains(&key.name);
    let alias = "alias = \"{owner}-{environment}\"\n";
    let alias = if is_of_alias { alias } else { "" };
    let lines = others.chain(whom).chain([key]);
    let lines = lines.map(|key| format!("{} = {}\n", key.name, key.example));
    format!("{}\n{alias}{}", table.head, lines.collect::<String>())
}

#[test]
fn every_example_of_a_key_is_read_and_a_value_of_another_type_is_refused_by_both() {
    let plain = ROOT.keys.iter().filter(|key| !key.example.is_empty()).map(|key| (&ROOT, key));
    let within = tables().flat_map(|(_, table)| table.keys.iter().map(move |key| (table, key)));
    let mut count = 0;
    for (table, key) in plain.chain(within) {
        let text = with(table, key);
        Config::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(refused(&text), None, "{text}");
        let wrong = text.replace(
            &format!("{} = {}\n", key.name, key.example),
            // Nothing takes a number below zero.
            &format!("{} = -1\n", key.name),
        );
        assert!(Config::parse(&wrong).is_err() && refused(&wrong).is_some(), "{wrong}");
        count += 1;
    }
    assert!(count > 40, "{count}");
}

#[test]
fn a_key_that_may_be_left_out_says_what_counts_then() {
    for (_, table) in tables() {
        for key in table.keys {
            assert_eq!(key.required, key.default.is_empty(), "{} {}", table.head, key.name);
            assert!(!key.meaning.ends_with('.') && !key.meaning.contains("  "), "{}", key.meaning);
            assert!(!matches!(key.shape, Shape::Table(_) | Shape::Tables(_)), "{}", key.name);
        }
    }
}

#[test]
fn the_program_prints_the_schemas() {
    let root = folder();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (name, file) in [
        ("config", "rolecall.schema.json"),
        ("check", "check.schema.json"),
        ("diff", "diff.schema.json"),
        ("test", "test.schema.json"),
    ] {
        let ran = rolecall(root.path(), &["schema", name]);
        assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
        assert_eq!(ran.out, fs::read_to_string(docs.join(file)).unwrap(), "{name}");
    }
    assert_eq!(rolecall(root.path(), &["schema", "confg"]).code, 2);
}

#[test]
fn what_init_writes_fits_the_schema_and_says_how_an_editor_knows_it() {
    let root = folder();
    put(
        root.path(),
        "in/edges.csv",
        "group,member,member_type\naws#dev#Admin#123456789012,ann,user\n",
    );
    let ran = rolecall(root.path(), &["init", "in", "--stdout"]);
    assert!(ran.out.contains("# #:schema ./rolecall.schema.json\n"), "{}", ran.out);
    assert_eq!(refused(&ran.out), None);
}
