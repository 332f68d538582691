//! The files of `--output` that `test`, `diff` and `what-if` write.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::hostile::shape::{code_left_out, is_words};
use crate::hostile::{CORPUS, keep};
use crate::program::{APP, folder, put, rolecall, small};

/// A command, the formats that it writes, and its exit code.
type Case<'a> = (&'a [&'a str], &'a [&'a str], i32);

const CASES: [Case<'_>; 3] = [
    (
        &["test", "expectations.toml", "-s", "in", "--coverage"],
        &["text", "json", "jsonl", "junit", "tap", "github", "markdown"],
        1,
    ),
    (
        &["diff", "in", "out", "--users", "--fail-on-gained", "any"],
        &["text", "json", "jsonl", "markdown"],
        1,
    ),
    (
        &["what-if", "-s", "in", "--remove-member", "aws#dev#Admin#123456789012=ann@x.test"],
        &["text", "json", "jsonl", "markdown"],
        0,
    ),
];

fn world(folder: &Path) {
    small(folder);
    put(folder, "out/users.csv", "user,status\nann@x.test,ACTIVE\nbob@x.test,ACTIVE\n");
    let edges = "group,member,member_type\naws#dev#Admin#123456789012,bob@x.test,user\n";
    put(folder, "out/edges.csv", edges);
    put(folder, "out/app.json", APP);
    let expectations = "[[expect]]\nuser = \"ann@x.test\"\nsees = \"dev/Ops\"\n\n[[expect]]\nuser = \"bob@x.test\"\nsees = \"dev/None\"\n";
    put(folder, "expectations.toml", expectations);
}

#[test]
fn one_run_writes_what_is_asked_for_in_every_format_and_the_exit_code_is_the_same() {
    let folder = folder();
    world(folder.path());
    for (command, formats, code) in CASES {
        let outputs: Vec<String> =
            formats.iter().map(|name| format!("--output={name}=out.{name}")).collect();
        let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
        let all = rolecall(folder.path(), &[command, &outputs].concat());
        assert_eq!(all.code, code, "{all:?}");
        for name in formats {
            let alone = rolecall(folder.path(), &[command, &["--format", name]].concat());
            assert_eq!(alone.code, code, "{command:?} {name}");
            let file = fs::read_to_string(folder.path().join(format!("out.{name}"))).unwrap();
            assert_eq!(alone.out, file, "{command:?} {name}");
            assert!(file.len() > 20, "{command:?} {name}");
        }
    }
    let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let beside: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with(".out")).collect();
    assert!(beside.is_empty(), "{beside:?}");
}

#[test]
fn what_cannot_be_written_is_one_error_before_anything_is_read() {
    let folder = folder();
    world(folder.path());
    for (command, formats, _) in CASES {
        let known = formats.join(", ");
        let unknown = format!("`--output sarif=x`: format `sarif`, expected one of {known}");
        for (output, expected) in [
            ("sarif=x", unknown.as_str()),
            ("json", "`--output json`: expected FORMAT=FILE"),
            ("json=in", "`--output json=in`: is a folder, expected a file"),
        ] {
            let ran = rolecall(folder.path(), &[command, &["--output", output]].concat());
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{command:?} {output}");
            assert_eq!(ran.errors, format!("error: {expected}\n"), "{command:?}");
        }
    }
    let update = ["test", "expectations.toml", "-s", "in", "--update", "--output", "json=x"];
    let ran = rolecall(folder.path(), &update);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("'--update' cannot be used with '--output"), "{}", ran.errors);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_is_written_through_only_when_forced() {
    let folder = folder();
    world(folder.path());
    put(folder.path(), "elsewhere/real.json", "old");
    std::os::unix::fs::symlink("elsewhere/real.json", folder.path().join("link.json")).unwrap();
    let real = folder.path().join("elsewhere/real.json");
    for (command, _, code) in CASES {
        fs::write(&real, "old").unwrap();
        let output = ["--output", "json=link.json"];
        let refused = rolecall(folder.path(), &[command, &output].concat());
        assert_eq!(refused.code, 2);
        assert!(refused.errors.contains("is a symbolic link, expected a file"), "{refused:?}");
        assert_eq!(fs::read(&real).unwrap(), b"old");
        let forced = rolecall(folder.path(), &[command, &output, &["--force"]].concat());
        assert_eq!(forced.code, code, "{forced:?}");
        assert!(folder.path().join("link.json").is_symlink());
        assert!(fs::read_to_string(&real).unwrap().contains("\"version\": 1"));
    }
}

#[test]
fn github_annotates_the_line_of_the_expectation_and_markdown_tells_what_mends_it() {
    let folder = folder();
    world(folder.path());
    let command = ["test", "./expectations.toml", "-s", "in", "--format"];
    let github = rolecall(folder.path(), &[&command[..], &["github"]].concat()).out;
    let mut lines = github.lines();
    let first = lines.next().unwrap();
    assert!(
        first.starts_with(
            "::error file=expectations.toml,line=1,title=failed::ann@x.test: sees: wanted"
        ),
        "{github}"
    );
    assert!(first.contains("%0Ato mend it: "), "{github}");
    assert!(
        lines.next().unwrap().starts_with("::error file=expectations.toml,line=5,title=invalid::")
    );
    assert_eq!(lines.next(), Some("2 expectations: 1 failed, 1 invalid"));
    let markdown = rolecall(folder.path(), &[&command[..], &["markdown"]].concat()).out;
    assert!(markdown.starts_with("## rolecall test: 2 expectations: 1 failed, 1 invalid\n"));
    assert!(
        markdown.contains("- **failed** `ann@x.test:` sees (at `expectations.toml:1`)\n"),
        "{markdown}"
    );
    assert!(markdown.contains("    - to mend it: "), "{markdown}");
}

#[test]
fn no_hostile_name_acts_in_a_comparison() {
    let folder = folder();
    small(folder.path());
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let (mut edges, mut users) =
        ("group,member,member_type\n".to_owned(), "user,status\n".to_owned());
    for (at, hostile) in CORPUS.iter().enumerate() {
        let (team, login) = (format!("{hostile}{at}"), format!("{hostile}{at}@x.test"));
        writeln!(users, "{},ACTIVE", quoted(&login)).unwrap();
        writeln!(edges, "aws#dev#Role{at}#123456789012,{},group", quoted(&team)).unwrap();
        writeln!(edges, "{},{},user", quoted(&team), quoted(&login)).unwrap();
    }
    put(folder.path(), "out/users.csv", users);
    put(folder.path(), "out/edges.csv", edges);
    put(folder.path(), "out/app.json", APP);
    let start = regex::Regex::new(r"^(### AWS access: |- |\*\*(.*)\*\*( \(.*\))?$)").unwrap();
    for format in ["text", "json", "jsonl", "markdown"] {
        let args = ["diff", "in", "out", "--users", "--lenient", "--format", format];
        let ran = rolecall(folder.path(), &args);
        assert_eq!(ran.code, 0, "{}", ran.errors);
        let hidden = |c: char| c != '\n' && rolecall::text::is_hidden(c);
        assert_eq!(ran.out.chars().find(|&c| hidden(c)), None, "{format}");
        keep(&format!("diff-{format}"), &ran.out);
        if format == "markdown" {
            for line in ran
                .out
                .lines()
                .filter(|line| !line.contains("|---|") && *line != "| | Role | Tier | Users | |")
            {
                let outside = code_left_out(line).replace("\\|", "").replace('|', "");
                let outside = start.replace(&outside, "$2$3").replace("**", "");
                assert!(is_words(&outside), "{line}\n{outside}");
            }
        }
    }
}
