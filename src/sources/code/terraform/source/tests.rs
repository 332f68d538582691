use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::model::account::{AccountId, Partition};
use crate::model::declared::{DeclaredRole, HOLE, Known, has_hole};

/// What files declare; each file's lines follow those of the one before, a thousand apart.
fn all(files: &[(&str, &str)], options: &SourceOptions) -> (Declared, Vec<String>) {
    let mut sources = SourceMap::default();
    let mut read = Vec::new();
    let mut said = Vec::new();
    for (number, (name, text)) in (0..).zip(files) {
        let source = sources.add((*name).to_owned(), number * 1000);
        let (file, problems) = read_source(text.as_bytes(), name, options);
        said.extend(
            problems.iter().map(|problem| format!("{name}:{}: {}", problem.line, problem.error)),
        );
        read.push((source, Box::new(file)));
    }
    let evaluated = evaluate(&read, &sources);
    said.extend(evaluated.problems.iter().map(|(source, problem)| {
        format!("{}:{}: {}", sources.name(*source).unwrap(), problem.line, problem.error)
    }));
    (evaluated.declared, said)
}

fn declared(text: &str) -> Declared {
    let (declared, said) = all(&[("main.tf", text)], &SourceOptions::default());
    assert_eq!(said, [""; 0]);
    declared
}

fn role(text: &str) -> DeclaredRole {
    let mut declared = declared(text);
    assert_eq!(declared.roles.len(), 1, "{declared:?}");
    declared.roles.remove(0)
}

fn policy(role: &DeclaredRole) -> &str {
    &role.trust_policy.value().unwrap_or_else(|| panic!("{role:?}")).json
}

fn value(text: &str) -> Known<String> {
    Known::Value(text.to_owned())
}

fn unknown(reason: &str) -> Known<String> {
    Known::Unknown(reason.to_owned())
}

/// A role whose name is an expression.
fn name_of(expression: &str, beside: &str) -> Known<String> {
    role(&format!("resource \"aws_iam_role\" \"a\" {{\n  name = {expression}\n}}\n{beside}")).name
}

#[test]
fn literals_heredocs_and_templates_are_evaluated() {
    assert_eq!(name_of("\"Admin\"", ""), value("Admin"));
    assert_eq!(
        name_of("\"a-${local.b}-${1}\"", "locals {\n  b = \"x${true}\"\n}\n"),
        value("a-xtrue-1")
    );
    assert_eq!(name_of("\"$${a}%%{b}\"", ""), value("${a}%{b}"));
    assert_eq!(name_of("<<-E\n    x\n      y\n    E", ""), value("x\n  y\n"));
    assert_eq!(name_of("(\"a\")", ""), value("a"));
    assert_eq!(
        name_of("local.m[\"k\"].l[1]", "locals {\n  m = { k = { l = [1, 2] } }\n}"),
        value("2")
    );
}

#[test]
fn conditions_that_are_known_choose() {
    assert_eq!(
        name_of("var.s == \"p\" ? \"a\" : \"b\"", "variable \"s\" {\n default = \"p\"\n}"),
        value("a")
    );
    assert_eq!(name_of("!true || false ? \"a\" : \"b\"", ""), value("b"));
    assert_eq!(
        name_of("var.s ? \"a\" : \"b\"", "variable \"s\" {}"),
        unknown("variable `s` has no value")
    );
}

#[test]
fn lists_of_names_are_joined_and_merged() {
    assert_eq!(name_of("join(\"-\", concat([\"a\"], [lower(\"B\")]))", ""), value("a-b"));
    assert_eq!(name_of("merge({ a = 1, b = 2 }, { a = 3 }).a", ""), value("3"));
    assert_eq!(name_of("format(\"%s-%d%%\", \"a\", 7)", ""), value("a-7%"));
    assert_eq!(
        name_of("format(\"%05d\", 7)", ""),
        unknown("a format of this kind is not evaluated")
    );
    assert_eq!(name_of("lookup({ a = \"x\" }, \"a\", \"y\")", ""), value("x"));
    assert_eq!(name_of("lookup({ a = \"x\" }, \"b\", \"y\")", ""), value("y"));
}

#[test]
fn what_is_not_evaluated_says_why() {
    for (expression, reason) in [
        ("var.nothing", "variable `nothing` is not declared in the files read"),
        ("local.nothing", "`local.nothing` is not in the files read"),
        ("templatefile(\"x.tpl\", {})", "function `templatefile` is not evaluated"),
        ("file(\"/etc/passwd\")", "function `file` is not evaluated"),
        ("module.iam.name", "an output of module `iam` is not followed"),
        ("terraform.workspace", "`terraform.workspace` is not evaluated"),
        ("aws_iam_role.b.name", "`aws_iam_role.b` is not in the files read"),
        ("[for x in [1] : x][0]", "a `for` expression is not evaluated"),
        ("\"a${1 + 1}\"", "arithmetic is not evaluated"),
        ("local.list[*].a", "a splat expression is not evaluated"),
        ("each.key", "`each.key` has no value here"),
        ("\"%{ if true }a%{ endif }\"", "a directive of a template is not evaluated"),
    ] {
        assert_eq!(name_of(expression, ""), unknown(reason), "{expression}");
    }
}

#[test]
fn what_refers_to_itself_or_grows_without_end_is_unknown() {
    let circle = "locals {\n  a = local.b\n  b = local.a\n}\n";
    assert_eq!(name_of("local.a", circle), unknown("`local.a` refers to itself"));
    let mut bomb =
        "locals {\n  a0 = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n".to_owned();
    for n in 1..60 {
        let before = n - 1;
        writeln!(bomb, "  a{n} = \"${{local.a{before}}}${{local.a{before}}}\"").unwrap();
    }
    bomb += "}\n";
    assert_eq!(name_of("local.a59", &bomb), unknown("the source is too large to evaluate"));
}

#[test]
fn variables_take_arguments_before_defaults_and_secrets_none() {
    let text = "resource \"aws_iam_role\" \"a\" {\n  name = var.x\n}\nvariable \"x\" {\n  default = \"d\"\n}\n";
    assert_eq!(role(text).name, value("d"));
    let parameters = [("x".to_owned(), "given".to_owned())].into();
    let options = SourceOptions { parameters, ..SourceOptions::default() };
    let (given, _) = all(&[("main.tf", text)], &options);
    assert_eq!(given.roles[0].name, value("given"));
    let files = [("a/main.tf", text), ("a/terraform.tfvars", "x = \"assigned\"\n")];
    let (assigned, _) = all(&files, &SourceOptions::default());
    assert_eq!(assigned.roles[0].name, value("assigned"));
    let secret = text.replace("default", "sensitive = true\n  default");
    assert_eq!(role(&secret).name, unknown("variable `x` is sensitive"));
}

const DOCUMENT: &str = r#"
provider "aws" {
  region              = "us-gov-west-1"
  allowed_account_ids = ["039581147026"]
}
resource "aws_iam_saml_provider" "okta" {
  name                   = "OKTA"
  saml_metadata_document = file("okta.xml")
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_saml_provider.okta.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "SAML:aud"
      values   = ["https://signin.amazonaws-us-gov.com/saml"]
    }
  }
}
resource "aws_iam_role" "admin" {
  name                 = "Admin"
  path                 = "/team/"
  max_session_duration = 7200
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}
"#;

#[test]
fn a_policy_document_is_followed_with_its_lines() {
    let role = role(DOCUMENT);
    assert_eq!(
        policy(&role),
        concat!(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","#,
            r#""Action":["sts:AssumeRoleWithSAML","sts:TagSession"],"#,
            r#""Principal":{"Federated":"arn:aws-us-gov:iam::039581147026:saml-provider/OKTA"},"#,
            r#""Condition":{"StringEquals":{"SAML:aud":"https://signin.amazonaws-us-gov.com/saml"}}}]}"#,
        )
    );
    assert_eq!(role.account, Some(AccountId::parse("039581147026").unwrap()));
    assert_eq!((role.partition, role.path), (Some(Partition::GovCloud), value("/team/")));
    assert_eq!((role.max_session_duration, role.place), (Some(7200), Place(24)));
    let document = role.trust_policy.value().unwrap();
    let at = |part: &str| document.place_of(document.json.find(part).unwrap()).0;
    assert_eq!((at("Version"), at("sts:Tag"), at("SAML:aud"), at("https")), (10, 12, 20, 20));
}

#[test]
fn what_nothing_says_of_an_arn_is_a_hole() {
    let text = DOCUMENT.replace("  allowed_account_ids = [\"039581147026\"]\n", "");
    let role = role(&text);
    assert!(policy(&role).contains(&format!("arn:aws-us-gov:iam::{HOLE}:saml-provider/OKTA")));
    assert_eq!(role.holes, ["nothing says which account this is"]);
    let metadata = &declared(&text).providers[0].metadata;
    assert_eq!(metadata, &Known::Unknown("function `file` is not evaluated".to_owned()));
}

#[test]
fn a_policy_of_jsonencode_keeps_its_lines() {
    let role = role(
        "resource \"aws_iam_role\" \"a\" {\n  name = \"a\"\n  assume_role_policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect = \"Allow\"\n      Principal = { Federated = var.provider_arn }\n      Action = \"sts:AssumeRoleWithSAML\"\n    }]\n  })\n}\nvariable \"provider_arn\" {}\n",
    );
    assert!(has_hole(policy(&role)));
    assert_eq!(role.holes, ["variable `provider_arn` has no value"]);
    let document = role.trust_policy.value().unwrap();
    let at = |part: &str| document.place_of(document.json.find(part).unwrap()).0;
    assert_eq!((at("Version"), at("Allow"), at("\u{e000}"), at("sts:")), (4, 6, 7, 8));
}

#[test]
fn a_heredoc_policy_keeps_its_lines_and_its_escaped_variables() {
    let text = "resource \"aws_iam_role\" \"a\" {\r\n  name = \"a\"\r\n  assume_role_policy = <<EOF\r\n{\r\n  \"Statement\": {\r\n    \"Principal\": {\"Federated\": \"${local.p}\"},\r\n    \"Condition\": {\"StringLike\": {\"saml:sub\": \"$${*}\"}}\r\n  }\r\n}\r\nEOF\r\n}\r\nlocals {\r\n  p = \"arn\"\r\n}\r\n";
    let role = role(text);
    let document = role.trust_policy.value().unwrap();
    assert!(document.json.contains("\"Federated\": \"arn\"") && document.json.contains("\"${*}\""));
    let at = |part: &str| document.place_of(document.json.find(part).unwrap()).0;
    assert_eq!((at("{"), at("Statement"), at("arn"), at("StringLike")), (4, 5, 13, 7));
}

#[test]
fn an_unreadable_policy_is_a_problem_and_never_an_empty_one() {
    let text = "resource \"aws_iam_role\" \"a\" {\n  name = \"a\"\n  assume_role_policy = <<EOF\n{\n  \"Statement\": [,]\n}\nEOF\n}\nresource \"aws_iam_role\" \"b\" {\n  name = \"b\"\n}\n";
    let (declared, said) = all(&[("main.tf", text)], &SourceOptions::default());
    assert_eq!(
        said,
        [
            "main.tf:5: the trust policy of `aws_iam_role.a` cannot be read: not well-formed JSON: found `,`, expected a value"
        ]
    );
    assert_eq!(declared.roles.len(), 2);
    assert!(declared.roles.iter().all(|role| role.trust_policy.value().is_none()));
}

#[test]
fn dynamic_blocks_and_unknown_structure_leave_the_policy_unknown() {
    let text = DOCUMENT.replace("    condition {", "    dynamic \"condition\" {");
    let why = Known::Unknown("a `dynamic` block of `condition` is not expanded".to_owned());
    assert_eq!(role(&text).trust_policy, why);
    let text = DOCUMENT.replace("data.aws_iam_policy_document.trust.json", "var.policy");
    let text = format!("{text}\nvariable \"policy\" {{}}\n");
    assert_eq!(
        role(&text).trust_policy,
        Known::Unknown("variable `policy` has no value".to_owned())
    );
}

#[test]
fn instances_are_made_where_their_keys_are_known() {
    let names = |text: &str| -> Vec<(String, Known<String>)> {
        declared(text).roles.into_iter().map(|role| (role.address, role.name)).collect()
    };
    let text = "resource \"aws_iam_role\" \"a\" {\n  for_each = toset([\"x\", \"y\"])\n  name = \"r-${each.key}\"\n}\n";
    assert_eq!(
        names(text),
        [
            ("aws_iam_role.a[\"x\"]".to_owned(), value("r-x")),
            ("aws_iam_role.a[\"y\"]".to_owned(), value("r-y"))
        ]
    );
    let open = text.replace("toset([\"x\", \"y\"])", "var.all") + "variable \"all\" {}\n";
    assert_eq!(
        names(&open),
        [("aws_iam_role.a".to_owned(), unknown("variable `all` has no value"))]
    );
    let none = text.replace("for_each = toset([\"x\", \"y\"])", "count = 0");
    assert_eq!(names(&none), []);
    let two = text
        .replace("for_each = toset([\"x\", \"y\"])", "count = 2")
        .replace("each.key", "count.index");
    assert_eq!(names(&two)[1], ("aws_iam_role.a[1]".to_owned(), value("r-1")));
}

#[test]
fn modules_are_evaluated_as_they_are_called() {
    let root = "module \"iam\" {\n  source = \"../modules/iam\"\n  providers = { aws = aws.prod }\n  role = \"Reader\"\n}\nprovider \"aws\" {\n  alias = \"prod\"\n  assume_role {\n    role_arn = \"arn:aws:iam::204716398511:role/deploy\"\n  }\n}\n";
    let module = "variable \"role\" {\n  default = \"Admin\"\n}\nresource \"aws_iam_role\" \"this\" {\n  name = var.role\n}\n";
    let files = [("repo/prod/main.tf", root), ("repo/modules/iam/main.tf", module)];
    let (declared, said) = all(&files, &SourceOptions::default());
    assert_eq!((said.len(), declared.roles.len()), (0, 1));
    let role = &declared.roles[0];
    assert_eq!(
        (role.address.as_str(), &role.name),
        ("module.iam.aws_iam_role.this", &value("Reader"))
    );
    assert_eq!(role.account, Some(AccountId::parse("204716398511").unwrap()));
    assert_eq!(role.place, Place(1004));
}

#[test]
fn modules_that_call_themselves_come_to_an_end() {
    let text = "module \"a\" {\n  source = \"./\"\n}\nresource \"aws_iam_role\" \"a\" {\n  name = \"a\"\n}\n";
    let (declared, _) = all(&[("m/main.tf", text)], &SourceOptions::default());
    assert_eq!(declared.roles.len(), call::DEPTH + 1);
}

#[test]
fn files_of_a_folder_refer_to_each_other() {
    let files = [
        ("a/roles.tf", "resource \"aws_iam_role\" \"a\" {\n  name = local.name\n}\n"),
        ("a/locals.tf", "locals {\n  name = \"N\"\n}\n"),
        ("b/locals.tf", "locals {\n  name = \"other\"\n}\n"),
    ];
    assert_eq!(all(&files, &SourceOptions::default()).0.roles[0].name, value("N"));
}

#[test]
fn the_app_is_read_with_what_is_known_and_without_its_secrets() {
    let text = "resource \"okta_app_saml\" \"aws\" {\n  label = \"AWS\"\n  preconfigured_app = \"amazon_aws\"\n  app_settings_json = jsonencode({\n    groupFilter = \"^aws\\\\#\\\\S+\\\\#(?{{role}}[\\\\w\\\\-]+)\\\\#(?{{accountid}}\\\\d+)$\"\n    roleValuePattern = \"arn:aws:iam::$${accountid}:saml-provider/OKTA,arn:aws:iam::$${accountid}:role/$${role}\"\n    appFilter = var.filter\n    useGroupMapping = true\n    sessionDuration = var.duration\n    accessKey = \"AKIAEXAMPLE\"\n  })\n}\nvariable \"filter\" {}\nvariable \"duration\" {}\n";
    let declared = declared(text);
    let [app] = declared.apps.as_slice() else { panic!("{declared:?}") };
    let filter = app.app.group_filter.as_ref().unwrap();
    assert_eq!(filter.value, r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$");
    assert_eq!(filter.place, Place(5));
    let pattern = app.app.role_value_pattern.as_ref().unwrap();
    assert!(pattern.value.contains("iam::${accountid}:role/${role}"));
    assert_eq!((&app.app.app_filter, &app.app.session_duration), (&None, &None));
    assert_eq!(app.app.secret, Some(Place(10)));
    assert!(!format!("{app:?}").contains("AKIA"));
    let given = text.replace("\"AKIAEXAMPLE\"", "var.key") + "variable \"key\" {}\n";
    assert_eq!(self::declared(&given).apps[0].app.secret, None);
    assert_eq!(app.app.label.as_deref(), Some("AWS"));
}

#[test]
fn settings_of_their_own_are_joined_with_the_app_they_name() {
    let text = "resource \"okta_app_saml\" \"aws\" {\n  label = \"AWS\"\n  preconfigured_app = \"amazon_aws\"\n}\nresource \"okta_app_saml\" \"other\" {\n  label = \"Other\"\n  preconfigured_app = \"salesforce\"\n}\nresource \"okta_app_saml_app_settings\" \"aws\" {\n  app_id = okta_app_saml.aws.id\n  settings = jsonencode({ groupFilter = \"f\", loginURL = \"u\" })\n}\n";
    let declared = declared(text);
    let [app] = declared.apps.as_slice() else { panic!("{declared:?}") };
    assert_eq!(
        (app.address.as_str(), app.app.label.as_deref()),
        ("okta_app_saml.aws", Some("AWS"))
    );
    assert_eq!(app.app.group_filter.as_ref().unwrap().value, "f");
}

#[test]
fn broken_source_gives_one_error_a_block_and_the_rest_is_read() {
    let text = "resource \"aws_iam_role\" \"a\" {\n  name = \"a\"\n}\n\nresource \"aws_iam_role\" \"b\" {\n  name = = \"b\"\n}\nresource \"aws_iam_role\" \"c\" {\n  name = \"c\"\n  name = \"d\"\n}\nresource \"aws_iam_role\" \"e\" {\n  name = \"e\"\n}\n";
    let (declared, said) = all(&[("main.tf", text)], &SourceOptions::default());
    let names: Vec<_> = declared.roles.iter().map(|role| role.address.as_str()).collect();
    assert_eq!(names, ["aws_iam_role.a", "aws_iam_role.e"]);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("main.tf:6: not well-formed HCL at column 10: "), "{said:?}");
    assert!(said[1].starts_with("main.tf:10: not well-formed HCL at column 3: "), "{said:?}");
}

#[test]
fn what_stands_twice_is_told() {
    let text = "locals {\n  a = { x = 1, \"x\" = 2 }\n}\nresource \"aws_iam_role\" \"a\" {\n  name = local.a.x\n}\n";
    let (declared, said) = all(&[("main.tf", text)], &SourceOptions::default());
    assert_eq!(
        said,
        ["main.tf:2: `x` stands twice in one object, expected once; the last one counts"]
    );
    assert_eq!(declared.roles[0].name, value("2"));
}

#[test]
fn nesting_has_an_end() {
    let deep = format!("locals {{\n  a = {}1{}\n}}\n", "[".repeat(5000), "]".repeat(5000));
    let (_, said) = all(&[("main.tf", &deep)], &SourceOptions::default());
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("at most 64 nested levels"), "{said:?}");
    let mut chain = String::new();
    for n in 0..2000 {
        writeln!(chain, "  a{n} = local.a{}", n + 1).unwrap();
    }
    let name = name_of("local.a0", &format!("locals {{\n{chain}}}\n"));
    assert_eq!(name, unknown("it is nested or refers to others too deep to evaluate"));
}

#[test]
fn an_object_of_very_many_names_is_refused_and_the_rest_is_read() {
    let mut text =
        "resource \"aws_iam_role\" \"a\" {\n  name = \"a\"\n}\nlocals {\n  m = {\n".to_owned();
    for n in 0..=ARGUMENTS {
        writeln!(text, "k{n}=1").unwrap();
    }
    text += "  }\n}\n";
    let (declared, said) = all(&[("main.tf", &text)], &SourceOptions::default());
    assert_eq!(said, ["main.tf:4: a block of more than 10000 arguments, expected fewer"]);
    assert_eq!(declared.roles.len(), 1);
    let large = format!("# {}\n", "x".repeat(LARGEST));
    let (_, said) = all(&[("main.tf", &large)], &SourceOptions::default());
    assert_eq!(said, ["main.tf:0: source of more than 4194304 bytes, expected fewer"]);
}

/// Pieces that source is made of, in any order.
fn source() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "resource \"aws_iam_role\" \"a\" {\n",
        "data \"aws_iam_policy_document\" \"d\" {\n",
        "}\n",
        "{",
        "}",
        "name = ",
        "assume_role_policy = ",
        "\"x\"",
        "\"${",
        "}\"",
        "local.a",
        "var.b",
        "each.key",
        "[",
        "]",
        "locals {\n",
        "a = ",
        "jsonencode(",
        ")",
        "<<EOF\n",
        "EOF\n",
        "\n",
        "statement {\n",
        "for_each = ",
        "count = ",
        "2",
        "%{ if x }",
        "$${",
        "\"",
        "?",
        ":",
        "==",
        "data.aws_iam_policy_document.d.json",
        "\u{e000}",
        "\r\n",
        "#",
        "/*",
        "module \"m\" {\n",
        "source = \"./\"\n",
        "dynamic \"statement\" {\n",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let (file, _) = read_source(&bytes, "a/main.tf", &SourceOptions::default());
        let mut sources = SourceMap::default();
        let source = sources.add("a/main.tf".to_owned(), 0);
        evaluate(&[(source, Box::new(file))], &sources);
    }

    #[test]
    fn no_source_panics_and_what_is_unreadable_is_no_policy(text in source()) {
        let (declared, _) = all(&[("main.tf", &text)], &SourceOptions::default());
        for role in declared.roles {
            if let Known::Value(policy) = role.trust_policy {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&policy.json).is_ok());
            }
        }
    }
}
