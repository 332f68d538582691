//! What is wanted of roles.

use super::expectation::{Assertion, Key, Wants};
use super::judge::{How, Judge, Misses};
use super::verdict::Verdict;
use crate::entitlement::holdings::{RoleNo, Unsure};
use crate::entitlement::stage::Answer;
use crate::model::directory::UserId;

pub(super) fn judge(judge: &Judge<'_>, roles: &[RoleNo], wanted: &Assertion, misses: &mut Misses) {
    match &wanted.wants {
        Wants::Users(who) => {
            let Some(users) = judge.users(who, misses) else { return };
            for &role in roles {
                misses.on(wanted.place);
                if matches!(wanted.key, Key::ReachedBy | Key::ReachedByExactly) {
                    for &user in &users {
                        misses.differs(Answer::Holds, judge.holdings.sees(user, role), user, role);
                    }
                }
                if wanted.key != Key::ReachedBy {
                    no_others(judge, role, &users, misses);
                }
            }
        }
        Wants::Count { min, max } => {
            for &role in roles {
                count(judge, role, (*min, *max), misses);
            }
        }
        Wants::Roles(_) | Wants::Refused(_) => {}
    }
}

/// Users who see a role and are not among some.
fn no_others(judge: &Judge<'_>, role: RoleNo, users: &[UserId], misses: &mut Misses) {
    let holders = judge.holdings.holders(role);
    for &(user, answer) in holders {
        if users.binary_search(&user).is_err() {
            misses.differs(Answer::Fails, answer, user, role);
        }
    }
    let is_holder = |user: &UserId| holders.binary_search_by_key(user, |one| one.0).is_ok();
    match judge.holdings.unsure() {
        Unsure::Nobody => {}
        Unsure::Some(unsure) => {
            for user in unsure {
                if users.binary_search(user).is_err() && !is_holder(user) {
                    misses.differs(Answer::Fails, Answer::Unknown, *user, role);
                }
            }
        }
        Unsure::Everybody => misses.add(Verdict::Undecided, None, Some(role), How::Unknown),
    }
}

fn count(judge: &Judge<'_>, role: RoleNo, (min, max): (usize, Option<usize>), misses: &mut Misses) {
    let holders = judge.holdings.holders(role);
    let certain = holders.iter().filter(|one| one.1 == Answer::Holds).count();
    let is_holder = |user: &&UserId| holders.binary_search_by_key(*user, |one| one.0).is_ok();
    let more = match judge.holdings.unsure() {
        Unsure::Nobody => 0,
        Unsure::Some(unsure) => unsure.len() - unsure.iter().filter(is_holder).count(),
        Unsure::Everybody => usize::MAX,
    };
    let possible = holders.len().saturating_add(more);
    let how = How::Number { certain, possible };
    if possible < min || max.is_some_and(|max| certain > max) {
        misses.add(Verdict::Failed, None, Some(role), how);
    } else if certain < min || max.is_some_and(|max| possible > max) {
        misses.add(Verdict::Undecided, None, Some(role), how);
    }
}
