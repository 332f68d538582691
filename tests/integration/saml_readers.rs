//! No bytes break a reader of anything about SAML: each says what it read, or one error.

use proptest::prelude::*;
use proptest::sample::Index;
use rolecall::saml::bindings::captures;
use rolecall::saml::decrypt::decrypt;
use rolecall::saml::issue::SignWhat;
use rolecall::saml::key::VerifyingKey;
use rolecall::saml::metadata::Metadata;
use rolecall::saml::opened::opened_and_verified;
use rolecall::saml::outline::Outline;
use rolecall::saml::private_key::PrivateKey;
use rolecall::saml::redact::{TestKeys, redact};
use rolecall::saml::verify::{KnownKeys, verify};
use rolecall::saml::xml::{MESSAGE, Tree};

use crate::saml_opened::{encrypted, issued};
use crate::support::fixtures;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(name)).unwrap()
}

/// Some bytes taken out of a text, and others put in their place.
fn changed(original: &[u8], (at, length): (Index, usize), piece: &[u8]) -> Vec<u8> {
    let from = at.index(original.len() + 1);
    let to = (from + length).min(original.len());
    [&original[..from], piece, &original[to..]].concat()
}

/// What is put into a text: bytes, and what means something to some reader.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = vec![
        "<",
        ">",
        "&",
        "&#0;",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\",
        "\\u0000",
        "\\ud800",
        "=",
        "==",
        "%",
        "%ZZ",
        "%25",
        "-----BEGIN PRIVATE KEY-----\n",
        "-----END PRIVATE KEY-----\n",
        "MII",
        "AAAA",
        "\n",
        "\r\n",
        "<!--",
        "]]>",
        "SAMLResponse=",
        "RelayState=",
        "SigAlg=",
        "\"SAMLResponse\"",
        "<xenc:CipherValue>",
        "</ds:Signature>",
        "\u{feff}",
        "null",
        "1e999",
        "true",
        " xmlns:ds=\"x\"",
        " ID=\"x\"",
    ];
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..12),
        prop::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
    ]
}

fn place() -> impl Strategy<Value = (Index, usize)> {
    (any::<Index>(), prop_oneof![0..8_usize, 0..400_usize])
}

/// Everything that is done with a message.
fn use_message(text: &str, key: &PrivateKey, keys: &TestKeys) {
    let Ok(tree) = Tree::parse(text, MESSAGE) else { return };
    let known = KnownKeys::default();
    let verification = verify(&tree, &known);
    let _ = Outline::read(&tree);
    let _ = decrypt(&tree, key);
    if let Ok((whole, verification)) =
        opened_and_verified(text, &tree, (&verification, &known), key)
    {
        let inside = |at: usize| at <= whole.text.len() && whole.text.is_char_boundary(at);
        assert!(verification.reasons.iter().all(|one| inside(one.at.bytes.start)), "{whole:?}");
    }
    if let Ok(copy) = redact(&tree, &verification, &[], keys) {
        assert!(Tree::parse(&copy.text, MESSAGE).is_ok(), "{}", copy.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_message_breaks_what_reads_opens_or_redacts_it(place in place(), piece in piece(), sealed in any::<bool>()) {
        let key = PrivateKey::from_pem(&String::from_utf8(file("keys/signing/test.key.pem")).unwrap()).unwrap();
        let keys = TestKeys::embedded().unwrap();
        let text = issued(SignWhat::Both);
        let text = if sealed { encrypted(&text) } else { text };
        let text = String::from_utf8_lossy(&changed(text.as_bytes(), place, &piece)).into_owned();
        use_message(&text, &key, &keys);
    }

    #[test]
    fn no_change_of_what_was_encrypted_breaks_what_opens_it(place in place(), piece in piece()) {
        let key = PrivateKey::from_pem(&String::from_utf8(file("keys/signing/test.key.pem")).unwrap()).unwrap();
        let keys = TestKeys::embedded().unwrap();
        let text = issued(SignWhat::Assertion);
        // The assertion is changed and encrypted as it is, whatever it has become.
        let start = text.find("<saml2:Assertion").unwrap();
        let end = text.find("</saml2p:Response>").unwrap_or(text.len());
        let inner = changed(&text.as_bytes()[start..end], place, &piece);
        let sealed = crate::saml_opened::sealed(&text[..start], &inner, &text[end..]);
        use_message(&sealed, &key, &keys);
    }

    #[test]
    fn no_change_of_a_capture_breaks_its_reader(
        name in prop::sample::select(vec!["sign-in.har", "saml-tracer.json", "page.html", "picker.html", "form.txt", "redirect.txt", "curl.txt", "debug.log", "quoted.txt", "wrapped.b64", "response.xml"]),
        changes in prop::collection::vec((place(), piece()), 1..4),
    ) {
        let mut bytes = file(&format!("formats/saml/{name}"));
        for (place, piece) in changes {
            bytes = changed(&bytes, place, &piece);
        }
        let found = captures(name, bytes.as_slice());
        prop_assert!(!found.is_empty());
        for capture in found.into_iter().flatten() {
            if let Ok(tree) = capture.tree() {
                let _ = verify(&tree, &KnownKeys::default());
            }
            if let Some(detached) = &capture.detached {
                let _ = detached.verify(&KnownKeys::default());
            }
        }
    }

    #[test]
    fn no_json_breaks_the_readers_of_captures(text in "(\\{|\\}|\\[|\\]|,|:|\"log\"|\"entries\"|\"request\"|\"postData\"|\"params\"|\"text\"|\"url\"|\"requests\"|\"saml\"|\"SAMLResponse\"|\"name\"|\"value\"|\"PGEvPg==\"|null|1|\\\\){0,40}") {
        prop_assert!(!captures("a.har", text.as_bytes()).is_empty());
        let har = format!("{{\"log\": {{\"entries\": [{text}]}}}}");
        prop_assert!(!captures("a.har", har.as_bytes()).is_empty());
    }

    #[test]
    fn no_change_of_a_key_or_certificate_breaks_its_reader(
        name in prop::sample::select(vec!["test.key.pem", "stranger.key.pem", "p256.key.pem", "p384.key.pem", "test.cert.pem", "p256.cert.pem"]),
        changes in prop::collection::vec((place(), piece()), 1..4),
    ) {
        let mut bytes = file(&format!("keys/signing/{name}"));
        for (place, piece) in changes {
            bytes = changed(&bytes, place, &piece);
        }
        let _ = PrivateKey::from_pem(&String::from_utf8_lossy(&bytes));
        let _ = VerifyingKey::read_file(&bytes);
    }

    #[test]
    fn no_der_in_a_private_key_breaks_its_reader(label in prop::sample::select(vec!["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]), der in prop::collection::vec(any::<u8>(), 0..200), place in place(), piece in piece()) {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let pem = |der: &[u8]| format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der));
        let _ = PrivateKey::from_pem(&pem(&der));
        let text = String::from_utf8(file("keys/signing/test.key.pem")).unwrap();
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let _ = PrivateKey::from_pem(&pem(&changed(&STANDARD.decode(body).unwrap(), place, &piece)));
    }

    #[test]
    fn no_change_of_metadata_breaks_its_reader(place in place(), piece in piece()) {
        let original = file("rules/signature/invalid/good/okta_metadata.xml");
        let _ = Metadata::parse(&String::from_utf8_lossy(&changed(&original, place, &piece)));
    }
}
