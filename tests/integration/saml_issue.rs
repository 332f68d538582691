//! Responses made here: as Okta sends them, verified by what reads them, and copies of them to share.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use proptest::prelude::*;
use rolecall::model::account::Partition;
use rolecall::model::moment::Moment;
use rolecall::saml::issue::{Issue, IssuedAttribute, SignWhat, audience};
use rolecall::saml::redact::{Redacted, TestKeys, redact};
use rolecall::saml::sign::{SigningOptions, complete, with_digest, with_value};
use rolecall::saml::test_key::Signer;
use rolecall::saml::verify::{KnownKeys, Verdict, verify};
use rolecall::saml::xml::{MESSAGE, Tree, text_of};
use roxmltree::Node;

use crate::program::{folder, put, rolecall};
use crate::support::{fixtures, shared};

const AT: &str = "2026-11-24T12:00:00Z";

fn known(signers: &[&Signer]) -> KnownKeys {
    let mut keys = KnownKeys::default();
    for signer in signers {
        keys.add_certificate("known", &signer.certificate).unwrap();
    }
    keys
}

fn verdict(text: &str, keys: &KnownKeys) -> Verdict {
    Tree::parse(text, MESSAGE).map_or(Verdict::Reject, |tree| verify(&tree, keys).verdict)
}

fn issue(name: &str, roles: Vec<String>, tags: &[(String, String)]) -> Issue {
    let mut attributes = vec![
        IssuedAttribute::roles(roles),
        IssuedAttribute::aws("RoleSessionName", name.to_owned()),
    ];
    attributes.extend(
        tags.iter().map(|(key, value)| {
            IssuedAttribute::aws(&format!("PrincipalTag:{key}"), value.clone())
        }),
    );
    Issue {
        recipient: Partition::Aws.sign_in().to_owned(),
        issuer: "http://www.okta.com/exk1fcia6d6EMsf331d8".to_owned(),
        audience: audience(Partition::Aws).to_owned(),
        name_id: name.to_owned(),
        name_id_format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".to_owned(),
        at: Moment::parse(AT).unwrap(),
        in_response_to: None,
        attributes,
        seed: String::new(),
    }
}

/// Any character that XML has, those with a meaning of their own most of all.
fn hostile() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        3 => proptest::sample::select("<>&'\"]\t\n\r \u{85}\u{2028}\u{a0}\u{feff}\u{202e}é😀-!?#;".chars().collect::<Vec<_>>()),
        2 => proptest::char::range('a', 'z'),
        1 => any::<char>(),
    ];
    proptest::collection::vec(c, 0..24).prop_map(|all| {
        let is_xml = |c: &char| {
            matches!(*c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        };
        all.into_iter().filter(is_xml).collect()
    })
}

/// Bytes of texts and of attributes that a signature by a known key is over.
fn signed_bytes(text: &str) -> Vec<usize> {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let is_outer = |node: &Node<'_, '_>| {
        node.parent_element().is_some_and(|parent| parent == tree.root())
            && node.tag_name().name() == "Signature"
    };
    // What the outer signature says of its key is not signed, and may say anything.
    let is_free = |node: &Node<'_, '_>| {
        node.tag_name().name() == "KeyInfo"
            && node.parent_element().is_some_and(|parent| is_outer(&parent))
    };
    let mut found = Vec::new();
    for node in tree.root().descendants().filter(|node| !node.ancestors().any(|one| is_free(&one)))
    {
        if node.is_text() {
            found.extend(node.range());
        }
        found.extend(node.attributes().flat_map(|one| one.range_value()));
    }
    found.retain(|&at| text.as_bytes()[at].is_ascii_alphanumeric());
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn what_is_issued_is_accepted_and_says_what_was_meant(
        name in hostile(),
        role in hostile(),
        tag in (hostile(), hostile()),
        what in proptest::sample::select(vec![SignWhat::Both, SignWhat::Assertion, SignWhat::Response]),
    ) {
        let signer = Signer::test().unwrap();
        let options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
        let issue = issue(&name, vec![role.clone(), role.clone() + "2"], std::slice::from_ref(&tag));
        let text = issue.signed(what, &options).unwrap();
        let tree = Tree::parse(&text, MESSAGE).unwrap();
        let verification = verify(&tree, &known(&[&signer]));
        prop_assert_eq!(verification.verdict, Verdict::Accept, "{:?}", verification.reasons);
        let values = |of: &str| -> Vec<String> {
            let named = tree.root().descendants().filter(|node| node.tag_name().name() == of);
            named.map(text_of).collect()
        };
        prop_assert_eq!(values("NameID"), [name.clone()]);
        prop_assert_eq!(values("AttributeValue"), [role.clone(), role + "2", name, tag.1]);
        let full = format!("https://aws.amazon.com/SAML/Attributes/PrincipalTag:{}", tag.0);
        let is_tag = |node: &Node<'_, '_>| node.attribute("Name") == Some(full.as_str());
        prop_assert!(tree.root().descendants().any(|node| is_tag(&node)));
    }

    #[test]
    fn any_change_of_a_signed_byte_is_found(name in "[a-z<&]{1,9}", at in any::<prop::sample::Index>()) {
        let signer = Signer::test().unwrap();
        let options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
        let text = issue(&name, vec!["p,r".to_owned()], &[]).signed(SignWhat::Both, &options).unwrap();
        let places = signed_bytes(&text);
        // One change a case would be slow to reach them all.
        for step in 0..8 {
            let at = places[(at.index(places.len()) + step * places.len() / 8) % places.len()];
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(bytes).unwrap();
            let verdict = verdict(&changed, &known(&[&signer]));
            prop_assert_ne!(verdict, Verdict::Accept, "byte {}: {:?}", at, text.get(at - 9..at + 9));
        }
    }
}

fn two_keys() -> (Signer, Signer) {
    (Signer::test().unwrap(), Signer::stranger().unwrap())
}

#[test]
fn a_signature_by_another_key_is_not_accepted() {
    let (own, stranger) = two_keys();
    let options = SigningOptions::as_okta(&stranger.key, Some(&stranger.certificate.der));
    let text = issue("ann", vec![], &[]).signed(SignWhat::Both, &options).unwrap();
    assert_eq!(verdict(&text, &known(&[&stranger])), Verdict::Accept);
    assert_eq!(verdict(&text, &known(&[&own])), Verdict::AcceptEmbeddedKeyOnly);
}

#[test]
fn elliptic_curves_and_pss_are_accepted_too() {
    for (signer, name) in [
        (Signer::p256().unwrap(), "ecdsa-sha256"),
        (Signer::p384().unwrap(), "ecdsa-sha384"),
        (Signer::test().unwrap(), "rsa-pss-sha256"),
        (Signer::test().unwrap(), "rsa-sha1"),
    ] {
        let mut options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
        options.algorithm = rolecall::saml::key::Algorithm::parse(name).unwrap();
        let text = issue("ann", vec![], &[]).signed(SignWhat::Both, &options).unwrap();
        assert_eq!(verdict(&text, &known(&[&signer])), Verdict::Accept, "{name}");
    }
}

// Copies to share.

/// Nothing of these may be left in a copy.
const SECRETS: &[&str] = &[
    "ada.lovelace",
    "Lovelace",
    "analytical-engine",
    "614203957781",
    "614203957782",
    "BillingAdmin",
    "OKTA-Prod",
    "payments-core",
    "exk1fcia6d6EMsf331d8",
    "harbour-works",
    "198.51.100.23",
    "engine-room",
];

fn secret_issue() -> Issue {
    let role = |account: &str, name: &str| {
        format!(
            "arn:aws:iam::{account}:saml-provider/OKTA-Prod,arn:aws:iam::{account}:role/engine-room/{name}"
        )
    };
    let roles = vec![role("614203957781", "BillingAdmin"), role("614203957782", "BillingAdmin")];
    let tags = [("CostCenter".to_owned(), "payments-core".to_owned())];
    let mut issue = issue("ada.lovelace@analytical-engine.test", roles, &tags);
    issue.attributes.push(IssuedAttribute {
        name: "https://sso.harbour-works.test/claims/team".to_owned(),
        format: "unspecified",
        values: vec![
            "https://harbour-works.okta.com/app/amazon_aws/x".to_owned(),
            "198.51.100.23".to_owned(),
        ],
    });
    issue
}

fn signed(issue: &Issue, what: SignWhat, signer: &Signer) -> String {
    let options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
    issue.signed(what, &options).unwrap()
}

fn redacted(text: &str, keys: &KnownKeys, keep: &[&str]) -> Redacted {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let keep: Vec<String> = keep.iter().map(|&name| name.to_owned()).collect();
    redact(&tree, &verify(&tree, keys), &keep, &TestKeys::embedded().unwrap()).unwrap()
}

/// Elements, comments and texts in their order, names and kept attributes with them.
fn structure(text: &str) -> Vec<String> {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let of = |node: Node<'_, '_>| {
        let attributes: Vec<&str> = node.attributes().map(|one| one.name()).collect();
        format!("{:?} {} {}", node.node_type(), node.tag_name().name(), attributes.join(" "))
    };
    tree.root().document().descendants().map(of).collect()
}

#[test]
fn a_copy_to_share_says_nothing_of_anybody_and_keeps_structure_and_verdict() {
    let (own, stranger) = two_keys();
    // The original is signed with the stranger's key, as a real one is with a key that is not embedded.
    let good = signed(&secret_issue(), SignWhat::Both, &stranger);
    let one = signed(&secret_issue(), SignWhat::Assertion, &stranger);
    let changed = good.replace("PasswordProtectedTransport", "Password");
    let commented =
        one.replace("ada.lovelace@", "ada.lovelace@analytical-engine.test<!-- ada.lovelace -->.");
    let bad_value = with_value(&with_digest(&commented, 0).unwrap(), 0, &own.key, None).unwrap();
    let cdata = {
        let unsigned = one.replace("ada.lovelace@", "<![CDATA[ada.lovelace]]>&#64;&#97;da.");
        complete(&unsigned, 0, &stranger.key, None).unwrap()
    };
    for (name, text, key, expected) in [
        ("both signed", &good, &stranger, Verdict::Accept),
        ("assertion signed", &one, &stranger, Verdict::Accept),
        ("signed by somebody unknown", &good, &own, Verdict::AcceptEmbeddedKeyOnly),
        ("changed after signing", &changed, &stranger, Verdict::Reject),
        ("changed text", &commented, &stranger, Verdict::Reject),
        ("value of another key than it says", &bad_value, &stranger, Verdict::Reject),
        ("text in pieces", &cdata, &stranger, Verdict::Accept),
        ("unsigned", &secret_issue().unsigned().unwrap(), &stranger, Verdict::Reject),
    ] {
        assert_eq!(verdict(text, &known(&[key])), expected, "{name}: the original");
        let copy = redacted(text, &known(&[key]), &[]).text;
        for secret in SECRETS {
            assert!(text.contains(secret) || name == "text in pieces", "{name} has no {secret}");
            assert!(!copy.contains(secret), "{name}: the copy has {secret}");
        }
        assert_eq!(structure(&copy), structure(text), "{name}");
        assert_eq!(verdict(&copy, &known(&[&own])), expected, "{name}: the copy");
        let problems = |text: &str, key: &Signer| {
            let tree = Tree::parse(text, MESSAGE).unwrap();
            let found = verify(&tree, &known(&[key])).reasons;
            found.iter().map(|reason| std::mem::discriminant(&reason.problem)).collect::<Vec<_>>()
        };
        assert_eq!(problems(&copy, &own), problems(text, key), "{name}");
        assert_eq!(copy, redacted(text, &known(&[key]), &[]).text, "{name}: again");
    }
}

#[test]
fn a_copy_keeps_times_lengths_endpoints_and_what_it_is_told_to_keep() {
    let (_, stranger) = two_keys();
    let text = signed(&secret_issue(), SignWhat::Both, &stranger);
    let copy = redacted(&text, &known(&[&stranger]), &["Role"]).text;
    for kept in [
        "IssueInstant=\"2026-11-24T12:00:00.000Z\"",
        "Recipient=\"https://signin.aws.amazon.com/saml\"",
        "<saml2:Audience>urn:amazon:webservices</saml2:Audience>",
        ">http://www.okta.com/exk",
        "PrincipalTag:CostCenter",
        ":role/engine-room/BillingAdmin",
    ] {
        assert!(copy.contains(kept), "{kept}: {copy}");
    }
    let length = |text: &str, name: &str| {
        let tree = Tree::parse(text, MESSAGE).unwrap();
        let found = tree.root().descendants().find(|node| node.tag_name().name() == name);
        text_of(found.unwrap()).chars().count()
    };
    for name in ["NameID", "Issuer", "DigestValue", "SignatureValue"] {
        assert_eq!(length(&copy, name), length(&text, name), "{name}");
    }
}

#[test]
fn a_copy_says_what_it_could_not_keep() {
    let (_, stranger) = two_keys();
    let text = signed(&secret_issue(), SignWhat::Assertion, &stranger);
    let hmac = text.replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#hmac-sha1");
    let copy = redacted(&hmac, &known(&[&stranger]), &[]);
    let expected = "signature 1 could not be made anew: algorithm `http://www.w3.org/2000/09/xmldsig#hmac-sha1`";
    assert!(copy.notes.iter().any(|note| note.starts_with(expected)), "{:?}", copy.notes);
    assert_eq!(verdict(&copy.text, &known(&[&stranger])), Verdict::Reject);
}

/// Texts that say whose a message is.
fn names(text: &str) -> Vec<String> {
    let tree = Tree::parse(text, MESSAGE).unwrap();
    let told = ["NameID", "AttributeValue", "Issuer", "X509SubjectName", "SurName", "EmailAddress"];
    let told = tree.root().descendants().filter(|node| told.contains(&node.tag_name().name()));
    let texts: Vec<String> = told.map(text_of).collect();
    let words = texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    // Parts of ARNs and URLs that are everybody's.
    let fixed = ["provider", "https", "signin", "amazon", "webservices", "saml2"];
    let own = words.filter(|word| word.chars().count() > 4 && !fixed.contains(word));
    own.filter(|word| !word.chars().all(|c| c.is_ascii_digit())).map(str::to_owned).collect()
}

#[test]
fn copies_of_documents_of_others_keep_structure_and_verdict_and_say_no_name() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("saml");
    let mut keys = KnownKeys::default();
    for entry in std::fs::read_dir(folder.join("certs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            let read = rolecall::saml::key::VerifyingKey::read_file(&std::fs::read(path).unwrap());
            read.unwrap().into_iter().for_each(|(key, _)| keys.add("corpus", key));
        }
    }
    let test_keys = TestKeys::embedded().unwrap();
    let own = known(&[&test_keys.known, &test_keys.p256, &test_keys.p384]);
    let mut count = 0;
    for entry in std::fs::read_dir(folder.join("files")).unwrap() {
        let path = entry.unwrap().path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let packed: String = text.split_ascii_whitespace().collect();
        let decoded = STANDARD.decode(packed).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = decoded.unwrap_or(text);
        if Tree::parse(&text, MESSAGE).is_err() {
            continue;
        }
        let copy = redacted(&text, &keys, &["SessionDuration"]).text;
        let name = path.display();
        assert_eq!(structure(&copy), structure(&text), "{name}");
        assert_eq!(verdict(&copy, &own), verdict(&text, &keys), "{name}");
        let left = names(&copy);
        let original = names(&text);
        let kept: Vec<&String> = original.iter().filter(|word| left.contains(word)).collect();
        assert!(
            kept.iter().all(|word| word.starts_with("urn") || is_standard(word)),
            "{name}: {kept:?}"
        );
        count += 1;
    }
    assert!(count > 250, "only {count} documents were read");
}

/// Words of URNs of SAML that stand in values.
fn is_standard(word: &str) -> bool {
    ["oasis", "names", "classes", "unspecified", "format", "nameid", "attrname", "basic"]
        .contains(&word)
}

// The commands.

fn demo(args: &[&str]) -> crate::program::Ran {
    let source = fixtures().join("federations/demo/exports");
    let source = source.display().to_string();
    let own = folder();
    rolecall(own.path(), &[&["saml", "issue", "--source", &source, "--at", AT], args].concat())
}

#[test]
fn a_response_of_the_demo_has_the_shape_of_okta() {
    let ran = demo(&["--user", "nora", "--sign", "none"]);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert_snapshot!("saml_issue_nora", ran.out.replace("><", ">\n<"));
    assert_snapshot!("saml_issue_nora_errors", ran.errors);
}

#[test]
fn the_same_facts_and_time_give_the_same_bytes_in_every_encoding() {
    let xml = demo(&["--user", "nora"]);
    assert_eq!(xml.out, demo(&["--user", "nora"]).out);
    assert_ne!(xml.out, demo(&["--user", "nora", "--id", "2"]).out);
    assert!(xml.errors.contains("public TEST key"), "{}", xml.errors);
    let decoded = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap();
    let base64 = demo(&["--user", "nora", "--encoding", "base64"]).out;
    assert_eq!(decoded(base64.trim_end()), xml.out.trim_end());
    let form =
        demo(&["--user", "nora", "--encoding", "form", "--relay-state", "https://x/?a=1"]).out;
    let (message, state) = form.trim_end().split_once("&RelayState=").unwrap();
    assert_eq!(state, "https%3A%2F%2Fx%2F%3Fa%3D1");
    let message = message.strip_prefix("SAMLResponse=").unwrap();
    let message = message.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
    assert_eq!(decoded(&message), xml.out.trim_end());
    let secret: String =
        include_str!("../../fixtures/keys/signing/test.key.pem").lines().nth(5).unwrap().into();
    assert!(!(xml.out + &xml.errors).contains(&secret));
}

#[test]
fn who_would_be_sent_no_role_gets_no_response_but_the_reason() {
    let ran = demo(&["--user", "rosa"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.errors.contains("They are disabled and cannot sign in."), "{}", ran.errors);
    let ran = demo(&["--user", "nora", "--role", "saltmarsh-prod/Deploy"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.errors.contains("filter"), "{}", ran.errors);
    let ran = demo(&["--user", "rosa", "--force", "--sign", "none"]);
    assert_eq!(ran.code, 0);
    assert!(
        !ran.out.contains("Attributes/Role\"") && ran.out.contains("RoleSessionName"),
        "{}",
        ran.out
    );
}

#[test]
fn a_response_is_restricted_to_roles_or_forced_to_them() {
    let one = demo(&["--user", "nora", "--role", "418203975566/ReadOnly", "--sign", "none"]).out;
    assert!(one.contains("role/ReadOnly<") && !one.contains("role/Developer<"), "{one}");
    let forced =
        demo(&["--user", "rosa", "--force", "--role", "418203975566/ReadOnly", "--sign", "none"]);
    let pair =
        "arn:aws:iam::418203975566:saml-provider/OKTA,arn:aws:iam::418203975566:role/ReadOnly<";
    assert_eq!(forced.out.matches(pair).count(), 1, "{}", forced.out);
    let ran = demo(&["--user", "nora", "--force", "--role", "418203975566/Nothing"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("no group maps to `418203975566/Nothing`"), "{}", ran.errors);
}

#[test]
fn what_no_export_tells_is_an_error_that_names_the_flag() {
    let own = folder();
    put(own.path(), "in/users.csv", "user,status\nann@x.test,ACTIVE\n");
    put(
        own.path(),
        "in/edges.csv",
        "group,member,member_type\naws#dev#Admin#123456789012,ann@x.test,user\n",
    );
    put(own.path(), "in/app.json", STATED);
    let run = |args: &[&str]| {
        rolecall(
            own.path(),
            &[&["saml", "issue", "-s", "in", "--user", "ann@x.test", "--at", AT], args].concat(),
        )
    };
    let ran = run(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("the issuer is not known: no export carries"), "{}", ran.errors);
    assert!(ran.errors.contains("give it with `--issuer URL`"), "{}", ran.errors);
    let ran = run(&["--issuer", "http://www.okta.com/exk1"]);
    assert_eq!(ran.code, 2);
    let expected = "the value of attribute `PrincipalTag:Team` is not known (`user.department`)";
    assert!(ran.errors.contains(expected), "{}", ran.errors);
    assert!(
        ran.errors.contains("give it with `--attribute PrincipalTag:Team=VALUE`"),
        "{}",
        ran.errors
    );
    let given = [
        "--issuer",
        "http://www.okta.com/exk1",
        "--attribute",
        "PrincipalTag:Team=R&D",
        "--sign",
        "none",
    ];
    let ran = run(&given);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    for expected in [
        "Attributes/SessionDuration\" NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:basic\">",
        ">7200</",
        ">R&amp;D</",
        "Attributes/SourceIdentity\"",
        "Destination=\"https://eu-west-1.signin.aws.amazon.com/saml\"",
        "Attributes/TransitiveTagKeys\"",
    ] {
        assert!(ran.out.contains(expected), "{expected}: {}", ran.out);
    }
    assert_eq!(ran.out.matches(">ann@x.test</").count(), 3, "{}", ran.out);
}

#[test]
fn a_role_that_several_groups_lead_to_is_sent_once() {
    let own = folder();
    put(own.path(), "in/users.csv", "user,status\nann@x.test,ACTIVE\n");
    put(
        own.path(),
        "in/edges.csv",
        "group,member,member_type\naws#dev#Admin#123456789012,ann@x.test,user\naws#dev2#Admin#123456789012,ann@x.test,user\n",
    );
    put(own.path(), "in/app.json", crate::program::APP);
    let args =
        ["saml", "issue", "-s", "in", "--user", "ann@x.test", "--issuer", "i", "--sign", "none"];
    let ran = rolecall(own.path(), &[&args[..], &["--at", AT]].concat());
    let pair =
        ">arn:aws:iam::123456789012:saml-provider/OKTA,arn:aws:iam::123456789012:role/Admin<";
    assert_eq!(ran.out.matches(pair).count(), 1, "{}{}", ran.out, ran.errors);
}

const STATED: &str = r#"{"name": "amazon_aws", "label": "AWS", "settings": {"app": {
  "groupFilter": "^aws\\#\\S+\\#(?{{role}}[\\w\\-]+)\\#(?{{accountid}}\\d+)$",
  "roleValuePattern": "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
  "appFilter": "okta", "useGroupMapping": true, "sessionDuration": 7200,
  "overrideAcsURL": "https://eu-west-1.signin.aws.amazon.com/saml"},
  "signOn": {"attributeStatements": [
    {"type": "EXPRESSION", "name": "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team",
     "namespace": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified", "values": ["user.department"]},
    {"type": "EXPRESSION", "name": "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys",
     "namespace": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified", "values": ["Team"]},
    {"type": "EXPRESSION", "name": "https://aws.amazon.com/SAML/Attributes/SourceIdentity",
     "namespace": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified", "values": ["user.login"]}]}}}"#;

#[test]
fn a_key_that_does_not_do_is_refused_with_its_file() {
    let keys = fixtures().join("keys/signing");
    let file = |name: &str| keys.join(name).display().to_string();
    let run = |key: &str, cert: &str, more: &[&str]| {
        let (key, cert) = (file(key), file(cert));
        let args = [&["--user", "nora", "--key", &key, "--cert", &cert], more].concat();
        let ran = demo(&args);
        assert_eq!(ran.code, 2, "{}", ran.out);
        ran.errors
    };
    let errors = run("test.key.pem", "p256.cert.pem", &[]);
    assert!(errors.contains("p256.cert.pem`: the certificate is of another key"), "{errors}");
    let errors = run("test.cert.pem", "test.cert.pem", &[]);
    assert!(errors.contains("test.cert.pem`: PEM of `CERTIFICATE`, expected"), "{errors}");
    let errors = run("p256.key.pem", "p256.cert.pem", &["--algorithm", "rsa-sha256"]);
    assert!(errors.contains("a key of EC P-256 cannot sign with `rsa-sha256`"), "{errors}");
    let errors = run("p256.key.pem", "p256.cert.pem", &["--algorithm", "hmac"]);
    assert!(errors.contains("algorithm `hmac`, expected one of rsa-sha1"), "{errors}");
}

#[test]
fn a_copy_is_made_of_xml_of_base64_and_of_one_message_of_several() {
    let place = folder();
    let (_, stranger) = two_keys();
    let text = signed(&secret_issue(), SignWhat::Both, &stranger);
    let form = rolecall::saml::issue::form;
    put(place.path(), "message.xml", &text);
    put(place.path(), "message.b64", STANDARD.encode(&text));
    put(place.path(), "form", form(&text, "https://harbour-works.test/"));
    let har = |message: &str| {
        let body = form(message, "").replace('"', "");
        let body =
            serde_json::json!({"mimeType": "application/x-www-form-urlencoded", "text": body});
        let url = "https://signin.aws.amazon.com/saml";
        serde_json::json!({"request": {"method": "POST", "url": url, "headers": [], "postData": body},
            "response": {"status": 200, "headers": [], "content": {"text": ""}}})
    };
    let second = signed(&issue("bob", vec![], &[]), SignWhat::Both, &stranger);
    let entries =
        serde_json::json!({"log": {"version": "1.2", "entries": [har(&second), har(&text)]}});
    put(place.path(), "two.har", entries.to_string());
    put(place.path(), "other", "hello");
    let run = |args: &[&str]| rolecall(place.path(), &[&["saml", "redact"], args].concat());
    let ran = run(&["message.xml"]);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert!(SECRETS.iter().all(|secret| !(ran.out.clone() + &ran.errors).contains(secret)));
    assert_eq!(verdict(&ran.out, &known(&[&Signer::test().unwrap()])), Verdict::Accept);
    for args in [&["message.b64"][..], &["form"], &["two.har", "--message", "2"]] {
        let other = run(args);
        assert_eq!(other.out, ran.out, "{args:?}: {}", other.errors);
    }
    for (args, expected) in [
        (&["two.har"][..], "2 messages in it; choose one with `--message N`"),
        (&["two.har", "--message", "3"], "no message 3, expected 1 to 2"),
        (&["other"], "expected"),
        (&["nowhere"], "cannot be read: no such file or directory"),
    ] {
        let ran = run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(ran.errors.contains(expected), "{}", ran.errors);
    }
}
