use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::sources::input::SourceOptions;
use crate::text::Place;

fn memory(name: &str, text: &[u8]) -> Input {
    let bytes = text.to_vec();
    let open = Box::new(move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Stream>));
    Input { name: name.to_owned(), open, found: false, options: SourceOptions::default() }
}

/// The excerpt of one label in a file.
fn excerpt(text: &[u8], format: Format, line: u32, mark: &Mark) -> Option<Excerpt> {
    let mut sources = SourceMap::default();
    let source = sources.add("file".to_owned(), 0);
    let label = Label { place: Place(line), mark: mark.clone(), message: String::new() };
    let input = memory("file", text);
    let excerpts = Excerpts::read(&[input], &[(source, format)], &sources, [&label]);
    excerpts.of(&label).cloned()
}

fn value(text: &str) -> Mark {
    Mark { value: text.to_owned(), ..Mark::default() }
}

fn part(text: &str, part: Range<usize>) -> Mark {
    Mark { value: text.to_owned(), part: Some(part), from: 0 }
}

/// Line, columns, underlined text.
fn seen(found: &Excerpt) -> (u32, Range<u64>, &str) {
    (found.line, found.columns.clone(), found.text.get(found.mark.clone()).unwrap())
}

fn cell(row: u64, column: &str) -> Field {
    Field::Cell { row, column: Some(column.to_owned()) }
}

fn attribute(dn: &str, name: &str) -> Field {
    Field::Attribute { dn: dn.to_owned(), name: Some(name.to_owned()) }
}

#[test]
fn a_cell_is_found_by_its_whole_value_before_one_that_holds_it() {
    let text = "user,group\nadmins of x,admins\n";
    let found = excerpt(text.as_bytes(), Format::EdgeCsv, 2, &value("admins")).unwrap();
    assert_eq!(seen(&found), (2, 13..19, "admins"));
    assert_eq!(found.field, Some(cell(2, "group")));
    assert_eq!(text.get(23..29), Some("admins"));
    assert_eq!(found.bytes, 23..29);
}

#[test]
fn a_quoted_cell_over_two_lines_moves_the_row_and_a_part_behind_doubled_quotes_is_found() {
    let text = "a;b\n\"x\ny\";1\n2;\"é \"\"q\"\" z\"\n";
    let found = excerpt(text.as_bytes(), Format::EdgeCsv, 4, &part("é \"q\" z", 3..6)).unwrap();
    assert_eq!(seen(&found), (4, 6..11, "\"\"q\"\""));
    assert_eq!(found.field, Some(cell(3, "b")));
}

#[test]
fn an_attribute_is_found_below_the_name_of_its_entry() {
    let text = "version: 1\n\ndn: cn=a,o=x\ncn: a\nmember: cn=b\n\ndn: cn=c\ncn: a\n";
    let found = excerpt(text.as_bytes(), Format::Ldif, 3, &value("a")).unwrap();
    assert_eq!(seen(&found), (4, 5..6, "a"));
    assert_eq!(found.field, Some(attribute("cn=a,o=x", "cn")));
    let found = excerpt(text.as_bytes(), Format::Ldif, 5, &value("a")).unwrap();
    assert_eq!(seen(&found), (5, 1..13, "member: cn=b"), "not the next entry's");
    assert!(!found.exact);
}

#[test]
fn a_base64_value_is_underlined_encoded_and_given_decoded() {
    let text = "dn: cn=a\ncn:: w6lhd3M=\n";
    let found = excerpt(text.as_bytes(), Format::Ldif, 1, &part("éaws", 2..5)).unwrap();
    assert_eq!(seen(&found), (2, 6..14, "w6lhd3M="));
    assert_eq!(found.decoded.as_deref(), Some("éaws"));
}

#[test]
fn a_folded_value_is_underlined_where_its_part_begins() {
    let text = "dn: cn=a\ncn: aws#pro\n d#Admin\n";
    let found = excerpt(text.as_bytes(), Format::Ldif, 1, &part("aws#prod#Admin", 8..9)).unwrap();
    assert_eq!(seen(&found), (3, 3..4, "#"));
    let found = excerpt(text.as_bytes(), Format::Ldif, 1, &value("aws#prod#Admin")).unwrap();
    assert_eq!(seen(&found), (2, 5..12, "aws#pro"));
}

#[test]
fn a_value_of_json_has_a_pointer_and_its_part_stands_behind_escapes() {
    let text = "{\n  \"a/b\": [\n    {\"x\": 1},\n    {\n      \"filter\": \"^aws\\\\#z\"\n    }\n  ]\n}\n";
    let found = excerpt(text.as_bytes(), Format::OktaApp, 4, &part(r"^aws\#z", 4..6)).unwrap();
    assert_eq!(seen(&found), (5, 22..25, r"\\#"));
    assert_eq!(found.field, Some(Field::Pointer("/a~1b/1/filter".to_owned())));
}

#[test]
fn json_inside_a_string_of_json_is_looked_into() {
    let text = "{\"app_settings_json\": \"{\\\"groupFilter\\\":\\\"^a\\\\\\\\#b\\\"}\"}\n";
    let found = excerpt(text.as_bytes(), Format::OktaApp, 1, &part(r"^a\#b", 2..4)).unwrap();
    assert_eq!(seen(&found).2, r"\\\\#");
}

#[test]
fn a_value_is_not_looked_for_behind_the_record_that_begins_on_the_line() {
    let text = "[\n  {\"name\": \"a\"},\n  {\"name\": \"b\"},\n  {\"name\": \"c\"}\n]\n";
    let found = excerpt(text.as_bytes(), Format::OktaGroups, 2, &value("c")).unwrap();
    assert_eq!(seen(&found), (2, 3..17, "{\"name\": \"a\"},"));
    assert_eq!(found.field, Some(Field::Pointer("/0".to_owned())));
    let found = excerpt(text.as_bytes(), Format::OktaGroups, 4, &value("c")).unwrap();
    assert_eq!(found.field, Some(Field::Pointer("/2/name".to_owned())));
    let text = "{\n  \"k\": \"other\",\n  \"l\": \"v\"\n}\n";
    let found = excerpt(text.as_bytes(), Format::OktaApp, 2, &value("v")).unwrap();
    assert_eq!((found.exact, found.field), (false, Some(Field::Pointer("/k".to_owned()))));
}

#[test]
fn lines_all_over_a_file_of_many_blocks_are_each_found() {
    // Of lengths that differ, so that a buffer used again holds more than what is read into it.
    let cell = |line: u32| format!("group-{line}{}", "x".repeat(line as usize % 61));
    let rows: Vec<String> = (2..=90_000).map(|line| format!("u{line},{}\n", cell(line))).collect();
    let text = format!("user,group\n{}", rows.concat());
    assert!(text.len() > 3 * READ_HERE * BLOCK_SIZE);
    let mut blocks = Blocks::new(text.as_bytes(), AtUnquotedLineEnd, 1);
    assert!(blocks.by_ref().all(|block| block.is_ok()));
    let (lines, landmarks) = (blocks.next_line() - 1, blocks.landmarks());
    assert!(landmarks.len() > text.len() / (64 << 10), "{}", landmarks.len());
    // The last is not the last of the file: what stands behind it is not read.
    let all_over = (2..85_000).step_by(97).collect::<Vec<u32>>();
    let few = vec![3, 40_000, 40_001, 85_000];
    for (lines_of_findings, known) in [(&all_over, false), (&all_over, true), (&few, true)] {
        let mut sources = SourceMap::default();
        let source = sources.add("file".to_owned(), 0);
        sources.close(lines, known);
        if known {
            sources.keep_landmarks(landmarks.clone());
        }
        let label = |&line: &u32| Label::new(Place(line), "").mark(cell(line));
        let labels: Vec<Label> = lines_of_findings.iter().map(label).collect();
        let input = memory("file", text.as_bytes());
        let excerpts = Excerpts::read(&[input], &[(source, Format::EdgeCsv)], &sources, &labels);
        for (label, &wanted) in labels.iter().zip(lines_of_findings) {
            let found = excerpts.of(label).unwrap();
            let (line, _, marked) = seen(found);
            assert_eq!((line, marked), (wanted, label.mark.value.as_str()));
            assert_eq!(found.text, format!("u{line},{marked}"));
            assert_eq!(found.field, Some(self::cell(u64::from(line), "group")));
        }
    }
}

#[test]
fn many_values_on_one_line_of_many_blocks_are_each_found() {
    let names: Vec<String> = (0..60_000).map(|n| format!("{{\"name\":\"group é {n}\"}}")).collect();
    let text = format!("[{}]", names.join(","));
    assert!(text.len() > crate::sources::blocks::BLOCK_SIZE);
    let mut sources = SourceMap::default();
    let source = sources.add("file".to_owned(), 0);
    let labels: Vec<Label> = (0..60_000)
        .step_by(10)
        .map(|n| Label::new(Place(1), "").mark(format!("group é {n}")))
        .collect();
    let formats = [(source, Format::OktaGroups)];
    let input = memory("file", text.as_bytes());
    let excerpts = Excerpts::read(&[input], &formats, &sources, &labels);
    for (n, label) in (0..60_000).step_by(10).zip(&labels) {
        let found = excerpts.of(label).unwrap();
        assert_eq!(found.field, Some(Field::Pointer(format!("/{n}/name"))));
        let bytes =
            usize::try_from(found.bytes.start).unwrap()..usize::try_from(found.bytes.end).unwrap();
        assert_eq!(text.get(bytes.clone()), Some(label.mark.value.as_str()));
        let column = text.get(..bytes.start).unwrap().chars().count() as u64 + 1;
        assert_eq!((found.line, found.columns.start), (1, column));
        assert!(found.text.len() < 4096);
    }
}

#[test]
fn a_part_that_cuts_a_character_is_widened_to_it() {
    let found = excerpt("g\na京b\n".as_bytes(), Format::EdgeCsv, 2, &part("a京b", 2..3)).unwrap();
    assert_eq!(seen(&found), (2, 2..3, "京"));
}

#[test]
fn a_secret_is_never_shown_neither_as_the_mark_nor_beside_it() {
    let text = r#"{"secretKey": "canary", "groupFilter": "^aws", "accessKey": "canary"}"#;
    for mark in [value("^aws"), value("canary"), Mark::default()] {
        let found = excerpt(text.as_bytes(), Format::OktaApp, 1, &mark).unwrap();
        assert!(!found.text.contains("canary"), "{found:?}");
        assert!(found.text.contains("^aws"), "{found:?}");
    }
    let text = "{\n  \"secretKey\":\n    \"canary\"\n}\n";
    let found = excerpt(text.as_bytes(), Format::OktaApp, 3, &Mark::default()).unwrap();
    assert_eq!(seen(&found), (3, 5..13, "\"******\""));
}

#[test]
fn utf_16_is_found_as_utf_8() {
    let text: Vec<u8> =
        "\u{feff}group,member\nÖps,ann\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = excerpt(&text, Format::EdgeCsv, 2, &value("ann")).unwrap();
    assert_eq!(seen(&found), (2, 5..8, "ann"));
}

#[test]
fn a_value_in_code_is_underlined_on_its_line() {
    let text = b"Resources:\n  R: # {\"\n    RoleName: Admin\n    Path: /x/\n";
    let found = excerpt(text, Format::CloudFormation, 3, &value("Admin")).unwrap();
    assert_eq!(seen(&found), (3, 15..20, "Admin"));
    assert!(found.exact);
    let found = excerpt(text, Format::CloudFormation, 4, &value("Admin")).unwrap();
    assert_eq!((found.line, found.text.as_str(), found.exact), (4, "    Path: /x/", false));
}

#[test]
fn a_line_that_is_not_there_any_more_has_no_excerpt() {
    assert_eq!(excerpt(b"a,b\n", Format::EdgeCsv, 7, &value("a")), None);
    assert_eq!(excerpt(b"", Format::Ldif, 1, &value("a")), None);
}

fn formats() -> impl Strategy<Value = Format> {
    prop_oneof![Just(Format::EdgeCsv), Just(Format::Ldif), Just(Format::OktaGroups)]
}

/// Text of which every format makes something.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        Just("dn: cn=a\n".as_bytes().to_vec()),
        Just(b"cn:: YWI=\n\n".to_vec()),
        Just(b"\"a\"\"b\",c\n".to_vec()),
        Just(b"{\"a\": [\"b\\u00e9\", 1]}\n".to_vec()),
        Just(b"\\\",:{}[] \r\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..12),
    ];
    proptest::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_bytes_give_an_excerpt_whose_mark_stands_in_its_text(
        text in texts(),
        format in formats(),
        line in 0_u32..12,
        wanted in "[ab\"\\\\é]{0,3}",
        from in 0_usize..4,
        length in 0_usize..4,
    ) {
        let mark = part(&wanted, from..from + length);
        if let Some(found) = excerpt(&text, format, line, &mark) {
            prop_assert!(found.text.get(found.mark.clone()).is_some());
            prop_assert!(found.columns.start >= 1 && found.columns.start <= found.columns.end);
            prop_assert!(!found.text.contains('\n'));
        }
    }

    #[test]
    fn a_value_written_as_json_is_underlined_as_it_is_written(name in "\\PC{1,20}", before in "\\PC{0,20}") {
        let written = serde_json::to_string(&name).unwrap();
        let before = serde_json::to_string(&format!("{name}{before}x")).unwrap();
        let text = format!("[{{\"other\": {before}, \"name\": {written}}}]\n");
        let found = excerpt(text.as_bytes(), Format::OktaGroups, 1, &value(&name)).unwrap();
        let shown = found.text.get(found.mark.clone()).unwrap();
        prop_assert_eq!(format!("\"{shown}\""), written);
        prop_assert_eq!(found.field, Some(Field::Pointer("/0/name".to_owned())));
    }

    #[test]
    fn a_value_written_as_csv_is_underlined_as_it_is_written(name in "[ -~é]{1,20}", other in "[a-z]{1,9}") {
        let quoted = name.replace('"', "\"\"");
        let text = format!("first,second\n{other}é,\"{quoted}\"\n");
        let found = excerpt(text.as_bytes(), Format::EdgeCsv, 2, &value(&name)).unwrap();
        prop_assume!(!format!("{other}é").contains(&name));
        prop_assert_eq!(found.text.get(found.mark.clone()).unwrap(), quoted);
        prop_assert_eq!(found.field, Some(cell(2, "second")));
    }
}

/// The row of every line by taking row after row.
fn rows_one_by_one(bytes: &[u8]) -> Vec<csv::Sought> {
    let (mut start, mut line, mut passed) = (0, 1, 0);
    let mut of_line = Vec::new();
    while start < bytes.len() {
        let end = csv::record_end(bytes, start);
        let ends = line_ends(&bytes[start..end]);
        // What is behind the last line end is a line too.
        let lines = ends + u32::from(!bytes[..end].ends_with(b"\n"));
        of_line.extend((0..lines).map(|_| csv::Sought { start, line, passed }));
        (start, line, passed) = (end, line + ends, passed + 1);
    }
    of_line
}

proptest! {
    #[test]
    fn the_row_of_a_line_is_found_as_by_taking_row_after_row(
        text in "[a\"\n]{0,40}|[a\n]{0,20}[a\"\n]{0,20}",
    ) {
        let block = Block { bytes: text.clone().into_bytes(), first_line: 1, offset: 0 };
        let lined = Lined::new(&block);
        let ended = rows_one_by_one((text.clone() + "\"").as_bytes()).last().unwrap().passed;
        prop_assert_eq!(csv::rows(&lined, 0), ended);
        for (at, wanted) in rows_one_by_one(text.as_bytes()).into_iter().enumerate() {
            let line = u32::try_from(at).unwrap() + 1;
            prop_assert_eq!(csv::row_of(&lined, 0, 1, line), wanted, "line {} of {:?}", line, text);
        }
    }

    #[test]
    fn what_is_read_around_wanted_lines_gives_what_the_whole_file_does(
        rows in prop::collection::vec("[abé]{0,3}(,[abé]{0,3})?", 1..40),
        ended in any::<bool>(),
        wanted in prop::collection::btree_set(1_u32..42, 0..6),
        value_of in "[abé]{1,2}",
        marked in prop::collection::btree_set(2_usize..40, 0..8),
        utf16 in any::<bool>(),
    ) {
        let text = format!("user,group\n{}{}", rows.join("\n"), if ended { "\n" } else { "" });
        let starts: Vec<usize> = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .filter(|&at| at < text.len())
            .collect();
        // Some lines are landmarks, the first is always one.
        let lines = std::iter::once(1).chain(marked);
        let mut landmarks: Vec<Landmark> = lines
            .filter_map(|line| Some((line, *starts.get(line - 1)?)))
            .map(|(line, at)| Landmark { line: u32::try_from(line).unwrap(), offset: at as u64 })
            .collect();
        landmarks.push(Landmark { line: u32::MAX, offset: text.len() as u64 });
        let bytes = if utf16 {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        } else {
            text.into_bytes()
        };
        let labels: Vec<Label> =
            wanted.iter().map(|&line| Label::new(Place(line), "").mark(value_of.clone())).collect();
        let excerpts = [Vec::new(), landmarks].map(|landmarks| {
            let mut sources = SourceMap::default();
            let source = sources.add("file".to_owned(), 0);
            sources.close(u32::try_from(starts.len()).unwrap(), true);
            sources.keep_landmarks(landmarks);
            let input = memory("file", &bytes);
            Excerpts::read(&[input], &[(source, Format::EdgeCsv)], &sources, &labels)
        });
        let [whole, around] = excerpts;
        for label in &labels {
            prop_assert_eq!(around.of(label), whole.of(label));
        }
    }

    #[test]
    fn rows_that_are_lines_are_counted_as_any_others(
        text in "[a\n]{0,40}|(\"a\"|\n){0,40}",
        from in 0_u32..9,
    ) {
        let block = Block { bytes: text.clone().into_bytes(), first_line: 1, offset: 0 };
        let lined = Lined::new(&block);
        let [one, any] = [true, false].map(|known| csv::Cells::new(&SourceOptions::default(), known));
        let (start, passed) = lined.pass(0, from);
        prop_assert_eq!(one.rows(&lined, start), any.rows(&lined, start));
        for wanted in passed + 1..=lined.ends() + 1 {
            let line = passed + 1;
            prop_assert_eq!(one.row_of(&lined, start, line, wanted), any.row_of(&lined, start, line, wanted));
        }
    }
}
