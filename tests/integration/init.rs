//! `rolecall init`: from a folder of exports to findings in two commands.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::Path;

use rolecall::config::Config;

use crate::program::{folder, put, rolecall, small};
use crate::support::fixtures;

/// Copies a folder of fixtures.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn config(folder: &Path) -> (String, Config) {
    let text = fs::read_to_string(folder.join("rolecall.toml")).unwrap();
    let config = Config::parse(&text).unwrap();
    (text, config)
}

fn paths(config: &Config) -> Vec<&str> {
    config.sources.iter().map(|source| source.path.as_str()).collect()
}

#[test]
fn two_commands_lead_from_exports_to_findings() {
    let folder = folder();
    copy(&fixtures().join("rules/naming/filter-near-miss/bad"), &folder.path().join("exports"));
    let without = rolecall(folder.path(), &["check", "--source", "exports"]);
    let ran = rolecall(folder.path(), &["init", "exports"]);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert!(ran.out.contains("2 exports are named in `exports/rolecall.toml`"), "{}", ran.out);
    assert!(ran.out.contains("rolecall check exports"), "{}", ran.out);
    let ran = rolecall(folder.path(), &["check", "exports"]);
    assert_eq!(ran.code, 1, "{}", ran.errors);
    assert!(ran.out.contains("error[naming/filter-near-miss]"), "{}", ran.out);
    assert_eq!((ran.out, ran.code), (without.out, without.code));
    let inside = rolecall(&folder.path().join("exports"), &["check"]);
    assert_eq!(inside.code, 1, "{}", inside.errors);
}

#[test]
fn the_configuration_of_every_small_federation_reads_what_its_folder_holds() {
    for world in [
        "clean",
        "guide",
        "powershell-semicolon",
        "csvde-utf16",
        "encoded-policies",
        "cloudformation-yaml",
        "config-snapshot",
    ] {
        let folder = folder();
        copy(&fixtures().join("federations").join(world), &folder.path().join("in"));
        for name in ["README.md", "expected.jsonl", "rolecall.toml"] {
            // Not every world has each of them.
            let _ = fs::remove_file(folder.path().join("in").join(name));
        }
        let whole = ["picker", "--all", "--format", "json", "--lenient", "--source", "in"];
        let whole = rolecall(folder.path(), &whole);
        let ran = rolecall(folder.path(), &["init", "in"]);
        assert_eq!(ran.code, 0, "{world}: {}", ran.errors);
        config(&folder.path().join("in"));
        let args = ["picker", "--all", "--format", "json", "--lenient", "--config"];
        let named = rolecall(folder.path(), &[&args[..], &["in/rolecall.toml"]].concat());
        assert!(!whole.out.is_empty(), "{world}: {}", whole.errors);
        assert_eq!((named.out, named.code), (whole.out, whole.code), "{world}: {}", named.errors);
    }
}

#[test]
fn hundreds_of_dumps_become_one_source_and_the_app_stands_commented() {
    let folder = folder();
    small(folder.path());
    for number in 0..400_u64 {
        let id = 100_000_000_000 + number;
        put(folder.path(), &format!("in/iam/{id}-aliases.json"), "{\"AccountAliases\": [\"a\"]}\n");
    }
    assert_eq!(rolecall(folder.path(), &["init", "in"]).code, 0);
    let (text, config) = config(&folder.path().join("in"));
    assert_eq!(paths(&config), ["app.json", "edges.csv", "iam/*.json", "users.csv"]);
    assert!(text.contains("# 400 × iam-list-account-aliases"), "{text}");
    assert!(text.contains("# group_filter = '^aws\\#\\S+"), "{text}");
    assert_eq!(config.app, rolecall::config::AppSettings::default());
    let ran = rolecall(folder.path(), &["picker", "ann@x.test", "--config", "in/rolecall.toml"]);
    assert!(ran.out.contains("Admin"), "{}{}", ran.out, ran.errors);
}

#[test]
fn what_is_missing_is_said_with_a_command_that_exports_it() {
    let folder = folder();
    small(folder.path());
    let ran = rolecall(folder.path(), &["init", "in"]);
    let text = config(&folder.path().join("in")).0;
    for words in [
        "the groups as Okta has them",
        "the assignments of the Okta app",
        "the IAM roles of account 123456789012",
        "aws iam get-account-authorization-details --filter Role --profile PROFILE --output json > iam/123456789012-",
        "aws organizations list-accounts",
        "https://YOUR-ORG.okta.com/api/v1/apps/APP-ID/groups",
    ] {
        assert!(ran.out.contains(words), "no {words:?} in {}", ran.out);
        assert!(text.contains(words), "no {words:?} in {text}");
    }
    for there in ["a directory export", "the settings of the Okta app", "whether they are active"] {
        assert!(!ran.out.contains(there), "{there:?} in {}", ran.out);
    }
}

#[test]
fn a_folder_that_holds_everything_lacks_nothing() {
    let folder = folder();
    copy(&fixtures().join("federations/clean"), &folder.path().join("in"));
    let ran = rolecall(folder.path(), &["init", "in"]);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert!(!ran.out.contains("Missing"), "{}", ran.out);
}

#[test]
fn files_that_are_no_exports_are_passed_over_and_named() {
    let folder = folder();
    small(folder.path());
    put(folder.path(), "in/notes.txt", "Ask Ann about the groups.\n");
    put(folder.path(), "in/deep/b\u{202e}ad.csv", "colour,size\nred,4\n");
    let ran = rolecall(folder.path(), &["init", "in"]);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    for name in ["Passed over, no export known here: notes.txt", "deep/b\\u{202e}ad.csv"] {
        assert!(ran.out.contains(name), "{}", ran.out);
    }
    let (text, config) = config(&folder.path().join("in"));
    assert_eq!(paths(&config), ["app.json", "edges.csv", "users.csv"]);
    assert!(text.contains("#   notes.txt"), "{text}");
}

#[test]
fn a_configuration_that_is_there_is_kept_unless_forced() {
    let folder = folder();
    small(folder.path());
    assert_eq!(rolecall(folder.path(), &["init", "in"]).code, 0);
    let first = config(&folder.path().join("in")).0;
    put(folder.path(), "in/rolecall.toml", "# mine\n");
    let again = rolecall(folder.path(), &["init", "in"]);
    assert_eq!((again.code, again.out.as_str()), (2, ""));
    assert!(again.errors.contains("`in/rolecall.toml` is there already; `--force` overwrites it"));
    assert_eq!(config(&folder.path().join("in")).0, "# mine\n");
    assert_eq!(rolecall(folder.path(), &["init", "in", "--force"]).code, 0);
    assert_eq!(config(&folder.path().join("in")).0, first);
    let left: Vec<_> = fs::read_dir(folder.path().join("in")).unwrap().collect();
    assert_eq!(left.len(), 4, "{left:?}");
}

#[test]
fn an_encoding_is_written_so_that_it_is_expected_from_then_on() {
    let folder = folder();
    copy(&fixtures().join("federations/csvde-utf16"), &folder.path().join("in"));
    let without = rolecall(folder.path(), &["check", "--source", "in", "--min-severity", "note"]);
    assert!(without.out.contains("input/unexpected-encoding"), "{}", without.out);
    assert_eq!(rolecall(folder.path(), &["init", "in"]).code, 0);
    assert!(config(&folder.path().join("in")).0.contains("\nencoding = \"utf-16le\"\n"));
    let ran = rolecall(folder.path(), &["check", "in"]);
    assert!(!ran.out.contains("input/unexpected-encoding"), "{}", ran.out);
}

#[test]
fn with_stdout_nothing_is_written() {
    let folder = folder();
    small(folder.path());
    let ran = rolecall(folder.path(), &["init", "in", "--stdout"]);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert_eq!(Config::parse(&ran.out).unwrap().sources.len(), 3);
    assert!(!folder.path().join("in/rolecall.toml").exists());
}

#[test]
fn a_folder_without_exports_is_exit_2() {
    let folder = folder();
    fs::create_dir(folder.path().join("empty")).unwrap();
    put(folder.path(), "notes/a.txt", "nothing\n");
    for (name, words) in [
        ("empty", "`empty` holds no files"),
        ("notes", "none of the 1 files in `notes` is an export known here"),
        ("nowhere", "`nowhere` is no folder"),
        ("notes/a.txt", "`notes/a.txt` is no folder"),
    ] {
        let ran = rolecall(folder.path(), &["init", name]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}");
        assert!(ran.errors.contains(words), "{name}: {}", ran.errors);
        assert!(!folder.path().join(name).join("rolecall.toml").exists());
    }
}

#[test]
fn a_file_that_needs_an_option_stands_alone_with_the_reason() {
    let folder = folder();
    for name in ["123456789012-a.json", "223456789012-b.json", "c.json"] {
        put(folder.path(), &format!("iam/{name}"), "{\"AccountAliases\": [\"prod\"]}\n");
    }
    assert_eq!(rolecall(folder.path(), &["init", "iam"]).code, 0);
    let (text, config) = config(&folder.path().join("iam"));
    assert_eq!(paths(&config), ["123456789012-a.json", "223456789012-b.json", "c.json"]);
    assert!(text.contains("# To be mended: nothing says which account this is of"), "{text}");
    assert!(text.contains("# account = \"123456789012\""), "{text}");
}
