//! Input that is not what it should be: one clear error each, and never a panic.
#![expect(clippy::disallowed_methods, reason = "tests write files")]

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};

use rolecall::sources::blocks::{AtLineEnd, Blocks};
use rolecall::sources::focus::{Focus, Leads};
use rolecall::sources::input::{Input, SourceOptions, Stream};
use rolecall::sources::json::JsonElements;
use rolecall::sources::load::{Survey, load};

use crate::program::{APP, Ran, folder, put, rolecall, small};

const ROLE: &str = "123456789012/Admin";
const MEND: &str =
    "inputs could not be read whole (see above); mend them, or go on with `--lenient`";

/// Asks who sees a role of the small federation with one more file, `bad`.
fn with(name: &str, content: impl AsRef<[u8]>) -> Ran {
    let root = folder();
    small(root.path());
    put(root.path(), name, content);
    rolecall(root.path(), &["who", ROLE, "-s", "in", "-s", name])
}

/// The run ends with exit code 2 and exactly this error before the closing sentence.
fn assert_refused(ran: &Ran, error: &str) {
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert_eq!(ran.errors, format!("error: {error}\nerror: {MEND}\n"));
}

#[test]
fn an_empty_file_is_refused() {
    assert_refused(&with("bad.ldif", ""), "bad.ldif: is empty, expected an export");
}

#[test]
fn json_that_ends_early_is_refused_with_its_line() {
    let ends = "the file ends inside this record, expected its closing bracket";
    for (name, content, line) in [
        (
            "app.json",
            "{\"name\": \"amazon_aws\",\n \"settings\": {\"app\": {\n \"appFilter\": \"okta\"",
            3,
        ),
        ("iam.json", "{\"RoleDetailList\": [\n  {\"RoleName\": \"A\",", 2),
        (
            "users.json",
            "[{\"id\": \"00u1\", \"status\": \"ACTIVE\",\n \"profile\": {\"login\": \"a@x.test\"",
            2,
        ),
    ] {
        assert_refused(&with(name, content), &format!("{name}:{line}: {ends}"));
    }
}

#[test]
fn a_list_that_is_never_closed_is_refused_although_its_records_are_whole() {
    let users =
        "[{\"id\": \"00u1\", \"status\": \"ACTIVE\", \"profile\": {\"login\": \"a@x.test\"}},\n";
    let ran = with("users.json", users);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.errors.contains("the file ends here, expected `]` before its end"), "{ran:?}");
}

#[test]
fn ldif_that_ends_inside_a_value_is_refused_with_its_line() {
    let ldif = "dn: CN=Ann,DC=x\nobjectClass: user\nsAMAccountName: ann\nobjectSid:: AQUAAAAAAAUVAAAAA2b0c";
    let ran = with("cut.ldif", ldif);
    assert_refused(
        &ran,
        "cut.ldif:4: `AQUAAAAAAAUVAAAAA2b0c` is not base64, expected groups of four letters, digits, `+` or `/`",
    );
}

#[test]
fn csv_that_ends_inside_a_quoted_field_is_refused_with_its_line() {
    assert_refused(
        &with("cut.csv", "group,member\na,b\n\"c,d\n"),
        "cut.csv:3: a quoted field that never ends, expected a closing `\"`",
    );
}

#[test]
fn a_bad_record_in_the_middle_is_reported_and_reading_goes_on() {
    let root = folder();
    small(root.path());
    let edges = "group,member\naws#dev#Admin#123456789012,ann@x.test\nlonely\naws#dev#Admin#123456789012,bob@x.test\n";
    put(root.path(), "more.csv", edges);
    let args = ["who", ROLE, "-s", "in", "-s", "more.csv"];
    let problem = "more.csv:3: 1 fields, expected 2 as in the header";
    assert_refused(&rolecall(root.path(), &args), problem);
    let ran = rolecall(root.path(), &[&args[..], &["--lenient"]].concat());
    assert_eq!((ran.code, ran.errors.as_str()), (0, format!("error: {problem}\n").as_str()));
    assert!(ran.out.contains("ann@x.test") && ran.out.contains("bob@x.test"), "{ran:?}");
}

#[test]
fn a_text_or_binary_file_is_no_export() {
    let text = with("notes.txt", "Minutes\nof a meeting\n");
    assert_refused(
        &text,
        "notes.txt: is no export known here: it begins with `Minutes\\u{a}of a meeting`; name its format with `--format-of FILE=FORMAT`",
    );
    let binary = with("program", b"\x7fELF\x02\x01\x01\x00\xff\xfe\x00\x00".repeat(20));
    assert_eq!((binary.code, binary.out.as_str()), (2, ""));
    let begins = r"it begins with `\x7fELF\x02\x01\x01\x00\xff\xfe\x00\x00\x7fELF`;";
    let expected = format!("error: program: is no export known here: {begins}");
    assert!(binary.errors.starts_with(&expected), "{binary:?}");
    assert_eq!(binary.errors.lines().count(), 2);
}

#[test]
fn a_file_of_another_format_than_named_is_refused() {
    let root = folder();
    small(root.path());
    for (format, found) in [
        ("iam-list-roles", "in/app.json"),
        ("edge-csv", "in/app.json"),
        ("okta-users", "in/edges.csv"),
        ("ldif", "in/edges.csv"),
        ("csvde", "in/users.csv"),
        ("okta-app", "in/users.csv"),
        ("graph", "in/users.csv"),
    ] {
        let named = format!("{found}={format}");
        let ran = rolecall(root.path(), &["who", ROLE, "-s", "in", "--format-of", &named]);
        assert_eq!(ran.code, 2, "{format}: {ran:?}");
        assert!(ran.errors.starts_with(&format!("error: {found}")), "{format}: {ran:?}");
        assert!(ran.errors.contains("expected"), "{format}: {ran:?}");
    }
}

#[test]
fn an_unknown_format_lists_the_known_ones() {
    let root = folder();
    small(root.path());
    let args = ["who", ROLE, "-s", "in", "--format-of", "in/app.json=okta-apq"];
    let ran = rolecall(root.path(), &args);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.starts_with("error: format `okta-apq`, expected one of ldif, "), "{ran:?}");
}

#[test]
fn a_missing_file_and_an_empty_folder_are_refused() {
    let root = folder();
    small(root.path());
    fs::create_dir(root.path().join("void")).unwrap();
    let absent = rolecall(root.path(), &["who", ROLE, "-s", "absent.csv"]);
    assert_eq!(absent.errors, "error: `absent.csv` cannot be read: no such file or directory\n");
    let void = rolecall(root.path(), &["who", ROLE, "-s", "void"]);
    assert_eq!(void.errors, "error: `void` holds no files, expected exports\n");
    assert_eq!((absent.code, void.code), (2, 2));
}

#[test]
fn a_folder_in_place_of_the_configuration_is_refused() {
    let root = folder();
    small(root.path());
    let ran = rolecall(root.path(), &["who", ROLE, "--config", "in"]);
    assert_eq!(
        (ran.code, ran.errors.as_str()),
        (2, "error: `in` cannot be read: is a directory\n")
    );
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_refused_with_the_reason() {
    use std::os::unix::fs::PermissionsExt as _;

    let root = folder();
    small(root.path());
    let path = root.path().join("in/users.csv");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        eprintln!("skipped: this user reads every file");
        return;
    }
    let ran = rolecall(root.path(), &["who", ROLE, "-s", "in"]);
    assert_refused(&ran, "in/users.csv: cannot be read: permission denied");
}

#[test]
fn json_nested_too_deep_where_it_is_read_is_one_error() {
    let open = |levels: usize| "{\"a\":".repeat(levels) + "1" + &"}".repeat(levels);
    let roles = |policy: &str| {
        format!(
            "{{\"Roles\": [\n {{\"Path\": \"/\", \"RoleName\": \"Admin\",\n  \"Arn\": \"arn:aws:iam::123456789012:role/Admin\",\n  \"AssumeRolePolicyDocument\": {policy}}}\n]}}\n"
        )
    };
    let ran = with("roles.json", roles(&open(2000)));
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert!(ran.errors.starts_with("error: roles.json:4: "), "{ran:?}");
    assert_eq!(ran.errors.lines().count(), 2, "{ran:?}");
    let ran = with("roles.json", roles(&open(100)));
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn json_nested_too_deep_where_nothing_is_read_is_one_error() {
    let users = |levels: usize| {
        let deep = "[".repeat(levels) + &"]".repeat(levels);
        format!(
            "[{{\"id\": \"00u1\", \"status\": \"ACTIVE\",\n \"profile\": {{\"login\": \"cat@x.test\", \"x\": {deep}}}}}]"
        )
    };
    let ran = with("users.json", users(126));
    assert_eq!(ran.code, 0, "{ran:?}");
    for levels in [127, 100_000] {
        assert_refused(
            &with("users.json", users(levels)),
            "users.json:2: JSON of more than 128 levels, expected fewer; `--limit json-depth=256` allows more",
        );
    }
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let ran = with("deep.json", deep);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.starts_with("error: deep.json: is no export known here: "), "{ran:?}");
}

#[test]
fn an_endless_line_stops_at_the_limit() {
    let limit = 1 << 20;
    for first in ["{\"a\": \"", "[", "group,member\n"] {
        let endless = || io::Cursor::new(first).chain(io::repeat(b'x'));
        let lines = Blocks::new(endless(), AtLineEnd, 1).with_limit(limit).find_map(Result::err);
        let error = lines.unwrap().to_string();
        assert!(error.contains(&format!("a record of more than {limit} bytes")), "{error}");
    }
    let endless = io::Cursor::new("[{\"a\": \"").chain(io::repeat(b'x'));
    let mut blocks = Blocks::new(endless, JsonElements::new(), 1).with_limit(limit);
    let error = blocks.find_map(Result::err).unwrap().to_string();
    assert!(error.starts_with("line 1: a record of more than "), "{error}");
}

#[test]
fn a_group_of_a_million_members_is_read() {
    const MEMBERS: usize = 1_000_000;
    let mut ldif = String::with_capacity(40 << 20);
    ldif.push_str(
        "dn: CN=Everyone,DC=x\nobjectClass: group\ncn: Everyone\nsAMAccountName: Everyone\n",
    );
    for number in 0..MEMBERS {
        writeln!(ldif, "member: CN=u{number},DC=x").unwrap();
    }
    let options = SourceOptions::default();
    let open = Box::new(move || Ok(Box::new(io::Cursor::new(ldif.clone())) as Box<dyn Stream>));
    let loaded = load(vec![Input { name: "big.ldif".to_owned(), open, found: false, options }]);
    let lost: Vec<_> = loaded.problems.iter().map(|problem| &problem.message).collect();
    assert!(!loaded.is_incomplete(), "{lost:?}");
    let directory = &loaded.federation.directory;
    let implied = directory.user_count();
    assert_eq!((directory.group_count(), implied), (1, MEMBERS));
}

#[test]
fn a_file_that_becomes_shorter_while_it_is_read_is_said_to_be_lost() {
    let mut edges = "group,member,member_type\naws#prod#Admin#123456789012,ops,group\n".to_owned();
    for number in 0..9 {
        writeln!(edges, "ops,u{number},user").unwrap();
    }
    let opened = std::sync::atomic::AtomicUsize::new(0);
    let whole = edges.len();
    // Looked at, its header read, read; then its header once more, and what was left.
    let open = Box::new(move || {
        let times = opened.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let kept = if times < 4 { whole } else { whole - 20 };
        Ok(Box::new(io::Cursor::new(edges.as_bytes()[..kept].to_vec())) as Box<dyn Stream>)
    });
    let (name, options) = ("edges.csv".to_owned(), SourceOptions::default());
    let edges = Input { name, open, found: false, options };
    let users = "user,status\nu1,ACTIVE\nu8,ACTIVE\n";
    let users = Input {
        name: "users.csv".to_owned(),
        open: Box::new(move || Ok(Box::new(io::Cursor::new(users)) as Box<dyn Stream>)),
        found: false,
        options: SourceOptions::default(),
    };
    let leads = || -> Leads<'_> { Box::new(|name| name.starts_with("aws#")) };
    let focus = Focus { leads: &leads, user: None };
    let loaded = Survey::of(vec![edges, users]).read(Some(focus));
    let said: Vec<_> = loaded.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(said, ["cannot be read: it became shorter while it was read"]);
    assert!(loaded.is_incomplete());
}

/// What a hostile name may hold: each would act on a terminal, or hide in a line.
const HOSTILE: [&str; 9] = [
    "\u{1b}[2J",
    "\u{1b}]0;x\u{7}",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{feff}",
    "\r",
    "\nFAKE",
];

/// Writes a federation with `hostile` in every name that an export can give.
fn hostile_world(folder: &std::path::Path, hostile: &str) {
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let (login, other) = (format!("ann{hostile}@x.test"), format!("bob{hostile}@x.test"));
    let role_group = format!("aws#dev{hostile}#Admin#123456789012");
    let near = format!("aws#dev{hostile}#Ops_123456789012");
    let user = |id: &str, login: &str, status: &str| {
        format!(
            "{{\"id\": {}, \"status\": {}, \"profile\": {{\"login\": {}}}}}\n",
            json(id),
            json(status),
            json(login)
        )
    };
    let users = user("00u1", &login, "ACTIVE")
        + &user("00u2", &other, "SUSPENDED")
        + &user("00u3", "cat@x.test", hostile);
    put(folder, "w/users.jsonl", users);
    let group = |id: &str, name: &str| {
        format!(
            "{{\"id\": {}, \"type\": \"OKTA_GROUP\", \"profile\": {{\"name\": {}}}}}\n",
            json(id),
            json(name)
        )
    };
    put(folder, "w/groups.jsonl", group("00g1", &role_group) + &group("00g2", &near));
    let members = |id: &str, user: &str| {
        format!("{{\"groupId\": {}, \"users\": [{}]}}\n", json(id), json(user))
    };
    let unknown = format!("00u9{hostile}");
    put(
        folder,
        "w/members.jsonl",
        members("00g1", "00u1") + &members("00g2", "00u1") + &members("00g2", &unknown),
    );
    let app = APP.replace(r"\\S+", r"[^#]+").replace("\"AWS\"", &json(&format!("AWS{hostile}")));
    put(folder, "w/app.json", app);
    let alias = format!("{{\"AccountAliases\": [{}]}}", json(&format!("dev{hostile}")));
    put(folder, "w/123456789012-aliases.json", alias);
    let role = format!("Admin{hostile}");
    let arn = format!("arn:aws:iam::123456789012:role/{role}");
    let roles = format!(
        "{{\"Roles\": [{{\"Path\": \"/\", \"RoleName\": {}, \"Arn\": {}, \"AssumeRolePolicyDocument\": {}}}]}}",
        json(&role),
        json(&arn),
        json(hostile)
    );
    put(folder, "w/123456789012-roles.json", roles);
    let edges = format!("group,member,member_type\nTeam{hostile},x,{hostile}\n");
    put(folder, &format!("w/edges{hostile}.csv"), edges);
    put(folder, &format!("w/notes{hostile}.txt"), format!("{hostile} notes"));
}

#[test]
fn a_hostile_name_never_acts_on_the_terminal() {
    for hostile in HOSTILE {
        let root = folder();
        hostile_world(root.path(), hostile);
        let name = |before: &str, after: &str| format!("{before}{hostile}{after}");
        let (ann, nobody) = (name("ann", "@x.test"), name("nobody", ""));
        let (role, near) = (name("dev", "/Admin"), name("dev", "/Admon"));
        let (group, odd) = (name("aws#dev", "#Admin#123456789012"), name("aws#dev", "#Admin"));
        let (file, format) = (name("gone", ""), name("w/app.json=", ""));
        let filter = r"^aws\#[^#]+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";
        let broken = name("(?{{role}}x", "(");
        put(
            root.path(),
            "odd.toml",
            format!("[[source]]\npath = {hostile:?}\n\"{}\" = 1\n", "k\\u001b[2J"),
        );
        let commands: [&[&str]; 16] = [
            &["picker", &ann],
            &["picker", &nobody],
            &["picker", "--all"],
            &["picker", "--all", "--columns", &nobody],
            &["why", &ann, &role],
            &["why", &ann, &near],
            &["why", &ann, "123456789012/Ops"],
            &["why", &nobody, &role],
            &["who", &role],
            &["who", &near],
            &["who", "123456789012/Admin"],
            &["picker", &ann, "--format-of", &format],
            &["picker", &ann, "--group-filter", &broken],
            &["filter", filter, &group, &odd],
            &["filter", &broken, &group],
            &["filter", filter, &group, "--pattern", &broken],
        ];
        for command in commands {
            let sources: &[&str] =
                if command[0] == "filter" { &[] } else { &["-s", "w", "--lenient"] };
            let ran = rolecall(root.path(), &[command, sources].concat());
            assert_tame(&ran, command);
        }
        for command in [&["picker", "x", "-s", &file], &["picker", "x", "--config", &file]] {
            assert_tame(&rolecall(root.path(), command), command);
        }
        assert_tame(&rolecall(root.path(), &["picker", "x", "--config", "odd.toml"]), &["config"]);
    }
}

fn assert_tame(ran: &Ran, command: &[&str]) {
    let text = format!("{}{}", ran.out, ran.errors);
    assert!(ran.code != 101, "{command:?} panicked: {text}");
    assert!(!text.is_empty(), "{command:?} says nothing");
    let wild = text.chars().find(|&c| c != '\n' && rolecall::text::is_hidden(c));
    assert_eq!(wild, None, "{command:?} prints it raw:\n{text:?}");
    let fake = text.lines().find(|line| line.starts_with("FAKE"));
    assert_eq!(fake, None, "{command:?} prints a line end raw:\n{text}");
}

#[test]
fn an_empty_list_is_told_from_what_no_reader_knows_and_is_an_export_where_its_format_is_named() {
    let folder = folder();
    small(folder.path());
    for (number, text) in ["[]", " [\n]\n", "\u{feff}[ ]"].into_iter().enumerate() {
        put(folder.path(), "assigned.json", text);
        let says = "is an empty list: nothing in it says which export it is; name its `format` in rolecall.toml, or with `--format-of FILE=FORMAT`";
        let named = ["who", "dev/Admin", "-s", "in", "-s", "assigned.json"];
        let ran = rolecall(folder.path(), &named);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.errors.starts_with(&format!("error: assigned.json: {says}\n")), "{ran:?}");
        put(folder.path(), "in/assigned.json", text);
        let ran = rolecall(folder.path(), &["why", "ann@x.test", "dev/Admin", "-s", "in"]);
        assert_eq!(ran.errors, format!("warning: in/assigned.json: {says}; passed over\n"));
        assert!(ran.out.contains("unknown  assignment"), "{number}: {}", ran.out);
        let format = ["--format-of", "in/assigned.json=okta-app-users"];
        let args = [&["why", "ann@x.test", "dev/Admin", "-s", "in"][..], &format].concat();
        let ran = rolecall(folder.path(), &args);
        assert_eq!(ran.errors, "");
        assert!(ran.out.contains("FAILS    assignment"), "{}", ran.out);
        std::fs::remove_file(folder.path().join("in/assigned.json")).unwrap();
    }
}
