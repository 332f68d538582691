//! What surrounds the commands: completions, manual pages, how much is said on standard error.

#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::collections::BTreeSet;
use std::fs;

use crate::program::{folder, put, rolecall, small};

/// Commands that somebody types, each with an option of its own.
const TYPED: [(&str, &str); 5] = [
    ("check", "--min-severity"),
    ("filter", "--input"),
    ("picker", "--all"),
    ("verify", "--cert"),
    ("review", "--format"),
];

#[test]
fn every_shell_completes_commands_and_their_options() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let ran = rolecall(folder.path(), &["completions", shell]);
        assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{shell}");
        for (command, option) in TYPED {
            let bare = option.trim_start_matches('-');
            assert!(
                ran.out.contains(command) && ran.out.contains(bare),
                "{shell}: {command} {option}"
            );
        }
    }
    // fish runs what stands so in a description.
    let fish = rolecall(folder.path(), &["completions", "fish"]).out;
    let run = fish.lines().find(|line| line.starts_with("complete ") && line.contains("$("));
    assert_eq!(run, None);
    let ran = rolecall(folder.path(), &["completions", "csh"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("possible values: bash, zsh, fish, powershell"), "{}", ran.errors);
}

/// The commands that a help text lists.
fn commands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let list = list.take_while(|line| !line.is_empty());
    let names = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_command_has_a_manual_page_under_its_own_name() {
    let folder = folder();
    let mut wanted = BTreeSet::from(["rolecall.1".to_owned()]);
    for command in commands(&rolecall(folder.path(), &["--help"]).out) {
        wanted.insert(format!("rolecall-{command}.1"));
        for below in commands(&rolecall(folder.path(), &[&command, "--help"]).out) {
            wanted.insert(format!("rolecall-{command}-{below}.1"));
        }
    }
    assert!(wanted.contains("rolecall-saml-check.1"), "{wanted:?}");
    let ran = rolecall(folder.path(), &["man", "--out", "man"]);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert_eq!(ran.out, format!("{} pages in man\n", wanted.len()));
    let files = fs::read_dir(folder.path().join("man")).unwrap();
    let found: BTreeSet<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, wanted);
    for name in &found {
        let page = fs::read_to_string(folder.path().join("man").join(name)).unwrap();
        let title = name.trim_end_matches(".1");
        assert!(page.contains(&format!(".TH {title} 1")), "{name}: {page}");
    }
    let ran = rolecall(folder.path(), &["man", "saml", "check"]);
    let page = fs::read_to_string(folder.path().join("man/rolecall-saml-check.1")).unwrap();
    assert_eq!((ran.code, ran.out), (0, page));
}

#[test]
fn a_manual_page_of_no_command_offers_the_nearest() {
    let folder = folder();
    for (path, expected) in [
        (&["man", "saml", "chek"][..], "`rolecall saml` has no command `chek`, expected `check`"),
        (&["man", "who", "x"], "`rolecall who` has no command `x`, expected nothing more"),
    ] {
        let ran = rolecall(folder.path(), path);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert_eq!(ran.errors, format!("error: {expected}\n"));
    }
}

#[test]
fn quiet_leaves_out_warnings_and_keeps_errors_and_the_answer() {
    let folder = folder();
    small(folder.path());
    put(folder.path(), "in/notes.txt", "nothing to read here\n");
    let usual = rolecall(folder.path(), &["picker", "ann@x.test", "--source", "in"]);
    assert!(usual.errors.contains("warning: in/notes.txt"), "{}", usual.errors);
    let quiet = rolecall(folder.path(), &["picker", "ann@x.test", "--source", "in", "-q"]);
    assert_eq!((quiet.code, quiet.out, quiet.errors.as_str()), (usual.code, usual.out, ""));
    let wrong = rolecall(folder.path(), &["-q", "picker", "zoe@x.test", "--source", "in"]);
    assert!(wrong.code == 2 && wrong.errors.starts_with("error: "), "{wrong:?}");
}

#[test]
fn verbose_says_what_was_read_as_what() {
    let folder = folder();
    small(folder.path());
    put(folder.path(), "rolecall.toml", "[[source]]\npath = \"in\"\n");
    let ran = rolecall(folder.path(), &["picker", "ann@x.test", "--verbose"]);
    let infos = ran.errors.lines().filter(|line| line.starts_with("info: ")).collect::<Vec<_>>();
    assert_eq!(
        infos,
        [
            "info: configuration `rolecall.toml`",
            "info: read `in/app.json` as okta-app",
            "info: read `in/edges.csv` as edge-csv",
            "info: read `in/users.csv` as users-csv",
            "info: 2 users, 2 groups, 0 AWS accounts",
        ]
    );
    let usual = rolecall(folder.path(), &["picker", "ann@x.test"]);
    assert!(!usual.errors.contains("info: "), "{}", usual.errors);
    assert_eq!(usual.out, ran.out);
}
