//! Tests of the plain CSV reader.

use super::*;
use crate::sources::blocks::{AtUnquotedLineEnd, Blocks};
use crate::sources::collect::Collector;
use crate::sources::keys::Keys;
use proptest::prelude::*;

fn describe(text: &str, format: Format, block_size: usize) -> Vec<String> {
    let header = text.lines().next().unwrap();
    let reader = PlainReader::new(header, format, &SourceOptions::default()).unwrap();
    let keys = Keys::default();
    let mut lines = Vec::new();
    for block in Blocks::new(text.as_bytes(), AtUnquotedLineEnd, 1).with_block_size(block_size) {
        let mut batch = Batch::new(&keys);
        reader.read(&block.unwrap(), &mut batch);
        lines.extend(batch.describe());
    }
    lines
}

#[test]
fn memberships_keep_their_line_through_quotes_and_line_ends() {
    let text = "group,member,member_type\r\na,x,user\r\n\"b \"\"q\"\"\",\"y\nz\",group\na,w,user";
    let got = describe(text, Format::EdgeCsv, 1 << 20);
    assert_eq!(
        got,
        [
            "3: GroupName=y\nz in GroupName=b \"q\"",
            "2: Login=x in GroupName=a",
            "5: Login=w in GroupName=a",
        ]
    );
}

#[test]
fn it_is_known_whether_each_row_stands_on_one_line() {
    let header = "group,member,member_type\n";
    for (format, header, rows, expected) in [
        (Format::EdgeCsv, header, "a,x,user\na,z,user\n\"b\",y,user\n", true),
        (Format::EdgeCsv, header, "a,x,user\na,\"z\nz\",user\na,y,user\n", false),
        (Format::EdgeCsv, "group,member,\"member_type\n\"\n", "a,x,user\n", false),
        (Format::UsersCsv, "user,status\n", "x,ACTIVE\ny,DISABLED\n", true),
        (Format::UsersCsv, "user,status\n", "x,ACTIVE\n\"y\ny\",DISABLED\n", false),
    ] {
        let text = format!("{header}{rows}");
        let reader =
            PlainReader::new(header.trim_end(), format, &SourceOptions::default()).unwrap();
        for size in [8, 1 << 20] {
            let mut collector = Collector::default();
            let source = collector.begin("export");
            for block in Blocks::new(text.as_bytes(), AtUnquotedLineEnd, 1).with_block_size(size) {
                let mut batch = Batch::new(collector.keys());
                reader.read(&block.unwrap(), &mut batch);
                let mut found = std::mem::take(&mut batch.found);
                drop(batch);
                collector.absorb(&mut found).unwrap();
            }
            collector.end(9);
            assert_eq!(collector.sources().rows_are_lines(source), expected, "{size}: {text}");
        }
    }
}

#[test]
fn a_group_that_begins_like_the_one_before_is_another_group() {
    let text = "group,member,member_type\na,x,user\nab,y,user\na,z,user\n";
    assert_eq!(
        describe(text, Format::EdgeCsv, 1 << 20),
        ["2: Login=x in GroupName=a", "3: Login=y in GroupName=ab", "4: Login=z in GroupName=a"]
    );
}

#[test]
fn a_bad_record_is_reported_with_its_line_and_reading_goes_on() {
    let text = "group,member,member_type\na,x\na,y,robot\na,,user\na,z,user\n";
    assert_eq!(
        describe(text, Format::EdgeCsv, 1 << 20),
        [
            "5: Login=z in GroupName=a",
            "2: problem (Record) 2 fields, expected 3 as in the header",
            "3: problem (Record) member type `robot`, expected `user` or `group`",
            "4: problem (Record) an empty member, expected a name",
        ]
    );
}

#[test]
fn users_and_their_status_are_read_with_a_semicolon_too() {
    let text = "User;Status\nalice;ACTIVE\nbob;suspended\ncarol;odd\n";
    assert_eq!(
        describe(text, Format::UsersCsv, 1 << 20),
        [
            "2: user Login=alice Active",
            "3: user Login=bob Disabled",
            "4: user Login=carol Unknown",
            "4: problem (Nothing) status `odd`, expected ACTIVE or DISABLED (or an Okta user status)",
        ]
    );
}

#[test]
fn a_column_of_groups_says_to_which_the_app_is_assigned() {
    let text = "group,source,assigned\na,okta,true\nb,okta,\nc,okta,no\nd,okta,perhaps\n";
    let header = "group,source,assigned";
    let reader = PlainReader::new(header, Format::GroupsCsv, &SourceOptions::default()).unwrap();
    assert!(reader.states_assignments());
    let got = describe(text, Format::GroupsCsv, 1 << 20);
    assert!(got.contains(&"2: app assigned to group GroupName=a".to_owned()), "{got:?}");
    assert_eq!(got.iter().filter(|line| line.contains("app assigned")).count(), 1, "{got:?}");
    assert!(got.contains(
        &"5: problem (Nothing) assigned `perhaps`, expected `true` or `false`: whether the Okta app is assigned to the group".to_owned()
    ), "{got:?}");
}

#[test]
fn records_that_each_begin_another_group_are_read_like_any_other() {
    let odd =
        ["\"a, b\",x,user", "\"a\"\"b\",x,user", "c,\"x\",user", "c,d,group", "c,,user", ",x,user"];
    let mut text = "group,member,member_type\n".to_owned();
    for at in 0..200 {
        let plain = format!("g{},u{},user", at % 7, at % 3);
        let record = odd.get(at % 11).map_or(plain.as_str(), |record| record);
        text.push_str(record);
        text.push_str(if at % 5 == 0 { "\r\n" } else { "\n" });
    }
    let sorted = |block_size| {
        let mut lines = describe(&text, Format::EdgeCsv, block_size);
        lines.sort();
        lines
    };
    // One record a block: none follows another.
    let whole = sorted(1 << 20);
    assert_eq!(whole, sorted(24));
    assert!(whole.contains(&"2: Login=x in GroupName=a, b".to_owned()), "{whole:?}");
    assert!(whole.contains(&"3: Login=x in GroupName=a\"b".to_owned()), "{whole:?}");
    assert_eq!(whole.iter().filter(|line| line.contains("problem")).count(), 36, "{whole:?}");
}

#[test]
fn a_header_without_its_column_says_which() {
    let error = PlainReader::new("a,b", Format::UsersCsv, &SourceOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "no column `user` in the header `a,b`, expected one");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let keys = Keys::default();
        for format in [Format::EdgeCsv, Format::UsersCsv, Format::GroupsCsv] {
            let header = "group,member,member_type,user,status,source";
            let reader = PlainReader::new(header, format, &SourceOptions::default()).unwrap();
            let mut batch = Batch::new(&keys);
            reader.read(&Block { bytes: bytes.clone(), first_line: 2, offset: 0 }, &mut batch);
        }
    }

    #[test]
    fn what_csv_writes_is_what_is_read(
        rows in prop::collection::vec(("[a-c,\"\n#é]{1,6}", "[a-c,\"\r\n]{1,6}", prop::bool::ANY), 0..20),
        size in 1_usize..200,
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["group", "member", "member_type"]).unwrap();
        for (group, member, nested) in &rows {
            writer.write_record([group.as_str(), member, if *nested { "group" } else { "user" }]).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let strip = |line: &String| line.split_once(": ").unwrap().1.to_owned();
        let mut got: Vec<_> = describe(&text, Format::EdgeCsv, size).iter().map(strip).collect();
        let mut want: Vec<_> = rows.iter().map(|(group, member, nested)| {
            let space = if *nested { "GroupName" } else { "Login" };
            format!("{space}={member} in GroupName={group}")
        }).collect();
        got.sort();
        want.sort();
        prop_assert_eq!(got, want);
    }
}
