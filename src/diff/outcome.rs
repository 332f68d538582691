//! The answer: what changed, grouped by what caused it.

use std::collections::{BTreeMap, BTreeSet};

use super::aws;
use super::cause::{Access, Assignments, Explainer, sorted};
use super::compare::{Difference, PairsOfBoth, differences};
use super::describe::describe;
use super::fact::Fact;
use super::matching::renamed_users;
use super::phrase::Phrase;
use super::side::Which;
use super::targets::{PairId, RoleId};
use super::two::Two;
use crate::entitlement::lookup::called;
use crate::entitlement::stage::Answer;
use crate::model::account::{AccountId, Tier};
use crate::model::arn::RoleArn;
use rayon::prelude::*;

/// What differs between two sides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diff {
    /// Changes by cause, the gravest first.
    pub changes: Vec<Change>,
    /// Users that are called otherwise, before and after.
    pub renamed: Vec<(String, String)>,
    /// What cannot be compared, one sentence each.
    pub unknown: Vec<Phrase>,
}

/// Everything that one cause changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The facts themselves, sorted.
    pub facts: Vec<Fact>,
    /// What they are, for people; together they are the cause.
    pub causes: Vec<Cause>,
    /// Which roles for whom, the gravest first.
    pub rows: Vec<Row>,
    /// How many users it is about.
    pub users: usize,
}

/// One fact of a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Its name in JSON.
    pub kind: &'static str,
    /// The sentence.
    pub says: Phrase,
    /// File and line that state it before.
    pub before: Option<(String, u32)>,
    /// File and line that state it after.
    pub after: Option<(String, u32)>,
}

/// One role, and the users for whom it changes in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The role as a person calls it.
    pub role: String,
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// The account's alias on the side that counts.
    pub alias: Option<String>,
    /// Its tier; roles for emergencies are of the admin tier too.
    pub tier: Option<Tier>,
    /// Gained, lost or changed.
    pub kind: Kind,
    /// Before.
    pub before: State,
    /// After.
    pub after: State,
    /// Logins, sorted.
    pub users: Vec<String>,
}

/// What a picker has of a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct State {
    /// Role and provider of each entry; none where the picker does not show the role.
    pub pairs: Vec<(String, String)>,
    /// What AWS does with the best of them.
    pub answer: Option<Answer>,
}

/// How a role changes for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The picker shows it after only.
    Gained,
    /// The picker shows it before only.
    Lost,
    /// The picker shows it on both sides, with another pair or another answer of AWS.
    Changed,
}

/// Whether a user can do more or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The role is new to the picker, or AWS lets the user in and did not.
    Gain,
    /// The role is gone from the picker, or AWS refuses the user and did not.
    Loss,
    /// Neither.
    Other,
}

impl Row {
    /// Whether it is a gain or a loss.
    pub const fn effect(&self) -> Effect {
        match (self.kind, self.before.answer, self.after.answer) {
            (Kind::Gained, ..) | (Kind::Changed, Some(Answer::Fails), Some(Answer::Holds)) => {
                Effect::Gain
            }
            (Kind::Lost, ..) | (Kind::Changed, Some(Answer::Holds), Some(Answer::Fails)) => {
                Effect::Loss
            }
            (Kind::Changed, ..) => Effect::Other,
        }
    }

    const fn gravity(&self) -> u8 {
        match (self.effect(), self.tier.is_some()) {
            (Effect::Gain, true) => 0,
            (Effect::Gain, false) => 1,
            (Effect::Loss, true) => 2,
            (Effect::Loss, false) => 3,
            (Effect::Other, true) => 4,
            (Effect::Other, false) => 5,
        }
    }
}

impl Kind {
    /// Its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gained => "gained",
            Self::Lost => "lost",
            Self::Changed => "changed",
        }
    }
}

impl Diff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Every row.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.changes.iter().flat_map(|change| &change.rows)
    }

    /// How many users' roles change in some way.
    pub fn entries(&self, kind: Kind) -> usize {
        self.rows().filter(|row| row.kind == kind).map(|row| row.users.len()).sum()
    }

    /// How many users have any change.
    pub fn users(&self) -> usize {
        self.rows().flat_map(|row| &row.users).collect::<BTreeSet<_>>().len()
    }
}

/// What may not be told, because an input lacks that would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blind {
    /// Who gained something: an access that BEFORE lacks may be one that its exports leave out.
    pub gained: bool,
    /// Who lost something.
    pub lost: bool,
}

/// Compares two sides; `tier_of` says of which tier a role is.
pub fn diff(two: &Two<'_>, blind: Blind, tier_of: &dyn Fn(&RoleArn) -> Option<Tier>) -> Diff {
    let changes = aws::Changes::of(two);
    let found = differences(two, &changes);
    let mut all = found.all;
    all.retain(|one| {
        let is_unknown =
            (one.pairs.1.is_empty() && blind.lost) || (one.pairs.0.is_empty() && blind.gained);
        !is_unknown
    });
    let causes = causes(two, &all);
    let mut groups: BTreeMap<Vec<Fact>, Vec<&Difference>> = BTreeMap::new();
    for (facts, one) in causes.into_iter().zip(&all) {
        groups.entry(facts).or_default().push(one);
    }
    let mut changes: Vec<Change> =
        groups.into_iter().map(|(facts, all)| change(two, facts, &all, tier_of)).collect();
    changes.sort_by_cached_key(|change| {
        let gravity = change.rows.iter().map(Row::gravity).min().unwrap_or(u8::MAX);
        let says: Vec<String> = change.causes.iter().map(|cause| cause.says.to_string()).collect();
        (gravity, usize::MAX - change.users, says)
    });
    let mut diff = Diff { changes, renamed: renamed(two), unknown: Vec::new() };
    if found.half_known > 0 {
        let entries = if found.half_known == 1 { "entry" } else { "entries" };
        diff.unknown.push(Phrase::words(format!(
            "what AWS does with {} picker {entries} is known on one side only, and not compared",
            found.half_known
        )));
    }
    diff
}

fn renamed(two: &Two<'_>) -> Vec<(String, String)> {
    let (old, new) = (two.before.directory(), two.after.directory());
    let found = renamed_users(two.matching, old, new);
    let mut names: Vec<(String, String)> = found
        .into_iter()
        .map(|pair| (old.login(pair.before).to_owned(), new.login(pair.after).to_owned()))
        .collect();
    names.sort();
    names
}

/// The facts that each difference hangs on.
fn causes(two: &Two<'_>, all: &[Difference]) -> Vec<Vec<Fact>> {
    let assignments = Assignments::of(two);
    let mut accesses: Vec<(Which, PairId, usize, &Access)> = Vec::new();
    for (at, one) in all.iter().enumerate() {
        accesses.extend(one.accesses.iter().map(|access| (access.holds, access.pair, at, access)));
    }
    accesses.par_sort_unstable_by_key(|&(holds, pair, at, _)| (holds, pair, at));
    let same: Vec<_> = accesses.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
    let explained: Vec<Vec<(usize, Vec<Fact>)>> = same
        .par_iter()
        .map(|same| {
            let Some(&(holds, pair, ..)) = same.first() else { return Vec::new() };
            let explainer = Explainer::new(two, &assignments, (holds, pair));
            same.iter().map(|&(_, _, at, access)| (at, explainer.explain(access))).collect()
        })
        .collect();
    let mut causes: Vec<Vec<Fact>> = all.iter().map(|one| one.facts.clone()).collect();
    for (at, facts) in explained.into_iter().flatten() {
        if let Some(cause) = causes.get_mut(at) {
            cause.extend(facts);
        }
    }
    let mut causes: Vec<Vec<Fact>> = causes.into_iter().map(sorted).collect();
    join_moves(&mut causes);
    causes
}

/// A group that leaves one group and enters another is moved: both facts are one cause.
fn join_moves(causes: &mut [Vec<Fact>]) {
    let mut steps: BTreeMap<_, BTreeSet<Fact>> = BTreeMap::new();
    for &fact in causes.iter().flatten() {
        if let Fact::Nested { inner, .. } = fact {
            steps.entry(inner).or_default().insert(fact);
        }
    }
    let is_move = |facts: &BTreeSet<Fact>| {
        let sides = facts.iter().filter_map(|fact| match fact {
            Fact::Nested { holds, .. } => Some(*holds),
            _ => None,
        });
        facts.len() == 2 && sides.collect::<BTreeSet<Which>>().len() == 2
    };
    steps.retain(|_, facts| is_move(facts));
    for cause in causes.iter_mut() {
        let moved = |fact: &Fact| match fact {
            Fact::Nested { inner, .. } => steps.get(inner),
            _ => None,
        };
        let more: Vec<Fact> = cause.iter().filter_map(moved).flatten().copied().collect();
        if !more.is_empty() {
            cause.extend(more);
            *cause = sorted(std::mem::take(cause));
        }
    }
}

type RowKey = (RoleId, Kind, State, State);

fn change(
    two: &Two<'_>,
    facts: Vec<Fact>,
    all: &[&Difference],
    tier_of: &dyn Fn(&RoleArn) -> Option<Tier>,
) -> Change {
    let mut rows: BTreeMap<RowKey, BTreeSet<&str>> = BTreeMap::new();
    let mut users: BTreeMap<&str, super::compare::Both> = BTreeMap::new();
    let mut known: BTreeMap<&PairsOfBoth, (State, State)> = BTreeMap::new();
    for one in all {
        let login = match one.user {
            (_, Some(user)) => two.after.directory().login(user),
            (Some(user), None) => two.before.directory().login(user),
            (None, None) => continue,
        };
        let (old, new) = known
            .entry(&one.pairs)
            .or_insert_with(|| (state(two, &one.pairs.0), state(two, &one.pairs.1)))
            .clone();
        let (old, new) =
            (State { answer: one.answers.0, ..old }, State { answer: one.answers.1, ..new });
        let kind = match (old.pairs.is_empty(), new.pairs.is_empty()) {
            (true, _) => Kind::Gained,
            (_, true) => Kind::Lost,
            _ => Kind::Changed,
        };
        rows.entry((one.role, kind, old, new)).or_default().insert(login);
        users.insert(login, one.user);
    }
    let logins: Vec<&str> = users.keys().copied().collect();
    let first = users.values().next().copied().unwrap_or_default();
    let causes = describe(two, &facts, &logins, first);
    let mut rows: Vec<Row> =
        rows.into_iter().filter_map(|(key, users)| row(two, key, &users, tier_of)).collect();
    rows.sort_by_key(Row::gravity);
    Change { facts, causes, rows, users: users.len() }
}

fn state(two: &Two<'_>, pairs: &[PairId]) -> State {
    let pair = |&id: &PairId| {
        let pair = two.targets.get(id)?.pair;
        Some((pair.role.to_string(), pair.provider.to_string()))
    };
    State { pairs: pairs.iter().filter_map(pair).collect(), answer: None }
}

fn row(
    two: &Two<'_>,
    (role, kind, before, after): RowKey,
    users: &BTreeSet<&str>,
    tier_of: &dyn Fn(&RoleArn) -> Option<Tier>,
) -> Option<Row> {
    let at = two.targets.pairs.partition_point(|both| both.role < role);
    let arn = &two.targets.pairs.get(at)?.pair.role;
    let alias = |which| {
        let account = two.side(which).federation().accounts.get(&arn.account)?;
        account.alias.as_ref().map(|alias| alias.value.clone())
    };
    let (old, new) = (alias(Which::Before), alias(Which::After));
    let named = if new.is_some() || old.is_none() { Which::After } else { Which::Before };
    Some(Row {
        role: called(two.side(named).federation(), arn),
        account: arn.account,
        name: arn.name.clone(),
        alias: new.or(old),
        tier: tier_of(arn),
        kind,
        before,
        after,
        users: users.iter().map(|&user| user.to_owned()).collect(),
    })
}
