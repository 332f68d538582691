//! Encrypted assertions, opened with the key that is given: what is said of them is what is said of the same
//! message in the clear.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{Aead as _, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rolecall::model::account::Partition;
use rolecall::model::moment::Moment;
use rolecall::saml::issue::{Issue, IssuedAttribute, SignWhat, audience};
use rolecall::saml::sign::{SigningOptions, sign};
use rolecall::saml::test_key::Signer;
use rolecall::saml::xml::{MESSAGE, Tree};
use serde_json::Value;

use crate::program::{Ran, folder, put, rolecall};
use crate::support::fixtures;

/// The time at which the messages here are handed in.
const AT: &str = "2026-11-25T00:01:00Z";

/// A sign-in as Okta sends it, issued a minute before [`AT`].
pub(crate) fn issued(what: SignWhat) -> String {
    let signer = Signer::test().unwrap();
    let issue = Issue {
        recipient: "https://signin.aws.amazon.com/saml".to_owned(),
        issuer: "http://www.okta.com/exkopened".to_owned(),
        audience: audience(Partition::Aws).to_owned(),
        name_id: "ida.moss@heron.example".to_owned(),
        name_id_format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".to_owned(),
        at: Moment::parse("2026-11-25T00:00:00Z").unwrap(),
        in_response_to: None,
        attributes: vec![
            IssuedAttribute::roles(vec![
                "arn:aws:iam::418830275916:saml-provider/OKTA,arn:aws:iam::418830275916:role/Admin"
                    .to_owned(),
            ]),
            IssuedAttribute::aws("RoleSessionName", "ida.moss@heron.example".to_owned()),
        ],
        seed: String::new(),
    };
    issue
        .signed(what, &SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der)))
        .unwrap()
}

/// The message with its assertion encrypted for the test key.
pub(crate) fn encrypted(text: &str) -> String {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let assertion = tree.root().descendants().find(|one| one.tag_name().name() == "Assertion");
    let range = assertion.unwrap().range();
    sealed(&text[..range.start], &text.as_bytes()[range.clone()], &text[range.end..])
}

/// Octets, encrypted as an assertion is, between two texts.
pub(crate) fn sealed(before: &str, octets: &[u8], after: &str) -> String {
    let cipher = Aes256Gcm::new_from_slice(&[7; 32]).unwrap();
    let nonce = [9; 12];
    let sealed = cipher.encrypt(&nonce.into(), octets).unwrap();
    let content = STANDARD.encode([&nonce[..], &sealed].concat());
    let key = std::fs::read_to_string(fixtures().join("keys/signing/test.wrapped.b64")).unwrap();
    let around = format!(
        r#"<saml2:EncryptedAssertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{content}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml2:EncryptedAssertion>"#,
        key.trim()
    );
    [before, &around, after].concat()
}

/// The message with a signature over the response.
fn signed_outside(text: &str) -> String {
    let signer = Signer::test().unwrap();
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
    sign(&tree, tree.root().id(), &options).unwrap()
}

fn run(command: &[&str], text: &str, more: &[&str]) -> Ran {
    let folder = folder();
    let keys = fixtures().join("keys/signing");
    for file in ["test.key.pem", "test.cert.pem", "stranger.key.pem", "p256.key.pem"] {
        put(folder.path(), file, std::fs::read(keys.join(file)).unwrap());
    }
    put(folder.path(), "sign-in.xml", text);
    rolecall(folder.path(), &[command, &["sign-in.xml"], more].concat())
}

fn check(text: &str, more: &[&str]) -> Ran {
    let always = ["--at", AT, "--cert", "test.cert.pem", "--format", "json"];
    run(&["saml", "check"], text, &[&always[..], more].concat())
}

/// What was found, without places.
fn findings(ran: &Ran) -> Vec<(String, String)> {
    let json: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{ran:?}"));
    let text = |found: &Value, name: &str| found[name].as_str().unwrap().to_owned();
    let found = json["findings"].as_array().unwrap().iter();
    found.map(|found| (text(found, "rule"), text(found, "message"))).collect()
}

const KEY: [&str; 2] = ["--key", "test.key.pem"];

#[test]
fn an_opened_message_has_the_findings_of_the_same_message_in_the_clear() {
    for (what, outside) in [
        (SignWhat::Assertion, false),
        (SignWhat::Nothing, true),
        (SignWhat::Assertion, true),
        (SignWhat::Nothing, false),
    ] {
        for (from, to) in [
            ("", ""),
            ("role/Admin", "user/Admin"),
            (">urn:amazon:webservices<", ">urn:amazon:webservice<"),
            ("SAML/Attributes/RoleSessionName", "SAML/Attributes/roleSessionName"),
        ] {
            let sign = |text: String| if outside { signed_outside(&text) } else { text };
            let text = issued(what).replace(from, to);
            let clear = check(&sign(text.clone()), &[]);
            let opened = check(&sign(encrypted(&text)), &KEY);
            assert_eq!(findings(&opened), findings(&clear), "{what:?} {outside} {to}");
            assert_eq!(opened.code, clear.code);
            assert_eq!(opened.errors, "");
        }
    }
}

#[test]
fn places_are_lines_of_the_opened_message() {
    let text = issued(SignWhat::Nothing)
        .replace("<saml2:AttributeStatement", "\n\n<saml2:AttributeStatement");
    let text = text.replace("role/Admin", "user/Admin");
    let ran =
        run(&["saml", "check"], &encrypted(&text), &["--at", AT, "--only", "arn", KEY[0], KEY[1]]);
    assert!(ran.out.contains("sign-in.xml, opened:3:"), "{}", ran.out);
    assert!(ran.out.contains("user/Admin"), "{}", ran.out);
}

#[test]
fn without_a_key_and_with_another_one_the_message_stays_closed_and_says_why() {
    let text = signed_outside(&encrypted(&issued(SignWhat::Assertion)));
    for (more, why) in [
        (&[][..], "the assertion is encrypted, and no key to read it was given"),
        (
            &["--key", "stranger.key.pem"],
            "the assertion is encrypted, and the given key does not open it: the content's key cannot be opened with the given private key",
        ),
        (
            &["--key", "p256.key.pem"],
            "the assertion is encrypted, and the given key does not open it: a private key of EC P-256, expected RSA",
        ),
    ] {
        let ran = check(&text, more);
        let found = findings(&ran);
        assert!(
            found.contains(&("assertion/several-assertions".to_owned(), why.to_owned())),
            "{found:?}"
        );
    }
    let ran = check(&text, &["--key", "test.cert.pem"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("PEM of `CERTIFICATE`, expected `PRIVATE KEY`"), "{ran:?}");
}

#[test]
fn decode_shows_what_was_encrypted() {
    let text = encrypted(&issued(SignWhat::Assertion));
    let closed = run(&["saml", "decode"], &text, &["--at", AT]);
    assert!(
        !closed.out.contains("ida.moss") && closed.out.contains("aes256-gcm"),
        "{}",
        closed.out
    );
    for format in ["text", "json", "xml"] {
        let ran =
            run(&["saml", "decode"], &text, &["--at", AT, KEY[0], KEY[1], "--format", format]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("ida.moss@heron.example"), "{format}: {}", ran.out);
        assert!(ran.out.contains("sign-in.xml, opened") || format == "xml", "{}", ran.out);
        assert!(ran.errors.contains("whoever has this file can sign in"), "{ran:?}");
    }
    let wrong = run(&["saml", "decode"], &text, &["--at", AT, "--key", "stranger.key.pem"]);
    assert!(wrong.errors.contains("the given key does not open it"), "{wrong:?}");
}

#[test]
fn why_and_trust_decide_take_the_key() {
    let text = signed_outside(&encrypted(&issued(SignWhat::Assertion)));
    let folder = folder();
    let keys = fixtures().join("keys/signing");
    put(folder.path(), "sign-in.xml", &text);
    put(folder.path(), "key.pem", std::fs::read(keys.join("test.key.pem")).unwrap());
    put(folder.path(), "cert.pem", std::fs::read(keys.join("test.cert.pem")).unwrap());
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::418830275916:saml-provider/OKTA"},"Action":"sts:AssumeRoleWithSAML","Condition":{"StringEquals":{"SAML:sub":"ida.moss@heron.example"}}}]}"#;
    put(folder.path(), "policy.json", policy);
    let decide =
        ["trust", "decide", "policy.json", "--assertion", "sign-in.xml", "--cert", "cert.pem"];
    let closed = rolecall(folder.path(), &decide);
    assert_eq!(closed.code, 2);
    assert!(
        closed.errors.contains("it is encrypted, and no key was given; expected `--key`"),
        "{closed:?}"
    );
    let opened = rolecall(
        folder.path(),
        &[&decide[..], &["--key", "key.pem", "--expect", "allow"]].concat(),
    );
    assert_eq!(opened.code, 0, "{opened:?}");
    crate::program::small(folder.path());
    let why = ["why", "--assertion", "sign-in.xml", "--cert", "cert.pem", "-s", "in", "--at", AT];
    let closed = rolecall(folder.path(), &why);
    assert_eq!(closed.code, 2, "{closed:?}");
    let opened = rolecall(folder.path(), &[&why[..], &["--key", "key.pem"]].concat());
    assert!(opened.out.contains("418830275916") && opened.code == 0, "{opened:?}");
}
