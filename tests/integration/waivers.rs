//! Waivers and baselines: what is suppressed is neither counted nor a reason to fail, and is told.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Ran, folder, put, rolecall, small};

const RULE: &str = "naming/illegal-alias";
const ONE: &str = "Dev_One";
const HEADER: &str = "group,member,member_type\n";
const ONE_EDGE: &str = "aws#Dev_One#Admin#123456789012,ann@x.test,user\n";

/// [`small`] with two aliases that are none.
fn federation(root: &Path) {
    small(root);
    put(
        root,
        "in/edges.csv",
        format!("{HEADER}{ONE_EDGE}aws#Dev_Two#Ops#223456789012,bob@x.test,user\n"),
    );
}

/// A federation with two findings of [`RULE`] and a configuration with a waiver.
fn waived(root: &Path, rule: &str, subject: &str, args: &[&str]) -> Ran {
    federation(root);
    let waiver = format!(
        "[[waiver]]\nrule = \"{rule}\"\nsubject = \"{subject}\"\nreason = \"a trial\"\nexpires = 2026-12-31\n"
    );
    put(root, "rolecall.toml", format!("[[source]]\npath = \"in\"\n{waiver}"));
    let only = format!("{RULE},config");
    rolecall(root, &[&["check", "--only", &only][..], args].concat())
}

const NOW: [&str; 2] = ["--at", "2026-11-25"];

fn json(root: &Path, rule: &str, subject: &str) -> Value {
    let ran = waived(root, rule, subject, &[&NOW[..], &["--format", "json"]].concat());
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn a_waived_finding_does_not_fail_the_run_and_is_told_with_its_reason() {
    let root = folder();
    let ran = waived(root.path(), RULE, "Dev_*", &NOW);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    assert!(
        ran.out.starts_with("no findings; 2 suppressed (2 waived); 4 rules checked"),
        "{ran:?}"
    );
    let one = waived(root.path(), RULE, ONE, &NOW);
    assert_eq!(one.code, 1);
    assert!(one.out.contains("1 warning; 1 suppressed (1 waived)"), "{one:?}");
    let report = json(root.path(), "naming", ONE);
    let suppressed = report["suppressed"].as_array().unwrap();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0]["subject"], ONE);
    assert_eq!(
        suppressed[0]["suppression"],
        serde_json::json!({
            "kind": "waiver", "reason": "a trial", "expires": "2026-12-31", "file": "rolecall.toml", "line": 5
        })
    );
    assert_eq!(report["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn an_expired_waiver_waives_nothing_and_is_a_finding_at_its_line() {
    let root = folder();
    let ran = waived(root.path(), RULE, "Dev_*", &["--at", "2027-01-01"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains(
            "warning[config/expired-waiver]: the waiver of `naming/illegal-alias` for `Dev_*` ended with \
             2026-12-31, and the 2 findings it waived are reported again\n --> rolecall.toml:5:12\n"
        ),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("3 warnings; "), "{}", ran.out);
}

#[test]
fn a_waiver_that_nothing_fits_is_a_finding_only_where_its_rule_was_checked() {
    let root = folder();
    let ran = waived(root.path(), RULE, "Prod_*", &NOW);
    assert!(ran.out.contains("[config/unmatched-waiver]: "), "{ran:?}");
    assert!(ran.out.contains("rolecall.toml:5:12"), "{ran:?}");
    for (rule, subject) in [("naming/too-long", "*"), ("naming", "Prod_*")] {
        let ran = waived(root.path(), rule, subject, &NOW);
        assert!(!ran.out.contains("config/unmatched-waiver"), "{rule}: {ran:?}");
    }
}

#[test]
fn a_waiver_of_an_unknown_rule_is_an_error_of_the_configuration() {
    let root = folder();
    let ran = waived(root.path(), "illegal-alias", "*", &NOW);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let message = format!(
        "error: rolecall.toml:4: no rule or group is called `illegal-alias`, expected `{RULE}`\n"
    );
    assert_eq!(ran.errors, message);
}

#[test]
fn a_baseline_suppresses_what_was_there_though_lines_move_and_says_what_is_gone() {
    let root = folder();
    federation(root.path());
    let check = |more: &[&str]| {
        let args = ["check", "in", "--only", RULE, "--at", "2026-11-25"];
        rolecall(root.path(), &[&args[..], more].concat())
    };
    let ran = check(&["--write-baseline", "known.jsonl"]);
    let told = "`known.jsonl` names what is there today; `--baseline known.jsonl` leaves it out\n";
    assert_eq!((ran.code, ran.errors.as_str()), (0, told), "{ran:?}");
    assert!(ran.out.starts_with("no findings; 2 suppressed (2 in the baseline); "), "{ran:?}");
    let text = fs::read_to_string(root.path().join("known.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, r#"{"kind":"rolecall baseline","version":1}"#));
    assert!(lines[1..].is_sorted() && !text.contains("Dev") && !text.contains("x.test"), "{text}");
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 3);

    let two = "aws#Dev_Two#Admin#123456789012,ann@x.test,user\n";
    let new = "aws#Other_#Admin#323456789012,ann@x.test,user\n";
    put(root.path(), "in/edges.csv", format!("{HEADER}{new}{two}{ONE_EDGE}"));
    let ran = check(&["--baseline", "known.jsonl"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("Other_"), "{ran:?}");
    assert!(ran.out.contains("1 warning; 2 suppressed (2 in the baseline)"), "{ran:?}");
    assert_eq!(ran.errors, "");

    put(root.path(), "in/edges.csv", format!("{HEADER}{ONE_EDGE}"));
    let ran = check(&["--baseline", "known.jsonl"]);
    assert_eq!(ran.code, 0);
    assert_eq!(
        ran.errors,
        "warning: 1 finding is gone that the baseline `known.jsonl` names; `--write-baseline known.jsonl` leaves out \
         what is gone\n"
    );
    let ran = check(&["--baseline", "known.jsonl", "--write-baseline", "known.jsonl"]);
    assert_eq!((ran.code, ran.errors.as_str()), (0, told));
    assert_eq!(fs::read_to_string(root.path().join("known.jsonl")).unwrap().lines().count(), 2);
}

#[test]
fn a_file_that_is_no_baseline_is_exit_2_with_its_line() {
    let root = folder();
    small(root.path());
    put(root.path(), "other.json", "\n{}\n");
    for (file, message) in [
        (
            "other.json",
            "other.json:2: is no baseline, expected a baseline that begins with `{\"kind\":\"rolecall \
             baseline\",\"version\":1}`",
        ),
        ("absent", "`absent` cannot be read: no such file or directory"),
    ] {
        let ran = rolecall(root.path(), &["check", "in", "--baseline", file]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert_eq!(ran.errors, format!("error: {message}\n"));
    }
}

#[test]
fn no_baseline_is_written_from_what_could_not_be_read_whole() {
    let root = folder();
    small(root.path());
    put(root.path(), "in/roles.json", "{\"Roles\": [");
    let args = ["check", "in", "--only", RULE, "--write-baseline", "known.jsonl"];
    let ran = rolecall(root.path(), &args);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(!root.path().join("known.jsonl").exists());
}

#[test]
fn what_waivers_are_about_is_never_in_a_baseline() {
    let root = folder();
    let write = [&NOW[..], &["--write-baseline", "known.jsonl"]].concat();
    let ran = waived(root.path(), RULE, "Prod_*", &write);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("[config/unmatched-waiver]: "), "{ran:?}");
    let text = fs::read_to_string(root.path().join("known.jsonl")).unwrap();
    assert!(!text.contains("config/") && text.lines().count() == 3, "{text}");
}
