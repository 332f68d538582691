//! What holds of every comparison of two federations.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rolecall::diff::fact::{Fact, GroupRef, Setting};
use rolecall::diff::level::{Levelled, level};
use rolecall::diff::outcome::{Change, Diff, Kind, Row, diff};
use rolecall::diff::side::{Side, Which};
use rolecall::diff::two::Two;
use rolecall::entitlement::admission::Admissions;
use rolecall::entitlement::resolve::{Entitlements, Ways};
use rolecall::entitlement::sign_in::SignInSettings;
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::model::account::Tier;

use super::export::Form;
use super::model::Model;
use super::world::worlds;
use super::{Read, cases, pickers};

/// Two federations, one made from the other by a few changes.
fn twins(most: usize) -> impl Strategy<Value = (Model, Model, Form, u64)> {
    let forms = prop::sample::select(&[Form::Csv, Form::LdifMember, Form::OktaNested][..]);
    let edits = prop::collection::vec(any::<(u8, usize, usize)>(), 1..=most);
    let twins = (worlds(), forms, edits, any::<u64>()).prop_map(|(world, form, edits, seed)| {
        let before = Model::of(&form.fit(world));
        let mut after = before.clone();
        for edit in edits {
            after.edit(edit);
        }
        let after = Model::of(&form.fit(after.world()));
        (before, after, form, seed)
    });
    // Okta's exporters write no list for a group without members, and none at all where no group has any.
    let has_lists = |model: &Model| !model.members.is_empty() || !model.nested.is_empty();
    twins.prop_filter("a side without memberships", move |(before, after, form, _)| {
        *form != Form::OktaNested || (has_lists(before) && has_lists(after))
    })
}

struct Compared {
    diff: Diff,
    before: super::Pickers,
    after: super::Pickers,
    /// What facts are about, by name on each side, in the order of the causes.
    names: BTreeMap<GroupRef, (Option<String>, Option<String>)>,
    /// Groups and users of before by their names after.
    groups: BTreeMap<String, String>,
    users: BTreeMap<String, String>,
}

fn compared(before: &Model, after: &Model, form: Form, seed: u64) -> Compared {
    let mut old = Read::of(&before.world(), form, seed);
    let mut new = Read::of(&after.world(), form, seed ^ 1);
    let Levelled { matching, blind, unknown } = level(&mut old.loaded, &mut new.loaded);
    assert_eq!(unknown, [], "nothing is missing on one side");
    let mapping = |read: &Read| {
        Mapping::new(read.loaded.federation.app.as_ref(), &Overrides::default()).unwrap()
    };
    let (old_mapping, new_mapping) = (mapping(&old), mapping(&new));
    let settings = SignInSettings::default();
    let old = Entitlements::resolve(&old.loaded.federation, &old_mapping);
    let new = Entitlements::resolve(&new.loaded.federation, &new_mapping);
    let (ours, theirs) = (pickers(&old, Ways::DirectGroups), pickers(&new, Ways::DirectGroups));
    let (old, new) = (Admissions::new(&old, &settings), Admissions::new(&new, &settings));
    let two = Two::new(Side::new(&old).unwrap(), Side::new(&new).unwrap(), &matching);
    let diff = diff(&two, blind, &|role| role.name.contains("dmin").then_some(Tier::Admin));
    let facts = diff.changes.iter().flat_map(|change| &change.facts);
    let names = facts.flat_map(|&fact| groups_of(fact)).map(|group| {
        let name = |which| {
            let id = two.group_on(which, group)?;
            Some(two.side(which).directory().group_name(id).to_owned())
        };
        (group, (name(Which::Before), name(Which::After)))
    });
    let (mine, other) = (two.before.directory(), two.after.directory());
    let group = |number| rolecall::model::directory::GroupId(number);
    let user = |number| rolecall::model::directory::UserId(number);
    Compared {
        before: ours,
        after: theirs,
        names: names.collect(),
        groups: matching
            .groups
            .pairs()
            .map(|(b, a)| (mine.group_name(group(b)).into(), other.group_name(group(a)).into()))
            .collect(),
        users: matching
            .users
            .pairs()
            .map(|(b, a)| (mine.login(user(b)).into(), other.login(user(a)).into()))
            .collect(),
        diff,
    }
}

fn groups_of(fact: Fact) -> Vec<GroupRef> {
    match fact {
        Fact::Renamed(group)
        | Fact::Source(group)
        | Fact::GroupRoles(group)
        | Fact::Group { group, .. }
        | Fact::Imported { group, .. }
        | Fact::Assigned { group, .. }
        | Fact::Member { group, .. } => vec![group],
        Fact::Nested { inner, outer, .. } => vec![inner, outer],
        _ => Vec::new(),
    }
}

/// The after of a comparison with a cause taken back.
fn undone(compared: &Compared, change: &Change, before: &Model, after: &Model) -> Model {
    let mut model = after.clone();
    let old_name = |group: GroupRef| {
        let names = &compared.names[&group];
        names.0.clone().or_else(|| names.1.clone()).unwrap()
    };
    let name = |group: GroupRef| {
        let names = &compared.names[&group];
        names.1.clone().or_else(|| names.0.clone()).unwrap()
    };
    let group_now = |old: &String| compared.groups.get(old).unwrap_or(old).clone();
    let user_now = |old: &String| {
        let folded = |name: &str| name.to_lowercase();
        let found = compared.users.iter().find(|(known, _)| folded(known) == folded(old));
        let login = found.map_or(old, |(_, now)| now);
        // Logins are compared without their case, and models spell them as the first world did.
        after.users.keys().find(|one| folded(one) == folded(login)).unwrap_or(old).clone()
    };
    let rows: BTreeSet<String> =
        change.rows.iter().flat_map(|row| &row.users).map(|user| user.to_lowercase()).collect();
    let mine = |login: &str| rows.contains(&login.to_lowercase());
    // What comes back whole comes first, so that what hangs on it can.
    let mut groups = BTreeSet::new();
    let mut users = BTreeSet::new();
    for &fact in &change.facts {
        match fact {
            Fact::Group { group, holds: Which::Before } => {
                let name = old_name(group);
                let (id, source) = before.groups[&name];
                model.groups.insert(name.clone(), (id + 1000, source));
                groups.insert(name);
            }
            Fact::User { holds: Which::Before } => {
                for (login, &(id, active)) in before.users.iter().filter(|one| mine(one.0)) {
                    model.users.insert(login.clone(), (id + 1000, active));
                    users.insert(login.clone());
                }
            }
            _ => {}
        }
    }
    for (group, user) in &before.members {
        let whole = groups.contains(group) || users.contains(user);
        let edge = (group_now(group), user_now(user));
        if whole && model.groups.contains_key(&edge.0) && model.users.contains_key(&edge.1) {
            model.members.insert(edge);
        }
    }
    for (outer, inner) in &before.nested {
        let whole = groups.contains(outer) || groups.contains(inner);
        let edge = (group_now(outer), group_now(inner));
        if whole && model.groups.contains_key(&edge.0) && model.groups.contains_key(&edge.1) {
            model.nested.insert(edge);
        }
    }
    for name in &groups {
        if before.assigned_groups.as_ref().is_some_and(|all| all.contains(name)) {
            model.assigned_groups.as_mut().unwrap().insert(name.clone());
        }
    }
    for login in &users {
        if before.assigned_users.as_ref().is_some_and(|all| all.contains(login)) {
            model.assigned_users.as_mut().unwrap().insert(login.clone());
        }
    }
    for &fact in &change.facts {
        undo(&mut model, before, fact, (&name, &old_name, &mine));
    }
    model
}

type Named<'n> =
    (&'n dyn Fn(GroupRef) -> String, &'n dyn Fn(GroupRef) -> String, &'n dyn Fn(&str) -> bool);

fn undo(model: &mut Model, before: &Model, fact: Fact, (name, old_name, mine): Named<'_>) {
    let put = |set: &mut BTreeSet<(String, String)>, edge: (String, String), holds: Which| {
        if holds == Which::Before {
            set.insert(edge);
        } else {
            set.remove(&edge);
        }
    };
    let users: Vec<String> = model.users.keys().filter(|login| mine(login)).cloned().collect();
    // A group may have its old name again.
    let has_it = groups_of(fact).into_iter().map(|group| model.groups.contains_key(&name(group)));
    let has_it: Vec<bool> = has_it.collect();
    let now = |at: usize, group: GroupRef| {
        if has_it.get(at) == Some(&true) { name(group) } else { old_name(group) }
    };
    match fact {
        Fact::Setting(Setting::GroupFilter) => model.app.filter = before.app.filter,
        Fact::Setting(Setting::RoleValuePattern) => model.app.pattern = before.app.pattern,
        Fact::Setting(Setting::AppFilter) => model.app.sources = before.app.sources,
        Fact::Renamed(group) => model.rename_group(&name(group), &old_name(group)),
        Fact::Source(group) => {
            let source = before.groups[&old_name(group)].1;
            model.groups.get_mut(&now(0, group)).unwrap().1 = source;
        }
        Fact::Group { group, holds: Which::After } => model.remove_group(&name(group)),
        Fact::Nested { inner, outer, holds } => {
            put(&mut model.nested, (now(1, outer), now(0, inner)), holds);
        }
        Fact::Member { group, holds } => {
            for user in users {
                put(&mut model.members, (now(0, group), user), holds);
            }
        }
        Fact::Assigned { group, holds } => {
            let all = model.assigned_groups.as_mut().unwrap();
            if holds == Which::Before {
                all.insert(now(0, group));
            } else {
                all.remove(&now(0, group));
            }
        }
        Fact::Listed { holds } => {
            for user in users {
                let all = model.assigned_users.as_mut().unwrap();
                if holds == Which::Before {
                    all.insert(user);
                } else {
                    all.remove(&user);
                }
            }
        }
        Fact::SignsIn { .. } => {
            for user in users {
                let about = model.users.get_mut(&user).unwrap();
                about.1 = !about.1;
            }
        }
        Fact::User { holds: Which::After } => {
            for user in users {
                model.remove_user(&user);
            }
        }
        Fact::User { .. } | Fact::Group { .. } => {}
        other => panic!("no world has {other:?}"),
    }
}

/// The roles of a row's pairs.
fn roles(pairs: &[(String, String)]) -> BTreeSet<&str> {
    pairs.iter().map(|pair| pair.0.as_str()).collect()
}

/// A change by what it does, whichever way round it is read.
pub(super) fn essence(change: &Change, turned: bool) -> (Vec<String>, Vec<String>) {
    let kinds = change.facts.iter().map(|&fact| if turned { mirrored(fact) } else { fact });
    let mut kinds: Vec<String> = kinds.map(|fact| fact.kind().to_owned()).collect();
    kinds.sort();
    let row = |row: &Row| {
        let kind = match (row.kind, turned) {
            (Kind::Gained, true) => Kind::Lost,
            (Kind::Lost, true) => Kind::Gained,
            (kind, _) => kind,
        };
        let (old, new) = if turned { (&row.after, &row.before) } else { (&row.before, &row.after) };
        let users: Vec<String> = row.users.iter().map(|user| user.to_lowercase()).collect();
        format!("{kind:?} {old:?} {new:?} {:?} {users:?}", row.tier)
    };
    let mut rows: Vec<String> = change.rows.iter().map(row).collect();
    rows.sort();
    (kinds, rows)
}

fn mirrored(fact: Fact) -> Fact {
    match fact {
        Fact::Group { group, holds } => Fact::Group { group, holds: holds.other() },
        Fact::Imported { group, holds } => Fact::Imported { group, holds: holds.other() },
        Fact::Nested { inner, outer, holds } => Fact::Nested { inner, outer, holds: holds.other() },
        Fact::Assigned { group, holds } => Fact::Assigned { group, holds: holds.other() },
        Fact::User { holds } => Fact::User { holds: holds.other() },
        Fact::SignsIn { holds } => Fact::SignsIn { holds: holds.other() },
        Fact::Member { group, holds } => Fact::Member { group, holds: holds.other() },
        Fact::Listed { holds } => Fact::Listed { holds: holds.other() },
        both => both,
    }
}

/// What a comparison says, applied to the pickers of before.
fn applied(compared: &Compared) -> BTreeMap<String, BTreeSet<String>> {
    let folded = |user: &str| user.to_lowercase();
    let renamed: BTreeMap<String, String> =
        compared.users.iter().map(|(old, new)| (folded(old), folded(new))).collect();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (user, roles) in &compared.before {
        let now = renamed.get(user).unwrap_or(user).clone();
        all.entry(now).or_default().extend(roles.keys().cloned());
    }
    for row in compared.diff.rows() {
        for user in &row.users {
            let own = all.entry(folded(user)).or_default();
            for role in roles(&row.before.pairs) {
                assert!(own.remove(role), "{user} had no {role}");
            }
            own.extend(roles(&row.after.pairs).into_iter().map(str::to_owned));
        }
    }
    all.retain(|_, roles| !roles.is_empty());
    all
}

proptest! {
    #![proptest_config(cases(160))]

    #[test]
    fn a_federation_does_not_differ_from_itself((model, _, form, seed) in twins(1)) {
        let compared = compared(&model, &model, form, seed);
        prop_assert!(compared.diff.is_empty(), "{:?}", compared.diff);
    }

    #[test]
    fn what_differs_turns_one_picker_into_the_other((before, after, form, seed) in twins(5)) {
        let compared = compared(&before, &after, form, seed);
        let wanted: BTreeMap<String, BTreeSet<String>> = compared
            .after
            .iter()
            .map(|(user, roles)| (user.clone(), roles.keys().cloned().collect()))
            .collect();
        prop_assert_eq!(applied(&compared), wanted);
    }

    #[test]
    fn read_backwards_a_comparison_is_its_inverse((before, after, form, seed) in twins(5)) {
        let forth = compared(&before, &after, form, seed);
        let back = compared(&after, &before, form, seed ^ 1);
        let mut ours: Vec<_> = forth.diff.changes.iter().map(|one| essence(one, false)).collect();
        let mut theirs: Vec<_> = back.diff.changes.iter().map(|one| essence(one, true)).collect();
        ours.sort();
        theirs.sort();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn a_cause_taken_back_takes_its_changes_back((before, after, form, seed) in twins(3)) {
        let compared = compared(&before, &after, form, seed);
        for change in &compared.diff.changes {
            let model = undone(&compared, change, &before, &after);
            let pickers = model.world().pickers();
            for row in &change.rows {
                let (old, new) = (roles(&row.before.pairs), roles(&row.after.pairs));
                for user in &row.users {
                    let now = pickers.get(&user.to_lowercase());
                    let has = |role: &str| now.is_some_and(|roles| roles.contains_key(role));
                    let back = old.difference(&new).all(|role| has(role))
                        && !new.difference(&old).any(|role| has(role));
                    prop_assert!(back, "{user} {row:?}\n{:?}\nnow {now:?}", change.facts);
                }
            }
        }
    }
}
