//! Expectations of random federations: verdicts equal a naive reference, and what is written of them holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use rolecall::config::{blocks, edited, read_expectations};
use rolecall::entitlement::admission::Admissions;
use rolecall::entitlement::cut::smallest_cut;
use rolecall::entitlement::holdings::Holdings;
use rolecall::entitlement::sign_in::SignInSettings;
use rolecall::entitlement::stage::Answer;
use rolecall::expect::record::{Recorded, of_group, of_role, of_user, updates};
use rolecall::expect::{Judge, Names, Tiers, Verdict, judge};
use rolecall::text::Place;

use super::world::World;
use super::{Read, cases, scenarios, users};

impl World {
    /// Roles that a user certainly sees: every input that tells is there.
    fn certain(&self, user: usize) -> BTreeSet<String> {
        let direct = self.direct(user);
        let reach: BTreeSet<usize> = direct.iter().flat_map(|&group| self.reach(group)).collect();
        let through =
            self.assigned_groups.as_ref().is_some_and(|assigned| !assigned.is_disjoint(&reach));
        let listed = self.assigned_users.as_ref().is_some_and(|users| users.contains(&user));
        if !self.users[user].active || !(through || listed) {
            return BTreeSet::new();
        }
        let Some(sources) = self.app.sources else { return BTreeSet::new() };
        let is_open = sources.trim().is_empty();
        let stated = |&group: &usize| is_open || self.groups[group].source.is_some();
        reach.iter().copied().filter(stated).filter_map(|group| self.grants(group)).collect()
    }

    fn answer(&self, user: usize, role: &str) -> Answer {
        if self.certain(user).contains(role) {
            Answer::Holds
        } else if self.sees(user).contains_key(role) {
            Answer::Unknown
        } else {
            Answer::Fails
        }
    }
}

const fn verdict(wanted: Answer, is: Answer) -> Verdict {
    match (wanted, is) {
        (Answer::Holds, Answer::Holds) | (Answer::Fails, Answer::Fails) => Verdict::Passed,
        (_, Answer::Unknown) => Verdict::Undecided,
        _ => Verdict::Failed,
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn verdicts_equal_a_naive_reference((world, form, seed) in scenarios()) {
        let stated = form.as_stated(&world);
        // Without any membership nobody knows.
        prop_assume!(!stated.members.is_empty());
        let read = Read::of(&world, form, seed);
        let entitlements = read.entitlements();
        let settings = SignInSettings::default();
        let admissions = Admissions::new(&entitlements, &settings);
        let holdings = Holdings::new(&entitlements).unwrap();
        let ids = users(&entitlements);
        let (mut text, mut wanted) = (String::new(), Vec::new());
        let roles: Vec<String> = holdings.roles().map(|(_, role)| role.text.to_string()).collect();
        for user in 0..stated.users.len() {
            if !ids.contains_key(&stated.users[user].login.to_lowercase()) {
                continue;
            }
            let login = quoted(&stated.users[user].login);
            for role in &roles {
                let is = stated.answer(user, role);
                for (key, hoped) in [("sees", Answer::Holds), ("not_sees", Answer::Fails)] {
                    writeln!(text, "[[expect]]\nuser = {login}\n{key} = {}", quoted(role)).unwrap();
                    wanted.push((verdict(hoped, is), format!("{login} {key} {role}")));
                }
            }
            let half: Vec<&String> = roles.iter().step_by(2).collect();
            let list: Vec<String> = half.iter().map(|role| quoted(role)).collect();
            writeln!(text, "[[expect]]\nuser = {login}\nsees_exactly = [{}]", list.join(", ")).unwrap();
            let worst = roles.iter().map(|role| {
                let hoped = if half.contains(&role) { Answer::Holds } else { Answer::Fails };
                verdict(hoped, stated.answer(user, role))
            });
            wanted.push((worst.max().unwrap_or(Verdict::Passed), format!("{login} exactly {list:?}")));
        }
        for role in &roles {
            let of = |answer: Answer| (0..stated.users.len()).filter(|&user| stated.answer(user, role) == answer).count();
            let (certain, possible) = (of(Answer::Holds), of(Answer::Holds) + of(Answer::Unknown));
            for count in 0..3 {
                writeln!(text, "[[expect]]\nrole = {}\ncount = {count}", quoted(role)).unwrap();
                let is = if certain > count || possible < count {
                    Verdict::Failed
                } else if certain == possible {
                    Verdict::Passed
                } else {
                    Verdict::Undecided
                };
                wanted.push((is, format!("{role}: {count}")));
            }
        }
        for pair in roles.windows(2) {
            writeln!(text, "[[forbid]]\ntogether = [{}, {}]", quoted(&pair[0]), quoted(&pair[1])).unwrap();
            let worst = (0..stated.users.len()).map(|user| {
                match stated.answer(user, &pair[0]).max(stated.answer(user, &pair[1])) {
                    Answer::Holds => Verdict::Failed,
                    Answer::Unknown => Verdict::Undecided,
                    Answer::Fails => Verdict::Passed,
                }
            });
            wanted.push((worst.max().unwrap(), format!("together {pair:?}")));
        }
        let expectations = read_expectations(&text, 0, &|_| Place::NOWHERE).unwrap();
        let outcome = judge(&expectations, &holdings, &admissions, &Tiers::new());
        prop_assert_eq!(outcome.cases.len(), wanted.len());
        for (case, (verdict, what)) in outcome.cases.iter().zip(&wanted) {
            prop_assert_eq!(case.verdict, *verdict, "{}: {:?}", what, case.misses);
        }
    }

    #[test]
    fn what_is_written_of_a_federation_holds((world, form, seed) in scenarios()) {
        let read = Read::of(&world, form, seed);
        let entitlements = read.entitlements();
        let settings = SignInSettings::default();
        let admissions = Admissions::new(&entitlements, &settings);
        let holdings = Holdings::new(&entitlements).unwrap();
        let names = Names::default();
        let judges = Judge { holdings: &holdings, admissions: &admissions, names: &names };
        let directory = &entitlements.federation.directory;
        let mut recorded: Vec<Recorded> =
            directory.users().map(|(user, _)| of_user(&judges, user)).collect();
        recorded.extend(holdings.roles().filter(|(_, role)| role.is_visible).map(|(no, _)| of_role(&holdings, no)));
        let text = blocks(&recorded);
        let expectations = read_expectations(&text, 0, &|_| Place::NOWHERE).unwrap();
        let outcome = judge(&expectations, &holdings, &admissions, &Tiers::new());
        for case in &outcome.cases {
            prop_assert_eq!(case.verdict, Verdict::Passed, "{:?}\n{}", case, text);
        }
        // Half of it taken away or wrong: an update in place mends lists and numbers.
        let halved: String = text.lines().enumerate().filter_map(|(at, line)| {
            let is_item = line.starts_with("    \"");
            (!is_item || at % 2 == 0).then(|| format!("{line}\n"))
        }).collect();
        let expectations = read_expectations(&halved, 0, &|_| Place::NOWHERE).unwrap();
        let names = Names::of(&expectations, &holdings, &Tiers::new());
        let judges = Judge { holdings: &holdings, admissions: &admissions, names: &names };
        let all = updates(&judges, &expectations);
        let mended = edited(&halved, &expectations, &all).unwrap();
        let expectations = read_expectations(&mended, 0, &|_| Place::NOWHERE).unwrap();
        let outcome = judge(&expectations, &holdings, &admissions, &Tiers::new());
        for case in &outcome.cases {
            prop_assert_eq!(case.verdict, Verdict::Passed, "{:?}\n{}", case, mended);
        }
    }

    #[test]
    fn what_is_written_of_a_group_holds((world, form, seed) in scenarios()) {
        let read = Read::of(&world, form, seed);
        let entitlements = read.entitlements();
        let settings = SignInSettings::default();
        let admissions = Admissions::new(&entitlements, &settings);
        let holdings = Holdings::new(&entitlements).unwrap();
        let directory = &entitlements.federation.directory;
        let mut recorded = Vec::new();
        for (id, _) in directory.groups() {
            let users: Vec<_> = directory.members().targets(id.0).iter().copied()
                .map(rolecall::model::directory::UserId)
                .filter(|&user| entitlements.can_sign_in(user) != Answer::Fails).collect();
            let name = directory.group_name(id);
            // Whoever is nested in it counts too; here only groups without any are asked.
            if !users.is_empty() && directory.nested().targets(id.0).is_empty() && !name.contains('*') {
                recorded.push(of_group(&holdings, name, &users));
            }
        }
        let text = blocks(&recorded);
        let expectations = read_expectations(&text, 0, &|_| Place::NOWHERE).unwrap();
        let outcome = judge(&expectations, &holdings, &admissions, &Tiers::new());
        for case in &outcome.cases {
            prop_assert_eq!(case.verdict, Verdict::Passed, "{:?}\n{}", case, text);
        }
    }

    #[test]
    fn the_smallest_cut_ends_the_access_and_no_smaller_one_does((world, form, seed) in scenarios()) {
        let read = Read::of(&world, form, seed);
        let entitlements = read.entitlements();
        let holdings = Holdings::new(&entitlements).unwrap();
        let directory = &entitlements.federation.directory;
        for (user, _) in directory.users() {
            let direct = entitlements.direct_groups(user);
            let mut seen = BTreeSet::new();
            for held in holdings.of(user).iter().filter(|held| seen.insert(held.role)) {
                let goals = holdings.role_groups(held.role);
                let cut = smallest_cut(&entitlements, user, &direct, &goals).unwrap();
                let gone: BTreeSet<_> = cut.iter().map(|one| (one.member, one.group)).collect();
                let mut edges: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
                edges.entry(None).or_default().extend(direct.iter().copied());
                for (id, _) in directory.groups() {
                    for &outer in directory.containers().targets(id.0) {
                        let outer = rolecall::model::directory::GroupId(outer);
                        if directory.group(outer).unwrap().nests() {
                            edges.entry(Some(id)).or_default().insert(outer);
                        }
                    }
                }
                let reaches = |gone: &BTreeSet<_>| {
                    let (mut all, mut rest) = (BTreeSet::new(), vec![None]);
                    while let Some(at) = rest.pop() {
                        for &to in edges.get(&at).into_iter().flatten() {
                            if !gone.contains(&(at, to)) && all.insert(to) {
                                rest.push(Some(to));
                            }
                        }
                    }
                    goals.iter().any(|goal| all.contains(goal))
                };
                prop_assert!(!reaches(&gone), "{cut:?}");
                for one in &gone {
                    let mut less = gone.clone();
                    less.remove(one);
                    prop_assert!(reaches(&less), "{cut:?} without {one:?}");
                }
                prop_assert!(cut.len() <= direct.iter().collect::<BTreeSet<_>>().len());
                prop_assert!(cut.iter().all(|one| !one.places.is_empty()), "{cut:?}");
            }
        }
    }
}
