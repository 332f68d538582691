//! What is read at each limit, and refused past it.

use std::io::{self, Read};

use rolecall::sources::blocks::{AtEmptyLine, AtUnquotedLineEnd, Blocks, Cut};
use rolecall::sources::json::JsonElements;
use rolecall::sources::limits::Limits;

use crate::program::{Ran, folder, put, rolecall, small};

const ROLE: &str = "123456789012/Admin";

/// Asks who sees a role of the small federation with one more file and more arguments.
fn with(name: &str, content: &str, more: &[&str]) -> Ran {
    let root = folder();
    small(root.path());
    put(root.path(), name, content);
    let args = ["who", ROLE, "-s", "in", "-s", name];
    rolecall(root.path(), &[&args[..], more].concat())
}

/// Without more arguments there is exactly this error; with the limit it names, none.
fn assert_raised(name: &str, content: &str, error: &str, limit: &str) {
    let ran = with(name, content, &[]);
    let expected = format!("error: {error}; `--limit {limit}` allows more\n");
    assert!(ran.code == 2 && ran.errors.starts_with(&expected), "{expected} {ran:?}");
    assert_eq!(ran.errors.lines().count(), 2, "{ran:?}");
    let raised = with(name, content, &["--limit", limit]);
    assert_eq!((raised.code, raised.errors.as_str()), (0, ""), "{limit}");
}

/// The most that a limit lets pass passes.
fn assert_read(name: &str, content: &str) {
    let ran = with(name, content, &[]);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{name}");
}

#[test]
fn a_value_of_64_kib_is_read_and_a_longer_one_is_not() {
    let csv = |length: usize| format!("group,member\n{},ann@x.test\n", "g".repeat(length));
    assert_read("a.csv", &csv(65536));
    let error = "a.csv:2: a field of more than 65536 bytes, expected fewer";
    assert_raised("a.csv", &csv(65537), error, "value=128KiB");

    let json = |length: usize| {
        format!(
            "{{\"groupId\": \"00g1\", \"users\": []}}\n{{\"groupId\": \"{}\", \"users\": [\"00u1\"]}}\n",
            "g".repeat(length)
        )
    };
    assert_read("a.jsonl", &json(65536));
    let error = "a.jsonl:2: a value of `groupId` of more than 65536 bytes, expected fewer";
    assert_raised("a.jsonl", &json(65537), error, "value=128KiB");

    let ldif =
        |length: usize| format!("dn: cn=a\nobjectClass: group\ncn: {}\n", "g".repeat(length));
    assert_read("a.ldif", &ldif(65536));
    let error = "a.ldif:3: a value of `cn` of more than 65536 bytes, expected fewer";
    assert_raised("a.ldif", &ldif(65537), error, "value=128KiB");
}

#[test]
fn a_record_of_1_mib_is_read_and_a_larger_one_is_not() {
    const MIB: usize = 1 << 20;
    let columns = |count: usize| {
        let names: Vec<String> = (0..count).map(|at| format!("c{at}")).collect();
        format!("group,member,{}\n", names.join(","))
    };
    // 32 further fields of 32 KiB, the last as long as the record still needs.
    let csv = |length: usize| {
        let fixed = format!("g,ann@x.test{}", format!(",{}", "x".repeat(32 << 10)).repeat(31));
        let last = "x".repeat(length - fixed.len() - 1);
        format!("{}{fixed},{last}\n", columns(32))
    };
    assert_read("a.csv", &csv(MIB));
    let error = "a.csv: line 2: a record of more than 1048576 bytes, expected it to end before";
    assert_raised("a.csv", &csv(MIB + 2), error, "record=2MiB");

    let json = |length: usize| {
        let part = format!("\"x\": \"{}\", ", "x".repeat(60_000));
        let fixed = format!("{{\"id\": \"00u7\", \"status\": \"ACTIVE\", {}", part.repeat(17));
        let end = "\"profile\": {\"login\": \"x@x.test\"}}";
        let space = " ".repeat(length - fixed.len() - end.len());
        let first =
            "{\"id\": \"00u6\", \"status\": \"ACTIVE\", \"profile\": {\"login\": \"y@x.test\"}}";
        format!("{first}\n{fixed}{space}{end}\n")
    };
    assert_read("a.jsonl", &json(MIB));
    let error = "a.jsonl:2: a record without its lists of more than 1048576 bytes, expected fewer";
    assert_raised("a.jsonl", &json(MIB + 1), error, "record=2MiB");
}

#[test]
fn a_file_at_the_limit_is_read_and_one_past_it_is_not() {
    let csv = "group,member\ng,ann@x.test\n";
    let at = format!("file={}", csv.len());
    let ran = with("a.csv", csv, &["--limit", &at]);
    // The small federation's own files are larger.
    assert!(!ran.errors.contains("a.csv"), "{ran:?}");
    let past = format!("file={}", csv.len() - 1);
    let ran = with("a.csv", csv, &["--limit", &past]);
    assert!(ran.errors.contains("a.csv: line 1: a file of more than "), "{ran:?}");
    assert_eq!(Limits::default().file, 2 << 30);
    let app = crate::program::APP;
    let ran = with("b.json", app, &["--limit", &format!("tree-file={}", app.len())]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = with("b.json", app, &["--limit", &format!("tree-file={}", app.len() - 1)]);
    assert!(ran.errors.contains("b.json: a file of more than "), "{ran:?}");
    let roles = r#"{"Roles": [{"RoleName": "Dev", "Arn": "arn:aws:iam::123456789012:role/Dev"}]}"#;
    let roles = format!("{roles}{}", " ".repeat(app.len()));
    let ran = with("roles.json", &roles, &["--limit", &format!("tree-file={}", roles.len())]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = with("roles.json", &roles, &["--limit", &format!("tree-file={}", roles.len() - 1)]);
    assert!(ran.errors.contains("roles.json: a file of more than "), "{ran:?}");
}

/// How much of an endless input is read before it is refused.
fn read_of_endless(first: &str, cut: impl Cut, error: &str) -> u64 {
    const MUCH: u64 = 64 << 20;
    let mut input = io::Cursor::new(first.to_owned()).chain(io::repeat(b'x')).take(MUCH);
    let refused = Blocks::new(&mut input, cut, 1).find_map(Result::err).unwrap().to_string();
    assert!(refused.contains(error), "{refused}");
    MUCH - input.limit()
}

#[test]
fn a_line_without_an_end_is_refused_soon_after_the_record_limit() {
    let error = "a record of more than 1048576 bytes, expected it to end before";
    let most = 3 << 20;
    assert!(read_of_endless("group,member\na,", AtUnquotedLineEnd, error) <= most);
    assert!(read_of_endless("dn: cn=a\ncn: ", AtEmptyLine, error) <= most);
    assert!(read_of_endless("dn:: ", AtEmptyLine, error) <= most);
    assert!(read_of_endless("[{\"a\": \"", JsonElements::new(), error) <= most);
    assert!(read_of_endless("[", JsonElements::new(), error) <= most);
}

#[test]
fn an_unknown_limit_and_an_unreadable_value_say_what_was_expected() {
    for (limit, error) in [
        ("recrod=1MiB", "limit `recrod`, expected `record`"),
        ("record", "`--limit record`, expected NAME=VALUE"),
        (
            "record=1MB",
            "limit `record` is `1MB`, expected a size such as `65536`, `64KiB` or `4MiB`",
        ),
        ("json-depth=x", "limit `json-depth` is `x`, expected a number of levels"),
    ] {
        let ran = with("a.csv", "group,member\n", &["--limit", limit]);
        assert_eq!((ran.code, ran.errors), (2, format!("error: {error}\n")), "{limit}");
    }
}

#[test]
fn the_configuration_sets_limits_and_the_command_line_outranks_it() {
    let root = folder();
    small(root.path());
    let config = "[[source]]\npath = \"in\"\n\n[limits]\nvalue = 8\nrecord = \"1KiB\"\n";
    put(root.path(), "rolecall.toml", config);
    let ran = rolecall(root.path(), &["who", ROLE]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("of more than 8 bytes"), "{ran:?}");
    let ran = rolecall(root.path(), &["who", ROLE, "--limit", "value=1KiB"]);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{ran:?}");
    put(root.path(), "rolecall.toml", "[limits]\nrecrod = 1\n");
    let ran = rolecall(root.path(), &["who", ROLE]);
    assert_eq!(ran.errors, "error: rolecall.toml:2: unknown key `recrod`, expected `record`\n");
}
