//! What signatures prove: the coverage rule, over messages signed here.

#![expect(clippy::unwrap_used, reason = "test code")]

use rolecall::saml::c14n::{Canonicalization, Form};
use rolecall::saml::key::{Algorithm, Hash, Scheme};
use rolecall::saml::sign::{SigningOptions, sign};
use rolecall::saml::test_key::Signer;
use rolecall::saml::verify::{KeyOrigin, KnownKeys, Problem, Verdict, Verification, verify};
use rolecall::saml::xml::{MESSAGE, Tree};

const MESSAGE_TEXT: &str = "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:xs=\"urn:x\" ID=\"r1\">\
    <a:Issuer xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\">http://www.okta.com/exk1</a:Issuer>\
    <a:Assertion xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"a1\">\
    <a:Issuer>http://www.okta.com/exk1</a:Issuer><a:Subject>ida</a:Subject></a:Assertion></p:Response>";

fn keys() -> KnownKeys {
    let mut keys = KnownKeys::default();
    keys.add_certificate("the app", &Signer::test().unwrap().certificate).unwrap();
    keys
}

fn found(text: &str) -> Verification {
    found_with(text, &keys())
}

fn found_with(text: &str, keys: &KnownKeys) -> Verification {
    verify(&Tree::parse(text, MESSAGE).unwrap(), keys)
}

/// The text with a signature over the element of this name.
fn signed(text: &str, element: &str, change: impl Fn(&mut SigningOptions<'_>)) -> String {
    signed_by(&Signer::test().unwrap(), text, element, change)
}

fn signed_by(
    signer: &Signer,
    text: &str,
    element: &str,
    change: impl Fn(&mut SigningOptions<'_>),
) -> String {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let node = tree.root().descendants().find(|node| node.tag_name().name() == element).unwrap();
    let mut options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
    change(&mut options);
    sign(&tree, node.id(), &options).unwrap()
}

fn both() -> String {
    signed(&signed(MESSAGE_TEXT, "Assertion", |_| {}), "Response", |_| {})
}

fn problems(text: &str) -> Vec<Problem> {
    let found = found(text);
    assert_eq!(found.verdict, Verdict::Reject, "{text}");
    found.reasons.into_iter().map(|one| one.problem).collect()
}

#[test]
fn what_okta_signs_is_accepted_and_says_which_elements_are_signed() {
    let found = found(&both());
    assert_eq!((found.verdict, found.reasons.len()), (Verdict::Accept, 0), "{found:?}");
    let signed: Vec<_> =
        found.signed.iter().map(|one| (one.element.as_str(), one.id.as_deref())).collect();
    assert_eq!(signed, [("Response", Some("r1")), ("Assertion", Some("a1"))]);
    assert!(found.signed.iter().all(|one| one.key == KeyOrigin::Known("the app".to_owned())));
    assert!(found.assertion.is_some());
}

#[test]
fn one_signature_around_what_is_read_is_enough() {
    for element in ["Response", "Assertion"] {
        let found = found(&signed(MESSAGE_TEXT, element, |_| {}));
        assert_eq!(found.verdict, Verdict::Accept, "{element}: {found:?}");
        assert_eq!(found.signed.len(), 1);
    }
}

#[test]
fn every_algorithm_of_rsa_and_of_the_curves_verifies() {
    let schemes = [
        (Signer::test().unwrap(), Scheme::RsaPkcs1),
        (Signer::test().unwrap(), Scheme::RsaPss),
        (Signer::p256().unwrap(), Scheme::Ecdsa),
        (Signer::p384().unwrap(), Scheme::Ecdsa),
    ];
    for (signer, scheme) in schemes {
        let mut keys = KnownKeys::default();
        keys.add_certificate("key", &signer.certificate).unwrap();
        for hash in Hash::ALL {
            let text = signed_by(&signer, MESSAGE_TEXT, "Assertion", |options| {
                options.algorithm = Algorithm { scheme, hash };
                options.digest = hash;
            });
            let found = found_with(&text, &keys);
            assert_eq!(found.verdict, Verdict::Accept, "{scheme:?} {hash:?}: {found:?}");
            assert_eq!(
                found_with(&text, &KnownKeys::default()).verdict,
                Verdict::AcceptEmbeddedKeyOnly
            );
        }
    }
}

#[test]
fn every_form_of_canonical_xml_verifies() {
    for form in [Form::Inclusive, Form::Inclusive11, Form::Exclusive] {
        let text = signed(MESSAGE_TEXT, "Assertion", |options| {
            options.canonicalization.form = form;
            options.canonicalization.inclusive_prefixes.clear();
        });
        assert_eq!(found(&text).verdict, Verdict::Accept, "{form:?}");
    }
    let prefixes = Canonicalization::exclusive(&["xs", "p", ""]);
    let text = signed(MESSAGE_TEXT, "Assertion", |options| {
        options.canonicalization = prefixes.clone();
    });
    assert_eq!(found(&text).verdict, Verdict::Accept);
}

#[test]
fn a_changed_letter_changes_the_digest_and_white_space_alone_is_told_apart() {
    let text = signed(MESSAGE_TEXT, "Assertion", |_| {});
    let changed = problems(&text.replace(">ida<", ">eda<"));
    let digest = |reformatted| Problem::Digest { element: "Assertion".to_owned(), reformatted };
    assert_eq!(changed, [digest(false)]);
    assert_eq!(problems(&text.replace("><", ">\n  <")), [digest(true)]);
}

#[test]
fn a_key_that_nobody_knows_proves_nothing() {
    let stranger = Signer::stranger().unwrap();
    let text = signed_by(&stranger, MESSAGE_TEXT, "Assertion", |_| {});
    assert_eq!(found(&text).verdict, Verdict::AcceptEmbeddedKeyOnly);
    let bare =
        signed_by(&stranger, MESSAGE_TEXT, "Assertion", |options| options.certificate = None);
    assert_eq!(problems(&bare), [Problem::Signature(1)]);
    let mixed =
        signed_by(&stranger, &signed(MESSAGE_TEXT, "Assertion", |_| {}), "Response", |_| {});
    assert_eq!(found(&mixed).verdict, Verdict::AcceptEmbeddedKeyOnly);
}

#[test]
fn an_unsigned_message_and_one_without_assertion_are_rejected() {
    assert_eq!(problems(MESSAGE_TEXT), [Problem::Unsigned]);
    let empty =
        "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"r\"><p:S/></p:Response>";
    assert_eq!(problems(empty), [Problem::NoAssertion, Problem::Unsigned]);
    assert_eq!(problems(&signed(empty, "Response", |_| {})), [Problem::NoAssertion]);
    assert_eq!(problems("<a/>"), [Problem::Root("a".to_owned()), Problem::Unsigned]);
}

#[test]
fn a_second_assertion_is_rejected_wherever_it_stands() {
    let text = signed(MESSAGE_TEXT, "Assertion", |_| {});
    let evil = "<a:Assertion xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"e1\"/>";
    for (before, after) in [
        ("</p:Response>", format!("{evil}</p:Response>")),
        ("<a:Assertion", format!("{evil}<a:Assertion")),
        ("</ds:Signature>", format!("<ds:Object>{evil}</ds:Object></ds:Signature>")),
    ] {
        let changed = text.replacen(before, &after, 1);
        assert!(problems(&changed).contains(&Problem::SeveralAssertions(2)), "{before}");
    }
}

#[test]
fn a_signed_assertion_wrapped_away_proves_nothing_of_the_one_that_is_read() {
    let text = signed(MESSAGE_TEXT, "Assertion", |_| {});
    let start = text.find("<a:Assertion").unwrap();
    let end = text.find("</p:Response>").unwrap();
    let signed_one = text.get(start..end).unwrap();
    let evil = format!(
        "{}<a:Assertion xmlns:a=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"e1\"><a:Advice>{signed_one}</a:Advice></a:Assertion></p:Response>",
        text.get(..start).unwrap()
    );
    assert_eq!(problems(&evil), [Problem::NotCovered]);
    let nested = format!(
        "{}<a:Extensions xmlns:a=\"urn:x\">{signed_one}</a:Extensions></p:Response>",
        text.get(..start).unwrap()
    );
    let expected = "it directly within the Response";
    let misplaced = Problem::Misplaced {
        element: "Assertion".to_owned(),
        parent: "Extensions".to_owned(),
        expected,
    };
    assert_eq!(problems(&nested), [misplaced]);
}

#[test]
fn an_id_that_stands_twice_is_rejected() {
    let text = signed(MESSAGE_TEXT, "Assertion", |_| {});
    let twice = text.replace("ID=\"r1\"", "ID=\"a1\"");
    assert!(problems(&twice).contains(&Problem::DuplicateId("a1".to_owned())));
    let other = text.replace("<a:Issuer xmlns:a", "<a:Issuer Id=\"a1\" xmlns:a");
    assert!(problems(&other).contains(&Problem::DuplicateId("a1".to_owned())));
}

#[test]
fn a_reference_has_to_mean_the_element_that_holds_the_signature() {
    let whole = signed(MESSAGE_TEXT, "Response", |options| options.refers_to_document = true);
    assert_eq!(found(&whole).verdict, Verdict::Accept);
    let from_within =
        signed(MESSAGE_TEXT, "Assertion", |options| options.refers_to_document = true);
    assert!(matches!(problems(&from_within).as_slice(), [Problem::WrongElement { .. }]));
    let text = signed(MESSAGE_TEXT, "Assertion", |_| {});
    let dangling = problems(&text.replace("URI=\"#a1\"", "URI=\"#b1\""));
    assert!(dangling.contains(&Problem::Dangling("#b1".to_owned())), "{dangling:?}");
    let elsewhere = problems(&text.replace("URI=\"#a1\"", "URI=\"#r1\""));
    assert!(
        elsewhere.iter().any(|one| matches!(one, Problem::WrongElement { .. })),
        "{elsewhere:?}"
    );
    let outside = problems(&text.replace("URI=\"#a1\"", "URI=\"https://example.com/a\""));
    assert!(outside.iter().any(|one| matches!(one, Problem::Dangling(_))), "{outside:?}");
}

#[test]
fn algorithms_and_transforms_of_other_kinds_are_named() {
    let text = signed(MESSAGE_TEXT, "Assertion", |_| {});
    let has = |before: &str, after: &str, wanted: Problem| {
        let found = problems(&text.replacen(before, after, 1));
        assert!(found.contains(&wanted), "{after}: {found:?}");
    };
    let hmac = "http://www.w3.org/2000/09/xmldsig#hmac-sha1";
    has(
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        hmac,
        Problem::SignatureMethod(hmac.to_owned()),
    );
    let md5 = "http://www.w3.org/2001/04/xmldsig-more#md5";
    has("http://www.w3.org/2001/04/xmlenc#sha256", md5, Problem::DigestMethod(md5.to_owned()));
    let xslt = "http://www.w3.org/TR/1999/REC-xslt-19991116";
    has(
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        xslt,
        Problem::Transform(xslt.to_owned()),
    );
    has(
        "CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"",
        "CanonicalizationMethod Algorithm=\"urn:c14n\"",
        Problem::Canonicalization("urn:c14n".to_owned()),
    );
    has("<ds:SignedInfo", "<ds:SignedInfo/><ds:SignedInfo", Problem::SeveralSignedInfo(2));
    has("<ds:Reference", "<ds:Reference URI=\"#r1\"/><ds:Reference", Problem::References(2));
    has(
        "<ds:DigestValue>",
        "<ds:DigestValue><!--x-->",
        Problem::Malformed(
            "something beside text in DigestValue, expected base64 alone".to_owned(),
        ),
    );
}

#[test]
fn a_signature_has_no_reference_beside_its_own_and_no_strange_part() {
    let text = signed(MESSAGE_TEXT, "Assertion", |_| {});
    let beside = text.replace(
        "</ds:Signature>",
        "<ds:Object><ds:Reference URI=\"#a1\"/></ds:Object></ds:Signature>",
    );
    assert!(problems(&beside).contains(&Problem::References(2)));
    let strange = text.replace("<ds:KeyInfo>", "<KeyInfo/><ds:KeyInfo>");
    let said = "`KeyInfo` in the signature, which has no such part".to_owned();
    assert_eq!(problems(&strange), [Problem::Malformed(said)]);
}
