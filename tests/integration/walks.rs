//! `docs/walks`: what three people type and see, each in a copy of its fixture; `UPDATE_DOCS=1 cargo test`
//! rewrites the output, and how many commands and keystrokes it takes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use granit_parser::{Event, Parser};
use serde_json::Value;

use crate::console::{Shell, cut, steps};
use crate::program::put;
use crate::support::fixtures;

/// What stands around the count of commands and keystrokes.
const COUNT: [&str; 2] = ["<!-- typed -->", "<!-- end of typed -->"];

/// A walk's page with its output as it is now, and the shell after it.
fn walked(name: &str, page: &str) -> (String, Shell) {
    let mut shell = Shell::at(&fixtures().join("walks").join(name));
    let (mut new, mut rest) = (String::new(), page);
    let (mut commands, mut keystrokes) = (0, 0);
    while let Some((before, after)) = rest.split_once("```console\n") {
        let (block, after) = after.split_once("```").unwrap();
        new.push_str(before);
        new.push_str("```console\n");
        let all = steps(block);
        for (at, step) in all.iter().enumerate() {
            // What is said before a block is about its last command.
            let told = if at + 1 == all.len() { before } else { "" };
            commands += 1;
            keystrokes += step.command.chars().count() + 1;
            let output = shell.run(&step.command);
            let wanted: i32 = directive(told, "exit code").map_or(0, |code| code.parse().unwrap());
            assert_eq!(shell.code, wanted, "{name}: $ {}\n{output}", step.command);
            shell.code = 0;
            let shown = match directive(told, "paragraphs") {
                Some(ranges) => cut(&output, ranges),
                None => output,
            };
            assert!(!shown.contains("```"), "{name}: the output would close its block");
            write!(new, "$ {}\n{shown}", step.command).unwrap();
        }
        new.push_str("```");
        rest = after;
    }
    new.push_str(rest);
    let (head, tail) = new.split_once(COUNT[0]).unwrap();
    let (_, tail) = tail.split_once(COUNT[1]).unwrap();
    let typed = format!("{commands} commands, {keystrokes} keystrokes");
    (format!("{head}{}{typed}{}{tail}", COUNT[0], COUNT[1]), shell)
}

/// What the comment right before a block says: `<!-- exit code: 1; paragraphs: 1-4, 7 -->` has two parts.
fn directive<'p>(before: &'p str, name: &str) -> Option<&'p str> {
    let comment = before.trim_end().strip_suffix("-->")?.rsplit_once("<!--")?.1;
    comment.split(';').find_map(|part| part.trim().strip_prefix(name)?.trim().strip_prefix(": "))
}

fn assert_walked(name: &str) -> Shell {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/walks/{name}.md"));
    let page = fs::read_to_string(&path).unwrap();
    let (new, shell) = walked(name, &page);
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(&path, &new).unwrap();
    } else {
        assert!(page == new, "docs/walks/{name}.md is stale: run `UPDATE_DOCS=1 cargo test`");
    }
    shell
}

#[test]
fn the_help_desk_gets_from_a_dump_to_a_sentence_for_the_ticket() {
    assert_walked("help-desk");
}

#[test]
fn a_reviewer_gets_from_a_folder_of_dumps_to_the_doubtful_policies() {
    assert_walked("trust-review");
}

#[test]
fn a_platform_engineer_gets_from_a_repository_to_a_pull_request_that_is_refused() {
    let shell = assert_walked("ci-lint");
    for name in ["rolecall.toml", "known.jsonl"] {
        let made = fs::read(shell.path(&format!("main/{name}"))).unwrap();
        let there = fixtures().join("walks/ci-lint/pull-request");
        if std::env::var("UPDATE_DOCS").is_ok() {
            put(&there, name, &made);
        }
        let committed = fs::read(there.join(name)).unwrap_or_default();
        assert!(committed == made, "pull-request/{name} is not what the commands write");
    }
}

/// A YAML document as JSON; scalars are texts.
fn yaml(text: &str) -> Value {
    enum Open {
        List(Vec<Value>),
        Map(Vec<Value>),
    }
    let mut open: Vec<Open> = vec![Open::List(Vec::new())];
    for event in Parser::new_from_str(text) {
        let value = match event.unwrap().0 {
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Vec::new()));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop().unwrap() {
                Open::List(values) => Value::Array(values),
                Open::Map(values) => values
                    .chunks(2)
                    .map(|pair| (pair[0].as_str().unwrap().to_owned(), pair[1].clone()))
                    .collect(),
            },
            _ => continue,
        };
        match open.last_mut().unwrap() {
            Open::List(values) | Open::Map(values) => values.push(value),
        }
    }
    let Some(Open::List(documents)) = open.pop() else { panic!("one document") };
    documents.into_iter().next().unwrap()
}

#[test]
fn the_workflow_of_the_walk_refuses_the_pull_request_and_says_who_loses_what() {
    let root = fixtures().join("walks/ci-lint");
    let text =
        fs::read_to_string(root.join("pull-request/.github/workflows/federation.yml")).unwrap();
    let workflow = yaml(&text);
    let steps = workflow["jobs"]["check"]["steps"].as_array().unwrap();
    let mut shell = Shell::at(&root);
    let summary = shell.path("step-summary.md").display().to_string();
    shell.set("GITHUB_STEP_SUMMARY", &summary);
    let (mut failed, mut ran) = (false, BTreeMap::new());
    for step in steps {
        let Some(run) = step["run"].as_str() else {
            assert!(step["uses"].as_str().unwrap().starts_with("actions/checkout@"), "{step}");
            continue;
        };
        // What installs the program, and what needs GitHub.
        if run.starts_with("cargo install ") || run.starts_with("gh ") {
            continue;
        }
        if failed && step["if"] != "always()" {
            continue;
        }
        shell.enter(step["working-directory"].as_str().unwrap());
        let output = shell.run(run);
        assert!(shell.code < 2, "{run}: {output}");
        failed |= shell.code != 0;
        ran.insert(step["name"].as_str().unwrap().to_owned(), (shell.code, output));
        shell.code = 0;
    }
    assert!(failed, "{ran:?}");
    assert_eq!(ran["Lint"].0, 1);
    assert!(ran["Lint"].1.contains("::error file=groups/groups.csv,line=3,"), "{ran:?}");
    assert_eq!(ran["Expectations"].0, 1, "{ran:?}");
    let told = fs::read_to_string(summary).unwrap();
    assert!(told.starts_with("## rolecall: 1 error"), "{told}");
    let comment = fs::read_to_string(shell.path("pull-request/comment.md")).unwrap();
    assert!(comment.starts_with("### AWS access: 6 roles lost for 6 users"), "{comment}");
    assert_eq!(ran.len(), 4, "{ran:?}");
}
