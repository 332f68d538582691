//! The automaton run from the end of a name to its start.
//!
//! At every place it holds which states can still reach the end from there, and for each the
//! captures of the path Java would prefer: at a choice the first branch that reaches the end is
//! the one backtracking would find. So one pass decides the match and its captures, and nothing
//! is ever tried twice.

use super::alphabet::{
    Alphabet, CARRIAGE_RETURN, Features, LINE_FEED, Letter, OTHER_LINE_END, WORD, set_bit,
};
use super::ast::Assertion;
use super::nfa::{Condition, Nfa, State, StateId};

/// Where a slot's value is: a register's number, or one of the marks below.
pub(super) type Source = u8;
/// The slot has no value.
pub(super) const UNSET: Source = u8::MAX;
/// The value is the present place.
pub(super) const HERE: Source = u8::MAX - 1;
/// Number of registers; the last one takes what nobody reads.
pub(super) const REGISTERS: usize = 64;
/// The register nobody reads.
pub(super) const NOBODY: Source = 63;

/// A state that takes the character behind the present place, with its captures.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Item {
    state: StateId,
    slots: Vec<Source>,
}

/// What is known of the characters behind the present place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Behind {
    /// `None` at the end of the name.
    next: Option<Features>,
    /// Exactly one character is left.
    one_left: bool,
    /// Exactly `\r\n` is left.
    pair_left: bool,
}

/// What the run holds between two places.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Config {
    items: Vec<Item>,
    behind: Behind,
}

impl Config {
    /// What is held at the end of a name.
    pub(super) fn initial() -> Self {
        let behind = Behind { next: None, one_left: false, pair_left: false };
        Self { items: Vec::new(), behind }
    }
}

/// What one place gives.
#[derive(Debug)]
pub(super) struct Step {
    /// What is held at the place before.
    pub(super) next: Config,
    /// Register moves, destination first, to be done in this order.
    pub(super) moves: Vec<(Source, Source)>,
    /// The register to set to the present place.
    pub(super) here: Source,
    /// Where a match can start here, its slots (in the registers before the moves).
    pub(super) found: Option<Vec<Source>>,
}

/// The rules of the run.
#[derive(Debug)]
pub(super) struct Reverse<'a> {
    pub(super) nfa: &'a Nfa,
    pub(super) alphabet: &'a Alphabet,
    /// Whether the whole name has to match.
    pub(super) full: bool,
}

impl Reverse<'_> {
    /// Goes over one place with the letter in front of it (`None` at the start of the name).
    /// `None` when more registers are needed than there are.
    pub(super) fn step(&self, config: &Config, front: Option<Letter>) -> Option<Step> {
        let mut places = Places {
            reverse: self,
            config,
            front: front.map(|letter| self.alphabet.features(letter)),
            known: vec![Known::Not; self.nfa.states.len()],
        };
        let found = (front.is_none() || !self.full).then(|| places.best(self.nfa.start)).flatten();
        let Some(letter) = front else {
            let next = config.clone();
            return Some(Step { next, moves: Vec::new(), here: NOBODY, found });
        };
        let mut items = Vec::new();
        for (id, state) in (0..).zip(&self.nfa.states) {
            if let State::Set(set, next) = state
                && self.alphabet.has(letter, *set)
                && let Some(slots) = places.best(*next)
            {
                items.push(Item { state: id, slots });
            }
        }
        let (moves, here) = renumber(&mut items)?;
        let next = Config { items, behind: self.behind(config.behind, letter) };
        Some(Step { next, moves, here, found })
    }

    fn behind(&self, behind: Behind, letter: Letter) -> Behind {
        let features = self.alphabet.features(letter);
        // Only line ends are looked at from the end.
        let ends = features & (LINE_FEED | CARRIAGE_RETURN | OTHER_LINE_END) != 0;
        let feed_left = behind.one_left && behind.next.is_some_and(|next| next & LINE_FEED != 0);
        Behind {
            next: Some(features),
            one_left: behind.next.is_none() && ends,
            pair_left: feed_left && features & CARRIAGE_RETURN != 0,
        }
    }
}

/// The best paths from the states at one place.
struct Places<'a> {
    reverse: &'a Reverse<'a>,
    config: &'a Config,
    front: Option<Features>,
    known: Vec<Known>,
}

/// What is known of a state at one place.
#[derive(Debug, Clone)]
enum Known {
    Not,
    NoPath,
    Path(Vec<Source>),
}

impl Places<'_> {
    fn best(&mut self, id: StateId) -> Option<Vec<Source>> {
        match self.known.get(id as usize) {
            Some(Known::Path(slots)) => return Some(slots.clone()),
            Some(Known::NoPath) => return None,
            _ => {}
        }
        let nfa = self.reverse.nfa;
        let best = match nfa.states.get(id as usize)? {
            State::Match => {
                let ends = !self.reverse.full || self.config.behind.next.is_none();
                ends.then(|| vec![UNSET; nfa.slots])
            }
            State::Set(..) => self
                .config
                .items
                .binary_search_by_key(&id, |item| item.state)
                .ok()
                .and_then(|i| self.config.items.get(i))
                .map(|item| item.slots.clone()),
            State::Split(branches) => branches.iter().find_map(|&branch| self.best(branch)),
            State::Save(slot, next) => self.best(*next).map(|mut slots| {
                // A later round has the last word.
                if let Some(place) = slots.get_mut(*slot).filter(|place| **place == UNSET) {
                    *place = HERE;
                }
                slots
            }),
            State::Assert(condition, next) if self.holds(*condition) => self.best(*next),
            State::Assert(..) => None,
        };
        if let Some(place) = self.known.get_mut(id as usize) {
            *place = best.clone().map_or(Known::NoPath, Known::Path);
        }
        best
    }

    fn holds(&self, condition: Condition) -> bool {
        let Behind { next, one_left, pair_left } = self.config.behind;
        let assertion = match condition {
            Condition::NotNext(set) => return next.is_none_or(|next| next & set_bit(set) == 0),
            Condition::Written(assertion) => assertion,
        };
        let is = |features: Option<Features>, bits| features.is_some_and(|f| f & bits != 0);
        let line_end_next = |unix: bool| {
            let splits = is(self.front, CARRIAGE_RETURN);
            if unix {
                is(next, LINE_FEED)
            } else {
                is(next, CARRIAGE_RETURN | OTHER_LINE_END) || (is(next, LINE_FEED) && !splits)
            }
        };
        match assertion {
            Assertion::Begin => self.front.is_none(),
            Assertion::End => next.is_none(),
            Assertion::Dollar { unix } => {
                next.is_none() || (one_left && line_end_next(unix)) || (pair_left && !unix)
            }
            Assertion::LineEnd { unix } => next.is_none() || line_end_next(unix),
            Assertion::LineBegin { unix } => {
                next.is_some()
                    && match self.front {
                        None => true,
                        front if is(front, LINE_FEED) => true,
                        _ if unix => false,
                        front => {
                            is(front, OTHER_LINE_END)
                                || (is(front, CARRIAGE_RETURN) && !is(next, LINE_FEED))
                        }
                    }
            }
            Assertion::WordBoundary { negated, .. } => {
                (is(self.front, WORD) != is(next, WORD)) != negated
            }
            // Automata with `\b{g}` are not built.
            Assertion::GraphemeBoundary => false,
        }
    }
}

/// Gives the registers in use new numbers, in the old order, and the present place the last; a
/// value thus only ever moves down, and most often stays.
fn renumber(items: &mut [Item]) -> Option<(Vec<(Source, Source)>, Source)> {
    let mut used = [false; 256];
    for &source in items.iter().flat_map(|item| &item.slots) {
        if let Some(place) = used.get_mut(usize::from(source)) {
            *place = true;
        }
    }
    let mut names = [UNSET; 256];
    let mut moves = Vec::new();
    let mut count = 0;
    for source in (0..HERE).filter(|&source| used.get(usize::from(source)) == Some(&true)) {
        *names.get_mut(usize::from(source))? = count;
        if count != source {
            moves.push((count, source));
        }
        count += 1;
    }
    let set_here = used.get(usize::from(HERE)) == Some(&true);
    *names.get_mut(usize::from(HERE))? = count;
    if usize::from(count) + 1 >= REGISTERS {
        return None;
    }
    for source in items.iter_mut().flat_map(|item| &mut item.slots) {
        *source = names.get(usize::from(*source)).copied().unwrap_or(UNSET);
    }
    Some((moves, if set_here { count } else { NOBODY }))
}
