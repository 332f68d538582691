//! A short name of a given kind that the automaton accepts.

use super::super::java::ast::Assertion;
use super::super::java::class::CharSet;
use super::automaton::{Automaton, State, StateId, showable};
use super::trail::Trail;

/// Most places looked at for one name.
const BUDGET: usize = 200_000;

/// What a name shall be like.
#[derive(Clone, Copy, Default)]
pub(super) struct Wish<'a> {
    /// What the group `role` shall capture.
    pub(super) role: Option<&'a str>,
    /// What the group `accountid` shall capture.
    pub(super) account: Option<&'a str>,
    /// A character that some state shall take.
    pub(super) special: Option<Special<'a>>,
}

/// A character that some state shall take.
#[derive(Clone, Copy)]
pub(super) struct Special<'a> {
    /// The states it may be.
    pub(super) at: &'a dyn Fn(StateId) -> bool,
    /// The characters it may be.
    pub(super) set: &'a CharSet,
}

/// How far a name has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    state: StateId,
    /// Characters of the wished role and account that are taken.
    spelled: (usize, usize),
    /// The special character is taken.
    special: bool,
    /// Some character is taken.
    moved: bool,
    /// None may be taken any more.
    ended: bool,
}

/// A short name that fulfils a wish, as the automaton sees it: the filter itself may differ.
///
/// Short in steps of the automaton, which choices count for too.
pub(super) fn shortest(automaton: &Automaton, wish: Wish<'_>) -> Option<String> {
    let search = Search {
        automaton,
        role: wish.role.map(|text| text.chars().collect()),
        account: wish.account.map(|text| text.chars().collect()),
        special: wish.special,
    };
    let begin = Key {
        state: automaton.start,
        spelled: (0, 0),
        special: wish.special.is_none(),
        moved: false,
        ended: false,
    };
    let mut trail = Trail::new();
    trail.add(begin, None, None);
    let mut at = 0;
    while let Some(key) = trail.place(at).filter(|_| trail.len() <= BUDGET) {
        if search.is_done(key) {
            return Some(trail.text(at));
        }
        for (letter, key) in search.next(key) {
            trail.add(key, Some(at), letter);
        }
        at += 1;
    }
    None
}

struct Search<'a> {
    automaton: &'a Automaton,
    role: Option<Vec<char>>,
    account: Option<Vec<char>>,
    special: Option<Special<'a>>,
}

impl Search<'_> {
    fn is_done(&self, key: Key) -> bool {
        let whole = |wish: &Option<Vec<char>>, spelled| {
            wish.as_ref().is_none_or(|text| text.len() == spelled)
        };
        matches!(self.automaton.state(key.state), State::Accept)
            && key.special
            && whole(&self.role, key.spelled.0)
            && whole(&self.account, key.spelled.1)
    }

    fn next(&self, key: Key) -> Vec<(Option<char>, Key)> {
        match self.automaton.state(key.state) {
            State::Accept => Vec::new(),
            State::Split(ways) => ways.iter().map(|&state| (None, Key { state, ..key })).collect(),
            State::Check(Assertion::Begin | Assertion::LineBegin { .. }, _) if key.moved => {
                Vec::new()
            }
            State::Check(assertion, next) => {
                let ends = matches!(
                    assertion,
                    Assertion::End | Assertion::Dollar { .. } | Assertion::LineEnd { .. }
                );
                vec![(None, Key { state: *next, ended: key.ended || ends, ..key })]
            }
            State::Take(..) if key.ended => Vec::new(),
            State::Take(set, next) => {
                let Some(set) = self.automaton.sets.get(*set) else { return Vec::new() };
                self.letters(key, set)
                    .into_iter()
                    .map(|(letter, key)| (Some(letter), Key { state: *next, moved: true, ..key }))
                    .collect()
            }
        }
    }

    /// The letters worth taking, with what they count for.
    fn letters(&self, key: Key, set: &CharSet) -> Vec<(char, Key)> {
        let mark = self.automaton.mark(key.state);
        let wished = match (mark.role, mark.account) {
            (true, _) if self.role.is_some() => {
                let letter = self.role.as_ref().and_then(|text| text.get(key.spelled.0));
                Some((letter, (key.spelled.0 + 1, key.spelled.1)))
            }
            (_, true) if self.account.is_some() => {
                let letter = self.account.as_ref().and_then(|text| text.get(key.spelled.1));
                Some((letter, (key.spelled.0, key.spelled.1 + 1)))
            }
            _ => None,
        };
        let mut letters = Vec::new();
        let special = self.special.filter(|special| !key.special && (special.at)(key.state));
        if let Some((letter, spelled)) = wished {
            let Some(&letter) = letter.filter(|letter| set.contains(u32::from(**letter))) else {
                return letters;
            };
            let special = key.special
                || special.is_some_and(|special| special.set.contains(u32::from(letter)));
            letters.push((letter, Key { spelled, special, ..key }));
            return letters;
        }
        if let Some(letter) = special.and_then(|s| showable(&s.set.intersection(set))) {
            letters.push((letter, Key { special: true, ..key }));
        }
        letters.extend(showable(set).map(|letter| (letter, key)));
        letters
    }
}
