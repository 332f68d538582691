//! `check --fix`, `--diff` and `--suggest`: what changes, what never does, and what is said instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rolecall::finding::{Finding, FixHint, RuleInfo, Severity};
use rolecall::report::suggest::{Entry, Suggestion, Target, write};
use rolecall::rules::all;
use rolecall::text::is_hidden;
use serde_json::Value;
use tempfile::TempDir;

use crate::hostile::{CORPUS, fixes};
use crate::program::{Ran, folder, put, rolecall};
use crate::rules::rule_fixtures;
use crate::support::fixtures;

const AT: &str = "2026-11-25";

fn fix_fixtures() -> PathBuf {
    fixtures().join("fixes")
}

/// Every file below a folder, by its name there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

/// A folder of its own with the files of another in `in`.
fn copy(of: &Path) -> TempDir {
    let folder = folder();
    for (name, bytes) in files(of) {
        put(folder.path(), &format!("in/{name}"), bytes);
    }
    folder
}

fn check(folder: &Path, more: &[&str]) -> Ran {
    rolecall(folder, &[&["check", "in", "--at", AT], more].concat())
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(fix_fixtures()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_fix_makes_of_before_exactly_what_after_is_and_a_second_one_changes_nothing() {
    for name in names() {
        let fixture = fix_fixtures().join(&name);
        let folder = copy(&fixture.join("before"));
        let diff = check(folder.path(), &["--diff"]);
        let fixed = check(folder.path(), &["--fix"]);
        let after = files(&folder.path().join("in"));
        if std::env::var("UPDATE_DOCS").is_ok() {
            for (file, bytes) in &after {
                put(&fixture.join("after"), file, bytes);
            }
        }
        assert_eq!(after, files(&fixture.join("after")), "{name}");
        let again = check(folder.path(), &["--fix"]);
        assert_eq!(files(&folder.path().join("in")), after, "{name}");
        assert!(
            !again.errors.contains("fixed "),
            "{name}: {}",
            again.errors.replace("not fixed", "")
        );
        assert_eq!(again.out, fixed.out, "{name}");
        insta::assert_snapshot!(
            format!("fix-{name}"),
            format!(
                "{}\n--- standard error of --fix, exit {}\n{}",
                diff.out, fixed.code, fixed.errors
            )
        );
    }
}

#[test]
fn a_diff_changes_nothing_and_patch_makes_of_it_what_a_fix_does() {
    for name in names() {
        let fixture = fix_fixtures().join(&name);
        let folder = copy(&fixture.join("before"));
        let plain = check(folder.path(), &[]);
        let ran = check(folder.path(), &["--diff"]);
        assert_eq!(files(&folder.path().join("in")), files(&fixture.join("before")), "{name}");
        assert_eq!(ran.code, plain.code, "{name}");
        assert_eq!(applied(&fixture.join("before"), &ran.out), files(&fixture.join("after")));
    }
}

/// The files of a folder with the fixes of a SARIF log: characters are replaced as it says.
fn with_sarif_fixes(folder: &Path, log: &str) -> BTreeMap<String, Vec<u8>> {
    let log: Value = serde_json::from_str(log).unwrap();
    let mut replaced: BTreeMap<String, BTreeSet<(usize, usize, String)>> = BTreeMap::new();
    let all = files(folder);
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    for result in list(&log["runs"][0], "results") {
        for change in list(&result, "fixes").iter().flat_map(|fix| list(fix, "artifactChanges")) {
            let uri = change["artifactLocation"]["uri"].as_str().unwrap();
            let name = uri.strip_prefix("in/").unwrap().replace("%20", " ");
            let text = std::str::from_utf8(&all[&name]).unwrap();
            for one in list(&change, "replacements") {
                let region = &one["deletedRegion"];
                let number = |key: &str| usize::try_from(region[key].as_u64().unwrap()).unwrap();
                let at = |line: usize, column: usize| {
                    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
                    let begins: usize =
                        bare.split_inclusive('\n').take(line - 1).map(str::len).sum();
                    let before = bare[begins..].chars().take(column - 1);
                    text.len() - bare.len() + begins + before.map(char::len_utf8).sum::<usize>()
                };
                let start = at(number("startLine"), number("startColumn"));
                let end = at(number("endLine"), number("endColumn"));
                let come = one["insertedContent"]["text"].as_str().unwrap().to_owned();
                replaced.entry(name.clone()).or_default().insert((start, end, come));
            }
        }
    }
    let mut all = all;
    for (name, edits) in replaced {
        let text = all.get_mut(&name).unwrap();
        for (start, end, come) in edits.into_iter().rev() {
            text.splice(start..end, come.into_bytes());
        }
    }
    all
}

#[test]
fn the_fixes_in_sarif_make_of_every_file_what_a_fix_makes_of_it() {
    for name in names() {
        let fixture = fix_fixtures().join(&name);
        let folder = copy(&fixture.join("before"));
        // Inputs are read again where a fix is tried, on the same threads.
        let ran = check(folder.path(), &["--format", "sarif", "--threads", "2"]);
        assert_eq!(ran.code, check(folder.path(), &[]).code, "{name}");
        let with = with_sarif_fixes(&fixture.join("before"), &ran.out);
        assert_eq!(with, files(&fixture.join("after")), "{name}");
        assert_eq!(files(&folder.path().join("in")), files(&fixture.join("before")), "{name}");
    }
}

#[test]
fn sarif_offers_no_fix_for_what_is_suppressed_or_stands_in_an_export() {
    let folder = copy(&fix_fixtures().join("exports/before"));
    let ran = check(folder.path(), &["--format", "sarif"]);
    assert!(ran.out.contains("\"rename\"") && !ran.out.contains("\"fixes\""), "{}", ran.out);
    let folder = copy(&fix_fixtures().join("settings/before"));
    assert!(check(folder.path(), &["--format", "sarif"]).out.contains("\"fixes\""));
    check(folder.path(), &["--write-baseline", "known.jsonl"]);
    let ran = check(folder.path(), &["--format", "sarif", "--baseline", "known.jsonl"]);
    assert!(ran.out.contains("\"suppressions\"") && !ran.out.contains("\"fixes\""), "{}", ran.out);
}

/// The files of a folder with a unified diff, applied as written.
fn applied(folder: &Path, diff: &str) -> BTreeMap<String, Vec<u8>> {
    let mut all = files(folder);
    let parts = diff.split("--- a/in/").skip(1);
    for part in parts {
        let (name, rest) = part.split_once('\n').unwrap();
        let old = String::from_utf8(all[name].clone()).unwrap();
        let mut lines = old.split_inclusive('\n');
        let (mut new, mut at) = (String::new(), 1);
        for line in rest.split_inclusive('\n').skip(1) {
            if let Some(head) = line.strip_prefix("@@ -") {
                let start: usize = head.split([',', ' ']).next().unwrap().parse().unwrap();
                while at < start {
                    new.push_str(lines.next().unwrap());
                    at += 1;
                }
            } else if let Some(gone) = line.strip_prefix('-') {
                assert_eq!(lines.next(), Some(gone));
                at += 1;
            } else if let Some(come) = line.strip_prefix('+') {
                new.push_str(come);
            } else {
                assert_eq!(lines.next(), line.strip_prefix(' '));
                new.push_str(&line[1..]);
                at += 1;
            }
        }
        new.extend(lines);
        all.insert(name.to_owned(), new.into_bytes());
    }
    all
}

#[test]
fn every_suggestion_is_as_the_snapshot_shows_and_no_export_changes() {
    let before = fix_fixtures().join("exports/before");
    for target in Target::ALL {
        let folder = copy(&before);
        let ran = check(folder.path(), &["--suggest", target.as_str()]);
        assert_eq!(ran.code, 1);
        assert_eq!(files(&folder.path().join("in")), files(&before));
        insta::assert_snapshot!(format!("suggest-{}", target.as_str()), ran.out);
    }
}

/// How many findings there are of each rule and severity.
fn counts(json: &str) -> BTreeMap<(String, String), usize> {
    let value: Value = serde_json::from_str(json).unwrap();
    let mut counts = BTreeMap::new();
    for finding in value["findings"].as_array().unwrap() {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        *counts.entry((text("rule"), text("severity"))).or_default() += 1;
    }
    counts
}

/// The rule of a line that says what was fixed.
fn rule_of(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("fixed ")?;
    rest.rsplit_once(" (")?.1.split([',', ')']).next()
}

#[test]
fn on_every_bad_fixture_a_fix_mends_its_finding_brings_no_error_and_is_made_once() {
    let mut table = String::new();
    for rule in all() {
        let id = rule.info.id;
        if id.starts_with("assertion/") || id.starts_with("signature/") {
            continue;
        }
        let folder = copy(&rule_fixtures().join(id).join("bad"));
        let run = |more: &[&str]| check(folder.path(), &[&["--format", "json"], more].concat());
        let before = run(&[]);
        if !before.out.contains("\"kind\": \"") || before.code == 2 {
            continue;
        }
        let old = counts(&before.out);
        let offered = check(folder.path(), &["--format", "sarif"]).out;
        let offered = with_sarif_fixes(&folder.path().join("in"), &offered);
        let fixed = run(&["--fix"]);
        assert_eq!(offered, files(&folder.path().join("in")), "{id}: the fixes in SARIF");
        let new = counts(&fixed.out);
        for ((rule, severity), count) in &new {
            let was = old.get(&(rule.clone(), severity.clone())).copied().unwrap_or(0);
            assert!(severity != "error" || *count <= was, "{id}: {rule} {was} → {count}");
        }
        let of = |counts: &BTreeMap<(String, String), usize>, rule: &str| -> usize {
            counts.iter().filter(|((of, _), _)| of == rule).map(|(_, count)| *count).sum()
        };
        for rule in fixed.errors.lines().filter_map(rule_of) {
            // What another fix uncovered was not there before.
            let is_less = of(&new, rule) < of(&old, rule).max(1);
            assert!(is_less, "{id}: {}", fixed.errors);
        }
        let after = files(&folder.path().join("in"));
        let again = run(&["--fix"]);
        assert_eq!(files(&folder.path().join("in")), after, "{id}");
        assert_eq!(again.out, fixed.out, "{id}");
        let own: Vec<&str> =
            fixed.errors.lines().filter(|line| rule_of(line) == Some(id)).collect();
        if !own.is_empty() {
            writeln!(table, "{id}: {} → {}", of(&old, id), of(&new, id)).unwrap();
            for line in own {
                writeln!(table, "  {line}").unwrap();
            }
        }
    }
    insta::assert_snapshot!("fix-bad-fixtures", table);
}

#[test]
fn a_symbolic_link_is_not_written_through() {
    let folder = copy(&fix_fixtures().join("settings/before"));
    let real = folder.path().join("real.json");
    fs::rename(folder.path().join("in/okta_app.json"), &real).unwrap();
    #[cfg(unix)]
    {
        let before = fs::read(&real).unwrap();
        std::os::unix::fs::symlink(&real, folder.path().join("app.json")).unwrap();
        let ran = rolecall(
            folder.path(),
            &["check", "--source", "in", "--source", "app.json", "--fix", "--at", AT],
        );
        assert_eq!(ran.code, 2, "{}", ran.errors);
        assert!(ran.errors.contains("`app.json` is not changed: it is a symbolic link"));
        assert_eq!(fs::read(&real).unwrap(), before);
    }
}

#[test]
fn the_exit_code_is_that_of_what_is_left() {
    let folder = copy(&fix_fixtures().join("settings/before"));
    let only = ["--only", "mapping/join-all-roles"];
    let before = check(folder.path(), &only);
    assert_eq!(before.code, 1, "{}", before.errors);
    let ran = check(folder.path(), &[&only[..], &["--fix"]].concat());
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.errors);
    assert!(ran.errors.starts_with("fixed in/okta_app.json:2: `true` → `false`"), "{}", ran.errors);
}

const INFO: RuleInfo = RuleInfo {
    id: "naming/filter-near-miss",
    summary: "",
    severity: Severity::Error,
    on: true,
    follows: &[],
    options: &[],
    since: "0.1.0",
    explanation: "",
    remediation: "",
    references: &[],
};

/// Text that tries to leave a literal, besides the corpus.
const ESCAPES: [&str; 12] = [
    "a'b; Remove-Item x #",
    "a\u{2019}; calc; \u{2018}",
    "a\u{201b}$(calc)",
    "'; rm -rf / #",
    "$(id)`id`${id}",
    "a\"; provisioner",
    "${file(\"/etc/passwd\")}%{ for }",
    "\\'\\\"\\",
    " leading and trailing ",
    "POLICY",
    "<file:///etc/passwd",
    ": :: - # changetype: delete",
];

fn suggested(target: Target, text: &str, hint: &FixHint) -> String {
    let mut finding = Finding::new(&INFO, text, text).fix(hint.clone());
    finding.also.push(format!("{text}:role/{text}"));
    let dn = format!("CN={text},DC=x");
    let entry = Some(Entry { dn: &dn, attribute: Some(text) });
    let suggestion = Suggestion { finding: &finding, hint, place: Some((text, 1)), entry };
    let mut out = Vec::new();
    write(&mut out, target, &[suggestion]).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn no_name_leaves_its_literal_in_any_suggestion() {
    for text in CORPUS.iter().chain(&ESCAPES) {
        for target in Target::ALL {
            for hint in fixes(text) {
                let out = suggested(target, text, &hint);
                let hidden: String = out.chars().filter(|c| *c != '\n' && is_hidden(*c)).collect();
                assert_eq!(hidden, "", "{target:?} {text:?}");
                for line in out.lines() {
                    assert_eq!(open(target, line), None, "{target:?} {text:?}: {line}");
                }
            }
        }
    }
}

/// What of a line stands outside of comments and literals and should not.
fn open(target: Target, line: &str) -> Option<String> {
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (bare, closed) = match target {
        Target::PowerShell => without(line, &|c| matches!(c, '\'' | '\u{2018}'..='\u{201b}'), None),
        Target::AwsCli if line.starts_with("aws ") => {
            without(&line.replace("'\\''", ""), &|c| c == '\'', None)
        }
        Target::Terraform if !line.starts_with('{') => {
            let inner = line.replace("$${", "").replace("%%{", "");
            if inner.contains("${") || inner.contains("%{") {
                return Some("a template".to_owned());
            }
            without(&inner, &|c| c == '"', Some('\\'))
        }
        _ => (String::new(), true),
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || " -_=|()[]+:/<.".contains(c);
    let strange: String = bare.chars().filter(|c| !allowed(*c)).collect();
    let is_json = serde_json::from_str::<Value>(line).is_ok();
    let is_end = line == "POLICY";
    if matches!(target, Target::AwsCli) && !line.starts_with("aws ") && !is_json && !is_end {
        return Some("a line of its own".to_owned());
    }
    if matches!(target, Target::Ldif) && !record_line(line) {
        return Some("no line of a record".to_owned());
    }
    (!closed || !strange.is_empty()).then_some(strange)
}

/// A line without what stands in quotes, and whether every quote is closed.
fn without(line: &str, is_quote: &dyn Fn(char) -> bool, escape: Option<char>) -> (String, bool) {
    let (mut bare, mut quoted) = (String::new(), false);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if quoted && Some(c) == escape {
            chars.next();
        } else if is_quote(c) {
            quoted = !quoted;
        } else if !quoted {
            bare.push(c);
        }
    }
    (bare, !quoted)
}

/// Whether a line is one that a change record has, with a value that no reader takes for anything else.
fn record_line(line: &str) -> bool {
    let fixed = ["changetype: modrdn", "changetype: modify", "deleteoldrdn: 1", "-"];
    if fixed.contains(&line) {
        return true;
    }
    let Some((name, value)) = line.split_once(':') else { return false };
    let base64 = value.strip_prefix(": ");
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match (base64, value.strip_prefix(' ')) {
        (Some(packed), _) => {
            is_name && packed.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
        }
        (None, Some(plain)) => is_name && plain.is_ascii() && !plain.starts_with([' ', ':', '<']),
        (None, None) => false,
    }
}

#[test]
fn a_shell_takes_every_name_for_one_word() {
    use std::process::Command;
    let Ok(found) = Command::new("sh").args(["-c", "exit 0"]).status() else { return };
    assert!(found.success());
    for text in ESCAPES {
        let hint = fixes(text).pop().unwrap();
        let out = suggested(Target::AwsCli, text, &hint);
        if out.contains("# not suggested") {
            continue;
        }
        let script = format!("aws() {{ printf '%s' \"$4\"; cat >/dev/null; }}\n{out}");
        let ran = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(ran.stdout).unwrap(), text, "{out}");
        assert_eq!(String::from_utf8(ran.stderr).unwrap(), "", "{out}");
    }
}

#[test]
fn what_a_waiver_or_the_baseline_suppresses_is_left_as_it_is() {
    let before = fix_fixtures().join("settings/before");
    let folder = copy(&before);
    let open = check(folder.path(), &["--diff"]);
    assert!(open.out.contains("\n-"), "{open:?}");
    let known = check(folder.path(), &["--write-baseline", "known.jsonl"]);
    assert_eq!(known.code, 0, "{known:?}");
    let with_baseline = check(folder.path(), &["--diff", "--baseline", "known.jsonl"]);
    assert_eq!((with_baseline.code, with_baseline.out.as_str()), (0, ""), "{with_baseline:?}");
    let waivers = all().map(|rule| rule.info.id.split('/').next().unwrap());
    let waivers: std::collections::BTreeSet<&str> =
        waivers.filter(|group| *group != "config").collect();
    let mut config = "[[source]]\npath = \"in\"\n".to_owned();
    for group in waivers {
        let waiver = "subject = \"*\"\nreason = \"a trial\"\nexpires = 2026-12-31\n";
        writeln!(config, "[[waiver]]\nrule = \"{group}\"\n{waiver}").unwrap();
    }
    put(folder.path(), "rolecall.toml", config);
    let waived = rolecall(folder.path(), &["check", "--at", AT, "--fix", "--skip", "config"]);
    assert!(!waived.errors.contains("fixed "), "{waived:?}");
    assert_eq!(files(&folder.path().join("in")), files(&before));
}
