//! The automaton of a filter to reason on: every state knows which part of the filter it comes from.
//!
//! Priorities are left out, and possessive repetitions and atomic groups give back; whatever is found on it
//! is a guess until the filter's own engine has said the same.

use std::fmt;

use super::super::group_filter::GroupFilter;
use super::super::java::Pattern;
use super::super::java::ast::{Assertion, Group, Kind, NodeId, Repeat, RepeatMode};
use super::super::java::class::CharSet;

/// Index of a state.
pub(in crate::mapping) type StateId = usize;

/// Most states; a filter with more is not reasoned on, but for comparing it.
const STATE_LIMIT: usize = 2_000;

/// Characters for names made here, the likeliest first.
pub(in crate::mapping) const LIKELY: &str = "a1A_-#.@ /:+=,!x";

/// Why a filter cannot be reasoned on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// `(?=…)`, `(?<!…)` and the like.
    LookAround,
    /// `\1`, `\k<name>`.
    BackReference,
    /// `\X`, `\b{g}`.
    Cluster,
    /// A possessive repetition or an atomic group, where it matters what is given back.
    NothingGivenBack,
    /// More than so many states.
    TooLarge(usize),
}

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot decide, because the Group Filter ")?;
        match self {
            Self::LookAround => f.write_str("looks around"),
            Self::BackReference => f.write_str("refers back to a group"),
            Self::Cluster => f.write_str("asks for grapheme clusters"),
            Self::NothingGivenBack => f.write_str("has possessive or atomic parts"),
            Self::TooLarge(limit) => write!(f, "needs more than {limit} states"),
        }
    }
}

/// One state.
#[derive(Debug, Clone)]
pub(in crate::mapping) enum State {
    /// Takes a character of the set with this number.
    Take(usize, StateId),
    /// Goes on at any of these, the first preferred.
    Split(Vec<StateId>),
    /// Goes on where a condition holds.
    Check(Assertion, StateId),
    /// The end of the filter.
    Accept,
}

/// Where a state comes from.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::mapping) struct Mark {
    /// The node it was read from.
    pub(in crate::mapping) node: Option<NodeId>,
    /// Within the group `role`.
    pub(in crate::mapping) role: bool,
    /// Within the group `accountid`.
    pub(in crate::mapping) account: bool,
    /// Within a repetition whose number of rounds is not fixed.
    pub(in crate::mapping) varies: bool,
}

/// The automaton.
#[derive(Debug, Clone)]
pub(in crate::mapping) struct Automaton {
    pub(in crate::mapping) states: Vec<State>,
    pub(in crate::mapping) marks: Vec<Mark>,
    pub(in crate::mapping) sets: Vec<CharSet>,
    pub(in crate::mapping) start: StateId,
    /// Whether some part gives nothing back.
    pub(in crate::mapping) holds_on: bool,
}

impl Automaton {
    /// The automaton of a filter.
    pub(in crate::mapping) fn new(filter: &GroupFilter) -> Result<Self, Unclear> {
        Self::within(filter, STATE_LIMIT)
    }

    /// The automaton of a filter, unless it has more than so many states.
    pub(in crate::mapping) fn within(filter: &GroupFilter, limit: usize) -> Result<Self, Unclear> {
        let pattern = filter.pattern();
        let mut builder = Builder {
            pattern,
            role: pattern.group_index(GroupFilter::ROLE),
            account: pattern.group_index(GroupFilter::ACCOUNT_ID),
            at: Mark::default(),
            limit,
            made: Self {
                states: vec![State::Accept],
                marks: vec![Mark::default()],
                sets: Vec::new(),
                start: 0,
                holds_on: false,
            },
        };
        builder.made.start = builder.node(pattern.root(), 0)?;
        Ok(builder.made)
    }

    /// The state with this id; one that does not exist reads as the end.
    pub(in crate::mapping) fn state(&self, id: StateId) -> &State {
        self.states.get(id).unwrap_or(&State::Accept)
    }

    /// Where a state comes from.
    pub(in crate::mapping) fn mark(&self, id: StateId) -> Mark {
        self.marks.get(id).copied().unwrap_or_default()
    }

    /// What a state takes, if it takes anything.
    pub(in crate::mapping) fn set(&self, id: StateId) -> Option<&CharSet> {
        match self.state(id) {
            State::Take(set, _) => self.sets.get(*set),
            _ => None,
        }
    }

    /// States that take a character.
    pub(in crate::mapping) fn takes(&self) -> impl Iterator<Item = StateId> {
        (0..self.states.len()).filter(|&id| matches!(self.state(id), State::Take(..)))
    }

    /// The states that take the next character behind `id`, with the number of ways there (two for more).
    pub(in crate::mapping) fn behind(&self, id: StateId) -> Vec<(StateId, u8)> {
        let mut found: Vec<(StateId, u8)> = Vec::new();
        // A state is gone through at most twice: two ways are as good as many.
        let mut visits = vec![0_u8; self.states.len()];
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match visits.get_mut(id) {
                Some(visits) if *visits < 2 => *visits += 1,
                _ => continue,
            }
            match self.state(id) {
                State::Accept => {}
                State::Take(..) => match found.iter_mut().find(|(known, _)| *known == id) {
                    Some((_, ways)) => *ways = 2,
                    None => found.push((id, 1)),
                },
                State::Check(_, next) => open.push(*next),
                State::Split(ways) => open.extend(ways.iter().rev()),
            }
        }
        found
    }
}

/// A character of a set that can be shown: a likely one if there is one, never a control character.
pub(in crate::mapping) fn showable(set: &CharSet) -> Option<char> {
    let likely = LIKELY.chars().find(|&c| set.contains(u32::from(c)));
    likely.or_else(|| {
        let points = set.ranges().iter().flat_map(|&(first, last)| first..=last.min(first + 64));
        points.filter_map(char::from_u32).find(|c| !c.is_control() && !c.is_whitespace())
    })
}

struct Builder<'p> {
    pattern: &'p Pattern,
    role: Option<usize>,
    account: Option<usize>,
    at: Mark,
    limit: usize,
    made: Automaton,
}

impl Builder<'_> {
    fn put(&mut self, state: State) -> Result<StateId, Unclear> {
        if self.made.states.len() >= self.limit {
            return Err(Unclear::TooLarge(self.limit));
        }
        self.made.states.push(state);
        self.made.marks.push(self.at);
        Ok(self.made.states.len() - 1)
    }

    fn take(&mut self, set: &CharSet, next: StateId) -> Result<StateId, Unclear> {
        let sets = &mut self.made.sets;
        let number = sets.iter().position(|known| known == set).unwrap_or_else(|| {
            sets.push(set.clone());
            sets.len() - 1
        });
        self.put(State::Take(number, next))
    }

    fn node(&mut self, id: NodeId, next: StateId) -> Result<StateId, Unclear> {
        let pattern = self.pattern;
        let outer = self.at;
        let entry = match &pattern.node(id).kind {
            Kind::Empty => Ok(next),
            Kind::Set(set) => {
                self.at.node = Some(id);
                self.take(set, next)
            }
            Kind::Assert(Assertion::GraphemeBoundary) | Kind::Grapheme => Err(Unclear::Cluster),
            Kind::BackReference { .. } => Err(Unclear::BackReference),
            Kind::Assert(assertion) => self.put(State::Check(*assertion, next)),
            Kind::LineEnding => {
                self.take(&CharSet::of("\n\u{b}\u{c}\r\u{85}\u{2028}\u{2029}"), next)
            }
            Kind::Concat(parts) => {
                parts.iter().rev().try_fold(next, |next, &part| self.node(part, next))
            }
            Kind::Alternate(ways) => {
                let entries: Result<Vec<_>, _> =
                    ways.iter().map(|&way| self.node(way, next)).collect();
                entries.and_then(|entries| self.put(State::Split(entries)))
            }
            Kind::Group(group, body) => self.group(group, *body, next),
            Kind::Repeat(repeat, body) => self.repeat(*repeat, *body, next),
        };
        self.at = outer;
        entry
    }

    fn group(&mut self, group: &Group, body: NodeId, next: StateId) -> Result<StateId, Unclear> {
        match group {
            Group::Ahead { .. } | Group::Behind { .. } => return Err(Unclear::LookAround),
            Group::Atomic => self.made.holds_on = true,
            Group::Plain => {}
            Group::Capture { index, .. } => {
                self.at.role |= self.role == Some(*index);
                self.at.account |= self.account == Some(*index);
            }
        }
        self.node(body, next)
    }

    fn repeat(&mut self, repeat: Repeat, body: NodeId, next: StateId) -> Result<StateId, Unclear> {
        self.made.holds_on |= repeat.mode == RepeatMode::Possessive;
        self.at.varies |= repeat.max.is_none_or(|max| max > repeat.min.max(1));
        let lazy = repeat.mode == RepeatMode::Lazy;
        let either = |inside, behind| {
            State::Split(if lazy { vec![behind, inside] } else { vec![inside, behind] })
        };
        let mut entry = next;
        if let Some(max) = repeat.max {
            for _ in repeat.min..max {
                let inside = self.node(body, entry)?;
                entry = self.put(either(inside, next))?;
            }
        } else {
            let choice = self.put(State::Split(Vec::new()))?;
            let inside = self.node(body, choice)?;
            if let Some(place) = self.made.states.get_mut(choice) {
                *place = either(inside, next);
            }
            entry = if repeat.min == 0 { choice } else { inside };
        }
        let fixed = if repeat.max.is_none() { repeat.min.saturating_sub(1) } else { repeat.min };
        for _ in 0..fixed {
            entry = self.node(body, entry)?;
        }
        Ok(entry)
    }
}
