//! What holds of every federation, whatever the exports that state it.

mod aws;
mod changes;
mod expect;
mod export;
mod model;
mod naive;
mod thought;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use rolecall::entitlement::derivation::{Distances, replays};
use rolecall::entitlement::picker::RolePicker;
use rolecall::entitlement::resolve::{Entitlements, PATH_STEPS, Ways, visible};
use rolecall::entitlement::role_group::place_of;
use rolecall::explain::lookup::RoleQuery;
use rolecall::explain::who::who;
use rolecall::explain::why::{Explanation, explain};
use rolecall::mapping::group_filter::Reading;
use rolecall::mapping::settings::{Mapping, Overrides};
use rolecall::model::directory::{GroupId, UserId};
use rolecall::report::rows::{Column, CsvRows, CsvStyle};
use rolecall::sources::focus::{Focus, Leads};
use rolecall::sources::load::{Loaded, Survey, load};

use export::{File, Form, files, forms, shuffled};
use world::{ACCOUNTS, Dice, Group, ROLES, World, rings, worlds};

/// Exports as they were read.
struct Read {
    loaded: Loaded,
    mapping: Mapping,
}

impl Read {
    fn new(files: &[File]) -> Self {
        let loaded = load(files.iter().map(File::input).collect());
        let problems: Vec<&str> =
            loaded.problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(problems.is_empty(), "{problems:?}");
        let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default()).unwrap();
        Self { loaded, mapping }
    }

    fn of(world: &World, form: Form, seed: u64) -> Self {
        Self::new(&files(world, form, &mut Dice(seed)))
    }

    fn entitlements(&self) -> Entitlements<'_> {
        Entitlements::resolve(&self.loaded.federation, &self.mapping)
    }
}

type Pickers = BTreeMap<String, BTreeMap<String, u32>>;

/// Everybody's picker, by login without its case: role ARNs with the number of ways.
fn pickers(entitlements: &Entitlements<'_>, ways: Ways) -> Pickers {
    let grants = entitlements.grants(visible, ways).unwrap();
    let directory = &entitlements.federation.directory;
    let mut all = Pickers::new();
    for (user, _) in directory.users() {
        let direct = entitlements.direct_groups(user);
        let picker = RolePicker::of(entitlements, user, &direct, &grants);
        let entries: Vec<_> =
            picker.entries().map(|entry| (entry.pair.role.to_string(), entry.ways)).collect();
        let roles: BTreeMap<_, _> = entries.iter().cloned().collect();
        assert_eq!(entries.len(), roles.len(), "a role stands twice in {entries:?}");
        if !roles.is_empty() {
            let before = all.insert(directory.login(user).to_lowercase(), roles);
            assert_eq!(before, None, "two users are called {}", directory.login(user));
        }
    }
    all
}

/// Roles alone.
fn without_ways(pickers: &Pickers) -> BTreeMap<&str, Vec<&str>> {
    pickers
        .iter()
        .map(|(user, roles)| (user.as_str(), roles.keys().map(String::as_str).collect()))
        .collect()
}

fn users(entitlements: &Entitlements<'_>) -> BTreeMap<String, UserId> {
    let directory = &entitlements.federation.directory;
    directory.users().map(|(id, _)| (directory.login(id).to_lowercase(), id)).collect()
}

fn group_names(
    entitlements: &Entitlements<'_>,
    groups: impl Iterator<Item = GroupId>,
) -> Vec<String> {
    groups.map(|group| entitlements.federation.directory.group_name(group).to_owned()).collect()
}

/// Everybody who sees each role, with the shortest path and the number of ways.
fn holders(entitlements: &Entitlements<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for target in entitlements.targets().iter().filter(|target| target.pair.is_ok()) {
        let found = who(entitlements, &RoleQuery::parse(&target.role_arn).unwrap());
        for holder in found.holders {
            let derivation = holder.derivation.unwrap();
            let path = group_names(entitlements, derivation.path.iter().map(|step| step.group));
            let (login, unknown) = (holder.login, holder.unknown);
            assert_eq!(derivation.ways, holder.ways, "{login}");
            lines.push(format!("{} {login} {path:?} {} {unknown}", target.role_arn, holder.ways));
        }
    }
    lines
}

/// All that an explanation says, places aside.
fn said(explanation: &Explanation) -> String {
    let stages: Vec<_> = explanation
        .stages
        .iter()
        .map(|report| (report.stage, report.answer, &report.says, &report.nearest))
        .collect();
    let Explanation { user, role, account, group, path, change, other_groups, .. } = explanation;
    format!("{user} {role} {account:?} {group:?} {path:?} {stages:?} {change:?} {other_groups:?}")
}

/// How many roles each federation is asked about.
const QUERIES: usize = 8;

/// Some of the roles that exist, that groups map to, and that neither do.
fn queries(world: &World, dice: &mut Dice) -> Vec<RoleQuery> {
    let mapped =
        (0..world.groups.len()).filter_map(|group| world.maps_to(group)).map(|pair| pair.0);
    let by_name = |account: &str, role: &str| format!("{account}/{role}");
    let exist = world.accounts.iter().flat_map(|account| {
        let alias = account
            .alias
            .into_iter()
            .flat_map(move |alias| account.roles.iter().map(move |role| by_name(alias, role)));
        account.roles.iter().map(move |role| by_name(account.id, role)).chain(alias)
    });
    let misspelt = ROLES.iter().map(|role| by_name(ACCOUNTS[0], role));
    let nowhere = ["999999999999/Admin", "no-such-alias/Admin", "prod/Admins"];
    let mut all: Vec<String> = mapped.chain(exist).chain(misspelt).collect();
    all.extend(nowhere.map(str::to_owned));
    all.sort();
    all.dedup();
    dice.shuffle(&mut all);
    all.truncate(QUERIES);
    all.iter().filter_map(|text| RoleQuery::parse(text).ok()).collect()
}

fn scenarios() -> impl Strategy<Value = (World, Form, u64)> {
    (worlds(), forms(), any::<u64>()).prop_map(|(world, form, seed)| (form.fit(world), form, seed))
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn the_engine_equals_a_naive_reference((world, form, seed) in scenarios()) {
        let read = Read::of(&world, form, seed);
        let entitlements = read.entitlements();
        let stated = form.as_stated(&world);
        prop_assert_eq!(pickers(&entitlements, Ways::DirectGroups), stated.pickers());
        let chains = stated.by_login(|user| stated.chains(user));
        prop_assert_eq!(pickers(&entitlements, Ways::SimplePaths), chains);
    }

    #[test]
    fn adding_a_membership_never_removes_a_role(
        (world, form, seed) in scenarios(),
        edge: (usize, usize),
        of_user: bool,
    ) {
        let before = pickers(&Read::of(&world, form, seed).entitlements(), Ways::DirectGroups);
        let mut more = world;
        let (groups, users) = (more.groups.len(), more.users.len());
        if of_user {
            more.members.push((edge.0 % groups, edge.1 % users));
        } else {
            more.nested.push((edge.0 % groups, edge.1 % groups));
        }
        let after = pickers(&Read::of(&more, form, seed).entitlements(), Ways::DirectGroups);
        for (user, roles) in &before {
            for (role, ways) in roles {
                let now = after.get(user).and_then(|roles| roles.get(role)).copied();
                prop_assert!(now >= Some(*ways), "{user} {role}: {ways} ways, then {now:?}");
            }
        }
    }

    #[test]
    fn who_is_exactly_the_inverse_of_picker((world, form, seed) in scenarios()) {
        let read = Read::of(&world, form, seed);
        let entitlements = read.entitlements();
        let mut inverse = Pickers::new();
        for target in entitlements.targets().iter().filter(|target| target.pair.is_ok()) {
            let found = who(&entitlements, &RoleQuery::parse(&target.role_arn).unwrap());
            let logins: Vec<&String> = found.holders.iter().map(|holder| &holder.login).collect();
            prop_assert!(logins.is_sorted(), "{logins:?}");
            for holder in &found.holders {
                let roles = inverse.entry(holder.login.to_lowercase()).or_default();
                let before = roles.insert(target.role_arn.to_string(), holder.ways);
                prop_assert_eq!(before, None, "{} stands twice", &holder.login);
            }
        }
        prop_assert_eq!(inverse, pickers(&entitlements, Ways::DirectGroups));
    }

    #[test]
    fn every_row_of_the_csv_is_an_entry_of_a_picker((world, form, seed) in scenarios()) {
        let read = Read::of(&world, form, seed);
        let entitlements = read.entitlements();
        let grants = entitlements.grants(visible, Ways::DirectGroups).unwrap();
        let by_user = entitlements.by_user(&grants);
        let style = CsvStyle { columns: Column::ALL.to_vec(), header: true, raw: true };
        let mut out = Vec::new();
        let users = entitlements.users_by_login(&by_user, &grants);
        let rows = CsvRows::new(&entitlements, style);
        let count = rows.write(&grants, &by_user, &users, &mut out).unwrap();
        let mut got = Pickers::new();
        let mut order = Vec::new();
        for row in csv::Reader::from_reader(out.as_slice()).into_records() {
            let row = row.unwrap();
            let [user, account, alias, role, arn, provider, _, ways, _] =
                row.iter().collect::<Vec<_>>().try_into().unwrap();
            let stated = world.accounts.iter().find(|stated| stated.id == account);
            prop_assert_eq!(alias, stated.and_then(|stated| stated.alias).unwrap_or_default());
            let pair = naive::pair(world.app.pattern, role, account);
            prop_assert_eq!(pair, Some((arn.to_owned(), provider.to_owned())));
            let roles = got.entry(user.to_lowercase()).or_default();
            prop_assert_eq!(roles.insert(arn.to_owned(), ways.parse().unwrap()), None);
            order.push([user, account, arn].map(str::to_owned));
        }
        prop_assert_eq!(order.len() as u64, count);
        prop_assert!(order.is_sorted(), "{order:?}");
        prop_assert_eq!(got, form.as_stated(&world).pickers());
    }
}

/// What a focus on role groups, and on one user, reads, in blocks of some bytes.
fn focused(files: &[File], block_size: usize, user: Option<&str>) -> Read {
    let survey = Survey::of(files.iter().map(File::input).collect()).with_block_size(block_size);
    let mapping = Mapping::new(survey.app(), &Overrides::default()).unwrap();
    let leads = || -> Leads<'_> {
        let mut reader = mapping.filter.reader();
        Box::new(move |name| reader.read(name, mapping.mode) != Reading::NoMatch)
    };
    let focus = mapping.maps_groups().then_some(Focus { leads: &leads, user });
    let loaded = survey.read(focus);
    let mapping = Mapping::new(loaded.federation.app.as_ref(), &Overrides::default()).unwrap();
    Read { loaded, mapping }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn a_focus_changes_what_is_read_and_never_what_is_answered(
        world in worlds(),
        form in prop_oneof![3 => Just(Form::Csv), 1 => forms()],
        seed: u64,
        block_size in prop_oneof![16_usize..200, 200_usize..4000],
    ) {
        let world = form.fit(world);
        let files = files(&world, form, &mut Dice(seed));
        let whole = Read::new(&files);
        let whole = whole.entitlements();
        let read = focused(&files, block_size, None);
        let focused = read.entitlements();
        for ways in [Ways::DirectGroups, Ways::SimplePaths] {
            prop_assert_eq!(pickers(&focused, ways), pickers(&whole, ways));
        }
        prop_assert_eq!(holders(&focused), holders(&whole));
        let logins = |read: &Entitlements<'_>| users(read).into_keys().collect::<Vec<_>>();
        prop_assert_eq!(logins(&focused), logins(&whole));
        let groups = |read: &Entitlements<'_>| {
            let directory = &read.federation.directory;
            let mut all: Vec<_> = directory
                .groups()
                .map(|(id, _)| {
                    let place = directory_place(read, id);
                    (directory.group_name(id).to_owned(), place)
                })
                .collect();
            all.sort();
            all
        };
        prop_assert_eq!(groups(&focused), groups(&whole));
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn a_focus_on_one_user_never_changes_what_is_said_of_them(
        world in worlds(),
        form in prop_oneof![3 => Just(Form::Csv), 1 => forms()],
        seed: u64,
        block_size in prop_oneof![16_usize..200, 200_usize..4000],
    ) {
        let world = form.fit(world);
        let files = files(&world, form, &mut Dice(seed));
        let whole = Read::new(&files);
        let whole = whole.entitlements();
        let queries = queries(&world, &mut Dice(seed));
        for (login, &user) in &users(&whole) {
            let read = focused(&files, block_size, Some(login));
            let focused = read.entitlements();
            let same = users(&focused)[login];
            let groups = |read: &Entitlements<'_>, user| {
                let groups = read.direct_groups(user).into_iter();
                let mut names: Vec<_> =
                    groups.map(|id| read.federation.directory.group_name(id).to_owned()).collect();
                names.sort();
                names
            };
            prop_assert_eq!(groups(&focused, same), groups(&whole, user));
            for query in &queries {
                prop_assert_eq!(explain(&focused, same, query), explain(&whole, user, query));
            }
        }
    }
}

/// Where a group is named first.
fn directory_place(read: &Entitlements<'_>, group: GroupId) -> String {
    let place = place_of(read.federation, group);
    read.federation.sources.show(place)
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn the_order_of_input_never_matters((world, form, seed) in scenarios()) {
        let one = Read::of(&world, form, seed);
        let other = Read::new(&shuffled(&world, form, &mut Dice(seed)));
        let (one, other) = (one.entitlements(), other.entitlements());
        for ways in [Ways::DirectGroups, Ways::SimplePaths] {
            prop_assert_eq!(pickers(&one, ways), pickers(&other, ways));
        }
        prop_assert_eq!(holders(&one), holders(&other));
        let (mine, theirs) = (users(&one), users(&other));
        let queries = queries(&world, &mut Dice(seed));
        for (user, &id) in &mine {
            for query in &queries {
                let (a, b) = (explain(&one, id, query), explain(&other, theirs[user], query));
                prop_assert_eq!(said(&a), said(&b));
            }
        }
    }

    #[test]
    fn every_derivation_replays_and_is_the_shortest((world, form, seed) in scenarios()) {
        let written = files(&world, form, &mut Dice(seed));
        let read = Read::new(&written);
        let entitlements = read.entitlements();
        let (stated, ids) = (form.as_stated(&world), users(&entitlements));
        for user in 0..stated.users.len() {
            let Some(&id) = ids.get(&stated.users[user].login.to_lowercase()) else { continue };
            for (role, ways) in stated.sees(user) {
                let found = who(&entitlements, &RoleQuery::parse(&role).unwrap());
                let holder = found.holders.into_iter().find(|holder| holder.user == id).unwrap();
                let derivation = holder.derivation.unwrap();
                prop_assert!(replays(&entitlements, id, &derivation), "{derivation:?}");
                prop_assert_eq!(Some(derivation.path.len()), stated.shortest(user, &role));
                prop_assert_eq!(derivation.ways, ways);
                let path = group_names(&entitlements, derivation.path.iter().map(|step| step.group));
                prop_assert!(stands(&stated, user, &path), "{path:?}");
                let last = stated.groups.iter().position(|group| Some(&group.name) == path.last());
                prop_assert_eq!(stated.grants(last.unwrap()), Some(role));
                if form == Form::Csv {
                    let mut member = stated.users[user].login.clone();
                    for (step, group) in derivation.path.iter().zip(&path) {
                        let (file, line) = read.loaded.federation.sources.resolve(step.place).unwrap();
                        let record = record(&written, file, line);
                        prop_assert_eq!(&record[0], group);
                        prop_assert_eq!(record[1].to_lowercase(), member.to_lowercase());
                        member.clone_from(group);
                    }
                }
            }
        }
    }

    #[test]
    fn why_agrees_with_picker((world, form, seed) in scenarios()) {
        // Without any membership nobody knows, and why says so.
        prop_assume!(!world.members.is_empty());
        let read = Read::of(&world, form, seed);
        let entitlements = read.entitlements();
        let pickers = pickers(&entitlements, Ways::DirectGroups);
        let queries = queries(&world, &mut Dice(seed));
        for (login, id) in users(&entitlements) {
            for query in &queries {
                let why = explain(&entitlements, id, query);
                let account = query.account_id(&entitlements);
                let asked = |arn: &String| match (&query.arn, account) {
                    (Some(wanted), _) => *arn == wanted.to_string(),
                    (None, Some(account)) => {
                        arn.contains(&format!(":{account}:"))
                            && arn.rsplit('/').next() == Some(&query.name)
                    }
                    (None, None) => false,
                };
                let shown = pickers.get(&login).is_some_and(|roles| roles.keys().any(asked));
                prop_assert_eq!(why.is_visible(), shown, "{}", said(&why));
                let fails = why.first_failure().is_some_and(|report| report.stage.decides_picker());
                prop_assert_eq!(fails, !shown, "{}", said(&why));
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn every_export_of_one_federation_gives_the_same_pickers(world in worlds(), seed: u64) {
        let directory = world.clone().of_active_directory().unassigned();
        let expected = directory.pickers();
        for form in Form::ALL {
            let read = Read::of(&directory, form, seed);
            let got = pickers(&read.entitlements(), Ways::DirectGroups);
            prop_assert_eq!(without_ways(&got), without_ways(&expected), "{:?}", form);
            if form.as_stated(&directory).members == directory.members {
                prop_assert_eq!(&got, &expected, "{:?}", form);
            }
        }
        let expected = world.pickers();
        for form in [Form::OktaNested, Form::OktaFlat, Form::CsvAndOkta, Form::CsvAndOktaGroups] {
            let read = Read::of(&world, form, seed);
            let got = pickers(&read.entitlements(), Ways::DirectGroups);
            prop_assert_eq!(without_ways(&got), without_ways(&expected), "{:?}", form);
        }
    }

    #[test]
    fn everybody_in_a_cycle_sees_the_same_through_it((world, first) in rings(), seed: u64) {
        // What is in the ring twice may see more, what cannot sign in sees nothing.
        let world = world.unassigned();
        for form in [Form::Csv, Form::OktaNested, Form::OktaFlat] {
            let got = pickers(&Read::of(&world, form, seed).entitlements(), Ways::DirectGroups);
            let through = world.sees(world.users.len() - 1);
            let through: Vec<&String> = through.keys().collect();
            for group in &world.groups[first..] {
                let login = format!("{}@corp.test", group.name.replace("Ring ", "ring"));
                let seen: Vec<&String> = got.get(&login).into_iter().flatten().map(|(role, _)| role).collect();
                prop_assert_eq!(&seen, &through, "{}", login);
            }
            let expected = form.as_stated(&world).pickers();
            prop_assert_eq!(got, expected);
        }
    }
}

/// Whether a chain of group names stands in the federation.
fn stands(world: &World, user: usize, path: &[String]) -> bool {
    let at =
        |name: &String| world.groups.iter().position(|group: &Group| group.name == *name).unwrap();
    let path: Vec<usize> = path.iter().map(at).collect();
    world.members.contains(&(path[0], user))
        && path.windows(2).all(|pair| {
            world.nested.contains(&(pair[1], pair[0]))
                && world.groups[pair[1]].source != Some("okta")
        })
}

/// The record at a line of a CSV, whose records are a line each.
fn record(files: &[File], name: &str, line: u32) -> Vec<String> {
    let file = files.iter().find(|file| file.name == name).unwrap();
    let mut reader = csv::ReaderBuilder::new();
    let text = file.text();
    let line = text.lines().nth(line as usize - 1).unwrap();
    let mut records = reader.has_headers(false).from_reader(line.as_bytes()).into_records();
    records.next().unwrap().unwrap().iter().map(str::to_owned).collect()
}

#[test]
fn chains_of_a_dense_cycle_are_refused_rather_than_counted_for_ever() {
    let mut files = "group,member,member_type\n".to_owned();
    let name = |at: usize| match at {
        0 => "aws#prod#Admin#123456789012".to_owned(),
        at => format!("Ring {at}"),
    };
    for outer in 0..14 {
        for inner in (0..14).filter(|&inner| inner != outer) {
            writeln!(files, "{},{},group", name(outer), name(inner)).unwrap();
        }
    }
    files.push_str("Ring 1,anna,user\n");
    let loaded = load(vec![crate::support::memory("members.csv", files.into_bytes())]);
    let overrides = Overrides {
        group_filter: Some(r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$".to_owned()),
        ..Overrides::default()
    };
    let mapping = Mapping::new(None, &overrides).unwrap();
    let entitlements = Entitlements::resolve(&loaded.federation, &mapping);
    let refused = entitlements.grants(visible, Ways::SimplePaths).unwrap_err();
    assert!(refused.to_string().contains(&PATH_STEPS.to_string()), "{refused}");
    let grants = entitlements.grants(visible, Ways::DirectGroups).unwrap();
    for (group, _) in loaded.federation.directory.groups() {
        assert_eq!(grants.of(group).len(), 1);
    }
    let distances =
        Distances::to_target(&entitlements, rolecall::entitlement::resolve::TargetId(0));
    assert_eq!(distances.groups().count(), 14);
}
