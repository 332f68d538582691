//! One pass over all users: who has on one side what they have not on the other.

use std::ops::Range;

use rayon::prelude::*;

use super::aws::{self, Changes};
use super::cause::{Access, Lacks, gates};
use super::fact::Fact;
use super::side::{Side, Which};
use super::targets::{PairId, RoleId};
use super::two::Two;
use crate::entitlement::resolve::TargetId;
use crate::entitlement::stage::{Answer, StageReport};
use crate::model::directory::UserId;

/// Users looked at by one thread at once.
const AT_ONCE: usize = 4096;

/// A user on both sides, or on the one that has them.
pub(super) type Both = (Option<UserId>, Option<UserId>);

/// Pairs of before and of after.
pub(super) type PairsOfBoth = (Vec<PairId>, Vec<PairId>);

/// One user's difference about one role.
#[derive(Debug, Clone)]
pub(super) struct Difference {
    pub(super) user: Both,
    pub(super) role: RoleId,
    /// The pairs of the role that the picker shows, on each side.
    pub(super) pairs: PairsOfBoth,
    /// What AWS does with the best of them, on each side.
    pub(super) answers: (Option<Answer>, Option<Answer>),
    /// The accesses of one side only.
    pub(super) accesses: Vec<Access>,
    /// Why AWS answers otherwise about pairs of both sides.
    pub(super) facts: Vec<Fact>,
}

/// Everything that differs, and what cannot be told.
#[derive(Debug, Default)]
pub(super) struct Differences {
    pub(super) all: Vec<Difference>,
    /// Entries of both sides about which only one side knows what AWS does.
    pub(super) half_known: usize,
}

/// Compares all users.
pub(super) fn differences(two: &Two<'_>, changes: &Changes) -> Differences {
    let users = &two.matching.users;
    let both = users.pairs().map(|(b, a)| (Some(UserId(b)), Some(UserId(a))));
    let gone = users.alone(Which::Before).map(|b| (Some(UserId(b)), None));
    let new = users.alone(Which::After).map(|a| (None, Some(UserId(a))));
    let all: Vec<Both> = both.chain(gone).chain(new).collect();
    let parts: Vec<Differences> = all
        .par_chunks(AT_ONCE)
        .map(|users| {
            let mut found = Differences::default();
            for &user in users {
                Compared::of(two, user).write(two, changes, &mut found);
            }
            found
        })
        .collect();
    let mut found = Differences::default();
    for mut part in parts {
        found.all.append(&mut part.all);
        found.half_known += part.half_known;
    }
    found
}

/// One user of a side.
struct Seen {
    user: Option<UserId>,
    gates: Lacks,
    /// Pairs that the user's groups lead to, sorted.
    granted: Vec<PairId>,
    session: Option<StageReport>,
}

impl Seen {
    fn of(two: &Two<'_>, which: Which, user: Option<UserId>) -> Self {
        let mut seen =
            Self { user, gates: gates(two, which, user), granted: Vec::new(), session: None };
        let Some(user) = user else { return seen };
        let side = two.side(which);
        let mut entries: Vec<(TargetId, u32)> = Vec::new();
        side.entitlements().granted(user, &side.direct(user), &side.grants, &mut entries);
        let pairs = entries.iter().filter_map(|entry| two.targets.pair_of(which, entry.0));
        seen.granted = pairs.collect();
        seen.granted.sort_unstable();
        seen.granted.dedup();
        seen
    }

    /// Whether the user gets to AWS at all.
    const fn is_open(&self) -> bool {
        !self.gates.account && !self.gates.assignment
    }

    fn visible(&self) -> &[PairId] {
        if self.is_open() { &self.granted } else { &[] }
    }

    /// What AWS does with an entry of the user's.
    fn answer(&mut self, side: &Side<'_>, target: TargetId) -> Option<Answer> {
        let admissions = side.admissions;
        let session = self.session.get_or_insert_with(|| admissions.session(None, self.user));
        admissions.entry(target, self.user, session).map(|admission| admission.answer)
    }
}

struct Compared {
    before: Seen,
    after: Seen,
}

impl Compared {
    fn of(two: &Two<'_>, (before, after): Both) -> Self {
        Self {
            before: Seen::of(two, Which::Before, before),
            after: Seen::of(two, Which::After, after),
        }
    }

    fn write(mut self, two: &Two<'_>, changes: &Changes, found: &mut Differences) {
        let (old, new) = (self.before.visible().to_vec(), self.after.visible().to_vec());
        let user = (self.before.user, self.after.user);
        let renamed = match user {
            (Some(before), Some(after)) => !aws::called_the_same(two, before, after),
            _ => false,
        };
        let asks = |pair: PairId| renamed || changes.may_differ(pair);
        if old == new && !old.iter().any(|&pair| asks(pair)) {
            return;
        }
        for (role, olds, news) in by_role(two, &old, &new) {
            let (olds, news) =
                (old.get(olds).unwrap_or_default(), new.get(news).unwrap_or_default());
            let shared = olds == news;
            if shared && !olds.iter().any(|&pair| asks(pair)) {
                continue;
            }
            let answers = (self.best(two, Which::Before, olds), self.best(two, Which::After, news));
            let facts = if shared {
                match self.aws(two, changes, olds) {
                    Told::Same => continue,
                    Told::HalfKnown => {
                        found.half_known += 1;
                        continue;
                    }
                    Told::Differs(facts) => facts,
                }
            } else {
                Vec::new()
            };
            let accesses = [(Which::Before, olds, news), (Which::After, news, olds)]
                .into_iter()
                .flat_map(|(holds, ours, theirs)| self.accesses(holds, ours, theirs))
                .collect();
            let pairs = (olds.to_vec(), news.to_vec());
            found.all.push(Difference { user, role, pairs, answers, accesses, facts });
        }
    }

    /// The best that AWS does with some entries.
    fn best(&mut self, two: &Two<'_>, which: Which, pairs: &[PairId]) -> Option<Answer> {
        let targets = pairs.iter().filter_map(|&pair| two.targets.get(pair)?.on(which));
        let seen = match which {
            Which::Before => &mut self.before,
            Which::After => &mut self.after,
        };
        let side = two.side(which);
        targets.filter_map(|target| seen.answer(side, target)).min()
    }

    /// Accesses to pairs of one side only.
    fn accesses(&self, holds: Which, ours: &[PairId], theirs: &[PairId]) -> Vec<Access> {
        let (mine, other) = match holds {
            Which::Before => (&self.before, &self.after),
            Which::After => (&self.after, &self.before),
        };
        let only = ours.iter().filter(|pair| !theirs.contains(pair));
        let access = |&pair: &PairId| {
            let grant = other.user.is_some() && other.granted.binary_search(&pair).is_err();
            let lacks = Lacks { grant, ..other.gates };
            Some(Access { holds, user: mine.user?, pair, lacks })
        };
        only.filter_map(access).collect()
    }

    /// How what AWS does differs about pairs of both sides.
    fn aws(&mut self, two: &Two<'_>, changes: &Changes, pairs: &[PairId]) -> Told {
        let (Some(before), Some(after)) = (self.before.user, self.after.user) else {
            return Told::Same;
        };
        let (mut told, mut facts) = (Told::Same, Vec::new());
        for &pair in pairs {
            let one = [pair];
            let answers = (self.best(two, Which::Before, &one), self.best(two, Which::After, &one));
            match answers {
                (Some(old), Some(new)) if old == new => {}
                (Some(Answer::Unknown), _) | (_, Some(Answer::Unknown)) => told = Told::HalfKnown,
                _ => facts.extend(aws::explain(two, changes, pair, (before, after))),
            }
        }
        if facts.is_empty() { told } else { Told::Differs(facts) }
    }
}

/// Whether AWS answers otherwise.
enum Told {
    Same,
    HalfKnown,
    Differs(Vec<Fact>),
}

/// The roles of two sorted lists of pairs, each with its part of either list.
fn by_role(
    two: &Two<'_>,
    old: &[PairId],
    new: &[PairId],
) -> Vec<(RoleId, Range<usize>, Range<usize>)> {
    let role = |pair: &PairId| two.targets.get(*pair).map(|both| both.role);
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    loop {
        let next = [old.get(i), new.get(j)].into_iter().flatten().filter_map(role).min();
        let Some(next) = next else { return found };
        let end = |list: &[PairId], from: usize| {
            let same = list.iter().skip(from).take_while(|pair| role(pair) == Some(next)).count();
            from + same
        };
        let (to, until) = (end(old, i), end(new, j));
        found.push((next, i..to, j..until));
        (i, j) = (to, until);
    }
}
