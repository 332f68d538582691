//! One response as Okta makes it, both Response and Assertion signed: parsed, canonicalised, verified, parsed and
//! verified. With `ROLECALL_SAML_WRITE`, a folder, the message and its certificate are written there, for
//! `benches/saml_speed.sh` to give them to libxmlsec1.
#![expect(clippy::expect_used, clippy::disallowed_methods, reason = "bench code")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rolecall::model::account::Partition;
use rolecall::model::moment::Moment;
use rolecall::saml::c14n::{Canonicalization, canonicalize};
use rolecall::saml::issue::{Issue, IssuedAttribute, SignWhat, audience};
use rolecall::saml::response::Message;
use rolecall::saml::sign::SigningOptions;
use rolecall::saml::test_key::{CERTIFICATE, Signer};
use rolecall::saml::verify::{KnownKeys, Verdict, verify};
use rolecall::saml::xml::{MESSAGE, Tree};

/// Five roles and a session, as in the sign-in of somebody with a few accounts.
fn message(signer: &Signer) -> String {
    let role = |n: u32| {
        format!(
            "arn:aws:iam::12345678901{n}:saml-provider/okta,arn:aws:iam::12345678901{n}:role/Reader"
        )
    };
    let issue = Issue {
        recipient: "https://signin.aws.amazon.com/saml".to_owned(),
        issuer: "http://www.okta.com/exkbench".to_owned(),
        audience: audience(Partition::Aws).to_owned(),
        name_id: "ada.lovelace@example.com".to_owned(),
        name_id_format: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified".to_owned(),
        at: Moment(1_900_000_000),
        in_response_to: None,
        attributes: vec![
            IssuedAttribute::roles((0..5).map(role).collect()),
            IssuedAttribute::aws("RoleSessionName", "ada.lovelace@example.com".to_owned()),
            IssuedAttribute::aws("SessionDuration", "3600".to_owned()),
        ],
        seed: String::new(),
    };
    let options = SigningOptions::as_okta(&signer.key, Some(&signer.certificate.der));
    issue.signed(SignWhat::Both, &options).expect("a message")
}

fn saml(criterion: &mut Criterion) {
    let signer = Signer::test().expect("the test key");
    let text = message(&signer);
    if let Ok(folder) = std::env::var("ROLECALL_SAML_WRITE") {
        std::fs::write(Path::new(&folder).join("message.xml"), &text).expect("written");
        std::fs::write(Path::new(&folder).join("cert.pem"), CERTIFICATE).expect("written");
    }
    let mut keys = KnownKeys::default();
    keys.add_certificate("test", &signer.certificate).expect("a key");
    let tree = Tree::parse(&text, MESSAGE).expect("a message");
    assert_eq!(verify(&tree, &keys).verdict, Verdict::Accept);
    let mut group = criterion.benchmark_group("saml");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(50);
    group.bench_function("parse", |bencher| {
        bencher.iter(|| black_box(Tree::parse(black_box(&text), MESSAGE).is_ok()));
    });
    group.bench_function("read", |bencher| {
        bencher.iter(|| black_box(Message::read(black_box(&tree))));
    });
    let how = Canonicalization::exclusive(&["xs"]);
    group.bench_function("canonicalize", |bencher| {
        bencher.iter(|| black_box(canonicalize(tree.root(), &how, None)));
    });
    group.bench_function("verify", |bencher| {
        bencher.iter(|| black_box(verify(black_box(&tree), &keys)));
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("parse-and-verify", |bencher| {
        bencher.iter(|| {
            let tree = Tree::parse(black_box(&text), MESSAGE).expect("a message");
            black_box(verify(&tree, &keys).verdict)
        });
    });
    group.finish();
}

criterion_group!(benches, saml);
criterion_main!(benches);
