//! What each stage says of one user and one role group, as sentences with their places.

use super::derivation::{Derivation, Distances};
use super::resolve::{Assigned, Entitlements};
use super::role_group::Import;
use super::stage::{Answer, Stage, StageReport};
use super::why::{Asked, Candidate};
use crate::model::arn::ArnPair;
use crate::model::directory::{GroupId, Status};
use crate::text::Place;

pub(super) fn account(entitlements: &Entitlements<'_>, asked: &Asked<'_>) -> StageReport {
    let directory = &entitlements.federation.directory;
    let Some(user) = directory.user(asked.user) else {
        return StageReport::new(Stage::Account, Answer::Fails, "no such user");
    };
    let login = directory.text(user.login);
    let (answer, says) = match user.status {
        Status::Active => (Answer::Holds, format!("`{login}` is active")),
        Status::Disabled => (Answer::Fails, format!("`{login}` is disabled and cannot sign in")),
        Status::Unknown if user.implied => (
            Answer::Unknown,
            format!("`{login}` is named by memberships only, no users export was given"),
        ),
        Status::Unknown => (Answer::Unknown, format!("no export says whether `{login}` is active")),
    };
    StageReport::new(Stage::Account, answer, says).at(user.place)
}

pub(super) fn assignment(entitlements: &Entitlements<'_>, asked: &Asked<'_>) -> StageReport {
    let directory = &entitlements.federation.directory;
    let stated = directory.assignments();
    let assigned = entitlements.assignment(asked.user, &asked.direct);
    let report = |says: String| StageReport::new(Stage::Assignment, assigned.answer(), says);
    match assigned {
        Assigned::ThroughGroup(any) => {
            let groups = entitlements.assigned_groups(&asked.direct);
            let by_name = |group: &GroupId| (directory.group_name(*group), *group);
            let group = groups.min_by_key(by_name).unwrap_or(any);
            let list = stated.groups.as_deref().unwrap_or_default();
            let place = list.iter().find(|one| one.to == group).map_or(Place::NOWHERE, |one| one.place);
            report(format!("the app is assigned to `{}`", directory.group_name(group))).at(place)
        }
        Assigned::Listed => {
            let list = stated.users.as_deref().unwrap_or_default();
            let place = list.iter().find(|one| one.to == asked.user).map_or(Place::NOWHERE, |one| one.place);
            report("the app's users name this user".to_owned()).at(place)
        }
        Assigned::Not => report(
            "neither this user nor a group of theirs is assigned to the Okta app, so they see no tile".to_owned(),
        ),
        Assigned::UnknownUsers => report(
            "none of the app's groups is theirs, and no app-users export says who is assigned individually"
                .to_owned(),
        ),
        Assigned::Unknown => report("no export says who is assigned to the Okta app".to_owned()),
    }
}

pub(super) fn membership(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    candidate: &Candidate,
) -> (StageReport, Option<Derivation>) {
    let directory = &entitlements.federation.directory;
    let Some(group) = candidate.group else {
        let near = asked.query.nearest_roles(entitlements);
        let near = near.first().map(|near| format!("; the nearest in that account: `{near}`"));
        let says =
            format!("no group's name maps to `{}`{}", asked.query.text, near.unwrap_or_default());
        let assumed = entitlements.mapping.assumed;
        let answer = if assumed { Answer::Unknown } else { Answer::Fails };
        return (StageReport::new(Stage::Membership, answer, says), None);
    };
    let name = directory.group_name(group);
    let distances = Distances::to_groups(entitlements, vec![group]);
    if let Some(derivation) = distances.derive(entitlements, asked.user, &asked.direct) {
        let path: Vec<String> = derivation
            .path
            .iter()
            .map(|step| format!("`{}`", directory.group_name(step.group)))
            .collect();
        let ways = match derivation.ways {
            1 => String::new(),
            ways => format!(" (the shortest chain; {ways} of the user's groups lead there)"),
        };
        let says = format!("in {}{ways}", path.join(" → "));
        let mut report = StageReport::new(Stage::Membership, Answer::Holds, says);
        report.places = derivation.path.iter().map(|step| step.place).collect();
        return (report, Some(derivation));
    }
    if !directory.members_stated() {
        let says = "no export lists any user's memberships";
        return (StageReport::new(Stage::Membership, Answer::Unknown, says), None);
    }
    if let Some(inner) = okta_nesting(entitlements, asked, group) {
        let says = format!("in `{inner}`, which the export nests in `{name}`");
        return (StageReport::new(Stage::Membership, Answer::Holds, says), None);
    }
    let says =
        format!("not in `{name}`, neither directly nor through the groups that are its members");
    let place = directory.group(group).map_or(Place::NOWHERE, |group| group.place);
    (StageReport::new(Stage::Membership, Answer::Fails, says).at(place), None)
}

/// The user's group that would lead to `goal` if Okta's own groups nested; of several the first by name.
fn okta_nesting<'e>(
    entitlements: &'e Entitlements<'_>,
    asked: &Asked<'_>,
    goal: GroupId,
) -> Option<&'e str> {
    let directory = &entitlements.federation.directory;
    let mut seen = std::collections::BTreeSet::from([goal]);
    let mut frontier = vec![goal];
    let mut found = Vec::new();
    while let Some(group) = frontier.pop() {
        for &inner in directory.nested().targets(group.0) {
            let inner = GroupId(inner);
            if seen.insert(inner) {
                frontier.push(inner);
                if asked.direct.contains(&inner) {
                    found.push(directory.group_name(inner));
                }
            }
        }
    }
    found.into_iter().min()
}

pub(super) fn import(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    candidate: &Candidate,
    derived: bool,
) -> Option<StageReport> {
    let directory = &entitlements.federation.directory;
    let group = directory.group(candidate.group?)?;
    if !derived && let Some(inner) = okta_nesting(entitlements, asked, candidate.group?) {
        let says = format!(
            "Okta has no nesting of its own: members of `{inner}` are not in `{}`, which was made in Okta",
            directory.text(group.name)
        );
        return Some(StageReport::new(Stage::Import, Answer::Fails, says).at(group.place));
    }
    let filter = entitlements.mapping.app_filter.as_ref();
    let filter_text = filter.map(ToString::to_string).unwrap_or_default();
    let source = group.source.as_ref().map(ToString::to_string).unwrap_or_default();
    let (answer, says) = match candidate.import {
        Import::Admitted if filter.is_some_and(crate::mapping::app_filter::AppFilter::is_open) => {
            (Answer::Holds, "the App Filter is empty: groups of every source count".to_owned())
        }
        Import::Admitted => {
            (Answer::Holds, format!("its source `{source}` is in the App Filter `{filter_text}`"))
        }
        Import::Excluded => (
            Answer::Fails,
            format!("its source `{source}` is not in the App Filter `{filter_text}`"),
        ),
        Import::NotInOkta => (
            Answer::Fails,
            "the Okta groups export does not have it: not imported (its OU, or the next import)"
                .to_owned(),
        ),
        Import::UnknownSource => (
            Answer::Unknown,
            format!("no export says where the group comes from (App Filter `{filter_text}`)"),
        ),
        Import::UnknownFilter => (Answer::Unknown, "no export carries the App Filter".to_owned()),
    };
    let place = match answer {
        Answer::Fails => entitlements.mapping.places.app_filter,
        _ => group.place,
    };
    Some(StageReport::new(Stage::Import, answer, says).at(place))
}

pub(super) fn filter(
    entitlements: &Entitlements<'_>,
    candidate: &Candidate,
) -> Option<StageReport> {
    let directory = &entitlements.federation.directory;
    let group = candidate.group?;
    let name = directory.group_name(group);
    if !entitlements.mapping.maps_groups() {
        let says =
            "Use Group Mapping is off: Okta reads no group names, roles come from `samlRoles`";
        let report = StageReport::new(Stage::Filter, Answer::Fails, says);
        return Some(report.at(entitlements.mapping.places.use_group_mapping));
    }
    if entitlements.mapping.assumed {
        return Some(guessed_filter(entitlements, candidate, name));
    }
    let report = match candidate.mapped.and_then(|at| entitlements.role_group(at)) {
        Some(mapped) => {
            let note = if mapped.depends_on_mode {
                "; whether it does depends on how Okta applies the filter (find or full match), which is undocumented"
            } else {
                ""
            };
            let says = format!(
                "`{name}` gives role `{}` and account `{}`{note}",
                mapped.role, mapped.account
            );
            StageReport::new(Stage::Filter, Answer::Holds, says)
        }
        None => match &candidate.undecided {
            Some(reason) => {
                StageReport::new(Stage::Filter, Answer::Unknown, format!("`{name}`: {reason}"))
            }
            None => StageReport::new(Stage::Filter, Answer::Fails, stop_sentence(name, candidate)),
        },
    };
    Some(report.at(entitlements.mapping.places.filter))
}

/// What the filter of Okta's guide would make of a name, where no export has the app's own.
fn guessed_filter(
    entitlements: &Entitlements<'_>,
    candidate: &Candidate,
    name: &str,
) -> StageReport {
    let says = match candidate.mapped.and_then(|at| entitlements.role_group(at)) {
        Some(mapped) => format!(
            "no export has the app's Group Filter; by that of Okta's guide `{name}` gives role `{}` and account `{}`",
            mapped.role, mapped.account
        ),
        None => format!("no export has the app's; {}", stop_sentence(name, candidate)).replacen(
            "the Group Filter",
            "the Group Filter of Okta's guide",
            1,
        ),
    };
    StageReport::new(Stage::Filter, Answer::Unknown, says)
}

fn stop_sentence(name: &str, candidate: &Candidate) -> String {
    let Some(stop) = &candidate.stop else {
        return format!("the Group Filter does not match `{name}`");
    };
    let found = match stop.found {
        Some(c) => format!("`{c}` at byte {}", stop.at),
        None => "the end of the name".to_owned(),
    };
    format!(
        "the Group Filter does not match `{name}`: found {found}, expected {}",
        stop.expectation()
    )
}

pub(super) fn pair(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    candidate: &Candidate,
    wanted: Option<&ArnPair>,
) -> Option<StageReport> {
    let assumed = entitlements.mapping.assumed;
    let report = |answer, says| {
        let answer = if assumed { Answer::Unknown } else { answer };
        StageReport::new(Stage::Pair, answer, says)
    };
    let mapped = candidate.mapped.and_then(|at| entitlements.role_group(at));
    let report = match mapped.map(|mapped| (mapped, &mapped.pair)) {
        Some((_, Ok(pair))) if asked.query.is(entitlements, &pair.role) => {
            let guessed = if assumed { "as Okta's guide has it: " } else { "" };
            report(Answer::Holds, format!("{guessed}`{},{}`", pair.provider, pair.role))
        }
        Some((_, Ok(pair))) => {
            let (role, wanted) = (&pair.role, &asked.query.text);
            let says = format!("the name gives `{role}`, another role than `{wanted}`");
            StageReport::new(Stage::Pair, Answer::Fails, says)
        }
        Some((mapped, Err(error))) => {
            let value = &mapped.value;
            report(Answer::Fails, format!("`{value}` is no Role value AWS reads: {error}"))
        }
        None => {
            let (provider, role) = (&wanted?.provider, &wanted?.role);
            report(Answer::Holds, format!("the right name would give `{provider},{role}`"))
        }
    };
    Some(report.at(entitlements.mapping.places.pattern))
}

/// With Use Group Mapping off: the pair a `samlRoles` value gives.
pub(super) fn saml_role(entitlements: &Entitlements<'_>, pair: &ArnPair) -> StageReport {
    let says = format!(
        "Use Group Mapping is off; `samlRoles` of their assignment give `{},{}`",
        pair.provider, pair.role
    );
    StageReport::new(Stage::Pair, Answer::Holds, says)
        .at(entitlements.mapping.places.use_group_mapping)
}
