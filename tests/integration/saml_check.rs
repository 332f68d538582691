//! `rolecall saml check`: captured sign-ins held against what AWS takes.

#![expect(clippy::disallowed_methods, reason = "tests read files")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rolecall::entitlement::refusal::Refusal;
use serde_json::Value;

use crate::program::{Ran, folder, put, rolecall, small};
use crate::rules::rule_fixtures;

/// The time at which the fixtures' sign-ins are handed in.
const AT: [&str; 2] = ["--at", "2026-11-25"];

fn fixture(name: &str) -> PathBuf {
    rule_fixtures().join(name)
}

/// A signed message that has nothing wrong with its signatures, and the metadata that knows its key.
fn signed() -> (String, String) {
    let good = fixture("signature/invalid/good");
    let message = fs::read_to_string(good.join("both.xml")).unwrap();
    (message, fs::read_to_string(good.join("okta_metadata.xml")).unwrap())
}

fn check(folder: &Path, args: &[&str]) -> Ran {
    rolecall(folder, &[&["saml", "check"], args, &AT[..]].concat())
}

/// Ids of the rules that found something, in order, each once.
fn rules(ran: &Ran) -> Vec<String> {
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    let found = json["findings"].as_array().unwrap().iter();
    let mut ids: Vec<String> =
        found.map(|found| found["rule"].as_str().unwrap().to_owned()).collect();
    ids.dedup();
    ids
}

/// A response in the shape that Okta sends, unsigned, with some of its text replaced.
fn response(replaced: &[(&str, &str)]) -> String {
    let mut text = r#"<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="id1" Version="2.0" IssueInstant="2026-11-25T00:00:00Z" Destination="https://signin.aws.amazon.com/saml"><a:Issuer>http://www.okta.com/exk7heron000000001</a:Issuer><p:Status><p:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></p:Status><a:Assertion ID="id2" Version="2.0" IssueInstant="2026-11-25T00:00:00Z"><a:Issuer>http://www.okta.com/exk7heron000000001</a:Issuer><a:Subject><a:NameID>ida.moss@heron.example</a:NameID><a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><a:SubjectConfirmationData NotOnOrAfter="2026-11-25T00:05:00Z" Recipient="https://signin.aws.amazon.com/saml"/></a:SubjectConfirmation></a:Subject><a:Conditions NotBefore="2026-11-24T23:55:00Z" NotOnOrAfter="2026-11-25T00:05:00Z"><a:AudienceRestriction><a:Audience>urn:amazon:webservices</a:Audience></a:AudienceRestriction></a:Conditions><a:AttributeStatement><a:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><a:AttributeValue>arn:aws:iam::418830275916:saml-provider/OKTA,arn:aws:iam::418830275916:role/Admin</a:AttributeValue></a:Attribute><a:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><a:AttributeValue>ida.moss@heron.example</a:AttributeValue></a:Attribute></a:AttributeStatement></a:Assertion></p:Response>"#.to_owned();
    for (from, to) in replaced {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    text
}

#[test]
fn a_sign_in_that_only_lacks_its_signature_has_that_one_finding() {
    let folder = folder();
    put(folder.path(), "sign-in.xml", response(&[]));
    let ran = check(folder.path(), &["sign-in.xml", "--format", "json"]);
    assert_eq!((ran.code, rules(&ran)), (1, vec!["signature/none".to_owned()]), "{ran:?}");
}

#[test]
fn one_mistake_gives_one_finding_of_its_own_rule() {
    let role = "arn:aws:iam::418830275916:saml-provider/OKTA,arn:aws:iam::418830275916:role/Admin";
    let provider = "arn:aws:iam::418830275916:saml-provider/OKTA";
    let joined = format!("{role},{role}");
    let other = role.replace("418830275916:role", "067712945380:role");
    for (from, to, rule) in [
        ("Attributes/Role\"", "Attributes/role\"", "assertion/no-role"),
        ("RoleSessionName", "roleSessionName", "assertion/no-session-name"),
        (">urn:amazon:webservices<", ">urn:amazon:webservice<", "assertion/wrong-audience"),
        ("status:Success", "status:Responder", "assertion/status"),
        ("cm:bearer", "cm:sender-vouches", "assertion/subject-confirmation"),
        (" ID=\"id1\"", " ID=\"id1\" InResponseTo=\"x\"", "assertion/in-response-to"),
        ("2026-11-24T23:55:00Z", "2026-11-25T00:01:00Z", "assertion/outside-window"),
        ("<a:NameID>ida", "<a:NameID Format=\"x\">ida", "assertion/name-id-format"),
        ("<a:NameID>ida", "<a:NameID>ida<!-- -->", "signature/comment-in-value"),
        (role, provider, "arn/not-a-pair"),
        (role, &joined, "assertion/joined-values"),
        (role, &other, "arn/accounts-differ"),
        ("role/Admin", "role/AWSReservedSSO_Admin_1", "arn/reserved-role"),
        (",arn:", ", arn:", "arn/space-in-pair"),
        ("role/Admin", "role/${role}", "arn/unexpanded-placeholder"),
    ] {
        let folder = folder();
        put(folder.path(), "sign-in.xml", response(&[(from, to)]));
        let args = ["sign-in.xml", "--format", "json", "--skip", "signature/none"];
        let ran = check(folder.path(), &args);
        assert_eq!(rules(&ran), [rule], "{from} -> {to}: {}", ran.out);
    }
}

#[test]
fn every_text_of_aws_that_a_sign_in_can_cause_is_printed_by_some_finding_as_aws_prints_it() {
    let mut all = String::new();
    for group in ["arn", "assertion", "drift", "provider", "signature"] {
        for rule in fs::read_dir(rule_fixtures().join(group)).unwrap() {
            all.push_str(&fs::read_to_string(rule.unwrap().path().join("bad.snap")).unwrap());
        }
    }
    for refusal in Refusal::ALL {
        let answer = format!("AWS says {refusal}");
        assert!(all.contains(&answer), "no finding says: {answer}");
    }
}

#[test]
fn a_known_key_makes_a_signed_message_clean_and_another_is_told() {
    let folder = folder();
    let (message, metadata) = signed();
    put(folder.path(), "sign-in.xml", &message);
    put(folder.path(), "okta.xml", &metadata);
    let only = ["--only", "signature"];
    let args = [&["sign-in.xml", "--metadata", "okta.xml"], &only[..]].concat();
    let ran = check(folder.path(), &args);
    assert_eq!((ran.code, ran.out.as_str()), (0, "no findings; 11 rules checked\n"), "{ran:?}");
    let stranger = fixture("signature/untrusted-key/bad/both.xml");
    put(folder.path(), "forged.xml", fs::read_to_string(stranger).unwrap());
    let args = [&["forged.xml", "--metadata", "okta.xml"], &only[..]].concat();
    let ran = check(folder.path(), &args);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("error[signature/untrusted-key]: "), "{}", ran.out);
}

#[test]
fn without_any_key_who_signed_is_unknown_and_said_once() {
    let folder = folder();
    let (message, _) = signed();
    put(folder.path(), "sign-in.xml", &message);
    let other = fs::read_to_string(fixture("signature/untrusted-key/bad/one.xml")).unwrap();
    put(folder.path(), "other.xml", other.replace("id7000", "id7002"));
    let args = ["sign-in.xml", "other.xml", "--only", "signature", "--skip", "signature/partial"];
    let ran = check(folder.path(), &args);
    assert_eq!(ran.code, 0, "{ran:?}");
    let said = "not checked[signature/untrusted-key]: no key of the identity provider was given";
    assert_eq!(ran.out.matches(said).count(), 1, "{}", ran.out);
    assert!(ran.out.ends_with("no findings; 9 rules checked, 1 not\n"), "{}", ran.out);
}

#[test]
fn a_base64_message_is_shown_by_the_lines_of_its_xml() {
    use base64::Engine as _;
    let folder = folder();
    let text = response(&[("<a:NameID>", "\n<a:NameID Format=\"x\">")]);
    put(folder.path(), "ticket.txt", base64::engine::general_purpose::STANDARD.encode(&text));
    let args = ["ticket.txt", "--only", "assertion", "--width", "60"];
    let ran = check(folder.path(), &args);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("--> ticket.txt:2:19\n"), "{}", ran.out);
    assert!(ran.out.contains("<a:NameID Format=\"x\">"), "{}", ran.out);
}

#[test]
fn every_message_of_a_har_is_checked_in_one_run() {
    let har = fixture("assertion/wrong-recipient/bad/posted.har");
    let folder = folder();
    put(folder.path(), "capture.har", fs::read(har).unwrap());
    put(folder.path(), "sign-in.xml", response(&[("status:Success", "status:Requester")]));
    let args = ["capture.har", "sign-in.xml", "--format", "json", "--only", "assertion"];
    let ran = check(folder.path(), &args);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    let found = json["findings"].as_array().unwrap();
    let files: Vec<&str> =
        found.iter().map(|found| found["at"]["file"].as_str().unwrap()).collect();
    assert!(files.contains(&"capture.har, entry 1"), "{files:?}");
    assert!(files.contains(&"sign-in.xml"), "{files:?}");
}

#[test]
fn the_partition_and_the_region_asked_for_outrank_those_of_the_roles() {
    let folder = folder();
    put(folder.path(), "sign-in.xml", response(&[]));
    let of = |args: &[&str]| {
        let skip = ["sign-in.xml", "--format", "json", "--skip", "signature"];
        rules(&check(folder.path(), &[&skip, args].concat()))
    };
    assert_eq!(of(&["--region", "us-east-1"]), [""; 0]);
    assert_eq!(of(&["--region", "eu-west-1"]), ["assertion/wrong-recipient"]);
    let gov = of(&["--partition", "aws-us-gov"]);
    assert_eq!(gov, ["assertion/wrong-audience", "assertion/wrong-recipient"]);
}

#[test]
fn a_message_over_the_limit_of_the_call_is_an_error_and_one_at_it_a_warning() {
    let value = "<a:AttributeValue>arn:aws:iam::418830275916:saml-provider/OKTA,arn:aws:iam::418830275916:role/Admin</a:AttributeValue>";
    let mut values = value.to_owned();
    for number in 0..180 {
        values += &value.replace("Admin", &format!("Team-{number}"));
    }
    let base = response(&[(value, &values)]);
    let of_length = |bytes: usize| {
        let filler = "x".repeat(bytes - base.len());
        response(&[(value, &values), ("id1\"", &format!("id1{filler}\""))])
    };
    let folder = folder();
    let said = |bytes: usize| {
        put(folder.path(), "sign-in.xml", of_length(bytes));
        let args = ["sign-in.xml", "--only", "assertion/size"];
        check(folder.path(), &args).out.lines().next().unwrap().to_owned()
    };
    assert_eq!(said(60_000), "no findings; 1 rule checked");
    assert!(said(60_001).starts_with("warning[assertion/size]: 80004 "), "{}", said(60_001));
    assert!(said(75_000).starts_with("warning[assertion/size]: 100000 "), "{}", said(75_000));
    assert!(said(75_001).starts_with("error[assertion/size]: 100004 "), "{}", said(75_001));
}

#[test]
fn no_signature_value_is_ever_printed_however_wide_the_terminal() {
    let folder = folder();
    let (message, _) = signed();
    let flat: String = message.lines().map(str::trim).collect();
    let changed =
        flat.replace("role/Admin", "role/Root").replace("<NameID>", "<NameID Format=\"x\">");
    let secrets: Vec<&str> = changed
        .split("<ds:SignatureValue>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    assert_eq!(secrets.len(), 2);
    put(folder.path(), "sign-in.xml", &changed);
    for format in ["text", "json", "jsonl"] {
        let args = ["sign-in.xml", "--format", format, "--width", "100000"];
        let ran = check(folder.path(), &args);
        assert_eq!(ran.code, 1, "{ran:?}");
        for secret in &secrets {
            let piece = secret.get(..24).unwrap();
            assert!(!(ran.out.clone() + &ran.errors).contains(piece), "{format}");
        }
    }
}

#[test]
fn what_is_no_sign_in_is_exit_2_and_the_others_are_checked_all_the_same() {
    let folder = folder();
    put(folder.path(), "sign-in.xml", response(&[]));
    put(folder.path(), "broken.b64", "PHNhbWwycDpSZXNwb25zZT4&&");
    let ran = check(folder.path(), &["sign-in.xml", "broken.b64"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.out.contains("signature/none"), "{ran:?}");
    assert!(ran.errors.contains("broken.b64"), "{ran:?}");
    let ran = check(folder.path(), &["sign-in.xml", "broken.b64", "--lenient"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let ran = check(folder.path(), &["missing.xml"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    put(folder.path(), "metadata.xml", signed().1);
    let ran = check(folder.path(), &["metadata.xml"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.errors.contains("is metadata, expected a sign-in"), "{ran:?}");
}

#[test]
fn a_federation_tells_providers_and_roles_that_are_not_there() {
    let folder = folder();
    let mut roles = "{\"Roles\": [".to_owned();
    write!(
        roles,
        r#"{{"Path": "/", "RoleName": "admin", "Arn": "arn:aws:iam::418830275916:role/admin"}}]}}"#
    )
    .unwrap();
    put(folder.path(), "aws/418830275916-roles.json", roles);
    put(folder.path(), "aws/418830275916-saml-providers.json", r#"{"SAMLProviderList": []}"#);
    put(folder.path(), "sign-in.xml", response(&[]));
    let args = ["sign-in.xml", "--source", "aws", "--format", "json", "--skip", "signature"];
    let ran = check(folder.path(), &args);
    assert_eq!(rules(&ran), ["drift/missing-role", "provider/missing"], "{}", ran.out);
}

#[test]
fn check_meets_captures_among_exports_and_is_silent_about_them_where_there_are_none() {
    let folder = folder();
    small(folder.path());
    let args = ["check", "in", "--format", "json", "--fail-on", "never"];
    let before = rolecall(folder.path(), &args);
    assert!(!before.out.contains("assertion/") && !before.out.contains("signature/"), "{before:?}");
    // Long over, as a capture among exports is: its window is held against its own time.
    let old = response(&[("Attributes/Role\"", "Attributes/role\"")]).replace("2026-11", "2020-11");
    put(folder.path(), "in/sign-in.xml", old);
    let ran = rolecall(folder.path(), &args);
    assert_eq!(ran.errors, "", "{ran:?}");
    let ids = rules(&ran);
    let about: Vec<&str> = ids
        .iter()
        .map(String::as_str)
        .filter(|id| id.starts_with("assertion/") || id.starts_with("signature/"))
        .collect();
    assert_eq!(about, ["assertion/no-role", "signature/none"]);
    let ran = rolecall(folder.path(), &["check", "in/users.csv", "--only", "assertion"]);
    assert_eq!(ran.code, 2, "{ran:?}");
}
