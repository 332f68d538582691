//! Every limit on what is read has a test at it and one past it: the constants in the source, held against a
//! table.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use regex::Regex;
use rolecall::saml::bindings::{CaptureProblem, captures};
use rolecall::saml::issue::SignWhat;
use rolecall::saml::key::{RSA_LEAST, RSA_MOST, VerifyingKey};
use rolecall::saml::metadata::Metadata;
use rolecall::saml::test_key::Signer;
use rolecall::saml::verify::{KnownKeys, Verdict, verify};
use rolecall::saml::xml::{MESSAGE, METADATA, NODES, Tree, XmlProblem};
use rolecall::sources::load::load;

use crate::program::{APP, folder, put, rolecall, small};
use crate::saml_opened::issued;
use crate::support::memory;

/// A limit, by its file and name, and the tests that hold it: each `FILE NAME`, where FILE is one of the source
/// or of these tests.
const TESTED: &[(&str, &[&str])] = &[
    (
        "cli/baseline.rs LIMIT",
        &["limit_table.rs a_baseline_at_the_limit_is_read_and_a_larger_one_is_not"],
    ),
    (
        "cli/changes/edits.rs RENAMES_LIMIT",
        &["limit_table.rs files_beside_the_exports_are_read_up_to_their_limit"],
    ),
    (
        "cli/files.rs CONFIG_LIMIT",
        &["limit_table.rs a_configuration_at_the_limit_is_read_and_a_larger_one_is_not"],
    ),
    (
        "cli/files.rs EXPECTATIONS_LIMIT",
        &["limit_table.rs files_beside_the_exports_are_read_up_to_their_limit"],
    ),
    (
        "cli/files.rs DEPTH",
        &["limit_table.rs folders_are_walked_as_deep_as_the_limit_and_no_deeper"],
    ),
    (
        "cli/filter.rs LINE_LIMIT",
        &["limit_table.rs a_line_at_the_limit_is_read_and_a_longer_one_is_not"],
    ),
    (
        "cli/saml/mod.rs FILE_LIMIT",
        &["limit_table.rs a_key_file_at_the_limit_is_read_and_a_larger_one_is_not"],
    ),
    (
        "cli/trust/cases.rs LINE_LIMIT",
        &["limit_table.rs a_case_at_the_limit_is_read_and_a_longer_one_is_not"],
    ),
    (
        "cli/trust/mod.rs POLICY_LIMIT",
        &["limit_table.rs a_policy_file_at_the_limit_is_read_and_a_larger_one_is_not"],
    ),
    (
        "mapping/java/backtrack.rs STEP_LIMIT",
        &["mapping/java/properties.rs a_name_that_needs_too_many_steps_is_undecided"],
    ),
    (
        "mapping/java/parse.rs NESTING_LIMIT",
        &[
            "mapping/java/properties.rs deep_nesting_and_long_patterns_are_refused_and_the_limits_themselves_are_not",
        ],
    ),
    (
        "mapping/java/parse.rs PATTERN_LIMIT",
        &[
            "mapping/java/properties.rs deep_nesting_and_long_patterns_are_refused_and_the_limits_themselves_are_not",
        ],
    ),
    (
        "mapping/role_value.rs ROLE_VALUE_PATTERN_LIMIT",
        &["limit_table.rs a_role_value_pattern_at_the_limit_is_read_and_a_longer_one_is_not"],
    ),
    (
        "saml/bindings/base64.rs LENGTH",
        &[
            "saml/bindings/base64.rs a_message_at_the_limit_is_decoded_and_the_length_beyond_it_is_refused_undecoded",
        ],
    ),
    (
        "saml/bindings/deflate.rs RATIO",
        &["saml/bindings/deflate.rs a_bomb_is_stopped_at_two_hundred_times_its_size"],
    ),
    (
        "saml/bindings/form.rs RELAY_STATE",
        &["saml/bindings/form.rs a_relay_state_at_the_limit_is_kept_and_a_longer_one_is_not"],
    ),
    (
        "saml/bindings/form.rs ROUNDS",
        &["saml/bindings/form.rs parameters_within_parameters_are_not_looked_at_without_end"],
    ),
    (
        "saml/bindings/html.rs DATA",
        &["limit_table.rs data_of_a_role_picker_at_the_limit_is_read_and_more_is_not"],
    ),
    (
        "saml/bindings/html.rs FIELDS",
        &["limit_table.rs a_form_and_a_request_give_eight_messages_and_no_more"],
    ),
    (
        "saml/bindings/json/gate.rs DEPTH",
        &["saml/bindings/json/gate.rs depth_and_size_at_the_limit_pass_and_one_more_does_not"],
    ),
    (
        "saml/bindings/json/gate.rs FILE",
        &["saml/bindings/json/gate.rs depth_and_size_at_the_limit_pass_and_one_more_does_not"],
    ),
    (
        "saml/bindings/json/gate.rs STRING",
        &[
            "saml/bindings/json/gate.rs a_string_at_the_limit_passes_and_a_longer_one_is_cut_between_characters_and_escapes",
        ],
    ),
    (
        "saml/bindings/json/shapes.rs FIELDS",
        &["limit_table.rs a_form_and_a_request_give_eight_messages_and_no_more"],
    ),
    (
        "saml/bindings/mod.rs TEXT",
        &["saml/bindings/tests.rs a_text_at_the_limit_is_read_and_one_byte_more_is_not"],
    ),
    (
        "saml/bindings/sink.rs MESSAGES",
        &[
            "saml/bindings/tests.rs a_file_of_as_many_messages_as_allowed_is_read_and_one_more_is_told",
        ],
    ),
    (
        "saml/detached.rs PARAMETER",
        &["saml/detached.rs a_parameter_at_the_limit_is_kept_and_a_longer_one_is_not"],
    ),
    (
        "saml/key.rs RSA_MOST",
        &["limit_table.rs an_rsa_key_at_either_limit_is_read_and_one_past_it_is_not"],
    ),
    (
        "saml/key.rs RSA_LEAST",
        &["limit_table.rs an_rsa_key_at_either_limit_is_read_and_one_past_it_is_not"],
    ),
    (
        "saml/signature.rs EMBEDDED",
        &["limit_table.rs eight_keys_of_a_message_are_tried_and_no_ninth"],
    ),
    (
        "saml/signature.rs TRANSFORMS",
        &["limit_table.rs two_transforms_are_done_and_a_third_is_refused"],
    ),
    (
        "saml/xml.rs ATTRIBUTES",
        &["saml/xml/tests.rs a_document_at_a_limit_is_read_and_one_past_it_is_not"],
    ),
    (
        "saml/xml.rs DEPTH",
        &["saml/xml/tests.rs a_document_at_a_limit_is_read_and_one_past_it_is_not"],
    ),
    (
        "saml/xml.rs MESSAGE",
        &["limit_table.rs a_message_and_metadata_at_their_sizes_are_read_and_one_byte_more_is_not"],
    ),
    (
        "saml/xml.rs METADATA",
        &["limit_table.rs a_message_and_metadata_at_their_sizes_are_read_and_one_byte_more_is_not"],
    ),
    (
        "saml/xml.rs NAMESPACES",
        &["saml/xml/tests.rs a_document_at_a_limit_is_read_and_one_past_it_is_not"],
    ),
    (
        "saml/xml.rs NODES",
        &["limit_table.rs a_document_of_a_million_nodes_is_read_and_one_of_more_is_not"],
    ),
    (
        "sources/aws/policy.rs DEPTH_LIMIT",
        &["limit_table.rs nesting_at_each_limit_is_read_and_one_level_more_is_not"],
    ),
    (
        "sources/blocks.rs RECORD_LIMIT",
        &["sources/blocks.rs a_record_past_the_limit_is_refused_with_its_line"],
    ),
    (
        "sources/code/cloudformation/evaluate.rs BUDGET",
        &["sources/code/cloudformation/tests.rs bombs_and_depth_end_at_a_limit"],
    ),
    (
        "sources/code/cloudformation/evaluate.rs DEPTH",
        &["sources/code/cloudformation/tests.rs bombs_and_depth_end_at_a_limit"],
    ),
    (
        "sources/code/cloudformation/reference.rs TEXT",
        &["sources/code/cloudformation/tests.rs bombs_and_depth_end_at_a_limit"],
    ),
    (
        "sources/code/cloudformation/resources.rs LOOPS",
        &["limit_table.rs loops_of_a_template_at_the_limit_are_followed_and_one_more_is_not"],
    ),
    (
        "sources/code/cloudformation/resources.rs RESOURCES",
        &["limit_table.rs loops_of_a_template_at_the_limit_are_followed_and_one_more_is_not"],
    ),
    (
        "sources/code/cloudformation/tree.rs ALIAS_LIMIT",
        &["limit_table.rs aliases_at_the_limit_are_expanded_and_one_more_is_not"],
    ),
    (
        "sources/code/cloudformation/tree.rs ANCHOR_LIMIT",
        &["sources/code/cloudformation/tests.rs bombs_and_depth_end_at_a_limit"],
    ),
    (
        "sources/code/cloudformation/tree.rs DEPTH_LIMIT",
        &["limit_table.rs nesting_at_each_limit_is_read_and_one_level_more_is_not"],
    ),
    (
        "sources/code/cloudformation/yaml.rs NESTING",
        &["limit_table.rs nesting_at_each_limit_is_read_and_one_level_more_is_not"],
    ),
    (
        "sources/code/terraform/json.rs DEPTH",
        &["limit_table.rs nesting_at_each_limit_is_read_and_one_level_more_is_not"],
    ),
    (
        "sources/code/terraform/source/call.rs DEPTH",
        &["sources/code/terraform/source/tests.rs modules_that_call_themselves_come_to_an_end"],
    ),
    (
        "sources/code/terraform/source/call.rs INSTANCES",
        &["limit_table.rs instances_at_the_limit_are_made_and_one_more_is_not"],
    ),
    (
        "sources/code/terraform/source/eval.rs DEPTH",
        &["limit_table.rs nesting_at_each_limit_is_read_and_one_level_more_is_not"],
    ),
    (
        "sources/code/terraform/source/mod.rs ARGUMENTS",
        &[
            "sources/code/terraform/source/tests.rs an_object_of_very_many_names_is_refused_and_the_rest_is_read",
        ],
    ),
    (
        "sources/code/terraform/source/mod.rs LARGEST",
        &[
            "sources/code/terraform/source/tests.rs an_object_of_very_many_names_is_refused_and_the_rest_is_read",
        ],
    ),
    ("sources/limits.rs FILE", &["limits.rs a_file_at_the_limit_is_read_and_one_past_it_is_not"]),
    (
        "sources/limits.rs JSON_DEPTH",
        &["bad_input.rs json_nested_too_deep_where_nothing_is_read_is_one_error"],
    ),
    ("sources/limits.rs RECORD", &["limits.rs a_record_of_1_mib_is_read_and_a_larger_one_is_not"]),
    (
        "sources/limits.rs TREE_FILE",
        &["limits.rs a_file_at_the_limit_is_read_and_one_past_it_is_not"],
    ),
    ("sources/limits.rs VALUE", &["limits.rs a_value_of_64_kib_is_read_and_a_longer_one_is_not"]),
    (
        "trust/json.rs DEPTH",
        &["limit_table.rs nesting_at_each_limit_is_read_and_one_level_more_is_not"],
    ),
    (
        "trust/json.rs LIMIT",
        &["limit_table.rs a_policy_at_the_limit_is_decided_and_a_longer_one_is_not"],
    ),
];

/// Constants that read like limits, and why nothing is refused at them.
const NO_REFUSAL: &[(&str, &str)] = &[
    ("cli/check/fix.rs SAID", "how many are told of"),
    ("cli/check/settle.rs LARGEST", "a larger file is not edited"),
    ("cli/check/settle.rs ROUNDS", "what is left is reported"),
    ("cli/naming/check.rs MENDED", "the nearest name is not looked for in this way"),
    ("mapping/java/table.rs BUILD_LIMIT", "the pattern is matched without a table"),
    ("mapping/java/table.rs BYTE_ROWS", "the table is asked by class of byte"),
    ("mapping/java/table.rs ENTRY_LIMIT", "the pattern is matched without a table"),
    ("sources/directory/recurring.rs REMEMBERED", "further attributes are parsed each time"),
    ("mapping/java/linear.rs GROUP_LIMIT", "the pattern is matched by backtracking"),
    ("mapping/java/linear.rs WALK_LIMIT", "the pattern is matched by backtracking"),
    ("mapping/java/mod.rs STEP_LIMIT", "that of backtrack.rs, made public"),
    ("mapping/java/nfa.rs STATE_LIMIT", "the pattern is matched by backtracking"),
    ("sources/code/terraform/mod.rs REPEATED", "how many are told of"),
    ("sources/code/terraform/source/mod.rs AT_ONCE", "a larger file is parsed block by block"),
    ("sources/excerpt/json.rs DEPTH", "what is shown of a finding"),
    ("sources/excerpt/json.rs KEY", "what is shown of a finding"),
    ("sources/excerpt/window.rs AROUND", "what is shown of a finding"),
    ("sources/excerpt/window.rs MARK", "what is shown of a finding"),
];

fn source() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))
}

fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path.strip_prefix(source()).unwrap().display().to_string());
        }
    }
}

/// Constants of the rooms that read, of which the documentation says that they are the most of something.
fn limits() -> BTreeSet<String> {
    let limit = Regex::new(
        r"(?m)^ *///? (?:Most|Largest|Longest|Deepest|Smallest|How deep|How often)\b.*\n(?: *///.*\n)* *(?:pub(?:\([^)]*\))? )?const ([A-Z_]+): (?:usize|u64|u32|u16) =",
    )
    .unwrap();
    let rooms = ["cli/", "mapping/java/", "mapping/role_value.rs", "saml/", "sources/", "trust/"];
    let mut all = Vec::new();
    files(source(), &mut all);
    let mut found = BTreeSet::new();
    for file in all.iter().filter(|file| rooms.iter().any(|room| file.starts_with(room))) {
        let text = fs::read_to_string(source().join(file)).unwrap();
        found.extend(limit.captures_iter(&text).map(|limit| format!("{file} {}", &limit[1])));
    }
    found
}

#[test]
fn every_limit_has_its_tests() {
    let known: BTreeSet<String> = TESTED
        .iter()
        .map(|(limit, _)| *limit)
        .chain(NO_REFUSAL.iter().map(|(limit, _)| *limit))
        .map(str::to_owned)
        .collect();
    let limits = limits();
    let untested: Vec<_> = limits.difference(&known).collect();
    assert!(untested.is_empty(), "limits without a test: {untested:#?}");
    let gone: Vec<_> = known.difference(&limits).collect();
    assert!(gone.is_empty(), "tests of limits that are gone: {gone:#?}");
    assert!(limits.len() > 60, "{} limits: the test is blind", limits.len());
    for (limit, tests) in TESTED {
        for test in *tests {
            let (file, name) = test.split_once(' ').unwrap();
            let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration").join(file);
            let path = if own.exists() { own } else { source().join(file) };
            let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{limit}: no {file}"));
            assert!(text.contains(&format!("fn {name}()")), "{limit}: no test {name} in {file}");
        }
    }
}

/// The largest number for which something is read, between one for which it is and one for which it is not.
fn edge(low: usize, high: usize, is_read: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (low, high);
    assert!(is_read(low), "{low} is refused");
    assert!(!is_read(high), "{high} is read");
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if is_read(middle) { low = middle } else { high = middle }
    }
    low
}

/// Whether a file is read without a problem that says this.
fn is_read(name: &str, text: String, problem: &str) -> bool {
    let loaded = load(vec![memory(name, text.into_bytes())]);
    let problems = loaded.problems.iter().filter(|one| one.message.contains(problem));
    problems.count() == 0
}

#[test]
fn nesting_at_each_limit_is_read_and_one_level_more_is_not() {
    let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
    // Within the template, and within `Resources`.
    let json = |n: usize| {
        format!(
            "{{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": {{\"R\": {}}}}}",
            nested(n)
        )
    };
    let told = "JSON of more than 128 levels, expected fewer";
    assert_eq!(edge(1, 400, |n| is_read("t.json", json(n), told)), 126);
    let yaml =
        |n: usize| format!("AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n", nested(n));
    assert_eq!(
        edge(1, 400, |n| is_read(
            "t.yaml",
            yaml(n),
            "blocks or brackets nested deeper than 64 levels, expected fewer"
        )),
        64
    );
    let role = |policy: &str| {
        format!(
            "{{\"Roles\": [{{\"Path\": \"/\", \"RoleName\": \"A\", \"Arn\": \"arn:aws:iam::123456789012:role/A\", \"AssumeRolePolicyDocument\": {policy}}}]}}"
        )
    };
    assert_eq!(
        edge(1, 400, |n| is_read(
            "roles.json",
            role(&format!("{{\"Statement\": {}}}", nested(n))),
            "levels"
        )),
        124
    );
    let policy = |n: usize| format!("{{\"Version\": \"2012-10-17\", \"x\": {}}}", nested(n));
    assert_eq!(edge(1, 100, |n| !decided(&policy(n)).contains("nested deeper than 32")), 31);
    let chain = |n: usize| {
        let mut text =
            "resource \"aws_iam_role\" \"a\" {\n  name = local.a0\n}\nlocals {\n".to_owned();
        for at in 0..n {
            writeln!(text, "  a{at} = local.a{}", at + 1).unwrap();
        }
        text + &format!("  a{n} = \"x\"\n}}\n")
    };
    let named = |n: usize| {
        let loaded = load(vec![memory("main.tf", chain(n).into_bytes())]);
        let name = format!("{:?}", loaded.federation.declared.roles[0].name);
        !name.contains("too deep to evaluate")
    };
    let deepest = edge(1, 200, named);
    assert!((40..96).contains(&deepest), "{deepest}");
    let state = |n: usize| {
        format!(
            "{{\"version\": 4, \"terraform_version\": \"1.9.0\", \"resources\": [], \"x\": {}}}",
            nested(n)
        )
    };
    assert_eq!(edge(1, 400, |n| is_read("a.tfstate", state(n), "levels")), 127);
}

/// What `trust decide` says of a policy.
fn decided(policy: &str) -> String {
    let root = folder();
    put(root.path(), "policy.json", policy);
    let ran = rolecall(
        root.path(),
        &[
            "trust",
            "decide",
            "policy.json",
            "--principal",
            "arn:aws:iam::123456789012:saml-provider/A",
        ],
    );
    ran.out + &ran.errors
}

#[test]
fn a_policy_at_the_limit_is_decided_and_a_longer_one_is_not() {
    const LIMIT: usize = 4 << 20;
    let policy = |length: usize| {
        let (head, tail) = ("{\"Version\": \"2012-10-17\", ", "\"Statement\": []}");
        format!("{head}{}{tail}", " ".repeat(length - head.len() - tail.len()))
    };
    assert!(decided(&policy(LIMIT)).contains("implicit-deny"));
    let past = decided(&policy(LIMIT + 1));
    assert!(past.contains("4194305 bytes, expected at most 4194304"), "{past}");
}

#[test]
fn a_policy_file_at_the_limit_is_read_and_a_larger_one_is_not() {
    const LIMIT: usize = 16 << 20;
    let at = decided(&" ".repeat(LIMIT));
    assert!(!at.contains("over 16777216 bytes"), "{at}");
    let past = decided(&" ".repeat(LIMIT + 1));
    assert!(
        past.contains("`policy.json` cannot be read: over 16777216 bytes, expected a smaller file"),
        "{past}"
    );
}

#[test]
fn a_case_at_the_limit_is_read_and_a_longer_one_is_not() {
    const LIMIT: usize = 8 << 20;
    let root = folder();
    for (length, is_over) in [(LIMIT, false), (LIMIT + 1, true)] {
        // With its line end.
        put(root.path(), "cases.jsonl", format!("{{{}\n", " ".repeat(length - 2)));
        let ran = rolecall(root.path(), &["trust", "decide", "--cases", "cases.jsonl"]);
        let said = ran.out + &ran.errors;
        assert_eq!(said.contains("over 8388608 bytes, expected a shorter case"), is_over, "{said}");
    }
}

#[test]
fn a_line_at_the_limit_is_read_and_a_longer_one_is_not() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    for (length, is_over) in [(1 << 20, false), ((1 << 20) + 1, true)] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rolecall"))
            .args(["filter", "^b", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&[&vec![b'a'; length][..], b"\n"].concat()).unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
        assert_eq!(
            said.contains("line 1: over 1048576 bytes, expected a shorter name"),
            is_over,
            "{said}"
        );
    }
}

#[test]
fn a_configuration_at_the_limit_is_read_and_a_larger_one_is_not() {
    let root = folder();
    small(root.path());
    let config = "[[source]]\npath = \"in\"\n";
    for (length, code) in [(1 << 20, 0), ((1 << 20) + 1, 2)] {
        put(
            root.path(),
            "rolecall.toml",
            format!("{config}{}", "\n".repeat(length - config.len())),
        );
        let ran = rolecall(root.path(), &["who", "123456789012/Admin"]);
        assert_eq!(ran.code, code, "{ran:?}");
        let told = ran.errors.contains(
            "`rolecall.toml` cannot be read: over 1048576 bytes, expected a smaller file",
        );
        assert_eq!(told, code == 2, "{ran:?}");
    }
}

#[test]
fn files_beside_the_exports_are_read_up_to_their_limit() {
    let root = folder();
    small(root.path());
    let renames = ["what-if", "--source", "in", "--renames", "renames.csv"];
    let pairs = "old,new\naws#dev#Ops#123456789012,aws#dev#Operator#123456789012\n";
    let expected = "[[expect]]\nuser = \"ann@x.test\"\nsees = \"123456789012/Admin\"\n";
    let test = ["test", "x.expect.toml", "--source", "in"];
    for (file, head, limit, args) in [
        ("renames.csv", pairs, 64 << 20, &renames[..]),
        ("x.expect.toml", expected, 16 << 20, &test),
    ] {
        for (length, is_over) in [(limit, false), (limit + 1, true)] {
            put(root.path(), file, format!("{head}{}", "\n".repeat(length - head.len())));
            let ran = rolecall(root.path(), args);
            let told = ran.errors.contains(&format!("over {limit} bytes, expected a smaller file"));
            assert_eq!((told, ran.code == 2), (is_over, is_over), "{file}: {ran:?}");
        }
    }
}

#[test]
fn a_baseline_at_the_limit_is_read_and_a_larger_one_is_not() {
    let root = folder();
    small(root.path());
    let head = "{\"kind\":\"rolecall baseline\",\"version\":1}\n";
    for (length, is_over) in [(64 << 20, false), ((64 << 20) + 1, true)] {
        put(root.path(), "known.jsonl", format!("{head}{}", "\n".repeat(length - head.len())));
        let ran = rolecall(root.path(), &["check", "in", "--baseline", "known.jsonl"]);
        let told = ran
            .errors
            .contains("`known.jsonl` cannot be read: over 67108864 bytes, expected a smaller file");
        assert_eq!((told, ran.code == 2), (is_over, is_over), "{ran:?}");
    }
}

#[test]
fn folders_are_walked_as_deep_as_the_limit_and_no_deeper() {
    let users = |depth: usize| {
        let root = folder();
        small(root.path());
        put(
            root.path(),
            &format!("in/{}more.csv", "d/".repeat(depth)),
            "group,member\naws#dev#Admin#123456789012,bob@x.test\n",
        );
        rolecall(root.path(), &["who", "123456789012/Admin", "-s", "in"]).out
    };
    assert!(users(16).contains("bob@x.test"));
    assert!(!users(17).contains("bob@x.test"));
}

#[test]
fn a_key_file_at_the_limit_is_read_and_a_larger_one_is_not() {
    let root = folder();
    put(root.path(), "sign-in.xml", issued(SignWhat::Both));
    let pem = rolecall::saml::test_key::CERTIFICATE;
    for (length, code) in [(32 << 20, 0), ((32 << 20) + 1, 2)] {
        put(root.path(), "cert.pem", format!("{pem}{}", "\n".repeat(length - pem.len())));
        let ran = rolecall(root.path(), &["saml", "verify", "sign-in.xml", "--cert", "cert.pem"]);
        assert_eq!(ran.code, code, "{ran:?}");
        assert_eq!(
            ran.errors.contains("`cert.pem` cannot be read: over 33554432 bytes"),
            code == 2,
            "{ran:?}"
        );
    }
}

#[test]
fn a_role_value_pattern_at_the_limit_is_read_and_a_longer_one_is_not() {
    let with = |length: usize| {
        let root = folder();
        small(root.path());
        let (before, after) = (
            "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role",
            "/${role}",
        );
        let pattern =
            format!("{before}/{}{after}", "p".repeat(length - before.len() - after.len() - 1));
        let (head, tail) = APP.split_once("arn:aws:iam").unwrap();
        let (_, tail) = tail.split_once("${role}").unwrap();
        put(root.path(), "in/app.json", format!("{head}{pattern}{tail}"));
        rolecall(root.path(), &["check", "in"])
    };
    let told = "4097 bytes, expected at most 4096";
    assert!(!with(4096).out.contains("expected at most 4096"));
    let past = with(4097);
    assert!((past.out.clone() + &past.errors).contains(told), "{past:?}");
}

#[test]
fn aliases_at_the_limit_are_expanded_and_one_more_is_not() {
    // A scalar counts as one value.
    let aliases = |n: usize| {
        let list = vec!["*a"; n].join(", ");
        format!(
            "AWSTemplateFormatVersion: 2010-09-09\nResources: {{}}\nMetadata:\n  a: &a x\n  b: [{list}]\n"
        )
    };
    let told = "aliases that stand for more than 10000 values, expected fewer";
    assert_eq!(edge(1, 20_000, |n| is_read("t.yaml", aliases(n), told)), 10_000);
}

#[test]
fn loops_of_a_template_at_the_limit_are_followed_and_one_more_is_not() {
    let roles = |loops: usize, values: usize| {
        let list: Vec<String> = (0..values).map(|n| n.to_string()).collect();
        let mut body = "{\"R${v0}\": {\"Type\": \"AWS::IAM::Role\", \"Properties\": {\"RoleName\": {\"Fn::Sub\": \"r${v0}\"}, \"AssumeRolePolicyDocument\": {}}}}".to_owned();
        for n in 0..loops {
            let list = if n == 0 { list.clone() } else { vec!["x".to_owned()] };
            body = format!("{{\"Fn::ForEach::L{n}\": [\"v{n}\", {list:?}, {body}]}}");
        }
        let text = format!(
            "{{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Transform\": \"AWS::LanguageExtensions\", \"Resources\": {body}}}"
        );
        load(vec![memory("t.json", text.into_bytes())]).federation.declared.roles.len()
    };
    assert_eq!((roles(8, 2), roles(9, 2)), (2, 0));
    assert_eq!((roles(1, 1000), roles(1, 100_000)), (1000, 100_000));
    assert!(roles(1, 100_010) <= 100_001);
}

#[test]
fn instances_at_the_limit_are_made_and_one_more_is_not() {
    let roles = |count: usize| {
        let text = format!(
            "resource \"aws_iam_role\" \"a\" {{\n  count = {count}\n  name = \"r${{count.index}}\"\n}}\n"
        );
        load(vec![memory("main.tf", text.into_bytes())]).federation.declared.roles.len()
    };
    assert_eq!((roles(10_000), roles(10_001)), (10_000, 1));
}

#[test]
fn an_rsa_key_at_either_limit_is_read_and_one_past_it_is_not() {
    let of = |bytes: usize| VerifyingKey::rsa(&vec![0x81; bytes], &[1, 0, 1]);
    assert_eq!(of(RSA_LEAST / 8).unwrap().rsa_bits(), Some(RSA_LEAST));
    assert!(of(RSA_LEAST / 8 - 1).is_err());
    assert_eq!(of(RSA_MOST / 8).unwrap().rsa_bits(), Some(RSA_MOST));
    assert!(of(RSA_MOST / 8 + 1).is_err());
}

#[test]
fn eight_keys_of_a_message_are_tried_and_no_ninth() {
    let other = Signer::stranger().unwrap();
    let text = issued(SignWhat::Assertion);
    let certificate = |signer: &Signer| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(&signer.certificate.der)
    };
    let (head, tail) = text.split_once("<ds:X509Certificate>").unwrap();
    let verdict = |before: usize| {
        let foreign = format!("<ds:X509Certificate>{}</ds:X509Certificate>", certificate(&other));
        let text = format!("{head}{}<ds:X509Certificate>{tail}", foreign.repeat(before));
        verify(&Tree::parse(&text, MESSAGE).unwrap(), &KnownKeys::default()).verdict
    };
    assert_eq!(verdict(7), Verdict::AcceptEmbeddedKeyOnly);
    assert_eq!(verdict(8), Verdict::Reject);
}

#[test]
fn two_transforms_are_done_and_a_third_is_refused() {
    let text = issued(SignWhat::Assertion);
    let mut keys = KnownKeys::default();
    keys.add_certificate("test", &Signer::test().unwrap().certificate).unwrap();
    let found = verify(&Tree::parse(&text, MESSAGE).unwrap(), &keys);
    assert_eq!((found.verdict, found.signatures[0].transforms.len()), (Verdict::Accept, 2));
    let third =
        "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>";
    let text = text.replacen("</ds:Transforms>", third, 1);
    let found = verify(&Tree::parse(&text, MESSAGE).unwrap(), &keys);
    let reasons: Vec<String> = found.reasons.iter().map(|one| one.problem.to_string()).collect();
    assert!(
        reasons[0].contains("expected enveloped-signature and canonicalisation alone"),
        "{reasons:?}"
    );
}

#[test]
fn a_message_and_metadata_at_their_sizes_are_read_and_one_byte_more_is_not() {
    let message = |length: usize| format!("<a>{}</a>", "x".repeat(length - 7));
    assert!(Tree::parse(&message(MESSAGE), MESSAGE).is_ok());
    let error = Tree::parse(&message(MESSAGE + 1), MESSAGE).unwrap_err().problem;
    assert_eq!(error, XmlProblem::TooLarge { found: MESSAGE + 1, allowed: MESSAGE });
    let metadata = |length: usize| {
        let (head, tail) = (
            "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"x\"><IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>",
            "</EntityDescriptor>",
        );
        format!("{head}{}{tail}", " ".repeat(length - head.len() - tail.len()))
    };
    assert!(Metadata::parse(&metadata(METADATA)).is_ok());
    let past = Metadata::parse(&metadata(METADATA + 1)).unwrap_err().to_string();
    assert!(past.contains("10000001 bytes, expected at most 10000000"), "{past}");
}

#[test]
fn a_document_of_a_million_nodes_is_read_and_one_of_more_is_not() {
    // The document and its root are two.
    let nodes = usize::try_from(NODES).unwrap() - 2;
    let document = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
    assert!(Tree::parse(&document(nodes), METADATA).is_ok());
    let error = Tree::parse(&document(nodes + 1), METADATA).unwrap_err().problem;
    assert_eq!(error, XmlProblem::TooManyNodes);
}

#[test]
fn data_of_a_role_picker_at_the_limit_is_read_and_more_is_not() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    const DATA: usize = 4 << 20;
    let page = |length: usize| {
        let response = STANDARD.encode(issued(SignWhat::Nothing));
        let json = format!("{{\"SAMLResponse\":\"{response}\"}}");
        let json = format!("{json}{}", " ".repeat(length / 4 * 3 - json.len()));
        format!(
            "<html><head><meta name=\"data\" content=\"{}\"></head></html>",
            STANDARD.encode(json)
        )
    };
    let at = captures("page", page(DATA).as_bytes());
    assert!(at.len() == 1 && at[0].is_ok(), "{at:?}");
    let past = captures("page", page(DATA + 4).as_bytes());
    assert_eq!(past[0].as_ref().unwrap_err().problem, CaptureProblem::Page);
}

#[test]
fn a_form_and_a_request_give_eight_messages_and_no_more() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let value = |n: usize| STANDARD.encode(format!("<a n=\"{n}\"/>"));
    let form = |count: usize| {
        let fields =
            (0..count).map(|n| format!("<input name=\"SAMLResponse\" value=\"{}\">", value(n)));
        format!("<html><form>{}</form></html>", fields.collect::<String>())
    };
    let request = |count: usize| {
        let fields = (0..count)
            .map(|n| format!("{{\"name\": \"SAMLResponse\", \"value\": \"{}\"}}", value(n)));
        let params = fields.collect::<Vec<_>>().join(",");
        format!(
            "{{\"log\": {{\"entries\": [{{\"request\": {{\"postData\": {{\"params\": [{params}]}}}}}}]}}}}"
        )
    };
    assert_eq!(captures("a", form(8).as_bytes()).len(), 8);
    assert_eq!(captures("a", form(9).as_bytes()).len(), 8);
    assert_eq!(captures("a", request(8).as_bytes()).len(), 8);
    assert_eq!(captures("a", request(9).as_bytes()).len(), 8);
}
