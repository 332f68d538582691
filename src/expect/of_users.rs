//! What is wanted of users.

use super::expectation::{Assertion, Key, RefusedRole, Said, Wants};
use super::judge::{How, Judge, Misses};
use super::verdict::Verdict;
use crate::entitlement::admission::Admission;
use crate::entitlement::holdings::RoleNo;
use crate::entitlement::lookup::RoleQuery;
use crate::entitlement::stage::{Answer, Stage, StageReport};
use crate::entitlement::why::{Explanation, explain_sign_in};
use crate::model::directory::UserId;

/// So many users are asked one by one; of more, those are who hold the roles in question.
const FEW: usize = 64;

pub(super) fn judge(judge: &Judge<'_>, users: &[UserId], wanted: &Assertion, misses: &mut Misses) {
    match (&wanted.wants, wanted.key) {
        (Wants::Roles(said), Key::Sees) => {
            each(judge, said, misses, |misses, role| {
                for &user in users {
                    misses.differs(Answer::Holds, judge.holdings.sees(user, role), user, role);
                }
            });
        }
        (Wants::Roles(said), Key::NotSees) => {
            each(judge, said, misses, |misses, role| not_sees(judge, users, role, misses));
        }
        (Wants::Roles(said), Key::SeesExactly) => exactly(judge, users, said, misses),
        (Wants::Roles(said), _) => each(judge, said, misses, |misses, role| {
            for &user in users {
                can_assume(judge, user, role, misses);
            }
        }),
        (Wants::Refused(all), _) => {
            for refused in all {
                each(judge, std::slice::from_ref(&refused.role), misses, |misses, role| {
                    for &user in users {
                        is_refused(judge, user, role, refused, misses);
                    }
                });
            }
        }
        (Wants::Users(_) | Wants::Count { .. }, _) => {}
    }
}

/// Asks about every role that some texts name, at the line of the text.
fn each(
    judge: &Judge<'_>,
    said: &[Said],
    misses: &mut Misses,
    mut ask: impl FnMut(&mut Misses, RoleNo),
) {
    for one in said {
        let Some(roles) = judge.roles(std::slice::from_ref(one), misses) else { continue };
        misses.on(one.place);
        for role in roles {
            ask(misses, role);
        }
    }
}

fn not_sees(judge: &Judge<'_>, users: &[UserId], role: RoleNo, misses: &mut Misses) {
    let holdings = judge.holdings;
    if users.len() <= FEW {
        for &user in users {
            misses.differs(Answer::Fails, holdings.sees(user, role), user, role);
        }
        return;
    }
    let mut seen = Vec::new();
    for &(user, answer) in holdings.holders(role) {
        if users.binary_search(&user).is_ok() {
            misses.differs(Answer::Fails, answer, user, role);
            seen.push(user);
        }
    }
    for user in judge.unsure(users) {
        if seen.binary_search(&user).is_err() {
            misses.differs(Answer::Fails, Answer::Unknown, user, role);
        }
    }
}

fn exactly(judge: &Judge<'_>, users: &[UserId], said: &[Said], misses: &mut Misses) {
    let Some(wanted) = judge.roles(said, misses) else { return };
    for &user in users {
        for &role in &wanted {
            misses.differs(Answer::Holds, judge.holdings.sees(user, role), user, role);
        }
        let mut last = None;
        for held in judge.holdings.of(user) {
            if last != Some(held.role) && wanted.binary_search(&held.role).is_err() {
                let answer = judge.holdings.sees(user, held.role);
                misses.differs(Answer::Fails, answer, user, held.role);
            }
            last = Some(held.role);
        }
        if judge.holdings.sees_more(user) == Answer::Unknown {
            misses.add(Verdict::Undecided, Some(user), None, How::Unknown);
        }
    }
}

fn can_assume(judge: &Judge<'_>, user: UserId, role: RoleNo, misses: &mut Misses) {
    let answer = judge.holdings.sees(user, role);
    if answer == Answer::Fails {
        misses.differs(Answer::Holds, answer, user, role);
        return;
    }
    match judge.admission(user, role).map(|admission| admission.answer) {
        Some(Answer::Fails) => misses.add(Verdict::Failed, Some(user), Some(role), How::Aws),
        Some(Answer::Holds) => misses.differs(Answer::Holds, answer, user, role),
        Some(Answer::Unknown) | None => {
            misses.add(Verdict::Undecided, Some(user), Some(role), How::Aws);
        }
    }
}

/// What refuses a user a role, as far as it was asked for.
fn is_refused(
    judge: &Judge<'_>,
    user: UserId,
    role: RoleNo,
    wanted: &RefusedRole,
    misses: &mut Misses,
) {
    let mut add = |verdict, how| misses.add(verdict, Some(user), Some(role), how);
    let before_aws = wanted.stage.is_some_and(Stage::decides_picker);
    match judge.holdings.sees(user, role) {
        Answer::Fails if wanted.stage.is_none() && wanted.text.is_none() => {}
        Answer::Fails if before_aws && wanted.text.is_none() => {
            let why = judge.explain(user, role);
            let first = why.as_ref().and_then(Explanation::first_failure);
            if first.map(|report: &StageReport| report.stage) != wanted.stage {
                add(Verdict::Failed, How::Elsewhere);
            }
        }
        Answer::Fails => add(Verdict::Failed, How::Missing),
        Answer::Unknown => add(Verdict::Undecided, How::Unknown),
        Answer::Holds if before_aws => add(Verdict::Failed, How::Extra),
        Answer::Holds => match judge.admission(user, role) {
            Some(admission) if admission.answer == Answer::Fails => {
                if !fits(&admission, wanted) {
                    add(Verdict::Failed, How::Elsewhere);
                }
            }
            Some(admission) if admission.answer == Answer::Holds => {
                add(Verdict::Failed, How::Aws);
            }
            _ => add(Verdict::Undecided, How::Aws),
        },
    }
}

/// Whether AWS refuses at the stage and with the text that were wanted.
fn fits(admission: &Admission, wanted: &RefusedRole) -> bool {
    let says = admission.refusal.map_or("", crate::entitlement::refusal::Refusal::text);
    wanted.stage.is_none_or(|stage| admission.stage == Some(stage))
        && wanted.text.as_deref().is_none_or(|text| says.contains(text))
}

impl Judge<'_> {
    /// What AWS does when a user chooses a role of their picker.
    pub(super) fn admission(&self, user: UserId, role: RoleNo) -> Option<Admission> {
        let held = self.holdings.entry(user, role)?;
        let session = self.admissions.session(None, Some(user));
        self.admissions.entry(held.target, Some(user), &session)
    }

    /// The chain of stages.
    pub(super) fn explain(&self, user: UserId, role: RoleNo) -> Option<Explanation> {
        let entitlements = self.holdings.entitlements;
        let role = self.holdings.role(role)?;
        let query = RoleQuery::of(entitlements.federation, &role.arn);
        Some(explain_sign_in(entitlements, self.admissions, user, &query))
    }

    /// Of some users, those who may hold more than is known.
    pub(super) fn unsure(&self, users: &[UserId]) -> Vec<UserId> {
        let unsure = |&user: &UserId| self.holdings.sees_more(user) == Answer::Unknown;
        users.iter().copied().filter(unsure).collect()
    }
}
