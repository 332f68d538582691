//! Every rule against its fixtures, and the order the rules are kept in.

#![expect(clippy::disallowed_methods, reason = "tests read files")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use rolecall::config::Config;
use rolecall::entitlement::captures::{Captures, Trusted};
use rolecall::entitlement::resolve::Entitlements;
use rolecall::finding::Finding;
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::model::moment::Moment;
use rolecall::report::check_text::{self, View, WIDTH};
use rolecall::rules::settings::{Level, Settings};
use rolecall::rules::{Context, Outcome, RETIRED, Rule, Scope, all, run};
use rolecall::sources::excerpt::Excerpts;
use rolecall::sources::load::{Loaded, load};

use crate::program::{self, folder, put};
use crate::support::{fixtures, inputs};

/// The folder of the rules' fixtures.
pub(crate) fn rule_fixtures() -> PathBuf {
    fixtures().join("rules")
}

/// The time of a run of rules about providers: the start of 2026-11-25.
const AT: i64 = 1_795_564_800;

/// What one rule says of a folder of exports and captured sign-ins, and what is in it.
pub(crate) struct Asked {
    pub(crate) outcome: Outcome,
    pub(crate) loaded: Loaded,
    captures: Captures,
}

/// Asks one rule about a folder.
pub(crate) fn ask(rule: &'static Rule, folder: &Path) -> Asked {
    let mut loaded = load(inputs(folder, folder));
    let problems: Vec<&str> = loaded.problems.iter().map(|problem| &*problem.message).collect();
    // Rules about the inputs are about such problems.
    let about_inputs = rule.info.id.starts_with("input/");
    assert!(about_inputs || problems.is_empty(), "{}: {problems:?}", folder.display());
    let captures = captures(&mut loaded, rule);
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default());
    let entitlements =
        mapping.as_ref().map(|mapping| Entitlements::resolve(&loaded.federation, mapping));
    let levels = [(rule.info.id.to_owned(), Level::On)].into();
    // Days in the names of exports are compared with no time here.
    let is_of_time =
        rule.info.id.starts_with("provider/") || rule.info.id == "input/usable-sign-in";
    let at = is_of_time.then_some(AT);
    let settings = Settings { levels, at, ..settings_of(folder) };
    let context =
        Context::new(&loaded.federation, entitlements.as_ref().map_err(|error| *error), &settings)
            .with_captures(&captures, Scope::Everything);
    let outcome = run([rule], &context);
    assert_eq!(outcome.not_checked, [], "{} in {}", rule.info.id, folder.display());
    Asked { outcome, loaded, captures }
}

/// The captured sign-ins of a folder, handed in at the time of the run.
fn captures(loaded: &mut Loaded, rule: &Rule) -> Captures {
    let trusted = Trusted::of(&loaded.federation);
    let mut captures = Captures::against(&trusted);
    captures.at = rule.info.id.starts_with("assertion/").then_some(Moment(AT));
    for input in std::mem::take(&mut loaded.captures) {
        let unread = captures.read(&input, &trusted, &mut loaded.federation.sources);
        assert_eq!(unread, [], "{}", input.name);
    }
    captures
}

/// What one rule says of a folder.
fn outcome_of(rule: &'static Rule, folder: &Path) -> Outcome {
    ask(rule, folder).outcome
}

/// What a fixture's configuration says about the rules, if it has one.
fn settings_of(folder: &Path) -> Settings {
    match fs::read_to_string(folder.join("rolecall.toml")) {
        Ok(text) => Config::parse(&text).unwrap().settings(),
        Err(_) => Settings::default(),
    }
}

/// The lines that findings in a folder point at.
pub(crate) fn excerpts(asked: &Asked, folder: &Path) -> Excerpts {
    let (mut all, mut formats) = asked.captures.inputs();
    all.extend(inputs(folder, folder));
    formats.extend(&asked.loaded.formats);
    let labels = asked
        .outcome
        .findings
        .iter()
        .flat_map(|finding| std::iter::once(&finding.primary).chain(&finding.related));
    Excerpts::read(&all, &formats, &asked.loaded.federation.sources, labels)
}

/// The text that one rule's findings in a folder give, without styles.
pub(crate) fn text_of(rule: &'static Rule, folder: &Path) -> String {
    let asked = ask(rule, folder);
    let excerpts = excerpts(&asked, folder);
    let sources = &asked.loaded.federation.sources;
    let view = View { sources, excerpts: &excerpts, width: WIDTH };
    let mut out = anstream::StripStream::new(Vec::new());
    for finding in &asked.outcome.findings {
        check_text::write_finding(&mut out, finding, &view).unwrap();
        writeln!(out).unwrap();
    }
    String::from_utf8(out.into_inner()).unwrap()
}

fn ids() -> Vec<&'static str> {
    all().map(|rule| rule.info.id).collect()
}

fn folders(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// What a sentence for people does wrong, if anything.
fn wrong_style(sentence: &str) -> Option<&'static str> {
    let first = sentence.chars().next();
    if first.is_none_or(char::is_uppercase) {
        Some("starts with a capital or is empty")
    } else if sentence.ends_with(['.', '!', ' ']) {
        Some("ends with a full stop or a space")
    } else if sentence.contains('\n') {
        Some("goes over several lines")
    } else {
        None
    }
}

#[test]
fn the_bad_fixture_of_every_rule_gives_its_findings_as_the_snapshot_shows() {
    for rule in all() {
        let folder = rule_fixtures().join(rule.info.id);
        let outcome = outcome_of(rule, &folder.join("bad"));
        assert!(!outcome.findings.is_empty(), "{} finds nothing in `bad`", rule.info.id);
        for finding in &outcome.findings {
            assert_eq!(finding.rule, rule.info.id);
        }
        let text = text_of(rule, &folder.join("bad"));
        insta::with_settings!(
            { snapshot_path => folder, prepend_module_to_snapshot => false, omit_expression => true },
            { insta::assert_snapshot!("bad", text) }
        );
    }
}

#[test]
fn the_good_fixture_of_every_rule_gives_nothing() {
    for rule in all() {
        let asked = ask(rule, &rule_fixtures().join(rule.info.id).join("good"));
        let found: Vec<&str> = asked.outcome.findings.iter().map(|found| &*found.message).collect();
        assert!(found.is_empty(), "{}: {found:?}", rule.info.id);
        let groups = asked.loaded.federation.directory.group_count();
        assert!(groups + asked.captures.all.len() > 0, "`good` holds nothing to check");
    }
}

#[test]
fn every_federation_gives_the_findings_its_snapshot_shows_and_the_clean_one_none() {
    for world in folders(&fixtures().join("federations")) {
        let args = ["check", &world, "--lenient", "--fail-on", "never", "--at", "2026-11-25"];
        let ran = program::rolecall(&fixtures().join("federations"), &args);
        assert_eq!(ran.code, 0, "{world}: {}", ran.errors);
        if world == "clean" {
            assert!(ran.out.starts_with("no findings; "), "{}", ran.out);
        }
        insta::with_settings!(
            { snapshot_path => "snapshots/checked", prepend_module_to_snapshot => false, omit_expression => true },
            { insta::assert_snapshot!(world, ran.out) }
        );
    }
}

#[test]
fn every_finding_and_rule_is_written_in_the_house_style() {
    let mut wrong = Vec::new();
    let mut ask = |rule: &str, sentence: &str| {
        wrong.extend(wrong_style(sentence).map(|how| format!("{rule}: `{sentence}` {how}")));
    };
    for rule in all() {
        let id = rule.info.id;
        ask(id, rule.info.summary);
        let outcome = outcome_of(rule, &rule_fixtures().join(id).join("bad"));
        for Finding { message, help, related, .. } in &outcome.findings {
            let labels = related.iter().map(|label| &label.message);
            for sentence in help.iter().chain(labels).chain([message]) {
                ask(id, sentence);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_explains_itself_and_says_what_to_do() {
    for rule in all() {
        let info = rule.info;
        for text in [info.explanation, info.remediation] {
            assert!(text.ends_with('.'), "{}: `{text}` is not a sentence", info.id);
            assert!(!text.contains("  "), "{}: `{text}` has doubled spaces", info.id);
        }
        assert!(!info.references.is_empty(), "{} stands on nothing", info.id);
        for reference in info.references {
            assert!(reference.starts_with("https://"), "{}: {reference}", info.id);
        }
    }
}

#[test]
fn ids_are_sorted_unique_and_in_kebab_case() {
    let ids = ids();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    let form = Regex::new("^[a-z]+/[a-z0-9]+(-[a-z0-9]+)*$").unwrap();
    for id in ids {
        assert!(form.is_match(id), "{id}");
    }
}

#[test]
fn ids_change_only_on_purpose() {
    insta::assert_snapshot!("rule_ids", ids().join("\n"));
}

#[test]
fn a_retired_id_never_comes_back() {
    let ids: BTreeSet<&str> = ids().into_iter().collect();
    let back: Vec<&&str> = RETIRED.iter().filter(|id| ids.contains(**id)).collect();
    assert!(back.is_empty(), "{back:?}");
}

#[test]
fn every_rule_has_a_file_and_every_file_a_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut files = Vec::new();
    for group in folders(&root).iter().filter(|name| root.join(name).is_dir()) {
        for file in folders(&root.join(group)) {
            let problem = file.strip_suffix(".rs").unwrap_or(&file);
            if problem != "mod" {
                files.push(format!("{}/{}", group, problem.replace('_', "-")));
            }
        }
    }
    files.sort();
    assert_eq!(files, ids());
}

#[test]
fn every_rule_has_fixtures_and_every_fixture_a_rule() {
    let mut found = Vec::new();
    for group in folders(&rule_fixtures()) {
        for problem in folders(&rule_fixtures().join(&group)) {
            let id = format!("{group}/{problem}");
            let parts = folders(&rule_fixtures().join(&id));
            assert_eq!(parts, ["bad", "bad.snap", "good"], "{id}");
            found.push(id);
        }
    }
    assert_eq!(found, ids());
}

struct Ran {
    code: i32,
    out: String,
    errors: String,
}

fn rolecall(args: &[&str]) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(args)
        .current_dir(rule_fixtures().join("naming/filter-near-miss"))
        .output()
        .unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn findings_are_exit_1_and_a_clean_folder_is_exit_0_in_every_format() {
    for format in ["text", "json", "jsonl"] {
        // The guide's own filter, which the fixtures have, is not the best there is.
        let check = |of: &str| rolecall(&["check", of, "--only", "naming", "--format", format]);
        assert_eq!(check("bad").code, 1, "{format}");
        assert_eq!(check("good").code, 0, "{format}");
    }
    let out = rolecall(&["check", "good", "--only", "naming"]).out;
    assert!(out.contains("\nno findings; "), "{out}");
}

#[test]
fn fail_on_never_shows_findings_and_exits_0() {
    let ran = rolecall(&["check", "bad", "--fail-on", "never"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.starts_with("error[naming/"), "{}", ran.out);
    assert!(!ran.out.contains('\u{1b}'), "styles without a terminal");
}

#[test]
fn the_json_form_has_a_version_places_and_a_summary() {
    let ran = rolecall(&["check", "bad", "--only", "naming", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["version"], 1);
    let findings = json["findings"].as_array().unwrap();
    assert_eq!(json["summary"]["errors"], findings.len());
    let checked = json["summary"]["checked"].as_array().unwrap();
    assert!(checked.contains(&"naming/filter-near-miss".into()), "{checked:?}");
    let case = findings
        .iter()
        .find(|finding| finding["subject"] == "AWS#kestrel-prod#Admin#418830275916")
        .unwrap();
    assert_eq!(
        case["at"],
        serde_json::json!({
            "file": "bad/groups.csv",
            "line": 3,
            "column": 1,
            "end_column": 4,
            "byte": 73,
            "end_byte": 76,
            "exact": true,
            "field": {"kind": "cell", "row": 3, "column": "group"},
        })
    );
    assert_eq!(case["related"][0]["at"]["file"], "bad/okta_app.json");
    assert_eq!(case["related"][0]["at"]["line"], 3);
    assert_eq!(
        case["related"][0]["at"]["field"],
        serde_json::json!({"kind": "pointer", "pointer": "/groupFilter"})
    );
    assert_eq!(
        case["fix"],
        serde_json::json!({
            "kind": "rename-group",
            "from": "AWS#kestrel-prod#Admin#418830275916",
            "to": "aws#kestrel-prod#Admin#418830275916",
        })
    );
}

#[test]
fn without_an_app_export_names_are_not_checked_and_the_reason_is_said() {
    let ran = rolecall(&["check", "bad/groups.csv"]);
    assert!(
        ran.out.contains(
            " rules of access, arn, directory, drift, mapping, naming, provider]: no Group Filter"
        ),
        "{}",
        ran.out
    );
}

#[test]
fn with_group_mapping_off_the_names_of_groups_are_not_checked() {
    let folder = tempfile::tempdir().unwrap();
    let bad = rule_fixtures().join("naming/filter-near-miss/bad");
    let app = fs::read_to_string(bad.join("okta_app.json")).unwrap();
    let off = app.replace("\"useGroupMapping\": true", "\"useGroupMapping\": false");
    assert_ne!(app, off);
    fs::write(folder.path().join("okta_app.json"), off).unwrap();
    fs::copy(bad.join("groups.csv"), folder.path().join("groups.csv")).unwrap();
    let ran = rolecall(&["check", folder.path().to_str().unwrap()]);
    assert!(ran.out.contains("Use Group Mapping is off"), "{}", ran.out);
    assert!(!ran.out.contains("error[naming/"), "{}", ran.out);
}

/// A folder with the bad fixture's findings and a group file that ends inside a quoted cell.
fn broken() -> tempfile::TempDir {
    let folder = folder();
    let bad = rule_fixtures().join("naming/filter-near-miss/bad");
    fs::copy(bad.join("okta_app.json"), folder.path().join("okta_app.json")).unwrap();
    let groups = fs::read_to_string(bad.join("groups.csv")).unwrap();
    put(folder.path(), "groups.csv", groups + "\"unclosed,max,user\n");
    folder
}

#[test]
fn what_could_be_read_is_checked_and_the_exit_code_is_2_unless_lenient() {
    let broken = broken();
    for format in ["text", "json", "jsonl"] {
        let args = ["check", ".", "--format", format];
        let ran = program::rolecall(broken.path(), &args);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.out.contains("AWS#kestrel-prod#Admin"), "{ran:?}");
        assert!(ran.errors.contains("groups.csv:9: "), "{ran:?}");
        assert!(ran.errors.contains("could not be read whole"), "{ran:?}");
        let ran = program::rolecall(broken.path(), &[&args[..], &["--lenient"]].concat());
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.errors.contains("groups.csv:9: "), "{ran:?}");
        assert!(!ran.errors.contains("could not be read whole"), "{ran:?}");
    }
}

#[test]
fn a_rule_is_left_out_or_chosen_by_id_and_by_group() {
    let checked = |args: &[&str]| {
        let ran = rolecall(&[&["check", "bad", "--format", "json"], args].concat());
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let of = |part: &str| json["summary"][part].as_array().unwrap().clone();
        let names = [of("checked"), of("not_checked")].concat();
        let ids = names.iter().map(|id| id.as_str().or(id["rule"].as_str()).unwrap().to_owned());
        let mut ids: Vec<String> = ids.collect();
        ids.sort();
        ids
    };
    // Rules about captured sign-ins have nothing to look at here.
    let of_captures = |id: &str| {
        let groups = ["assertion/", "signature/", "drift/assertion-gap"];
        groups.iter().any(|group| id.starts_with(group))
    };
    let on = all().filter(|rule| rule.info.on).map(|rule| rule.info.id);
    let on: Vec<&str> = on.filter(|id| !of_captures(id)).collect();
    assert_eq!(checked(&[]), on);
    let naming: Vec<&str> = on.iter().copied().filter(|id| id.starts_with("naming/")).collect();
    assert_eq!(checked(&["--only", "naming"]), naming);
    assert_eq!(checked(&["--only", "naming/filter-near-miss"]), ["naming/filter-near-miss"]);
    let others: Vec<&str> = on.iter().copied().filter(|id| !id.starts_with("naming/")).collect();
    let skipped = rolecall(&["check", "bad", "--skip", "naming,arn", "--format", "json"]);
    assert!(!skipped.out.contains("naming/"), "{}", skipped.out);
    if !others.is_empty() {
        assert_eq!(checked(&["--skip", "naming"]), others);
    }
}

#[test]
fn a_flag_with_an_unknown_rule_is_exit_2_with_the_nearest() {
    for flag in ["--only", "--skip"] {
        for command in [&["check", "bad"][..], &["rules"]] {
            let ran = rolecall(&[command, &[flag, "naming/filter-near-mis"]].concat());
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{command:?}");
            let near = "no rule is called `naming/filter-near-mis`; the nearest: `naming/filter-near-miss`";
            assert!(ran.errors.contains(near), "{}", ran.errors);
        }
    }
}

#[test]
fn the_configuration_sets_levels_and_a_flag_outranks_it() {
    let folder = broken();
    fs::remove_file(folder.path().join("groups.csv")).unwrap();
    let bad = rule_fixtures().join("naming/filter-near-miss/bad");
    fs::copy(bad.join("groups.csv"), folder.path().join("groups.csv")).unwrap();
    let id = "naming/filter-near-miss";
    let run = |level: &str, args: &[&str]| {
        let config = format!("[[source]]\npath = \".\"\n[rules]\n\"{id}\" = \"{level}\"\n");
        put(folder.path(), "rolecall.toml", config);
        program::rolecall(folder.path(), args)
    };
    let ran = run("note", &["check", "--only", id]);
    assert!(ran.out.starts_with(&format!("note[{id}]: ")), "{ran:?}");
    assert_eq!(ran.code, 0);
    assert_eq!(run("off", &["check", "--only", "naming"]).code, 1);
    let line = |ran: program::Ran| {
        let line = ran.out.lines().find(|line| line.starts_with(id)).unwrap().to_owned();
        line.split_whitespace().skip(1).take(3).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(line(run("note", &["rules"])), "note on rolecall.toml:4");
    assert_eq!(line(run("off", &["rules"])), "error off rolecall.toml:4");
    assert_eq!(line(run("note", &["rules", "--skip", "naming"])), "error off --skip");
    let page = run("warning", &["rules", id]).out;
    assert!(page.ends_with("**Here.** On, every finding a warning (rolecall.toml:4).\n"), "{page}");
    let ran = run("loud", &["rules"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("rolecall.toml:4: `naming/filter-near-miss` is `loud`"), "{ran:?}");
}

#[test]
fn a_line_is_cut_to_the_width_around_what_is_underlined() {
    for width in ["40", "60", "200"] {
        let ran = rolecall(&["check", "bad", "--only", "naming", "--width", width]);
        let width: usize = width.parse().unwrap();
        // A label is a sentence and stays whole.
        let label = |line: &str| line.contains("^ ") || line.contains("- ");
        let lines = ran.out.lines().filter(|line| line.contains(" | ") && !label(line));
        let source: Vec<&str> = lines.collect();
        assert!(source.len() > 6, "{}", ran.out);
        for line in source {
            assert!(line.chars().count() <= width, "{line}");
        }
    }
}

#[test]
fn the_value_of_a_secret_is_never_printed() {
    for format in ["text", "json"] {
        let folder = "../../input/secret-in-export/bad";
        let ran = rolecall(&["check", folder, "--format", format]);
        assert!(ran.out.contains("input/secret-in-export"), "{}", ran.out);
        assert!(!(ran.out + &ran.errors).contains("heron-canary"), "{format}");
    }
}

#[test]
fn the_catalogue_lists_rules_and_shows_a_page_with_examples() {
    let list = rolecall(&["rules"]).out;
    assert_eq!(list.lines().count(), ids().len());
    for (line, id) in list.lines().zip(ids()) {
        assert!(line.starts_with(id), "{line}");
        let page = rolecall(&["rules", id]);
        assert!(page.out.starts_with(&format!("## {id}\n")), "{}", page.out);
        assert!(page.out.contains(&format!("[{id}]: ")), "no example in {}", page.out);
        assert!(page.out.contains("\n**Here.** "), "{}", page.out);
    }
}

#[test]
fn an_unknown_rule_is_exit_2_with_the_nearest() {
    for id in ["filter-near-miss", "naming/filter-near-mis"] {
        let ran = rolecall(&["rules", id]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.errors.contains("the nearest: `naming/filter-near-miss`"), "{}", ran.errors);
    }
    assert_eq!(rolecall(&["rules", "nothing/like-it"]).code, 2);
}
