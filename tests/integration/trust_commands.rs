//! `rolecall trust decide` for one policy or role, and `rolecall trust review`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use rolecall::entitlement::resolve::Entitlements;
use rolecall::explain::trust_review::{Review, Trusted};
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::report::review::{View, review_json, review_markdown, review_text};
use rolecall::report::wrap::Width;
use rolecall::rules::SuppressedCounts;
use rolecall::sources::load::{Loaded, load};
use rolecall::text::{Shown, is_hidden};
use serde_json::{Value, json};

use crate::hostile::CORPUS;
use crate::support::{fixtures, load_folder, memory};

const PROVIDER: &str = "arn:aws:iam::418203975566:saml-provider/Saltmarsh";
const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";
const AT: &str = "2026-03-05T08:30:00Z";

struct Ran {
    code: i32,
    out: String,
    errors: String,
}

fn run(args: &[&str], input: &[u8]) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolecall"))
        .current_dir(fixtures())
        .arg("trust")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that does not read its input closes it.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

fn decide(policy: &str, args: &[&str]) -> Ran {
    run(&[&["decide", "-", "--at", AT], args].concat(), policy.as_bytes())
}

fn okta(audience: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "Okta",
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": audience}},
        },
    })
    .to_string()
}

const TWO: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::907733112244:root"},
      "Action": "sts:AssumeRole"
    },
    {
      "Sid": "Okta",
      "Effect": "Allow",
      "Principal": {"Federated": "arn:aws:iam::418203975566:saml-provider/Saltmarsh"},
      "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
      "Condition": {
        "StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml", "saml:sub": ["omar", "pilar"]},
        "StringNotLike": {"sts:RoleSessionName": "nor*"}
      }
    }
  ]
}
"#;

#[test]
fn a_refusal_says_what_is_wanted_beside_what_is_presented() {
    let ran = decide(TWO, &["--name-id", "nora", "--session-name", "nora", "--tag", "team=tide"]);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    assert_snapshot!("trust_decide_refused", ran.out);
}

#[test]
fn json_is_one_object_with_lines_and_columns() {
    let ran = decide(TWO, &["--name-id", "nora", "--format", "json", "--expect", "allow"]);
    assert_eq!(ran.code, 1);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&answer["version"], &answer["as_expected"]), (&json!(1), &json!(false)));
    assert_snapshot!("trust_decide_json", ran.out);
}

#[test]
fn the_exit_code_is_one_only_where_another_decision_was_expected() {
    let allowed = okta(SIGN_IN);
    let refused = okta("urn:amazon:webservices");
    let denied = allowed.replace("Allow", "Deny");
    for (policy, decision) in [(&allowed, "allow"), (&refused, "implicit-deny"), (&denied, "deny")]
    {
        let ran = decide(policy, &[]);
        assert_eq!(ran.code, 0, "{decision}");
        assert!(ran.out.starts_with(&format!("{decision}: ")), "{}", ran.out);
        for expected in ["allow", "deny", "implicit-deny"] {
            let ran = decide(policy, &["--expect", expected]);
            assert_eq!(ran.code, i32::from(expected != decision), "{decision}, {expected}");
        }
    }
    let ran = decide(&refused, &["--expect", "allow"]);
    assert!(ran.out.ends_with("\n  expected allow, found implicit-deny\n"), "{}", ran.out);
}

#[test]
fn a_policy_is_read_in_every_form_people_have_it_in() {
    let policy = okta(SIGN_IN);
    let encoded = policy.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
    let forms = [
        policy.clone(),
        format!("\u{feff}\n{policy}\n"),
        json!(policy).to_string(),
        encoded.clone(),
        json!(encoded).to_string(),
        json!({"Role": {"RoleName": "Ops", "AssumeRolePolicyDocument": encoded}}).to_string(),
        format!(r#"{{"Role":{{"AssumeRolePolicyDocument":{policy}}}}}"#),
        format!(r#"{{"AssumeRolePolicyDocument":{policy}}}"#),
    ];
    for form in forms {
        let ran = decide(&form, &["--expect", "allow"]);
        assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{form}");
    }
}

#[test]
fn what_cannot_be_read_is_an_error_with_its_place_and_never_an_answer() {
    let policy = okta(SIGN_IN);
    let huge = format!("\"{}\"", "x".repeat(5 << 20));
    let large = policy.replace("Okta", &"O".repeat(5 << 20));
    for (text, message) in [
        ("", "line 1, column 1: not JSON: the document ends, expected a value"),
        (
            "{\n  // why\n}",
            "line 2, column 3: not JSON: found `/`, expected a name in double quotes",
        ),
        (
            "{\"Statement\": [],\n}",
            "line 2, column 1: not JSON: found `}`, expected a name in double quotes",
        ),
        ("[]", "line 1, column 1: the policy is an array, expected an object"),
        ("%7", "not percent-encoded UTF-8 at byte 0, expected `%` and two hexadecimal digits"),
        ("%7B%FF%7D", "not percent-encoded UTF-8"),
        (r#"{"RoleDetailList":[]}"#, "`RoleDetailList` lists roles, expected one policy"),
        (r#"{"Role":{"RoleName":"Ops"}}"#, "the role has no `AssumeRolePolicyDocument`"),
        (&huge, "found a string of something else"),
        (&large, "bytes, expected at most 4194304"),
    ] {
        let ran = decide(text, &["--expect", "implicit-deny", "--principal", PROVIDER]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{message}");
        assert!(ran.errors.starts_with("error: standard input: "), "{}", ran.errors);
        assert!(ran.errors.contains(message), "{} lacks {message}", ran.errors);
    }
    let ran = run(&["decide", "-"], b"{\"Statement\": \"\xff\"}");
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("byte 16 is not UTF-8"), "{}", ran.errors);
}

#[test]
fn a_policy_that_iam_would_refuse_lets_nobody_in_and_says_why() {
    let twice = okta(SIGN_IN).replace(r#""Action":"#, r#""Action":"sts:AssumeRole","Action":"#);
    let ran = decide(&twice, &["--expect", "implicit-deny", "--principal", PROVIDER]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("IAM would refuse to store this policy:\n    `Action` stands twice"));
    let resource = okta(SIGN_IN).replace(r#""Effect""#, r#""Resource":"*","Effect""#);
    assert_eq!(decide(&resource, &["--expect", "allow", "--principal", PROVIDER]).code, 1);
}

#[test]
fn a_policy_of_a_megabyte_is_decided() {
    let mut policy: Value = serde_json::from_str(&okta(SIGN_IN)).unwrap();
    let values: Vec<String> = (0..60_000).map(|at| format!("*a*b*{at}*{at}*c*d*e")).collect();
    policy["Statement"]["Condition"] = json!({"StringLike": {"saml:sub": values}});
    let policy = policy.to_string();
    assert!(policy.len() > 1 << 20);
    let ran = decide(&policy, &["--name-id", &"ab0".repeat(300), "--expect", "implicit-deny"]);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert!(ran.out.contains(" or 59988 more\n"), "{}", ran.out);
}

#[test]
fn who_asks_is_to_be_said_where_the_policy_does_not_tell() {
    let two = okta(SIGN_IN).replace(
        &format!("\"{PROVIDER}\""),
        &format!("[\"{PROVIDER}\",\"{}\"]", PROVIDER.replace("Saltmarsh", "Standby")),
    );
    let ran = decide(&two, &[]);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.errors, "error: 2 SAML providers may ask, expected `--principal ARN`\n");
    let none = decide(&okta(SIGN_IN).replace("Federated", "AWS"), &[]);
    assert!(none.errors.contains("nothing names the SAML provider that asks"), "{}", none.errors);
    assert_eq!(decide(&two, &["--principal", PROVIDER, "--expect", "allow"]).code, 0);
    let twice = okta(SIGN_IN).replacen("\"Effect\"", "\"Effect\":\"Allow\",\"Effect\"", 1);
    let ran = decide(&twice, &[]);
    assert_eq!(ran.code, 2);
    let why = "expected `--principal ARN`; IAM would refuse to store this policy: ";
    assert!(ran.errors.contains(why), "{}", ran.errors);
}

#[test]
fn the_request_follows_the_flags() {
    let policy = |condition: Value| {
        let mut policy: Value = serde_json::from_str(&okta(SIGN_IN)).unwrap();
        policy["Statement"]["Action"] = json!("sts:*");
        policy["Statement"]["Condition"] = condition;
        policy.to_string()
    };
    for (condition, args) in [
        (json!({"StringEquals": {"saml:aud": "https://x.test"}}), "--recipient https://x.test"),
        (json!({"StringEquals": {"saml:iss": "exk1"}}), "--issuer exk1"),
        (
            json!({"StringEquals": {"saml:sub_type": "persistent"}}),
            "--name-id-format urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        ),
        (json!({"StringEquals": {"saml:doc": "418203975566/Saltmarsh"}}), ""),
        (json!({"StringEquals": {"aws:RequestTag/team": "tide"}}), "--tag team=tide"),
        (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": "b"}}), "--tag a=1 --tag b=2"),
        (
            json!({"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["a"]}}),
            "--transitive-tag a",
        ),
        (json!({"StringEquals": {"sts:SourceIdentity": "nora"}}), "--source-identity nora"),
        (json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}), "--source-ip 192.0.2.17"),
        (json!({"DateLessThan": {"aws:CurrentTime": "2027-01-01"}}), ""),
        (
            json!({"ForAnyValue:StringEquals": {"x:many": "b"}}),
            "--context x:many=a --context X:MANY=b",
        ),
        (json!({"StringEquals": {"x:one": "a=b"}}), "--context x:one=a=b"),
        (json!({"Null": {"saml:aud": "true"}}), "--without SAML:aud"),
    ] {
        let args: Vec<&str> = args.split_whitespace().collect();
        let ran = decide(&policy(condition.clone()), &[&args[..], &["--expect", "allow"]].concat());
        assert_eq!(ran.code, 0, "{condition}: {}{}", ran.out, ran.errors);
    }
    let only = okta(SIGN_IN);
    assert_eq!(decide(&only, &["--tag", "a=1", "--expect", "implicit-deny"]).code, 0);
    assert_eq!(decide(&only, &["--action", "sts:TagSession", "--expect", "implicit-deny"]).code, 0);
    for (flag, value, expected) in [
        ("--context", "x", "`--context x`, expected KEY=VALUE"),
        ("--tag", "=x", "`--tag =x`, expected KEY=VALUE"),
        ("--at", "soon", "`--at soon`, expected a time such as"),
    ] {
        let ran = run(&["decide", "-", flag, value], only.as_bytes());
        assert_eq!(ran.code, 2);
        assert!(ran.errors.contains(expected), "{}", ran.errors);
    }
}

#[test]
fn one_of_policy_role_and_cases_is_needed() {
    for args in [&["decide"][..], &["decide", "-", "--cases", "x"], &["decide", "-", "--user", "x"]]
    {
        let ran = run(args, b"");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
    }
}

#[test]
fn a_role_is_decided_by_what_the_exports_say() {
    let role = ["decide", "--source", "federations/demo/exports", "--at", AT];
    let decide = |args: &[&str]| run(&[&role, args].concat(), b"");
    let ran = decide(&["--role", "saltmarsh-prod/ReadOnly", "--user", "nora"]);
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    assert_snapshot!("trust_decide_role", ran.out);
    for (args, message) in [
        (
            ["--role", "saltmarsh-prod/Readonly"],
            "no export has the role `saltmarsh-prod/Readonly`; the nearest in that account: `ReadOnly`",
        ),
        (["--role", "nowhere/ReadOnly"], "no export is of the account of `nowhere/ReadOnly`"),
        (["--role", "ReadOnly"], "`ReadOnly` names no role"),
    ] {
        let ran = decide(&args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""));
        assert!(ran.errors.contains(message), "{}", ran.errors);
    }
}

fn role(account: &str, name: &str, policy: &Value) -> Value {
    json!({
        "Path": "/",
        "RoleName": name,
        "Arn": format!("arn:aws:iam::{account}:role/{name}"),
        "AssumeRolePolicyDocument": policy,
        "MaxSessionDuration": 3600,
    })
}

/// Three accounts with one trust in two spellings, a role with another door, and policies that cannot be read.
fn world() -> Loaded {
    let saml = |account: &str| {
        json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Federated": format!("arn:aws:iam::{account}:saml-provider/Okta")},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": SIGN_IN}},
        }]})
    };
    let spelled = |account: &str| {
        json!({"Statement": {
            "Sid": "a",
            "Condition": {"StringEquals": {"SAML:aud": [SIGN_IN]}},
            "Action": ["sts:AssumeRoleWithSAML"],
            "Principal": {"Federated": [format!("arn:aws:iam::{account}:saml-provider/Okta")]},
            "Effect": "Allow",
        }, "Version": "2012-10-17"})
    };
    let mut door = saml("333333333333");
    door["Statement"].as_array_mut().unwrap().push(json!({
        "Effect": "Allow",
        "Principal": {"AWS": ["arn:aws:iam::444444444444:root", "*"], "Service": "ec2.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }));
    let service = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole",
    }});
    let account = |account: &str, roles: Vec<Value>| {
        let page = json!({"RoleDetailList": roles, "IsTruncated": false});
        memory(&format!("{account}.json"), page.to_string().into_bytes())
    };
    load(vec![
        account(
            "111111111111",
            vec![
                role("111111111111", "Admin", &saml("111111111111")),
                role("111111111111", "Ops", &spelled("111111111111")),
            ],
        ),
        account(
            "222222222222",
            vec![
                role("222222222222", "Admin", &saml("222222222222")),
                role("222222222222", "Broken", &json!({"Statement": 7})),
            ],
        ),
        account(
            "333333333333",
            vec![
                role("333333333333", "Admin", &door),
                role("333333333333", "Foreign", &saml("111111111111")),
                role("333333333333", "Machine", &service),
            ],
        ),
    ])
}

fn review(loaded: &Loaded) -> Review<'_> {
    Review::of(&loaded.federation, None, &|_, name| name == "Admin")
}

fn shown(loaded: &Loaded, review: &Review<'_>, all: bool) -> [String; 3] {
    let findings = BTreeMap::new();
    let sources = &loaded.federation.sources;
    let suppressed = SuppressedCounts::default();
    let view = View { review, findings: &findings, suppressed, sources, all };
    let mut outputs = [Vec::new(), Vec::new(), Vec::new()];
    let [text, json, markdown] = &mut outputs;
    let mut plain = anstream::StripStream::new(Vec::new());
    review_text(&mut plain, &view, Width::NONE).unwrap();
    text.extend(plain.into_inner());
    review_json(json, &view).unwrap();
    review_markdown(markdown, &view).unwrap();
    outputs.map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn roles_that_trust_alike_but_for_their_account_are_told_once() {
    let loaded = world();
    let review = review(&loaded);
    let counts: Vec<usize> = review.trusts.iter().map(|trust| trust.roles.len()).collect();
    assert_eq!(counts, [3, 1, 1, 1]);
    assert!(matches!(review.roles[3].trusted, Trusted::Unreadable(_)));
    let [text, json, markdown] = shown(&loaded, &review, true);
    assert_snapshot!("trust_review_text", text);
    assert_snapshot!("trust_review_json", json);
    assert_snapshot!("trust_review_markdown", markdown);
}

#[test]
fn only_the_roles_wanted_are_left_and_their_trusts() {
    let loaded = world();
    let mut all = review(&loaded);
    all.retain(|_, role, _| role.admin);
    assert_eq!((all.roles.len(), all.trusts.len()), (3, 2));
    for trust in &all.trusts {
        assert!(trust.roles.iter().all(|&number| number < all.roles.len()));
    }
    all.retain(|_, _, trust| trust.is_some_and(|trust| !trust.other_doors().is_empty()));
    assert_eq!(all.trusts[0].other_doors().len(), 3);
    all.retain(|_, _, _| false);
    assert!(all.roles.is_empty() && all.trusts.is_empty());
}

#[test]
fn a_policy_by_itself_joins_the_trust_it_means() {
    let loaded = world();
    let mut all = review(&loaded);
    let arn = "arn:aws:iam::555555555555:role/Ops";
    let policy = okta(SIGN_IN).replace("418203975566", "555555555555").replace("Saltmarsh", "Okta");
    all.add_policy("ops.json", &policy, Some(arn));
    all.add_policy("broken.json", "{", None);
    assert_eq!(all.trusts[0].roles.len(), 4);
    assert!(matches!(all.roles.last().unwrap().trusted, Trusted::Unreadable(_)));
}

#[test]
fn what_a_version_means_keeps_two_policies_apart() {
    let policy = |version: &str| {
        json!({"Version": version, "Statement": {
            "Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"saml:sub": "${saml:iss}"}},
        }})
        .to_string()
    };
    let loaded = load(Vec::new());
    let mut all = review(&loaded);
    all.add_policy("new.json", &policy("2012-10-17"), None);
    all.add_policy("old.json", &policy("2008-10-17"), None);
    assert_eq!(all.trusts.len(), 2);
}

#[test]
fn who_reaches_a_role_is_counted_from_the_directory() {
    let loaded = load_folder(&fixtures().join("federations/demo"));
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default()).unwrap();
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let review = Review::of(&loaded.federation, Some(&entitlements), &|_, _| false);
    for role in &review.roles {
        let name = format!("{}/{}", role.account.unwrap(), role.name.unwrap());
        let query = rolecall::explain::lookup::RoleQuery::parse(&name).unwrap();
        let holders = rolecall::explain::who::who(&entitlements, &query);
        assert_eq!(role.reach.unwrap().users, holders.holders.len(), "{name}");
    }
    assert!(review.roles.iter().any(|role| role.reach.unwrap().users > 1));
    let [text, _, _] = shown(&loaded, &review, true);
    assert_snapshot!("trust_review_demo", text);
}

/// What would reach the reader raw; line ends are the output's own.
fn raw(out: &str) -> Vec<char> {
    out.chars().filter(|&c| c != '\n' && is_hidden(c)).collect()
}

#[test]
fn nothing_hostile_in_a_policy_reaches_a_review_raw() {
    for text in CORPUS {
        let policy = json!({"Version": "2012-10-17", "Id": text, "Statement": [{
            "Sid": text,
            "Effect": "Allow",
            "Principal": {"Federated": [text, format!("arn:aws:iam::1:saml-provider/{text}")], text: text},
            "Action": [text, "sts:AssumeRoleWithSAML"],
            "Condition": {"StringEquals": {text: [text, "x"]}, text: {"saml:aud": text}},
        }, {"Effect": text, "Principal": "*", "Action": "sts:*", text: text}]})
        .to_string();
        let loaded = load(vec![memory(
            &format!("{text}.json"),
            json!({"RoleDetailList": [role("111111111111", "Admin", &serde_json::from_str(&policy).unwrap())]})
                .to_string()
                .into_bytes(),
        )]);
        let mut all = review(&loaded);
        all.add_policy(text, &policy, Some(text));
        all.add_policy(text, text, None);
        let [plain, json, markdown] = shown(&loaded, &all, true);
        for out in [&plain, &json, &markdown] {
            assert_eq!(raw(out), Vec::<char>::new(), "{text:?}:\n{out}");
        }
        serde_json::from_str::<Value>(&json).unwrap();
        assert!(json.contains(&*serde_json::to_string(&Shown("Admin").to_string()).unwrap()));
        only_code_is_untrusted(&markdown);
        // No argument of a program can have a null character in it.
        if !text.contains('\0') {
            let ran = decide(&policy, &["--principal", text, "--context", &format!("x={text}")]);
            assert_eq!((ran.code, raw(&ran.out)), (0, Vec::new()), "{text:?}: {}", ran.errors);
        }
    }
}

/// Outside of code spans a review's Markdown has words, numbers and table bars only.
fn only_code_is_untrusted(markdown: &str) {
    for line in markdown.lines() {
        let mut rest = line;
        let mut outside = String::new();
        while let Some(at) = rest.find('`') {
            let (before, span) = rest.split_at(at);
            outside.push_str(before);
            let fence: String = span.chars().take_while(|&c| c == '`').collect();
            let inner = &span[fence.len()..];
            let end = inner
                .match_indices(&fence)
                .map(|(at, _)| at)
                .find(|&at| {
                    !inner[..at].ends_with('`') && !inner[at + fence.len()..].starts_with('`')
                })
                .unwrap_or_else(|| panic!("a span that never ends: {line}"));
            rest = &inner[end + fence.len()..];
        }
        outside.push_str(rest);
        let plain = |c: char| c.is_ascii_alphanumeric() || " |-:#,.()/".contains(c);
        assert!(outside.chars().all(plain), "{outside:?} of {line}");
    }
}

#[test]
fn the_command_reviews_folders_and_files_and_filters() {
    let demo = ["review", "federations/demo"];
    let ran = run(&demo, b"");
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert!(ran.out.starts_with("5 roles, in 3 accounts"), "{}", ran.out);
    let count = |args: &[&str]| {
        let ran = run(&[&demo[..], args, &["--format", "json"]].concat(), b"");
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        answer["roles"].as_array().unwrap().len()
    };
    assert_eq!(count(&[]), 5);
    assert_eq!(count(&["--only-saml"]), 5);
    let one = count(&["--account", "saltmarsh-prod"]);
    assert!((1..5).contains(&one));
    assert_eq!(count(&["--account", "418203975566"]), one);
    assert_eq!(count(&["--account", "nowhere"]), 0);
    assert_eq!(count(&["--admin"]), 0);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    fs::write(&file, TWO).unwrap();
    let name = file.to_str().unwrap();
    let ran = run(&["review", name], b"");
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    assert!(ran.out.contains("AWS arn:aws:iam::907733112244:root"), "{}", ran.out);
    assert!(Path::new(name).exists());
    let ran = run(&["review", "federations/demo", name], b"");
    assert!(ran.out.starts_with("6 roles"), "{}", ran.out);
    let many: Vec<String> = (0..30).map(|n| format!("{PROVIDER}{n:02}")).collect();
    let many = okta(SIGN_IN).replace(&format!("\"{PROVIDER}\""), &json!(many).to_string());
    fs::write(&file, many).unwrap();
    let ran = run(&["review", name], b"");
    let shown = ran.out.matches(&format!("SAML provider {PROVIDER}")).count();
    assert_eq!(shown, 20, "{}", ran.out);
    assert!(ran.out.contains("and 10 more\n"), "{}", ran.out);
    let ran = run(&["review", "no/such/file"], b"");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
}

#[test]
fn what_the_rules_find_stands_beside_the_role() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.json");
    let right = folder.path().join("right.json");
    fs::write(&wrong, okta("urn:amazon:webservices")).unwrap();
    fs::write(&right, okta(SIGN_IN)).unwrap();
    let (wrong, right) = (wrong.to_str().unwrap(), right.to_str().unwrap());
    let args = ["review", wrong, right, "--format", "json"];
    let ran = run(&args, b"");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let rules = |role: usize| {
        let findings = answer["roles"][role]["findings"].as_array().unwrap();
        findings.iter().map(|one| one["rule"].as_str().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(rules(0), ["trust/impossible-audience"]);
    assert_eq!(rules(1), [""; 0]);
    let ran = run(&[&args[..], &["--with-findings"]].concat(), b"");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["roles"].as_array().unwrap().len(), 1);

    // One finding about a role that three accounts have alike stands beside each of them.
    let exports = folder.path().join("exports");
    fs::create_dir(&exports).unwrap();
    for account in ["111111111111", "222222222222", "333333333333"] {
        let policy = okta("urn:amazon:webservices").replace("418203975566", account);
        let policy: Value = serde_json::from_str(&policy).unwrap();
        let page =
            json!({"RoleDetailList": [role(account, "Admin", &policy)], "IsTruncated": false});
        fs::write(exports.join(format!("{account}.json")), page.to_string()).unwrap();
    }
    let ran = run(&["review", exports.to_str().unwrap()], b"");
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert!(ran.out.contains("  findings    3 trust/impossible-audience (error)\n"), "{}", ran.out);
}
