//! `docs/rules.md` is what the rules and their fixtures say; `UPDATE_DOCS=1 cargo test` rewrites it.

#![expect(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rolecall::report::rules::write_page;
use rolecall::rules::{Rule, all};

use crate::rules::{rule_fixtures, text_of};

const HEAD: &str = "\
# Rules

What `rolecall check` looks for. This page is generated from the rules and their fixtures:
`UPDATE_DOCS=1 cargo test` rewrites it, and a test fails when it is out of date.
";

/// Files of more lines are not shown.
const LONGEST: usize = 60;

/// The files below a folder, each in a fence of its own that none of its lines can close.
fn files(folder: &Path) -> String {
    fn walk(root: &Path, folder: &Path, out: &mut String) {
        let mut paths: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                walk(root, &path, out);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().display();
            let text = match String::from_utf8(fs::read(&path).unwrap()) {
                Ok(text) if text.lines().count() <= LONGEST => text,
                Ok(text) => format!("({} lines)", text.lines().count()),
                Err(other) => format!("(not UTF-8)\n{}", other.as_bytes().escape_ascii()),
            };
            let language = path.extension().unwrap_or_default().to_string_lossy();
            assert!(!text.contains("````"), "{name} would close its fence");
            let text = text.trim_end_matches('\n');
            write!(out, "`{name}`\n\n````{language}\n{text}\n````\n\n").unwrap();
        }
    }
    let mut out = String::new();
    walk(folder, folder, &mut out);
    out
}

fn examples(rule: &'static Rule) -> String {
    let folder = rule_fixtures().join(rule.info.id);
    format!(
        "**Reported.**\n\n{}````text\n{}\n````\n\n**Not reported.**\n\n{}",
        files(&folder.join("bad")),
        text_of(rule, &folder.join("bad")).trim_end(),
        files(&folder.join("good")),
    )
}

fn page() -> String {
    let mut page = format!("{HEAD}\n| rule | severity | reported |\n|---|---|---|\n");
    for rule in all() {
        let info = rule.info;
        writeln!(page, "| [{0}](#{0}) | {1} | {2} |", info.id, info.severity, info.summary)
            .unwrap();
    }
    for rule in all() {
        let mut section = Vec::new();
        write_page(&mut section, &rule.info, &examples(rule)).unwrap();
        let section = String::from_utf8(section).unwrap();
        write!(page, "\n<a id=\"{}\"></a>\n\n{section}", rule.info.id).unwrap();
    }
    page
}

#[test]
fn the_page_of_rules_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let wanted = page();
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(&path, &wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "docs/rules.md is stale: run `UPDATE_DOCS=1 cargo test`");
}
