use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

fn canon(text: &str) -> String {
    let mut out = Vec::new();
    canonical(text.as_bytes(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn error(text: &str) -> String {
    parse(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn all_spellings_of_one_name_are_equal() {
    let plain = "cn=aws#acme-prod#Admin#123456789012,ou=AWS,dc=corp,dc=example";
    for other in [
        r"CN=aws\#acme-prod\#Admin\#123456789012,OU=AWS,DC=corp,DC=example",
        r"CN=AWS#ACME-PROD#ADMIN#123456789012, OU=aws, DC=CORP, DC=EXAMPLE",
        r#"cn = "aws#acme-prod#Admin#123456789012" ; ou = AWS;dc=corp ,dc=example  "#,
        r"cn=\61ws\23acme-prod\23Admin\23123456789012,ou=AWS,dc=corp,dc=example",
        r"2.5.4.3=aws#acme-prod#Admin#123456789012,OID.2.5.4.11=AWS,DC=corp,domainComponent=example",
        r"<GUID=29a3c809-1511-40d1-92f2-633c3e345402>;<SID=S-1-5-21-1>;CN=aws\#acme-prod\#Admin\#123456789012,OU=AWS,DC=corp,DC=example",
    ] {
        assert_eq!(canon(other), canon(plain), "{other}");
    }
}

#[test]
fn different_names_stay_different() {
    let names = [
        r"cn=a,dc=x",
        r"cn=a\,dc\=x",
        r"cn=a+dc=x",
        r"cn=a\+dc\=x",
        r"cn=\20a,dc=x",
        r"cn=a\20,dc=x",
        r"cn=\23616161,dc=x",
        r"cn=#020161,dc=x",
        r"cn=a\00,dc=x",
        r"cn=é,dc=x",
        r"cn=e,dc=x",
        r"cn=\e9,dc=x",
        r"cn=\\e9,dc=x",
        r"cn=a  b,dc=x",
        r"cn=a b,dc=x",
        r"ou=a,dc=x",
        r"cn=,dc=x",
        r"cn=a",
        "",
    ];
    for (i, a) in names.iter().enumerate() {
        for b in names.get(i + 1..).unwrap() {
            assert_ne!(canon(a), canon(b));
        }
    }
}

#[test]
fn hex_escapes_are_utf_8_and_hex_values_are_ber() {
    assert_eq!(canon(r"cn=\C4\80rvai,dc=x"), canon("CN=ārvai,DC=x"));
    assert_eq!(canon("cn=#0c024869,dc=x"), canon("cn=Hi,dc=x"), "a UTF8String is text");
    assert_eq!(canon("cn=#13024869"), canon("cn=hi"), "a PrintableString is text");
    assert_eq!(canon("1.3.6.1=#0201FF"), "1.3.6.1=#0201ff", "an INTEGER is none");
}

#[test]
fn letters_of_every_script_fold() {
    assert_eq!(canon("cn=ÅNGSTRÖM ΟΔΟΣ ОЛЬГА"), canon("CN=ångström οδος ольга"));
    assert_eq!(canon("cn=ΟΔΟΣ"), canon("cn=οδοσ"));
}

#[test]
fn parts_of_a_relative_name_come_in_any_order() {
    assert_eq!(canon("uid=a+cn=B\\+c,dc=x"), canon("CN=b\\2bC + UID=A,dc=x"));
    assert_eq!(canon("uid=a+cn=b,dc=x"), "cn=b+uid=a,dc=x");
}

#[test]
fn a_name_is_taken_apart_as_written() {
    let dn = parse(r"CN=Smith\, Bob+uid=bob, OU=AWS,DC=corp".as_bytes()).unwrap();
    let shown: Vec<Vec<_>> = dn
        .rdns
        .iter()
        .map(|rdn| rdn.parts.iter().map(|part| (part.kind.as_str(), &part.value)).collect())
        .collect();
    let text = |text: &str| PartValue::Text(text.to_owned());
    assert_eq!(
        shown,
        [
            vec![("CN", &text("Smith, Bob")), ("uid", &text("bob"))],
            vec![("OU", &text("AWS"))],
            vec![("DC", &text("corp"))]
        ]
    );
    assert_eq!(first_value(br"CN=aws\#a\#R\#1 ,DC=x"), Some("aws#a#R#1".to_owned()));
    assert_eq!(first_value(b"nonsense"), None);
    assert_eq!(first_value(b""), None);
}

#[test]
fn a_broken_name_says_where_and_what_was_expected() {
    assert_eq!(
        error("cn=a,Bob,dc=x"),
        "`Bob,dc=x` at byte 5 of the distinguished name, expected `type=value`"
    );
    assert_eq!(error("cn=a,"), "`` at byte 5 of the distinguished name, expected `type=value`");
    assert_eq!(
        error("=a"),
        "`=a` at byte 0 of the distinguished name, expected an attribute type such as `CN`"
    );
    assert_eq!(
        error(r"cn=a\zz"),
        "`\\zz` at byte 4 of the distinguished name, expected a backslash before a special character or two hex digits"
    );
    assert_eq!(
        error(r#"cn="a"#),
        "a quoted value begins at byte 3 of the distinguished name, expected its closing `\"`"
    );
    assert_eq!(
        error(r#"cn="a"b,dc=x"#),
        "`b,dc=x` at byte 6 of the distinguished name, expected `,` or `+` after the value"
    );
    assert_eq!(
        error("cn=#0c0,dc=x"),
        "`#0c0,dc=x` at byte 3 of the distinguished name, expected pairs of hex digits after `#`"
    );
}

/// Writes a value the way a directory may: escapes chosen by the numbers of `how`.
fn written(value: &str, how: &[u8]) -> String {
    let mut out = String::new();
    let last = value.chars().count().saturating_sub(1);
    for (at, c) in value.chars().enumerate() {
        let choice = how.get(at).copied().unwrap_or_default() % 3;
        let special = "\"+,;<>\\".contains(c)
            || (at == 0 && (c == '#' || c == ' ' || c == '"'))
            || (at == last && c == ' ');
        if choice == 2 || c == '\0' {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(out, "\\{byte:02X}");
            }
        } else if special || (choice == 1 && (c.is_ascii_punctuation() || c == ' ')) {
            out.push('\\');
            out.push(c);
        } else {
            out.push(c);
        }
    }
    out
}

proptest! {
    #[test]
    fn a_value_is_the_same_however_it_is_escaped(
        value in "[a-zA-Z#+,;=<>\"\\\\ é山Σς0-9\u{0}]{0,12}",
        one in proptest::collection::vec(any::<u8>(), 12),
        two in proptest::collection::vec(any::<u8>(), 12),
    ) {
        let (a, b) = (written(&value, &one), written(&value, &two));
        prop_assert_eq!(canon(&format!("CN={a},DC=x")), canon(&format!("cn = {b} , dc=X")));
        prop_assert_eq!(first_value(format!("CN={a},DC=x").as_bytes()), Some(value));
    }

    #[test]
    fn canonical_text_is_its_own_canonical_text(text in any::<String>(), dn in "(CN|ou|2\\.5\\.4\\.3)=[ -~éΣİ]{0,9}(\\+uid=[ -~]{1,5})?(, ?DC=[a-z ]{0,4}){0,3}") {
        for text in [text, dn] {
            let (mut once, mut twice) = (Vec::new(), Vec::new());
            if canonical(text.as_bytes(), &mut once).is_ok() {
                canonical(&once, &mut twice).unwrap();
                prop_assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
            }
        }
    }

    #[test]
    fn different_values_have_different_canonical_texts(a in "[a-c#+,;= \\\\\"\u{0}]{0,6}", b in "[a-c#+,;= \\\\\"\u{0}]{0,6}") {
        let (x, y) = (canon(&format!("cn={}", written(&a, &[]))), canon(&format!("cn={}", written(&b, &[]))));
        prop_assert_eq!(a == b, x == y, "{} {}", x, y);
    }

    #[test]
    fn any_bytes_are_taken_without_panic(bytes: Vec<u8>, shaped in "[cn=,+;#\"\\\\0-9a-f <>]{0,24}") {
        for bytes in [bytes, shaped.into_bytes()] {
            let mut out = Vec::new();
            prop_assert_eq!(canonical(&bytes, &mut out).is_ok(), parse(&bytes).is_ok());
            first_value(&bytes);
        }
    }
}
