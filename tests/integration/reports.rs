//! The formats of findings: every one on the demo federation, and on a world with suppressed findings, rules
//! that could not be checked and inputs that could not be read; and the files of `--output`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use rolecall::entitlement::resolve::Entitlements;
use rolecall::finding::{Finding, Severity};
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::report::check_text::{View, WIDTH};
use rolecall::report::checked::{CheckFormat, Checked, Inputs, UnreadInput, write};
use rolecall::rules::settings::Settings;
use rolecall::rules::{Context, Suppression, all, run_but};
use rolecall::sources::excerpt::Excerpts;
use rolecall::sources::load::Loaded;
use rolecall::text::is_hidden;
use serde_json::Value;

use crate::program::{Ran, folder, put, rolecall, small};
use crate::support::{fixtures, inputs, load_folder};

/// Every format, and the name of its snapshots.
pub(crate) const FORMATS: [(CheckFormat, &str); 8] = [
    (CheckFormat::Text, "text"),
    (CheckFormat::Json, "json"),
    (CheckFormat::Jsonl, "jsonl"),
    (CheckFormat::Sarif, "sarif"),
    (CheckFormat::Junit, "junit"),
    (CheckFormat::Github, "github"),
    (CheckFormat::Gitlab, "gitlab"),
    (CheckFormat::Markdown, "markdown"),
];

/// Rules few enough that their pages do not fill the snapshots.
const RULES: [&str; 6] = [
    "directory/disabled-member",
    "mapping/loose-account-digits",
    "naming/account-id-length",
    "naming/invisible-character",
    "naming/mixed-script",
    "naming/unknown-account",
];

/// What a format says, without the styles of a terminal.
pub(crate) fn report(format: CheckFormat, checked: &Checked<'_>) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    write(&mut out, format, checked).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

/// Runs a few rules over a world and says it in every format.
fn say(
    world: &str,
    suppress: &mut dyn FnMut(&Finding) -> Option<Suppression>,
    known: &Inputs,
) -> Vec<(&'static str, String)> {
    let path = fixtures().join("federations").join(world);
    let loaded: Loaded = load_folder(&path);
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default()).unwrap();
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let settings = Settings::default();
    let context = Context::new(&loaded.federation, Ok(&entitlements), &settings);
    let rules = all().filter(|rule| RULES.contains(&rule.info.id));
    let outcome = run_but(rules, &context, suppress);
    let suppressed = outcome.suppressed.iter().map(|one| &one.finding);
    let labels = outcome.findings.iter().chain(suppressed);
    let labels = labels.flat_map(|finding| finding.related.iter().chain([&finding.primary]));
    let sources = &loaded.federation.sources;
    let excerpts = Excerpts::read(&inputs(&path, &path), &loaded.formats, sources, labels);
    let view = View { sources, excerpts: &excerpts, width: WIDTH };
    let checked = Checked {
        outcome: &outcome,
        view,
        settings: &settings,
        inputs: known,
        fails_from: Some(Severity::Warning),
    };
    FORMATS.map(|(format, name)| (name, report(format, &checked))).into()
}

#[test]
fn the_demo_in_every_format() {
    for (name, said) in say("demo", &mut |_| None, &Inputs::default()) {
        assert_snapshot!(format!("report_demo_{name}"), said);
    }
}

#[test]
fn suppressed_findings_rules_not_checked_and_unread_inputs_in_every_format() {
    let mut suppress = |finding: &Finding| match finding.rule {
        "naming/mixed-script" => Some(Suppression::Waiver {
            reason: "the group is gone in | March, says @ops".to_owned(),
            expires: "2027-03-31".to_owned(),
            file: "rolecall.toml".to_owned(),
            line: 12,
        }),
        "mapping/loose-account-digits" => Some(Suppression::Baseline),
        _ => None,
    };
    let unread = |file: &str, line, message: &str, is_loss| UnreadInput {
        file: file.to_owned(),
        line,
        message: message.to_owned(),
        is_loss,
    };
    let known = Inputs {
        unread: vec![
            unread("roles.json", Some(7), "found `}`, expected a value", true),
            unread("notes.txt", None, "is no export known here, passed over", false),
        ],
        is_incomplete: true,
        ..Inputs::default()
    };
    for (name, said) in say("hidden-characters", &mut suppress, &known) {
        assert_snapshot!(format!("report_suppressed_{name}"), said);
    }
}

/// A federation with an error and a warning.
fn demo(folder: &Path) {
    let world = fixtures().join("federations/demo");
    for input in inputs(&world, &world) {
        let content = fs::read(world.join(&input.name)).unwrap();
        put(folder, &input.name, content);
    }
}

fn check(folder: &Path, args: &[&str]) -> Ran {
    let usual = ["check", "--source", "exports", "--at", "2026-11-24"];
    rolecall(folder, &[&usual[..], args].concat())
}

#[test]
fn one_run_writes_what_is_asked_for_in_every_format_and_the_exit_code_is_the_same() {
    let folder = folder();
    demo(folder.path());
    let outputs: Vec<String> =
        FORMATS.iter().map(|(_, name)| format!("--output={name}=out.{name}")).collect();
    let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
    let all = check(folder.path(), &outputs);
    assert_eq!(all.code, 1, "{all:?}");
    for (_, name) in FORMATS {
        let alone = check(folder.path(), &["--format", name]);
        assert_eq!(alone.code, 1, "{name}");
        let file = fs::read_to_string(folder.path().join(format!("out.{name}"))).unwrap();
        assert_eq!(alone.out, file, "{name}");
        assert!(!file.contains(&folder.path().display().to_string()), "{name}");
        let lenient = check(folder.path(), &["--format", name, "--fail-on", "never"]);
        assert_eq!(lenient.code, 0, "{name}");
    }
    let left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    let beside = left.iter().filter(|name| name.to_string_lossy().starts_with(".out")).count();
    assert_eq!(beside, 0, "{left:?}");
}

#[test]
fn a_folder_given_by_its_whole_path_is_told_from_the_working_folder() {
    let folder = folder();
    demo(folder.path());
    let whole = fs::canonicalize(folder.path()).unwrap().join("exports");
    let whole = whole.display().to_string();
    for format in ["sarif", "junit", "github", "gitlab", "markdown"] {
        let args = ["check", "--source", &whole, "--at", "2026-11-24", "--format", format];
        let named = rolecall(folder.path(), &args);
        assert_eq!(named.out, check(folder.path(), &["--format", format]).out, "{format}");
    }
}

#[test]
fn what_cannot_be_written_is_one_error_before_anything_is_read() {
    let folder = folder();
    small(folder.path());
    put(folder.path(), "d/kept", "");
    put(folder.path(), "there.sarif", "old");
    let cases: [(&[&str], &str); 7] = [
        (&["sarif"], "`--output sarif`: expected FORMAT=FILE"),
        (&["sarif="], "`--output sarif=`: expected FORMAT=FILE"),
        (
            &["pdf=x"],
            "`--output pdf=x`: format `pdf`, expected one of text, json, jsonl, sarif, junit, github, gitlab, markdown",
        ),
        (&["sarif=d"], "`--output sarif=d`: is a folder, expected a file"),
        (&["sarif=no/x"], "`--output sarif=no/x`: there is no folder `no`, expected one"),
        (
            &["sarif=./there.sarif", "json=there.sarif"],
            "`--output` names `there.sarif` twice (as `./there.sarif`), expected a file for each format",
        ),
        (&["sarif=.."], "`--output sarif=..`: is a folder, expected a file"),
    ];
    for (outputs, expected) in cases {
        let outputs: Vec<String> = outputs.iter().map(|one| format!("--output={one}")).collect();
        let args: Vec<&str> =
            ["check", "in"].into_iter().chain(outputs.iter().map(String::as_str)).collect();
        let ran = rolecall(folder.path(), &args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{outputs:?}");
        assert_eq!(ran.errors, format!("error: {expected}\n"));
    }
    assert_eq!(fs::read(folder.path().join("there.sarif")).unwrap(), b"old");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_written_through_only_when_forced() {
    let folder = folder();
    small(folder.path());
    put(folder.path(), "elsewhere/real.json", "old");
    std::os::unix::fs::symlink("elsewhere/real.json", folder.path().join("link.json")).unwrap();
    let refused = rolecall(folder.path(), &["check", "in", "--output", "json=link.json"]);
    assert_eq!(refused.code, 2);
    assert_eq!(
        refused.errors,
        "error: `--output json=link.json`: is a symbolic link, expected a file; `--force` writes to what it points at\n"
    );
    let real = folder.path().join("elsewhere/real.json");
    assert_eq!(fs::read(&real).unwrap(), b"old");
    let forced = rolecall(folder.path(), &["check", "in", "--output", "json=link.json", "--force"]);
    assert_ne!(forced.code, 2, "{forced:?}");
    assert!(folder.path().join("link.json").is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("\"version\": 1"));
}

#[test]
fn inputs_that_cannot_be_read_whole_are_exit_2_and_told_in_the_files() {
    let folder = folder();
    small(folder.path());
    put(folder.path(), "in/roles.json", "{\"Roles\": [{\"RoleName\": ");
    let outputs = ["--output=sarif=o.sarif", "--output=junit=o.xml", "--output=markdown=o.md"];
    let ran = rolecall(folder.path(), &[&["check", "in"][..], &outputs].concat());
    assert_eq!(ran.code, 2, "{ran:?}");
    let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
    let sarif: Value = serde_json::from_str(&read("o.sarif")).unwrap();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let unread = &invocation["toolExecutionNotifications"][0];
    assert_eq!(unread["descriptor"]["id"], "unreadable-input");
    let place = &unread["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(place, "in/roles.json");
    assert!(
        read("o.xml").contains("<testcase name=\"in/roles.json\" classname=\"rolecall.inputs\">")
    );
    assert!(read("o.md").contains("**Inputs could not be read whole:**\n\n- `in/roles.json"));
    let ran = rolecall(folder.path(), &[&["check", "in", "--lenient"][..], &outputs].concat());
    assert_ne!(ran.code, 2, "{ran:?}");
    let sarif: Value = serde_json::from_str(&read("o.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn github_shows_ten_of_each_level_and_the_last_notice_counts_the_others() {
    let folder = folder();
    small(folder.path());
    let mut edges = "group,member,member_type\n".to_owned();
    for number in 0..25 {
        writeln!(edges, "aws#dev#Role{number}#12345678901,ann@x.test,user").unwrap();
    }
    put(folder.path(), "in/edges.csv", edges);
    let args = ["check", "in", "--only", "naming/account-id-length", "--format", "github"];
    let ran = rolecall(folder.path(), &args);
    assert_eq!(ran.code, 1, "{ran:?}");
    let of = |start: &str| ran.out.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(of("::error "), 10);
    assert_eq!(of("error[naming/account-id-length]: "), 15);
    let last = ran.out.lines().last();
    assert_eq!(last, Some("::notice title=rolecall::15 more findings are in the log of this step"));
}

#[test]
fn the_findings_of_a_review_are_listed_in_formats_of_findings() {
    let folder = folder();
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML",
      "Principal": {"Federated": "arn:aws:iam::418203975566:saml-provider/OKTA"}}]}"#;
    put(folder.path(), "open.json", policy);
    let args = ["trust", "review", "open.json", "--format", "sarif", "--output", "junit=o.xml"];
    let ran = rolecall(folder.path(), &args);
    assert_eq!(ran.code, 0, "{ran:?}");
    let sarif: Value = serde_json::from_str(&ran.out).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|one| one["ruleId"] == "trust/no-audience"), "{}", ran.out);
    let file = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(file, "open.json");
    let junit = fs::read_to_string(folder.path().join("o.xml")).unwrap();
    assert!(junit.contains("<testcase name=\"trust/no-audience\""), "{junit}");
}

#[test]
fn a_message_in_another_file_is_at_that_file_without_a_line() {
    let folder = folder();
    let xml = "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"a\" Version=\"2.0\"/>";
    let packed = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(xml)
    };
    put(folder.path(), "sign in.txt", packed);
    let ran = rolecall(folder.path(), &["saml", "check", "sign in.txt", "--format", "sarif"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let sarif: Value = serde_json::from_str(&ran.out).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0];
    assert_eq!(place["physicalLocation"]["artifactLocation"]["uri"], "sign%20in.txt");
    assert_eq!(place["physicalLocation"].get("region"), None);
    let within = place["logicalLocations"][0]["fullyQualifiedName"].as_str().unwrap();
    assert_eq!(within, "sign in.txt, line 1 of the message");
}

#[test]
fn nothing_hidden_is_in_a_report_of_hidden_characters() {
    for (name, said) in say("hidden-characters", &mut |_| None, &Inputs::default()) {
        assert_eq!(said.chars().find(|&c| c != '\n' && is_hidden(c)), None, "{name}");
    }
}
