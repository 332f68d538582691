//! What AWS does with a role of the picker: flags, machine-readable answers, and code that is not deployed.

use rolecall::entitlement::resolve::Entitlements;
use rolecall::entitlement::stage::{Answer, Stage};
use rolecall::explain::lookup::{RoleQuery, UserMatch, find_user};
use rolecall::explain::why::explain;
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::model::account::AccountId;
use rolecall::model::aws::PolicyDocument;
use rolecall::model::declared::{DeclaredBy, DeclaredRole, HOLE, Known};
use rolecall::text::Place;
use serde_json::Value;

use crate::program;
use crate::support::{fixtures, load_folder};

/// Runs a command over the world in which AWS refuses much.
fn refused(args: &[&str]) -> program::Ran {
    let args = [args, &["--source", "refused"]].concat();
    program::rolecall(&fixtures().join("federations"), &args)
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&refused(&[args, &["--format", "json"]].concat()).out).unwrap()
}

#[test]
fn the_address_and_the_time_given_decide_what_no_export_tells() {
    let office = |more: &[&str]| {
        json(&[&["why", "ida@heron.test", "307915264480/Office"], more].concat())["aws"]["answer"]
            .clone()
    };
    assert_eq!(office(&[]), "unknown");
    assert_eq!(office(&["--source-ip", "203.0.113.9"]), "assumable");
    assert_eq!(office(&["--source-ip", "198.51.100.9"]), "refused");
    let evening = |at: &str| {
        json(&["why", "ida@heron.test", "307915264480/Evening", "--at", at])["aws"]["answer"]
            .clone()
    };
    assert_eq!(evening("2026-11-30"), "assumable");
    assert_eq!(evening("2026-12-02T10:00:00Z"), "refused");
    let elsewhere = ["--recipient", "urn:amazon:webservices"];
    let audit = json(&[&["why", "ida@heron.test", "307915264480/Audit"][..], &elsewhere].concat());
    assert_eq!(audit["aws"]["answer"], "assumable");
}

#[test]
fn an_address_or_a_time_that_is_none_is_an_error() {
    let ran = refused(&["picker", "ida@heron.test", "--source-ip", "office"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.errors.contains("`--source-ip` is `office`, expected an address"),
        "{}",
        ran.errors
    );
    let ran = refused(&["who", "307915264480/Office", "--at", "noon"]);
    assert!(ran.errors.contains("`--at` is `noon`, expected a time"), "{}", ran.errors);
}

#[test]
fn a_refusal_carries_the_text_of_aws_its_code_and_how_it_is_known() {
    let picker = json(&["picker", "ida@heron.test"]);
    let roles = picker["accounts"][0]["roles"].as_array().unwrap();
    let audit = roles.iter().find(|role| role["name"] == "Audit").unwrap();
    assert_eq!(audit["aws"]["answer"], "refused");
    assert_eq!(audit["aws"]["stage"], "trust");
    assert_eq!(
        audit["aws"]["error"],
        serde_json::json!({
            "text": "Not authorized to perform sts:AssumeRoleWithSAML",
            "status": 403,
            "code": "AccessDenied",
            "evidence": "documented",
            "page": "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html",
        })
    );
    let admin = roles.iter().find(|role| role["name"] == "Admin").unwrap();
    assert_eq!(admin["aws"], serde_json::json!({"answer": "assumable"}));
    let who = json(&["who", "307915264480/Guest"]);
    let answers: Vec<&Value> =
        who["users"].as_array().unwrap().iter().map(|user| &user["aws"]["answer"]).collect();
    assert_eq!(answers, ["refused", "unknown"]);
}

#[test]
fn everybody_s_pickers_say_the_same_as_one_s() {
    let all = refused(&["picker", "--all", "--format", "jsonl"]).out;
    let ida = all.lines().find(|line| line.contains("\"ida@heron.test\"")).unwrap();
    let one = refused(&["picker", "ida@heron.test", "--format", "jsonl"]).out;
    assert_eq!(format!("{ida}\n"), one);
    assert!(refused(&["picker", "--all"]).out.contains("REFUSED  Audit"));
}

/// What the stage `trust` says of a role that only code declares, with this policy.
fn declared(policy: Known<String>) -> (Answer, String) {
    let mut loaded = load_folder(&fixtures().join("federations/refused"));
    let deployed = loaded.federation.accounts.get(&AccountId::parse("307915264480").unwrap());
    let document = deployed.unwrap().role("Admin").unwrap().trust_policy.clone().unwrap();
    let policy = match policy {
        Known::Value(json) => Known::Value(PolicyDocument::new(json, document.place)),
        Known::Unknown(why) => Known::Unknown(why),
    };
    loaded.federation.declared.roles.push(DeclaredRole {
        by: DeclaredBy::TerraformPlan,
        address: "aws_iam_role.admin".to_owned(),
        account: Some(AccountId::parse("815520394467").unwrap()),
        partition: None,
        name: Known::Value("Admin".to_owned()),
        path: Known::Value("/".to_owned()),
        trust_policy: policy,
        holes: vec!["`var.provider` has no value".to_owned()],
        max_session_duration: None,
        place: Place::NOWHERE,
    });
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default()).unwrap();
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let UserMatch::One(ida) = find_user(&loaded.federation.directory, "ida@heron.test") else {
        panic!("ida is one user")
    };
    let why = explain(&entitlements, ida, &RoleQuery::parse("815520394467/Admin").unwrap());
    let role = why.stages.iter().find(|report| report.stage == Stage::Role).unwrap();
    assert!(
        role.says.contains("`aws_iam_role.admin` of a Terraform plan declares it"),
        "{}",
        role.says
    );
    let trust = why.stages.iter().find(|report| report.stage == Stage::Trust).unwrap();
    (trust.answer, trust.says.clone())
}

fn document(principal: &str, audience: &str) -> Known<String> {
    Known::Value(format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:AssumeRoleWithSAML","Principal":{{"Federated":"{principal}"}},"Condition":{{"StringEquals":{{"SAML:aud":"{audience}"}}}}}}}}"#
    ))
}

#[test]
fn a_role_that_only_code_declares_is_unknown_with_what_its_policy_would_decide() {
    let provider = "arn:aws:iam::815520394467:saml-provider/OKTA";
    let (answer, says) = declared(document(provider, "https://signin.aws.amazon.com/saml"));
    assert_eq!(answer, Answer::Unknown);
    assert!(says.contains("would let them in: statement 1 allows"), "{says}");
    let (answer, says) = declared(document(provider, "urn:amazon:webservices"));
    assert_eq!(answer, Answer::Unknown);
    assert!(says.contains("would refuse: no statement allows"), "{says}");
    let (answer, says) =
        declared(document(&format!("arn:aws:iam::{HOLE}:saml-provider/OKTA"), "x"));
    assert_eq!(answer, Answer::Unknown);
    assert!(says.contains("are not known yet (`var.provider` has no value)"), "{says}");
    let (_, says) = declared(Known::Unknown("it is known after apply".to_owned()));
    assert!(says.contains("is not known yet (it is known after apply)"), "{says}");
}
