//! Groups in groups: circles, depth, who is reached, and lists of Okta's, which are flat.

use std::fmt::Write as _;

use rolecall::entitlement::nesting::{Nesting, direct_users};
use rolecall::entitlement::resolve::Entitlements;
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::model::directory::{Directory, GroupId, UserId};
use rolecall::rules::settings::Settings;
use rolecall::rules::{Context, all, run};
use rolecall::sources::load::{Loaded, load};

use crate::support::{fixtures, inputs, memory};

fn edges(rows: &[(&str, &str, &str)]) -> Loaded {
    let mut text = "group,member,member_type\n".to_owned();
    for (group, member, kind) in rows {
        writeln!(text, "{group},{member},{kind}").unwrap();
    }
    load(vec![memory("edges.csv", text.into_bytes())])
}

fn group(directory: &Directory, name: &str) -> GroupId {
    let found = directory.groups().find(|(id, _)| directory.group_name(*id) == name);
    found.unwrap_or_else(|| panic!("no group {name}")).0
}

fn user(directory: &Directory, login: &str) -> UserId {
    let found = directory.users().find(|(id, _)| directory.login(*id) == login);
    found.unwrap_or_else(|| panic!("no user {login}")).0
}

#[test]
fn a_circle_is_told_by_its_shortest_way_round() {
    let loaded = edges(&[
        ("b", "a", "group"),
        ("c", "b", "group"),
        ("d", "c", "group"),
        ("a", "d", "group"),
        ("a", "c", "group"),
        ("e", "d", "group"),
    ]);
    let directory = &loaded.federation.directory;
    let ways: Vec<Vec<&str>> = Nesting::of(directory)
        .cycles()
        .iter()
        .map(|steps| steps.iter().map(|step| directory.group_name(step.group)).collect())
        .collect();
    assert_eq!(ways, [["a", "b", "c"]]);
}

#[test]
fn each_step_of_a_circle_has_the_line_that_states_it() {
    let loaded = edges(&[("b", "a", "group"), ("a", "b", "group")]);
    let federation = &loaded.federation;
    let cycles = Nesting::of(&federation.directory).cycles();
    let lines: Vec<String> =
        cycles[0].iter().map(|step| federation.sources.show(step.place)).collect();
    assert_eq!(lines, ["edges.csv:2", "edges.csv:3"]);
}

#[test]
fn depth_is_that_of_the_longest_chain_and_a_circle_is_one_group() {
    let loaded = edges(&[
        ("top", "left", "group"),
        ("top", "right", "group"),
        ("left", "middle", "group"),
        ("middle", "low", "group"),
        ("right", "low", "group"),
        ("low", "round", "group"),
        ("round", "low", "group"),
    ]);
    let directory = &loaded.federation.directory;
    let depths = Nesting::of(directory).depths();
    let of = |name: &str| depths.of(group(directory, name));
    assert_eq!((of("top"), of("right"), of("low"), of("round")), (3, 1, 0, 0));
    let chain = depths.chain(group(directory, "top"));
    let names: Vec<&str> = chain.iter().map(|&group| directory.group_name(group)).collect();
    assert_eq!(names, ["top", "left", "middle", "low"]);
}

#[test]
fn a_group_is_populated_through_nesting_and_by_somebody_nobody_states() {
    let rows = "group,member,member_type\nouter,inner,group\ninner,ada,user\nmade,inner,group\nlost,ghost,user\n";
    let loaded = load(vec![
        memory("edges.csv", rows.into()),
        memory("users.csv", "user,status\nada,ACTIVE\n".into()),
        memory(
            "groups.csv",
            "group,source\nmade,okta\nouter,active_directory\nempty,okta\n".into(),
        ),
    ]);
    let directory = &loaded.federation.directory;
    let populated = Nesting::of(directory).populated();
    let is = |name: &str| populated[group(directory, name).0 as usize];
    assert!(is("inner") && is("outer") && is("lost"));
    assert!(!is("made"), "a group made in Okta takes nobody from a group in it");
    assert!(!is("empty"));
}

#[test]
fn users_below_an_assigned_group_are_assigned() {
    let folder = fixtures().join("rules/directory/unassigned-management-group/good");
    let loaded = load(inputs(&folder, &folder));
    let directory = &loaded.federation.directory;
    let assigned = Nesting::of(directory).assigned_users();
    assert!(assigned[user(directory, "max").0 as usize]);
    assert!(assigned[user(directory, "ina").0 as usize]);
}

#[test]
fn what_only_a_flat_list_of_okta_says_is_no_direct_membership() {
    let folder = fixtures().join("federations/clean");
    let loaded = load(inputs(&folder, &folder));
    let directory = &loaded.federation.directory;
    let mut flat = 0;
    for (id, group) in directory.groups().filter(|(_, group)| group.nests()) {
        let direct = direct_users(directory, id);
        let of_okta = |&&(_, place): &&(UserId, _)| directory.is_of_okta(place);
        assert_eq!(direct.iter().filter(of_okta).count(), 0, "{}", directory.text(group.name));
        flat +=
            directory.members().places(id.0).iter().filter(|&&it| directory.is_of_okta(it)).count();
    }
    assert!(flat > 0, "the world has no flat list");
}

#[test]
fn a_directory_known_only_through_okta_has_no_finding_either() {
    let folder = fixtures().join("federations/clean");
    let without = inputs(&folder, &folder).into_iter().filter(|it| it.name != "directory.ldif");
    let loaded = load(without.collect());
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default()).unwrap();
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let settings = Settings::default();
    let context = Context::new(&loaded.federation, Ok(&entitlements), &settings);
    let rules = all().filter(|rule| {
        rule.info.id.starts_with("directory/") || rule.info.id.starts_with("naming/")
    });
    let found: Vec<String> =
        run(rules, &context).findings.into_iter().map(|finding| finding.message).collect();
    assert_eq!(found, [""; 0]);
}

#[test]
fn nobody_in_a_role_group_that_holds_groups_where_okta_has_none_is_one_finding() {
    let root = crate::program::folder();
    let put = |name: &str, text: &str| crate::program::put(root.path(), name, text);
    put("in/app.json", crate::program::APP);
    put("in/groups.csv", "group,source\naws#dev#Admin#123456789012,okta\nOps,okta\n");
    put("in/users.csv", "user,status\nann,ACTIVE\n");
    put(
        "in/edges.csv",
        "group,member,member_type\naws#dev#Admin#123456789012,Ops,group\nOps,ann,user\n",
    );
    let args = ["check", "in", "--only", "directory", "--format", "jsonl"];
    let ran = crate::program::rolecall(root.path(), &args);
    assert!(ran.out.contains("directory/nested-okta-group"), "{}", ran.out);
    assert!(!ran.out.contains("\"rule\":\"directory/orphan-role-group\""), "{}", ran.out);
}
