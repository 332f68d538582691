//! Okta's exports read as users bring them; each fixture holds the traps of its format.

use std::path::Path;

use proptest::prelude::*;
use rolecall::sources::batch::{Batch, RecordReader};
use rolecall::sources::blocks::{AtUnquotedLineEnd, Block, Blocks, Cut};
use rolecall::sources::input::{Format, SourceOptions};
use rolecall::sources::json::JsonElements;
use rolecall::sources::keys::Keys;
use rolecall::sources::okta::{
    AppGroupsReader, AppUsersReader, GroupsReader, MembersReader, OktaCsvReader, UsersReader,
    group_in_name, looks_like, read_app,
};

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/okta").join(name);
    #[expect(clippy::disallowed_methods, reason = "tests read fixtures")]
    std::fs::read(path).unwrap()
}

fn describe<C: Cut>(bytes: &[u8], reader: &impl RecordReader, cut: C, size: usize) -> Vec<String> {
    let keys = Keys::default();
    let mut lines = Vec::new();
    for block in Blocks::new(bytes, cut, 1).with_block_size(size) {
        match block {
            Ok(block) => {
                let mut batch = Batch::new(&keys);
                reader.read(&block, &mut batch);
                lines.extend(batch.describe());
            }
            Err(error) => lines.push(error.to_string()),
        }
    }
    lines
}

/// What a fixture says, checked to be the same for other block sizes, against the snapshot beside it.
fn check(name: &str, format: Format, reader: &impl RecordReader) {
    let bytes = fixture(name);
    assert_eq!(looks_like(&bytes, name), Some(format), "{name}");
    let sorted = |mut lines: Vec<String>| {
        // Attributes name their record by its number in the block.
        for line in &mut lines {
            if let Some((record, rest)) = line.split_once(") ") {
                let kind = record.split('(').next().unwrap_or_default();
                if matches!(kind, "User" | "Group" | "Assignment") {
                    *line = format!("{kind} {rest}");
                }
            }
        }
        lines.sort();
        lines
    };
    let csv = Path::new(name).extension().is_some_and(|extension| extension == "csv");
    let at = |size| {
        if csv {
            describe(&bytes, reader, AtUnquotedLineEnd, size)
        } else {
            describe(&bytes, reader, JsonElements::new(), size)
        }
    };
    let whole = at(1 << 20);
    if !csv {
        for size in [1, 7, 64, 300] {
            assert_eq!(sorted(at(size)), sorted(whole.clone()), "{name} in blocks of {size}");
        }
    }
    snapshot(name, &whole.join("\n"));
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({
        snapshot_path => "../../fixtures/formats/okta", prepend_module_to_snapshot => false, omit_expression => true
    }, { insta::assert_snapshot!(name, text) });
}

#[test]
fn users_keep_login_mail_and_status_and_bad_ones_are_reported() {
    check("users.json", Format::OktaUsers, &UsersReader);
}

#[test]
fn groups_say_where_they_come_from() {
    check("groups.jsonl", Format::OktaGroups, &GroupsReader);
}

#[test]
fn members_are_read_from_ids_and_from_objects() {
    check("members.jsonl", Format::OktaMembers, &MembersReader::default());
}

#[test]
fn members_of_an_indented_list_keep_their_own_lines() {
    check("members-pretty.json", Format::OktaMembers, &MembersReader::default());
}

#[test]
fn a_bare_list_of_users_is_of_the_group_in_its_name() {
    let name = "00g1adminacmeprod0d7.users.json";
    let reader = MembersReader::new(group_in_name(name).map(str::to_owned));
    check(name, Format::OktaMembers, &reader);
}

#[test]
fn a_bare_list_without_a_group_is_an_error_once() {
    let bytes = fixture("00g1adminacmeprod0d7.users.json");
    let lines = describe(&bytes, &MembersReader::default(), JsonElements::new(), 1 << 20);
    let problems: Vec<_> = lines.iter().filter(|line| line.contains("problem")).collect();
    let [problem] = problems.as_slice() else { panic!("{problems:?}") };
    assert!(
        problem.starts_with("2: problem (File) a list of users without its group"),
        "{problem}"
    );
    assert_eq!(looks_like(&bytes, "list.json"), Some(Format::OktaUsers));
}

#[test]
fn app_groups_carry_their_saml_roles() {
    check("app-groups.json", Format::OktaAppGroups, &AppGroupsReader);
}

#[test]
fn app_users_carry_scope_name_and_saml_roles() {
    check("app-users.json", Format::OktaAppUsers, &AppUsersReader);
}

#[test]
fn csvs_of_admin_exporters_are_read_by_what_their_headers_mean() {
    for (name, format) in [
        ("users.csv", Format::OktaUsersCsv),
        ("groups.csv", Format::OktaGroupsCsv),
        ("members.csv", Format::OktaMembersCsv),
    ] {
        let reader = OktaCsvReader::new(format, &fixture(name), &SourceOptions::default()).unwrap();
        check(name, format, &reader);
    }
}

#[test]
fn a_csv_without_a_needed_column_names_it() {
    let options = SourceOptions::default();
    let error = OktaCsvReader::new(Format::OktaMembersCsv, b"a,login\n", &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the header `a,login` has no column for the group, expected one such as `groupName`"
    );
    let mut options = SourceOptions::default();
    options.headers.insert("groupName".into(), "A".into());
    assert!(OktaCsvReader::new(Format::OktaMembersCsv, b"a,login\n", &options).is_ok());
}

#[test]
fn a_plain_csv_is_not_taken_for_oktas() {
    for head in
        ["group,member,member_type\na,b,user\n", "user,status\n", "group\n", "name,id\n", ""]
    {
        assert_eq!(looks_like(head.as_bytes(), "x.csv"), None, "{head}");
    }
}

fn describe_app(bytes: &[u8]) -> String {
    let part = read_app(bytes);
    let mut lines: Vec<String> = part.apps.iter().map(|app| format!("{app:#?}")).collect();
    lines.extend(part.names.iter().map(|name| format!("{name:?}")));
    for problem in &part.problems {
        lines.push(format!("{}: problem ({:?}) {}", problem.line, problem.loss, problem.error));
    }
    lines.join("\n")
}

#[test]
fn the_app_is_read_from_every_wrapping_and_its_secrets_never_kept() {
    for (name, format) in [
        ("app.json", Format::OktaApp),
        ("app-wrong-types.json", Format::OktaApp),
        ("app-terraform.json", Format::OktaApp),
        ("apps.json", Format::OktaApps),
    ] {
        let bytes = fixture(name);
        assert_eq!(looks_like(&bytes, name), Some(format), "{name}");
        let text = describe_app(&bytes);
        assert!(!text.to_lowercase().contains("canary"), "{text}");
        snapshot(name, &text);
    }
}

#[test]
fn a_broken_app_never_shows_its_secrets() {
    let whole = fixture("app.json");
    for end in 0..whole.len() {
        let text = describe_app(whole.get(..end).unwrap());
        assert!(!text.to_lowercase().contains("canary"), "cut at {end}: {text}");
    }
    for (text, says) in [
        ("", "0: problem (File) found no object, expected an Okta app"),
        ("[1]", "1: problem (File) found a value of another kind"),
        ("{\"name\":\"slack\",\"id\":\"0oa1\"}", "expected `amazon_aws`"),
        ("{\"name\":\"amazon_aws\",\"settings\":{}}", "the app has no `settings.app`"),
        ("{\"name\":\"amazon_aws\",\"settings\":\"x\"}", "`settings` is neither"),
    ] {
        let got = describe_app(text.as_bytes());
        assert!(got.contains(says), "{text} gave {got}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_in_any_reader(
        bytes in prop::collection::vec(any::<u8>(), 0..300), first_line in prop::sample::select(vec![1_u32, 7]),
    ) {
        exercise(bytes, first_line);
    }

    #[test]
    fn no_damaged_fixture_panics_in_any_reader(
        name in prop::sample::select(vec!["users.json", "groups.jsonl", "members.jsonl", "app-groups.json", "app-users.json", "app.json", "users.csv"]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = fixture(name);
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            *bytes.get_mut(at).unwrap() = byte;
        }
        let end = end.index(bytes.len());
        bytes.truncate(end);
        exercise(bytes, 1);
    }

    #[test]
    fn the_short_way_and_serde_read_the_same_members(
        ids in prop::collection::vec("[ -~]{0,40}", 0..20), group in "[!-~]{1,20}", pretty in any::<bool>(),
    ) {
        let value = serde_json::json!({"groupId": group, "users": ids, "groups": ["00g1"]});
        let long = serde_json::json!({"groupId": group, "users": ids, "groups": ["00g1"], "zz": 1});
        let text = |v: &serde_json::Value| if pretty { serde_json::to_string_pretty(v) } else { serde_json::to_string(v) }.unwrap();
        let keys = Keys::default();
        let read = |text: String| {
            let block = Block { bytes: text.into_bytes(), first_line: 1, offset: 0 };
            let mut batch = Batch::new(&keys);
            MembersReader::default().read(&block, &mut batch);
            // An id with an escape is a copy, and its line that of its group.
            batch.describe().into_iter().map(|line| line.split_once(": ").unwrap().1.to_owned()).collect::<Vec<_>>()
        };
        let short = read(text(&value));
        prop_assert_eq!(short.len(), ids.len() + 1);
        prop_assert_eq!(short, read(text(&long)));
    }
}

fn exercise(bytes: Vec<u8>, first_line: u32) {
    looks_like(&bytes, "x");
    read_app(&bytes);
    let keys = Keys::default();
    let csv = OktaCsvReader::new(
        Format::OktaMembersCsv,
        b"groupId,login,status",
        &SourceOptions::default(),
    )
    .unwrap();
    let members = MembersReader::new(Some("g".into()));
    let block = Block { bytes, first_line, offset: 0 };
    let mut batch = Batch::new(&keys);
    UsersReader.read(&block, &mut batch);
    GroupsReader.read(&block, &mut batch);
    members.read(&block, &mut batch);
    AppGroupsReader.read(&block, &mut batch);
    AppUsersReader.read(&block, &mut batch);
    csv.read(&block, &mut batch);
    batch.describe();
}
