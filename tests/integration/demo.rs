//! `rolecall demo`, and the folder it writes.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::Path;

use crate::program::{folder, put, rolecall};
use crate::support::fixtures;

#[test]
fn the_demo_shows_a_picker_and_why_a_role_is_missing() {
    let ran = rolecall(folder().path(), &["demo"]);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    for expected in [
        "nora@saltmarsh.test sees 2 roles",
        "Account: saltmarsh-dev (053918264407)",
        "nora@saltmarsh.test does not see saltmarsh-prod/Deploy: the filter stage fails",
        "exports/directory.ldif:",
    ] {
        assert!(ran.out.contains(expected), "{expected} is missing in\n{}", ran.out);
    }
}

#[test]
fn what_the_demo_says_is_what_the_commands_say() {
    let root = folder();
    let demo = rolecall(root.path(), &["demo"]).out;
    assert_eq!(rolecall(root.path(), &["demo", "--write", "here"]).code, 0);
    let here = root.path().join("here");
    for (args, code) in
        [(&["picker", "nora"][..], 0), (&["why", "nora", "saltmarsh-prod/Deploy"], 1)]
    {
        let ran = rolecall(&here, args);
        assert_eq!((ran.code, ran.errors.as_str()), (code, ""), "{args:?}");
        assert!(demo.contains(&format!("$ rolecall {}\n\n{}", args.join(" "), ran.out)), "{demo}");
    }
}

#[test]
fn every_file_of_the_fixture_is_written_and_nothing_else() {
    let root = folder();
    rolecall(root.path(), &["demo", "--write", "here"]);
    let (mut written, mut kept) = (Vec::new(), Vec::new());
    files(&root.path().join("here"), "", &mut written);
    files(&fixtures().join("federations/demo"), "", &mut kept);
    kept.retain(|(name, _)| name != "/expected.jsonl");
    assert_eq!(written, kept);
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let root = folder();
    put(root.path(), "here/mine.txt", "mine");
    let ran = rolecall(root.path(), &["demo", "--write", "here"]);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.errors, "error: `here` is not empty, expected a new or empty folder\n");
    assert_eq!(fs::read_dir(root.path().join("here")).unwrap().count(), 1);
}

#[test]
fn the_role_is_mended_by_the_change_that_why_names() {
    let root = folder();
    rolecall(root.path(), &["demo", "--write", "here"]);
    let root = &root.path().join("here");
    assert_eq!(rolecall(root, &["why", "nora", "saltmarsh-prod/Deploy"]).code, 1);
    for file in ["exports/directory.ldif", "exports/okta/groups.json"] {
        let text = fs::read_to_string(root.join(file)).unwrap();
        put(root, file, text.replace("4182O3975566", "418203975566"));
    }
    let ran = rolecall(root, &["why", "nora", "saltmarsh-prod/Deploy"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

/// Names below a folder and what they hold, sorted.
fn files(folder: &Path, name: &str, found: &mut Vec<(String, Vec<u8>)>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{name}/{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            files(&path, &name, found);
        } else {
            found.push((name, fs::read(&path).unwrap()));
        }
    }
}
