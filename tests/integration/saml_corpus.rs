//! Documents of public test suites, each with its verdict: read where `ROLECALL_SHARED` says they are.

#![expect(clippy::disallowed_methods, reason = "tests read files")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rolecall::saml::decrypt::decrypt;
use rolecall::saml::key::VerifyingKey;
use rolecall::saml::private_key::PrivateKey;
use rolecall::saml::verify::{KnownKeys, Verdict, Verification, verify};
use rolecall::saml::xml::{METADATA, Tree};
use serde_json::Value;

use crate::program::rolecall;
use crate::support::shared;

/// A table of tab-separated cells by its column names.
fn table(path: &Path) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let head: Vec<String> = lines.next().unwrap().split('\t').map(str::to_owned).collect();
    lines
        .map(|line| head.iter().cloned().zip(line.split('\t').map(str::to_owned)).collect())
        .collect()
}

/// The project that a file comes from.
fn project(origin: &str) -> &str {
    origin.split(['@', ':']).next().unwrap()
}

/// The document in a file: as it is, in base64, or deflated in base64.
fn document(folder: &Path, row: &HashMap<String, String>) -> String {
    let bytes = fs::read(folder.join("files").join(&row["file"])).unwrap();
    let bytes = match row["encoding"].as_str() {
        "raw" => bytes,
        encoding => {
            let packed: Vec<u8> =
                bytes.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
            let decoded = STANDARD.decode(packed).unwrap();
            if encoding == "b64" {
                decoded
            } else {
                let mut all = Vec::new();
                let mut reader = flate2::read::DeflateDecoder::new(decoded.as_slice());
                std::io::Read::read_to_end(&mut reader, &mut all).unwrap();
                all
            }
        }
    };
    String::from_utf8(bytes).unwrap()
}

fn verified(text: &str, keys: &KnownKeys) -> Verification {
    match Tree::parse(text, METADATA) {
        Ok(tree) => verify(&tree, keys),
        Err(error) => Verification::refused(&error),
    }
}

#[test]
fn every_document_of_the_corpus_gets_its_verdict() {
    let Some(shared) = shared().map(|shared| shared.join("saml")) else { return };
    let mut by_project: HashMap<String, KnownKeys> = HashMap::new();
    for row in table(&shared.join("certs/manifest.tsv")) {
        let bytes = fs::read(shared.join("certs").join(&row["file"])).unwrap();
        for (key, _) in VerifyingKey::read_file(&bytes).unwrap() {
            by_project
                .entry(project(&row["origin"]).to_owned())
                .or_default()
                .add(&row["file"], key);
        }
    }
    let none = KnownKeys::default();
    let mut wrong = Vec::new();
    let mut set_by_hand = Vec::new();
    let rows = table(&shared.join("manifest.tsv"));
    for row in &rows {
        let wanted = row["ref_verdict"].replace("unsigned-ok", "unsigned");
        // `signed-assertion-random-embedded-cert.xml`: its verdict was set by hand, and is not what the file is. Its
        // KeyInfo carries two certificates in one line each, of `51.15.251.81.xip.io` and of Let's Encrypt's R3;
        // `xmlsec1 --verify --pubkey-cert-pem` fails with either key, and verifies with that of the project's own
        // certificate (SHA-256 97:74:94:2C…), as rolecall does. So a known key signed it, and the one it carries did
        // not: no policy about keys gives `accept-embedded-key-only`, which says the opposite. What KeyInfo carries is a
        // hint (XML Signature 4.4), and neither for nor against a signature that a known key verifies.
        if row["ref_reason"].contains("must not be trusted") {
            set_by_hand.push(row["file"].clone());
            continue;
        }
        let keys = by_project.get(project(&row["origin"])).unwrap_or(&none);
        let found = verified(&document(&shared, row), keys);
        if found.verdict.as_str() != wanted {
            wrong.push(format!("{}: {wanted}, found {found:?}", row["file"]));
        }
    }
    assert!(set_by_hand.len() <= 1, "{set_by_hand:?}");
    assert_eq!(wrong, Vec::<String>::new());
    assert!(rows.len() >= 300, "{} documents", rows.len());
}

#[test]
fn encrypted_assertions_of_the_corpus_open_with_the_keys_published_for_them() {
    let Some(shared) = shared().map(|shared| shared.join("saml")) else { return };
    let mut private = Vec::new();
    for row in table(&shared.join("keys/manifest.tsv")) {
        let text = fs::read_to_string(shared.join("keys").join(&row["file"])).unwrap_or_default();
        private.extend(PrivateKey::from_pem(&text).ok());
    }
    assert!(private.len() >= 5, "{} keys", private.len());
    let mut opened = Vec::new();
    let mut closed = Vec::new();
    for row in table(&shared.join("manifest.tsv")) {
        let text = document(&shared, &row);
        let Ok(tree) = Tree::parse(&text, METADATA) else { continue };
        let errors: Vec<_> = private.iter().map(|key| decrypt(&tree, key)).collect();
        if let Some(Ok(text)) = errors.iter().find(|one| one.is_ok()) {
            assert!(text.contains("Assertion"), "{}: {text}", row["file"]);
            let inner = verified(text, &KnownKeys::default());
            assert_ne!(inner.verdict, Verdict::Accept, "{}", row["file"]);
            assert!(inner.assertion.is_some(), "{}: {inner:?}", row["file"]);
            opened.push(row["file"].clone());
        } else if row["n_encrypted"] == "1" {
            closed.push(format!("{}: {:?}", row["file"], errors.first()));
        }
    }
    eprintln!("{} opened, closed: {closed:#?}", opened.len());
    assert!(opened.len() >= 12, "{opened:#?} {closed:#?}");
}

/// The program, once over every file, with these certificates: a verdict a file, in the order given.
fn verdicts(folder: &Path, files: &[String], certificates: &[String]) -> Vec<String> {
    let known = certificates.iter().flat_map(|one| ["--cert", one]);
    let args = ["saml", "verify", "--format", "jsonl"].into_iter().chain(known);
    let args: Vec<&str> = args.chain(files.iter().map(String::as_str)).collect();
    let ran = rolecall(folder, &args);
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""));
    let lines: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named: Vec<&str> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(named, files, "one line a file, in the order given");
    lines.iter().map(|line| line["verdict"].as_str().unwrap().to_owned()).collect()
}

/// Whether every signature verifies with the certificate that it carries.
fn is_embedded_valid(row: &HashMap<String, String>) -> bool {
    let said = row["signatures"].matches("embedded=").count();
    said > 0 && said == row["signatures"].matches("embedded=valid").count()
}

#[test]
fn the_program_gives_every_file_of_the_corpus_one_verdict_whatever_its_encoding() {
    let Some(shared) = shared().map(|shared| shared.join("saml")) else { return };
    let rows = table(&shared.join("manifest.tsv"));
    let files: Vec<String> = rows.iter().map(|row| format!("files/{}", row["file"])).collect();
    let certificates: Vec<String> = table(&shared.join("certs/manifest.tsv"))
        .iter()
        .map(|row| format!("certs/{}", row["file"]))
        .collect();
    let (mut wrong, mut foreign, mut agree) = (Vec::new(), Vec::new(), [0, 0]);
    for (at, known) in [&certificates[..], &[]].into_iter().enumerate() {
        for (row, found) in rows.iter().zip(verdicts(&shared, &files, known)) {
            let by_hand = row["ref_reason"].contains("must not be trusted");
            let wanted = row["ref_verdict"].replace("unsigned-ok", "unsigned");
            // Without certificates nobody is known: what is left is what a message carries itself.
            let wanted = match wanted.as_str() {
                "accept" | "accept-embedded-key-only" if known.is_empty() => {
                    if is_embedded_valid(row) { "accept-embedded-key-only" } else { "reject" }
                }
                other => other,
            };
            // The key that a message carries may be another project's, whose certificate is here among all.
            let is_known = wanted == "accept-embedded-key-only" && found == "accept";
            if found == wanted {
                agree[at] += 1;
            } else if is_known && !known.is_empty() && is_embedded_valid(row) {
                foreign.push(row["file"].clone());
            } else if !by_hand {
                wrong.push(format!(
                    "{} certificates, {}: {wanted}, found {found}",
                    known.len(),
                    row["file"]
                ));
            }
        }
    }
    eprintln!(
        "of {} files {} agree with every certificate, {} with none",
        rows.len(),
        agree[0],
        agree[1]
    );
    assert_eq!(wrong, Vec::<String>::new());
    assert!(foreign.len() <= 2, "{foreign:?}");
}
