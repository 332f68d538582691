//! Nothing in a text is a command of GitHub Actions, whatever names, files and captures say.

use std::fmt::Write as _;
use std::path::Path;

use crate::program::{APP, folder, put, rolecall};

/// Names that the runner would take for commands where they begin a line, or stand anywhere in one.
const NAMES: [&str; 4] = ["::error::a", "::add-mask::b", "##[error]c", " ::stop-commands::d"];

/// A line that the runner takes for a command: two colons and a name at its beginning, `##[` anywhere.
fn is_command(line: &str) -> bool {
    let begins = line.trim_start().strip_prefix("::");
    let is_name = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
    begins.is_some_and(is_name) || line.contains("##[")
}

fn world(root: &Path) {
    let (mut users, mut edges) =
        ("user,status\n".to_owned(), "group,member,member_type\n".to_owned());
    let mut expectations = String::new();
    for (at, name) in NAMES.iter().enumerate() {
        writeln!(users, "{name}{at}@x.test,ACTIVE").unwrap();
        writeln!(edges, "aws#{name}#Admin{at}#12345678901{at},{name}team,group").unwrap();
        writeln!(edges, "{name}team,{name}{at}@x.test,user").unwrap();
        writeln!(edges, "{name}#dev#Admin#1234567890123,{name}{at}@x.test,user").unwrap();
        let toml = |text: &str| toml::Value::from(text).to_string();
        let (user, team) = (toml(&format!("{name}{at}@x.test")), toml(&format!("{name}team")));
        let title = toml(name);
        writeln!(expectations, "[[expect]]\nname = {title}\nuser = {user}\nsees = {title}\n")
            .unwrap();
        writeln!(expectations, "[[expect]]\nname = {title}\ngroup = {team}\nsees_exactly = []\n")
            .unwrap();
    }
    for file in ["in/users.csv", "::error::users.csv"] {
        put(root, file, &users);
    }
    put(root, "in/edges.csv", edges);
    put(root, "in/app.json", APP);
    put(root, "less/users.csv", users);
    put(root, "less/edges.csv", "group,member,member_type\n");
    put(root, "less/app.json", APP);
    put(root, "in/##[error]x.txt", "::error::not an export\n##[error]nor this\n");
    put(root, "##[error]y.json", "{\"Statement\": [\n\"##[error]\"]}");
    put(root, "::error::z.toml", "::error::z\n");
    put(root, "expectations.toml", expectations);
}

#[test]
fn no_line_of_a_text_is_a_command_of_the_build_s_log() {
    let root = folder();
    world(root.path());
    let filter = APP.split('"').nth(13).unwrap().replace("\\\\", "\\");
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["-v", "check", "in"],
        vec!["check", "in", "--width", "20"],
        vec!["check", "in", "--format", "github"],
        vec!["check", "::error::users.csv"],
        vec!["check", "in", "--diff"],
        vec!["check", "in", "--config", "::error::z.toml"],
        vec!["check", "##[error]y.json"],
        vec!["check", "::error::none"],
        vec!["-v", "test", "expectations.toml", "-s", "in", "--coverage"],
        vec!["test", "expectations.toml", "-s", "in", "--format", "github"],
        vec!["test", "expectations.toml", "-s", "in", "--format", "tap"],
        vec!["test", "::error::z.toml", "-s", "in"],
        vec!["diff", "less", "in", "--users"],
        vec!["diff", "in", "less", "--users"],
        vec!["what-if", "-s", "in", "--match-mode", "full", "--users"],
        vec!["trust", "review", "##[error]y.json"],
        vec!["trust", "decide", "##[error]y.json"],
        vec!["init", "in", "--force"],
        vec!["who", "123456789010/Admin0", "-s", "in"],
        vec!["saml", "decode", "##[error]y.json", "::error::users.csv"],
        vec!["::error::command"],
    ];
    for name in NAMES {
        commands.push(vec!["why", name, "123456789010/Admin0", "-s", "in"]);
        commands.push(vec!["picker", name, "-s", "in"]);
        commands.push(vec!["who", name, "-s", "in"]);
        commands.push(vec!["rules", name]);
        commands.push(vec!["filter", name, name]);
        commands.push(vec!["filter", &filter, name]);
        commands.push(vec!["filter", &filter, "--against", name, name]);
    }
    let users: Vec<String> =
        NAMES.iter().enumerate().map(|(at, name)| format!("{name}{at}@x.test")).collect();
    for user in &users {
        commands.push(vec!["why", user, "123456789010/Admin0", "-s", "in"]);
        commands.push(vec!["picker", user, "-s", "in"]);
    }
    let mut wrong = String::new();
    let mut met = 0;
    for command in commands {
        let ran = rolecall(root.path(), &command);
        met += usize::from(ran.out.contains("error]") || ran.errors.contains("error]"));
        // A report for GitHub has commands of its own, with what names say escaped in them.
        let is_ours = |line: &str| {
            command.contains(&"github")
                && ["::error file=", "::warning file=", "::notice title="]
                    .iter()
                    .any(|start| line.starts_with(start))
                && !line.contains("##[")
        };
        for line in ran.out.lines().chain(ran.errors.lines()) {
            if is_command(line) && !is_ours(line) {
                writeln!(wrong, "{command:?}: {line}").unwrap();
            }
        }
    }
    assert_eq!(wrong, "");
    assert!(met > 5, "the names are shown: {met}");
}
