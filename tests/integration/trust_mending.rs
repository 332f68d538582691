//! `trust review` on files with one policy each: `--fix` and `--diff`, waivers and a baseline.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Ran, folder, put, rolecall};

const GOOD: &str = "https://signin.aws.amazon.com/saml";

/// A policy with an audience and an action, in a layout that nothing but the values of may change.
fn policy(audience: &str, action: &str) -> String {
    format!(
        "\n{{ \"Version\": \"2012-10-17\",\r\n  \"Statement\" : [{{\n\t\"Effect\":\"Allow\", \"Action\": \"{action}\",\n    \"Principal\": {{\"Federated\": \"arn:aws:iam::418203975566:saml-provider/OKTA\"}},\n    \"Condition\": {{\"StringEquals\": {{\"SAML:aud\": \"{audience}\"}}}}\n  }}]\n}}\n\n"
    )
}

fn review(folder: &Path, args: &[&str]) -> Ran {
    rolecall(folder, &[&["trust", "review"], args].concat())
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_fix_changes_the_bytes_of_the_value_alone_and_a_second_one_changes_nothing() {
    let root = folder();
    let broken = policy("urn:amazon:webservices", "sts:AssumeRoleWithSAML");
    let mended = policy(GOOD, "sts:AssumeRoleWithSAML");
    put(root.path(), "p/Ops.json", policy(GOOD, "sts:AssumeRole"));
    put(root.path(), "p/Admin.json", &broken);
    let diff = review(root.path(), &["p/Admin.json", "--diff"]);
    assert_eq!(diff.code, 0, "{diff:?}");
    assert!(diff.out.starts_with("--- a/p/Admin.json\n+++ b/p/Admin.json\n"), "{}", diff.out);
    assert!(diff.out.contains("\n+    \"Condition\": "), "{}", diff.out);
    assert_eq!(read(root.path(), "p/Admin.json"), broken);
    let ran = review(root.path(), &["p/Admin.json", "p/Ops.json", "--fix"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(read(root.path(), "p/Ops.json"), mended);
    assert_eq!(read(root.path(), "p/Admin.json"), mended);
    let said: Vec<&str> = ran.errors.lines().collect();
    assert!(
        said.contains(&"fixed p/Admin.json:6: `urn:amazon:webservices` → `https://signin.aws.amazon.com/saml` (trust/impossible-audience)"),
        "{said:#?}"
    );
    assert!(said.iter().any(|line| line.starts_with("fixed p/Ops.json:4: `sts:AssumeRole` → ")));
    assert!(!ran.out.contains("trust/impossible-audience"), "{}", ran.out);
    let again = review(root.path(), &["p/Admin.json", "p/Ops.json", "--fix"]);
    assert_eq!((again.errors.as_str(), again.out), ("", ran.out));
    assert_eq!(read(root.path(), "p/Admin.json"), mended);
}

#[test]
fn a_byte_order_mark_stays_and_what_is_encoded_or_of_aws_is_left_alone() {
    let root = folder();
    let broken = policy("http://signin.aws.amazon.com/saml", "sts:AssumeRoleWithSAML");
    put(root.path(), "marked.json", format!("\u{feff}{broken}"));
    let quoted = Value::from(broken.trim()).to_string();
    let answer = format!(
        "{{\"Role\": {{\"Arn\": \"arn:aws:iam::418203975566:role/Admin\", \"AssumeRolePolicyDocument\": {}}}}}",
        broken.trim()
    );
    put(root.path(), "quoted.json", &quoted);
    put(root.path(), "answer.json", &answer);
    let ran = review(root.path(), &["marked.json", "quoted.json", "answer.json", "--fix"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let mended = policy(GOOD, "sts:AssumeRoleWithSAML");
    assert_eq!(read(root.path(), "marked.json"), format!("\u{feff}{mended}"));
    assert_eq!(read(root.path(), "quoted.json"), quoted);
    assert_eq!(read(root.path(), "answer.json"), answer);
    let left = "not fixed: trust/impossible-audience";
    assert_eq!(ran.errors.lines().filter(|line| line.starts_with(left)).count(), 2, "{ran:?}");
}

#[test]
fn spaces_around_an_arn_and_words_that_differ_in_punctuation_alone_have_one_right_answer() {
    let root = folder();
    let good = policy(GOOD, "sts:AssumeRoleWithSAML");
    for (right, wrong) in [
        (
            "\"arn:aws:iam::418203975566:saml-provider/OKTA\"",
            "\" arn:aws:iam::418203975566:saml-provider/OKTA\\t\"",
        ),
        ("\"StringEquals\"", "\"String_Equals\""),
    ] {
        let broken = good.replace(right, wrong);
        assert_ne!(broken, good);
        put(root.path(), "a.json", &broken);
        let ran = review(root.path(), &["a.json", "--fix"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(read(root.path(), "a.json"), good, "{ran:?}");
    }
    let of_name =
        |key: &str| good.replace("{\"SAML:aud\"", &format!("{{\"{key}\": \"x\", \"SAML:aud\""));
    put(root.path(), "a.json", of_name("SAML:name-qualifier"));
    let ran = review(root.path(), &["a.json", "--fix"]);
    assert_eq!(read(root.path(), "a.json"), of_name("SAML:namequalifier"), "{ran:?}");
    // One slip is a guess.
    put(root.path(), "a.json", of_name("SAML:namequalifer"));
    review(root.path(), &["a.json", "--fix"]);
    assert_eq!(read(root.path(), "a.json"), of_name("SAML:namequalifer"));
}

#[test]
fn what_cannot_be_mended_is_said() {
    let root = folder();
    put(root.path(), "in/users.csv", "user,status\nann@x.test,ACTIVE\n");
    let ran = review(root.path(), &["in", "--fix"]);
    assert_eq!(ran.code, 2);
    assert!(ran.errors.contains("no file with one trust policy was named"), "{}", ran.errors);
    let ran = review(root.path(), &["in", "--diff", "--format", "json"]);
    assert_eq!(ran.code, 2);
    // Which of two audiences is meant is for somebody to say.
    let both = policy("urn:amazon:webservices", "sts:AssumeRoleWithSAML");
    put(root.path(), "both.json", &both);
    review(root.path(), &["both.json", "--fix"]);
    assert!(
        ["urn:amazon:webservices", GOOD]
            .iter()
            .any(|one| read(root.path(), "both.json").contains(one))
    );
    #[cfg(unix)]
    {
        put(root.path(), "real.json", policy("urn:amazon:webservices", "sts:AssumeRoleWithSAML"));
        std::os::unix::fs::symlink("real.json", root.path().join("link.json")).unwrap();
        let ran = review(root.path(), &["link.json", "--fix"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.errors.contains("`link.json` is not changed: it is a symbolic link"));
    }
}

/// A waiver of one subject, that lasts to the end of 2026.
const WAIVER: &str = "[[waiver]]\nrule = \"trust\"\nsubject = \"*\"\nreason = \"the old tenant\"\nexpires = 2026-12-31\n";

#[test]
fn a_waiver_leaves_findings_out_of_a_review_until_it_expires() {
    let root = folder();
    let broken = policy("urn:amazon:webservices", "sts:AssumeRoleWithSAML");
    put(root.path(), "Admin.json", &broken);
    put(root.path(), "rolecall.toml", WAIVER);
    let run = |args: &[&str]| {
        review(root.path(), &[&["Admin.json", "--at", "2026-11-24"], args].concat())
    };
    let text = run(&[]).out;
    assert!(!text.contains("trust/impossible-audience"), "{text}");
    assert!(text.contains("\n  findings: 1 suppressed (1 waived)\n"), "{text}");
    assert!(run(&["--format", "markdown"]).out.contains("Findings: 1 suppressed (1 waived)."));
    let json: Value = serde_json::from_str(&run(&["--format", "json"]).out).unwrap();
    assert_eq!(json["suppressed"]["waived"], 1);
    let sarif: Value = serde_json::from_str(&run(&["--format", "sarif"]).out).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "trust/impossible-audience");
    let place = &result["suppressions"][0]["location"]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&"rolecall.toml".into(), &3.into())
    );
    // What is waived is not mended either.
    assert_eq!(run(&["--diff"]).out, "");
    let later = review(root.path(), &["Admin.json", "--at", "2027-01-01"]).out;
    assert!(later.contains("trust/impossible-audience"), "{later}");
}

#[test]
fn a_baseline_of_check_leaves_its_findings_out_of_a_review() {
    let root = folder();
    let roles = |audience: &str| {
        format!(
            "{{\"Roles\": [{{\"RoleName\": \"Admin\", \"Path\": \"/\", \"Arn\": \"arn:aws:iam::418203975566:role/Admin\", \"AssumeRolePolicyDocument\": {}}}]}}",
            policy(audience, "sts:AssumeRoleWithSAML").trim()
        )
    };
    put(root.path(), "in/roles.json", roles("https://signin.aws.amazon.com/sam"));
    let known = rolecall(root.path(), &["check", "in", "--write-baseline", "known.jsonl"]);
    assert_ne!(known.code, 2, "{known:?}");
    let before = review(root.path(), &["in"]).out;
    assert!(before.contains("trust/impossible-audience"), "{before}");
    let after = review(root.path(), &["in", "--baseline", "known.jsonl"]).out;
    assert!(!after.contains("trust/impossible-audience"), "{after}");
    assert!(after.contains("in the baseline)"), "{after}");
    assert_eq!(review(root.path(), &["in", "--baseline", "no.jsonl"]).code, 2);
}
