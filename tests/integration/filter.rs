//! The `filter` command, run as a program.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::io::Write as _;
use std::process::{Command, Stdio};

const GUIDE: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";
const DEFAULT: &str = r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)";

struct Ran {
    code: i32,
    out: String,
    errors: String,
}

fn filter(args: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .arg("filter")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A refused filter leaves its input unread.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap()
}

#[test]
fn a_match_is_one_json_line_with_the_fields_in_order() {
    let ran = filter(&[GUIDE, "aws#prod#Admin#123456789012", "--format", "jsonl"], b"");
    assert_eq!(
        ran.out,
        concat!(
            r#"{"name":"aws#prod#Admin#123456789012","matched":true,"#,
            r#""captures":{"role":"Admin","accountid":"123456789012"},"#,
            r#""pair":"arn:aws:iam::123456789012:saml-provider/OKTA,"#,
            r#"arn:aws:iam::123456789012:role/Admin","#,
            r#""stopped_at":null,"expected":null,"nearest":null}"#,
            "\n"
        )
    );
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
}

#[test]
fn a_name_that_fails_says_where_and_what_was_meant() {
    let ran = filter(&[GUIDE, "AWS#prod#Admin#123456789012", "--format", "jsonl"], b"");
    let record = json(&ran.out);
    assert_eq!(record["matched"], false);
    assert_eq!(record["captures"], serde_json::Value::Null);
    assert_eq!(record["stopped_at"], 0);
    assert_eq!(record["expected"], "`aws#`");
    assert_eq!(record["nearest"], "aws#prod#Admin#123456789012");
    assert_eq!(record["mends"][0]["kind"], "case");
    assert_eq!(ran.code, 1);
}

#[test]
fn text_points_at_the_place_and_neutralises_the_name() {
    let ran = filter(&[GUIDE, "aws#prod\u{1b}[2J#Ops.Lead#123456789012"], b"");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "no match   aws#prod\\u{1b}[2J#Ops.Lead#123456789012");
    let caret = lines[1].find('^').unwrap();
    assert_eq!(lines[0].chars().nth(caret), Some('.'));
    assert!(
        lines[1].contains("byte 16: `.`, expected `#`, or a letter, digit, `_` or `-` (in `role`)"),
        "{}",
        lines[1]
    );
    assert!(!ran.out.contains('\u{1b}'));
}

#[test]
fn json_strings_hold_line_ends() {
    let input = "\"aws#prod#Admin#123456789012\\n\"\n\"aws#prod#Admin#123456789012\\n\\n\"\n";
    let args = [GUIDE, "-", "--input", "jsonl", "--format", "jsonl"];
    let ran = filter(&args, input.as_bytes());
    let records: Vec<_> = ran.out.lines().map(json).collect();
    assert_eq!(records[0]["matched"], true);
    assert_eq!(records[0]["mode_dependent"], true);
    assert_eq!(records[1]["matched"], false);
    assert_eq!(records[1]["stopped_at"], 27);
    assert_eq!(ran.code, 1);
}

#[test]
fn the_match_mode_decides_and_a_name_that_depends_on_it_is_marked() {
    let name = "xaws_123456789012_Ops";
    for (mode, matched) in [("find", true), ("full", false)] {
        let ran = filter(&[DEFAULT, name, "--match-mode", mode, "--format", "jsonl"], b"");
        let record = json(&ran.out);
        assert_eq!(
            (&record["matched"], &record["mode_dependent"]),
            (&matched.into(), &true.into())
        );
    }
}

#[test]
fn lines_come_from_standard_input_one_record_each() {
    let input = "aws_123456789012_A\r\naws_210987654321_B\n\nVPN Users";
    let ran = filter(&[DEFAULT, "--format", "jsonl"], input.as_bytes());
    let names: Vec<_> = ran.out.lines().map(|line| json(line)["name"].clone()).collect();
    assert_eq!(names, ["aws_123456789012_A", "aws_210987654321_B", "", "VPN Users"]);
    assert_eq!(ran.code, 1);
}

#[test]
fn a_pattern_java_refuses_is_exit_2_with_its_place() {
    let ran = filter(&[r"aws_(?{{accountid}}\d+", "x"], b"");
    assert_eq!(ran.code, 2);
    assert_eq!(ran.out, "");
    let lines: Vec<&str> = ran.errors.lines().collect();
    assert!(lines[0].contains("refused at byte 22"), "{}", ran.errors);
    assert_eq!(lines[1], r"  aws_(?{{accountid}}\d+");
    assert_eq!(lines[2].find('^'), Some(2 + 22));
}

#[test]
fn a_filter_that_cannot_be_decided_gives_null_and_a_reason() {
    let ran = filter(&[r"\N{DIGIT ONE}", "aws", "--format", "jsonl"], b"");
    let record = json(&ran.out);
    assert_eq!(record["matched"], serde_json::Value::Null);
    assert!(record["reason"].as_str().unwrap().starts_with("cannot decide, because "));
    assert_eq!(ran.code, 1);
}

#[test]
fn a_bad_line_is_reported_with_its_number_and_reading_goes_on() {
    let input = b"\"aws_123456789012_A\"\nnot json\n\"aws_123456789012_B\"\n\xff\n";
    let ran = filter(&[DEFAULT, "--input", "jsonl", "--format", "jsonl"], input);
    assert_eq!(ran.out.lines().count(), 2);
    assert!(ran.errors.contains("line 2: not a JSON string"), "{}", ran.errors);
    assert!(ran.errors.contains("line 4: byte 1 is not UTF-8"), "{}", ran.errors);
    assert_eq!(ran.code, 2);
}

#[test]
fn a_value_that_is_no_pair_says_why() {
    let args = [DEFAULT, "aws_12345678901_Ops", "--format", "jsonl"];
    let record = json(&filter(&args, b"").out);
    assert_eq!(record["pair"], serde_json::Value::Null);
    assert_eq!(record["pair_problem"], "account `12345678901` has 11 digits, an account id has 12");
    assert_eq!(record["nearest"], "aws_012345678901_Ops");
}

#[test]
fn another_pattern_changes_the_pair() {
    let pattern =
        "arn:aws-cn:iam::${accountid}:role/x/${role},arn:aws-cn:iam::${accountid}:saml-provider/P";
    let args = [DEFAULT, "aws_123456789012_Ops", "--format", "jsonl", "--pattern", pattern];
    assert_eq!(
        json(&filter(&args, b"").out)["pair"],
        "arn:aws-cn:iam::123456789012:role/x/Ops,arn:aws-cn:iam::123456789012:saml-provider/P"
    );
}

#[test]
fn huge_names_are_answered() {
    let huge =
        format!("aws#{}#Ops#123456789012\naws#{}\n", "p".repeat(70_000), "x".repeat(200_000));
    let ran = filter(&[GUIDE, "--format", "jsonl"], huge.as_bytes());
    let records: Vec<_> = ran.out.lines().map(json).collect();
    assert_eq!(records[0]["matched"], true);
    assert_eq!(records[1]["matched"], false);
    assert_eq!(records[1]["stopped_at"], 200_004);
}

#[test]
fn no_filter_is_a_usage_error() {
    assert_eq!(filter(&[], b"").code, 2);
}

/// The guide's filter with its last anchor left out.
const LOOSE: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)";

#[test]
fn two_filters_that_read_every_name_alike_are_equivalent() {
    let other = r"^aws#[^\s]+#(?{{role}}[\w-]+)#(?{{accountid}}[0-9]+)$";
    let ran = filter(&[GUIDE, "--against", other], b"");
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.errors.as_str()),
        (0, "equivalent: both filters read every name on one line alike\n", "")
    );
    let ran = filter(&[GUIDE, "--against", other, "aws#dev#Ops#1", "x"], b"");
    assert!(ran.out.ends_with("\n  equivalent over all 2 names\n"), "{}", ran.out);
    let json = json(&filter(&[GUIDE, "--against", other, "--format", "jsonl"], b"").out);
    assert_eq!(
        (&json["verdict"], &json["names"]),
        (&"equivalent".into(), &serde_json::Value::Null)
    );
}

#[test]
fn names_that_two_filters_read_otherwise_are_shown_with_what_each_reads() {
    let ran =
        filter(&[GUIDE, "--against", LOOSE, "-", "aws#dev#Ops#12 ", "aws#a#b#1"], b"aws#d#e#3x\n");
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""));
    assert!(
        ran.out.starts_with("different: the filters do not read every name alike\n  `aws#"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("  of 3 names, 2 are read otherwise:\n"), "{}", ran.out);
    for line in [
        "    `aws#d#e#3x`: no match → role `e`, account `3`\n",
        "    `aws#dev#Ops#12 `: no match → role `Ops`, account `12`\n",
    ] {
        assert!(ran.out.contains(line), "{}", ran.out);
    }
    let ran = filter(&[GUIDE, "--against", LOOSE, "aws#d#e#3x", "--format", "json"], b"");
    let value = json(&ran.out);
    assert_eq!((ran.code, &value["verdict"]), (1, &"different".into()));
    assert_eq!((&value["filter"], &value["against"]), (&GUIDE.into(), &LOOSE.into()));
    assert_eq!((&value["real_names"], &value["different"]), (&1.into(), &1.into()));
    assert_eq!(value["every_name"]["examples"][0]["before"], serde_json::Value::Null);
    // Each counterexample is one: the filters themselves say so.
    let name = value["every_name"]["examples"][0]["name"].as_str().unwrap();
    assert_eq!(filter(&[GUIDE, name], b"").code, 1);
    assert_eq!(filter(&[LOOSE, name], b"").code, 0);
}

#[test]
fn what_cannot_be_decided_is_not_shown_equivalent() {
    let behind = r"^(?<=x)?aws#(?{{role}}\w+)#(?{{accountid}}\d+)$";
    let ran = filter(&[behind, "--against", GUIDE, "x"], b"");
    assert_eq!(ran.code, 1, "{ran:?}", ran = ran.out);
    assert!(ran.out.starts_with("not shown equivalent: cannot decide, because "), "{}", ran.out);
    assert!(ran.out.ends_with("  equivalent over all 1 name\n"), "{}", ran.out);
    let value = json(&filter(&[behind, "--against", GUIDE, "--format", "jsonl"], b"").out);
    assert_eq!(value["verdict"], "undecided");
    assert!(value["every_name"]["why"].as_str().unwrap().starts_with("cannot decide"));
}

#[test]
fn a_comparison_takes_the_groups_of_exports_and_refuses_what_is_no_filter() {
    let exports = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/diffs/filter-loosened/before");
    let ran = filter(&[GUIDE, "--against", LOOSE, "-s", exports], b"");
    assert_eq!(ran.code, 1, "{}", ran.errors);
    assert!(ran.out.contains(" names, ") && ran.out.contains(" read otherwise:\n"), "{}", ran.out);
    for args in [[GUIDE, "--against", "(a"], ["(a", "--against", GUIDE]] {
        let ran = filter(&args, b"");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(
            ran.errors.starts_with("error: the Group Filter is refused at byte "),
            "{}",
            ran.errors
        );
    }
    assert_eq!(filter(&[GUIDE, "--against", GUIDE, "-s", "no/such"], b"").code, 2);
    assert_eq!(filter(&[GUIDE, "-s", exports], b"").code, 2);
    let ran = filter(&[GUIDE, "x", "--format", "json"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
}
