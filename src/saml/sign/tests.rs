//! Tests of signing.

use super::*;
use crate::saml::key::Scheme;
use crate::saml::test_key::Signer;
use sha2::Sha256;

const P256: &str = include_str!("../../../fixtures/keys/signing/p256.key.pem");

fn signed(text: &str, name: &str, options: &SigningOptions<'_>) -> Result<String, SigningError> {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let named = |node: &Node<'_, '_>| node.tag_name().name() == name;
    let target = tree.root().descendants().find(named).unwrap().id();
    sign(&tree, target, options)
}

/// Digest and value as they have to be, worked out without the code above.
fn holds(text: &str, signature: usize, target: &str, key: &PrivateKey) -> (bool, bool) {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let node = signatures(&tree).nth(signature).unwrap();
    let found = |name: &str| node.descendants().find(|one| one.tag_name().name() == name).unwrap();
    let target = tree.root().descendants().find(|one| one.attribute("ID") == Some(target));
    let how = Canonicalization::exclusive(&["xs"]);
    let octets = canonicalize(target.unwrap(), &how, Some(node.id()));
    let digest = STANDARD.encode(Hash::Sha256.digest(&octets));
    let value = STANDARD.decode(found("SignatureValue").text().unwrap_or_default()).unwrap();
    let info = canonicalize(found("SignedInfo"), &Canonicalization::exclusive(&[]), None);
    let public = key.as_rsa().unwrap().to_public_key();
    (
        found("DigestValue").text() == Some(&digest),
        public.pkcs1v15_verify::<Sha256>(&info, &value).is_ok(),
    )
}

const MESSAGE_TEXT: &str = "<?xml version=\"1.0\"?>\n<r xmlns:xs=\"x\" ID=\"one\">\n\
        <!-- c --><a ID='two' b = \"&#13;&quot;\"><Issuer>i</Issuer> &amp; <c/></a ></r>";

#[test]
fn a_signature_stands_behind_the_issuer_and_every_other_byte_stays() {
    let signer = Signer::test().unwrap();
    let options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
    let text = signed(MESSAGE_TEXT, "a", &options).unwrap();
    let (before, rest) = text.split_once("<ds:Signature ").unwrap();
    let (own, after) = rest.split_once("</ds:Signature>").unwrap();
    assert_eq!([before, after].concat(), MESSAGE_TEXT);
    assert!(before.ends_with("<Issuer>i</Issuer>"), "{before}");
    assert!(own.contains("URI=\"#two\"") && own.contains("PrefixList=\"xs\""), "{own}");
    assert_eq!(holds(&text, 0, "two", &signer.key), (true, true));
    assert_eq!(signed(MESSAGE_TEXT, "a", &options).unwrap(), text);
}

#[test]
fn a_signature_around_a_signed_element_leaves_the_inner_one_valid() {
    let signer = Signer::test().unwrap();
    let options = SigningOptions::as_okta(&signer.key, None);
    let inner = signed(MESSAGE_TEXT, "a", &options).unwrap();
    let both = signed(&inner, "r", &options).unwrap();
    // Without an issuer it stands first, so it is the first of the two.
    assert_eq!(holds(&both, 0, "one", &signer.key), (true, true));
    assert_eq!(holds(&both, 1, "two", &signer.key), (true, true));
    assert!(!both.contains("KeyInfo"));
    let changed = both.replace(" &amp; ", " &amp;  ");
    assert_eq!(holds(&changed, 0, "one", &signer.key), (false, true));
    assert_eq!(holds(&changed, 1, "two", &signer.key), (false, true));
}

#[test]
fn a_digest_or_a_value_alone_leaves_the_other_as_it_was() {
    let signer = Signer::test().unwrap();
    let options = SigningOptions::as_okta(&signer.key, None);
    let text = signed(MESSAGE_TEXT, "a", &options).unwrap().replace("&amp;", "+");
    assert_eq!(holds(&text, 0, "two", &signer.key), (false, true));
    let digested = with_digest(&text, 0).unwrap();
    assert_eq!(holds(&digested, 0, "two", &signer.key), (true, false));
    let valued = with_value(&digested, 0, &signer.key, None).unwrap();
    assert_eq!(holds(&valued, 0, "two", &signer.key), (true, true));
    assert_eq!(complete(&text, 0, &signer.key, None).unwrap(), valued);
}

#[test]
fn every_algorithm_and_canonicalisation_is_written_and_read_back() {
    let signer = Signer::test().unwrap();
    let ec = PrivateKey::from_pem(P256).unwrap();
    for algorithm in Algorithm::all() {
        let key = if algorithm.scheme == Scheme::Ecdsa { &ec } else { &signer.key };
        let how = if algorithm.hash == Hash::Sha1 {
            Canonicalization::inclusive()
        } else {
            Canonicalization::exclusive(&[])
        };
        let options = SigningOptions {
            algorithm,
            digest: algorithm.hash,
            canonicalization: how,
            refers_to_document: algorithm.hash == Hash::Sha512,
            ..SigningOptions::as_okta(key, None)
        };
        let text = signed(MESSAGE_TEXT, "r", &options).unwrap();
        assert!(text.contains(&algorithm.uri()) && !text.contains("PrefixList"), "{text}");
        assert!(text.contains(algorithm.hash.uri()));
        assert_eq!(complete(&text, 0, key, None).unwrap(), text);
    }
}

#[test]
fn what_cannot_be_signed_says_why() {
    let signer = Signer::test().unwrap();
    let options = SigningOptions::as_okta(&signer.key, None);
    let failed = |text: &str, name: &str| signed(text, name, &options).unwrap_err().to_string();
    assert_eq!(
        failed("<a><b/></a>", "a"),
        "`a` without an ID, expected one that the signature can refer to"
    );
    assert_eq!(
        failed("<a ID='x'/>", "a"),
        "`a` without content, expected an element that a signature can stand in"
    );
    let text = signed(MESSAGE_TEXT, "a", &options).unwrap();
    let failed = |text: &str| complete(text, 0, &signer.key, None).unwrap_err().to_string();
    assert_eq!(
        failed(&text.replace("#two", "#three")),
        "reference to `#three`, which no element has as its ID"
    );
    assert_eq!(
        failed(&text.replace("#enveloped-signature", "#base64")),
        "algorithm `http://www.w3.org/2000/09/xmldsig#base64`, expected one that messages are signed with here"
    );
    assert_eq!(
        failed(&text.replace("DigestMethod", "Method")),
        "a signature without DigestMethod, which signing has to fill in or to follow"
    );
    assert_eq!(complete(&text, 1, &signer.key, None), Err(SigningError::NoElement));
}

#[test]
fn content_is_replaced_however_the_element_is_written() {
    for text in [
        "<r><a x='1'/></r>",
        "<r><a x='1'></a></r>",
        "<r><a x='1'>o<!-- --></a></r>",
        "<r><a x='1'>o<![CDATA[</a>]]>&amp;<![CDATA[o]]></a></r>",
    ] {
        let tree = Tree::parse(text, MESSAGE).unwrap();
        let node = tree.root().first_element_child().unwrap();
        assert_eq!(with_content(text, node, "new"), "<r><a x='1'>new</a></r>", "{text}");
    }
}

#[test]
fn a_text_in_pieces_has_the_bytes_of_all_of_them() {
    for (text, expected) in [
        ("<a>b<![CDATA[<c/>]]>d&amp;</a>", "b<![CDATA[<c/>]]>d&amp;"),
        ("<a><![CDATA[b]]>c<!-- d --></a>", "<![CDATA[b]]>c"),
        ("<a>b<c/></a>", "b"),
    ] {
        let tree = Tree::parse(text, MESSAGE).unwrap();
        let found = bytes_of(text, tree.root().first_child().unwrap());
        assert_eq!(text.get(found), Some(expected), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn an_escaped_text_is_read_back_as_it_was(text in "[ -~\\t\\n\\r\u{e9}\u{2028}\u{1f600}\\]>&<\"']{0,40}") {
        let xml = format!("<a b=\"{}\">{}</a>", attribute(&text), content(&text));
        let tree = Tree::parse(&xml, MESSAGE).unwrap();
        proptest::prop_assert_eq!(tree.root().attribute("b"), Some(text.as_str()));
        proptest::prop_assert_eq!(tree.root().text().unwrap_or_default(), text.as_str());
    }
}
