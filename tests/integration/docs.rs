//! `docs/rules.md` is what the rules and their fixtures say; `UPDATE_DOCS=1 cargo test` rewrites it.

#![expect(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rolecall::config::{page, schema};
use rolecall::report::rules::write_page;
use rolecall::rules::{Rule, all};
use rolecall::text::Shown;

use crate::program::{folder, rolecall, small};
use crate::rules::{rule_fixtures, text_of};

/// What stands around the README's table.
const TABLE: &str = "<!-- rules by group: generated -->\n";
const TABLE_END: &str = "\n<!-- end of the rules by group -->";

const HEAD: &str = "\
# Rules

What `rolecall check` looks for. This page is generated from the rules and their fixtures:
`UPDATE_DOCS=1 cargo test` rewrites it, and a test fails when it is out of date.
";

/// Files of more lines are not shown.
const LONGEST: usize = 60;

/// The groups and what their rules look at.
const GROUPS: [(&str, &str); 12] = [
    ("access", "who ends up with what"),
    ("arn", "the pairs of role and SAML provider that the settings make"),
    ("assertion", "captured sign-ins: what they say to AWS"),
    ("config", "the project's own `rolecall.toml`"),
    ("directory", "groups, users and memberships"),
    ("drift", "sources that disagree, such as code and what is deployed"),
    ("input", "the exports themselves"),
    ("mapping", "the settings of the Okta app"),
    ("naming", "names of groups"),
    ("provider", "SAML providers of the accounts and their metadata"),
    ("signature", "captured sign-ins: what their signatures prove, and XML read in two ways"),
    ("trust", "trust policies of roles that SAML providers may assume"),
];

/// A file's text with what would hide or act in it as `\u{..}`; bytes that are not UTF-8 as U+FFFD.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = |line: &str| {
        let parts: Vec<String> = line.split('\t').map(|part| Shown(part).to_string()).collect();
        parts.join("\t")
    };
    let lines = text.split('\n').map(|text| line(text.strip_suffix('\r').unwrap_or(text)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The rules by group, with links to `page`.
fn groups(page: &str) -> String {
    let mut table =
        "| group | rules | off by default | what they look at |\n|---|---|---|---|\n".to_owned();
    let (mut count, mut off) = (0, 0);
    for (group, about) in GROUPS {
        let of_group =
            |rule: &&Rule| rule.info.id.split_once('/').is_some_and(|(of, _)| of == group);
        let Some(first) = all().find(of_group) else { continue };
        let rules = all().filter(of_group).count();
        let quiet = all().filter(of_group).filter(|rule| !rule.info.on).count();
        let id = first.info.id;
        writeln!(table, "| [`{group}`]({page}#{id}) | {rules} | {quiet} | {about} |").unwrap();
        count += rules;
        off += quiet;
    }
    assert_eq!(count, all().count(), "a group has no line in GROUPS");
    writeln!(table, "| all | {count} | {off} | |").unwrap();
    table
}

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
                Ok(text) if text.lines().count() <= LONGEST => shown(text.as_bytes()),
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

fn rules_page() -> String {
    let mut page = format!("{HEAD}\n{}", groups(""));
    page.push_str("\n| rule | severity | by default | reported |\n|---|---|---|---|\n");
    for rule in all() {
        let info = rule.info;
        let (id, severity, summary) = (info.id, info.severity, info.summary.replace('|', "\\|"));
        let state = if info.on { "on" } else { "off" };
        writeln!(page, "| [{id}](#{id}) | {severity} | {state} | {summary} |").unwrap();
    }
    for rule in all() {
        let mut section = Vec::new();
        write_page(&mut section, &rule.info, &examples(rule)).unwrap();
        let section = String::from_utf8(section).unwrap();
        write!(page, "\n<a id=\"{}\"></a>\n\n{section}", rule.info.id).unwrap();
    }
    page
}

/// Rewrites a page where that is asked for; it has to be what is wanted then.
fn assert_current(name: &str, wanted: impl FnOnce(&str) -> String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let found = fs::read_to_string(&path).unwrap_or_default();
    let wanted = wanted(&found);
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(&path, &wanted).unwrap();
    } else {
        assert!(found == wanted, "{name} is stale: run `UPDATE_DOCS=1 cargo test`");
    }
}

#[test]
fn the_page_of_rules_is_current() {
    assert_current("docs/rules.md", |_| rules_page());
}

#[test]
fn the_schema_and_the_page_of_the_configuration_are_current() {
    assert_current("docs/rolecall.schema.json", |_| schema::text());
    assert_current("docs/configuration.md", |_| page::page());
}

#[test]
fn the_readme_counts_the_rules_by_group() {
    assert_current("README.md", |found| {
        let (before, rest) = found.split_once(TABLE).unwrap();
        let (_, after) = rest.split_once(TABLE_END).unwrap();
        format!("{before}{TABLE}\n{}{TABLE_END}{after}", groups("docs/rules.md"))
    });
}

#[test]
fn the_workflow_of_the_readme_uses_flags_that_exist() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (_, section) = readme.split_once("```yaml\n").unwrap();
    let (workflow, _) = section.split_once("```").unwrap();
    let command = workflow.lines().find_map(|line| line.split_once("run: rolecall ")).unwrap().1;
    let root = folder();
    small(root.path());
    let args: Vec<&str> = command.split_whitespace().map(|word| word.trim_matches('"')).collect();
    let args: Vec<&str> =
        args.iter().map(|&arg| if arg == "exports" { "in" } else { arg }).collect();
    let ran = rolecall(root.path(), &args);
    assert!(ran.code < 2, "{ran:?}");
}

#[test]
fn the_finding_of_the_readme_is_what_check_says_of_the_demo() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (_, after) = readme.split_once("$ rolecall check\n").unwrap();
    let (shown, _) = after.split_once("\n…\n").unwrap();
    let root = folder();
    rolecall(root.path(), &["demo", "--write", "here"]);
    let ran = rolecall(&root.path().join("here"), &["check"]);
    assert!(ran.out.starts_with(shown), "{}", ran.out);
}
