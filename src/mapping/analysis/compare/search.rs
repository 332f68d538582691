//! Both are run side by side over every name at once: each as the list of its threads in the order of its
//! preference, as a backtracking engine would try them. Of what the threads captured only the order of the
//! places counts, so that there are finitely many such pairs of lists.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::{Comparison, ReadTwice, Verdict, Why};
use crate::mapping::analysis::Witness;
use crate::mapping::analysis::automaton::{Automaton, State, StateId};
use crate::mapping::analysis::letters::{Letter, letters};
use crate::mapping::group_filter::MatchMode;
use crate::mapping::java::ast::Assertion;

/// Names that are tried in vain of one kind, before it is given up.
const TRIES: usize = 200;

/// From where to where a part was captured, in places of the name.
type Span = Option<(u32, u32)>;

/// Role and account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
struct Captured {
    role: Span,
    account: Span,
}

/// A filter somewhere in a name: its threads, the preferred first, and the match that counts when all of them
/// die.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Run {
    threads: Vec<(StateId, Captured)>,
    found: Option<Captured>,
}

/// Both filters at one place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    old: Run,
    new: Run,
    /// How many places of the name are told apart so far.
    now: u32,
}

/// One of the two that are compared.
pub(super) struct Side<'a> {
    pub(super) automaton: &'a Automaton,
    pub(super) mode: MatchMode,
    /// What reads a name itself.
    pub(super) read: &'a dyn Fn(&str) -> Option<Witness>,
}

pub(super) struct Search<'a> {
    old: &'a Side<'a>,
    new: &'a Side<'a>,
    letters: Vec<Letter>,
    /// Every place looked at with the one it comes from and the letter between.
    steps: Vec<(Place, Option<(usize, char)>)>,
    seen: FxHashSet<Place>,
    most: usize,
    marks: [Marks; 2],
}

/// Which states were gone through in this round; a round takes no memory.
#[derive(Debug)]
struct Marks {
    seen: Vec<u32>,
    round: u32,
}

impl Marks {
    fn new(automaton: &Automaton) -> Self {
        Self { seen: vec![0; automaton.states.len()], round: 0 }
    }

    fn begin(&mut self) {
        self.round += 1;
    }

    /// Whether a state is met for the first time in this round.
    fn is_new(&mut self, state: StateId) -> bool {
        match self.seen.get_mut(state) {
            Some(seen) if *seen != self.round => {
                *seen = self.round;
                true
            }
            _ => false,
        }
    }
}

/// What a name can show.
const KINDS: usize = 3;

impl<'a> Search<'a> {
    pub(super) fn new(old: &'a Side<'a>, new: &'a Side<'a>, most: usize) -> Self {
        let letters = letters(old.automaton, new.automaton);
        let marks = [Marks::new(old.automaton), Marks::new(new.automaton)];
        Self { old, new, letters, steps: Vec::new(), seen: FxHashSet::default(), most, marks }
    }

    pub(super) fn run(mut self) -> Comparison {
        let run = |side: &Side<'_>| Run {
            threads: vec![(side.automaton.start, Captured::default())],
            found: None,
        };
        self.add(Place { old: run(self.old), new: run(self.new), now: 0 }, None);
        let mut names: [Option<ReadTwice>; KINDS] = [None, None, None];
        let mut tries = [0; KINDS];
        let mut at = 0;
        while let Some((place, _)) = self.steps.get(at).cloned() {
            if let Some(kind) = self.differs(&place) {
                self.show(kind, at, &mut names, &mut tries);
            }
            if names.iter().all(Option::is_some) || self.steps.len() > self.most {
                break;
            }
            self.step(&place, at);
            at += 1;
        }
        let whole = at == self.steps.len();
        let unproven = tries.iter().any(|&tries| tries > 0);
        let names: Vec<ReadTwice> = names.into_iter().flatten().collect();
        let verdict = match (names.is_empty(), whole, unproven) {
            (false, ..) => Verdict::Different,
            (true, true, false) => Verdict::Equivalent,
            (true, true, true) => Verdict::Undecided(Why::Unproven),
            (true, false, _) => Verdict::Undecided(Why::TooMuch),
        };
        Comparison { verdict, names }
    }

    fn add(&mut self, place: Place, from: Option<(usize, char)>) {
        if self.seen.insert(place.clone()) {
            self.steps.push((place, from));
        }
    }

    /// Lets the filters themselves read the name that leads to a place.
    fn show(
        &self,
        kind: usize,
        at: usize,
        names: &mut [Option<ReadTwice>; KINDS],
        tries: &mut [usize; KINDS],
    ) {
        let (Some(slot), Some(tries)) = (names.get_mut(kind), tries.get_mut(kind)) else { return };
        if slot.is_some() || *tries >= TRIES {
            return;
        }
        let name = self.name(at);
        let (old, new) = ((self.old.read)(&name), (self.new.read)(&name));
        let read = (old != new).then_some(ReadTwice { name, old, new });
        let shown = read.filter(|read| {
            kind == match (&read.old, &read.new) {
                (Some(_), None) => 0,
                (None, Some(_)) => 1,
                _ => 2,
            }
        });
        match shown {
            Some(read) => *slot = Some(read),
            None => *tries += 1,
        }
    }

    fn name(&self, at: usize) -> String {
        let mut letters = Vec::new();
        let mut at = at;
        while let Some((_, Some((from, letter)))) = self.steps.get(at) {
            letters.push(*letter);
            at = *from;
        }
        letters.iter().rev().collect()
    }

    /// How the two would read the name if it ended here, if that differs.
    fn differs(&mut self, place: &Place) -> Option<usize> {
        let [marks, others] = &mut self.marks;
        let old = closed(self.old, marks, &place.old, place.now, true).found;
        let new = closed(self.new, others, &place.new, place.now, true).found;
        match (old, new) {
            (Some(_), None) => Some(0),
            (None, Some(_)) => Some(1),
            (Some(old), Some(new)) if old != new => Some(2),
            _ => None,
        }
    }

    /// Goes on from a place with one letter of each kind that its threads can tell apart.
    fn step(&mut self, place: &Place, at: usize) {
        let [marks, others] = &mut self.marks;
        let old = closed(self.old, marks, &place.old, place.now, false);
        let new = closed(self.new, others, &place.new, place.now, false);
        let wanted = [sets(self.old.automaton, &old), sets(self.new.automaton, &new)];
        let mut kinds: BTreeSet<Vec<bool>> = BTreeSet::new();
        for number in 0..self.letters.len() {
            let Some(letter) = self.letters.get(number) else { continue };
            let is_in = |taken: &[bool], sets: &[usize]| -> Vec<bool> {
                sets.iter().map(|&set| taken.get(set) == Some(&true)).collect()
            };
            let mut kind = is_in(&letter.old, &wanted[0]);
            kind.extend(is_in(&letter.new, &wanted[1]));
            if !kinds.insert(kind) {
                continue;
            }
            let shown = letter.shown;
            let [marks, others] = &mut self.marks;
            let one = take(self.old, marks, &old, place.now, &letter.old);
            let other = take(self.new, others, &new, place.now, &letter.new);
            let is_dead = |run: &Run, mode| mode == MatchMode::Full && *run == Run::default();
            if is_dead(&one, self.old.mode) && is_dead(&other, self.new.mode) {
                continue;
            }
            self.add(ranked(one, other, place.now + 1), Some((at, shown)));
        }
    }
}

/// The sets that the threads of a run would take a character of.
fn sets(automaton: &Automaton, run: &Run) -> Vec<usize> {
    let taken = run.threads.iter().filter_map(|(state, _)| match automaton.state(*state) {
        State::Take(set, _) => Some(*set),
        _ => None,
    });
    let sets: BTreeSet<usize> = taken.collect();
    sets.into_iter().collect()
}

/// The threads at a place before a letter is taken, the preferred first, and the match so far.
fn closed(side: &Side<'_>, marks: &mut Marks, run: &Run, now: u32, at_end: bool) -> Run {
    let automaton = side.automaton;
    let is_find = side.mode == MatchMode::Find;
    let mut closed = Run { threads: Vec::new(), found: run.found };
    marks.begin();
    let starts = (is_find && run.found.is_none() && now > 0)
        .then_some((automaton.start, Captured::default()));
    let mut open = Vec::new();
    for &(state, captured) in run.threads.iter().chain(&starts) {
        open.clear();
        open.push(state);
        while let Some(state) = open.pop() {
            if !marks.is_new(state) {
                continue;
            }
            match automaton.state(state) {
                State::Take(..) => closed.threads.push((state, captured)),
                State::Split(ways) => open.extend(ways.iter().rev()),
                State::Check(assertion, next) => {
                    if holds(*assertion, now == 0, at_end) {
                        open.push(*next);
                    }
                }
                State::Accept if is_find || at_end => {
                    // Whatever is less preferred counts no more.
                    closed.found = Some(captured);
                    return closed;
                }
                State::Accept => {}
            }
        }
    }
    closed
}

const fn holds(assertion: Assertion, at_start: bool, at_end: bool) -> bool {
    match assertion {
        Assertion::Begin => at_start,
        Assertion::LineBegin { .. } => at_start && !at_end,
        Assertion::End | Assertion::Dollar { .. } | Assertion::LineEnd { .. } => at_end,
        Assertion::WordBoundary { .. } | Assertion::GraphemeBoundary => false,
    }
}

/// The threads behind a letter, of those that are closed.
fn take(side: &Side<'_>, marks: &mut Marks, before: &Run, now: u32, taken: &[bool]) -> Run {
    let automaton = side.automaton;
    let mut after = Run { threads: Vec::new(), found: before.found };
    marks.begin();
    for &(state, mut captured) in &before.threads {
        let State::Take(set, next) = automaton.state(state) else { continue };
        if taken.get(*set) != Some(&true) || !marks.is_new(*next) {
            continue;
        }
        let mark = automaton.mark(state);
        let grown = |span: Span| Some((span.map_or(now, |(from, _)| from), now + 1));
        if mark.role {
            captured.role = grown(captured.role);
        }
        if mark.account {
            captured.account = grown(captured.account);
        }
        after.threads.push((*next, captured));
    }
    after
}

/// Both runs with places numbered in their order alone.
fn ranked(mut old: Run, mut new: Run, now: u32) -> Place {
    let mut places = vec![0, now];
    for run in [&mut old, &mut new] {
        each(run, &mut |at| places.push(*at));
    }
    places.sort_unstable();
    places.dedup();
    let rank = |at: u32| u32::try_from(places.binary_search(&at).unwrap_or(0)).unwrap_or(0);
    for run in [&mut old, &mut new] {
        each(run, &mut |at| *at = rank(*at));
    }
    Place { old, new, now: rank(now) }
}

fn each(run: &mut Run, look: &mut dyn FnMut(&mut u32)) {
    let threads = run.threads.iter_mut().map(|thread| &mut thread.1);
    for captured in threads.chain(&mut run.found) {
        for (from, to) in [&mut captured.role, &mut captured.account].into_iter().flatten() {
            look(from);
            look(to);
        }
    }
}
