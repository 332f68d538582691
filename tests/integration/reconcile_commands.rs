//! `why --assertion`, `trust decide --assertion` and `saml check --against` over sign-ins issued here.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Ran, folder, put, rolecall};
use crate::support::fixtures;

/// When the sign-ins are issued, and a minute later.
const ISSUED: &str = "2026-11-24T12:00:00Z";
const AT: &str = "2026-11-24T12:01:00Z";

fn copy(from: &Path, to: &Path, change: &dyn Fn(&str) -> String) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target, change);
        } else {
            fs::write(&target, change(&fs::read_to_string(&path).unwrap())).unwrap();
        }
    }
}

/// What stands between the lines of a certificate's PEM, in one.
fn base64(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

/// The demo's exports, but for the certificate, which is that of the key that signs tests, and a sign-in of
/// nora's.
fn world() -> TempDir {
    let world = folder();
    let exports = world.path().join("exports");
    fs::create_dir(&exports).unwrap();
    let demo = fixtures().join("federations/demo/exports");
    let metadata = fs::read_to_string(demo.join("okta/metadata.xml")).unwrap();
    let (_, rest) = metadata.split_once("<ds:X509Certificate>").unwrap();
    let (own, _) = rest.split_once('<').unwrap();
    let signing = fixtures().join("keys/signing");
    let certificate = fs::read_to_string(signing.join("test.cert.pem")).unwrap();
    copy(&demo, &exports, &|text| text.replace(own, &base64(&certificate)));
    for name in ["stranger.key.pem", "stranger.cert.pem"] {
        put(world.path(), name, fs::read(signing.join(name)).unwrap());
    }
    issue(world.path(), "nora.xml", &["--user", "nora"]);
    world
}

fn issue(world: &Path, name: &str, args: &[&str]) {
    let base = ["saml", "issue", "--source", "exports", "--at", ISSUED];
    let ran = rolecall(world, &[&base, args].concat());
    assert_eq!(ran.code, 0, "{}", ran.errors);
    put(world, name, ran.out);
}

/// Runs `why` about a message.
fn why(world: &TempDir, message: &str, args: &[&str]) -> Ran {
    let base = ["why", "--source", "exports", "--at", AT, "--assertion", message];
    rolecall(world.path(), &[&base[..], args].concat())
}

/// A sign-in of nora's that a key signed which nobody knows.
fn strange(world: &TempDir) {
    let key = ["--key", "stranger.key.pem", "--cert", "stranger.cert.pem"];
    issue(world.path(), "strange.xml", &[&["--user", "nora"], &key[..]].concat());
}

/// A sign-in of quinn's with the roles of omar's team.
fn moved(world: &TempDir) {
    let quinn = "quinn@saltmarsh.test";
    let args = ["--user", "omar", "--name-id", quinn, "--session-name", quinn];
    issue(world.path(), "moved.xml", &args);
}

#[test]
fn why_says_that_a_message_is_taken_has_the_role_and_is_let_in() {
    let world = world();
    let ran = why(&world, "nora.xml", &["saltmarsh-prod/ReadOnly"]);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{}", ran.out);
    assert_snapshot!("why_assertion_let_in", ran.out);
    let named = why(&world, "nora.xml", &["nora", "saltmarsh-prod/ReadOnly"]);
    assert_eq!(named.out, ran.out);
}

#[test]
fn why_says_which_stage_keeps_a_role_out_of_the_message() {
    let ran = why(&world(), "nora.xml", &["saltmarsh-prod/Deploy"]);
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""), "{}", ran.out);
    assert_snapshot!("why_assertion_lacks_role", ran.out);
}

#[test]
fn what_is_waived_of_a_message_is_shown_with_its_waiver_and_is_no_less_refused() {
    let world = world();
    let text = fs::read_to_string(world.path().join("nora.xml")).unwrap();
    put(world.path(), "tampered.xml", text.replace("role/ReadOnly<", "role/Operator<"));
    let waiver = "[[waiver]]\nrule = \"signature\"\nsubject = \"*\"\nreason = \"a test of ours\"\nexpires = 2026-12-31\n";
    let config = format!("[[source]]\npath = \"exports\"\n\n{waiver}");
    put(world.path(), "rolecall.toml", config);
    let run = |at: &str| {
        let args = ["why", "saltmarsh-prod/Operator", "--assertion", "tampered.xml", "--at", at];
        rolecall(world.path(), &args)
    };
    let ran = run(AT);
    assert_eq!(ran.code, 1, "{ran:?}");
    let says = "signature/invalid: `Assertion` is not what was signed: its digest differs; waived until 2026-12-31 (rolecall.toml:6): a test of ours\n";
    assert!(ran.out.contains(says), "{}", ran.out);
    let later = run("2027-02-01");
    assert!(!later.out.contains("waived"), "{}", later.out);
}

#[test]
fn why_says_first_that_aws_does_not_take_the_message_and_what_it_answers() {
    let world = world();
    strange(&world);
    let stranger = why(&world, "strange.xml", &["saltmarsh-prod/ReadOnly"]);
    assert_eq!(stranger.code, 1);
    assert_snapshot!("why_assertion_untrusted_key", stranger.out);
    // The stranger's key is known to us then, and not to the provider.
    let known = ["saltmarsh-prod/ReadOnly", "--cert", "stranger.cert.pem"];
    let known = why(&world, "strange.xml", &known);
    assert_eq!(known.code, 1);
    assert!(known.out.contains("AWS refuses it"), "{}", known.out);
    assert!(known.out.contains("AWS answers: `Response signature invalid`"), "{}", known.out);
    let base = ["why", "--source", "exports", "--assertion", "nora.xml"];
    let late = ["saltmarsh-prod/ReadOnly", "--at", "2026-11-24T13:00:00Z"];
    let late = rolecall(world.path(), &[&base[..], &late].concat());
    assert_eq!(late.code, 1);
    assert!(late.out.contains("FAILS    message     assertion/outside-window"), "{}", late.out);
    let text = fs::read_to_string(world.path().join("nora.xml")).unwrap();
    put(world.path(), "tampered.xml", text.replace("role/ReadOnly<", "role/Operator<"));
    let tampered = why(&world, "tampered.xml", &["saltmarsh-prod/Operator"]);
    assert_eq!(tampered.code, 1);
    assert_snapshot!("why_assertion_tampered", tampered.out);
}

#[test]
fn why_lists_every_role_of_both_sides_and_each_reason_once() {
    let world = world();
    moved(&world);
    let ran = why(&world, "moved.xml", &[]);
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""), "{}", ran.out);
    assert_snapshot!("why_assertion_all_roles", ran.out);
    let json = why(&world, "moved.xml", &["--format", "json"]);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["user"], "quinn@saltmarsh.test");
    assert_eq!(json["message"]["answer"], "holds");
    let roles: Vec<(&str, bool, bool)> = json["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| {
            let (sent, predicted) = (&role["sent_line"], &role["predicted"]);
            (role["role"].as_str().unwrap(), !sent.is_null(), predicted.as_bool().unwrap())
        })
        .collect();
    assert_eq!(
        roles,
        [
            ("saltmarsh-dev/Developer", true, false),
            ("saltmarsh-prod/Operator", true, false),
            ("saltmarsh-prod/ReadOnly", true, false),
            ("saltmarsh-log/Auditor", false, true),
        ]
    );
    assert_eq!(json["roles"][0]["explains"]["stage"], "membership");
    let same = why(&world, "nora.xml", &[]);
    assert_eq!(same.code, 0, "{}", same.out);
}

#[test]
fn why_needs_user_and_role_where_no_message_names_them() {
    for args in [&["why"][..], &["why", "nora"], &["why", "--cert", "stranger.cert.pem"]] {
        assert_eq!(rolecall(world().path(), args).code, 2, "{args:?}");
    }
    let ran = why(&world(), "exports/okta/app.json", &[]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.errors.contains("has no sign-in, expected a SAML response"), "{}", ran.errors);
}

#[test]
fn trust_decide_asks_with_the_values_of_a_message_and_says_whether_it_is_believed() {
    let world = world();
    strange(&world);
    let base = ["trust", "decide", "--at", AT, "--assertion", "nora.xml"];
    let strange = ["trust", "decide", "--at", AT, "--assertion", "strange.xml"];
    let role = ["--source", "exports", "--role", "saltmarsh-prod/ReadOnly"];
    let decide = |args: &[&[&str]]| rolecall(world.path(), &args.concat());
    let believed = decide(&[&base[..], &role]);
    assert_eq!((believed.code, believed.errors.as_str()), (0, ""), "{}", believed.out);
    assert_snapshot!("trust_decide_assertion", believed.out);
    let refused = decide(&[&strange[..], &role]);
    assert!(
        refused.out.starts_with(
            "AWS refuses strange.xml before it asks the policy, with `Response signature invalid` (400 InvalidIdentityToken): "
        ),
        "{}",
        refused.out
    );
    let policy = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
      "Principal": {"Federated": "arn:aws:iam::418203975566:saml-provider/OKTA"},
      "Action": "sts:AssumeRoleWithSAML", "Condition": {"StringEquals": {"saml:sub": "nora@saltmarsh.test"}}}}"#;
    put(world.path(), "policy.json", policy);
    let of_policy = decide(&[&base[..], &["policy.json", "--expect", "allow", "--format", "json"]]);
    assert_eq!(of_policy.code, 0, "{}{}", of_policy.out, of_policy.errors);
    let json: Value = serde_json::from_str(&of_policy.out).unwrap();
    assert_eq!(json["message"]["answer"], "unknown");
    assert_eq!(json["request"]["context"]["saml:iss"], "http://www.okta.com/exksaltmarsh00aws0001");
    let other = decide(&[&base[..], &["--source", "exports", "--role", "saltmarsh-log/Auditor"]]);
    assert!(other.errors.contains("the sign-in does not have the role"), "{}", other.errors);
}

#[test]
fn saml_check_holds_sign_ins_against_exports() {
    let world = world();
    moved(&world);
    let base = ["saml", "check", "--against", "exports", "--at", AT];
    let args = ["--only", "drift/assertion-gap", "moved.xml", "nora.xml"];
    let ran = rolecall(world.path(), &[&base[..], &args].concat());
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""));
    assert_snapshot!("saml_check_against", ran.out);
    let same = rolecall(world.path(), &[&base[..], &["nora.xml", "--fail-on", "error"]].concat());
    assert_eq!(same.code, 0, "{}", same.out);
}
