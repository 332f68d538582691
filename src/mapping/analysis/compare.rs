//! Whether two filters read every name alike, and names that they do not.
//!
//! Both are run side by side over every name at once: each as the list of its threads in the order of its
//! preference, as a backtracking engine would try them. Of what the threads captured only the order of the
//! places counts, so that there are finitely many such pairs of lists. Names are of one line: `$` is the end.

use std::collections::BTreeSet;
use std::fmt;

use super::super::group_filter::{GroupFilter, MatchMode};
use super::super::java::Pattern;
use super::super::java::ast::{Assertion, Group, Kind, NodeId};
use super::automaton::{State, StateId, Unclear};
use super::letters::{Letter, letters};
use super::{Analysis, Witness};

/// Most pairs of lists that are looked at.
const PLACES: usize = 30_000;

/// Names that are tried in vain of one kind, before it is given up.
const TRIES: usize = 200;

/// How two filters differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// Whether they do.
    pub verdict: Verdict,
    /// Names that they read otherwise: one that only the first matches, one that only the second does, one
    /// from which they read another role or account; as far as there are such.
    pub names: Vec<ReadTwice>,
}

/// Whether two filters read every name of one line alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They do.
    Equivalent,
    /// They do not.
    Different,
    /// It cannot be told.
    Undecided(Why),
}

/// Why it cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// One of the filters cannot be reasoned on.
    Unclear(Unclear),
    /// One asks for word boundaries.
    WordBoundary,
    /// One captures within a repetition.
    RepeatedCapture,
    /// There is too much to look at.
    TooMuch,
    /// The automata differ about a name, and the filters themselves do not.
    Unproven,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unclear(unclear) => return unclear.fmt(f),
            Self::WordBoundary => {
                "cannot decide, because the Group Filter asks for word boundaries"
            }
            Self::RepeatedCapture => {
                "cannot decide, because the Group Filter captures within a repetition"
            }
            Self::TooMuch => "cannot decide, because there is too much to look at",
            Self::Unproven => "cannot decide, because no name was found that shows a difference",
        })
    }
}

/// A name as two filters read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadTwice {
    /// The name.
    pub name: String,
    /// What the first reads; `None` where it does not match.
    pub old: Option<Witness>,
    /// What the second reads.
    pub new: Option<Witness>,
}

impl ReadTwice {
    /// What both filters' own engines read from a name, where that is not the same.
    pub fn of(old: &Analysis<'_>, new: &Analysis<'_>, name: &str) -> Option<Self> {
        let (one, other) = (old.read(name), new.read(name));
        (one != other).then(|| Self { name: name.to_owned(), old: one, new: other })
    }
}

/// Compares two filters.
pub fn compare(
    (old, old_mode): (&GroupFilter, MatchMode),
    (new, new_mode): (&GroupFilter, MatchMode),
) -> Comparison {
    let undecided = |why| Comparison { verdict: Verdict::Undecided(why), names: Vec::new() };
    let prepared =
        Analysis::new(old, old_mode).and_then(|one| Ok((one, Analysis::new(new, new_mode)?)));
    let (old, new) = match prepared {
        Ok(both) => both,
        Err(unclear) => return undecided(Why::Unclear(unclear)),
    };
    match objection(&old).or_else(|| objection(&new)) {
        Some(why) => undecided(why),
        None => Search::new(&old, &new).run(),
    }
}

/// Why a filter cannot be run as a list of threads.
fn objection(analysis: &Analysis<'_>) -> Option<Why> {
    let automaton = &analysis.automaton;
    if automaton.holds_on {
        return Some(Why::Unclear(Unclear::NothingGivenBack));
    }
    let boundary = |state: &State| matches!(state, State::Check(Assertion::WordBoundary { .. }, _));
    if automaton.states.iter().any(boundary) {
        return Some(Why::WordBoundary);
    }
    let pattern = analysis.filter.pattern();
    captures_within(pattern, pattern.root(), false).then_some(Why::RepeatedCapture)
}

/// Whether role or account are captured within a repetition.
fn captures_within(pattern: &Pattern, at: NodeId, repeated: bool) -> bool {
    let wanted = [GroupFilter::ROLE, GroupFilter::ACCOUNT_ID].map(|name| pattern.group_index(name));
    match &pattern.node(at).kind {
        Kind::Concat(parts) | Kind::Alternate(parts) => {
            parts.iter().any(|&part| captures_within(pattern, part, repeated))
        }
        Kind::Group(Group::Capture { index, .. }, _)
            if repeated && wanted.contains(&Some(*index)) =>
        {
            true
        }
        Kind::Group(_, body) => captures_within(pattern, *body, repeated),
        Kind::Repeat(_, body) => captures_within(pattern, *body, true),
        _ => false,
    }
}

/// From where to where a part was captured, in places of the name.
type Span = Option<(u32, u32)>;

/// Role and account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Captured {
    role: Span,
    account: Span,
}

/// A filter somewhere in a name: its threads, the preferred first, and the match that counts when all of them
/// die.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Run {
    threads: Vec<(StateId, Captured)>,
    found: Option<Captured>,
}

/// Both filters at one place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    old: Run,
    new: Run,
    /// How many places of the name are told apart so far.
    now: u32,
}

struct Search<'a, 'f> {
    old: &'a Analysis<'f>,
    new: &'a Analysis<'f>,
    letters: Vec<Letter>,
    /// Every place looked at with the one it comes from and the letter between.
    steps: Vec<(Place, Option<(usize, char)>)>,
    seen: BTreeSet<Place>,
}

/// What a name can show.
const KINDS: usize = 3;

impl<'a, 'f> Search<'a, 'f> {
    fn new(old: &'a Analysis<'f>, new: &'a Analysis<'f>) -> Self {
        let letters = letters(&old.automaton, &new.automaton);
        Self { old, new, letters, steps: Vec::new(), seen: BTreeSet::new() }
    }

    fn run(mut self) -> Comparison {
        let run = |analysis: &Analysis<'_>| Run {
            threads: vec![(analysis.automaton.start, Captured::default())],
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
            if names.iter().all(Option::is_some) || self.steps.len() > PLACES {
                break;
            }
            for number in 0..self.letters.len() {
                self.step(&place, at, number);
            }
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
        let read = ReadTwice::of(self.old, self.new, &self.name(at));
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

    /// How the filters would read the name if it ended here, if that differs.
    fn differs(&self, place: &Place) -> Option<usize> {
        let old = ends(self.old, &place.old, place.now);
        let new = ends(self.new, &place.new, place.now);
        match (old, new) {
            (Some(_), None) => Some(0),
            (None, Some(_)) => Some(1),
            (Some(old), Some(new)) if old != new => Some(2),
            _ => None,
        }
    }

    fn step(&mut self, place: &Place, at: usize, number: usize) {
        let Some(letter) = self.letters.get(number) else { return };
        let shown = letter.shown;
        let old = take(self.old, &place.old, place.now, &letter.old);
        let new = take(self.new, &place.new, place.now, &letter.new);
        let is_dead = |run: &Run, mode| mode == MatchMode::Full && *run == Run::default();
        if is_dead(&old, self.old.mode) && is_dead(&new, self.new.mode) {
            return;
        }
        self.add(ranked(old, new, place.now + 1), Some((at, shown)));
    }
}

/// The threads at a place before a letter is taken, the preferred first, and the match so far.
fn closed(analysis: &Analysis<'_>, run: &Run, now: u32, at_end: bool) -> Run {
    let automaton = &analysis.automaton;
    let is_find = analysis.mode == MatchMode::Find;
    let mut closed = Run { threads: Vec::new(), found: run.found };
    let mut seen = vec![false; automaton.states.len()];
    let starts = (is_find && run.found.is_none() && now > 0)
        .then_some((automaton.start, Captured::default()));
    for &(state, captured) in run.threads.iter().chain(&starts) {
        let mut open = vec![state];
        while let Some(state) = open.pop() {
            match seen.get_mut(state) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
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

/// What is captured if the name ends here.
fn ends(analysis: &Analysis<'_>, run: &Run, now: u32) -> Option<Captured> {
    closed(analysis, run, now, true).found
}

/// The threads behind a letter.
fn take(analysis: &Analysis<'_>, run: &Run, now: u32, taken: &[bool]) -> Run {
    let automaton = &analysis.automaton;
    let before = closed(analysis, run, now, false);
    let mut after = Run { threads: Vec::new(), found: before.found };
    let mut seen = vec![false; automaton.states.len()];
    for (state, mut captured) in before.threads {
        let State::Take(set, next) = automaton.state(state) else { continue };
        if taken.get(*set) != Some(&true) {
            continue;
        }
        match seen.get_mut(*next) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
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
