//! Trust policies decided: cases from here and elsewhere, properties, and the command.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use rolecall::trust::{Context, Decision, Effect, Presented, Request, TrustPolicy, Unmet};
use serde_json::{Value, json};

use crate::support::{fixtures, shared};

const PROVIDER: &str = "arn:aws:iam::418203975566:saml-provider/Saltmarsh";
pub(crate) const ACTION: &str = "sts:AssumeRoleWithSAML";

fn request(value: &Value) -> Request {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let context: Context = value["context"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| match value {
            Value::Array(items) => (key, Presented::Many(items.iter().map(text).collect())),
            other => (key, Presented::One(text(other))),
        })
        .collect();
    let actions: Vec<&str> = value["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|action| action.as_str().unwrap())
        .collect();
    Request::new(value["principal"].as_str().unwrap(), &actions, context)
}

fn cases(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn own_cases() -> Vec<Value> {
    cases(&fixtures().join("trust/cases.jsonl"))
}

/// The word for a decision; what cannot be read lets nobody in.
fn decide(policy: &str, request: &Request) -> &'static str {
    TrustPolicy::parse(policy).map_or("implicit-deny", |policy| policy.decide(request).as_str())
}

#[test]
fn every_case_made_here_is_decided_as_it_says() {
    let cases = own_cases();
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let found = decide(&case["trust_policy"].to_string(), &request(&case["request"]));
            (found != case["expected"]).then(|| format!("{}: {found}", case["id"]))
        })
        .collect();
    assert!(cases.len() > 400);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_decision_known_elsewhere_agrees() {
    let Some(shared) = shared() else { return };
    let cases = cases(&shared.join("trust/decisions.jsonl"));
    let mut wrong = Vec::new();
    let mut contested = 0;
    for case in &cases {
        let found = decide(&case["trust_policy"].to_string(), &request(&case["request"]));
        let right = if case["contested"].is_null() {
            case["expected"] == found
        } else {
            contested += 1;
            case["acceptable"].as_array().unwrap().iter().any(|word| word == found)
        };
        if !right {
            wrong.push(format!("{}: {found}, expected {}", case["id"], case["acceptable"]));
        }
    }
    eprintln!("{} cases, {contested} contested, {} wrong", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_policy_found_elsewhere_is_read_or_refused_in_one_sentence() {
    let Some(shared) = shared() else { return };
    for case in cases(&shared.join("trust/real_policies.jsonl")) {
        let text = match &case["policy"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match TrustPolicy::parse(&text) {
            Ok(policy) => assert!(!policy.statements.is_empty(), "{}", case["id"]),
            Err(error) => assert!(!error.to_string().contains('\n'), "{}", case["id"]),
        }
    }
}

pub(crate) fn policy(statements: &[Value]) -> TrustPolicy {
    TrustPolicy::parse(&json!({"Version": "2012-10-17", "Statement": statements}).to_string())
        .unwrap()
}

pub(crate) fn statement(effect: &str, action: &str, condition: &Value) -> Value {
    json!({"Effect": effect, "Action": action, "Principal": {"Federated": PROVIDER}, "Condition": condition})
}

pub(crate) fn sign_in() -> Request {
    let context = [
        ("saml:sub", Presented::One("nora".to_owned())),
        ("saml:aud", Presented::One("here".to_owned())),
        ("aws:TagKeys", Presented::Many(vec!["a".to_owned(), "b".to_owned()])),
    ];
    Request::new(PROVIDER, &[ACTION], context.into_iter().collect())
}

#[test]
fn the_statement_nearest_to_allowing_comes_first_with_all_it_wants() {
    let two = json!({"StringEquals": {"saml:aud": "there", "saml:sub": ["omar", "pilar"]}});
    let one = json!({"StringEquals": {"saml:aud": "there"}});
    let policy = policy(&[
        statement("Allow", "sts:AssumeRole", &json!({})),
        statement("Allow", ACTION, &two),
        statement("Allow", ACTION, &one),
    ]);
    let decision = policy.decide(&sign_in());
    let Decision::ImplicitDeny { refusals, .. } = &decision else { panic!("{decision}") };
    let order: Vec<usize> = refusals.iter().map(|refusal| refusal.statement).collect();
    assert_eq!(order, [2, 1, 0]);
    let Unmet::Condition { wanted, presented, at, .. } = &refusals[0].unmet[0] else { panic!() };
    assert_eq!(wanted, &["there"]);
    assert_eq!(presented, &Some(Presented::One("here".to_owned())));
    assert!(*at > 0);
    assert_eq!(
        decision.to_string(),
        "no statement allows `sts:AssumeRoleWithSAML`; statement 3: `StringEquals` wants `saml:aud` \
         `there`, presented `here`"
    );
}

#[test]
fn whether_the_user_counts_is_known_from_the_policy() {
    let depends =
        |condition: Value| policy(&[statement("Allow", ACTION, &condition)]).depends_on_user();
    assert!(!depends(json!({"StringEquals": {"SAML:aud": "x", "saml:iss": "y"}})));
    assert!(!depends(json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})));
    assert!(depends(json!({"StringLike": {"SAML:Sub": "*"}})));
    assert!(depends(json!({"StringEquals": {"saml:aud": "${saml:sub}"}})));
    assert!(depends(
        json!({"ArnLike": {"saml:iss": "arn:aws:iam::${sts:RoleSessionName}:role/a"}})
    ));
}

#[test]
fn a_deny_that_cannot_be_read_is_what_stands_in_the_way() {
    let all = [
        statement("Allow", ACTION, &json!({})),
        statement("Deny", ACTION, &json!({"StringIs": {"saml:sub": "omar"}})),
    ];
    assert_eq!(
        policy(&all).decide(&sign_in()).to_string(),
        "IAM would refuse the policy: statement 2, which may deny `sts:AssumeRoleWithSAML`: `StringIs` is no \
         condition operator"
    );
    let word = policy(&all[1..]).decide(&sign_in()).to_string();
    assert_eq!(word, "no statement allows `sts:AssumeRoleWithSAML`");
}

#[test]
fn a_fault_stands_at_its_byte() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:X","Principal":"*","Resource":"*"}}"#;
    let policy = TrustPolicy::parse(text).unwrap();
    assert_eq!(policy.faults.len(), 1);
    assert!(text[policy.faults[0].at..].starts_with("\"Resource\""));
}

#[test]
fn what_is_no_policy_is_one_error_with_its_byte() {
    for (text, message) in [
        ("", "byte 0: not JSON: the document ends, expected a value"),
        ("[]", "byte 0: the policy is an array, expected an object"),
        ("{}", "byte 0: the policy has no `Statement`"),
        (r#"{"Statement":[}"#, "byte 14: not JSON: found `}`, expected a value"),
        (r#"{"Statement":1}"#, "byte 13: `Statement` is a number, expected an object or an array"),
        ("{// why\n}", "byte 1: not JSON: found `/`, expected a name in double quotes"),
    ] {
        assert_eq!(TrustPolicy::parse(text).unwrap_err().to_string(), message);
    }
    let deep = format!(r#"{{"Statement":{}"#, "[".repeat(100_000));
    assert!(TrustPolicy::parse(&deep).unwrap_err().message.starts_with("nested deeper"));
}

#[test]
fn an_element_that_stands_twice_lets_nobody_in() {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{ACTION}","Principal":"*"}},
        {{"Effect":"Deny","Action":"sts:X","Action":"{ACTION}","Principal":"*"}}]}}"#
    );
    assert_eq!(decide(&text, &sign_in()), "implicit-deny");
}

/// A condition out of a small world, so that it is often met and often not.
fn conditions() -> impl Strategy<Value = Value> {
    let operators = prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLikeIfExists",
        "Null",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotEquals",
        "NumericEquals",
        "StringIs",
        "NotIpAddress",
        "ArnNotLike",
        "BoolIfExists",
    ]);
    let keys = prop::sample::select(vec!["saml:sub", "saml:aud", "aws:TagKeys", "x:missing"]);
    let values = prop::collection::vec(
        prop::sample::select(vec!["nora", "n*", "here", "a", "b", "true", "7", "${saml:sub}"]),
        0..3,
    );
    prop::collection::vec((operators, keys, values), 0..3).prop_map(|tests| {
        let mut all: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for (operator, key, values) in tests {
            all.entry(operator).or_default().insert(key, values);
        }
        json!(all)
    })
}

pub(crate) fn statements() -> impl Strategy<Value = Value> {
    let effects = prop::sample::select(vec!["Allow", "Allow", "Allow", "Deny", "deny"]);
    let actions = prop::sample::subsequence(
        vec![ACTION, "sts:*", "sts:AssumeRole", "AssumeRole", "sts:Assume????*"],
        1..4,
    );
    let principals = prop::sample::subsequence(vec![PROVIDER, "other", "o*"], 1..3);
    (effects, actions, any::<bool>(), principals, conditions()).prop_map(
        |(effect, actions, not, principals, condition)| {
            let action = if not { "NotAction" } else { "Action" };
            json!({"Effect": effect, action: actions, "Principal": {"Federated": principals}, "Condition": condition})
        },
    )
}

/// Turns every array round.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(reversed).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), reversed(value))).collect()
        }
        other => other.clone(),
    }
}

/// Takes every array of one text for the text.
fn unwrapped(value: &Value) -> Value {
    match value {
        Value::Array(items) if items.len() == 1 && !items[0].is_array() => unwrapped(&items[0]),
        Value::Array(items) => items.iter().map(unwrapped).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), unwrapped(value))).collect()
        }
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn a_deny_that_fits_wins(mut all in prop::collection::vec(statements(), 0..4), at in any::<prop::sample::Index>()) {
        all.insert(at.index(all.len() + 1), statement("Deny", "sts:*", &json!({})));
        prop_assert_eq!(policy(&all).decide(&sign_in()).as_str(), "deny");
    }

    #[test]
    fn another_allow_never_denies(
        all in prop::collection::vec(statements(), 0..4), more in statements(), at in any::<prop::sample::Index>(),
    ) {
        let mut more = more;
        more["Effect"] = json!("Allow");
        let before = policy(&all).decide(&sign_in());
        let mut with = all;
        with.insert(at.index(with.len() + 1), more);
        let after = policy(&with).decide(&sign_in());
        match before {
            Decision::Allow { .. } => prop_assert_eq!(after.as_str(), "allow"),
            Decision::ExplicitDeny { .. } => prop_assert_eq!(after.as_str(), "deny"),
            Decision::ImplicitDeny { .. } => prop_assert_ne!(after.as_str(), "deny"),
            Decision::Undecided { .. } => prop_assert!(false, "every key is known"),
        }
    }

    #[test]
    fn the_order_of_arrays_and_the_brackets_around_one_value_do_not_count(all in prop::collection::vec(statements(), 1..4)) {
        let document = json!({"Version": "2012-10-17", "Statement": all});
        let found = decide(&document.to_string(), &sign_in());
        prop_assert_eq!(decide(&reversed(&document).to_string(), &sign_in()), found);
        prop_assert_eq!(decide(&unwrapped(&document).to_string(), &sign_in()), found);
    }

    #[test]
    fn a_printed_policy_reads_as_it_was(all in prop::collection::vec(statements(), 0..4)) {
        let policy = policy(&all);
        let printed = policy.to_string();
        let again = TrustPolicy::parse(&printed).unwrap();
        prop_assert_eq!(again.to_string(), printed);
        prop_assert_eq!(again.decide(&sign_in()), moved(policy.decide(&sign_in()), &again));
        prop_assert_eq!(again.depends_on_user(), policy.depends_on_user());
    }

    #[test]
    fn no_damaged_policy_panics_or_admits_by_a_deny(
        all in prop::collection::vec(statements(), 0..3), bytes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut text = json!({"Version": "2012-10-17", "Statement": all}).to_string().into_bytes();
        for (at, byte) in bytes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        if let Ok(policy) = TrustPolicy::parse(&String::from_utf8_lossy(&text))
            && let Decision::Allow { statement, .. } = policy.decide(&sign_in())
        {
            prop_assert_eq!(policy.statements[statement].effect, Effect::Allow);
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>(), json in "[\\[\\]{}\":,0-9eE.\\\\a-f -]{0,60}") {
        let _ = TrustPolicy::parse(&text);
        let _ = TrustPolicy::parse(&json);
    }
}

/// A sign-in out of the small world of [`conditions`].
fn requests() -> impl Strategy<Value = Request> {
    let subjects = prop::option::of(prop::sample::select(vec!["nora", "n", "a", "7", "true"]));
    let audiences = prop::option::of(prop::sample::select(vec!["here", "b"]));
    let tags = prop::collection::vec(prop::sample::select(vec!["a", "b", "nora"]), 0..3);
    let provider =
        prop::sample::select(vec![PROVIDER, "arn:aws:iam::418203975566:saml-provider/X"]);
    (subjects, audiences, tags, provider).prop_map(|(subject, audience, tags, provider)| {
        let one = |text: &str| Presented::One(text.to_owned());
        let mut all = vec![(
            "aws:TagKeys",
            Presented::Many(tags.iter().map(|tag| (*tag).to_owned()).collect()),
        )];
        all.extend(subject.map(|subject| ("saml:sub", one(subject))));
        all.extend(audience.map(|audience| ("saml:aud", one(audience))));
        Request::new(provider, &[ACTION], all.into_iter().collect())
    })
}

/// The same policy with operators, keys and actions in another case, names on statements, and no order.
fn respelled(all: &[Value]) -> Value {
    let cased = |map: &Value, change: &dyn Fn(&Value) -> Value| -> Value {
        let all = map.as_object().unwrap().iter();
        all.map(|(name, value)| (name.to_ascii_lowercase(), change(value))).collect()
    };
    let statements: Vec<Value> = all
        .iter()
        .enumerate()
        .map(|(number, statement)| {
            let mut other = statement.clone();
            other["Sid"] = json!(format!("S{number}"));
            other["Condition"] =
                cased(&statement["Condition"], &|keys| cased(keys, &|values| values.clone()));
            for name in ["Action", "NotAction"] {
                if let Some(list) = statement[name].as_array() {
                    let upper = list.iter().map(|one| one.as_str().unwrap().to_ascii_uppercase());
                    other[name] = upper.collect();
                }
            }
            other
        })
        .collect();
    unwrapped(&reversed(&json!({"Version": "2012-10-17", "Statement": statements})))
}

/// Statements that IAM would store: what it refuses is compared as it is written.
fn stored() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(statements(), 0..4).prop_map(|all| {
        let stored = |statement: &Value| {
            let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
            TrustPolicy::parse(&text).unwrap().faults.is_empty()
        };
        all.into_iter().filter(stored).collect()
    })
}

proptest! {
    #[test]
    fn another_spelling_makes_no_difference(all in stored(), request in requests()) {
        let first = policy(&all);
        let second = TrustPolicy::parse(&respelled(&all).to_string()).unwrap();
        prop_assert_eq!(first.differences(&second), vec![]);
        prop_assert_eq!(second.differences(&first), vec![]);
        prop_assert_eq!(first.decide(&request).as_str(), second.decide(&request).as_str());
    }

    #[test]
    fn policies_that_decide_differently_differ(
        all in prop::collection::vec(statements(), 0..4), change in statements(), at in any::<prop::sample::Index>(), request in requests(),
    ) {
        let mut other = all.clone();
        if other.is_empty() {
            other.push(change);
        } else {
            let at = at.index(other.len());
            other[at] = change;
        }
        let (first, second) = (policy(&all), policy(&other));
        if first.decide(&request).as_str() != second.decide(&request).as_str() {
            prop_assert!(!first.differences(&second).is_empty());
            prop_assert!(!second.differences(&first).is_empty());
        }
    }
}

/// A decision with the byte offsets of another reading of its policy.
fn moved(mut decision: Decision, policy: &TrustPolicy) -> Decision {
    if let Decision::ImplicitDeny { refusals, fault, .. } = &mut decision {
        let Decision::ImplicitDeny { refusals: there, fault: theirs, .. } =
            policy.decide(&sign_in())
        else {
            return decision;
        };
        *fault = theirs;
        for (own, other) in refusals.iter_mut().zip(there) {
            own.at = other.at;
            own.unmet = same_but_for_places(std::mem::take(&mut own.unmet), other.unmet);
        }
    }
    decision
}

fn same_but_for_places(own: Vec<Unmet>, other: Vec<Unmet>) -> Vec<Unmet> {
    let mut other = other.into_iter();
    own.into_iter()
        .map(|mut unmet| {
            let theirs = other.next();
            if let (Unmet::Condition { at, .. }, Some(Unmet::Condition { at: there, .. })) =
                (&mut unmet, theirs)
            {
                *at = there;
            }
            unmet
        })
        .collect()
}

struct Ran {
    code: i32,
    out: String,
    errors: String,
}

fn run(args: &[&str], input: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .args(["trust", "decide"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn the_command_answers_every_case_in_a_line_of_its_own() {
    let path = fixtures().join("trust/cases.jsonl");
    let ran = run(&["--cases", path.to_str().unwrap()], "");
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    let cases = own_cases();
    assert_eq!(ran.out.lines().count(), cases.len());
    for (line, case) in ran.out.lines().zip(&cases) {
        let answer: Value = serde_json::from_str(line).unwrap();
        assert_eq!((&answer["id"], &answer["decision"]), (&case["id"], &case["expected"]));
        assert!(!answer["because"].as_str().unwrap().is_empty());
    }
}

#[test]
fn a_line_that_is_no_case_is_one_error_with_its_line_and_the_rest_is_decided() {
    let good = json!({
        "id": 7,
        "trust_policy": "{",
        "request": {"principal": PROVIDER, "actions": [ACTION], "context": {}},
    });
    let none =
        json!({"id": 8, "trust_policy": {}, "request": {"principal": PROVIDER, "actions": []}});
    let ran = run(&["--cases", "-"], &format!("{{\n\n{good}\n{none}\n"));
    assert_eq!(ran.code, 2);
    let because = "the policy cannot be read: byte 1: not JSON: the document ends, expected a name in double quotes";
    assert_eq!(
        ran.out,
        format!("{{\"id\":7,\"decision\":\"implicit-deny\",\"because\":\"{because}\"}}\n")
    );
    let errors: Vec<&str> = ran.errors.lines().collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].contains("standard input:1: not a case: "), "{errors:?}");
    assert!(
        errors[1].ends_with("standard input:4: the request has no `actions`, expected one or more")
    );
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let ran = run(&["--cases", "no/such/file"], "");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.errors.contains("`no/such/file` cannot be read"), "{}", ran.errors);
}
