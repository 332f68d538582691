use proptest::prelude::*;

use super::*;
use crate::sources::blocks::{BlockError, Blocks};
use crate::sources::keys::Keys;

#[derive(Debug, Deserialize)]
struct Thing {
    id: u32,
}

const VALUE: &[&str] = &["value"];

/// Everything a file gives, one line a fact, read in blocks of `size`.
fn walk(text: &[u8], keys: &'static [&'static str], size: usize) -> Vec<String> {
    let mut facts = Vec::new();
    let cut = JsonElements::within(keys);
    for block in Blocks::new(text, cut, 1).with_block_size(size) {
        let block = match block {
            Ok(block) => block,
            Err(error) => {
                facts.push(format!("error {error}"));
                continue;
            }
        };
        let mut elements = Elements::within(&block, keys);
        while let Some(next) = elements.next() {
            facts.push(match next {
                Next::Element { line } => match elements.parse(PhantomData::<Thing>) {
                    Ok(thing) => format!("{line}: {}", thing.id),
                    Err(error) => format!("{}: {error}", error.line),
                },
                Next::Member { line, key, value } => format!(
                    "{line}: {} = {}",
                    String::from_utf8_lossy(key),
                    String::from_utf8_lossy(value)
                ),
                Next::Junk(error) => format!("{}: {error}", error.line),
            });
        }
    }
    facts
}

#[test]
fn every_wrapping_gives_the_same_elements_with_their_lines() {
    let wrappings: [(&str, [u32; 3]); 8] = [
        (r#"[{"id":1},{"id":2},{"id":3}]"#, [1, 1, 1]),
        (
            "[\n  {\n    \"id\": 1\n  },\n  {\n    \"id\": 2\n  },\n  {\n    \"id\": 3\n  }\n]\n",
            [2, 5, 8],
        ),
        ("{\"id\":1}\n{\"id\":2}\n{\"id\":3}", [1, 2, 3]),
        ("\u{feff}{\"id\":1}\r\n\r\n{\"id\":2}\r\n{\"id\":3}\r\n", [1, 3, 4]),
        ("[{\"id\":1}]\n[]\n[{\"id\":2},{\"id\":3}]", [1, 3, 3]),
        ("[{\"id\":1}][{\"id\":2}][{\"id\":3}]", [1, 1, 1]),
        ("[[{\"id\":1}],\n[{\"id\":2},{\"id\":3}]]", [1, 2, 2]),
        ("{\"id\":1} {\"id\":2},\n{\"id\":3},\n", [1, 1, 2]),
    ];
    for (text, lines) in wrappings {
        let expected: Vec<String> =
            lines.iter().zip(1..).map(|(line, id)| format!("{line}: {id}")).collect();
        for size in 1..text.len() + 2 {
            assert_eq!(walk(text.as_bytes(), &[], size), expected, "{text:?} in blocks of {size}");
        }
    }
}

#[test]
fn an_envelope_gives_its_elements_and_its_other_members() {
    let text = "{\"@odata.context\":\"https://x/$metadata#groups('g1')/members\",\n\"value\" : [\n{\"id\":1, \"value\":[{}]},\n{\"id\":2}\n],\"@odata.nextLink\":\"next\",\"more\":{\"a\":[1]}}\n{\"value\":[{\"id\":3}]}";
    let expected = [
        "1: @odata.context = \"https://x/$metadata#groups('g1')/members\"",
        "3: 1",
        "4: 2",
        "5: @odata.nextLink = \"next\"",
        "5: more = {\"a\":[1]}",
        "6: 3",
    ];
    for size in 1..text.len() + 2 {
        assert_eq!(walk(text.as_bytes(), VALUE, size), expected, "in blocks of {size}");
    }
}

#[test]
fn objects_without_the_key_are_elements_beside_envelopes() {
    let text = "{\"id\":1,\"other\":[{}]}\n{\"id\":2,\"value\":7}\n{\"value\":[{\"id\":3}]}\n";
    for size in 1..text.len() + 2 {
        assert_eq!(walk(text.as_bytes(), VALUE, size), ["1: 1", "2: 2", "3: 3"]);
    }
}

#[test]
fn a_bad_element_is_reported_with_its_line_and_the_next_is_read() {
    let lines = "{\"id\":1}\n{\"id\":2\n{\"id\":3}\n{\"id\":\"x}\n{\"id\":5}\n{\"id\":-6}\n";
    let got = walk(lines.as_bytes(), &[], 4096);
    let expected = [
        "1: 1",
        "2: not well-formed JSON: expected `,` or `}`",
        "3: 3",
        "4: not well-formed JSON: control character (\\u0000-\\u001F) found while parsing a string",
        "5: 5",
        "6: invalid value: integer `-6`, expected u32",
    ];
    assert_eq!(got, expected);
    let array = "[{\"id\":1},{\"id\":oops},{\"id\":3}]";
    let got = walk(array.as_bytes(), &[], 4096);
    assert_eq!(got, ["1: 1", "1: not well-formed JSON: expected value", "1: 3"]);
    let pretty = "[\n {\n  \"id\": 1,\n },\n {\n  \"id\": 2\n }\n]";
    let got = walk(pretty.as_bytes(), &[], 4096);
    assert_eq!(got, ["4: not well-formed JSON: trailing comma", "5: 2"]);
}

#[test]
fn a_truncated_file_says_so_wherever_it_ends() {
    let text = "[\n{\"id\":1},\n{\"id\":2}\n]";
    for end in 1..text.len() {
        let cut = text.get(..end).unwrap();
        let got = walk(cut.as_bytes(), &[], 4096);
        let last = got.last().unwrap();
        assert!(last.contains("the file ends"), "{cut:?} gave {got:?}");
    }
}

#[test]
fn text_that_is_no_json_is_reported_once() {
    let got = walk(b"login,status\na,b\nc,d\n{\"id\":1}\nhello", &[], 4096);
    let found = "expected a JSON object";
    assert_eq!(
        got,
        [format!("1: found `login`, {found}"), "4: 1".into(), format!("5: found `hello`, {found}")]
    );
}

#[test]
fn nesting_past_the_limit_is_an_error_and_does_not_overflow_the_stack() {
    #[derive(Debug, Deserialize)]
    struct Deep {
        #[expect(dead_code, reason = "only parsed")]
        x: serde_json::Value,
    }
    let text = format!("{{\"x\":{}{}}}\n{{\"x\":1}}", "[".repeat(100_000), "]".repeat(100_000));
    let keys = Keys::default();
    let mut batch = Batch::new(&keys);
    let block = Block { bytes: text.into_bytes(), first_line: 1, offset: 0 };
    let mut read = 0;
    each::<Deep>(&block, &mut batch, |_, _, _, _| read += 1);
    assert_eq!(read, 1);
    assert_eq!(
        batch.describe(),
        ["1: problem (Record) not well-formed JSON: recursion limit exceeded"]
    );
}

#[test]
fn lines_inside_an_element_are_counted_from_borrowed_text() {
    let text = "[\n{\n\"a\":\n\"x\"}]";
    let mut lines = Lines::new(text.as_bytes(), 10);
    let x = text.find('x').unwrap();
    assert_eq!(lines.of(&text.as_bytes()[x..=x]), 13);
}

#[test]
fn an_element_larger_than_a_block_is_delivered_whole() {
    let big = format!("{{\"id\":1,\"users\":[{}]}}", vec!["\"00u\""; 5000].join(","));
    let text = format!("{big}\n{{\"id\":2}}\n");
    assert_eq!(walk(text.as_bytes(), &[], 512), ["1: 1", "2: 2"]);
    let blocks = Blocks::new(text.as_bytes(), JsonElements::new(), 1).with_block_size(512);
    let error = blocks.with_limit(4096).find_map(Result::err).unwrap();
    let BlockError::RecordTooLarge { line, over } = error else { panic!("{error}") };
    assert_eq!((line, over.allowed), (1, 4096));
}

fn json_like() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        " ",
        "\"id\"",
        "1",
        "{\"id\":1}",
        "},\n{",
        "\"value\":[",
        "x",
        "é",
        "\u{feff}",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_panics_or_loops(text in json_like(), size in 1_usize..64) {
        walk(text.as_bytes(), VALUE, size);
        walk(text.as_bytes(), &[], size);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), size in 1_usize..64) {
        walk(&bytes, VALUE, size);
    }

    #[test]
    fn blocks_never_change_what_a_well_formed_file_says(
        ids in prop::collection::vec(0_u32..100, 0..20),
        pretty in any::<bool>(),
        size in 1_usize..200,
    ) {
        let values: Vec<_> = ids.iter().map(|id| serde_json::json!({"n": "}{[\"", "id": id, "l": [[{}]]})).collect();
        let text = if pretty { serde_json::to_string_pretty(&values) } else { serde_json::to_string(&values) }.unwrap();
        prop_assert_eq!(walk(text.as_bytes(), &[], size), walk(text.as_bytes(), &[], 1 << 20));
    }
}
