//! The automaton of a pattern's regular part, with Java's preferences: at a choice, the first
//! branch that leads to a match is the one Java takes.

use super::Pattern;
use super::ast::{Assertion, Group, Kind, NodeId, Repeat, RepeatMode};
use super::class::CharSet;

/// Index of a state.
pub(super) type StateId = u32;

/// Most states.
const STATE_LIMIT: usize = 4_000;

/// One state.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// Take a code point of the set with this number.
    Set(usize, StateId),
    /// Try these in order.
    Split(Vec<StateId>),
    /// Note the place in a slot.
    Save(usize, StateId),
    /// Go on where a condition holds.
    Assert(Condition, StateId),
    /// The end of the pattern.
    Match,
}

/// A condition on a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// One that stands in the pattern.
    Written(Assertion),
    /// What follows is not in the set with this number: where a possessive repetition ends.
    NotNext(usize),
}

/// The automaton.
#[derive(Debug, Clone)]
pub(super) struct Nfa {
    pub(super) states: Vec<State>,
    pub(super) sets: Vec<CharSet>,
    pub(super) start: StateId,
    pub(super) slots: usize,
}

impl Nfa {
    /// The automaton of a pattern; `None` when the pattern is not regular in Java's hands, or too
    /// large.
    pub(super) fn new(pattern: &Pattern) -> Option<Self> {
        let mut builder = Builder { pattern, states: vec![State::Match], sets: Vec::new() };
        let end = builder.put(State::Save(1, 0))?;
        let start = builder.node(pattern.root(), end, false)?;
        let slots = 2 * (pattern.group_count() + 1);
        Some(Self { states: builder.states, sets: builder.sets, start, slots })
    }

    /// The conditions that stand in the automaton.
    pub(super) fn conditions(&self) -> impl Iterator<Item = Condition> {
        self.states.iter().filter_map(|state| match state {
            State::Assert(condition, _) => Some(*condition),
            _ => None,
        })
    }
}

struct Builder<'p> {
    pattern: &'p Pattern,
    states: Vec<State>,
    sets: Vec<CharSet>,
}

impl Builder<'_> {
    fn put(&mut self, state: State) -> Option<StateId> {
        if self.states.len() >= STATE_LIMIT {
            return None;
        }
        self.states.push(state);
        u32::try_from(self.states.len() - 1).ok()
    }

    fn set(&mut self, set: &CharSet) -> usize {
        self.sets.iter().position(|known| known == set).unwrap_or_else(|| {
            self.sets.push(set.clone());
            self.sets.len() - 1
        })
    }

    /// The states of a node in front of `next`. `looped` says the node may be gone through more
    /// than once.
    fn node(&mut self, id: NodeId, next: StateId, looped: bool) -> Option<StateId> {
        let pattern = self.pattern;
        match &pattern.node(id).kind {
            Kind::Empty => Some(next),
            Kind::Set(set) => {
                let set = self.set(set);
                self.put(State::Set(set, next))
            }
            Kind::Assert(Assertion::GraphemeBoundary)
            | Kind::Grapheme
            | Kind::BackReference { .. } => None,
            Kind::Assert(assertion) => {
                self.put(State::Assert(Condition::Written(*assertion), next))
            }
            Kind::LineEnding => self.line_ending(next),
            Kind::Concat(parts) => {
                parts.iter().rev().try_fold(next, |next, &part| self.node(part, next, looped))
            }
            Kind::Alternate(branches) => {
                let starts: Option<Vec<StateId>> =
                    branches.iter().map(|&branch| self.node(branch, next, looped)).collect();
                self.put(State::Split(starts?))
            }
            Kind::Group(Group::Plain, body) => self.node(*body, next, looped),
            Kind::Group(Group::Capture { index, .. }, body) => {
                let close = self.put(State::Save(2 * index + 1, next))?;
                let body = self.node(*body, close, looped)?;
                self.put(State::Save(2 * index, body))
            }
            Kind::Group(_, _) => None,
            Kind::Repeat(repeat, body) => self.repeat(*repeat, *body, next, looped),
        }
    }

    fn line_ending(&mut self, next: StateId) -> Option<StateId> {
        let line_feed = self.set(&CharSet::single(0x0A));
        let carriage_return = self.set(&CharSet::single(0x0D));
        let any = self.set(&super::property::vertical_space().set);
        let second = self.put(State::Set(line_feed, next))?;
        let pair = self.put(State::Set(carriage_return, second))?;
        let single = self.put(State::Set(any, next))?;
        self.put(State::Split(vec![pair, single]))
    }

    fn repeat(
        &mut self,
        repeat: Repeat,
        body: NodeId,
        next: StateId,
        looped: bool,
    ) -> Option<StateId> {
        let pattern = self.pattern;
        let optional = repeat.min == 0 && repeat.max == Some(1);
        let next = match &pattern.node(body).kind {
            // A condition holds as often as it is asked, and one that need not hold says nothing.
            Kind::Empty => return Some(next),
            Kind::Assert(Assertion::GraphemeBoundary) => return None,
            Kind::Assert(_) if repeat.min == 0 => return Some(next),
            Kind::Assert(_) => return self.node(body, next, looped),
            Kind::Set(set) if repeat.mode == RepeatMode::Possessive => {
                if repeat.max.is_some() {
                    return None;
                }
                let set = self.set(set);
                self.put(State::Assert(Condition::NotNext(set), next))?
            }
            Kind::Set(_) => next,
            Kind::Group(Group::Capture { .. } | Group::Plain, inside)
                if repeat.mode != RepeatMode::Possessive =>
            {
                if !optional && !self.repeats_plainly(repeat, body, *inside, looped) {
                    return None;
                }
                next
            }
            _ => return None,
        };
        self.rounds(repeat, body, next, looped || !optional)
    }

    /// Whether Java's way of repeating a group gives what plain backtracking would.
    fn repeats_plainly(&self, repeat: Repeat, group: NodeId, inside: NodeId, looped: bool) -> bool {
        if self.may_be_empty(inside) {
            // A round that takes nothing ends the loop in Java.
            return false;
        }
        // A group without choices is repeated as one atom: what it captured within stays when
        // rounds are given back, and an outer loop sees its captures in another order.
        let captures =
            matches!(self.pattern.node(group).kind, Kind::Group(Group::Capture { .. }, _));
        !repeat.deterministic || !(self.keeps_more(inside) || (captures && looped))
    }

    fn may_be_empty(&self, id: NodeId) -> bool {
        match &self.pattern.node(id).kind {
            Kind::Set(_) | Kind::LineEnding | Kind::Grapheme => false,
            Kind::Empty
            | Kind::Assert(_)
            | Kind::BackReference { .. }
            | Kind::Group(Group::Ahead { .. } | Group::Behind { .. }, _) => true,
            Kind::Concat(parts) => parts.iter().all(|&part| self.may_be_empty(part)),
            Kind::Alternate(branches) => branches.iter().any(|&branch| self.may_be_empty(branch)),
            Kind::Group(_, body) => self.may_be_empty(*body),
            Kind::Repeat(repeat, body) => repeat.min == 0 || self.may_be_empty(*body),
        }
    }

    fn keeps_more(&self, id: NodeId) -> bool {
        match &self.pattern.node(id).kind {
            Kind::LineEnding | Kind::Group(Group::Capture { .. }, _) => true,
            Kind::Concat(parts) | Kind::Alternate(parts) => {
                parts.iter().any(|&part| self.keeps_more(part))
            }
            Kind::Group(_, body) | Kind::Repeat(_, body) => self.keeps_more(*body),
            _ => false,
        }
    }

    fn rounds(
        &mut self,
        repeat: Repeat,
        body: NodeId,
        next: StateId,
        looped: bool,
    ) -> Option<StateId> {
        let lazy = repeat.mode == RepeatMode::Lazy;
        let either =
            |inside, behind| if lazy { vec![behind, inside] } else { vec![inside, behind] };
        let mut entry = next;
        if let Some(max) = repeat.max {
            for _ in repeat.min..max {
                let inside = self.node(body, entry, looped)?;
                entry = self.put(State::Split(either(inside, next)))?;
            }
        } else {
            let choice = self.put(State::Match)?;
            let inside = self.node(body, choice, looped)?;
            if let Some(place) = self.states.get_mut(choice as usize) {
                *place = State::Split(either(inside, next));
            }
            entry = choice;
        }
        for _ in 0..repeat.min {
            entry = self.node(body, entry, looped)?;
        }
        Some(entry)
    }
}
