//! Directory exports, read from files.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use rolecall::sources::batch::{Batch, RecordReader};
use rolecall::sources::blocks::{AtEmptyLine, AtUnquotedLineEnd, Blocks, Cut};
use rolecall::sources::decode::Decoded;
use rolecall::sources::directory::csvde::{self, CsvdeReader};
use rolecall::sources::directory::google::{self, GoogleReader};
use rolecall::sources::directory::graph::{self, GraphReader};
use rolecall::sources::directory::ldif::{self, LdifReader};
use rolecall::sources::directory::powershell::{self, PowerShellReader};
use rolecall::sources::dn;
use rolecall::sources::input::{Format, SourceOptions};
use rolecall::sources::json::JsonElements;
use rolecall::sources::keys::Keys;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/directory")
}

/// Data that comes from outside the repository.
fn shared() -> Option<PathBuf> {
    std::env::var_os("ROLECALL_SHARED").map(PathBuf::from)
}

fn decoded(path: &Path) -> Vec<u8> {
    let (file, mut text) = (fs::File::open(path).unwrap(), Vec::new());
    Decoded::new(file, None).unwrap().read_to_end(&mut text).unwrap();
    text
}

fn describe(reader: &dyn RecordReader, cut: impl Cut, text: &[u8], size: usize) -> Vec<String> {
    let keys = Keys::default();
    let mut lines = Vec::new();
    for block in Blocks::new(text, cut, 1).with_block_size(size) {
        let mut batch = Batch::new(&keys);
        match block {
            Ok(block) => reader.read(&block, &mut batch),
            Err(error) => lines.push(format!("stopped: {error}")),
        }
        lines.extend(batch.describe());
    }
    lines
}

/// Which format a text is, by its look alone.
fn detected(head: &[u8]) -> Vec<Format> {
    let mut formats = Vec::new();
    let looks = [
        (ldif::looks_like(head), Format::Ldif),
        (csvde::looks_like(head), Format::Csvde),
        (graph::looks_like(head), Format::Graph),
        (google::looks_like(head), Format::Google),
    ];
    formats.extend(looks.iter().filter(|(is, _)| *is).map(|(_, format)| *format));
    formats.extend(powershell::looks_like(head));
    formats
}

fn read(format: Format, text: &[u8], options: &SourceOptions, size: usize) -> Vec<String> {
    match format {
        Format::Ldif => describe(&LdifReader::new(options), AtEmptyLine, text, size),
        Format::Csvde => {
            let reader = CsvdeReader::from_head(text, options).unwrap();
            describe(&reader, AtUnquotedLineEnd, text, size)
        }
        Format::Graph => describe(&GraphReader::new(options), JsonElements::new(), text, size),
        Format::Google => describe(&GoogleReader::new(options), JsonElements::new(), text, size),
        _ => {
            let reader = PowerShellReader::from_head(text, options).unwrap();
            describe(&reader, AtUnquotedLineEnd, text, size)
        }
    }
}

/// Reads a fixture and compares what is found with the snapshot beside it; the format is found by the
/// file's look unless the options name it, and the size of blocks never matters.
fn check(name: &str, options: &SourceOptions) {
    let path = folder().join(name);
    let text = decoded(&path);
    let format = options.format.unwrap_or_else(|| match detected(&text).as_slice() {
        [format] => *format,
        other => panic!("{name} looks like {other:?}"),
    });
    let whole = read(format, &text, options, 1 << 20);
    for size in [1, 7, 64, 300, 1000] {
        let pieces = read(format, &text, options, size);
        assert_eq!(sorted(&pieces), sorted(&whole), "{name} in blocks of {size}");
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(path.parent().unwrap());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let file = path.file_name().unwrap().to_str().unwrap().to_owned();
    settings.bind(|| insta::assert_snapshot!(file, whole.join("\n")));
}

/// Facts without the number that a record has in its own block.
fn sorted(lines: &[String]) -> Vec<&str> {
    let plain = |line: &'_ String| -> usize {
        let numbered = line.starts_with("User(") || line.starts_with("Group(");
        if numbered { line.find(") ").map_or(0, |at| at + 2) } else { 0 }
    };
    let mut lines: Vec<&str> = lines.iter().map(|line| line.split_at(plain(line)).1).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn ldif_of_active_directory_is_read() {
    check("ldif/active-directory.ldif", &SourceOptions::default());
}

#[test]
fn ldif_of_openldap_is_read() {
    check("ldif/openldap.ldif", &SourceOptions::default());
}

#[test]
fn ldif_with_members_alone_is_read() {
    check("ldif/members-only.ldif", &SourceOptions::default());
}

#[test]
fn csvde_is_read_in_any_encoding() {
    for name in ["csvde/utf-8.csv", "csvde/utf-16.csv", "csvde/ansi.csv"] {
        check(name, &SourceOptions::default());
    }
    let text = |name: &str| {
        let mut lines =
            read(Format::Csvde, &decoded(&folder().join(name)), &SourceOptions::default(), 1 << 20);
        lines.retain(|line| !line.contains("windows-1252"));
        lines
    };
    assert_eq!(text("csvde/utf-16.csv"), text("csvde/utf-8.csv"));
    assert_eq!(text("csvde/ansi.csv"), text("csvde/utf-8.csv"));
}

#[test]
fn csvde_is_read_in_any_order_of_columns() {
    check("csvde/ranges.csv", &SourceOptions::default());
}

#[test]
fn powershell_exports_are_read() {
    for name in ["powershell/users.csv", "powershell/groups.csv", "powershell/members.csv"] {
        check(name, &SourceOptions::default());
    }
}

#[test]
fn powershell_headers_may_be_the_users_own() {
    let headers = [("group", "Gruppe"), ("member", "Mitglied")];
    let headers = headers.map(|(standard, own)| (standard.to_owned(), own.to_owned()));
    let options = SourceOptions {
        headers: headers.into_iter().collect(),
        format: Some(Format::PowerShellMembers),
        ..SourceOptions::default()
    };
    check("powershell/own-headers.csv", &options);
}

#[test]
fn graph_pages_are_read() {
    for name in ["graph/users.json", "graph/groups-with-members.json", "graph/members.jsonl"] {
        check(name, &SourceOptions::default());
    }
}

#[test]
fn google_pages_are_read() {
    check("google/pages.json", &SourceOptions::default());
    let options =
        SourceOptions { group: Some("g@tailspin.example".into()), ..SourceOptions::default() };
    check("google/bare-members.json", &options);
}

#[test]
fn a_header_without_what_is_needed_says_so() {
    let text = |head: &str| {
        let reader = PowerShellReader::from_head(head.as_bytes(), &SourceOptions::default());
        reader.err().unwrap().to_string()
    };
    assert_eq!(
        text("name,SamAccountName,SID\n"),
        "the header row is `name,SamAccountName,SID`, expected a column `Group`; name it under `headers`"
    );
    assert_eq!(text(""), "no header row, expected one with `DistinguishedName`");
    let csvde = CsvdeReader::from_head(b"a,b\n", &SourceOptions::default()).err().unwrap();
    assert_eq!(
        csvde.to_string(),
        "the header row is `a,b`, expected a column `DN`; name it under `headers`"
    );
}

/// Real programs' exports name each other's entries: every member of a group whose record is there is
/// found by its canonical DN, and nothing is reported.
#[test]
fn exports_of_real_programs_are_read_without_a_problem() {
    let Some(shared) = shared() else {
        eprintln!("skipped: ROLECALL_SHARED is not set");
        return;
    };
    let folder = shared.join("real-exports/directory");
    let mut names: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    assert!(!names.is_empty(), "no exports in the shared folder");
    for path in names {
        let text = decoded(&path);
        assert_eq!(detected(&text), [Format::Ldif], "{}", path.display());
        let lines = read(Format::Ldif, &text, &SourceOptions::default(), 4096);
        let problems: Vec<_> = lines
            .iter()
            .filter(|line| line.contains("problem") || line.starts_with("stopped"))
            .collect();
        assert!(problems.is_empty(), "{}: {problems:?}", path.display());
        let (mut records, mut members) = (Vec::new(), Vec::new());
        for line in &lines {
            let (_, fact) = line.split_once(": ").unwrap();
            if let Some(group) = fact.strip_prefix("group Dn=") {
                records.push(canonical(group.split(" named `").next().unwrap()));
            } else if let Some(user) = fact.strip_prefix("user Dn=") {
                records.push(canonical(user.rsplit_once(' ').unwrap().0));
            } else if let Some((member, group)) =
                fact.strip_prefix("Dn=").and_then(|e| e.split_once(" in Dn="))
            {
                members.push((canonical(member), canonical(group)));
            }
        }
        assert!(records.len() > 10 && members.len() > 5, "{}", path.display());
        let users = lines.iter().any(|line| line.contains(": user "));
        for (member, group) in members {
            assert!(records.contains(&group), "{}: {group}", path.display());
            let foreign = member.contains("cn=foreignsecurityprincipals");
            let machine = member.contains("ou=domain controllers");
            assert!(
                !users
                    || foreign
                    || machine
                    || records.contains(&member)
                    || !member.contains("ou="),
                "{}: {member}",
                path.display()
            );
        }
    }
}

fn canonical(text: &str) -> String {
    let mut out = Vec::new();
    dn::canonical(text.as_bytes(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_without_panic(bytes: Vec<u8>, size in 1_usize..40, group in proptest::option::of("[a-z@]{1,3}")) {
        let options = SourceOptions { group, ..SourceOptions::default() };
        for format in [Format::Ldif, Format::Graph, Format::Google] {
            read(format, &bytes, &options, size);
        }
        for head in ["DN,member,objectSid\n", "#TYPE ADUser\nSID\tEnabled\n", "Group;SID;Member;ObjectClass\n"] {
            let text = [head.as_bytes(), &bytes].concat();
            let reader = PowerShellReader::from_head(&text, &options);
            if let Ok(reader) = CsvdeReader::from_head(&text, &options) {
                describe(&reader, AtUnquotedLineEnd, &text, size);
            }
            if let Ok(reader) = reader {
                describe(&reader, AtUnquotedLineEnd, &text, size);
            }
        }
        detected(&bytes);
    }

    #[test]
    fn blocks_of_csvde_never_matter(
        rows in proptest::collection::vec("((\"CN=[ab],DC=x\"|CN=c|),(group|user|),(\"CN=a\n?;CN=b\\\\;\"|),(512|X'61'|x|))?\r?\n", 0..20),
        size in 1_usize..80,
    ) {
        let text = format!("DN,objectClass,member,userAccountControl\r\n{}", rows.concat());
        let options = SourceOptions::default();
        let (whole, pieces) = (read(Format::Csvde, text.as_bytes(), &options, 1 << 20), read(Format::Csvde, text.as_bytes(), &options, size));
        prop_assert_eq!(sorted(&whole), sorted(&pieces));
    }

    #[test]
    fn blocks_of_powershell_never_matter(
        rows in proptest::collection::vec("((\"CN=[ab],DC=x\"|);(g|\"CN=g,DC=x\"|);(group|user|);(a|S-1-5-1|\"x\ny\"|))?\r?\n", 0..20),
        size in 1_usize..80,
    ) {
        let text = format!("#TYPE Selected.ADPrincipal\r\nDistinguishedName;Group;objectClass;SID\r\n{}", rows.concat());
        let options = SourceOptions::default();
        let format = Format::PowerShellMembers;
        let (whole, pieces) = (read(format, text.as_bytes(), &options, 1 << 20), read(format, text.as_bytes(), &options, size));
        prop_assert_eq!(sorted(&whole), sorted(&pieces));
    }

    #[test]
    fn blocks_of_json_never_matter(
        pages in proptest::collection::vec("\\{(\"groupId\":\"g\",)?\n?\"(value|members|users|groups)\":\\[(\\{\"id\":\"[ab]\",\n\"email\":\"e@x\"\\})?\\](,\"nextPageToken\":\"t\")?\\}\n", 0..8),
        size in 1_usize..80,
    ) {
        let text = pages.concat();
        for format in [Format::Graph, Format::Google] {
            let options = SourceOptions::default();
            let (whole, pieces) = (read(format, text.as_bytes(), &options, 1 << 20), read(format, text.as_bytes(), &options, size));
            prop_assert_eq!(sorted(&whole), sorted(&pieces));
        }
    }
}
