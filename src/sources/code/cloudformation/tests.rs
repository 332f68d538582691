use std::fmt::Write as _;

use super::*;
use crate::model::account::AccountId;
use crate::model::declared::{HOLE, Known};
use crate::text::Place;

fn given(pairs: &[(&str, &str)]) -> SourceOptions {
    SourceOptions {
        account: AccountId::parse("012345678901").ok(),
        parameters: pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect(),
        ..SourceOptions::default()
    }
}

fn problems(part: &CodePart) -> Vec<String> {
    part.problems.iter().map(|one| format!("{}: {}", one.line, one.error)).collect()
}

/// The trust policy of the first role, holes shown as `?`, and why they are there.
fn policy(text: &str, options: &SourceOptions) -> (String, Vec<String>) {
    let part = read(text.as_bytes(), options);
    let role = part.declared.roles.first().unwrap_or_else(|| panic!("{:?}", problems(&part)));
    match &role.trust_policy {
        Known::Value(policy) => (policy.json.replace(HOLE, "?"), role.holes.clone()),
        Known::Unknown(reason) => ("unknown".to_owned(), vec![reason.clone()]),
    }
}

/// A role whose trust policy names a provider by `value`, one line of YAML.
fn federated(head: &str, value: &str) -> String {
    format!(
        "{head}Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      \
         AssumeRolePolicyDocument:\n        Statement:\n          Principal:\n            \
         Federated: {value}\n"
    )
}

fn provider(head: &str, value: &str, options: &SourceOptions) -> (String, Vec<String>) {
    let (json, holes) = policy(&federated(head, value), options);
    let value = json.strip_prefix(r#"{"Statement":{"Principal":{"Federated":"#);
    let value = value.and_then(|rest| rest.strip_suffix("}}}"));
    (value.unwrap_or(&json).to_owned(), holes)
}

#[test]
fn functions_give_what_a_deployment_with_these_parameters_would() {
    let head = "Parameters:\n  Stage: {Type: String}\n  Id: {Type: String, Default: 098765432109}\n  \
                Names: {Type: CommaDelimitedList, Default: 'a, b'}\n\
                Mappings:\n  M:\n    prod: {Idp: OKTA}\n\
                Conditions:\n  Prod: !Equals [!Ref Stage, prod]\n  Not: !Not [!Condition Prod]\n  \
                Both: !And [!Condition Prod, !Condition Not]\n  Any: !Or [!Condition Not, !Condition Prod]\n";
    let options = given(&[("Stage", "prod"), ("AWS::Region", "cn-north-1")]);
    for (written, expected) in [
        ("!Ref Stage", "prod"),
        ("!Ref Id", "098765432109"),
        ("!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:x'", "arn:aws-cn:iam::012345678901:x"),
        ("!Sub ['${A}-${Stage}-${!B}', {A: !Ref Id}]", "098765432109-prod-${B}"),
        ("!Join [':', [a, !Ref Stage, !Ref 'AWS::NoValue']]", "a:prod"),
        ("!Join ['', !Ref Names]", "ab"),
        ("!FindInMap [M, !Ref Stage, Idp]", "OKTA"),
        ("!FindInMap [M, dev, Idp, {DefaultValue: NONE}]", "NONE"),
        ("!If [Prod, yes, no]", "yes"),
        ("!If [Not, yes, no]", "no"),
        ("!If [Both, yes, no]", "no"),
        ("!If [Any, yes, no]", "yes"),
        ("!Select [1, !Split ['|', 'a|b|c']]", "b"),
        ("!Select ['0', !Ref Names]", "a"),
        ("{Fn::Sub: '${Stage}'}", "prod"),
        ("!Sub '${AWS::URLSuffix}'", "amazonaws.com.cn"),
    ] {
        let (found, holes) = provider(head, written, &options);
        assert_eq!((found, holes), (format!("\"{expected}\""), Vec::new()), "{written}");
    }
}

#[test]
fn what_is_not_known_is_a_hole_with_its_reason() {
    let head = "Parameters:\n  Stage: {Type: String}\n  Ssm: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /x}\n\
                Conditions:\n  Prod: !Equals [!Ref Stage, prod]\n";
    let options = SourceOptions::default();
    for (written, expected, reason) in [
        ("!Ref Stage", "\"?\"", "parameter `Stage` has no value"),
        ("!Ref Ssm", "\"?\"", "parameter `Ssm` is looked up on deployment"),
        ("!Sub 'a-${Stage}-b'", "\"a-?-b\"", "parameter `Stage` has no value"),
        ("!Ref AWS::AccountId", "\"?\"", "the account of the template is not given"),
        ("!ImportValue Idp", "\"?\"", "the value `Idp` comes from another stack"),
        ("!If [Prod, a, b]", "\"?\"", "condition `Prod` is not known"),
        ("!If [Prod, [a], b]", "\"?\"", "condition `Prod` is not known"),
        ("!GetAtt Stack.Outputs.Arn", "\"?\"", "`Stack` is not defined"),
        ("'{{resolve:ssm:/idp}}'", "\"?\"", "`{{resolve:ssm:…}}` is looked up on deployment"),
        ("!Base64 x", "\"?\"", "`Fn::Base64` is computed on deployment"),
        ("!Split ['|', !Ref Stage]", "\"?\"", "parameter `Stage` has no value"),
    ] {
        let (found, holes) = provider(head, written, &options);
        assert_eq!((found.as_str(), holes), (expected, vec![reason.to_owned()]), "{written}");
    }
    let (same, holes) = provider(head, "!If [Prod, a, a]", &options);
    assert_eq!((same.as_str(), holes), ("\"a\"", Vec::new()));
}

#[test]
fn a_policy_whose_shape_is_not_known_is_unknown_as_a_whole() {
    let head = "Conditions:\n  C: !Equals [!Ref 'AWS::Region', x]\nResources:\n  R:\n    Type: AWS::IAM::Role\n    \
                Properties:\n      AssumeRolePolicyDocument:";
    for body in [
        "\n        Statement: [!If [C, {Effect: Allow}, !Ref 'AWS::NoValue']]\n",
        "\n        Statement:\n          - Effect: Allow\n            Principal: !If [C, '*', {AWS: x}]\n",
        "\n        Statement:\n          - Effect: Allow\n            Condition: !If [C, {}, {Null: {}}]\n",
        " !If [C, {Statement: []}, {Statement: []}]\n",
        "\n        Fn::Transform: {Name: x}\n        Statement: []\n",
        " !Sub '{\"Statement\": ${AWS::StackName}}'\n",
    ] {
        let (found, reasons) = policy(&format!("{head}{body}"), &SourceOptions::default());
        assert_eq!((found.as_str(), reasons.len()), ("unknown", 1), "{body}");
    }
}

#[test]
fn names_of_own_resources_are_known_where_they_are_stated() {
    let text = "Resources:\n  Idp:\n    Type: AWS::IAM::SAMLProvider\n    Properties:\n      Name: !Sub 'OKTA-${AWS::AccountId}'\n      \
                SamlMetadataDocument: '<x/>'\n  Other:\n    Type: AWS::IAM::Role\n    Properties: {Path: /a/}\n  R:\n    \
                Type: AWS::IAM::Role\n    Properties:\n      RoleName: Admin\n      AssumeRolePolicyDocument: {A: !Ref Idp, B: \
                !GetAtt Idp.Arn, C: !GetAtt [R, Arn], D: !Ref Other, E: !GetAtt Other.RoleId}\n";
    let part = read(text.as_bytes(), &given(&[("AWS::Partition", "aws")]));
    let [other, role] = part.declared.roles.as_slice() else { panic!("{part:?}") };
    let Known::Value(policy) = &role.trust_policy else { panic!("{role:?}") };
    assert_eq!(
        policy.json.replace(HOLE, "?"),
        r#"{"A":"arn:aws:iam::012345678901:saml-provider/OKTA-012345678901","B":"arn:aws:iam::012345678901:saml-provider/OKTA-012345678901","C":"arn:aws:iam::012345678901:role/Admin","D":"?","E":"?"}"#
    );
    assert_eq!(role.name, Known::Value("Admin".to_owned()));
    assert_eq!(other.path, Known::Value("/a/".to_owned()));
    assert!(matches!(&other.trust_policy, Known::Unknown(_)), "{other:?}");
    let reason = "`Other` states no name, so that one is made on deployment".to_owned();
    assert_eq!(other.name, Known::Unknown(reason));
    assert_eq!(problems(&part), ["7: `Other` without `AssumeRolePolicyDocument`, expected one"]);
}

#[test]
fn every_part_of_a_policy_has_the_line_of_the_template() {
    let text = "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        \
                Version: 2012-10-17\n        Statement:\n        - Effect: Allow\n          Condition:\n            \
                StringEquals:\n              saml:aud: https://x\n";
    let json = r#"{"Resources": {
        "R": {"Type": "AWS::IAM::Role",
            "Properties": {

                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17", "Statement":
                    [
                    {"Effect": "Allow",
                    "Condition":
                    {"StringEquals":
                    {"saml:aud": "https://x"}}}]}}}}}"#;
    for text in [text, json] {
        let part = read(text.as_bytes(), &SourceOptions::default());
        let role = &part.declared.roles[0];
        let Known::Value(policy) = &role.trust_policy else { panic!("{role:?}") };
        assert_eq!((role.place, policy.place), (Place(2), Place(5)));
        let line = |part: &str| policy.place_of(policy.json.find(part).unwrap()).0;
        let lines =
            ["2012", "\"Effect", "\"Condition", "StringEquals", "saml:aud", "https"].map(line);
        assert_eq!(lines, [6, 8, 9, 10, 11, 11], "{}", policy.json);
    }
}

#[test]
fn yaml_keeps_what_is_written() {
    let text = "Resources:\n  R: &r\n    Type: AWS::IAM::Role\n    Properties: &p\n      MaxSessionDuration: 3600\n      \
                AssumeRolePolicyDocument: {Version: 2012-10-17, A: 012345678901, B: 0o17, C: yes, D: true, E: ~, F: \"~\", G: 1e3}\n  \
                S:\n    Type: AWS::IAM::Role\n    Properties:\n      <<: *p\n      RoleName: S\n  T: *r\n";
    let part = read(text.as_bytes(), &SourceOptions::default());
    let [r, s, t] = part.declared.roles.as_slice() else { panic!("{part:?}") };
    let Known::Value(policy) = &r.trust_policy else { panic!("{r:?}") };
    assert_eq!(
        &*policy.json,
        r#"{"Version":"2012-10-17","A":"012345678901","B":"0o17","C":"yes","D":true,"E":null,"F":"~","G":"1e3"}"#
    );
    assert_eq!((&s.trust_policy, &t.trust_policy), (&r.trust_policy, &r.trust_policy));
    assert_eq!(s.max_session_duration, Some(3600));
    assert_eq!(problems(&part), Vec::<String>::new());
    let octal = federated("", "012345670123");
    let part = read(octal.as_bytes(), &SourceOptions::default());
    assert_eq!(part.problems.len(), 1, "{:?}", problems(&part));
}

#[test]
fn loops_declare_one_role_for_each_value_and_one_where_the_list_is_not_known() {
    let text = |list: &str| {
        format!(
            "Transform: AWS::LanguageExtensions\nParameters: {{L: {{Type: CommaDelimitedList}}}}\nResources:\n  'Fn::ForEach::Roles':\n    - Name\n    - {list}\n    - 'Role${{Name}}':\n        \
             Type: AWS::IAM::Role\n        Properties:\n          RoleName: !Sub 'x-${{Name}}'\n          AssumeRolePolicyDocument: {{}}\n"
        )
    };
    let roles = |list: &str| {
        let part = read(text(list).as_bytes(), &SourceOptions::default());
        assert_eq!(problems(&part), Vec::<String>::new());
        let roles = part.declared.roles.into_iter();
        roles.map(|role| (role.address, role.name)).collect::<Vec<_>>()
    };
    let known = |id: &str, name: &str| (id.to_owned(), Known::Value(name.to_owned()));
    assert_eq!(roles("[A, B]"), [known("RoleA", "x-A"), known("RoleB", "x-B")]);
    let unknown = Known::Unknown("parameter `L` has no value".to_owned());
    assert_eq!(roles("!Ref L"), [("Role${Name}".to_owned(), unknown)]);
}

#[test]
fn a_role_whose_condition_is_false_is_not_declared() {
    let text = "Conditions:\n  No: !Equals [a, b]\n  Maybe: !Equals [!Ref 'AWS::Region', b]\nResources:\n  \
                A: {Type: AWS::IAM::Role, Condition: No, Properties: {AssumeRolePolicyDocument: {}}}\n  \
                B: {Type: AWS::IAM::Role, Condition: Maybe, Properties: {AssumeRolePolicyDocument: {}}}\n";
    let part = read(text.as_bytes(), &SourceOptions::default());
    let ids: Vec<&str> = part.declared.roles.iter().map(|role| role.address.as_str()).collect();
    assert_eq!((ids, problems(&part)), (vec!["B"], Vec::new()));
}

#[test]
fn each_mistake_is_told_at_its_line_and_the_rest_is_read() {
    let ok =
        "  Ok: {Type: AWS::IAM::Role, Properties: {RoleName: Ok, AssumeRolePolicyDocument: {}}}\n";
    for (rest, expected) in [
        ("  B:\n   Type: [\n", "not well-formed YAML"),
        ("  B:\n\tType: x\n", "not well-formed YAML"),
        ("  B: {Type: x, Type: y}\n", "3: key `Type` stands twice in one map, first on line 3"),
        ("  B: !Foo x\n  C: [1]\n", "4: `C` is a list, expected a resource as a map"),
        ("  B: *nothing\n", "not well-formed YAML"),
        ("  B: &b {A: *b}\n", "an alias of what it stands in"),
        (
            "  B: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: !Foo x}}\n",
            "3: `Fn::Foo` is no function known here",
        ),
        (
            "  B: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {A: !Ref Nope}}}\n",
            "3: `Nope` is no parameter",
        ),
        (
            "  B: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {A: !Join x}}}\n",
            "3: `Fn::Join` with other arguments than it takes, expected a separator and what it stands in",
        ),
        (
            "  B: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: '{\"A\": '}}\n",
            "3: trust policy of `B`: the string holds no JSON object: EOF",
        ),
        (
            "  B: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: [1]}}\n",
            "3: `AssumeRolePolicyDocument` of `B` is a list, expected a policy document as a map",
        ),
        (
            "  B: {Type: AWS::IAM::Role, Properties: {MaxSessionDuration: 1h, AssumeRolePolicyDocument: {}}}\n",
            "3: `MaxSessionDuration` of `B` is `1h`",
        ),
    ] {
        let part = read(format!("Resources:\n{ok}{rest}").as_bytes(), &SourceOptions::default());
        let found = problems(&part);
        assert!(found.len() == 1 && found[0].contains(expected), "{rest}: {found:?}");
        let ids = part.declared.roles.iter().filter(|role| role.address == "Ok").count();
        assert_eq!(ids, 1, "{rest}");
        let read_wrong = |role: &crate::model::declared::DeclaredRole| {
            role.address == "B" && matches!(&role.trust_policy, Known::Value(p) if &*p.json == "{}")
        };
        let duration = expected.contains("Duration");
        assert_eq!(part.declared.roles.iter().any(read_wrong), duration, "{rest}");
    }
}

#[test]
fn mistakes_of_json_are_told_at_their_line_and_the_rest_is_read() {
    let ok = r#""Ok": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}}"#;
    for (rest, expected) in [
        (",\n// x\n \"B\": {}}}", "2: a comment in JSON, expected none"),
        (",\n /* x\n */ \"B\": {}\n# y\n}}", "2: a comment in JSON, expected none"),
        (",\n}}", "2: not well-formed JSON: `}`, expected a key or a value behind the comma"),
        (",\n\"B\": {\"Type\":", "2: the file ends inside the template"),
        (",\n\"B\": {\"Type\": \"x", "2: the file ends inside the template"),
        (",\n\"B\": 012}}", "2: not well-formed JSON: `0`, expected a value"),
        (",\n\"B\" {}}}", "2: not well-formed JSON: `{`, expected `:`"),
        (",\nB: {}}}", "2: not well-formed JSON: `B`, expected a key in double quotes"),
        (",\n\"B\": {} \"C\": 1}}", "2: not well-formed JSON: `\\\"`, expected `,` or the closing"),
        (",\n\"B\": \"\\q\"}}", "2: not well-formed JSON: invalid escape"),
        ("}}\n}", "2: not well-formed JSON: `}`, expected the end of the file"),
        (",\n\"B\": {\"a\": 1, \"a\": 2}}}", "2: key `a` stands twice"),
    ] {
        let text = format!("{{\"Resources\": {{{ok}{rest}");
        let part = read(text.as_bytes(), &SourceOptions::default());
        let found = problems(&part);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{rest}: {found:?}");
        assert_eq!(part.declared.roles.len(), 1, "{rest}");
    }
}

#[test]
fn a_policy_or_name_that_stands_twice_is_not_known() {
    let text = "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: a\n      RoleName: b\n      \
                AssumeRolePolicyDocument: {}\n      AssumeRolePolicyDocument: {Statement: []}\n";
    let part = read(text.as_bytes(), &SourceOptions::default());
    let role = &part.declared.roles[0];
    assert_eq!(role.name, Known::Unknown("`RoleName` stands twice".to_owned()));
    assert!(matches!(role.trust_policy, Known::Unknown(_)));
    assert_eq!(part.problems.len(), 2);
}

#[test]
fn bombs_and_depth_end_at_a_limit() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for n in 1..9 {
        let list = vec![format!("*a{}", n - 1); 10].join(",");
        writeln!(bomb, "a{n}: &a{n} [{list}]").unwrap();
    }
    let part = read(bomb.as_bytes(), &SourceOptions::default());
    assert_eq!(
        problems(&part),
        ["4: aliases that stand for more than 10000 values, expected fewer"]
    );
    let deep = format!("Resources: {}1{}\n", "[".repeat(70), "]".repeat(70));
    assert_eq!(read(deep.as_bytes(), &SourceOptions::default()).problems.len(), 1);
    let deep = format!("{{\"Resources\": {}1{}}}", "[".repeat(200), "]".repeat(200));
    let part = read(deep.as_bytes(), &SourceOptions::default());
    assert_eq!(problems(&part), ["1: nested deeper than 128 levels, expected fewer"]);
    // Names that refer to names that refer to names, twice each.
    let mut chain = "Resources:\n".to_owned();
    for n in 0..60 {
        writeln!(
            chain,
            "  R{n}: {{Type: AWS::IAM::Role, Properties: {{RoleName: !Sub '${{R{}}}${{R{}}}', AssumeRolePolicyDocument: {{}}}}}}",
            n + 1,
            n + 1
        )
        .unwrap();
    }
    chain.push_str(
        "  R60: {Type: AWS::IAM::Role, Properties: {RoleName: '', AssumeRolePolicyDocument: {}}}\n",
    );
    assert_eq!(read(chain.as_bytes(), &SourceOptions::default()).declared.roles.len(), 61);
    let itself = federated("", "!GetAtt R.Arn")
        .replace("Properties:\n", "Properties:\n      RoleName: !Ref R\n");
    let (_, holes) = policy(&itself, &given(&[]));
    assert!(holes.iter().any(|hole| hole.contains("refers to itself")), "{holes:?}");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        read(&bytes, &SourceOptions::default());
        looks_like(&bytes);
    }

    #[test]
    fn no_change_of_a_template_makes_the_reader_panic(at in 0_usize..900, with in "[\\x00-\\x7f]{0,3}", json in proptest::bool::ANY) {
        let text = if json {
            r#"{"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Sub": ["${A}", {"A": "x"}]}, "AssumeRolePolicyDocument": {"Statement": [{"Fn::If": ["C", {"Effect": "Allow"}, {"Ref": "AWS::NoValue"}]}]}}}}}"#.to_owned()
        } else {
            federated("Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\n", "!Join ['', [!GetAtt R.Arn, !If [C, a, b], *x]]")
        };
        let (before, behind) = text.split_at(at.min(text.len()));
        read(format!("{before}{with}{behind}").as_bytes(), &SourceOptions::default());
        read(before.as_bytes(), &SourceOptions::default());
    }
}
