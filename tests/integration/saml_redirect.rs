//! Messages in an address (HTTP-Redirect), with the signature beside them.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rolecall::saml::issue::SignWhat;
use rolecall::saml::key::Algorithm;
use rolecall::saml::test_key::Signer;
use serde_json::{Value, json};

use crate::program::{folder, put, rolecall};
use crate::rules::rule_fixtures;
use crate::saml_opened::issued;
use crate::support::fixtures;

const ENDPOINT: &str = "https://signin.aws.amazon.com/saml?";

fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// An address with the message, signed beside it.
fn redirected(text: &str, algorithm: Algorithm) -> String {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    let packed = escaped(&STANDARD.encode(encoder.finish().unwrap()));
    let octets =
        format!("SAMLResponse={packed}&RelayState=a%20b&SigAlg={}", escaped(&algorithm.uri()));
    let value = Signer::test().unwrap().key.sign(algorithm, octets.as_bytes(), None).unwrap();
    format!("{ENDPOINT}{octets}&Signature={}", escaped(&STANDARD.encode(value)))
}

/// What `saml verify` says of a file, with the test key known or none.
fn verified(text: &str, is_known: bool) -> Value {
    let folder = folder();
    put(folder.path(), "sign-in.txt", text);
    let cert = fixtures().join("keys/signing/test.cert.pem");
    put(folder.path(), "cert.pem", std::fs::read(cert).unwrap());
    let args = ["saml", "verify", "sign-in.txt", "--format", "jsonl", "--cert", "cert.pem"];
    let args = if is_known { &args[..] } else { &args[..5] };
    let ran = rolecall(folder.path(), args);
    assert_eq!(ran.errors, "");
    serde_json::from_str(&ran.out).unwrap()
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(rule_fixtures().join("assertion/redirected/bad").join(name)).unwrap()
}

#[test]
fn a_signature_of_the_address_is_verified_over_the_parameters_as_they_were_sent() {
    let signed = verified(&fixture("signed.txt"), true);
    assert_eq!((&signed["verdict"], &signed["detached"]), (&json!("accept"), &json!("valid")));
    assert_eq!(signed["reasons"], json!([]));
    let changed = verified(&fixture("changed.txt"), true);
    assert_eq!((&changed["verdict"], &changed["detached"]), (&json!("reject"), &json!("invalid")));
    let reason = changed["reasons"][0].as_str().unwrap();
    assert!(reason.ends_with("`Signature` verifies with none of the 1 known keys over the parameters as they were sent"), "{reason}");
    let unknown = verified(&fixture("signed.txt"), false);
    assert_eq!(unknown["verdict"], "accept-embedded-key-only");
    assert_eq!(unknown["detached"], "unknown");
    assert!(unknown["reasons"][0].as_str().unwrap().contains("carries no key"));
    assert_eq!(verified(&fixture("plain.txt"), true).get("detached"), None);
}

#[test]
fn a_signature_of_the_address_is_told_and_is_none_of_the_message() {
    for name in ["rsa-sha256", "rsa-sha512", "rsa-sha1", "rsa-pss-sha256"] {
        let algorithm = Algorithm::parse(name).unwrap();
        let found = verified(&redirected(&issued(SignWhat::Nothing), algorithm), true);
        assert_eq!(
            (&found["verdict"], &found["detached"]),
            (&json!("reject"), &json!("valid")),
            "{name}"
        );
        let reasons: Vec<&str> =
            found["reasons"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
        assert!(
            reasons[0].contains("no signature, expected the Response or the Assertion"),
            "{reasons:?}"
        );
        assert!(
            reasons[1].contains(&format!("a detached signature: `{name}` by the key of cert.pem")),
            "{reasons:?}"
        );
    }
}

#[test]
fn decode_and_check_say_that_the_signature_is_detached() {
    let folder = folder();
    put(folder.path(), "sign-in.txt", fixture("signed.txt"));
    let ran = rolecall(folder.path(), &["saml", "decode", "sign-in.txt"]);
    assert!(
        ran.out.contains("in the address, detached from the message: rsa-sha256"),
        "{}",
        ran.out
    );
    let ran = rolecall(folder.path(), &["saml", "decode", "sign-in.txt", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    let method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    assert_eq!(json["messages"][0]["detached"], json!({ "method": method }));
    let ran = rolecall(
        folder.path(),
        &["saml", "check", "sign-in.txt", "--only", "assertion/redirected"],
    );
    assert!(ran.code == 1 && ran.out.contains("warning[assertion/redirected]"), "{ran:?}");
    assert!(ran.out.contains("such a signature carries no key"), "{}", ran.out);
}

#[test]
fn a_har_entry_and_a_tracer_request_keep_the_signature_of_their_address() {
    let address = redirected(&issued(SignWhat::Assertion), Algorithm::RSA_SHA256);
    let har = json!({"log": {"entries": [{"request": {"method": "GET", "url": address}}]}});
    assert_eq!(verified(&har.to_string(), true)["detached"], "valid");
    let pair = address.split(['=', '&']).nth(1).unwrap();
    let tracer = json!({"requests": [{"method": "GET", "url": address,
        "get": [["SAMLResponse", pair.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=")]]}]});
    assert_eq!(verified(&tracer.to_string(), true)["detached"], "valid");
}
