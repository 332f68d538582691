//! `rolecall naming`, through the program.
#![expect(clippy::disallowed_methods, reason = "tests read files and run a shell")]

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Ran, folder, put, rolecall, small};
use crate::support::fixtures;

/// The world that declares its names.
fn kestrel(args: &[&str]) -> Ran {
    rolecall(&fixtures().join("naming/kestrel"), args)
}

#[test]
fn the_filter_stands_alone_on_standard_output_and_its_proof_beside_it() {
    let ran = kestrel(&["naming", "filter"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.out.lines().count(), 1);
    assert_snapshot!("naming_filter", format!("{}{}", ran.out, ran.errors));
    let quiet = kestrel(&["naming", "filter", "-q"]);
    assert_eq!((quiet.out.as_str(), quiet.errors.as_str()), (ran.out.as_str(), ""));
}

#[test]
fn the_proof_fails_where_a_real_name_is_read_otherwise() {
    let root = folder();
    small(root.path());
    // `$` also matches before a final line end, where a filter is looked for anywhere in a name.
    let edges = "group,member,member_type\n\"aws#dev#Admin#123456789012\n\",ann@x.test,user\n";
    put(root.path(), "in/edges.csv", edges);
    put(
        root.path(),
        "rolecall.toml",
        "[[source]]\npath = \"in\"\n\n[naming]\nroles = [\"Admin\"]\n",
    );
    let ran = rolecall(root.path(), &["naming", "filter"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.errors.contains("FAILS  grammar and filter read 0 of 1 real names alike"),
        "{ran:?}"
    );
    let said =
        "`aws#dev#Admin#123456789012\\u{a}`: by the grammar no match, by the filter role `Admin`";
    assert!(ran.errors.contains(said), "{ran:?}");
    assert_eq!(rolecall(root.path(), &["naming", "filter", "--match-mode", "full"]).code, 0);
}

#[test]
fn the_filter_and_its_proof_are_one_object_of_json() {
    let ran = kestrel(&["naming", "filter", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["holds"], true);
    assert_eq!(json["every_name"]["verdict"], "equivalent");
    assert_eq!(json["real_names"]["different"], 0);
    assert_eq!(json["present"]["every_name"]["verdict"], "different");
    let text = kestrel(&["naming", "filter", "-q"]).out;
    assert_eq!(json["filter"].as_str(), Some(text.trim_end()));
    assert_snapshot!("naming_filter_json", ran.out);
}

#[test]
fn what_if_takes_the_filter_and_says_who_loses_as_many_as_the_proof_counts() {
    let filter = kestrel(&["naming", "filter", "-q"]).out;
    let args = ["what-if", "--group-filter", filter.trim_end(), "--format", "json", "--users"];
    let ran = kestrel(&args);
    let changes: Value = serde_json::from_str(&ran.out).unwrap();
    let json: Value =
        serde_json::from_str(&kestrel(&["naming", "filter", "--format", "json"]).out).unwrap();
    assert_eq!(changes["summary"]["lost"], 3, "{}", ran.out);
    assert_eq!(json["present"]["users_losing"], 3);
    assert_eq!(json["present"]["users_gaining"], 1);
}

#[test]
fn names_that_do_not_obey_are_told_where_they_stop() {
    let ran = kestrel(&["naming", "check"]);
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""));
    assert_snapshot!("naming_check", ran.out);
    let asked = kestrel(&["naming", "check", "aws#payments-dev#Viewer#067712945380"]);
    assert_eq!(asked.code, 0, "{asked:?}");
    assert_snapshot!("naming_check_asked", asked.out);
    let ran = kestrel(&["naming", "check", "AWS_payments-dev_Viewer_067712945380"]);
    assert_snapshot!("naming_check_separators", ran.out);
    let lines = kestrel(&["naming", "check", "--format", "jsonl"]);
    for line in lines.out.lines() {
        let json: Value = serde_json::from_str(line).unwrap();
        let wrong = json["deviations"].as_array().unwrap().len();
        assert_eq!(json["obeys"].as_bool().unwrap(), wrong == 0, "{line}");
        assert_eq!(json["obeys"].as_bool().unwrap(), json["parts"].is_object(), "{line}");
    }
    assert_snapshot!("naming_check_jsonl", lines.out);
}

#[test]
fn a_name_cannot_act_on_the_terminal() {
    for format in ["text", "jsonl"] {
        let ran = kestrel(&["naming", "check", "aws#\u{1b}[2J\u{202e}#x#1", "--format", format]);
        assert_eq!(ran.code, 1);
        assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{ran:?}");
    }
}

#[test]
fn check_says_what_breaks_the_declaration_once_a_cause() {
    let ran = kestrel(&["check", "--only", "naming", "--only", "mapping"]);
    assert_snapshot!("naming_findings", ran.out);
}

#[test]
fn a_draft_is_a_declaration_that_the_names_obey() {
    let ran = kestrel(&["naming", "propose"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_snapshot!("naming_propose", ran.out);
    // Of the demo, and of a world with nothing but three names.
    let root = folder();
    small(root.path());
    let draft = rolecall(root.path(), &["naming", "propose", "-s", "in"]);
    assert_eq!(draft.code, 0, "{draft:?}");
    put(root.path(), "rolecall.toml", format!("[[source]]\npath = \"in\"\n\n{}", draft.out));
    let filter = rolecall(root.path(), &["naming", "filter"]);
    assert_eq!(filter.code, 0, "{filter:?}");
    let check = rolecall(root.path(), &["naming", "check"]);
    assert!(check.out.ends_with("2 names: 2 obey, 0 do not\n"), "{check:?}");
}

#[test]
fn what_is_not_declared_or_has_no_names_is_said() {
    let root = folder();
    small(root.path());
    for args in [&["naming", "filter", "-s", "in"][..], &["naming", "check", "-s", "in"]] {
        let ran = rolecall(root.path(), args);
        assert_eq!(ran.code, 2);
        assert!(
            ran.errors.contains("no `[naming]` is declared, expected one in `rolecall.toml`"),
            "{ran:?}"
        );
    }
    put(root.path(), "none.toml", "[naming]\naccounts = \"known\"\n");
    let ran = rolecall(root.path(), &["naming", "filter", "--config", "none.toml"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("no `[[account]]` and no export names one"), "{ran:?}");
    // A grammar needs no exports.
    put(root.path(), "some.toml", "[naming]\nroles = [\"Admin\"]\n");
    let ran = rolecall(root.path(), &["naming", "filter", "--config", "some.toml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.errors.contains("equivalent for every name"), "{ran:?}");
    let ran = rolecall(
        root.path(),
        &[
            "naming",
            "filter",
            "--config",
            "some.toml",
            "--group-filter",
            &ran.out.trim_end().replace("Admin", "Admin|Ops"),
        ],
    );
    assert!(ran.errors.contains("not equivalent for every name"), "{ran:?}");
    let ran =
        rolecall(root.path(), &["naming", "propose", "-s", "in/users.csv", "--group-filter", "x"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("there are no names to go by"), "{ran:?}");
}

/// The commands of a page, each with what it says; they are run in the world that declares its names.
fn with_answers(page: &str) -> String {
    let mut made = String::new();
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        made.push_str(line);
        made.push('\n');
        let Some(command) = line.strip_prefix("$ rolecall ") else { continue };
        let program = Path::new(env!("CARGO_BIN_EXE_rolecall")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let output = Command::new("sh")
            .args(["-c", &format!("rolecall {command} 2>&1")])
            .current_dir(fixtures().join("naming/kestrel"))
            .env("PATH", path)
            .output()
            .unwrap();
        made.push_str(&String::from_utf8(output.stdout).unwrap());
        while lines.next_if(|line| *line != "```" && !line.starts_with("$ ")).is_some() {}
    }
    made
}

#[test]
fn the_page_about_names_shows_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/naming.md");
    let page = fs::read_to_string(&path).unwrap();
    let made = with_answers(&page);
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(&path, made).unwrap();
    } else {
        assert!(page == made, "docs/naming.md is stale: run `UPDATE_DOCS=1 cargo test naming`");
    }
}

#[test]
fn the_readme_shows_what_the_program_says_of_the_same_declaration() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (before, after) = readme.split_once("$ rolecall naming filter\n").unwrap();
    let (shown, _) = after.split_once("\n…\n").unwrap();
    let ran = kestrel(&["naming", "filter"]);
    assert!(format!("{}{}", ran.out, ran.errors).starts_with(shown), "{ran:?}");
    let world = fs::read_to_string(fixtures().join("naming/kestrel/rolecall.toml")).unwrap();
    let table = |text: &str| {
        let (_, after) = text.rsplit_once("[naming]\ntemplate").unwrap();
        let lines = after.lines().take_while(|line| !line.is_empty() && *line != "```");
        lines.map(|line| line.split("  #").next().unwrap().trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(table(before), table(&world));
}
