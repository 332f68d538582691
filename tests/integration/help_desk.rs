//! Questions as people ask them, of the little they have: a directory alone, a role in their own words.

use serde_json::Value;
use std::path::Path;

use crate::program::{APP, Ran, folder, put, rolecall};

/// Two accounts, one management group, two people, and a group whose account has a letter in it.
const DUMP: &str = "\
dn: CN=Ann Lee,OU=People,DC=x,DC=test
objectClass: user
cn: Ann Lee
sAMAccountName: alee
userPrincipalName: alee@x.test
mail: ann.lee@x.test
userAccountControl: 512

dn: CN=Bo Lee,OU=People,DC=x,DC=test
objectClass: user
cn: Bo Lee
sAMAccountName: blee
userPrincipalName: blee@x.test
mail: bo.lee@x.test
userAccountControl: 512

dn: CN=Ops,OU=Teams,DC=x,DC=test
objectClass: group
cn: Ops
member: CN=Bo Lee,OU=People,DC=x,DC=test

dn: CN=aws\\#x-prod\\#Admin\\#111122223333,OU=Roles,DC=x,DC=test
objectClass: group
cn: aws#x-prod#Admin#111122223333
member: CN=Ops,OU=Teams,DC=x,DC=test

dn: CN=aws\\#x-prod\\#ReadOnly\\#111122223333,OU=Roles,DC=x,DC=test
objectClass: group
cn: aws#x-prod#ReadOnly#111122223333
member: CN=Ops,OU=Teams,DC=x,DC=test

dn: CN=aws\\#x-dev\\#Admin\\#444455556606,OU=Roles,DC=x,DC=test
objectClass: group
cn: aws#x-dev#Admin#444455556606
member: CN=Ops,OU=Teams,DC=x,DC=test

dn: CN=aws\\#x-dev\\#Deploy\\#4444555566O6,OU=Roles,DC=x,DC=test
objectClass: group
cn: aws#x-dev#Deploy#4444555566O6
member: CN=Ops,OU=Teams,DC=x,DC=test
";

fn asked(args: &[&str]) -> Ran {
    asked_with(args, |_| ())
}

fn asked_with(args: &[&str], more: impl FnOnce(&Path)) -> Ran {
    let root = folder();
    put(root.path(), "in/dump.ldif", DUMP);
    more(root.path());
    rolecall(root.path(), &[args, &["--source", "in"]].concat())
}

#[test]
fn a_directory_alone_says_who_is_not_in_the_group_and_which_command_tells_the_rest() {
    let ran = asked(&["why", "alee", "x-prod/Admin"]);
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""));
    for expected in [
        "alee@x.test does not see x-prod/Admin: the membership stage fails",
        "unknown  filter      no export has the app's Group Filter; by that of Okta's guide `aws#x-prod#Admin#111122223333` gives role `Admin`",
        "  for a ticket: `alee@x.test` does not see `x-prod/Admin` (account 111122223333): not in `aws#x-prod#Admin#111122223333`",
        "To mend it: add `alee@x.test` to `Ops`",
        "    import, filter, pair: the settings of the Okta app AWS Account Federation\n      curl -sS ",
    ] {
        assert!(ran.out.contains(expected), "{expected} is missing in\n{}", ran.out);
    }
    // Nobody who does not see the role asks what AWS would do.
    assert!(!ran.out.contains("aws iam "), "{}", ran.out);
}

#[test]
fn what_follows_from_the_guide_alone_is_neither_said_to_hold_nor_to_fail() {
    let account = |root: &Path| {
        let none = r#"{"SAMLProviderList": []}"#;
        put(root, "in/111122223333-saml-providers.json", none);
        put(root, "in/111122223333-roles.json", r#"{"Roles": []}"#);
    };
    let ran = asked_with(&["why", "blee", "x-prod/Admin", "--format", "json"], account);
    assert_eq!(ran.code, 0, "{ran:?}");
    let why: Value = serde_json::from_str(&ran.out).unwrap();
    let answers: Vec<(&str, &str)> = why["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| (stage["stage"].as_str().unwrap(), stage["answer"].as_str().unwrap()))
        .collect();
    assert!(answers.contains(&("membership", "holds")), "{answers:?}");
    for stage in ["filter", "pair", "provider", "role"] {
        assert!(answers.contains(&(stage, "unknown")), "{stage} in {answers:?}");
    }
    let text = asked_with(&["why", "blee", "x-prod/Admin"], account).out;
    assert!(
        text.starts_with("blee@x.test may see x-prod/Admin; what would tell is missing\n"),
        "{text}"
    );
    // With the app's own filter the same account refuses.
    let app = |root: &Path| {
        account(root);
        put(root, "in/app.json", APP);
    };
    assert_eq!(asked_with(&["why", "blee", "x-prod/Admin"], app).code, 1);
}

#[test]
fn a_role_in_other_words_is_read_as_the_only_one_that_fits() {
    for (words, role) in [
        ("x-prod/admin", "x-prod/Admin"),
        ("prod/admin", "x-prod/Admin"),
        ("the production admin role", "x-prod/Admin"),
        ("prd/readonly", "x-prod/ReadOnly"),
        ("read", "x-prod/ReadOnly"),
        ("111122223333/readonly", "111122223333/ReadOnly"),
        // No group maps to it: the name of one was meant to.
        ("dev/deploy", "x-dev/Deploy"),
    ] {
        let ran = asked(&["why", "blee", words]);
        assert_eq!(ran.errors, format!("warning: `{words}` is read as `{role}`\n"), "{words}");
        assert!(ran.out.contains(&format!("see {role}")), "{words}: {}", ran.out);
    }
}

#[test]
fn of_several_roles_that_fit_none_is_guessed() {
    let ran = asked(&["why", "blee", "admin"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let roles = "`x-dev/Admin`, `x-prod/Admin`";
    assert_eq!(
        ran.errors,
        format!("error: several roles fit `admin`: {roles}; name one of them\n")
    );
    assert_eq!(asked(&["who", "admin"]).code, 2);
    let none = asked(&["why", "blee", "gardening"]);
    assert_eq!(none.code, 2);
    assert!(none.errors.contains("`gardening` names no role, expected `alias/Role`"), "{none:?}");
}

#[test]
fn the_case_decides_where_roles_differ_in_nothing_else() {
    let root = folder();
    let edges = "group,member,member_type\naws#x#admin#111122223333,ann,user\naws#x#Admin#111122223333,bo,user\n";
    put(root.path(), "in/edges.csv", edges);
    put(root.path(), "in/users.csv", "user,status\nann,ACTIVE\nbo,ACTIVE\n");
    for (role, starts) in [
        ("x/admin", "ann may see x/admin;"),
        ("x/Admin", "ann does not see x/Admin: the pair stage fails\n"),
    ] {
        let ran = rolecall(root.path(), &["why", "ann", role, "--source", "in"]);
        assert_eq!(ran.errors, "", "{ran:?}");
        assert!(ran.out.starts_with(starts), "{ran:?}");
    }
}

#[test]
fn a_user_is_found_by_the_name_in_any_order_and_by_the_mail_without_its_domain() {
    for name in ["alee", "ALEE@x.test", "ann.lee@x.test", "ann.lee", "Ann Lee", "Lee, Ann"] {
        let ran = asked(&["picker", name]);
        assert_eq!(ran.code, 0, "{name}: {ran:?}");
        assert!(ran.out.starts_with("alee@x.test sees 0 roles"), "{name}: {}", ran.out);
        let note = "No export has the app's Group Filter: names are read by that of Okta's guide.";
        assert!(ran.out.contains(note), "{}", ran.out);
    }
    for name in ["Lee", "nobody", "ann"] {
        assert_eq!(asked(&["picker", name]).code, 2, "{name}");
    }
}

#[test]
fn everybodys_pickers_are_never_read_from_the_guide() {
    let ran = asked(&["picker", "--all", "--format", "csv"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.errors.contains("no Group Filter"), "{ran:?}");
}

#[test]
fn who_is_not_known_where_no_export_has_memberships() {
    let root = folder();
    put(root.path(), "in/111122223333-aliases.json", r#"{"AccountAliases": ["x-prod"]}"#);
    let roles = r#"{"Roles": [{"Path": "/", "RoleName": "Admin", "Arn": "arn:aws:iam::111122223333:role/Admin"}]}"#;
    put(root.path(), "in/111122223333-roles.json", roles);
    let ran = rolecall(root.path(), &["who", "prod/admin", "--source", "in"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.errors, "warning: `prod/admin` is read as `x-prod/Admin`\n");
    for expected in [
        "not known who sees x-prod/Admin: no export lists any user's memberships\n",
        "`rolecall trust review --admin`",
        "    membership: a directory export with groups and their members\n",
    ] {
        assert!(ran.out.contains(expected), "{expected} is missing in\n{}", ran.out);
    }
}

#[test]
fn a_ticket_says_what_stands_in_the_way_behind_the_first_failure_too() {
    let app = |root: &Path| put(root, "in/app.json", APP.replace("\\\\d+", "\\\\d{12}"));
    let ran = asked_with(&["why", "alee", "x-dev/Deploy", "--format", "json"], app);
    let why: Value = serde_json::from_str(&ran.out).unwrap();
    let ticket = why["ticket"].as_str().unwrap();
    assert!(ticket.contains("does not see `x-dev/Deploy`"), "{ticket}");
    assert!(
        ticket.contains(
            "Then still: the Group Filter does not match `aws#x-dev#Deploy#4444555566O6`"
        ),
        "{ticket}"
    );
    let seen = asked_with(&["why", "blee", "x-prod/Admin", "--format", "json"], app);
    assert_eq!(serde_json::from_str::<Value>(&seen.out).unwrap().get("ticket"), None);
}
