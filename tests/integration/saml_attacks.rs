//! Every kind of `saml mutate`: what it makes is kept in `fixtures/attacks/`, and has its own finding and no other.
//!
//! `UPDATE_FIXTURES=1 cargo test attacks` writes the documents anew, `UPDATE_DOCS=1` the page about them.

#![expect(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rolecall::entitlement::captures::{Captures, Trusted};
use rolecall::entitlement::refusal::Refusal;
use rolecall::entitlement::resolve::Entitlements;
use rolecall::finding::{Finding, Severity};
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::model::moment::Moment;
use rolecall::report::saml_kinds;
use rolecall::rules::settings::Settings;
use rolecall::rules::{Context, Scope, all, run};
use rolecall::saml::bindings;
use rolecall::saml::mutate::{AT, CLASSES, Example, Expected, Kind, kinds};
use rolecall::saml::redact::TestKeys;
use rolecall::saml::verify::{KnownKeys, Verdict, verify};
use rolecall::sources::load::{Loaded, load};

use crate::program::{Ran, folder, put, rolecall};
use crate::support::{fixtures, load_folder, memory};

fn attacks() -> PathBuf {
    fixtures().join("attacks")
}

fn example() -> (TestKeys, Example) {
    let keys = TestKeys::embedded().unwrap();
    let example = Example::new(&keys).unwrap();
    (keys, example)
}

fn made(kind: &Kind, (keys, example): &(TestKeys, Example)) -> Vec<u8> {
    let own = if kind.is_of_metadata() { &example.metadata } else { &example.response };
    kind.make(own, keys).unwrap_or_else(|error| format!("{}: {error}", kind.name).into_bytes())
}

fn file(kind: &Kind) -> PathBuf {
    attacks().join(format!("{}.{}", kind.name, kind.extension))
}

/// What is said of a document.
#[derive(Default)]
struct Judged {
    accepted: bool,
    unread: Vec<String>,
    findings: Vec<Finding>,
}

impl Judged {
    fn rules(&self) -> Vec<&str> {
        let mut rules: Vec<&str> = self.findings.iter().map(|found| found.rule).collect();
        rules.sort_unstable();
        rules
    }

    fn says(&self) -> String {
        let words = |found: &Finding| format!("{}: {}", found.rule, found.message);
        let all = self.findings.iter().map(words).chain(self.unread.iter().cloned());
        format!("accepted: {}; {}", self.accepted, all.collect::<Vec<_>>().join("; "))
    }
}

fn judged(kind: &Kind, bytes: Vec<u8>) -> Judged {
    if kind.is_of_metadata() { of_metadata(bytes) } else { of_message(bytes) }
}

fn findings(loaded: &Loaded, captures: &Captures) -> Vec<Finding> {
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default());
    let entitlements =
        mapping.as_ref().map(|mapping| Entitlements::resolve(&loaded.federation, mapping));
    let settings = Settings { at: Some(Moment::parse(AT).unwrap().0), ..Settings::default() };
    let entitled = entitlements.as_ref().map_err(|error| *error);
    let scope = if captures.all.is_empty() { Scope::Everything } else { Scope::Captures };
    let context =
        Context::new(&loaded.federation, entitled, &settings).with_captures(captures, scope);
    run(all(), &context).findings
}

fn of_message(bytes: Vec<u8>) -> Judged {
    let mut loaded = load_folder(&attacks().join("source"));
    let trusted = Trusted::of(&loaded.federation);
    let mut captures = Captures::against(&trusted);
    captures.at = Moment::parse(AT);
    let input = memory("message", bytes);
    let unread = captures.read(&input, &trusted, &mut loaded.federation.sources);
    let fine = |verdict: Verdict| verdict == Verdict::Accept;
    let mut read = captures.all.iter().map(|one| one.read.as_ref());
    let accepted = read.all(|one| one.is_ok_and(|said| fine(said.verification.verdict)));
    Judged {
        accepted: accepted && unread.is_empty(),
        unread: unread.into_iter().map(|one| one.says).collect(),
        findings: if captures.all.is_empty() { Vec::new() } else { findings(&loaded, &captures) },
    }
}

/// Metadata, held by a provider of an account that has nothing else.
fn of_metadata(bytes: Vec<u8>) -> Judged {
    let keys = TestKeys::embedded().unwrap();
    let mut known = KnownKeys::default();
    known.add_certificate("known", &keys.known.certificate).unwrap();
    let found = bindings::captures("metadata", bytes.as_slice()).remove(0).unwrap();
    let accepted = found.tree().is_ok_and(|tree| verify(&tree, &known).verdict.is_fine());
    let loaded = load(vec![memory("418830275916-saml-provider-OKTA.xml", bytes)]);
    let mut findings = findings(&loaded, &Captures::NONE);
    findings.retain(|found| found.rule.starts_with("provider/"));
    Judged { accepted, unread: Vec::new(), findings }
}

/// What differs from what a kind expects, if anything.
fn wrong(kind: &Kind, judged: &Judged) -> Option<String> {
    let errors = judged.findings.iter().filter(|found| found.severity == Severity::Error).count();
    let is_right = match kind.expected {
        Expected::Nothing => judged.accepted,
        Expected::Rejected([]) => !judged.accepted,
        Expected::Rejected(_) => !judged.accepted && errors > 0,
        Expected::Refused(_) => judged.accepted && errors > 0,
        Expected::Noted(_) => judged.accepted && errors == 0,
        Expected::Unread(why) => {
            !judged.accepted && judged.unread.iter().any(|one| one.contains(why))
        }
    };
    let is_whole = matches!(kind.expected, Expected::Unread(_)) || judged.unread.is_empty();
    let is_right = is_right && is_whole && judged.rules() == kind.expected.rules();
    (!is_right).then(|| format!("{} expects {:?}: {}", kind.name, kind.expected, judged.says()))
}

#[test]
fn every_document_has_its_own_finding_and_no_other_and_the_valid_ones_have_none() {
    let example = example();
    let judge = |kind: &'static Kind| wrong(kind, &judged(kind, made(kind, &example)));
    let wrong: Vec<String> = kinds().filter_map(judge).collect();
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_made_of_a_message_of_another_shape_has_the_same_findings() {
    let (keys, example) = example();
    let shape = |name: &str, text: &str| {
        let kind = rolecall::saml::mutate::kind(name).unwrap();
        String::from_utf8(kind.make(text, &keys).unwrap()).unwrap()
    };
    // The default namespace, signed by inclusive canonicalisation, with line ends between elements.
    let text = shape("canonicalization/valid-default-namespace", &example.response);
    let text =
        text.replace("saml2p", "samlp").replace("<ds:", "<dsig:").replace("</ds:", "</dsig:");
    let text = text.replace("xmlns:ds=", "xmlns:dsig=").replace("<Subject", "\n  <Subject");
    let text = shape("canonicalization/valid-no-prefixes", &text);
    let (mut wrong_ones, mut made) = (Vec::new(), 0);
    for kind in kinds().filter(|kind| !kind.is_of_metadata()) {
        // What starts from how the example is written cannot be made of this.
        let Ok(bytes) = kind.make(&text, &keys) else { continue };
        made += 1;
        wrong_ones.extend(wrong(kind, &judged(kind, bytes)));
    }
    assert!(wrong_ones.is_empty(), "{} are wrong:\n{}", wrong_ones.len(), wrong_ones.join("\n"));
    assert!(made > 200, "{made}");
}

#[test]
fn attacks_are_kept_as_they_are_made() {
    let example = example();
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    let mut expected: BTreeMap<PathBuf, Vec<u8>> = kinds()
        .filter(|kind| !kind.is_large)
        .map(|kind| (file(kind), made(kind, &example)))
        .collect();
    let metadata = example.1.metadata.clone().into_bytes();
    expected.insert(attacks().join("source/okta_metadata.xml"), metadata);
    if update {
        for class in CLASSES {
            let _ = fs::remove_dir_all(attacks().join(class.name));
            fs::create_dir_all(attacks().join(class.name)).unwrap();
        }
        for (file, bytes) in &expected {
            fs::write(file, bytes).unwrap();
        }
    }
    let stale: Vec<_> = expected
        .iter()
        .filter(|(file, bytes)| fs::read(file).ok().as_ref() != Some(*bytes))
        .map(|(file, _)| file)
        .collect();
    assert!(stale.is_empty(), "stale, run `UPDATE_FIXTURES=1 cargo test attacks`: {stale:?}");
    for class in CLASSES {
        for entry in fs::read_dir(attacks().join(class.name)).unwrap() {
            let path = entry.unwrap().path();
            assert!(expected.contains_key(&path), "no kind makes {}", path.display());
        }
    }
}

#[test]
fn the_table_of_kinds_is_whole_and_in_order() {
    let numbers: Vec<u8> = CLASSES.iter().filter_map(|class| class.number).collect();
    assert_eq!(numbers, (1..=18).collect::<Vec<u8>>());
    let malicious = kinds().filter(|kind| kind.expected.is_malicious()).count();
    let valid = kinds().filter(|kind| kind.expected == Expected::Nothing).count();
    assert!(malicious >= 60 && valid >= 60, "{malicious} malicious, {valid} valid");
    let names: BTreeSet<&str> = kinds().map(|kind| kind.name).collect();
    assert_eq!(names.len(), kinds().count(), "a name stands twice");
    let known: BTreeSet<&str> = all().map(|rule| rule.info.id).collect();
    for class in CLASSES {
        let has = |is: fn(&Kind) -> bool| class.kinds.iter().any(is);
        assert!(has(|kind| kind.expected.is_malicious()), "{}", class.name);
        assert!(has(|kind| kind.expected == Expected::Nothing), "{}", class.name);
        for kind in class.kinds {
            let rest = kind.name.strip_prefix(class.name).and_then(|rest| rest.strip_prefix('/'));
            let is_valid = kind.expected == Expected::Nothing;
            assert_eq!(rest.unwrap().starts_with("valid-"), is_valid, "{}", kind.name);
            assert!(kind.expected.rules().iter().all(|rule| known.contains(rule)), "{}", kind.name);
            assert!(!kind.says.ends_with('.') && !kind.says.contains('\n'), "{}", kind.name);
        }
    }
}

/// The texts of IAM's guide that a message or its metadata can cause, and two that were seen.
const TEXTS: [&str; 13] = [
    "Your request included an invalid SAML response. To logout, click here.",
    "RoleSessionName is required in AuthnResponse",
    "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
    "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"",
    "Not authorized to perform sts:AssumeRoleWithSAML",
    "Response signature invalid",
    "Failed to assume role: Issuer not present in specified provider",
    "Could not parse metadata.",
    "Specified provider doesn't exist.",
    "Requested DurationSeconds exceeds MaxSessionDuration set for this role.",
    "Response does not contain the required audience.",
    "Principal exists outside the account of the Role being assumed..",
    "Token must be redeemed within 5 minutes of issuance",
];

#[test]
fn every_text_of_aws_is_reached_by_a_document_and_printed_as_aws_prints_it() {
    let example = example();
    let mut reached: BTreeSet<&str> = BTreeSet::new();
    for kind in kinds() {
        let Some(answer) = kind.answer else { continue };
        let said = format!("AWS says `{answer}`");
        if kind.is_of_metadata() {
            let judged = judged(kind, made(kind, &example));
            let mut helps = judged.findings.iter().flat_map(|found| &found.help);
            assert!(helps.any(|help| help.contains(&said)), "{}: {}", kind.name, judged.says());
        } else {
            let ran = checked(kind);
            assert!(ran.out.contains(&said), "{}: {ran:?}", kind.name);
        }
        reached.insert(answer);
    }
    assert_eq!(reached, BTreeSet::from(TEXTS));
    let known: BTreeSet<&str> = Refusal::ALL.iter().map(|refusal| refusal.text()).collect();
    assert_eq!(known, reached, "an answer that no document reaches");
}

/// `saml check` of a document that is kept.
fn checked(kind: &Kind) -> Ran {
    let name = format!("{}.{}", kind.name, kind.extension);
    let args = ["saml", "check", &name, "--source", "source", "--at", AT, "--width", "1000"];
    rolecall(&attacks(), &args)
}

#[test]
fn what_is_not_read_is_one_error_with_its_reason_and_exit_code_2() {
    for kind in kinds().filter(|kind| !kind.is_large) {
        let Expected::Unread(why) = kind.expected else { continue };
        let ran = checked(kind);
        assert_eq!(ran.code, 2, "{}: {ran:?}", kind.name);
        assert!(ran.errors.contains(why) && ran.out.is_empty(), "{}: {ran:?}", kind.name);
        assert_eq!(ran.errors.matches("error: ").count(), 1, "{}: {ran:?}", kind.name);
    }
}

#[test]
fn the_page_about_attacks_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/attacks.md");
    let page = saml_kinds::page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &page).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == page, "docs/attacks.md is stale: run `UPDATE_DOCS=1 cargo test attacks`");
}

#[test]
fn kinds_made_of_other_messages_never_panic_and_say_what_is_missing() {
    let (keys, example) = example();
    let bare = "<Response xmlns=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"a\"/>".to_owned();
    let alone = kinds().find(|kind| kind.name.ends_with("valid-assertion-alone")).unwrap();
    let alone = String::from_utf8(made(alone, &(keys.clone(), example.clone()))).unwrap();
    let unsigned = rolecall::saml::mutate::kind("missing-signature/none").unwrap();
    let unsigned = String::from_utf8(unsigned.make(&example.response, &keys).unwrap()).unwrap();
    for text in [&bare, &alone, &unsigned, &example.metadata, &String::new()] {
        for kind in kinds() {
            if let Err(error) = kind.make(text, &keys) {
                assert!(!error.to_string().is_empty(), "{}", kind.name);
            }
        }
    }
    let error = unsigned_kind_error(&bare, &keys);
    assert_eq!(
        error,
        "no `Signature` within `Assertion` in the message, expected one: this kind changes it"
    );
}

fn unsigned_kind_error(text: &str, keys: &TestKeys) -> String {
    let kind = rolecall::saml::mutate::kind("wrapping/xsw3").unwrap();
    kind.make(text, keys).unwrap_err().to_string()
}

#[test]
fn a_kind_is_made_of_the_example_or_of_a_file_and_always_the_same() {
    let folder = folder();
    let args = ["saml", "mutate", "wrapping/xsw3"];
    let ran = rolecall(folder.path(), &args);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.out.as_bytes(), fs::read(attacks().join("wrapping/xsw3.xml")).unwrap());
    assert!(ran.errors.contains("check it with `--at 2026-11-24T12:00:00Z`"), "{ran:?}");
    put(folder.path(), "own.xml", fs::read(attacks().join("wrapping/valid-both.xml")).unwrap());
    let of_file = rolecall(folder.path(), &[&args[..], &["own.xml"]].concat());
    assert_eq!((of_file.code, &of_file.out), (0, &ran.out));
    // Whose key is not at hand may be a real sign-in.
    put(folder.path(), "other.xml", fs::read(attacks().join("algorithm/short-key.xml")).unwrap());
    let refused = rolecall(folder.path(), &[&args[..], &["other.xml"]].concat());
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.errors.contains("signed by a key that is not at hand"), "{refused:?}");
    let shown = rolecall(folder.path(), &[&args[..], &["other.xml", "--show-secrets"]].concat());
    assert!(shown.code == 0 && shown.out.contains("SignatureValue"), "{shown:?}");
    let ran = rolecall(folder.path(), &["saml", "mutate", "wraping/xsw3"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("did you mean `wrapping/xsw3`?"), "{ran:?}");
}

#[test]
fn every_kind_is_listed_and_all_are_written_to_a_new_folder() {
    let folder = folder();
    let ran = rolecall(folder.path(), &["saml", "mutate", "--list"]);
    assert_eq!(ran.code, 0);
    assert!(kinds().all(|kind| ran.out.contains(&format!("  {}: ", kind.name))), "{}", ran.out);
    let ran = rolecall(folder.path(), &["saml", "mutate", "--all", "--out", "made"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    for kind in kinds() {
        let written = folder.path().join(format!("made/{}.{}", kind.name, kind.extension));
        assert!(written.is_file(), "{}", kind.name);
    }
    let ran = rolecall(folder.path(), &["saml", "mutate", "--all", "--out", "made"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("is not empty, expected a new or empty folder"), "{ran:?}");
}
