//! A grammar's automaton, and names read by it: the states that a name can be in, character by character.

use std::ops::Range;

use super::build::build;
use super::{Leaf, NamingGrammar, Part};
use crate::mapping::analysis::automaton::{Automaton, State, StateId};

/// Most readings of one name that are followed.
const READINGS: usize = 64;

/// A name that obeys a grammar, in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Each part with its bytes of the name, in the order of [`Part`].
    pub parts: Vec<(Part, Range<usize>)>,
}

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartText<'n> {
    /// Which.
    pub part: Part,
    /// What it is.
    pub text: &'n str,
}

impl Read {
    /// Where a part stands.
    pub fn range(&self, part: Part) -> Option<Range<usize>> {
        self.parts.iter().find(|(known, _)| *known == part).map(|(_, range)| range.clone())
    }

    /// What a part of the name is.
    pub fn text<'n>(&self, name: &'n str, part: Part) -> Option<&'n str> {
        name.get(self.range(part)?)
    }

    /// Every part of the name.
    pub fn texts<'n>(&self, name: &'n str) -> Vec<PartText<'n>> {
        let text = |(part, range): &(Part, Range<usize>)| {
            Some(PartText { part: *part, text: name.get(range.clone())? })
        };
        self.parts.iter().filter_map(text).collect()
    }
}

/// Where one can be behind a state without a character.
#[derive(Debug, Clone, Default)]
pub(super) struct Behind {
    /// States that take the next character.
    pub(super) takes: Vec<StateId>,
    /// Whether a name may end there.
    pub(super) ends: bool,
}

/// The automaton of a grammar, every state with the piece that it belongs to.
#[derive(Debug)]
pub(super) struct Layers<'g> {
    leaves: Vec<Leaf<'g>>,
    pub(super) automaton: Automaton,
    pieces: Vec<usize>,
}

impl<'g> Layers<'g> {
    pub(super) fn new(grammar: &'g NamingGrammar) -> Self {
        let leaves = grammar.leaves();
        let (automaton, pieces) = build(&leaves);
        Self { leaves, automaton, pieces }
    }

    /// The number of the piece that a state belongs to.
    pub(super) fn piece(&self, id: StateId) -> usize {
        self.pieces.get(id).copied().unwrap_or(usize::MAX)
    }

    /// The piece that a state belongs to.
    pub(super) fn leaf(&self, id: StateId) -> Option<&Leaf<'g>> {
        self.leaves.get(self.piece(id))
    }

    /// The parts that a character belongs to which a state takes.
    pub(super) fn parts_of(&self, id: StateId) -> [Option<Part>; 2] {
        self.leaf(id).map_or([None; 2], |leaf| [leaf.outer, leaf.inner])
    }

    /// What is behind a state that takes a character, once it took one.
    pub(super) fn after(&self, id: StateId) -> Behind {
        match self.automaton.state(id) {
            State::Take(_, next) => self.behind(*next),
            _ => Behind::default(),
        }
    }

    /// What is behind a state.
    pub(super) fn behind(&self, id: StateId) -> Behind {
        let mut behind = Behind::default();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match self.automaton.state(id) {
                State::Accept => behind.ends = true,
                State::Take(..) => {
                    if !behind.takes.contains(&id) {
                        behind.takes.push(id);
                    }
                }
                State::Split(ways) => open.extend(ways.iter().rev()),
                State::Check(_, next) => open.push(*next),
            }
        }
        behind
    }

    /// Every reading of a name, up to [`READINGS`], each with its parts.
    pub(super) fn readings(&self, name: &str) -> Vec<Vec<(Part, Range<usize>)>> {
        let mut runs: Vec<(StateId, Vec<usize>)> = vec![];
        let starts = self.behind(self.automaton.start);
        runs.extend(starts.takes.iter().map(|&id| (id, Vec::new())));
        let mut done = Vec::new();
        for (at, c) in name.char_indices() {
            let is_last = at + c.len_utf8() == name.len();
            let mut next: Vec<(StateId, Vec<usize>)> = Vec::new();
            for (id, mut pieces) in runs {
                let Some(set) = self.automaton.set(id) else { continue };
                if !set.contains(u32::from(c)) {
                    continue;
                }
                pieces.push(self.piece(id));
                let behind = self.after(id);
                if is_last && behind.ends && !done.contains(&pieces) {
                    done.push(pieces.clone());
                }
                next.extend(behind.takes.iter().map(|&id| (id, pieces.clone())));
            }
            next.sort();
            next.dedup();
            next.truncate(READINGS);
            runs = next;
        }
        done.iter().map(|pieces| self.parts(name, pieces)).collect()
    }

    /// The parts of a name by the piece of each of its characters.
    fn parts(&self, name: &str, pieces: &[usize]) -> Vec<(Part, Range<usize>)> {
        let mut parts: Vec<(Part, Range<usize>)> = Vec::new();
        for ((at, c), piece) in name.char_indices().zip(pieces) {
            let Some(leaf) = self.leaves.get(*piece) else { continue };
            for part in leaf.outer.into_iter().chain(leaf.inner) {
                let end = at + c.len_utf8();
                match parts.iter_mut().find(|(known, _)| *known == part) {
                    Some((_, range)) => range.end = end,
                    None => parts.push((part, at..end)),
                }
            }
        }
        parts.sort_by_key(|(part, _)| *part);
        parts
    }
}

/// Reads names by a grammar; takes time linear in a name.
#[derive(Debug)]
pub struct GrammarReader<'g> {
    grammar: &'g NamingGrammar,
    layers: Layers<'g>,
    /// The round in which a state was last gone through.
    seen: Vec<u32>,
    round: u32,
}

/// How far a name can be read.
#[derive(Debug)]
pub(super) struct Reach {
    /// The byte at which no reading goes on; the name's length where it ends too early.
    pub(super) at: usize,
    /// States that wait there for a character.
    pub(super) waiting: Vec<StateId>,
    /// Whether the name could have ended there.
    pub(super) ends: bool,
}

impl<'g> GrammarReader<'g> {
    /// Prepares to read names.
    pub fn new(grammar: &'g NamingGrammar) -> Self {
        let layers = Layers::new(grammar);
        let seen = vec![0; layers.automaton.states.len()];
        Self { grammar, layers, seen, round: 0 }
    }

    /// The grammar.
    pub const fn grammar(&self) -> &'g NamingGrammar {
        self.grammar
    }

    /// The grammar's automaton.
    pub(in crate::mapping) const fn automaton(&self) -> &Automaton {
        &self.layers.automaton
    }

    pub(super) const fn layers(&self) -> &Layers<'g> {
        &self.layers
    }

    /// The parts of a name that obeys the grammar.
    pub fn read(&mut self, name: &str) -> Option<Read> {
        self.run(name).ok().map(|pieces| Read { parts: self.layers.parts(name, &pieces) })
    }

    /// Where a name stops that does not obey.
    pub(super) fn reach(&mut self, name: &str) -> Option<Reach> {
        self.run(name).err()
    }

    /// The piece of each character of a name, or how far it can be read.
    fn run(&mut self, name: &str) -> Result<Vec<usize>, Reach> {
        let mut steps: Vec<Vec<(StateId, usize)>> = Vec::new();
        let (mut waiting, mut ended) = self.closed(&[(self.layers.automaton.start, 0)]);
        for (at, c) in name.char_indices() {
            let mut taken: Vec<(StateId, usize)> = Vec::new();
            for (number, &(id, _)) in waiting.iter().enumerate() {
                let State::Take(set, next) = self.layers.automaton.state(id) else { continue };
                let set = self.layers.automaton.sets.get(*set);
                if set.is_some_and(|set| set.contains(u32::from(c))) {
                    taken.push((*next, number));
                }
            }
            if taken.is_empty() {
                let waiting = waiting.iter().map(|(id, _)| *id).collect();
                return Err(Reach { at, waiting, ends: ended.is_some() });
            }
            let (next, ends) = self.closed(&taken);
            steps.push(std::mem::replace(&mut waiting, next));
            ended = ends;
        }
        let Some(mut at) = ended else {
            let waiting = waiting.iter().map(|(id, _)| *id).collect();
            return Err(Reach { at: name.len(), waiting, ends: false });
        };
        let mut pieces = vec![0; steps.len()];
        for (step, piece) in steps.iter().zip(&mut pieces).rev() {
            let Some(&(id, from)) = step.get(at) else { break };
            (*piece, at) = (self.layers.piece(id), from);
        }
        Ok(pieces)
    }

    /// The states that wait for a character behind some others, each with where it comes from, and where an
    /// end comes from.
    fn closed(&mut self, from: &[(StateId, usize)]) -> (Vec<(StateId, usize)>, Option<usize>) {
        self.round += 1;
        let mut waiting = Vec::new();
        let mut ended = None;
        let mut open: Vec<(StateId, usize)> = from.iter().rev().copied().collect();
        while let Some((id, number)) = open.pop() {
            match self.seen.get_mut(id) {
                Some(seen) if *seen != self.round => *seen = self.round,
                _ => continue,
            }
            match self.layers.automaton.state(id) {
                State::Accept => ended = ended.or(Some(number)),
                State::Take(..) => waiting.push((id, number)),
                State::Split(ways) => open.extend(ways.iter().rev().map(|&id| (id, number))),
                State::Check(_, next) => open.push((*next, number)),
            }
        }
        (waiting, ended)
    }
}
