//! The ways to read role and account from a name, and a name that has more than one.

use std::collections::BTreeSet;

use super::super::java::ast::Assertion;
use super::automaton::{Automaton, State, StateId, showable};
use super::trail::Trail;

/// Most readings followed at once.
const READINGS: usize = 20_000;

/// Most pairs of states looked at for a name with two readings.
const PAIRS: usize = 400_000;

/// One reading so far: the state, and from where to where role and account go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    state: StateId,
    role: Option<(usize, usize)>,
    account: Option<(usize, usize)>,
}

/// Every way to read role and account from the whole of a name, whatever the filter prefers: sorted.
/// `None` where there are too many to follow.
pub(super) fn splits(automaton: &Automaton, name: &str) -> Option<Vec<(String, String)>> {
    let begin = Run { state: automaton.start, role: None, account: None };
    let mut runs = closure(automaton, [begin], name.is_empty(), true)?;
    for (at, letter) in name.char_indices() {
        let end = at + letter.len_utf8();
        let taken = runs.iter().filter_map(|run| take(automaton, *run, letter, at..end));
        let taken: Vec<Run> = taken.collect();
        runs = closure(automaton, taken, end == name.len(), false)?;
    }
    let text = |range: Option<(usize, usize)>| {
        range.and_then(|(from, to)| name.get(from..to)).unwrap_or_default().to_owned()
    };
    let done = runs.iter().filter(|run| matches!(automaton.state(run.state), State::Accept));
    let found: BTreeSet<_> = done.map(|run| (text(run.role), text(run.account))).collect();
    Some(found.into_iter().collect())
}

fn take(
    automaton: &Automaton,
    run: Run,
    letter: char,
    bytes: std::ops::Range<usize>,
) -> Option<Run> {
    let State::Take(set, next) = automaton.state(run.state) else { return None };
    automaton.sets.get(*set).filter(|set| set.contains(u32::from(letter)))?;
    let mark = automaton.mark(run.state);
    let grown = |range: Option<(usize, usize)>, inside: bool| {
        if inside { Some((range.map_or(bytes.start, |(from, _)| from), bytes.end)) } else { range }
    };
    Some(Run {
        state: *next,
        role: grown(run.role, mark.role),
        account: grown(run.account, mark.account),
    })
}

/// Everything reached without taking a character.
fn closure(
    automaton: &Automaton,
    runs: impl IntoIterator<Item = Run>,
    at_end: bool,
    at_start: bool,
) -> Option<BTreeSet<Run>> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<Run> = runs.into_iter().collect();
    while let Some(run) = open.pop() {
        if !seen.insert(run) {
            continue;
        }
        if seen.len() > READINGS {
            return None;
        }
        match automaton.state(run.state) {
            State::Take(..) | State::Accept => {}
            State::Split(ways) => open.extend(ways.iter().map(|&state| Run { state, ..run })),
            State::Check(assertion, next) => {
                let holds = match assertion {
                    Assertion::Begin | Assertion::LineBegin { .. } => at_start,
                    Assertion::End | Assertion::Dollar { .. } | Assertion::LineEnd { .. } => at_end,
                    Assertion::WordBoundary { .. } | Assertion::GraphemeBoundary => true,
                };
                if holds {
                    open.push(Run { state: *next, ..run });
                }
            }
        }
    }
    Some(seen)
}

/// Two readings of one name, step by step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    states: (StateId, StateId),
    /// At some character one was within role or account and the other was not.
    differs: bool,
    moved: bool,
    ended: bool,
}

/// A short name that two ways through the automaton read differently.
pub(super) fn ambiguous(automaton: &Automaton) -> Option<String> {
    let start = (automaton.start, automaton.start);
    let begin = Pair { states: start, differs: false, moved: false, ended: false };
    let mut trail = Trail::new();
    trail.add(begin, None, None);
    let mut at = 0;
    while let Some(pair) = trail.place(at).filter(|_| trail.len() <= PAIRS) {
        let (a, b) = (automaton.state(pair.states.0), automaton.state(pair.states.1));
        if pair.differs && matches!((a, b), (State::Accept, State::Accept)) {
            return Some(trail.text(at));
        }
        for (letter, pair) in next(automaton, pair) {
            trail.add(pair, Some(at), letter);
        }
        at += 1;
    }
    None
}

fn next(automaton: &Automaton, pair: Pair) -> Vec<(Option<char>, Pair)> {
    let (first, second) = pair.states;
    if let Some(ways) = free(automaton, first, pair) {
        return ways.map_states(|state| (state, second));
    }
    if let Some(ways) = free(automaton, second, pair) {
        return ways.map_states(|state| (first, state));
    }
    let (State::Take(one, to_one), State::Take(other, to_other)) =
        (automaton.state(first), automaton.state(second))
    else {
        return Vec::new();
    };
    let sets = automaton.sets.get(*one).zip(automaton.sets.get(*other));
    let letter = match sets {
        Some((one, other)) if one == other => showable(one),
        Some((one, other)) => showable(&one.intersection(other)),
        None => None,
    };
    let Some(letter) = letter.filter(|_| !pair.ended) else { return Vec::new() };
    let (a, b) = (automaton.mark(first), automaton.mark(second));
    let differs = pair.differs || a.role != b.role || a.account != b.account;
    vec![(Some(letter), Pair { states: (*to_one, *to_other), differs, moved: true, ..pair })]
}

/// Where a state leads without a character.
struct Free {
    ways: Vec<StateId>,
    pair: Pair,
}

impl Free {
    fn map_states(
        self,
        states: impl Fn(StateId) -> (StateId, StateId),
    ) -> Vec<(Option<char>, Pair)> {
        let pair = self.pair;
        let made = self.ways.into_iter().map(|way| (None, Pair { states: states(way), ..pair }));
        made.collect()
    }
}

fn free(automaton: &Automaton, state: StateId, pair: Pair) -> Option<Free> {
    match automaton.state(state) {
        State::Take(..) | State::Accept => None,
        State::Split(ways) => Some(Free { ways: ways.clone(), pair }),
        State::Check(Assertion::Begin | Assertion::LineBegin { .. }, _) if pair.moved => {
            Some(Free { ways: Vec::new(), pair })
        }
        State::Check(assertion, next) => {
            let ends = matches!(
                assertion,
                Assertion::End | Assertion::Dollar { .. } | Assertion::LineEnd { .. }
            );
            Some(Free { ways: vec![*next], pair: Pair { ended: pair.ended || ends, ..pair } })
        }
    }
}
