//! Why one side's user has a role that the other side's has not.
//!
//! Three things make an access: the user can sign in, the app is assigned to them, their groups lead to the
//! role. What is named restores, put back on the side that lacks the access, all three; and taken away on the
//! side that has it, breaks one: so it explains the difference whichever way round it is read.

use super::chains::Chains;
use super::fact::Fact;
use super::mapped::settings_that_differ;
use super::side::Which;
use super::targets::PairId;
use super::two::{Two, View};
use crate::entitlement::stage::Answer;
use crate::model::directory::{GroupId, UserId};

/// What keeps the access from the other side's user, as that side itself has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lacks {
    /// They cannot sign in, or are not there.
    pub(super) account: bool,
    /// Nothing assigns the app to them.
    pub(super) assignment: bool,
    /// No group leads to the role.
    pub(super) grant: bool,
}

/// An access that one side's user has and the other side's has not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Access {
    pub(super) holds: Which,
    /// The user, on the side that has it.
    pub(super) user: UserId,
    pub(super) pair: PairId,
    pub(super) lacks: Lacks,
}

/// The ways to the app's assignment, of both sides.
#[derive(Debug)]
pub(super) struct Assignments {
    before: Chains,
    after: Chains,
}

impl Assignments {
    pub(super) fn of(two: &Two<'_>) -> Self {
        let chains = |holds| Chains::to_assignment(View { two, holds });
        Self { before: chains(Which::Before), after: chains(Which::After) }
    }

    const fn on(&self, which: Which) -> &Chains {
        match which {
            Which::Before => &self.before,
            Which::After => &self.after,
        }
    }
}

/// Explains accesses to one pair.
pub(super) struct Explainer<'c, 's> {
    view: View<'c, 's>,
    assignments: &'c Chains,
    pair: PairId,
    chains: Chains,
}

/// One of the things that make an access: what would restore it, and what would break it too.
struct Part {
    restore: Vec<Fact>,
    whole: Vec<Fact>,
}

impl<'c, 's> Explainer<'c, 's> {
    pub(super) fn new(
        two: &'c Two<'s>,
        assignments: &'c Assignments,
        (holds, pair): (Which, PairId),
    ) -> Self {
        let view = View { two, holds };
        let assignments = assignments.on(holds);
        Self { view, assignments, pair, chains: Chains::to_pair(view, pair) }
    }

    /// The facts that the access hangs on, sorted.
    pub(super) fn explain(&self, access: &Access) -> Vec<Fact> {
        let holds = self.view.holds;
        let there = self.view.user_there(access.user);
        let mut facts = Vec::new();
        if there.is_none() {
            facts.push(Fact::User { holds });
        } else if access.lacks.account {
            facts.push(Fact::SignsIn { holds });
        }
        let closed = !facts.is_empty();
        let direct = self.view.has().direct(access.user);
        let grant = || self.grant(access.user, there, &direct);
        let assignment = || self.assignment(access.user, there, &direct);
        let lacks = access.lacks;
        if there.is_none() || (lacks.grant && lacks.assignment) {
            let (grant, assignment) = (grant(), assignment());
            if closed {
                facts.extend(grant.restore.iter().chain(&assignment.restore));
            } else {
                let one = sorted([grant.whole, assignment.restore].concat());
                let other = sorted([assignment.whole, grant.restore].concat());
                facts.extend(if other.len() < one.len() { other } else { one });
            }
        } else if lacks.grant {
            let grant = grant();
            facts.extend(if closed { grant.restore } else { grant.whole });
        } else if lacks.assignment {
            let assignment = assignment();
            facts.extend(if closed { assignment.restore } else { assignment.whole });
        }
        sorted(facts)
    }

    fn grant(&self, user: UserId, there: Option<UserId>, direct: &[GroupId]) -> Part {
        let entitlements = self.view.has().entitlements();
        let target = |which| self.view.two.targets.get(self.pair).and_then(|both| both.on(which));
        let has = |user: UserId, which: Which| {
            let own = self.view.two.side(which).entitlements().own_saml_roles(user);
            target(which).is_some_and(|target| own.contains(&target))
        };
        let own = (!entitlements.mapping.maps_groups() && has(user, self.view.holds)).then(|| {
            let other = self.view.holds.other();
            if self.view.lacks().mapping().maps_groups() {
                settings_that_differ(self.view)
            } else if there.is_none_or(|there| has(there, other)) {
                Vec::new()
            } else {
                vec![Fact::OwnRoles]
            }
        });
        self.part(&self.chains, own, there, direct, Fact::OwnRoles)
    }

    fn assignment(&self, user: UserId, there: Option<UserId>, direct: &[GroupId]) -> Part {
        let listed = |side: Which, user: UserId| {
            let users = &self.view.two.side(side).directory().assignments().users;
            users
                .as_ref()
                .is_none_or(|users| users.binary_search_by_key(&user, |one| one.to).is_ok())
        };
        let holds = self.view.holds;
        let own = listed(holds, user).then(|| {
            if there.is_none_or(|there| listed(holds.other(), there)) {
                Vec::new()
            } else {
                vec![Fact::Listed { holds }]
            }
        });
        self.part(self.assignments, own, there, direct, Fact::Listed { holds })
    }

    /// The ways to a goal, `own` being one that no group is part of; `else_fact` stands for a difference that
    /// none of them shows.
    fn part(
        &self,
        chains: &Chains,
        own: Option<Vec<Fact>>,
        there: Option<UserId>,
        direct: &[GroupId],
        else_fact: Fact,
    ) -> Part {
        let mut whole = own.clone().unwrap_or_default();
        let mut best = own.map(sorted);
        for &group in direct.iter().filter(|&&group| chains.leads(group)) {
            let edge = self.edge(group, there);
            let restore = sorted(edge.into_iter().chain(chains.restore(group)).collect());
            match edge {
                Some(edge) => whole.push(edge),
                None => whole.extend(chains.cuts(group)),
            }
            if best.as_ref().is_none_or(|best| restore.len() < best.len()) {
                best = Some(restore);
            }
        }
        let restore = best.unwrap_or_else(|| vec![else_fact]);
        whole.extend(&restore);
        Part { restore, whole: sorted(whole) }
    }

    /// The user's own membership in a group, where the other side has both and not that.
    fn edge(&self, group: GroupId, there: Option<UserId>) -> Option<Fact> {
        let (user, other) = (there?, self.view.group_there(group)?);
        if self.view.lacks().memberships.has(user, other) {
            return None;
        }
        Some(Fact::Member { group: self.view.group_ref(group), holds: self.view.holds })
    }
}

/// What keeps an access from a user of a side.
pub(super) fn gates(two: &Two<'_>, which: Which, user: Option<UserId>) -> Lacks {
    let Some(user) = user else { return Lacks { account: true, ..Lacks::default() } };
    let side = two.side(which);
    let entitlements = side.entitlements();
    Lacks {
        account: entitlements.can_sign_in(user) == Answer::Fails,
        assignment: entitlements.assignment(user, &side.direct(user)).answer() == Answer::Fails,
        grant: false,
    }
}

/// Facts in order, each once.
pub(super) fn sorted(mut facts: Vec<Fact>) -> Vec<Fact> {
    facts.sort_unstable();
    facts.dedup();
    facts
}
