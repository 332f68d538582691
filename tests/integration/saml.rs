//! SAML metadata: what is read of files and folders, held against documents of others, one mistake one finding.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rolecall::saml::metadata::{Metadata, MetadataError};
use rolecall::saml::xml::{MESSAGE, METADATA, Tree, XmlProblem};
use rolecall::sources::batch::Loss;
use rolecall::sources::input::Format;
use rolecall::sources::load::{Loaded, load};

use crate::program::{folder, put, rolecall};
use crate::support::{fixtures, memory, shared};

const ISSUER: &str = "http://www.okta.com/exk9harbour0aws3f1";

fn key(name: &str) -> String {
    let path = fixtures().join("keys").join(format!("{name}.b64"));
    std::fs::read_to_string(path).unwrap().replace('\n', "")
}

fn metadata(issuer: &str, key_names: &[&str]) -> String {
    let keys: Vec<String> = key_names
        .iter()
        .map(|name| {
            format!(
                "<KeyDescriptor use=\"signing\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data><X509Certificate>{}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>",
                key(name)
            )
        })
        .collect();
    format!(
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{issuer}\">\n<IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\n{}\n<SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://harbour.okta.example/sso\"/>\n</IDPSSODescriptor>\n</EntityDescriptor>\n",
        keys.concat()
    )
}

fn formats(loaded: &Loaded) -> Vec<Format> {
    loaded.formats.iter().map(|(_, format)| *format).collect()
}

fn messages(loaded: &Loaded) -> Vec<&str> {
    loaded.problems.iter().map(|problem| problem.message.as_str()).collect()
}

#[test]
fn a_file_of_metadata_is_the_apps_own_and_its_lines_are_places() {
    let text = metadata(ISSUER, &["current"]);
    let loaded = load(vec![memory("okta.xml", text.clone().into_bytes())]);
    assert_eq!(formats(&loaded), [Format::SamlMetadata]);
    assert_eq!(messages(&loaded), [""; 0]);
    let own = loaded.federation.app_metadata.as_ref().unwrap();
    assert_eq!(own.value, text);
    assert_eq!(loaded.federation.sources.show(own.place), "okta.xml:1");
}

#[test]
fn a_name_or_an_option_makes_it_a_providers() {
    let text = || metadata(ISSUER, &["current"]).into_bytes();
    let named = memory("aws/123456789012-saml-provider-OKTA.xml", text());
    let mut told = memory("partner.xml", text());
    told.options.provider = Some("arn:aws:iam::210987654321:saml-provider/Partner".to_owned());
    let mut only = memory("only.xml", text());
    only.options.account = "333333333333".parse().ok();
    let list = r#"{"SAMLProviderList":[{"Arn":"arn:aws:iam::333333333333:saml-provider/Single"}]}"#;
    let loaded = load(vec![named, told, only, memory("list.json", list.as_bytes().to_vec())]);
    assert_eq!(messages(&loaded), [""; 0]);
    assert!(loaded.federation.app_metadata.is_none());
    let mut held: Vec<(String, String, bool)> = Vec::new();
    for (id, account) in loaded.federation.accounts.iter() {
        for provider in &account.providers {
            assert!(provider.metadata.is_some(), "{}", provider.name);
            held.push((id.to_string(), provider.name.clone(), provider.metadata_is_file));
        }
    }
    let expected =
        [("123456789012", "OKTA"), ("210987654321", "Partner"), ("333333333333", "Single")];
    assert_eq!(held, expected.map(|(id, name)| (id.to_owned(), name.to_owned(), true)));
}

#[test]
fn of_two_documents_of_the_app_the_first_counts_and_the_other_is_told() {
    let one = metadata(ISSUER, &["current"]);
    let other = metadata(ISSUER, &["next"]);
    let input = |name: &str, text: &str| memory(name, text.as_bytes().to_vec());
    let loaded = load(vec![input("a.xml", &one), input("b.xml", &other), input("c.xml", &one)]);
    assert_eq!(loaded.federation.app_metadata.as_ref().unwrap().value, one);
    let [problem] = &loaded.problems[..] else { panic!("{:?}", messages(&loaded)) };
    assert_eq!(problem.loss, Loss::Nothing);
    assert!(problem.message.starts_with("a second metadata document of the app"));
}

#[test]
fn metadata_of_a_service_provider_is_never_the_apps_own() {
    let text = metadata(ISSUER, &["current"]);
    let service = text.replace("IDPSSODescriptor", "SPSSODescriptor");
    let input = |name: &str, text: &str| memory(name, text.as_bytes().to_vec());
    let loaded = load(vec![input("aws.xml", &service), input("okta.xml", &text)]);
    assert_eq!(loaded.federation.app_metadata.as_ref().unwrap().value, text);
    let [problem] = &loaded.problems[..] else { panic!("{:?}", messages(&loaded)) };
    assert_eq!(problem.loss, Loss::Nothing);
    assert!(problem.message.contains("of a service provider"), "{}", problem.message);
}

#[test]
fn what_get_saml_provider_says_of_encryption_is_read_and_unknown_keys_are_not_minded() {
    let text = serde_json::json!({
        "SAMLMetadataDocument": metadata(ISSUER, &["current"]),
        "AssertionEncryptionMode": "Required",
        "SAMLProviderUUID": "P1HARBOUR",
        "PrivateKeyList": [{"KeyId": "K1", "Timestamp": 1_767_000_000.5}],
        "SAMLKeyHashes": [{"IssuerURL": ISSUER, "KeyHashes": ["x"]}],
        "ContextProvider": null,
    });
    let name = "123456789012-saml-provider-OKTA.json";
    let loaded = load(vec![memory(name, serde_json::to_vec_pretty(&text).unwrap())]);
    assert_eq!(messages(&loaded), [""; 0]);
    let account = loaded.federation.accounts.get(&"123456789012".parse().unwrap()).unwrap();
    let encryption = &account.provider("OKTA").unwrap().encryption;
    assert_eq!(encryption.mode.as_ref().unwrap().value, "Required");
    assert_eq!(encryption.private_keys, Some(1));
    assert_eq!(encryption.uuid.as_deref(), Some("P1HARBOUR"));
    let line =
        loaded.federation.sources.resolve(encryption.mode.as_ref().unwrap().place).unwrap().1;
    let lines = serde_json::to_string_pretty(&text).unwrap();
    assert!(lines.lines().nth(line as usize - 1).unwrap().contains("AssertionEncryptionMode"));
}

/// A world with one mapped account, the app's own metadata and the provider's.
fn world(own: &str, provider: impl AsRef<[u8]>) -> tempfile::TempDir {
    let folder = folder();
    put(
        folder.path(),
        "groups.csv",
        "group,member,member_type\naws#prod#Admin#123456789012,ann,user\n",
    );
    put(folder.path(), "app.json", crate::program::APP);
    put(folder.path(), "own.xml", own);
    put(folder.path(), "123456789012-saml-provider-OKTA.xml", provider);
    folder
}

fn rules_found(folder: &Path) -> Vec<String> {
    let args =
        ["check", ".", "--only", "provider,input,mapping/unknown-provider", "--format", "jsonl"];
    let ran = rolecall(folder, &[&args[..], &["--at", "2026-11-25", "--lenient"]].concat());
    let lines =
        ran.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.filter_map(|line| Some(line["rule"].as_str()?.to_owned())).collect()
}

#[test]
fn one_mistake_in_a_document_gives_one_finding() {
    let good = metadata(ISSUER, &["current"]);
    let pages: [(&str, Vec<u8>, &str); 9] = [
        ("none", good.clone().into_bytes(), ""),
        ("a mark", format!("\u{feff}{good}").into_bytes(), "provider/invalid-metadata"),
        (
            "a page",
            b"<!DOCTYPE html>\n<html><body>Sign in</body></html>".to_vec(),
            "provider/invalid-metadata",
        ),
        ("no xml", b"Not found".to_vec(), "provider/invalid-metadata"),
        (
            "another app",
            metadata("http://www.okta.com/exkother", &["current"]).into_bytes(),
            "provider/issuer-mismatch",
        ),
        ("an old key", metadata(ISSUER, &["next"]).into_bytes(), "provider/stale-certificate"),
        (
            "no key",
            format!("{}<!--{}-->", metadata(ISSUER, &[]), "x".repeat(900)).into_bytes(),
            "provider/no-signing-key",
        ),
        (
            "a broken key",
            good.replace("</X509C", "*</X509C").into_bytes(),
            "provider/invalid-metadata",
        ),
        (
            "a deep one",
            format!("<EntityDescriptor>{}", "<a>".repeat(90_000)).into_bytes(),
            "provider/invalid-metadata",
        ),
    ];
    for (what, document, expected) in pages {
        let folder = world(&good, document);
        let found = rules_found(folder.path());
        let expected: Vec<&str> = [expected].into_iter().filter(|rule| !rule.is_empty()).collect();
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn an_account_that_was_left_out_of_a_rotation_is_told_once() {
    let new = metadata(ISSUER, &["next"]);
    let folder = world(&new, &new);
    put(folder.path(), "210987654321-saml-provider-OKTA.xml", metadata(ISSUER, &["current"]));
    assert_eq!(rules_found(folder.path()), ["provider/stale-certificate"]);
    std::fs::remove_file(folder.path().join("own.xml")).unwrap();
    assert_eq!(rules_found(folder.path()), ["provider/diverging-metadata"]);
}

#[test]
fn a_document_larger_than_iam_takes_is_told_and_the_rest_is_read() {
    let large = format!("{}<!--{}-->", metadata(ISSUER, &["current"]), "x".repeat(METADATA));
    let folder = world(&metadata(ISSUER, &["current"]), large);
    assert_eq!(rules_found(folder.path()), ["provider/invalid-metadata"]);
}

#[test]
fn the_time_of_a_run_is_given_and_a_wrong_one_is_refused() {
    let text = metadata(ISSUER, &["expiring"]);
    let folder = world(&text, &text);
    let check = |at: &str| {
        let args = ["check", ".", "--only", "provider/expired-certificate", "--fail-on", "warning"];
        rolecall(folder.path(), &[&args[..], &["--at", at]].concat())
    };
    assert_eq!(check("2026-11-01").code, 0);
    assert!(check("2026-11-25").out.contains("expires on 2026-12-10, in 15 days"));
    let expired = check("2026-12-12T00:00:00+02:00");
    assert_eq!(expired.code, 1);
    assert!(expired.out.contains("expired on 2026-12-10, 1 day ago"), "{}", expired.out);
    let wrong = check("soon");
    assert_eq!(wrong.code, 2);
    assert!(wrong.errors.contains("`--at soon`, expected a date"), "{}", wrong.errors);
}

/// The documents of others: what they are in, their kind, and whether they are well-formed.
fn corpus(folder: &Path) -> Vec<(String, String, bool, Vec<u8>)> {
    let manifest = std::fs::read_to_string(folder.join("manifest.tsv")).unwrap();
    let mut lines = manifest.lines();
    let header: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let column = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (file, encoding) = (column("file"), column("encoding"));
    let (kind, wellformed) = (column("kind"), column("wellformed"));
    let mut found = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let bytes = std::fs::read(folder.join("files").join(cells[file])).unwrap();
        let bytes = match cells[encoding] {
            "raw" => bytes,
            "b64" => {
                let packed: Vec<u8> =
                    bytes.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
                let Ok(bytes) = STANDARD.decode(packed) else { continue };
                bytes
            }
            _ => continue,
        };
        found.push((
            cells[file].to_owned(),
            cells[kind].to_owned(),
            cells[wellformed] == "y",
            bytes,
        ));
    }
    found
}

#[test]
fn xml_is_read_where_libxml2_reads_it_but_for_what_is_refused_on_purpose() {
    let Some(shared) = shared() else { return };
    let (mut read, mut metadata) = (0, 0);
    for (file, kind, wellformed, bytes) in corpus(&shared.join("saml")) {
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let tree = Tree::parse(&text, MESSAGE);
        let refused_on_purpose = tree.as_ref().is_err_and(|error| {
            matches!(
                error.problem,
                XmlProblem::DocumentType
                    | XmlProblem::ProcessingInstruction
                    | XmlProblem::TooLarge { .. }
            )
        });
        assert!(
            tree.is_ok() == wellformed || refused_on_purpose,
            "{file}: well-formed {wellformed}, {:?}",
            tree.err()
        );
        read += 1;
        if kind == "metadata" && wellformed && !refused_on_purpose {
            let parsed = Metadata::parse(&text);
            assert!(parsed.is_ok(), "{file}: {:?}", parsed.err());
            let parsed = parsed.unwrap();
            assert!(parsed.entity_ids().next().is_some(), "{file}");
            for key in parsed.keys().flat_map(|key| &key.certificates) {
                if let Err(error) = &key.read {
                    eprintln!("{file}: {error}");
                }
            }
            metadata += 1;
        } else if kind != "metadata" {
            assert!(
                !matches!(Metadata::parse(&text), Ok(_) | Err(MetadataError::Html(_))),
                "{file}"
            );
        }
    }
    assert!(read > 250 && metadata > 40, "{read} read, {metadata} of them metadata");
}
