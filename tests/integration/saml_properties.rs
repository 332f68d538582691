//! What holds of every SAML message: no bytes break the reader, what is issued verifies, and no signed byte can be
//! changed unnoticed.

use proptest::prelude::*;
use rolecall::model::moment::Moment;
use rolecall::saml::c14n::{Canonicalization, canonicalize};
use rolecall::saml::issue::{Issue, IssueError, IssuedAttribute, SignWhat, audience};
use rolecall::saml::response::Message;
use rolecall::saml::sign::SigningOptions;
use rolecall::saml::test_key::Signer;
use rolecall::saml::verify::{KnownKeys, Verdict, Verification, verify};
use rolecall::saml::xml::{MESSAGE, Tree};

fn known(signer: &Signer) -> KnownKeys {
    let mut keys = KnownKeys::default();
    keys.add_certificate("test", &signer.certificate).unwrap();
    keys
}

fn issue(name_id: &str, roles: &[String]) -> Issue {
    Issue {
        recipient: "https://signin.aws.amazon.com/saml".to_owned(),
        issuer: "http://www.okta.com/exkproperties".to_owned(),
        audience: audience(rolecall::model::account::Partition::Aws).to_owned(),
        name_id: name_id.to_owned(),
        name_id_format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".to_owned(),
        at: Moment(1_900_000_000),
        in_response_to: None,
        attributes: vec![IssuedAttribute::roles(roles.to_vec())],
        seed: String::new(),
    }
}

fn signed(issue: &Issue, what: SignWhat, signer: &Signer) -> Result<String, IssueError> {
    issue.signed(what, &SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der)))
}

fn verified(text: &str, keys: &KnownKeys) -> Option<(Verification, Message)> {
    let tree = Tree::parse(text, MESSAGE).ok()?;
    Some((verify(&tree, keys), Message::read(&tree)))
}

/// What a message says to who reads the assertion that is signed: values alone, no places.
fn said(text: &str, keys: &KnownKeys) -> Option<(Verdict, Option<String>, Vec<String>)> {
    let (verification, message) = verified(text, keys)?;
    let assertion = verification.assertion.and_then(|node| message.assertion(node))?;
    let name = assertion.subject.as_ref().and_then(|subject| subject.name_id.as_ref());
    let name = name.map(|name| name.value.text.value.clone());
    let values = assertion.attributes.iter().flat_map(|attribute| &attribute.values);
    Some((verification.verdict, name, values.map(|value| value.text.value.clone()).collect()))
}

/// The octets that the signatures of an accepted message are over, as they would be made of it now.
fn signed_octets(text: &str, keys: &KnownKeys) -> Vec<Vec<u8>> {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let document = tree.root().document();
    let verification = verify(&tree, keys);
    let all = verification.signed.iter().zip(&verification.signatures).map(|(one, report)| {
        let element = document.get_node(one.node).unwrap();
        canonicalize(element, &Canonicalization::exclusive(&["xs"]), Some(report.node))
    });
    all.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_issued_verifies_and_says_what_was_asked_for(
        name_id in "\\PC{0,12}|[\\t\\r\\n -~\u{85}\u{2028}\u{fffe}]{0,8}",
        roles in prop::collection::vec("[ -~\\r\\n\u{e9}]{0,24}", 0..4),
        what in prop::sample::select(vec![SignWhat::Both, SignWhat::Assertion, SignWhat::Response]),
    ) {
        let signer = Signer::test().unwrap();
        match signed(&issue(&name_id, &roles), what, &signer) {
            Err(IssueError::Character { .. }) => {
                let is_text = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
                prop_assert!(!name_id.chars().all(is_text), "{:?} can be written", name_id);
            }
            Err(error) => prop_assert!(false, "{}", error),
            Ok(text) => {
                let expected = (Verdict::Accept, Some(name_id), roles);
                prop_assert_eq!(said(&text, &known(&signer)), Some(expected));
                let stranger = known(&Signer::stranger().unwrap());
                let verdict = said(&text, &stranger).map(|(verdict, ..)| verdict);
                prop_assert_eq!(verdict, Some(Verdict::AcceptEmbeddedKeyOnly));
            }
        }
    }

    #[test]
    fn no_text_breaks_reading_or_verifying(text in "\\PC{0,200}|[<>/?!a-z:= \"'&;#\\[\\]-]{0,200}") {
        let _ = verified(&text, &KnownKeys::default());
    }

    #[test]
    fn no_change_of_a_message_breaks_reading_or_is_taken_for_the_original(
        at in any::<prop::sample::Index>(),
        length in 0..40_usize,
        piece in prop_oneof![
            "\\PC{0,12}",
            prop::sample::select(vec!["<", ">", "&", "\"", "]]>", "<!--x-->", "<a/>", "&#65;", "<![CDATA[x]]>", " ID=\"x\"", "xmlns=\"\" "]).prop_map(str::to_owned),
        ],
    ) {
        let signer = Signer::test().unwrap();
        let keys = known(&signer);
        let text = signed(&issue("ada", &["a,b".to_owned()]), SignWhat::Both, &signer).unwrap();
        let mut places = text.char_indices().map(|(byte, _)| byte).skip(at.index(text.len()));
        let from = places.next().unwrap_or(text.len());
        let to = places.nth(length).unwrap_or(text.len());
        let changed = [&text[..from], &piece, &text[to..]].concat();
        if let Some((verdict, name, values)) = said(&changed, &keys)
            && verdict == Verdict::Accept
        {
            prop_assert_eq!((name.as_deref(), values), (Some("ada"), vec!["a,b".to_owned()]));
            // The outer signature may be lost, which leaves the inner one; nothing new can be signed.
            let original = signed_octets(&text, &keys);
            prop_assert!(signed_octets(&changed, &keys).iter().all(|octets| original.contains(octets)));
        }
    }
}

/// Every byte of a message, changed in several ways: refused, or what the signature is over is unchanged.
#[test]
fn no_byte_that_is_signed_can_be_changed() {
    let signer = Signer::test().unwrap();
    let keys = known(&signer);
    let text = signed(&issue("ada", &["a,b".to_owned()]), SignWhat::Response, &signer).unwrap();
    let (original, octets) = (said(&text, &keys), signed_octets(&text, &keys));
    assert_eq!(original.as_ref().map(|(verdict, ..)| *verdict), Some(Verdict::Accept));
    assert_eq!(octets.len(), 1);
    let (mut refused, mut harmless) = (0, Vec::new());
    for at in 0..text.len() {
        for flip in [0x01, 0x20, 0x08] {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= flip;
            let Ok(changed) = String::from_utf8(bytes) else {
                refused += 1;
                continue;
            };
            let now = said(&changed, &keys);
            if now.as_ref().is_none_or(|(verdict, ..)| *verdict != Verdict::Accept) {
                refused += 1;
                continue;
            }
            assert_eq!(now, original, "byte {at}");
            assert!(signed_octets(&changed, &keys) == octets, "byte {at}: {changed}");
            harmless.push(at);
        }
    }
    println!("{refused} changes refused, {} harmless", harmless.len());
    assert!(
        refused > text.len() * 2,
        "only {refused} changes of {} bytes were refused",
        text.len()
    );
}

/// Hours of random changes: `cargo test --release saml_campaign -- --ignored`, `ROLECALL_ROUNDS` for more.
#[test]
#[ignore = "a long random campaign"]
fn saml_campaign() {
    let rounds: u64 =
        std::env::var("ROLECALL_ROUNDS").ok().map_or(200_000, |text| text.parse().unwrap());
    let signer = Signer::test().unwrap();
    let keys = known(&signer);
    let text = signed(&issue("ada", &["a,b".to_owned()]), SignWhat::Both, &signer).unwrap();
    let (original, octets) = (said(&text, &keys), signed_octets(&text, &keys));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    let mut accepted = 0;
    for round in 0..rounds {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=draw(3) {
            let from = draw(bytes.len());
            let to = (from + draw(200)).min(bytes.len());
            let place = draw(bytes.len());
            match draw(5) {
                0 => bytes[from] ^= 1 << draw(8),
                1 => drop(bytes.drain(from..to)),
                2 => drop(bytes.splice(place..place, bytes[from..to].to_vec()).count()),
                3 => bytes[from] = b" \"'<>&/=:#\nAZ"[draw(13)],
                _ => bytes.insert(place, b" \n<>&\"'/"[draw(8)]),
            }
            if bytes.is_empty() {
                bytes.push(b'<');
            }
        }
        let changed = String::from_utf8_lossy(&bytes);
        if let Some(now) = said(&changed, &keys)
            && now.0 == Verdict::Accept
        {
            assert_eq!(Some(now), original, "round {round}: {changed}");
            let now = signed_octets(&changed, &keys);
            assert!(now.iter().all(|one| octets.contains(one)), "round {round}: {changed}");
            accepted += 1;
        }
    }
    println!("{rounds} changed messages: {accepted} accepted, all of which say the same");
}
