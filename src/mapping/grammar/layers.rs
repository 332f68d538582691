//! A grammar's automaton, and names read by it: the states that a name can be in, character by character.

use std::ops::Range;

use super::{Leaf, NamingGrammar, Part, What};
use crate::mapping::analysis::automaton::{Automaton, Mark, State, StateId};
use crate::mapping::grammar::words::{Class, Word, Words};
use crate::mapping::java::class::CharSet;

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
        let mut builder = Builder {
            made: Automaton {
                states: vec![State::Accept],
                marks: vec![Mark::default()],
                sets: Vec::new(),
                start: 0,
                holds_on: false,
            },
            pieces: vec![usize::MAX],
            piece: 0,
            mark: Mark::default(),
        };
        let mut next = 0;
        for (number, leaf) in leaves.iter().enumerate().rev() {
            builder.piece = number;
            builder.mark = Mark {
                role: leaf.outer == Some(Part::Role),
                account: leaf.outer == Some(Part::AccountId),
                ..Mark::default()
            };
            next = builder.leaf(leaf, next);
        }
        builder.made.start = next;
        Self { leaves, automaton: builder.made, pieces: builder.pieces }
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

struct Builder {
    made: Automaton,
    pieces: Vec<usize>,
    piece: usize,
    mark: Mark,
}

impl Builder {
    fn put(&mut self, state: State) -> StateId {
        self.made.states.push(state);
        self.made.marks.push(self.mark);
        self.pieces.push(self.piece);
        self.made.states.len() - 1
    }

    fn take(&mut self, set: &CharSet, next: StateId) -> StateId {
        let sets = &mut self.made.sets;
        let number = sets.iter().position(|known| known == set).unwrap_or_else(|| {
            sets.push(set.clone());
            sets.len() - 1
        });
        self.put(State::Take(number, next))
    }

    fn text(&mut self, text: &str, next: StateId) -> StateId {
        let letters = text.chars().rev();
        letters.fold(next, |next, c| self.take(&CharSet::single(u32::from(c)), next))
    }

    fn leaf(&mut self, leaf: &Leaf<'_>, next: StateId) -> StateId {
        match leaf.what {
            What::Text(text) => self.text(text, next),
            What::Words(Words::Twelve) => {
                let digits = CharSet::range(u32::from('0'), u32::from('9'));
                (0..12).fold(next, |next, _| self.take(&digits, next))
            }
            What::Words(Words::Ids(ids)) => {
                let mut words: Vec<Vec<char>> = ids.iter().map(|id| id.chars().collect()).collect();
                self.either(&mut words, next)
            }
            What::Words(Words::Any(class)) => {
                let (entry, _) = self.any(*class, next);
                entry
            }
            What::Words(Words::Listed(class, words)) => {
                let exact = words.iter().filter_map(Word::exact);
                let mut exact: Vec<Vec<char>> = exact.map(|word| word.chars().collect()).collect();
                let mut ways = Vec::new();
                if !exact.is_empty() {
                    ways.push(self.either(&mut exact, next));
                }
                let patterns = words.iter().filter(|word| word.exact().is_none());
                ways.extend(
                    patterns.map(|word| self.pattern(*class, word, next)).collect::<Vec<_>>(),
                );
                self.put(State::Split(ways))
            }
        }
    }

    /// One character of a class or more; where one more may be taken, and where one must.
    fn any(&mut self, class: Class, next: StateId) -> (StateId, StateId) {
        let choice = self.put(State::Split(Vec::new()));
        let taking = self.take(&class.set(), choice);
        if let Some(place) = self.made.states.get_mut(choice) {
            *place = State::Split(vec![taking, next]);
        }
        (taking, choice)
    }

    fn pattern(&mut self, class: Class, word: &Word, next: StateId) -> StateId {
        let mut pieces = word.0.iter().rev();
        let last = pieces.next().map_or("", String::as_str);
        let behind = self.text(last, next);
        pieces.fold(behind, |behind, piece| {
            let (_, choice) = self.any(class, behind);
            self.text(piece, choice)
        })
    }

    /// One of some words, which share the states of their beginnings.
    fn either(&mut self, words: &mut [Vec<char>], next: StateId) -> StateId {
        words.sort_unstable();
        let words: Vec<&[char]> = words.iter().map(Vec::as_slice).collect();
        self.branch(&words, next)
    }

    fn branch(&mut self, words: &[&[char]], next: StateId) -> StateId {
        let mut ways = Vec::new();
        let mut ends = false;
        for group in words.chunk_by(|a, b| a.first() == b.first()) {
            let Some(Some(&c)) = group.first().map(|word| word.first()) else {
                ends = true;
                continue;
            };
            let rest: Vec<&[char]> =
                group.iter().filter_map(|word| word.split_first().map(|(_, rest)| rest)).collect();
            let behind = self.branch(&rest, next);
            ways.push(self.take(&CharSet::single(u32::from(c)), behind));
        }
        if ends {
            ways.push(next);
        }
        match ways.as_slice() {
            [only] => *only,
            _ => self.put(State::Split(ways)),
        }
    }
}
