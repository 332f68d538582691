//! What `rolecall.toml` declares: accounts, tiers, the partition and profiles, and which rules go by it.

use std::path::Path;

use crate::program::{Ran, folder, put, rolecall, small};

const SOURCE: &str = "[[source]]\npath = \"in\"\n";

fn check(root: &Path, config: &str, only: &str) -> Ran {
    put(root, "rolecall.toml", config);
    rolecall(root, &["check", "--only", only, "--at", "2026-11-25"])
}

/// The first lines of the findings.
fn said(ran: &Ran) -> Vec<&str> {
    let is_head = |line: &&str| line.contains("]: ");
    ran.out.lines().filter(is_head).collect()
}

#[test]
fn declared_accounts_are_the_accounts_there_are() {
    let root = folder();
    small(root.path());
    let rule = "naming/unknown-account";
    let none = check(root.path(), SOURCE, rule);
    assert_eq!(none.code, 2, "{none:?}");
    assert!(none.out.contains("no `[[account]]` is declared"), "{none:?}");
    let own = format!("{SOURCE}[[account]]\nid = \"123456789012\"\n");
    assert_eq!(said(&check(root.path(), &own, rule)), [""; 0]);
    let other = format!("{SOURCE}[[account]]\nid = \"999999999999\"\n");
    let ran = check(root.path(), &other, rule);
    assert_eq!(
        said(&ran),
        [
            "warning[naming/unknown-account]: account `123456789012` of 2 role groups (`aws#dev#Admin#123456789012`, \
          `aws#dev#Ops#123456789012`) is not among the accounts declared"
        ]
    );
    assert!(ran.out.contains("declare it with `[[account]]`"), "{ran:?}");
}

#[test]
fn a_closed_account_is_an_error_at_its_declaration_and_a_planned_one_is_not() {
    let root = folder();
    small(root.path());
    let declared = |status: &str| {
        let config = format!("{SOURCE}[[account]]\nid = \"123456789012\"\nstatus = \"{status}\"\n");
        check(root.path(), &config, "naming/unknown-account")
    };
    let closed = declared("closed");
    assert_eq!(closed.code, 1);
    assert!(said(&closed)[0].ends_with("is declared closed"), "{closed:?}");
    assert!(closed.out.contains("rolecall.toml:4:7"), "{closed:?}");
    assert!(closed.out.contains("id = \"123456789012\"\n"), "{closed:?}");
    assert!(closed.out.contains("the account's declaration"), "{closed:?}");
    for status in ["planned", "active"] {
        assert_eq!(said(&declared(status)), [""; 0], "{status}");
    }
}

#[test]
fn a_planned_account_needs_no_export() {
    let root = folder();
    small(root.path());
    put(
        root.path(),
        "in/999999999999-roles.json",
        r#"{"Roles": [{"RoleName": "Deploy", "Path": "/", "Arn": "arn:aws:iam::999999999999:role/Deploy"}]}"#,
    );
    let declared = |status: &str| {
        let config = format!(
            "{SOURCE}[[account]]\nid = \"123456789012\"\nstatus = \"{status}\"\n[[account]]\nid = \"999999999999\"\n"
        );
        check(root.path(), &config, "drift/uncovered-account")
    };
    let has = |ran: &Ran| ran.out.contains("123456789012");
    assert!(has(&declared("active")) && !has(&declared("planned")));
}

#[test]
fn a_typing_error_is_told_by_declared_accounts() {
    let root = folder();
    small(root.path());
    let config = format!("{SOURCE}[[account]]\nid = \"123456789013\"\n");
    let ran = check(root.path(), &config, "naming/account-id-typo");
    assert!(said(&ran)[0].ends_with("is one typing error away from `123456789013`"), "{ran:?}");
}

#[test]
fn the_partition_of_an_account_of_the_file_or_of_a_profile_is_held_against_the_pattern() {
    let root = folder();
    small(root.path());
    let rule = "mapping/partition-mismatch";
    let account = "[[account]]\nid = \"123456789012\"\npartition = \"aws-cn\"\n";
    let ran = check(root.path(), &format!("{SOURCE}{account}"), rule);
    assert!(said(&ran)[0].ends_with("mapped accounts are in `aws-cn`: `123456789012`"), "{ran:?}");
    for own in ["profile = \"govcloud\"\n", "partition = \"aws-us-gov\"\n"] {
        let ran = check(root.path(), &format!("{own}{SOURCE}"), rule);
        assert!(said(&ran)[0].ends_with("the project's accounts are in `aws-us-gov`"), "{ran:?}");
    }
    let outranked = format!("profile = \"govcloud\"\npartition = \"aws\"\n{SOURCE}");
    assert_eq!(said(&check(root.path(), &outranked, rule)), [""; 0]);
}

#[test]
fn a_declared_alias_names_roles_and_an_environment_says_what_is_production() {
    let root = folder();
    small(root.path());
    put(
        root.path(),
        "in/edges.csv",
        "group,member,member_type\naws#dev#Admin#123456789012,Ops,group\naws#dev#Admin#999999999999,Ops,group\nOps,ann@x.test,user\n",
    );
    let account = |id: &str, alias: &str, environment: &str| {
        format!(
            "[[account]]\nid = \"{id}\"\nalias = \"{alias}\"\nenvironment = \"{environment}\"\n"
        )
    };
    let mixed = |second: &str| {
        let first = account("123456789012", "kestrel-one", "prod");
        let second = account("999999999999", "kestrel-two", second);
        let rule = "directory/over-broad-management-group";
        let option = format!("[rules.\"{rule}\"]\nforbid_mixed = 1\n");
        check(root.path(), &format!("{SOURCE}{first}{second}{option}"), rule)
    };
    assert_eq!(said(&mixed("live")), [""; 0]);
    let ran = mixed("research");
    assert!(
        said(&ran)[0].ends_with("gives roles in `kestrel-one` and in `kestrel-two`"),
        "{ran:?}"
    );
    let ran = rolecall(root.path(), &["who", "kestrel-two/Admin"]);
    assert!(ran.out.contains("ann@x.test"), "{ran:?}");
}

#[test]
fn the_catalogue_says_which_rule_is_on_because_of_the_profile() {
    let root = folder();
    let standing = |config: &str, id: &str| {
        put(root.path(), "rolecall.toml", config);
        let page = rolecall(root.path(), &["rules", id]).out;
        page.lines().last().unwrap().to_owned()
    };
    let strict = "profile = \"strict\"\n";
    let id = "trust/weak-for-tier";
    assert_eq!(standing(strict, id), "**Here.** On (profile strict).");
    assert_eq!(standing("", id), "**Here.** Off (default).");
    let own = format!("{strict}[rules]\n\"{id}\" = \"off\"\n");
    assert_eq!(standing(&own, id), "**Here.** Off (rolecall.toml:3).");
    let note = "**Here.** On, every finding a warning (profile strict).";
    assert_eq!(standing(strict, "trust/other-doors"), note);
}

#[test]
fn the_tier_of_an_account_is_that_of_its_roles() {
    let root = folder();
    small(root.path());
    put(
        root.path(),
        "in/123456789012-roles.json",
        r#"{"Roles": [{"RoleName": "Deploy", "Path": "/", "Arn": "arn:aws:iam::123456789012:role/Deploy",
            "MaxSessionDuration": 43200, "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRoleWithSAML",
            "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/OKTA"}}]}}]}"#,
    );
    let rule = "trust/session-too-long";
    let with = |more: &str| check(root.path(), &format!("{SOURCE}{more}"), rule);
    assert_eq!(said(&with("")), [""; 0]);
    let account = "[[account]]\nid = \"123456789012\"\nalias = \"kestrel-root\"\n";
    for more in [
        format!("{account}tier = \"admin\"\n"),
        format!("{account}tier = \"break_glass\"\n"),
        format!("{account}[tiers]\nadmin = [\"kestrel-root/*\"]\n"),
        "[tiers]\nbreak_glass = [\"123456789012/deploy\"]\n".to_owned(),
    ] {
        assert_eq!(said(&with(&more)).len(), 1, "{more}");
    }
    assert_eq!(said(&with("[tiers]\nadmin = [\"kestrel-root/*\"]\n")), [""; 0]);
}
