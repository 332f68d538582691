//! Small federations with the truth about each, and exports of real programs.
#![expect(clippy::disallowed_methods, reason = "tests read files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{fixtures, inputs, shared};
use rolecall::entitlement::picker::RolePicker;
use rolecall::entitlement::resolve::{Entitlements, Ways, visible};
use rolecall::explain::lookup::{RoleQuery, UserMatch, find_user};
use rolecall::explain::who::who;
use rolecall::explain::why::explain;
use rolecall::mapping::group_filter::MatchMode;
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::sources::input::Input;
use rolecall::sources::load::{Loaded, load};

/// Checks every line of an expectation; gives what is wrong, a sentence a line.
fn check(loaded: &Loaded, lines: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in lines {
        let overrides = Overrides {
            mode: match line["match_mode"].as_str() {
                Some("full") => MatchMode::Full,
                _ => MatchMode::Find,
            },
            ..Overrides::default()
        };
        if let Some(problem) = line.get("problem") {
            wrong.extend(check_problem(loaded, problem));
            continue;
        }
        let mapping = match Mapping::new(loaded.federation.app.as_ref(), &overrides) {
            Ok(mapping) => mapping,
            Err(error) => {
                wrong.push(format!("no mapping: {error}"));
                continue;
            }
        };
        let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
        let found = if line.get("who").is_some() {
            check_who(&entitlements, line)
        } else if line.get("why").is_some() {
            check_why(&entitlements, line)
        } else if line.get("user").is_some() {
            check_sees(&entitlements, line)
        } else {
            vec![format!("nothing to check in {line}")]
        };
        wrong.extend(found);
    }
    wrong
}

fn check_problem(loaded: &Loaded, problem: &Value) -> Option<String> {
    let source = problem["source"].as_str().unwrap();
    let words: Vec<String> = problem["mentions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap().to_lowercase())
        .collect();
    let said: Vec<String> = loaded
        .problems
        .iter()
        .filter(|found| {
            loaded.federation.sources.name(found.source).is_some_and(|name| name.ends_with(source))
        })
        .map(|found| found.message.clone())
        .collect();
    let hit =
        said.iter().any(|message| words.iter().all(|word| message.to_lowercase().contains(word)));
    (!hit).then(|| format!("{source} reports {said:?}, expected one that mentions {words:?}"))
}

fn check_sees(entitlements: &Entitlements<'_>, line: &Value) -> Vec<String> {
    let name = line["user"].as_str().unwrap();
    let directory = &entitlements.federation.directory;
    let UserMatch::One(user) = find_user(directory, name) else {
        return vec![format!("{name}: {:?}", find_user(directory, name))];
    };
    let grants = entitlements.grants(visible, Ways::DirectGroups).unwrap();
    let direct = entitlements.direct_groups(user);
    let picker = RolePicker::of(entitlements, user, &direct, &grants);
    let got: Vec<String> = picker.entries().map(|entry| entry.pair.role.to_string()).collect();
    let want: Vec<&str> =
        line["sees"].as_array().unwrap().iter().map(|arn| arn.as_str().unwrap()).collect();
    let mut wrong = Vec::new();
    if got != want {
        wrong.push(format!("{name} sees {got:?}, expected {want:?}"));
    }
    let page = match got.len() {
        0 => "none",
        1 => "skipped",
        _ => "shown",
    };
    if let Some(expected) = line["page"].as_str()
        && expected != page
    {
        wrong.push(format!("{name}: page {page}, expected {expected}"));
    }
    wrong
}

fn check_why(entitlements: &Entitlements<'_>, line: &Value) -> Vec<String> {
    let (name, role) = (line["user"].as_str().unwrap(), line["why"].as_str().unwrap());
    let UserMatch::One(user) = find_user(&entitlements.federation.directory, name) else {
        // Nobody of that name is the account stage's own failure.
        let expected = line["stage"].as_str();
        let ok = expected == Some("account");
        return if ok { Vec::new() } else { vec![format!("no user {name}")] };
    };
    let why = explain(entitlements, user, &RoleQuery::parse(role).unwrap());
    let mut wrong = Vec::new();
    let about = format!("why {name} {role}");
    let stage = why.first_failure().map(|report| report.stage.as_str());
    if stage != line["stage"].as_str() {
        let says = why.first_failure().map(|report| report.says.clone());
        wrong.push(format!("{about}: fails at {stage:?} ({says:?}), expected {}", line["stage"]));
    }
    let stages: BTreeMap<&str, &str> =
        why.stages.iter().map(|report| (report.stage.as_str(), report.answer.as_str())).collect();
    for (stage, answer) in line["stages"].as_object().into_iter().flatten() {
        let got = stages.get(stage.as_str()).copied();
        if got != answer.as_str() {
            wrong.push(format!("{about}: {stage} {got:?}, expected {answer}"));
        }
    }
    let admission = why.admission();
    if let Some(aws) = line["aws"].as_str()
        && admission.as_str() != aws
    {
        wrong.push(format!("{about}: {} ({}), expected {aws}", admission.as_str(), admission.says));
    }
    if let Some(text) = line["error"].as_str()
        && why.refusal().map(rolecall::entitlement::refusal::Refusal::text) != Some(text)
    {
        wrong.push(format!("{about}: {:?}, expected `{text}`", why.refusal()));
    }
    for word in line["says"].as_array().into_iter().flatten() {
        if !admission.says.contains(word.as_str().unwrap()) {
            wrong.push(format!("{about}: `{}`, expected {word}", admission.says));
        }
    }
    if let Some(path) = line["path"].as_array() {
        let path: Vec<&str> = path.iter().map(|step| step.as_str().unwrap()).collect();
        if why.path != path {
            wrong.push(format!("{about}: path {:?}, expected {path:?}", why.path));
        }
    }
    if let Some(group) = line["group"].as_str()
        && why.group.as_deref() != Some(group)
    {
        wrong.push(format!("{about}: group {:?}, expected {group:?}", why.group));
    }
    if let Some(near) = line["nearest"].as_str()
        && !why.first_failure().is_some_and(|report| report.nearest.iter().any(|name| name == near))
    {
        wrong.push(format!("{about}: nearest {:?}, expected {near}", why.first_failure()));
    }
    wrong
}

fn check_who(entitlements: &Entitlements<'_>, line: &Value) -> Vec<String> {
    let role = line["who"].as_str().unwrap();
    let holders = who(entitlements, &RoleQuery::parse(role).unwrap());
    let got: Vec<&str> = holders.holders.iter().map(|holder| holder.login.as_str()).collect();
    let mut wrong = Vec::new();
    if let Some(users) = line["users"].as_array() {
        let mut want: Vec<&str> = users.iter().map(|user| user.as_str().unwrap()).collect();
        want.sort_unstable();
        if got != want {
            wrong.push(format!("who {role}: {got:?}, expected {want:?}"));
        }
    }
    if let Some(count) = line["count"].as_u64()
        && got.len() as u64 != count
    {
        wrong.push(format!("who {role}: {} users, expected {count}", got.len()));
    }
    for user in line["users_include"].as_array().into_iter().flatten() {
        if !got.contains(&user.as_str().unwrap()) {
            wrong.push(format!("who {role}: {user} is missing"));
        }
    }
    wrong
}

fn lines_of(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_small_federation_answers_as_expected() {
    let mut wrong = Vec::new();
    let mut worlds = 0;
    for entry in fs::read_dir(fixtures().join("federations")).unwrap() {
        let world = entry.unwrap().path();
        let expected = world.join("expected.jsonl");
        if !expected.exists() {
            continue;
        }
        worlds += 1;
        let loaded = load(inputs(&world, &world));
        let name = world.file_name().unwrap().to_string_lossy().into_owned();
        let lines = lines_of(&expected);
        assert!(!lines.is_empty(), "{name} expects nothing");
        wrong
            .extend(check(&loaded, &lines).into_iter().map(|message| format!("{name}: {message}")));
    }
    wrong.sort();
    assert!(worlds >= 40, "only {worlds} federations found");
    assert!(
        wrong.is_empty(),
        "{} of {worlds} worlds' lines are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn exports_of_real_programs_answer_as_expected() {
    // `.ci/run` makes the worlds anew; the fresh ones have to say what the committed ones do.
    let committed = fixtures().join("worlds");
    let folder = std::env::var_os("ROLECALL_WORLDS").map_or(committed.clone(), PathBuf::from);
    let (mut wrong, mut compared) = (Vec::new(), 0);
    let mut files: Vec<_> = fs::read_dir(committed.join("expected"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    assert!(!files.is_empty());
    for file in files {
        let lines = lines_of(&file);
        let (head, lines) = lines.split_first().unwrap();
        let mut sets = vec![head["inputs"].clone()];
        sets.extend(head["also"].as_array().into_iter().flatten().cloned());
        for set in sets {
            let paths: Vec<_> = set
                .as_array()
                .unwrap()
                .iter()
                .map(|path| path.as_str().unwrap())
                .map(|path| {
                    if path.starts_with("apps/") { committed.join(path) } else { folder.join(path) }
                })
                .collect();
            if paths.iter().any(|path| !path.exists()) {
                continue;
            }
            compared += 1;
            let all: Vec<Input> = paths.iter().flat_map(|path| inputs(&folder, path)).collect();
            let loaded = load(all);
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            wrong.extend(
                check(&loaded, lines).into_iter().map(|message| format!("{name} {set}: {message}")),
            );
        }
    }
    assert!(compared >= 3, "only {compared} sets of inputs were there");
    assert!(wrong.is_empty(), "{} lines are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn shared_real_exports_are_read_whole() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("real-exports");
    for file in ["ad-ldbsearch.ldif", "ad-groups-only.ldif", "ldapsearch.ldif", "slapcat.ldif"] {
        let path = folder.join("directory").join(file);
        let loaded = load(inputs(&folder, &path));
        let problems: Vec<_> = loaded.problems.iter().map(|problem| &problem.message).collect();
        assert!(problems.is_empty(), "{file}: {problems:?}");
        let names: Vec<&str> = loaded
            .federation
            .directory
            .groups()
            .map(|(id, _)| loaded.federation.directory.group_name(id))
            .collect();
        assert!(names.contains(&"aws#acme-prod#Admin#123456789012"), "{file}: {names:?}");
        let who = find_user(&loaded.federation.directory, "alice");
        assert!(
            matches!(who, UserMatch::One(_)) || file == "ad-groups-only.ldif",
            "{file}: {who:?}"
        );
    }
    let loaded = load(inputs(&folder, &folder.join("aws")));
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    let (_, account) = loaded.federation.accounts.iter().next().unwrap();
    assert_eq!(account.alias.as_ref().unwrap().value, "acme-prod");
    assert_eq!(account.role("NetOps").unwrap().path, "/teams/net/");
}
