//! Judges expectations, all against one resolve.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::coverage::coverage;
use super::evidence::{Teller, tell};
use super::expectation::{Expectation, Key, Kind, RoleChoice, Said, Selector, Wants};
use super::names::{Names, Tiers};
use super::verdict::{Case, Outcome, Verdict};
use super::{of_roles, of_users};
use crate::entitlement::admission::Admissions;
use crate::entitlement::combination::Combination;
use crate::entitlement::holdings::{Holdings, RoleNo};
use crate::entitlement::stage::Answer;
use crate::model::directory::UserId;
use crate::text::Place;

/// Misses of an expectation that are kept; all are counted.
pub(super) const KEPT: usize = 10;

/// What expectations are judged against.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'j> {
    /// Who holds what.
    pub holdings: &'j Holdings<'j>,
    /// What AWS does.
    pub admissions: &'j Admissions<'j>,
    /// What names stand for.
    pub names: &'j Names,
}

/// A miss, before it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Raw {
    /// The worst first.
    pub(super) verdict: std::cmp::Reverse<Verdict>,
    /// Index of the assertion.
    pub(super) assertion: usize,
    pub(super) place: Place,
    pub(super) user: Option<UserId>,
    pub(super) role: Option<RoleNo>,
    pub(super) key: Key,
    pub(super) how: How,
}

/// How something is not as wanted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// The user does not see the role.
    Missing,
    /// The user sees it.
    Extra,
    /// It is not known whether the user sees it.
    Unknown,
    /// The user sees it, and what AWS does is not what was wanted.
    Aws,
    /// The chain ends elsewhere than was wanted.
    Elsewhere,
    /// Another number of users.
    Number { certain: usize, possible: usize },
    /// The user holds all of these.
    Together(Vec<RoleNo>),
    /// Something named does not exist.
    Names(String),
}

/// Collects what is not as wanted.
pub(super) struct Misses {
    pub(super) all: Vec<Raw>,
    assertion: usize,
    key: Key,
    place: Place,
}

impl Misses {
    pub(super) fn add(
        &mut self,
        verdict: Verdict,
        user: Option<UserId>,
        role: Option<RoleNo>,
        how: How,
    ) {
        let verdict = std::cmp::Reverse(verdict);
        let Self { assertion, key, place, .. } = *self;
        self.all.push(Raw { verdict, assertion, place, user, role, key, how });
    }

    /// Users for whom an answer was wanted to be `wanted`, and is not.
    pub(super) fn differs(&mut self, wanted: Answer, is: Answer, user: UserId, role: RoleNo) {
        let (verdict, how) = match is {
            _ if wanted == is => return,
            Answer::Unknown => (Verdict::Undecided, How::Unknown),
            Answer::Holds => (Verdict::Failed, How::Extra),
            Answer::Fails => (Verdict::Failed, How::Missing),
        };
        self.add(verdict, Some(user), Some(role), how);
    }

    pub(super) fn at(&mut self, key: Key, place: Place, assertion: usize) {
        (self.key, self.place, self.assertion) = (key, place, assertion);
    }

    /// The line of one of several texts, for what follows.
    pub(super) fn on(&mut self, place: Place) {
        self.place = place;
    }
}

/// Judges all expectations.
pub fn judge(
    expectations: &[Expectation],
    holdings: &Holdings<'_>,
    admissions: &Admissions<'_>,
    tiers: &Tiers<'_>,
) -> Outcome {
    let names = Names::of(expectations, holdings, tiers);
    let judge = Judge { holdings, admissions, names: &names };
    let raw: Vec<Vec<Raw>> = expectations.par_iter().map(|one| judge.raw(one)).collect();
    let mut teller = Teller::new(judge);
    let cases = expectations.iter().zip(raw).map(|(expectation, mut raw)| {
        let verdict = raw.iter().map(|raw| raw.verdict.0).max().unwrap_or(Verdict::Passed);
        judge.sort(&mut raw);
        let more = raw.len().saturating_sub(KEPT);
        raw.truncate(KEPT);
        Case {
            title: expectation.title(),
            place: expectation.place,
            file: expectation.file,
            verdict,
            misses: tell(&mut teller, expectation, &raw),
            more,
        }
    });
    let cases = cases.collect();
    let mut covered = BTreeSet::new();
    for expectation in expectations {
        judge.named(expectation, &mut covered);
    }
    Outcome { cases, coverage: coverage(holdings, &covered) }
}

impl Judge<'_> {
    /// What of an expectation does not hold.
    fn raw(&self, expectation: &Expectation) -> Vec<Raw> {
        let place = expectation.place;
        let mut misses = Misses { all: Vec::new(), assertion: 0, key: Key::About, place };
        match &expectation.kind {
            Kind::OfUsers { who, except, assertions } => {
                let Some(users) = self.users_but(who, except, &mut misses) else {
                    return misses.all;
                };
                for (at, assertion) in assertions.iter().enumerate() {
                    misses.at(assertion.key, assertion.place, at);
                    of_users::judge(self, &users, assertion, &mut misses);
                }
            }
            Kind::OfRoles { roles, assertions } => {
                let Some(roles) = self.roles_of(roles, &mut misses) else { return misses.all };
                for (at, assertion) in assertions.iter().enumerate() {
                    misses.at(assertion.key, assertion.place, at);
                    of_roles::judge(self, &roles, assertion, &mut misses);
                }
            }
            Kind::Forbid { together, same_account, except } => {
                misses.at(Key::Together, place, 0);
                self.forbid(together, *same_account, except, &mut misses);
            }
        }
        misses.all
    }

    fn forbid(
        &self,
        together: &[Said],
        same_account: bool,
        except: &[Selector],
        misses: &mut Misses,
    ) {
        let mut combination = Combination { same_account, ..Combination::default() };
        for said in together {
            match self.names.roles(said) {
                Ok(roles) => combination.parts.push(roles.to_vec()),
                Err(why) => {
                    misses.on(said.place);
                    misses.add(Verdict::Invalid, None, None, How::Names(why.to_owned()));
                }
            }
        }
        let Some(allowed) = self.users(except, misses) else { return };
        if combination.parts.len() < together.len() {
            return;
        }
        for one in combination.holders(self.holdings) {
            if allowed.binary_search(&one.user).is_ok() {
                continue;
            }
            let verdict = match one.answer {
                Answer::Holds => Verdict::Failed,
                _ => Verdict::Undecided,
            };
            misses.add(verdict, Some(one.user), None, How::Together(one.roles));
        }
    }

    /// The users that selectors choose, by number; `None` where one of them chooses nobody, which is told.
    pub(super) fn users(&self, who: &[Selector], misses: &mut Misses) -> Option<Vec<UserId>> {
        let mut users = Vec::new();
        let mut is_whole = true;
        for selector in who {
            match self.names.users(selector) {
                Ok(found) => users.extend_from_slice(found),
                Err(why) => {
                    misses.on(selector.place);
                    misses.add(Verdict::Invalid, None, None, How::Names(why.to_owned()));
                    is_whole = false;
                }
            }
        }
        users.sort_unstable();
        users.dedup();
        is_whole.then_some(users)
    }

    fn users_but(
        &self,
        who: &[Selector],
        except: &[Selector],
        misses: &mut Misses,
    ) -> Option<Vec<UserId>> {
        let users = self.users(who, misses);
        let except = self.users(except, misses);
        let (mut users, except) = (users?, except?);
        users.retain(|user| except.binary_search(user).is_err());
        if users.is_empty() {
            let why = "`except` leaves nobody out of whom something could be expected".to_owned();
            misses.add(Verdict::Invalid, None, None, How::Names(why));
            return None;
        }
        Some(users)
    }

    fn roles_of(&self, roles: &RoleChoice, misses: &mut Misses) -> Option<Vec<RoleNo>> {
        let mut found = match roles {
            RoleChoice::Named(said) => return self.roles(said, misses),
            RoleChoice::Tier(tier) => match self.names.tier(tier) {
                Ok(found) => found.to_vec(),
                Err(why) => {
                    misses.on(tier.place);
                    misses.add(Verdict::Invalid, None, None, How::Names(why.to_owned()));
                    return None;
                }
            },
        };
        found.sort_unstable();
        Some(found)
    }

    /// The roles that some texts name, by number; `None` where one of them names none, which is told.
    pub(super) fn roles(&self, said: &[Said], misses: &mut Misses) -> Option<Vec<RoleNo>> {
        let mut roles = Vec::new();
        let mut is_whole = true;
        for one in said {
            match self.names.roles(one) {
                Ok(found) => roles.extend_from_slice(found),
                Err(why) => {
                    misses.on(one.place);
                    misses.add(Verdict::Invalid, None, None, How::Names(why.to_owned()));
                    is_whole = false;
                }
            }
        }
        roles.sort_unstable();
        roles.dedup();
        is_whole.then_some(roles)
    }

    /// The worst first, then as written, by login and role.
    fn sort(&self, raw: &mut [Raw]) {
        let directory = &self.holdings.entitlements.federation.directory;
        let login = |raw: &Raw| raw.user.map_or("", |user| directory.login(user));
        raw.sort_by(|a, b| {
            let written = |raw: &Raw| (raw.verdict, raw.assertion, raw.place);
            (written(a), login(a), a).cmp(&(written(b), login(b), b))
        });
    }

    /// The roles that an expectation says something about.
    fn named(&self, expectation: &Expectation, named: &mut BTreeSet<RoleNo>) {
        let mut add = |said: &Said| named.extend(self.names.roles(said).unwrap_or_default());
        match &expectation.kind {
            Kind::OfUsers { assertions, .. } => {
                for assertion in assertions {
                    match &assertion.wants {
                        Wants::Roles(roles) => roles.iter().for_each(&mut add),
                        Wants::Refused(refused) => {
                            for one in refused {
                                add(&one.role);
                            }
                        }
                        Wants::Users(_) | Wants::Count { .. } => {}
                    }
                }
            }
            Kind::OfRoles { roles: RoleChoice::Named(said), .. } => said.iter().for_each(add),
            Kind::OfRoles { roles: RoleChoice::Tier(tier), .. } => {
                named.extend(self.names.tier(tier).unwrap_or_default());
            }
            Kind::Forbid { together, .. } => together.iter().for_each(add),
        }
    }
}
