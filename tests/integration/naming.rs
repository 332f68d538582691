//! Slips in names of role groups: each kind gets the one finding that is about it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rolecall::entitlement::resolve::Entitlements;
use rolecall::finding::{Finding, Severity};
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::rules::settings::Settings;
use rolecall::rules::{Context, Outcome, all, run};
use rolecall::sources::load::{Loaded, load};
use serde_json::json;

use crate::support::{fixtures, load_folder, memory};

/// How many names are spoilt.
const TRIALS: usize = 600;

const ROLES: [&str; 6] = ["Admin", "ReadOnly", "Billing", "Ops-Lead", "Data_Steward", "Support2"];
const ACCOUNTS: [(&str, &str); 5] = [
    ("larch-prod", "418830275916"),
    ("larch-dev", "067712945380"),
    ("larch-test", "502214887630"),
    ("fir-prod", "733019554208"),
    ("fir-dev", "120985447316"),
];
const FILTER: &str = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$";

/// A small generator with a seed, so that every run spoils the same names.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len())]
    }
}

/// A clean company: every role of every account has its group, one management group a role.
fn company(names: &[String]) -> Loaded {
    let mut edges = "group,member,member_type\n".to_owned();
    for (at, name) in names.iter().enumerate() {
        writeln!(edges, "\"{name}\",{} people,group", ROLES[at % ROLES.len()]).unwrap();
    }
    let mut users = "user,status\n".to_owned();
    for (at, role) in ROLES.iter().enumerate() {
        writeln!(edges, "{role} people,user{at}@larch.test,user").unwrap();
        writeln!(users, "user{at}@larch.test,ACTIVE").unwrap();
    }
    edges.push_str("Größe Team,user0@larch.test,user\nКоманда,user1@larch.test,user\n");
    edges.push_str("Phone list 418830275916,user1@larch.test,user\n");
    let app = json!({
        "appFilter": "active_directory",
        "groupFilter": FILTER,
        "roleValuePattern": "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
        "useGroupMapping": true,
    });
    let accounts: Vec<_> = ACCOUNTS
        .iter()
        .map(|(alias, id)| json!({"Id": id, "Name": alias, "Status": "ACTIVE"}))
        .collect();
    let mut inputs = vec![
        memory("edges.csv", edges.into_bytes()),
        memory("users.csv", users.into_bytes()),
        memory("okta_app.json", app.to_string().into_bytes()),
        memory("accounts.json", json!({"Accounts": accounts}).to_string().into_bytes()),
    ];
    for (alias, id) in ACCOUNTS {
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithSAML",
            "Principal": {"Federated": format!("arn:aws:iam::{id}:saml-provider/OKTA")},
        }]});
        let roles: Vec<_> = ROLES
            .iter()
            .map(|role| {
                json!({
                    "Path": "/",
                    "RoleName": role,
                    "Arn": format!("arn:aws:iam::{id}:role/{role}"),
                    "AssumeRolePolicyDocument": trust,
                })
            })
            .collect();
        let iam = json!({"RoleDetailList": roles, "UserDetailList": [], "GroupDetailList": []});
        inputs.push(memory(&format!("{id}-iam.json"), iam.to_string().into_bytes()));
        let aliases = json!({"AccountAliases": [alias]}).to_string();
        inputs.push(memory(&format!("{id}-aliases.json"), aliases.into_bytes()));
    }
    let loaded = load(inputs);
    let problems: Vec<&str> = loaded.problems.iter().map(|problem| &*problem.message).collect();
    assert!(problems.is_empty(), "{problems:?}");
    loaded
}

fn clean_names() -> Vec<String> {
    let of = |(alias, id): &(&str, &str)| {
        let (alias, id) = ((*alias).to_owned(), (*id).to_owned());
        ROLES.map(|role| format!("aws#{alias}#{role}#{id}"))
    };
    ACCOUNTS.iter().flat_map(of).collect()
}

/// What the rules of some groups say.
fn outcome(loaded: &Loaded, groups: &[&str]) -> Outcome {
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default()).unwrap();
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let settings = Settings::default();
    let context = Context::new(&loaded.federation, Ok(&entitlements), &settings);
    let of_groups = |id: &str| groups.iter().any(|group| id.starts_with(group));
    run(all().filter(|rule| of_groups(rule.info.id)), &context)
}

fn said(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect()
}

/// The ways to spoil a name, with the rule that is about each.
const WAYS: [(&str, &str); 12] = [
    ("white space at an end", "naming/surrounding-space"),
    ("an invisible character", "naming/invisible-character"),
    ("a look-alike letter", "naming/mixed-script"),
    ("a dash that is no hyphen, a full-width mark", "naming/mixed-script"),
    ("upper case", "naming/case-deviates"),
    ("another separator", "naming/filter-near-miss"),
    ("a doubled separator", "naming/segment-count"),
    ("account and role swapped", "naming/filter-near-miss"),
    ("a digit lost", "naming/account-id-length"),
    ("a character IAM does not allow", "naming/illegal-role-name"),
    ("a character the filter does not allow", "naming/unmatchable-role-name"),
    ("two digits swapped or one mistyped", "naming/account-id-typo"),
];

/// A text with another put in at a character's place.
fn with(text: &str, at: usize, what: &str) -> String {
    let (head, tail) = text.split_at(at);
    format!("{head}{what}{tail}")
}

/// The name spoilt in one way.
fn spoil(way: usize, name: &str, dice: &mut Dice) -> String {
    let parts: Vec<&str> = name.split('#').collect();
    let [prefix, alias, role, account] = parts[..] else { panic!("{name}") };
    let within = |text: &str, dice: &mut Dice| 1 + dice.roll(text.len() - 1);
    match way {
        0 => {
            let space = dice.pick(&[" ", "  ", "\t"]);
            if dice.roll(2) == 0 { format!("{space}{name}") } else { format!("{name}{space}") }
        }
        1 => {
            let hidden = ["\u{200b}", "\u{feff}", "\u{200d}", "\u{ad}", "\u{202e}", "\u{2060}"];
            with(name, within(name, dice), dice.pick(&hidden))
        }
        2 => {
            let twins = [("a", "а"), ("o", "о"), ("e", "е"), ("p", "р"), ("c", "с"), ("i", "і")];
            let there: Vec<_> =
                twins.into_iter().filter(|(ascii, _)| name.contains(ascii)).collect();
            let (ascii, twin) = dice.pick(&there);
            let at: Vec<usize> = name.match_indices(ascii).map(|(at, _)| at).collect();
            let at = dice.pick(&at);
            format!("{}{twin}{}", &name[..at], &name[at + 1..])
        }
        3 => match dice.roll(2) {
            0 => name.replacen('#', "＃", 1 + dice.roll(3)),
            _ => format!(
                "{prefix}#{}#{role}#{account}",
                alias.replace('-', dice.pick(&["–", "—", "‑"]))
            ),
        },
        4 => {
            let prefix = dice.pick(&["AWS", "Aws", "aWs", "awS"]);
            format!("{prefix}#{alias}#{role}#{account}")
        }
        5 => name.replace('#', dice.pick(&["_", "/", "|", ":", "~", "+"])),
        6 => {
            let at: Vec<usize> = name.match_indices('#').map(|(at, _)| at).collect();
            with(name, dice.pick(&at), "#")
        }
        7 => format!("{prefix}#{alias}#{account}#{role}"),
        8 => {
            let mut digits = account.to_owned();
            digits.remove(dice.roll(digits.len()));
            format!("{prefix}#{alias}#{role}#{digits}")
        }
        9 => {
            let role = with(role, within(role, dice), dice.pick(&["&", "/", "!", "*"]));
            format!("{prefix}#{alias}#{role}#{account}")
        }
        10 => {
            let role = with(role, within(role, dice), dice.pick(&[".", "+", "=", "@"]));
            format!("{prefix}#{alias}#{role}#{account}")
        }
        _ => {
            let mut digits: Vec<u8> = account.bytes().collect();
            let at = dice.roll(digits.len() - 1);
            if dice.roll(2) == 0 && digits[at] != digits[at + 1] {
                digits.swap(at, at + 1);
            } else {
                digits[at] = b'0' + (digits[at] - b'0' + 1) % 10;
            }
            format!("{prefix}#{alias}#{role}#{}", String::from_utf8(digits).unwrap())
        }
    }
}

/// Which rule spoke how often of which way, as a table.
fn table(counts: &BTreeMap<(usize, String), usize>) -> String {
    let mut text = String::new();
    for (at, (way, expected)) in WAYS.iter().enumerate() {
        writeln!(text, "{way} (expected {expected})").unwrap();
        for ((_, found), count) in counts.iter().filter(|((of, _), _)| *of == at) {
            writeln!(text, "    {count:4} {found}").unwrap();
        }
    }
    text
}

#[test]
fn a_clean_company_has_no_finding() {
    let said_of = |loaded: &Loaded| said(&outcome(loaded, &["naming/", "directory/"]).findings);
    assert_eq!(said_of(&company(&clean_names())), [""; 0]);
    assert_eq!(said_of(&load_folder(&fixtures().join("federations/clean"))), [""; 0]);
    let guide = load_folder(&fixtures().join("federations/guide"));
    assert_eq!(said(&outcome(&guide, &["naming/"]).findings), [""; 0]);
}

#[test]
fn ninety_nine_in_a_hundred_spoilt_names_get_the_one_right_finding() {
    let clean = clean_names();
    let mut dice = Dice(0x5eed_1234_abcd_0001);
    let (mut right, mut restored) = (0, 0);
    let (mut counts, mut wrong) = (BTreeMap::new(), Vec::new());
    for trial in 0..TRIALS {
        let way = trial % WAYS.len();
        let mut names = clean.clone();
        let victim = dice.roll(names.len());
        let spoilt = spoil(way, &clean[victim], &mut dice);
        names[victim].clone_from(&spoilt);
        let findings = outcome(&company(&names), &["naming/"]).findings;
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
        *counts.entry((way, rules.join(" + "))).or_insert(0) += 1;
        if rules == [WAYS[way].1] {
            right += 1;
        } else {
            wrong.push((spoilt, said(&findings)));
        }
        restored += usize::from(findings.iter().any(|finding| {
            finding.fix.as_ref().is_some_and(|hint| hint.values().1 == clean[victim])
        }));
    }
    println!("{}{right} of {TRIALS} right, {restored} restored", table(&counts));
    wrong.truncate(10);
    assert!(right * 100 >= TRIALS * 99, "{right} of {TRIALS}\n{}{wrong:#?}", table(&counts));
}

#[test]
fn production_beside_other_accounts_is_reported_where_the_project_forbids_it() {
    let loaded = company(&clean_names());
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default()).unwrap();
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let rule = "directory/over-broad-management-group";
    let found = |forbid: i64| {
        let options = [((rule.to_owned(), "forbid_mixed".to_owned()), forbid)].into();
        let settings = Settings { options, ..Settings::default() };
        let context = Context::new(&loaded.federation, Ok(&entitlements), &settings);
        said(&run(all().filter(|it| it.info.id == rule), &context).findings)
    };
    assert_eq!(found(0), [""; 0]);
    let said = found(1);
    assert_eq!(said.len(), ROLES.len(), "{said:?}");
    let expected =
        "the management group `Admin people` gives roles in `larch-prod` and in `larch-dev`";
    assert!(said.iter().any(|message| message.contains(expected)), "{said:?}");
}

#[test]
fn users_who_may_be_assigned_one_by_one_are_a_warning() {
    let folder = fixtures().join("rules/directory/unassigned-management-group/bad");
    let severities = |inputs: Vec<rolecall::sources::input::Input>| {
        let loaded = load(inputs);
        let findings = outcome(&loaded, &["directory/unassigned-management-group"]).findings;
        findings.iter().map(|finding| finding.severity).collect::<Vec<_>>()
    };
    let all = || crate::support::inputs(&folder, &folder);
    assert_eq!(severities(all()), [Severity::Error]);
    let without = all().into_iter().filter(|input| input.name != "okta_app_users.json").collect();
    assert_eq!(severities(without), [Severity::Warning]);
}

#[test]
fn a_name_is_not_to_be_given_to_a_second_group() {
    let mut names = clean_names();
    names.push(names[0].replace('#', "_"));
    let findings = outcome(&company(&names), &["naming/"]).findings;
    assert_eq!(said(&findings).len(), 1, "{:?}", said(&findings));
    assert_eq!((findings[0].rule, &findings[0].fix), ("naming/filter-near-miss", &None));
    let expected = format!("move its members to `{}`, which is there already", names[0]);
    assert!(findings[0].help[0].starts_with(&expected), "{:?}", findings[0].help);
}

#[test]
fn a_filter_without_the_account_leaves_the_names_alone() {
    let app = json!({
        "appFilter": "active_directory",
        "groupFilter": r"^aws\#\S+\#(?{{role}}[\w\-]+)$",
        "roleValuePattern": "arn:aws:iam::418830275916:saml-provider/OKTA,arn:aws:iam::418830275916:role/${role}",
        "useGroupMapping": true,
    });
    let edges = "group,member,member_type\naws#larch-prod#Admin,ada,user\naws#fir-prod#Admin,ada,user\n\
                 aws#larch-prod#Billing,ada,user\n";
    let loaded = load(vec![
        memory("edges.csv", edges.into()),
        memory("okta_app.json", app.to_string().into_bytes()),
    ]);
    let rules: Vec<&str> =
        outcome(&loaded, &["naming/"]).findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["naming/duplicate-target"]);
}
