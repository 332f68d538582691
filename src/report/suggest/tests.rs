use super::*;
use crate::finding::{PolicyOwner, RuleInfo, Severity};
use crate::text::Place;

const INFO: RuleInfo = RuleInfo {
    id: "naming/surrounding-space",
    summary: "",
    severity: Severity::Error,
    on: true,
    follows: &[],
    options: &[],
    since: "0.1.0",
    explanation: "",
    remediation: "",
    references: &[],
};

fn written(target: Target, hint: &FixHint, entry: Option<Entry<'_>>) -> (String, usize) {
    let finding = Finding::new(&INFO, "a subject", "").fix(hint.clone());
    let suggestion = Suggestion { finding: &finding, hint, place: Some(("groups.ldif", 7)), entry };
    let mut out = Vec::new();
    let elsewhere = write(&mut out, target, &[suggestion]).unwrap();
    (String::from_utf8(out).unwrap(), elsewhere)
}

fn rename(from: &str, to: &str) -> FixHint {
    FixHint::RenameGroup { from: from.to_owned(), to: to.to_owned() }
}

const HEAD: &str = "# naming/surrounding-space: a subject\n# groups.ldif:7\n";

#[test]
fn a_group_is_renamed_by_its_entry_and_the_attribute_that_names_it() {
    let entry = Entry { dn: "CN=aws#a ,OU=x,DC=y", attribute: Some("sAMAccountName") };
    let hint = rename("aws#a", "aws#b");
    let text = written(Target::Ldif, &hint, Some(entry)).0;
    assert_eq!(
        text,
        format!(
            "{HEAD}dn: CN=aws#a ,OU=x,DC=y\nchangetype: modify\nreplace: sAMAccountName\nsAMAccountName: aws#b\n-\n\ndn: CN=aws#a ,OU=x,DC=y\nchangetype: modrdn\nnewrdn: CN=aws#b\ndeleteoldrdn: 1\n"
        )
    );
    let (text, _) = written(Target::Ldif, &hint, None);
    assert!(text.contains("# not suggested: no LDIF export gives"), "{text}");
}

#[test]
fn a_change_of_another_kind_is_counted_and_not_written() {
    let setting = FixHint::SetSetting {
        setting: "useGroupMapping",
        at: Place::NOWHERE,
        from: "false".to_owned(),
        to: "true".to_owned(),
    };
    for target in [Target::Ldif, Target::PowerShell, Target::AwsCli] {
        assert_eq!(written(target, &setting, None), (String::new(), 1));
    }
    let text = written(Target::Terraform, &setting, None).0;
    assert_eq!(text, format!("{HEAD}useGroupMapping = true\n"));
    assert_eq!(written(Target::AwsCli, &rename("a", "b"), None), (String::new(), 1));
}

#[test]
fn control_characters_are_said_and_not_written() {
    for target in [Target::PowerShell, Target::Terraform] {
        let text = written(target, &rename("a\u{7}", "b\nc"), None).0;
        assert!(text.starts_with(HEAD) && text.contains("# not suggested: it holds"), "{text}");
    }
}

#[test]
fn a_policy_is_ascii_and_ends_where_it_should() {
    let policy = "{\"Sid\":\"é\u{202e}${x}\"}";
    let hint = FixHint::ReplaceInPolicy {
        role: PolicyOwner { name: "Ad'min".to_owned(), account: Some("1".to_owned()) },
        at: Place::NOWHERE,
        from: "a".to_owned(),
        to: "b".to_owned(),
        policy: Some(policy.to_owned()),
    };
    let said = format!("{HEAD}# b for a\n# in account 1\n");
    assert_eq!(
        written(Target::AwsCli, &hint, None).0,
        format!(
            "{said}aws iam update-assume-role-policy --role-name 'Ad'\\''min' --policy-document file:///dev/stdin <<'POLICY'\n{{\"Sid\":\"\\u00e9\\u202e${{x}}\"}}\nPOLICY\n"
        )
    );
    assert_eq!(
        written(Target::Terraform, &hint, None).0,
        format!(
            "{said}assume_role_policy = <<POLICY\n{{\"Sid\":\"\\u00e9\\u202e$${{x}}\"}}\nPOLICY\n"
        )
    );
    assert_eq!(
        between_lines("{\n POLICY \n}"),
        Err(Nothing::ByHand("the policy holds a line that would end it early"))
    );
}
