//! Captured messages in every shape in which people have one, and how `saml decode` shows them.

use std::collections::BTreeMap;
use std::fs;

use rolecall::saml::bindings::captures;
use rolecall::saml::capture::{Binding, Capture};
use rolecall::saml::outline::Outline;
use rolecall::saml::xml::MESSAGE;

use crate::program::{Ran, folder, put, rolecall};
use crate::support::{fixtures, shared};

/// Before and after the fixtures' assertions end.
const BEFORE: &str = "2026-11-24T10:01:00Z";
const AFTER: &str = "2026-11-25";

fn bytes(name: &str) -> Vec<u8> {
    fs::read(fixtures().join("formats/saml").join(name)).unwrap()
}

fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap()
}

fn captured(name: &str) -> Vec<Capture> {
    captures(name, &*bytes(name)).into_iter().map(Result::unwrap).collect()
}

/// Runs `saml decode` in the folder of the fixtures.
fn decode(args: &[&str]) -> Ran {
    let all = ["saml", "decode"].iter().chain(args).copied().collect::<Vec<_>>();
    rolecall(&fixtures().join("formats/saml"), &all)
}

#[test]
fn every_shape_gives_the_same_message_byte_by_byte() {
    let expected = text("response.xml");
    for (name, binding, has_form) in [
        ("response.xml", Binding::Document, false),
        ("wrapped.b64", Binding::Base64, false),
        ("quoted.txt", Binding::Base64, false),
        ("form.txt", Binding::Post, true),
        ("redirect.txt", Binding::Redirect, true),
        ("page.html", Binding::Page, true),
        ("picker.html", Binding::Page, true),
        ("curl.txt", Binding::Post, true),
        ("debug.log", Binding::Base64, false),
        ("saml-tracer.json", Binding::Post, true),
    ] {
        let all = captured(name);
        let [capture] = &all[..] else { panic!("{name}: {}", all.len()) };
        assert_eq!(capture.text, expected, "{name}");
        assert_eq!(capture.binding, binding, "{name}");
        let state = has_form.then_some("https://console.aws.amazon.com/ec2/home?region=eu-west-1");
        assert_eq!(capture.relay_state.as_deref(), state, "{name}");
    }
}

#[test]
fn a_har_file_gives_each_message_once_with_all_its_places() {
    let all = captured("sign-in.har");
    let told: Vec<(&str, &[String], Binding)> =
        all.iter().map(|one| (one.name.as_str(), one.also.as_slice(), one.binding)).collect();
    assert_eq!(
        told,
        [
            ("sign-in.har, entry 3", &["entry 1".to_owned()][..], Binding::Post),
            ("sign-in.har, entry 4", &[][..], Binding::Post),
        ]
    );
    assert_eq!(all[0].text, text("response.xml"));
    assert_eq!(all[0].posted_to.as_deref(), Some("https://signin.aws.amazon.com/saml"));
    assert_eq!(all[0].captured_at.unwrap().to_string(), "2026-11-24T10:00:01Z");
}

#[test]
fn an_outline_shows_who_signs_in_to_what_and_until_when() {
    let ran = decode(&["sign-in.har", "--at", AFTER]);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    insta::assert_snapshot!("saml_decode_text", ran.out);
}

#[test]
fn json_has_every_line_and_the_xml_format_every_line_number() {
    let ran = decode(&["response.xml", "--format", "json", "--at", AFTER]);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["version"], 1);
    let role = &json["messages"][0]["assertions"][0]["accounts"][0]["roles"][0];
    let line = usize::try_from(role["line"].as_u64().unwrap()).unwrap();
    let written = text("response.xml");
    assert!(written.lines().nth(line - 1).unwrap().contains(role["role"].as_str().unwrap()));
    insta::assert_snapshot!("saml_decode_json", ran.out);

    let ran = decode(&["response.xml", "--format", "xml", "--show-secrets", "--at", AFTER]);
    let shown: Vec<&str> =
        ran.out.lines().skip(1).map(|line| line.split_once("| ").unwrap().1).collect();
    assert_eq!(shown, written.lines().collect::<Vec<_>>());
    let ran = decode(&["one-line.xml", "--format", "xml", "--at", AFTER]);
    insta::assert_snapshot!("saml_decode_xml_of_one_line", ran.out);
}

#[test]
fn no_secret_is_shown_unless_asked_for() {
    let signature = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    assert!(text("response.xml").contains(signature));
    let files = [
        "response.xml",
        "wrapped.b64",
        "page.html",
        "curl.txt",
        "sign-in.har",
        "saml-tracer.json",
        "debug.log",
        "redirect.txt",
    ];
    for format in ["text", "json", "xml"] {
        for file in files {
            let ran = decode(&[file, "--format", format, "--at", BEFORE]);
            let said = format!("{}{}", ran.out, ran.errors);
            for secret in [signature, "canary-cookie", "region=eu-west-1", "PD94bWwg"] {
                assert!(!said.contains(secret), "{file} {format}: {secret}");
            }
        }
    }
    let ran = decode(&["form.txt", "--format", "xml", "--show-secrets", "--at", AFTER]);
    assert!(ran.out.contains(signature));
    let ran = decode(&["form.txt", "--show-secrets", "--at", AFTER]);
    assert!(ran.out.contains("region=eu-west-1"));
}

#[test]
fn a_message_that_is_still_usable_is_warned_about() {
    let ran = decode(&["form.txt", "--at", BEFORE]);
    assert!(
        ran.errors.contains(
            "form.txt: whoever has this file can sign in with it until 2026-11-24T10:05:00Z"
        ),
        "{}",
        ran.errors
    );
    assert_eq!(decode(&["form.txt", "--at", "2026-11-24T10:05:00Z"]).errors, "");
}

#[test]
fn what_cannot_be_read_is_told_with_file_and_line_and_the_rest_is_shown() {
    let folder = folder();
    put(folder.path(), "broken.xml", "<a>\n<b></a>\n");
    put(folder.path(), "bad.b64", "PGEv\nPg*=\n");
    put(folder.path(), "good.xml", "<a/>");
    let ran = rolecall(
        folder.path(),
        &["saml", "decode", "broken.xml", "bad.b64", "good.xml", "--at", AFTER],
    );
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("broken.xml:2: "), "{}", ran.errors);
    assert!(
        ran.errors.contains("bad.b64:2: neither XML, JSON, a form nor a page"),
        "{}",
        ran.errors
    );
    assert!(ran.out.contains("good.xml"), "{}", ran.out);
    put(folder.path(), "in/good.xml", "<a/>");
    put(folder.path(), "in/notes.txt", "# notes\n");
    let ran = rolecall(folder.path(), &["saml", "decode", "in", "--at", AFTER]);
    assert_eq!(ran.code, 0);
    assert!(ran.errors.contains("in/notes.txt` is passed over"), "{}", ran.errors);
}

#[test]
fn documents_of_others_are_read_as_their_table_says() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("saml");
    let table = fs::read_to_string(folder.join("manifest.tsv")).unwrap();
    let mut lines = table.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for line in lines {
        let row: BTreeMap<&str, &str> = head.iter().copied().zip(line.split('\t')).collect();
        let (name, is_well_formed) = (row["file"], row["wellformed"] == "y");
        let bytes = fs::read(folder.join("files").join(name)).unwrap();
        let found = captures(name, &*bytes);
        let read = found.len() == 1
            && found[0].as_ref().is_ok_and(|capture| match capture.tree() {
                Ok(tree) => {
                    let outline = Outline::read(&tree);
                    capture.text.len() <= MESSAGE && !outline.kind.is_empty()
                }
                Err(_) => false,
            });
        let is_declared = found[0].as_ref().is_ok_and(|one| one.text.contains("<!DOCTYPE"));
        seen += 1;
        if read != is_well_formed && !is_declared {
            let why = found[0].as_ref().err().map(ToString::to_string);
            wrong.push(format!("{name}: read {read}, {:?}, {}", why, row["wf_reason"]));
        }
    }
    assert!(seen >= 300, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
