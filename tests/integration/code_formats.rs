//! Infrastructure code read as users bring it; each fixture holds the traps of its format.

use std::fmt::Write as _;
use std::path::Path;

use rolecall::model::account::AccountId;
use rolecall::model::declared::{Declared, DeclaredRole, HOLE, Known};
use rolecall::sources::code::{CodePart, looks_like, read};
use rolecall::sources::input::{Format, SourceOptions};

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/code");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn describe(part: &CodePart) -> String {
    let mut text = String::new();
    describe_declared(&part.declared, &mut text);
    for problem in &part.problems {
        writeln!(text, "{}: problem ({:?}) {}", problem.line, problem.loss, problem.error).unwrap();
    }
    text.replace(HOLE, "?")
}

fn known(value: &Known<String>) -> String {
    match value {
        Known::Value(value) => value.clone(),
        Known::Unknown(reason) => format!("unknown: {reason}"),
    }
}

fn describe_declared(declared: &Declared, text: &mut String) {
    for role in &declared.roles {
        describe_role(role, text);
    }
    for provider in &declared.providers {
        let (place, by) = (provider.place.0, provider.by);
        writeln!(text, "{place}: provider {} of a {by}", provider.address).unwrap();
        writeln!(text, "    account {:?}", provider.account.map(|id| id.to_string())).unwrap();
        writeln!(text, "    name {}", known(&provider.name)).unwrap();
        match &provider.metadata {
            Known::Value(metadata) => {
                writeln!(text, "    {}: metadata {:?}", metadata.place.0, metadata.value).unwrap();
            }
            Known::Unknown(reason) => writeln!(text, "    metadata unknown: {reason}").unwrap(),
        }
    }
}

fn describe_role(role: &DeclaredRole, text: &mut String) {
    writeln!(text, "{}: role {} of a {}", role.place.0, role.address, role.by).unwrap();
    let account = role.account.map(|id| id.to_string());
    writeln!(text, "    account {account:?} partition {:?}", role.partition).unwrap();
    writeln!(text, "    name {}", known(&role.name)).unwrap();
    writeln!(text, "    path {}", known(&role.path)).unwrap();
    writeln!(text, "    seconds {:?}", role.max_session_duration).unwrap();
    match &role.trust_policy {
        Known::Value(policy) => {
            writeln!(text, "    {}: {}", policy.place.0, policy.json).unwrap();
            if let Some(at) = policy.json.find("Condition") {
                writeln!(text, "    {}: its condition", policy.place_of(at).0).unwrap();
            }
        }
        Known::Unknown(reason) => writeln!(text, "    policy unknown: {reason}").unwrap(),
    }
    for hole in &role.holes {
        writeln!(text, "    ? {hole}").unwrap();
    }
}

#[test]
fn every_format_of_code_is_recognised_and_read_with_its_traps() {
    for (name, format) in
        [("template.yaml", Format::CloudFormation), ("template.json", Format::CloudFormation)]
    {
        let bytes = fixture(name);
        assert_eq!(looks_like(&bytes, name), Some(format), "{name}");
        let text = describe(&read(format, &bytes, name, &SourceOptions::default()));
        insta::with_settings!({
            snapshot_path => "../../fixtures/formats/code", prepend_module_to_snapshot => false, omit_expression => true
        }, { insta::assert_snapshot!(name, text) });
    }
}

#[test]
fn account_and_parameters_make_known_what_they_can() {
    let parameters =
        [("Stage".to_owned(), "prod".to_owned()), ("AWS::Partition".to_owned(), "aws".to_owned())];
    let options = SourceOptions {
        account: AccountId::parse("012345678901").ok(),
        parameters: parameters.into(),
        ..SourceOptions::default()
    };
    let part = read(Format::CloudFormation, &fixture("template.yaml"), "template.yaml", &options);
    let text = describe(&part);
    for line in [
        "    name prod-ReadOnly",
        "    path /prod/",
        "\"Federated\":\"arn:aws:iam::012345678901:saml-provider/OKTA\"",
        "\"SAML:aud\":\"https://signin.aws.amazon.com/saml\"",
        "{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sts:*\"}]}",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(part.declared.roles.iter().all(|role| role.holes.is_empty()), "{text}");
}
