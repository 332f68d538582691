//! `rolecall diff` and `rolecall what-if`, through the program.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::program::{Ran, folder, put, rolecall, small};
use crate::schema::objection;
use crate::support::fixtures;

/// Every pair of worlds, by name.
fn pairs() -> Vec<String> {
    let folders = fs::read_dir(fixtures().join("diffs")).unwrap();
    let mut names: Vec<String> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| fixtures().join("diffs").join(name).is_dir())
        .collect();
    names.sort();
    names
}

fn pair(name: &str, args: &[&str]) -> Ran {
    let world = fixtures().join("diffs").join(name);
    rolecall(&world, &[&["diff", "before", "after"], args].concat())
}

fn what_if(world: &str, args: &[&str]) -> Ran {
    let world = fixtures().join("diffs").join(world);
    rolecall(&world, &[&["what-if", "--source", "before"], args].concat())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diff.schema.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The loosened filter of the world of that name.
const LOOSE: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)";

#[test]
fn every_pair_of_worlds_says_what_changed_and_why() {
    for name in pairs() {
        let ran = pair(&name, &["--users"]);
        assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{name}");
        assert_snapshot!(format!("diff_{name}"), ran.out);
    }
}

#[test]
fn read_backwards_every_pair_has_as_many_changes_turned_round() {
    for name in pairs() {
        let world = fixtures().join("diffs").join(&name);
        let run = |args: [&str; 2]| {
            let ran = rolecall(&world, &["diff", args[0], args[1], "--format", "json"]);
            json(&ran)["summary"].clone()
        };
        let (forth, back) = (run(["before", "after"]), run(["after", "before"]));
        for (one, other) in
            [("gained", "lost"), ("lost", "gained"), ("changed", "changed"), ("users", "users")]
        {
            assert_eq!(forth[one], back[other], "{name}: {one}");
        }
    }
}

#[test]
fn nobody_but_the_gates_makes_a_run_fail() {
    for (name, args, code, said) in [
        ("filter-loosened", &[][..], 0, ""),
        (
            "filter-loosened",
            &["--fail-on-gained", "tier=admin"],
            1,
            "1 role gained of `tier=admin`",
        ),
        ("filter-loosened", &["--fail-on-gained", "role=*admin"], 1, "of `role=*admin`"),
        ("filter-loosened", &["--fail-on-gained", "account=larch-dev"], 1, "account=larch-dev"),
        ("filter-loosened", &["--fail-on-gained", "account=053918264407"], 1, "053918264407"),
        ("filter-loosened", &["--fail-on-gained", "account=larch-prod"], 0, ""),
        ("filter-loosened", &["--fail-on-lost", "any"], 0, ""),
        ("filter-tightened", &["--fail-on-lost", "any"], 1, "5 roles lost of `any`"),
        ("filter-tightened", &["--fail-on-lost", "tier=admin"], 0, ""),
        // Whom AWS refuses now has lost the role, whatever the picker shows.
        ("trust-broken", &["--fail-on-lost", "role=ReadOnly"], 1, "5 roles lost"),
        ("trust-broken", &["--fail-on-gained", "any"], 0, ""),
        ("nothing", &["--fail-on-gained", "any", "--fail-on-lost", "any"], 0, ""),
        ("missing-export", &["--fail-on-lost", "any"], 2, "`--fail-on-lost` cannot be decided"),
        ("missing-export", &["--fail-on-lost", "any", "--lenient"], 0, ""),
        ("nothing", &["--fail-on-gained", "tier=root"], 2, "expected `any`, `tier=admin`"),
        ("filter-loosened", &["--fail-on-gained", "tier=break-glass"], 0, ""),
    ] {
        let ran = pair(name, args);
        assert_eq!(ran.code, code, "{name} {args:?}: {}", ran.errors);
        assert!(ran.errors.contains(said), "{name} {args:?}: {}", ran.errors);
    }
}

#[test]
fn json_fits_its_schema_and_names_places_and_users() {
    let schema = schema();
    for name in pairs() {
        for args in [&["--format", "json"][..], &["--format", "json", "--users"]] {
            let ran = pair(&name, args);
            assert_eq!(objection(&schema, &schema, &json(&ran), ""), None, "{name}");
        }
        let lines = pair(&name, &["--format", "jsonl"]).out;
        for line in lines.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(objection(&schema, &schema["$defs"]["line"], &line, ""), None, "{name}");
        }
    }
    let ran = what_if("filter-loosened", &["--group-filter", LOOSE, "--format", "json"]);
    assert_eq!(objection(&schema, &schema, &json(&ran), ""), None);
    assert_snapshot!("diff_json", pair("group-moved", &["--format", "json", "--users"]).out);
    assert_snapshot!("diff_jsonl", pair("user-disabled", &["--format", "jsonl"]).out);
}

#[test]
fn markdown_is_a_comment_in_which_no_name_is_more_than_a_name() {
    assert_snapshot!("diff_markdown", pair("group-moved", &["--format", "markdown"]).out);
    let world = folder();
    small(world.path());
    let users =
        "user,status\nann@x.test,ACTIVE\n\"@acme/admins <img src=x> | `x` [a](http://b)\",ACTIVE\n";
    put(world.path(), "out/users.csv", users);
    let edges = "group,member,member_type\naws#dev#Admin#123456789012,ann@x.test,user\naws#dev#Admin#123456789012,\"@acme/admins <img src=x> | `x` [a](http://b)\",user\n";
    put(world.path(), "out/edges.csv", edges);
    put(world.path(), "out/app.json", crate::program::APP);
    let ran = rolecall(world.path(), &["diff", "in", "out", "--format", "markdown"]);
    assert_snapshot!("diff_markdown_hostile", ran.out);
}

#[test]
fn roles_for_emergencies_are_a_tier_that_fails_and_is_shown() {
    let world = folder();
    let source = fixtures().join("diffs/nothing/before");
    let toml = "[tiers]\nadmin = [\"Deploy\"]\nbreak_glass = [\"larch-prod/Admin\"]\n";
    put(world.path(), "rolecall.toml", format!("{toml}[[source]]\npath = {source:?}\n"));
    let member = ["what-if", "--add-member"];
    let run = |group: &str, args: &[&str]| {
        let edit = format!("{group}=rosa@larch.test");
        rolecall(world.path(), &[&member[..], &[&edit], args].concat())
    };
    let prod = "aws#larch-prod#Admin#418203975566";
    for tier in ["tier=break-glass", "tier=break_glass", "tier=admin"] {
        let ran = run(prod, &["--fail-on-gained", tier]);
        assert_eq!(ran.code, 1, "{ran:?}");
        assert_eq!(ran.errors, format!("error: 1 role gained of `{tier}`\n"));
        assert!(
            ran.out.starts_with(
                "1 role gained (1 of the admin tier, 1 of them break-glass) for 1 user\n"
            ),
            "{}",
            ran.out
        );
        assert!(
            ran.out.contains("  + larch-prod/Admin  break-glass  rosa@larch.test"),
            "{}",
            ran.out
        );
    }
    let markdown = run(prod, &["--format", "markdown"]).out;
    assert!(markdown.contains("| gained | `larch-prod/Admin` | **break-glass** |"), "{markdown}");
    let value = json(&run(prod, &["--format", "json"]));
    assert_eq!(value["summary"]["gained_break_glass"], 1);
    assert_eq!(value["changes"][0]["roles"][0]["tier"], "break-glass");
    assert_eq!(objection(&schema(), &schema(), &value, ""), None);
    let dev = run("aws#larch-dev#Deploy#053918264407", &["--fail-on-gained", "tier=break-glass"]);
    assert_eq!(dev.code, 0, "{dev:?}");
}

#[test]
fn what_if_gives_the_answer_that_diff_gives_once_it_is_done() {
    let group_moved = [
        "--move",
        "Platform Team:aws#larch-dev#Admin#053918264407:aws#larch-prod#Admin#418203975566",
    ];
    let tight = r"^aws\#\S+\#(?{{role}}Admin|Deploy)\#(?{{accountid}}\d{12})$";
    let provider =
        "arn:aws:iam::${accountid}:saml-provider/Okta-2026,arn:aws:iam::${accountid}:role/${role}";
    let renamed =
        "aws#larch-dev#Deploy#053918264407=aws#larch-dev#Admin-Deploy#053918264407".to_owned();
    for (name, args) in [
        ("group-moved", &group_moved[..]),
        ("filter-tightened", &["--group-filter", tight]),
        ("filter-loosened", &["--group-filter", LOOSE]),
        ("provider-renamed", &["--role-value-pattern", provider]),
        ("group-renamed", &["--rename", &renamed]),
    ] {
        let rows = |ran: &Ran| {
            let value = json(ran);
            let changes = value["changes"].as_array().unwrap().iter();
            changes.map(|change| change["roles"].clone()).collect::<Vec<_>>()
        };
        let args = [args, &["--format", "json", "--users"]].concat();
        let asked = what_if(name, &args);
        assert_eq!(asked.code, 0, "{name}: {}", asked.errors);
        assert_eq!(rows(&asked), rows(&pair(name, &["--format", "json", "--users"])), "{name}");
    }
}

#[test]
fn what_if_says_what_the_change_would_do() {
    let screens = [
        ("loosened", "filter-loosened", &["--group-filter", LOOSE][..]),
        ("full_match", "filter-loosened", &["--match-mode", "full"]),
        ("app_filter", "nothing", &["--app-filter", "okta"]),
        (
            "member",
            "nothing",
            &["--add-member", "aws#larch-prod#Admin#418203975566=rosa@larch.test"],
        ),
        ("removed", "nothing", &["--remove-member", "Everyone=Data Team", "--users"]),
    ];
    for (name, world, args) in screens {
        let ran = what_if(world, args);
        assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{name}");
        assert_snapshot!(format!("what_if_{name}"), ran.out);
    }
}

#[test]
fn what_if_takes_a_trust_policy_and_a_file_of_renames() {
    let world = folder();
    put(world.path(), "deny.json", r#"{"Version": "2012-10-17", "Statement": []}"#);
    put(
        world.path(),
        "renames.csv",
        "old,new\naws#larch-dev#Deploy#053918264407,aws#larch-dev#Deploy2#053918264407\n",
    );
    let source = fixtures().join("diffs/nothing/before");
    let run = |args: &[&str]| {
        let base = ["what-if", "--source", source.to_str().unwrap(), "--format", "jsonl"];
        rolecall(world.path(), &[&base[..], args].concat())
    };
    let ran = run(&["--trust", "larch-prod/Admin=deny.json", "--fail-on-lost", "tier=admin"]);
    assert_eq!(ran.code, 1, "{}", ran.errors);
    let line: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(
        (&line["user"], &line["before"]["aws"], &line["after"]["aws"]),
        (&"nora@larch.test".into(), &"assumable".into(), &"refused".into())
    );
    let ran = run(&["--renames", "renames.csv"]);
    assert_eq!(ran.out.lines().count(), 4, "{}", ran.out);
    assert!(ran.out.contains("was renamed to `aws#larch-dev#Deploy2#053918264407`"));
}

#[test]
fn what_if_offers_the_nearest_name_and_ends_with_two() {
    for (args, said) in [
        (&[][..], "nothing would be otherwise"),
        (
            &["--rename", "Platform Taem=x"],
            "no group is called `Platform Taem` in these exports; the nearest: `Platform Team`",
        ),
        (&["--rename", "Platform Team=Everyone"], "another group is called so"),
        (&["--rename", "x"], "expected OLD=NEW"),
        (&["--move", "Platform Team:Everyone"], "expected MEMBER:FROM:TO"),
        (&["--move", "Platform Team:Everyone:Data Taem"], "the nearest: `Data Team`"),
        (
            &["--move", "nora@larch.test:Everyone:Data Team"],
            "`nora@larch.test` is not directly in `Everyone`",
        ),
        (
            &["--add-member", "Everyone=norra@larch.test"],
            "no user or group is called `norra@larch.test` in these exports; the nearest: `nora@larch.test`",
        ),
        (&["--remove-member", "Everyone=nora@larch.test"], "is not directly in `Everyone`"),
        (&["--trust", "larch-prod/Admni=x.json"], "the nearest: `Admin`"),
        (&["--trust", "larch-prd/Admin=x.json"], "the nearest: `larch-prod`"),
        (&["--trust", "larch-prod/Admin=x.json"], "`x.json` cannot be read"),
        (&["--group-filter", "("], "Group Filter, byte"),
    ] {
        let ran = what_if("nothing", args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.out);
        assert!(ran.errors.contains(said), "{args:?}: {}", ran.errors);
    }
}

#[test]
fn filters_that_read_alike_are_said_to_and_those_that_cannot_be_compared_too() {
    let run = |filter: &str| {
        let ran = what_if("nothing", &["--group-filter", filter, "--format", "json"]);
        json(&ran)["filter"]["every_name"].clone()
    };
    let alike = r"\A(?:aws)\#\S+\#(?{{role}}(?:\w|-)+)\#(?{{accountid}}[0-9]+)$";
    assert_eq!(run(alike)["verdict"], "equivalent");
    let around = r"^(?=aws)aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";
    let undecided = run(around);
    assert_eq!(undecided["verdict"], "undecided");
    assert_eq!(undecided["why"], "cannot decide, because the Group Filter looks around");
    let other = run(r"^aws\#[^\#]+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d{12})$");
    assert_eq!(other["verdict"], "different");
}
