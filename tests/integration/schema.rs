//! `docs/check.schema.json` says what `check` writes as JSON, and as JSON Lines.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::Path;

use regex::Regex;
use rolecall::report::check_json;
use rolecall::report::check_text::{View, WIDTH};
use rolecall::rules::settings::Settings;
use rolecall::rules::{Outcome, Suppressed, Suppression, all};
use serde_json::{Value, json};

use crate::rules::{ask, excerpts, rule_fixtures};

/// Keywords that only describe.
const WORDS: [&str; 4] = ["$schema", "title", "description", "$defs"];

pub(crate) fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/check.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Why a value does not fit a schema, if it does not; a keyword that this does not know is a failure.
pub(crate) fn objection(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let schema = schema.as_object().unwrap();
    schema.iter().filter(|(keyword, _)| !WORDS.contains(&keyword.as_str())).find_map(
        |(keyword, wanted)| match keyword.as_str() {
            "$ref" => {
                let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                objection(root, &root["$defs"][name], value, at)
            }
            "oneOf" => {
                let branches = wanted.as_array().unwrap();
                let objections: Vec<String> = branches
                    .iter()
                    .filter_map(|branch| objection(root, branch, value, at))
                    .collect();
                let fitting = branches.len() - objections.len();
                (fitting != 1).then(|| format!("{at}: fits {fitting} branches: {objections:?}"))
            }
            "properties" | "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                value.as_object()?.iter().find_map(|(key, value)| {
                    let at = format!("{at}/{key}");
                    match (known.and_then(|known| known.get(key)), keyword.as_str(), wanted) {
                        (Some(own), "properties", _) => objection(root, own, value, &at),
                        (None, "additionalProperties", Value::Bool(false)) => {
                            Some(format!("{at}: not in the schema"))
                        }
                        (None, "additionalProperties", wanted) => {
                            objection(root, wanted, value, &at)
                        }
                        _ => None,
                    }
                })
            }
            "items" => value.as_array()?.iter().enumerate().find_map(|(index, value)| {
                objection(root, wanted, value, &format!("{at}/{index}"))
            }),
            _ => simple(keyword, wanted, value).map(|how| format!("{at}: {how}")),
        },
    )
}

/// Why a value does not fit a keyword that looks at nothing below it.
fn simple(keyword: &str, wanted: &Value, value: &Value) -> Option<String> {
    let fits = match keyword {
        "const" => value == wanted,
        "enum" => wanted.as_array().unwrap().contains(value),
        "type" => match wanted {
            Value::Array(types) => types.iter().any(|wanted| is(wanted.as_str().unwrap(), value)),
            wanted => is(wanted.as_str().unwrap(), value),
        },
        "required" => wanted.as_array().unwrap().iter().all(|key| {
            value.as_object().is_none_or(|object| object.contains_key(key.as_str().unwrap()))
        }),
        "pattern" => {
            let pattern = Regex::new(wanted.as_str().unwrap()).unwrap();
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
        "minimum" => value.as_i64().is_none_or(|number| number >= wanted.as_i64().unwrap()),
        "minLength" => {
            value.as_str().is_none_or(|text| text.len() as u64 >= wanted.as_u64().unwrap())
        }
        other => panic!("the test does not know the keyword `{other}`"),
    };
    (!fits).then(|| format!("{value} is against {keyword} {wanted}"))
}

fn is(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the test does not know the type `{other}`"),
    }
}

#[test]
fn what_every_rule_writes_fits_the_schema_as_json_and_as_json_lines() {
    let schema = schema();
    let settings = Settings::default();
    for rule in all() {
        let folder = rule_fixtures().join(rule.info.id).join("bad");
        let asked = ask(rule, &folder);
        let excerpts = excerpts(&asked, &folder);
        let mut outcome = asked.outcome.clone();
        suppress_some(&mut outcome);
        let sources = &asked.loaded.federation.sources;
        let view = View { sources, excerpts: &excerpts, width: WIDTH };
        let mut out = Vec::new();
        check_json::write(&mut out, &outcome, &view, &settings).unwrap();
        let report: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(objection(&schema, &schema, &report, rule.info.id), None);
        assert_eq!(report["findings"].as_array().unwrap().len(), outcome.findings.len());

        let mut out = Vec::new();
        check_json::write_lines(&mut out, &outcome, &view, &settings).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for line in &lines {
            assert_eq!(objection(&schema, &schema, line, rule.info.id), None);
        }
        assert_eq!(lines.len(), outcome.findings.len() + outcome.suppressed.len() + 1);
        assert_eq!(lines.last().unwrap()["type"], "summary");
    }
}

/// The findings once more, as suppressed ones of either kind.
fn suppress_some(outcome: &mut Outcome) {
    let waiver = Suppression::Waiver {
        reason: "known".to_owned(),
        expires: "2027-01-31".to_owned(),
        file: "rolecall.toml".to_owned(),
        line: 3,
    };
    let kinds = [waiver, Suppression::Baseline].into_iter().cycle();
    let again = outcome.findings.clone().into_iter().zip(kinds);
    outcome.suppressed = again.map(|(finding, by)| Suppressed { finding, by }).collect();
}

#[test]
fn the_schema_refuses_what_is_not_written() {
    let schema = schema();
    let summary = json!({
        "errors": 0, "warnings": 0, "notes": 0, "not_shown": 0, "waived": 0, "in_baseline": 0,
        "checked": [], "not_checked": [], "cut": []
    });
    let report = json!({"version": 1, "findings": [], "suppressed": [], "summary": summary});
    assert_eq!(objection(&schema, &schema, &report, ""), None);
    let mut other = report.clone();
    other["version"] = json!(2);
    let mut more = report.clone();
    more["more"] = json!(true);
    let mut less = report.clone();
    less["summary"].as_object_mut().unwrap().remove("cut");
    let mut word = report;
    word["summary"]["errors"] = json!("none");
    for wrong in [other, more, less, word] {
        assert!(objection(&schema, &schema, &wrong, "").is_some(), "{wrong}");
    }
}
