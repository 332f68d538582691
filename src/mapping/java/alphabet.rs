//! Code points that no part of an automaton tells apart, taken as one letter.

use super::ast::Assertion;
use super::class::{CharSet, MAX_CODE_POINT};
use super::nfa::{Condition, Nfa};

/// A letter: a class of code points.
pub(super) type Letter = u8;

/// What conditions want to know about a code point.
pub(super) type Features = u32;

/// `\n`.
pub(super) const LINE_FEED: Features = 1;
/// `\r`.
pub(super) const CARRIAGE_RETURN: Features = 1 << 1;
/// U+0085, U+2028, U+2029.
pub(super) const OTHER_LINE_END: Features = 1 << 2;
/// ASCII letters, digits and `_`.
pub(super) const WORD: Features = 1 << 3;
const FIRST_SET: u32 = 4;

/// The letters of an automaton.
#[derive(Debug, Clone)]
pub(super) struct Alphabet {
    ascii: [Letter; 128],
    /// First code point of each stretch of one letter, from U+0080 on.
    wide: Vec<(u32, Letter)>,
    /// For each letter, the numbers of the sets that have it.
    sets: Vec<Vec<bool>>,
    features: Vec<Features>,
}

impl Alphabet {
    /// The letters of an automaton; `None` when there are more than 255.
    pub(super) fn new(nfa: &Nfa) -> Option<Self> {
        let told_apart = told_apart(nfa)?;
        let mut starts: Vec<u32> = vec![0, 128];
        let sets = nfa.sets.iter().chain(told_apart.iter().map(|(set, _)| set));
        for (first, last) in sets.flat_map(|set| set.ranges().iter().copied()) {
            starts.extend([first, last + 1]);
        }
        starts.retain(|&start| start <= MAX_CODE_POINT);
        starts.sort_unstable();
        starts.dedup();
        let mut letters =
            Self { ascii: [0; 128], wide: Vec::new(), sets: Vec::new(), features: Vec::new() };
        for (i, &start) in starts.iter().enumerate() {
            let members: Vec<bool> = nfa.sets.iter().map(|set| set.contains(start)).collect();
            let features = told_apart
                .iter()
                .filter(|(set, _)| set.contains(start))
                .fold(0, |features, (_, bit)| features | bit);
            let letter = letters.letter_of(members, features)?;
            let end = starts.get(i + 1).copied().unwrap_or(MAX_CODE_POINT + 1);
            for point in start..end.min(128) {
                if let Some(place) = letters.ascii.get_mut(point as usize) {
                    *place = letter;
                }
            }
            if start >= 128 {
                letters.wide.push((start, letter));
            }
        }
        Some(letters)
    }

    fn letter_of(&mut self, members: Vec<bool>, features: Features) -> Option<Letter> {
        let known = self.sets.iter().zip(&self.features);
        let found = known.enumerate().find(|(_, known)| *known == (&members, &features));
        if let Some((index, _)) = found {
            return Letter::try_from(index).ok();
        }
        self.sets.push(members);
        self.features.push(features);
        Letter::try_from(self.sets.len() - 1).ok()
    }

    /// Number of letters.
    pub(super) fn len(&self) -> usize {
        self.sets.len()
    }

    /// The letters of the ASCII characters.
    pub(super) fn ascii(&self) -> &[Letter; 128] {
        &self.ascii
    }

    /// The letter of a code point.
    pub(super) fn letter(&self, point: u32) -> Letter {
        if let Some(&letter) = self.ascii.get(point as usize) {
            return letter;
        }
        let after = self.wide.partition_point(|&(start, _)| start <= point);
        after.checked_sub(1).and_then(|i| self.wide.get(i)).map_or(0, |&(_, letter)| letter)
    }

    /// Whether the set with this number has the letter.
    pub(super) fn has(&self, letter: Letter, set: usize) -> bool {
        self.sets.get(usize::from(letter)).and_then(|sets| sets.get(set)).copied().unwrap_or(false)
    }

    /// What conditions want to know about the letter; nothing the automaton does not ask for.
    pub(super) fn features(&self, letter: Letter) -> Features {
        self.features.get(usize::from(letter)).copied().unwrap_or(0)
    }
}

/// The bit that stands for "is in the set with this number".
pub(super) fn set_bit(set: usize) -> Features {
    u32::try_from(set).ok().and_then(|set| 1_u32.checked_shl(FIRST_SET + set)).unwrap_or(0)
}

/// The sets the automaton's conditions ask for, with their bits; `None` when there are too many.
fn told_apart(nfa: &Nfa) -> Option<Vec<(CharSet, Features)>> {
    let mut told = Vec::new();
    for condition in nfa.conditions() {
        match condition {
            Condition::NotNext(set) => {
                let bit = set_bit(set);
                let members = nfa.sets.get(set).filter(|_| bit != 0)?;
                told.push((members.clone(), bit));
            }
            Condition::Written(Assertion::WordBoundary { .. }) => {
                told.push((super::property::word(false).set, WORD));
            }
            Condition::Written(
                Assertion::Dollar { .. } | Assertion::LineBegin { .. } | Assertion::LineEnd { .. },
            ) => {
                let other = CharSet::from_ranges(vec![(0x85, 0x85), (0x2028, 0x2029)]);
                told.push((CharSet::single(0x0A), LINE_FEED));
                told.push((CharSet::single(0x0D), CARRIAGE_RETURN));
                told.push((other, OTHER_LINE_END));
            }
            Condition::Written(_) => {}
        }
    }
    told.sort();
    told.dedup();
    Some(told)
}
