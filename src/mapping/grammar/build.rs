//! The automaton of a grammar, made from its pieces and from no pattern.

use super::words::{Class, Word, Words};
use super::{Leaf, Part, What};
use crate::mapping::analysis::automaton::{Automaton, Mark, State, StateId};
use crate::mapping::java::class::CharSet;

/// The automaton of some pieces one behind the other, and for each of its states the number of its piece.
pub(super) fn build(leaves: &[Leaf<'_>]) -> (Automaton, Vec<usize>) {
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
    (builder.made, builder.pieces)
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
