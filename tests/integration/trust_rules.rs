//! The rules about trust policies: the eight policies, policies found elsewhere, and what is said once.

#![expect(clippy::disallowed_methods, reason = "tests read files")]
#![expect(clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use regex::Regex;
use rolecall::mapping::settings::MappingError;
use rolecall::model::account::Partition;
use rolecall::model::arn::RoleArn;
use rolecall::model::aws::{PolicyDocument, Role};
use rolecall::model::federation::Federation;
use rolecall::rules::settings::Settings;
use rolecall::rules::{Against, Context, Outcome, all, review_policy, run};
use rolecall::text::{Place, SourceMap};
use serde_json::{Value, json};

use crate::support::{fixtures, shared};

const ACCOUNT: &str = "418203975566";
const PROVIDER: &str = "arn:aws:iam::418203975566:saml-provider/Saltmarsh";
const ENDPOINT: &str = "https://signin.aws.amazon.com/saml";

fn review(policy: &str, account: &str) -> Outcome {
    // A role whose policy is for GovCloud alone is taken for one there.
    let of_govcloud = policy.contains("//signin.amazonaws-us-gov.com")
        && !policy.contains("//signin.aws.amazon.com");
    let partition = if of_govcloud { "aws-us-gov" } else { "aws" };
    let role = RoleArn::parse(&format!("arn:{partition}:iam::{account}:role/Reviewed")).unwrap();
    let sources = SourceMap::default();
    review_policy(policy, &role, &Settings::default(), (Against::Nothing, &sources))
}

/// The findings, each as its severity and rule.
fn said(policy: &str, account: &str) -> Vec<String> {
    let outcome = review(policy, account);
    outcome.findings.iter().map(|found| format!("{} {}", found.severity, found.rule)).collect()
}

fn statement(extra: &Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": ENDPOINT}},
    });
    for (name, value) in extra.as_object().unwrap() {
        statement[name] = value.clone();
    }
    statement
}

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

#[test]
fn the_eight_policies_are_clean_then_a_warning_then_one_error_each() {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(fixtures().join("trust/eight")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        found.insert(name, said(&fs::read_to_string(&path).unwrap(), ACCOUNT).join(", "));
    }
    let found: Vec<(&str, &str)> =
        found.iter().map(|(name, said)| (name.as_str(), said.as_str())).collect();
    assert_eq!(
        found,
        [
            ("1-good", ""),
            ("2-no-audience", "warning trust/no-audience"),
            ("3-audience-of-the-assertion", "error trust/impossible-audience"),
            ("4-any-audience", "error trust/open-audience"),
            ("5-other-action", "error trust/wrong-action"),
            ("6-other-account", "error trust/foreign-provider"),
            ("7-eleven-digits", "error trust/malformed-principal"),
            ("8-any-provider", "error trust/malformed-principal"),
        ]
    );
}

/// The first account that a policy names, which is taken for the role's own.
fn account_of(policy: &str) -> String {
    let account = Regex::new(r"arn:aws[a-z-]*:iam::(\d{12}):").unwrap();
    account.captures(policy).map_or(ACCOUNT.to_owned(), |found| found[1].to_owned())
}

#[test]
fn every_policy_found_elsewhere_is_read_and_those_that_are_right_give_nothing() {
    let Some(shared) = shared() else { return };
    let text = fs::read_to_string(shared.join("trust/real_policies.jsonl")).unwrap();
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let policy = match &case["policy"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let outcome = review(&policy, &account_of(&policy));
        for finding in &outcome.findings {
            eprintln!("{} {}[{}]: {}", case["id"], finding.severity, finding.rule, finding.message);
            *rules.entry(finding.rule).or_default() += 1;
        }
        if is_plainly_right(&policy) && !outcome.findings.is_empty() {
            wrong.push(case["id"].to_string());
        }
    }
    eprintln!("{rules:?}");
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// One statement that lets one whole provider in at the sign-in endpoint, with the action and no more.
fn is_plainly_right(policy: &str) -> bool {
    let policy: Value = serde_json::from_str(policy).unwrap();
    let statement = match &policy["Statement"] {
        Value::Array(statements) if statements.len() == 1 => &statements[0],
        Value::Array(_) => return false,
        one => one,
    };
    let action = &statement["Action"];
    let whole = Regex::new(r"^arn:aws:iam::\d{12}:saml-provider/[\w.-]+$").unwrap();
    policy["Version"] == "2012-10-17"
        && (action == "sts:AssumeRoleWithSAML"
            || action == &json!(["sts:AssumeRoleWithSAML", "sts:TagSession"]))
        && statement["Principal"]["Federated"].as_str().is_some_and(|arn| whole.is_match(arn))
        && statement["Condition"]
            .as_object()
            .is_some_and(|tests| tests.len() == 1 && tests["StringEquals"]["SAML:aud"] == ENDPOINT)
}

#[test]
fn a_role_that_no_saml_provider_may_assume_is_nobody_s_business_here() {
    for statement in [
        json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}),
        json!({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*"}),
        json!({"Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringIs": {"x": "y"}}}),
        json!({"effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1:root"}, "Action": "sts:AssumeRole", "Resource": "*"}),
    ] {
        assert_eq!(
            said(&policy(std::slice::from_ref(&statement)), ACCOUNT),
            [""; 0],
            "{statement}"
        );
    }
    assert_eq!(said("{", ACCOUNT), [""; 0]);
}

#[test]
fn one_mistake_gives_one_finding() {
    for (extra, rule) in [
        (
            json!({"Condition": {"StringLike": {"SAML:aud": "https://login.example/*"}}}),
            "error trust/impossible-audience",
        ),
        (
            json!({"Condition": {"StringEquals": {"SAML:aud": "https://signin.amazonaws.cn/saml"}}}),
            "error trust/foreign-partition-audience",
        ),
        (
            json!({"Condition": {"StringEqualsIfExists": {"SAML:aud": ENDPOINT}}}),
            "warning trust/open-audience",
        ),
        (json!({"Action": ["sts:AssumeRole"], "Condition": {}}), "error trust/wrong-action"),
        (json!({"Action": "sts:*"}), "warning trust/wildcard-action"),
        (json!({"Resource": "*", "Condition": {}}), "error trust/prohibited-element"),
        (json!({"Effect": "allow", "Condition": {}}), "error trust/invalid-grammar"),
        (
            json!({"Condition": {"StringIs": {"SAML:aud": ENDPOINT}}}),
            "error trust/unknown-operator",
        ),
        (
            json!({"Principal": {"Federated": "Saltmarsh"}, "Condition": {}}),
            "error trust/malformed-principal",
        ),
        (json!({"Principal": {"AWS": PROVIDER}}), "error trust/malformed-principal"),
        (json!({"Principal": "*"}), "error trust/public-principal"),
    ] {
        assert_eq!(said(&policy(&[statement(&extra)]), ACCOUNT), [rule], "{extra}");
    }
}

#[test]
fn what_is_not_known_before_deployment_is_not_called_wrong() {
    let hole = rolecall::model::declared::HOLE.to_string();
    for extra in [
        json!({"Principal": {"Federated": hole}}),
        json!({"Principal": {"Federated": format!("arn:aws:iam::{hole}:saml-provider/{hole}")}}),
        json!({"Principal": {"Federated": "${aws_iam_saml_provider.okta.arn}"}}),
        json!({"Action": hole}),
        json!({"Action": [hole]}),
        json!({"Condition": hole}),
        json!({"Condition": {hole.clone(): {"SAML:aud": ENDPOINT}}}),
        json!({"Condition": {"StringEquals": {hole.clone(): ENDPOINT}}}),
        json!({"Condition": {"StringEquals": {"SAML:aud": hole}}}),
        json!({"Condition": {"StringEquals": {"SAML:aud": [hole, "urn:amazon:webservices"]}}}),
        json!({"Effect": hole}),
    ] {
        let text = policy(&[statement(&extra)]);
        assert_eq!(said(&text, ACCOUNT), [""; 0], "{extra}");
    }
    let own = json!({"Principal": {"Federated": hole}});
    let deny = json!({"Principal": {"Federated": hole}, "Effect": "Deny", "Condition": {}});
    assert_eq!(said(&policy(&[statement(&own), statement(&deny)]), ACCOUNT), [""; 0]);
    let open = json!({"Principal": {"Federated": hole}, "Condition": {}});
    let outcome = review(&policy(&[statement(&open)]), ACCOUNT);
    assert_eq!(outcome.findings.len(), 1);
    assert!(outcome.findings[0].message.contains("SAML provider `…` in"), "{outcome:?}");
    let unknown = json!({"Version": "2012-10-17", "Statement": [hole, statement(&json!({}))]});
    assert_eq!(said(&unknown.to_string(), ACCOUNT), [""; 0]);
}

#[test]
fn every_check_of_access_analyzer_stands_once_in_the_table_with_rules_that_exist() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let ids: Vec<&str> = all().map(|rule| rule.info.id).collect();
    let rule = Regex::new(r"`(trust/[a-z-]+)`").unwrap();
    let mut wrong = String::new();
    for page in ["docs/access-analyzer.md", "docs/trust-linters.md"] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        assert!(rule.is_match(&text), "{page}");
        for found in rule.captures_iter(&text) {
            if !ids.contains(&&found[1]) {
                writeln!(wrong, "{page}: {}", &found[1]).unwrap();
            }
        }
    }
    let table = fs::read_to_string(root.join("docs/access-analyzer.md")).unwrap();
    let codes: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(code, _)| code)
        .collect();
    let mut once = codes.clone();
    once.sort_unstable();
    once.dedup();
    assert!(codes.len() > 100 && once.len() == codes.len(), "{} codes", codes.len());
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_mistake_in_every_account_is_one_finding_that_counts_and_names_some() {
    let mut federation = Federation::default();
    for number in 0..40_u32 {
        let id = format!("4182039755{number:02}");
        let account = federation.accounts.entry(id.parse().unwrap());
        account.partition = Some(Partition::Aws);
        let json = policy(&[statement(&json!({"Condition": {}}))]).replace(ACCOUNT, &id);
        for name in ["Admin", "Auditor"] {
            account.roles.push(Role {
                name: name.to_owned(),
                path: "/".to_owned(),
                trust_policy: Some(PolicyDocument::new(json.clone(), Place::NOWHERE)),
                max_session_duration: None,
                place: Place::NOWHERE,
            });
        }
    }
    let (settings, no_app) = (Settings::default(), MappingError::NoFilter);
    let context = Context::new(&federation, Err(&no_app), &settings);
    let outcome = run(all().filter(|rule| rule.info.id.starts_with("trust/")), &context);
    assert_eq!(outcome.counts.total(), 2, "{:?}", outcome.findings);
    let first = &outcome.findings[0];
    assert_eq!(first.subject, "arn:aws:iam::418203975500:role/Admin statement 1");
    assert_eq!(
        first.help[1],
        "39 more accounts have the same: `418203975501`, `418203975502`, `418203975503` and 36 more"
    );
    assert_eq!(first.also.len(), 40);
    assert!(first.also.contains(&"arn:aws:iam::418203975539:role/Admin".to_owned()));
}
