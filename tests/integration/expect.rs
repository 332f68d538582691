//! `rolecall test`: verdicts, formats, updates and coverage.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rolecall::config::{Config, read_expectations};
use rolecall::text::{Place, is_hidden};
use tempfile::TempDir;

use crate::hostile::shape::{code_left_out, command, is_words};
use crate::hostile::{CORPUS, keep};
use crate::program::{Ran, folder, put, rolecall, small};
use crate::schema::objection;
use crate::support::fixtures;

const FORMATS: [&str; 7] = ["text", "json", "jsonl", "junit", "tap", "github", "markdown"];

fn test_of(world: &str, args: &[&str]) -> Ran {
    rolecall(&fixtures().join("federations"), &[&["test", world], args].concat())
}

#[test]
fn every_world_with_expectations_gives_the_verdicts_its_snapshot_shows() {
    let mut worlds = Vec::new();
    for entry in fs::read_dir(fixtures().join("federations")).unwrap() {
        let path = entry.unwrap().path();
        if path.join("expectations.toml").exists() {
            worlds.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    worlds.sort();
    assert!(worlds.len() > 4, "{worlds:?}");
    for world in worlds {
        let ran = test_of(&world, &["--verbose", "--coverage"]);
        assert!(!ran.errors.contains("error"), "{world}: {}", ran.errors);
        insta::with_settings!(
            { snapshot_path => "snapshots/expected", prepend_module_to_snapshot => false, omit_expression => true },
            { insta::assert_snapshot!(world, ran.out) }
        );
    }
}

#[test]
fn every_format_shows_the_same_verdicts_and_gives_the_same_exit_code() {
    for format in FORMATS {
        let ran = test_of("refused", &["--format", format]);
        assert_eq!(ran.code, 1, "{format}: {}", ran.errors);
        assert_eq!(test_of("clean", &["--format", format]).code, 0, "{format}");
        if format != "text" {
            insta::with_settings!(
                { snapshot_path => "snapshots/expected", prepend_module_to_snapshot => false, omit_expression => true },
                { insta::assert_snapshot!(format!("refused_{format}"), ran.out) }
            );
        }
    }
    let json: serde_json::Value =
        serde_json::from_str(&test_of("refused", &["--format", "json"]).out).unwrap();
    let summary = &json["summary"];
    let count = |word: &str| summary[word].as_u64().unwrap();
    assert_eq!(count("passed") + count("failed") + count("invalid") + count("undecided"), 7);
    let junit = test_of("refused", &["--format", "junit"]).out;
    let document = roxmltree::Document::parse(&junit).unwrap();
    let of =
        |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count() as u64;
    assert_eq!(of("testcase"), 7);
    assert_eq!(of("error"), count("invalid"));
    assert_eq!(of("failure"), count("failed") + count("undecided"));
    let tap = test_of("refused", &["--format", "tap"]).out;
    let lines = |start: &str| tap.lines().filter(|line| line.starts_with(start)).count() as u64;
    assert_eq!((lines("ok "), lines("not ok ")), (count("passed"), 7 - count("passed")));
}

#[test]
fn json_fits_its_schema_line_by_line_too() {
    let schema = {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/test.schema.json");
        serde_json::from_str::<serde_json::Value>(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let fits = |text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(objection(&schema, &schema, &value, ""), None);
        value
    };
    for world in ["refused", "clean", "demo", "missing-account-export", "ad-nesting"] {
        let report = fits(&test_of(world, &["--format", "json"]).out);
        let lines = test_of(world, &["--format", "jsonl"]).out;
        let lines: Vec<serde_json::Value> = lines.lines().map(fits).collect();
        assert_eq!(lines.len(), report["cases"].as_array().unwrap().len() + 1, "{world}");
    }
    let mut report: serde_json::Value =
        serde_json::from_str(&test_of("refused", &["--format", "json"]).out).unwrap();
    report["cases"][0]["verdict"] = "maybe".into();
    assert!(objection(&schema, &schema, &report, "").is_some());
}

#[test]
fn what_is_not_known_is_a_verdict_of_its_own() {
    let root = folder();
    small(root.path());
    put(
        root.path(),
        "expectations.toml",
        "[[expect]]\nuser = \"ann@x.test\"\nsees = \"dev/Admin\"\n\n[[expect]]\nuser = \"ann@x.test\"\nnot_sees = \"dev/Ops\"\n",
    );
    let run = |args: &[&str]| {
        rolecall(root.path(), &[&["test", "expectations.toml", "-s", "in"], args].concat())
    };
    let ran = run(&[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("no export says who is assigned to the Okta app"), "{}", ran.out);
    assert!(ran.out.ends_with("2 expectations: 1 passed, 1 undecided\n"), "{}", ran.out);
    let ran = run(&["--allow-undecided"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.ends_with("1 passed, 1 undecided (allowed)\n"), "{}", ran.out);
    let tap = run(&["--allow-undecided", "--format", "tap"]).out;
    assert!(tap.contains("\nok 1 - ann@x.test: sees # SKIP undecided: wanted"), "{tap}");
    let junit = run(&["--allow-undecided", "--format", "junit"]).out;
    assert!(junit.contains("skipped=\"1\"") && junit.contains("<skipped message="), "{junit}");
}

#[test]
fn a_name_that_nothing_has_never_passes_and_the_nearest_is_offered() {
    for (expectation, says) in [
        (
            "user = \"noraa@saltmarsh.test\"\nnot_sees = \"*/Operator\"",
            "no user is called `noraa@saltmarsh.test` in these exports; the nearest: `nora@saltmarsh.test`",
        ),
        (
            "user = \"nora\"\nnot_sees = \"saltmarsh-prod/Operatr\"",
            "no account has, and no group maps to, `saltmarsh-prod/Operatr`; the nearest: `saltmarsh-prod/Operator`",
        ),
        (
            "group = \"Platfrom\"\nnot_sees = \"*/Auditor\"",
            "no group is called `Platfrom` in these exports; the nearest: `Platform`",
        ),
        (
            "users_like = \"*@contractor.test\"\nnot_sees = \"*/Auditor\"",
            "no user who can sign in has a login like `*@contractor.test`",
        ),
        (
            "user = \"nora\"\nnot_sees = \"*/Admin\"",
            "no account has, and no group maps to, `*/Admin`",
        ),
        (
            "role = \"saltmarsh-prod/Operator\"\nreached_by_at_most = [\"omar\", \"pilr@saltmarsh.test\"]",
            "no user is called `pilr@saltmarsh.test` in these exports; the nearest: `pilar@saltmarsh.test`",
        ),
        (
            "tier = \"admn\"\ncount = 1",
            "no tier is called `admn` in `[tiers]` of rolecall.toml; the nearest: `admin`",
        ),
        (
            "group = \"Audit\"\nexcept = \"quinn\"\nsees = \"*/Auditor\"",
            "`except` leaves nobody out of whom something could be expected",
        ),
    ] {
        let root = demo();
        put(root.path(), "expectations.toml", format!("[[expect]]\n{expectation}\n"));
        let ran = rolecall(root.path(), &["test"]);
        assert_eq!(ran.code, 1, "{expectation}: {ran:?}");
        assert!(ran.out.starts_with("INVALID"), "{}", ran.out);
        assert!(ran.out.contains(says), "{expectation}:\n{}", ran.out);
    }
}

#[test]
fn a_mistake_in_a_file_names_its_line_and_what_was_expected() {
    for (text, line, message) in [
        ("[[expct]]\n", 1, "unknown key `expct`, expected `expect`"),
        ("[[expect]]\nuser = \"a\"\nsee = \"x/y\"\n", 3, "unknown key `see`, expected `sees`"),
        (
            "[[expect]]\nuser = \"a\"\ngroup = \"b\"\nsees = \"x/y\"\n",
            3,
            "`group` beside `user`, expected one of them",
        ),
        (
            "[[expect]]\nuser = \"a\"\ncount = 1\n",
            3,
            "`count` says nothing about users, expected one of `sees`, `not_sees`, `sees_exactly`, `can_assume`, `refused`",
        ),
        (
            "[[expect]]\nrole = \"a/b\"\nsees = \"x/y\"\n",
            3,
            "`sees` says nothing about roles, expected one of `reached_by`, `reached_by_exactly`, `reached_by_at_most`, `nobody_outside`, `count`",
        ),
        (
            "\n[[expect]]\nsees = \"x/y\"\n",
            2,
            "an expectation of nobody, expected one of `user`, `users`, `group`, `users_like`, `everybody`, `role`, `roles`, `roles_like`, `tier`",
        ),
        (
            "[[expect]]\nuser = \"a\"\n",
            1,
            "nothing is expected, expected one of `sees`, `not_sees`, `sees_exactly`, `can_assume`, `refused`, `reached_by`, `reached_by_exactly`, `reached_by_at_most`, `nobody_outside`, `count`",
        ),
        (
            "[[expect]]\nuser = \"a\"\nrefused = { role = \"x/y\", stage = \"trst\" }\n",
            3,
            "`stage` is `trst`, expected `trust`",
        ),
        (
            "[[expect]]\nuser = \"a\"\nrefused = { stage = \"trust\" }\n",
            3,
            "`refused` without `role`, expected a table such as `{ role = \"…\", stage = \"trust\" }`",
        ),
        (
            "[[expect]]\nrole = \"a/b\"\ncount = { min = 3, max = 2 }\n",
            3,
            "`count` asks for nothing or for the impossible, expected `min` up to `max`",
        ),
        (
            "[[expect]]\nrole = \"a/b\"\ncount = -1\n",
            3,
            "`count` is `-1`, expected a number from 0 on",
        ),
        (
            "[[expect]]\nrole = \"a/b\"\nreached_by_at_most = [{ grup = \"x\" }]\n",
            3,
            "unknown key `grup`, expected `group`",
        ),
        (
            "[[expect]]\neverybody = false\nsees = \"a/b\"\n",
            2,
            "`everybody` is not `true`, expected that",
        ),
        (
            "[[forbid]]\ntogether = [\"a/b\"]\n",
            1,
            "a `[[forbid]]` needs `together` with two roles or more, at most 32",
        ),
        ("[[expect]]\nuser = 3\nsees = \"a/b\"\n", 2, "`user` is an integer, expected a string"),
        (
            "[[expect]]\nuser = \"a\"\nsees = [\n\"x/y\",\n\"\",\n]\n",
            5,
            "`sees` is ``, expected a text",
        ),
    ] {
        let error = read_expectations(text, 0, &|_| Place::NOWHERE).unwrap_err();
        assert_eq!((error.line, error.message.as_str()), (line, message), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(\\[\\[(expect|forbid)\\]\\]\n|(user|group|role|sees|count|refused|together) = (\"[a*/]{0,3}\"|\\[|\\]|\\{ ?|3|role = |true)?[\n,]|\\PC{0,5}|\n){0,20}") {
        let _ = read_expectations(&text, 0, &|_| Place::NOWHERE);
    }
}

/// The demo's federation in a folder of its own.
fn demo() -> TempDir {
    let root = folder();
    fs::remove_dir(root.path().join(".git")).unwrap();
    assert_eq!(rolecall(root.path(), &["demo", "--write", "."]).code, 0);
    fs::create_dir(root.path().join(".git")).unwrap();
    root
}

fn text_of(root: &Path) -> String {
    fs::read_to_string(root.join("expectations.toml")).unwrap()
}

#[test]
fn update_changes_lists_and_numbers_in_place_and_nothing_else() {
    let root = demo();
    let before = "\
# kept
[[expect]]
user = \"omar\" # who
sees = \"saltmarsh-log/Auditor\" # does not hold, and stays
sees_exactly = [
  # he works here
  \"saltmarsh-dev/Developer\", # since May
  \"saltmarsh-log/Auditor\",
]

[[expect]]
role = 'saltmarsh-prod/Operator'
reached_by_exactly = ['omar', { user = \"quinn\" }] # both
count = 7 # seven

[[expect]]
user = \"omar\"
refused = { role = \"saltmarsh-dev/Developer\", stage = \"trust\" }
";
    put(root.path(), "expectations.toml", before);
    let ran = rolecall(root.path(), &["test", "--update"]);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    insta::assert_snapshot!("update_says", ran.out);
    insta::assert_snapshot!("update_writes", text_of(root.path()));
    let after = text_of(root.path());
    assert!(
        after.contains("refused = { role = \"saltmarsh-dev/Developer\", stage = \"trust\" }\n")
    );
    let ran = rolecall(root.path(), &["test"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.ends_with("3 expectations: 1 passed, 2 failed\n"), "{}", ran.out);
    let again = rolecall(root.path(), &["test", "--update"]);
    assert!(again.out.starts_with("0 lists and numbers changed"), "{}", again.out);
    assert_eq!(text_of(root.path()), after);
}

#[test]
fn update_says_what_one_list_cannot_say() {
    let root = demo();
    put(
        root.path(),
        "expectations.toml",
        "[[expect]]\nusers = [\"omar\", \"quinn\"]\nsees_exactly = []\n",
    );
    let ran = rolecall(root.path(), &["test", "--update"]);
    assert!(ran.out.contains("not changed: its users see different roles"), "{}", ran.out);
    assert!(text_of(root.path()).ends_with("sees_exactly = []\n"));
}

#[test]
fn update_writes_new_expectations_that_hold() {
    let root = demo();
    let args = [
        "test",
        "new.expect.toml",
        "--update",
        "--user",
        "nora",
        "--user",
        "rosa",
        "--role",
        "saltmarsh-prod/ReadOnly",
        "--group",
        "Platform",
    ];
    let ran = rolecall(root.path(), &args);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{}", ran.out);
    let text = fs::read_to_string(root.path().join("new.expect.toml")).unwrap();
    insta::assert_snapshot!("recorded", text);
    let ran = rolecall(root.path(), &["test", "new.expect.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    // Once more: they are added at the end.
    rolecall(root.path(), &["test", "new.expect.toml", "--update", "--user", "quinn"]);
    let longer = fs::read_to_string(root.path().join("new.expect.toml")).unwrap();
    assert!(
        longer.starts_with(&text)
            && longer.contains("\n\n[[expect]]\nuser = \"quinn@saltmarsh.test\"\n")
    );
}

#[cfg(unix)]
#[test]
fn update_does_not_write_through_a_link() {
    let root = demo();
    put(root.path(), "real.txt", "[[expect]]\nuser = \"omar\"\nsees_exactly = []\n");
    std::os::unix::fs::symlink("real.txt", root.path().join("a.expect.toml")).unwrap();
    let ran = rolecall(root.path(), &["test", "a.expect.toml", "--update"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.errors.contains("it is a link, expected the file itself"), "{}", ran.errors);
}

#[test]
fn coverage_fails_below_what_is_asked_for_and_lists_what_is_not_named() {
    let root = demo();
    put(
        root.path(),
        "expectations.toml",
        "[[expect]]\nuser = \"omar\"\nsees = \"saltmarsh-dev/Developer\"\n",
    );
    let ran = rolecall(root.path(), &["test", "--coverage", "--coverage-min", "25"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for line in [
        "coverage: 25% of the roles that pickers may show (1 of 4), in 1 of 3 accounts",
        "    saltmarsh-log (760154829933)",
        "    saltmarsh-prod/Operator",
    ] {
        assert!(ran.out.contains(line), "{line}:\n{}", ran.out);
    }
    let ran = rolecall(root.path(), &["test", "--coverage-min", "26"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.errors, "error: expectations name 25% of the roles, expected 26%\n");
}

#[test]
fn without_a_file_of_expectations_the_command_cannot_run() {
    let root = demo();
    fs::remove_file(root.path().join("expectations.toml")).unwrap();
    let ran = rolecall(root.path(), &["test"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.errors.starts_with("error: no file of expectations, expected `expectations.toml` or"),
        "{}",
        ran.errors
    );
    put(root.path(), "b.expect.toml", "[[expect]]\nuser = 3\n");
    let ran = rolecall(root.path(), &["test"]);
    assert_eq!(
        (ran.code, ran.errors.as_str()),
        (2, "error: b.expect.toml:2: `user` is an integer, expected a string\n")
    );
}

#[test]
fn a_folder_of_exports_passes_files_of_expectations_over() {
    let root = folder();
    small(root.path());
    let before = rolecall(root.path(), &["picker", "ann", "-s", "in"]);
    put(
        root.path(),
        "in/expectations.toml",
        "[[expect]]\nuser = \"ann@x.test\"\nsees_exactly = \"dev/Admin\"\n",
    );
    put(
        root.path(),
        "in/more.expect.toml",
        "[[forbid]]\ntogether = [\"dev/Admin\", \"dev/Ops\"]\n",
    );
    let after = rolecall(root.path(), &["picker", "ann", "-s", "in"]);
    assert_eq!((before.out, before.errors), (after.out, after.errors));
    let ran = rolecall(root.path(), &["test", "in", "--allow-undecided"]);
    assert!(ran.out.ends_with("2 expectations: 1 passed, 1 undecided (allowed)\n"), "{ran:?}");
}

#[test]
fn nothing_of_a_hostile_name_acts_in_any_format() {
    let root = folder();
    small(root.path());
    let mut edges = "group,member,member_type\n".to_owned();
    let mut users = "user,status\n".to_owned();
    let mut expectations = String::new();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    for (at, hostile) in CORPUS.iter().enumerate() {
        let (team, login) = (format!("{hostile}{at}"), format!("u{at}{hostile}@x.test"));
        writeln!(users, "{},ACTIVE", quoted(&login)).unwrap();
        writeln!(edges, "aws#dev#Admin#123456789012,{},group", quoted(&team)).unwrap();
        writeln!(edges, "{},{},user", quoted(&team), quoted(&login)).unwrap();
        let toml = |text: &str| toml::Value::from(text).to_string();
        let (title, group, user) = (toml(hostile), toml(&team), toml(&login));
        writeln!(
            expectations,
            "[[expect]]\nname = {title}\ngroup = {group}\nnot_sees = \"dev/Admin\"\n"
        )
        .unwrap();
        writeln!(expectations, "[[expect]]\nuser = {user}\nsees = {title}\n").unwrap();
        writeln!(expectations, "[[expect]]\nname = {title}\nrole = \"dev/Admin\"\nreached_by_at_most = [{user}, {{ group = {title} }}]\n").unwrap();
    }
    put(root.path(), "in/edges.csv", edges);
    put(root.path(), "in/users.csv", users);
    put(root.path(), "expectations.toml", expectations);
    let start = regex::Regex::new(
        r"^(## rolecall test: |- (\*\*(failed|invalid|undecided)\*\* )?|  - |    - |</?details>$|<summary>\d+ expectations more</summary>$)",
    )
    .unwrap();
    for format in FORMATS {
        let args = [
            "test",
            "expectations.toml",
            "-s",
            "in",
            "--lenient",
            "--format",
            format,
            "--coverage",
        ];
        let ran = rolecall(root.path(), &args);
        assert_eq!(ran.code, 1, "{format}: {}", ran.errors);
        let hidden: Vec<char> =
            ran.out.chars().filter(|&c| is_hidden(c) && c != '\n' && c != ' ').collect();
        assert_eq!(hidden, [' '; 0], "{format}");
        keep(&format!("expectations-{format}"), &ran.out);
        match format {
            "json" => {
                let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
                assert_eq!(json["cases"].as_array().unwrap().len(), 3 * CORPUS.len());
            }
            "jsonl" => {
                for line in ran.out.lines() {
                    serde_json::from_str::<serde_json::Value>(line).unwrap();
                }
            }
            "junit" => {
                let document = roxmltree::Document::parse(&ran.out).unwrap();
                let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
                assert_eq!(cases.count(), 3 * CORPUS.len());
            }
            "tap" => {
                let cases = ran.out.lines().filter(|line| line.starts_with("not ok "));
                assert_eq!(cases.count(), 3 * CORPUS.len());
                assert!(ran.out.lines().all(|line| {
                    line.starts_with("  ")
                        || line.starts_with("not ok ")
                        || line.starts_with("TAP ")
                        || line.starts_with("1..")
                }));
            }
            "github" => {
                let commands: Vec<String> = ran.out.lines().map(command).collect();
                let of = |start: &str| commands.iter().filter(|one| one.starts_with(start)).count();
                assert_eq!((of("error ["), of("notice [")), (10, 1));
            }
            "markdown" => {
                for line in ran.out.lines() {
                    let outside = code_left_out(&start.replace(line, ""));
                    assert!(is_words(&outside), "{line}");
                }
            }
            _ => {}
        }
    }
    let recorded =
        ["test", "new.expect.toml", "-s", "in", "--lenient", "--update", "--role", "dev/Admin"];
    let ran = rolecall(root.path(), &recorded);
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = fs::read_to_string(root.path().join("new.expect.toml")).unwrap();
    assert!(!text.chars().any(|c| is_hidden(c) && c != '\n'), "{text}");
}

/// Fenced blocks of a page in one language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect()
}

#[test]
fn every_example_of_the_page_is_read_and_names_what_the_demo_has() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/expectations.md"))
            .unwrap();
    let examples = blocks(&page, "toml");
    assert!(examples.len() > 4);
    let (mut all, mut config) = (String::new(), String::new());
    for example in &examples {
        if example.contains("[tiers]") {
            Config::parse(example).unwrap();
            config = format!("\n{example}\n");
            continue;
        }
        read_expectations(example, 0, &|_| Place::NOWHERE).unwrap();
        all.push_str(example);
        all.push('\n');
    }
    for key in [
        "name",
        "user",
        "users",
        "group",
        "users_like",
        "everybody",
        "except",
        "role",
        "roles",
        "roles_like",
        "tier",
        "sees",
        "not_sees",
        "sees_exactly",
        "can_assume",
        "refused",
        "reached_by",
        "reached_by_exactly",
        "reached_by_at_most",
        "nobody_outside",
        "count",
        "together",
        "same_account",
        "stage",
        "text",
        "min",
        "max",
    ] {
        assert!(
            page.contains(&format!("`{key}`")) || page.contains(&format!("`{key} = ")),
            "`{key}` is not explained"
        );
        assert!(page.contains(&format!("{key} = ")), "no example has `{key}`");
    }
    let root = demo();
    let own = fs::read_to_string(root.path().join("rolecall.toml")).unwrap();
    put(root.path(), "rolecall.toml", own + &config);
    put(root.path(), "expectations.toml", all);
    let ran = rolecall(root.path(), &["test", "-v"]);
    assert!(!ran.out.contains("INVALID"), "{}", ran.out);
    assert!(!ran.out.contains("FAILED"), "{}", ran.out);
}

#[test]
fn the_failure_of_the_readme_is_what_test_says_of_the_demo() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let (_, after) = readme.split_once("$ rolecall test\n").unwrap();
    let (shown, _) = after.split_once("\n```").unwrap();
    let ran = rolecall(demo().path(), &["test"]);
    assert_eq!(ran.code, 1);
    assert_eq!(ran.out.trim_end(), shown);
}
