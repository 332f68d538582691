//! The README's console blocks: every command runs as it stands, and shows what the README shows.

use std::fs;
use std::path::{Path, PathBuf};

use crate::console::{Shell, blocks, shows, steps};
use crate::program::put;
use crate::support::fixtures;

/// Commands that build the program, which whoever runs this has done.
const BUILDS: [&str; 2] = ["cargo run --release -- demo", "cargo test"];

/// A command that a block begins with, where it is not about the demo's folder: the fixture, and where it has
/// to lie for the command to be true.
const ELSEWHERE: [(&str, &str, &str); 6] = [
    ("rolecall why ida@heron.test heron-prod/Audit", "federations/refused", "exports"),
    ("rolecall diff before after --fail-on-gained tier=admin", "diffs/group-moved", "."),
    ("rolecall saml check capture.har", "formats/saml", "."),
    ("rolecall naming filter", "naming/kestrel", "."),
    ("rolecall check exports", "federations/demo/exports", "exports"),
    ("rolecall init exports", "federations/demo/exports", "exports"),
];

/// Files of fixtures that are about them.
const ABOUT: [&str; 3] = ["README.md", "expectations.toml", "expected.jsonl"];

/// The policy that `trust decide policy.json` is about.
const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Okta",
      "Effect": "Allow",
      "Principal": {"Federated": "arn:aws:iam::418203975566:saml-provider/OKTA"},
      "Action": "sts:AssumeRoleWithSAML",
      "Condition": {"StringEquals": {"SAML:aud": "urn:amazon:webservices"}}
    }
  ]
}
"#;

/// The exit code: 1 of what is asked to find something, and does.
fn code(command: &str) -> i32 {
    const FINDS: [&str; 6] = [
        "rolecall why ",
        "rolecall check",
        "rolecall filter ",
        "rolecall diff before after --fail-on-gained",
        "rolecall saml check ",
        "rolecall test",
    ];
    i32::from(FINDS.iter().any(|finds| command.starts_with(finds)))
}

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

/// The demo's folder as `demo --write` writes it, with what the blocks about files of one's own need.
fn demo() -> Shell {
    let empty = tempfile::tempdir().unwrap();
    let mut shell = Shell::at(empty.path());
    shell.run("rolecall demo --write saltmarsh && cd saltmarsh");
    put(&shell.path("saltmarsh"), "policy.json", POLICY);
    shell.run("rolecall saml issue --user nora --at 2026-11-24T12:00:00Z > captured.xml");
    shell
}

/// The app's settings, with one that nobody wants beside a Group Filter.
const SETTINGS: &str = r#"{
  "groupFilter": "^aws\\#[\\w\\-]+\\#(?{{role}}[\\w\\-]+)\\#(?{{accountid}}\\d{12})$",
  "roleValuePattern": "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
  "appFilter": "active_directory",
  "joinAllRoles": true,
  "useGroupMapping": true
}
"#;

/// A repository with settings that `check` can mend.
fn mendable() -> Shell {
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "rolecall.toml", "[[source]]\npath = \"exports\"\n");
    put(root.path(), "exports/okta_app.json", SETTINGS);
    let edges = "group,member,member_type\naws#prod#Admin#123456789012,Ops,group\nOps,ann,user\n";
    put(root.path(), "exports/edges.csv", edges);
    put(root.path(), "exports/users.csv", "user,status\nann,ACTIVE\n");
    Shell::at(root.path())
}

/// A shell for a block that is about something else than the demo.
fn elsewhere(command: &str) -> Option<Shell> {
    if command == "rolecall check --diff" {
        return Some(mendable());
    }
    let (_, fixture, place) = ELSEWHERE.iter().find(|(begins, ..)| command.starts_with(begins))?;
    let root = tempfile::tempdir().unwrap();
    let from: PathBuf = fixtures().join(fixture);
    copy(&from, &from, &root.path().join(place));
    let source = if *fixture == "diffs/group-moved" { "before" } else { *place };
    if source != "." && *fixture != "federations/demo/exports" {
        put(root.path(), "rolecall.toml", format!("[[source]]\npath = \"{source}\"\n"));
    }
    if *fixture == "formats/saml" {
        let sign_in = root.path().join("sign-in.har");
        fs::rename(sign_in, root.path().join("capture.har")).unwrap();
        let metadata = fixtures().join("federations/demo/exports/okta/metadata.xml");
        put(root.path(), "okta-metadata.xml", fs::read(metadata).unwrap());
    }
    Some(Shell::at(root.path()))
}

fn copy(root: &Path, from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            copy(root, &path, to);
        } else if !ABOUT.iter().any(|about| path.ends_with(about)) {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            put(to, &name, fs::read(&path).unwrap());
        }
    }
}

#[test]
fn every_command_of_the_readme_runs_and_shows_what_the_readme_shows() {
    let readme = readme();
    let mut shell = demo();
    let mut ran = 0;
    for (_, block) in blocks(&readme) {
        let all = steps(block);
        let mut own = elsewhere(&all[0].command);
        for step in all {
            if BUILDS.contains(&step.command.as_str()) {
                continue;
            }
            // The folder of the demo is there already.
            if step.command.starts_with("rolecall demo --write") {
                continue;
            }
            let here = own.as_mut().unwrap_or(&mut shell);
            let output = here.run(&step.command);
            let wanted = code(&step.command);
            assert_eq!(here.code, wanted, "$ {}\n{output}", step.command);
            here.code = 0;
            if !step.shown.is_empty()
                && let Err(why) = shows(&step.shown, &output)
            {
                panic!("$ {}\n{why}", step.command);
            }
            ran += 1;
        }
    }
    assert!(ran >= 19, "{ran} commands ran");
}
