use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::*;
use crate::sources::blocks::{AtEmptyLine, Block, Blocks};
use crate::sources::keys::{KeySpace, Keys};

fn read_in_blocks(bytes: &[u8], size: usize) -> Vec<String> {
    let keys = Keys::default();
    let reader = LdifReader::default();
    let mut lines = Vec::new();
    for block in Blocks::new(bytes, AtEmptyLine, 1).with_block_size(size) {
        let mut batch = Batch::new(&keys);
        reader.read(&block.unwrap(), &mut batch);
        lines.extend(batch.describe());
    }
    lines
}

fn read(text: impl AsRef<[u8]>) -> Vec<String> {
    read_in_blocks(text.as_ref(), 1 << 20)
}

#[test]
fn names_values_and_comments_are_folded_anywhere() {
    let text = "ver\n sion: 1\n# a comment\n  that goes on: here\nd\n n: cn\n =g,\n dc=x\nobjectCl\n ass: group\
                \n# in between\ncn: a\n  b\n\tc\nmember: \n \n cn=\n u,dc=x\n";
    assert_eq!(
        read(text),
        [
            "5: group Dn=cn=g,dc=x named `a bc` GroupFacts { source: None, group_type: None, in_okta: false }",
            "15: Dn=cn=u,dc=x in Dn=cn=g,dc=x"
        ]
    );
}

#[test]
fn line_ends_of_windows_are_no_part_of_a_value() {
    let text = "dn: cn=g,dc=x\r\nobjectClass: group\r\ncn: g\r\nmember: cn=\r\n u\r\n\r\ndn: cn=u\r\nuid: u\r\n";
    assert_eq!(
        read(text),
        [
            "7: user Dn=cn=u Unknown",
            "1: group Dn=cn=g,dc=x named `g` GroupFacts { source: None, group_type: None, in_okta: false }",
            "User(0) Uid: u",
            "4: Dn=cn=u in Dn=cn=g,dc=x"
        ]
    );
}

#[test]
fn many_users_and_members_keep_their_own_names() {
    let name = |number: usize| {
        format!("cn=user {number},ou=a unit with a name that is long,dc=corp,dc=example")
    };
    let (mut text, mut expected) = (String::new(), Vec::new());
    for number in 0..100 {
        // Some names are folded, some are known already.
        let dn = name(number);
        let (start, rest) = dn.split_at(if number % 3 == 0 { 30 } else { dn.len() });
        let written = if rest.is_empty() { dn.clone() } else { format!("{start}\n {rest}") };
        let user = format!("dn: {written}\nobjectClass: user\nuid: {number}\n\n");
        let group = format!("dn: cn=group {number}\nobjectClass: group\nmember: {written}\n\n");
        text.extend([user, group]);
        expected.push(format!("={dn} in Dn=cn=group {number}"));
    }
    let mut keys = Keys::default();
    for number in (0..100).step_by(7) {
        keys.intern(KeySpace::Dn, name(number).as_bytes()).unwrap();
    }
    let block = Block { bytes: text.into_bytes(), first_line: 1, offset: 0 };
    let mut batch = Batch::new(&keys);
    LdifReader::default().read(&block, &mut batch);
    let facts = batch.describe();
    let of = |wanted: &str| facts.iter().filter(|fact| fact.contains(wanted)).collect::<Vec<_>>();
    for (number, (user, edge)) in of(": user ").iter().zip(of(" in ")).enumerate() {
        assert!(user.ends_with(&format!("={} Unknown", name(number))), "{user}");
        assert!(edge.ends_with(&expected[number]), "{edge}");
    }
    assert_eq!((of(": user ").len(), of(" in ").len()), (100, 100));
}

#[test]
fn users_without_memberships_come_one_after_the_other() {
    let user = |number| format!("dn: cn={number}\nobjectClass: user\n\n");
    let text = (0..100).map(user).collect::<Vec<_>>().concat();
    let expected: Vec<String> =
        (0..100).map(|number| format!("{}: user Dn=cn={number} Unknown", number * 3 + 1)).collect();
    assert_eq!(read(text), expected);
}

#[test]
fn a_line_is_known_by_its_beginning_only_where_the_rest_fits() {
    let text = "dn: cn=a\nobjectClass: group\ncn: a\n\ndn: cn=b\nobjectClass: group\n s\nuid: b\n\n\
                dn: cn=c\nobjectClass: groups\ncn:: Yw==\n\ndn: cn=d\nobjectClass: group\ncn: d\n e\n\n\
                dn: cn=f\nobjectClass: group";
    assert_eq!(
        read(text),
        ["a", "de", "f"].map(|name| {
            let (line, dn) = match name {
                "a" => (1, "a"),
                "de" => (14, "d"),
                _ => (19, "f"),
            };
            format!("{line}: group Dn=cn={dn} named `{name}` GroupFacts {{ source: None, group_type: None, in_okta: false }}")
        })
    );
}

#[test]
fn an_address_is_never_opened() {
    let text = "dn: cn=g\nobjectClass: group\ncn: g\nmember:< file:///etc/passwd\njpegPhoto:< file:///x.jpg\n";
    let got = read(text);
    assert_eq!(
        got.get(1..).unwrap(),
        [
            "4: problem (Record) `file:///etc/passwd` is outside the file and is not opened, expected the value itself",
            "5: problem (Nothing) `jpegPhoto:< file:///x.jpg` is outside the file and is not opened, expected the value itself"
        ]
    );
}

#[test]
fn an_addition_is_content_and_other_changes_are_refused() {
    let text = "dn: cn=a\nchangetype: add\nobjectClass: group\ncn: a\n\n\
                dn: cn=b\nchangetype: modify\nadd: member\nmember: cn=x\n-\n\n\
                dn: cn=c\ncontrol: 1.2.3 true\nchangetype: delete\n\n\
                dn: cn=d\nmember: cn=y\nchangetype: modrdn\nnewrdn: cn=e\ndeleteoldrdn: 1\n";
    let change = "is a change, expected the content of a directory";
    assert_eq!(
        read(text),
        [
            "1: group Dn=cn=a named `a` GroupFacts { source: None, group_type: None, in_okta: false }".to_owned(),
            format!("7: problem (Record) `changetype: modify` {change}"),
            format!("14: problem (Record) `changetype: delete` {change}"),
            format!("18: problem (Record) `changetype: modrdn` {change}"),
        ]
    );
}

#[test]
fn pieces_of_a_ranged_list_are_noted_with_their_bounds() {
    let text = "dn: cn=g\nobjectClass: group\ncn: g\nmember;range=0-1: cn=a\nmember;range=0-1: cn=b\n\n\
                dn: cn=g\nMember;Range=2-4: cn=c\nmember;range=2-4: cn=d\n\n\
                dn: cn=g\nmember;range=5-*: cn=e\nmember;range=x: cn=f\n";
    assert_eq!(
        read(text),
        [
            "1: group Dn=cn=g named `g` GroupFacts { source: None, group_type: None, in_okta: false }",
            "4: Dn=cn=a in Dn=cn=g",
            "5: Dn=cn=b in Dn=cn=g",
            "8: Dn=cn=c in Dn=cn=g",
            "9: Dn=cn=d in Dn=cn=g",
            "12: Dn=cn=e in Dn=cn=g",
            "4: range 0-1 of Dn=cn=g",
            "8: range 2-4 of Dn=cn=g",
            "12: range 5-* of Dn=cn=g",
            "8: problem (Record) range `2-4` holds 2 members, expected 3",
            "13: problem (Record) `range=x` in an attribute name, expected a range such as `range=0-1499` or `range=1500-*`",
        ]
    );
}

#[test]
fn broken_records_are_reported_and_reading_goes_on() {
    let text = "nonsense\nmore\n\ncn: x\n\n stray\n\ndn: cn=a\nuid: a\nno colon here\nmail:: ???\n\n\
                dn:: !!\ncn: b\n\nversion: 2\ndn: cn=c\nuid: c\ndn: cn=d\nuid: d\n";
    assert_eq!(
        read(text),
        [
            "8: user Dn=cn=a Unknown",
            "17: user Dn=cn=c Unknown",
            "19: user Dn=cn=d Unknown",
            "User(0) Uid: a",
            "User(1) Uid: c",
            "User(2) Uid: d",
            "1: problem (Record) `nonsense`, expected `attribute: value`",
            "4: problem (Record) a record begins with `cn: x`, expected `dn:`",
            "6: problem (Record) a continuation line without a line before it, expected `attribute: value`",
            "10: problem (Record) `no colon here`, expected `attribute: value`",
            "11: problem (Record) `???` is not base64, expected groups of four letters, digits, `+` or `/`",
            "13: problem (Record) `!!` is not base64, expected groups of four letters, digits, `+` or `/`",
            "16: problem (Nothing) LDIF version `2`, expected `1`",
            "19: problem (Nothing) a second `dn` in one record, expected an empty line before it",
        ]
    );
}

#[test]
fn what_ldapsearch_says_at_the_end_is_no_entry() {
    let whole = "# search reference\nref: ldap://forest/DC=x\n\n# search result\nsearch: 2\nresult: 0 Success\n\
                 control: 1.2.840.113556.1.4.319 false MAUCAQAEAA==\npagedresults: cookie=\n\n# numResponses: 25\n";
    assert_eq!(read(whole), [""; 0]);
    assert_eq!(
        read("search: 2\nresult: 4 Size limit exceeded\n"),
        [
            "2: problem (File) the search ended with `4 Size limit exceeded`, expected `0 Success`: the export is not whole"
        ]
    );
}

#[test]
fn an_entry_is_told_by_its_attributes_where_no_class_is_given() {
    let text = "dn: cn=a\nsAMAccountType: 805306368\n\ndn: cn=b\nsAMAccountType: 268435456\n\n\
                dn: cn=c\nsAMAccountType: 805306369\nmemberOf: cn=b\n\n\
                dn: cn=d\nmemberUid: a\n\ndn: cn=e\nuserPrincipalName: e@x\n\n\
                dn: cn=f\nmemberOf: cn=b\n\ndn: cn=g\ndescription: a container\n";
    assert_eq!(
        read(text),
        [
            "1: user Dn=cn=a Unknown",
            "14: user Dn=cn=e Unknown",
            "4: group Dn=cn=b named `b` GroupFacts { source: None, group_type: None, in_okta: false }",
            "11: group Dn=cn=d named `d` GroupFacts { source: None, group_type: None, in_okta: false }",
            "User(1) Login: e@x",
            "12: Uid=a in Dn=cn=d",
            "17: problem (Record) `cn=f` has memberships but no `objectClass` or other sign of a user or group, expected one",
        ]
    );
}

#[test]
fn machines_contacts_and_foreigners_are_no_users() {
    let text = "dn: cn=pc\nobjectClass: user\nobjectClass: computer\nmemberOf: cn=g\n\n\
                dn: cn=trust$\nobjectClass: user\nuserAccountControl: 2080\n\n\
                dn: cn=c\nobjectClass: organizationalPerson\nobjectClass: contact\n\n\
                dn: cn=S-1-5-21-1\nobjectClass: foreignSecurityPrincipal\nmemberOf: cn=g\n";
    assert_eq!(read(text), [""; 0]);
}

#[test]
fn stray_bytes_are_windows_1252_and_nothing_is_lost() {
    let got = read(b"dn: cn=Jos\xe9\nuid: x\nmemberOf: cn=Ren\xe9e\nmemberOf: cn=Zo\xeb\n");
    assert_eq!(
        got.get(..4).unwrap(),
        [
            "1: user Dn=cn=José Unknown",
            "User(0) Uid: x",
            "3: Dn=cn=José in Dn=cn=Renée",
            "4: Dn=cn=José in Dn=cn=Zoë"
        ]
    );
    assert_eq!(got.len(), 7, "one problem a line: {got:?}");
}

#[test]
fn a_fold_inside_a_character_is_no_stray_byte() {
    let got = read(b"dn: cn=Jos\xc3\n \xa9\nuid: x\nmemberOf: cn=a\nmemberOf: cn=\xc3\n \xa9\n");
    assert_eq!(
        got,
        [
            "1: user Dn=cn=José Unknown",
            "User(0) Uid: x",
            "4: Dn=cn=José in Dn=cn=a",
            "5: Dn=cn=José in Dn=cn=é"
        ]
    );
}

#[test]
fn a_value_at_the_limit_is_kept_and_one_past_it_refused() {
    let limit = 64 << 10;
    for (size, problems) in [(limit, 0), (limit + 1, 1)] {
        let value = "v".repeat(size);
        for line in [
            format!("mail: {value}"),
            format!("mail:: {}", STANDARD.encode(&value)),
            format!("memberOf: {value}"),
        ] {
            let got = read(format!("dn: cn=a\nuid: a\nmemberOf: cn=first\n{line}\n"));
            let said = got
                .iter()
                .filter(|line| line.contains("of more than 65536 bytes, expected fewer"))
                .count();
            assert_eq!(said, problems);
        }
    }
}

#[test]
fn an_entry_past_the_limit_is_refused_but_members_and_photographs_do_not_count() {
    let value = format!("mail: {}\n", "v".repeat(64 << 10));
    let member = format!("memberOf: cn={}\n", "m".repeat(60 << 10));
    let photograph = format!("jpegPhoto:: {}\n", "A".repeat(3 << 20));
    let room = (1 << 20) - "cn=a".len() - 15 * (64 << 10);
    let fits = format!(
        "dn: cn=a\n{photograph}{}{}mail: {}\n",
        member.repeat(20),
        value.repeat(15),
        "v".repeat(room - 1)
    );
    let got = read(format!("{fits}uid: a\n"));
    assert_eq!(got.iter().filter(|line| line.contains("problem")).count(), 0);
    assert_eq!(
        read(format!("{fits}uid: ab\n\ndn: cn=b\nuid: b\n")),
        [
            "41: user Dn=cn=b Unknown",
            "User(0) Uid: b",
            "39: problem (Record) an entry, its members aside, of more than 1048576 bytes, expected fewer; `--limit record=2MiB` allows more"
        ]
    );
}

#[test]
fn ldif_is_known_by_its_first_line() {
    for head in [
        "dn: x",
        "DN:: eA==",
        "# c\n\n\nversion: 1\n",
        "# a\n folded: dn\nsearch: 2",
        "# extended LDIF\n#",
    ] {
        assert!(looks_like(head.as_bytes()), "{head:?}");
    }
    for head in ["", "#TYPE x\n\"dn\"", "dn,cn\n", "{\"dn\": 1}", "# a", "DNS: x"] {
        assert!(!looks_like(head.as_bytes()), "{head:?}");
    }
}

/// Writes one attribute the way some program might.
fn write(out: &mut String, name: &str, value: &str, encode: bool, width: usize, crlf: bool) {
    let unsafe_start = value.starts_with([' ', ':', '<']);
    let encode = encode || unsafe_start || !value.chars().all(|c| (' '..='~').contains(&c));
    let line = if encode {
        format!("{name}:: {}", STANDARD.encode(value))
    } else {
        format!("{name}: {value}")
    };
    let end = if crlf { "\r\n" } else { "\n" };
    for (at, piece) in line.as_bytes().chunks(width).enumerate() {
        out.push_str(if at > 0 { " " } else { "" });
        out.push_str(std::str::from_utf8(piece).unwrap());
        out.push_str(end);
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        entries in proptest::collection::vec(
            ("[ -~é山\n\r]{1,20}", proptest::collection::vec("[ -~é山]{1,30}", 0..40)), 1..6),
        encode in proptest::collection::vec(any::<bool>(), 64),
        width in 1_usize..90,
        crlf: bool,
        size in 1_usize..400,
    ) {
        let (mut text, mut expected) = (String::new(), Vec::new());
        let mut coin = encode.iter().cycle();
        for (number, (name, members)) in entries.iter().enumerate() {
            let dn = format!("cn={number}");
            write(&mut text, "dn", &dn, *coin.next().unwrap(), width, crlf);
            write(&mut text, "objectClass", "groupOfNames", false, width, crlf);
            write(&mut text, "cn", name, *coin.next().unwrap(), width, crlf);
            expected.push(format!("group Dn={dn} named `{name}` GroupFacts {{ source: None, group_type: None, in_okta: false }}"));
            for member in members {
                write(&mut text, "member", member, *coin.next().unwrap(), width, crlf);
                expected.push(format!("Dn={member} in Dn={dn}"));
            }
            text.push_str(if crlf { "\r\n" } else { "\n" });
        }
        let mut got: Vec<String> = read_in_blocks(text.as_bytes(), size)
            .iter()
            .map(|line| line.split_once(": ").unwrap().1.to_owned())
            .collect();
        got.sort();
        expected.sort();
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn block_boundaries_never_matter(
        lines in proptest::collection::vec(
            "(dn: cn=[ab]|uid: a|cn: [ab]|member: cn=[ab]|member:: YQ==|member;range=0-[01]: a|objectClass: (user|group)| [ab]|#|version: 1|result: 4|x|changetype: modify||)\r?\n", 0..30),
        size in 1_usize..60,
    ) {
        let text = lines.concat();
        let (mut whole, mut pieces) = (read(&text), read_in_blocks(text.as_bytes(), size));
        // A record's number among the users is its block's own.
        let plain = |lines: &mut Vec<String>| {
            for line in lines.iter_mut().filter(|line| line.starts_with("User(")) {
                *line = line.split_once(") ").unwrap().1.to_owned();
            }
            lines.sort();
        };
        plain(&mut whole);
        plain(&mut pieces);
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes: Vec<u8>, shaped in "([a-z:;=<# \r\n\t]|dn: |member: |member;range=|::|\n\n|objectClass: |objectSid:: |groupType: ){0,60}", size in 1_usize..50) {
        read_in_blocks(&bytes, size);
        read_in_blocks(shaped.as_bytes(), size);
    }
}
