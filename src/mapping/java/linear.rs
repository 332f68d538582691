//! The linear engine: the reverse run of [`super::reverse`], over a table where one is not too large.

use std::sync::OnceLock;

use super::Pattern;
use super::alphabet::{Alphabet, Letter};
use super::first::taken_first_of;
use super::nfa::Nfa;
use super::reverse::{Config, HERE, REGISTERS, Reverse, Source, UNSET};
use super::table::Table;
use super::unicode;

/// Most work for a name without a table, in states looked at.
const WALK_LIMIT: usize = 20_000_000;
/// Most capturing groups; what has more goes to backtracking.
const GROUP_LIMIT: usize = 24;

/// A regular pattern ready to match.
#[derive(Debug)]
pub(super) struct Linear {
    nfa: Nfa,
    pub(super) alphabet: Alphabet,
    bail: Bail,
    find: OnceLock<Option<Table>>,
    full: OnceLock<Option<Table>>,
}

/// Names this engine leaves to backtracking.
#[derive(Debug, Clone, Copy)]
struct Bail {
    /// Any character beyond ASCII: `\b` looks far there, and Java releases differ.
    wide: bool,
    /// Astral characters, in a search: Java may begin in the middle of one.
    astral: bool,
    /// Characters whose properties differ between Java releases.
    young: bool,
}

/// What the engine says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Matched; the slots are in memory.
    Match,
    /// Did not match.
    NoMatch,
    /// Left to backtracking.
    Bail,
    /// Too much work for one name.
    TooMuch,
}

/// Scratch memory of the engine.
#[derive(Debug)]
pub(super) struct Slots {
    registers: [u32; REGISTERS],
    found: [u32; REGISTERS],
}

/// In `found`: no value.
pub(super) const NONE: u32 = u32::MAX;

impl Default for Slots {
    fn default() -> Self {
        Self { registers: [0; REGISTERS], found: [NONE; REGISTERS] }
    }
}

impl Slots {
    /// The start and end of a group, in bytes, after a match.
    #[inline]
    pub(super) fn group(&self, index: usize) -> Option<(usize, usize)> {
        let slot = |i: usize| self.found.get(i).filter(|&&at| at != NONE).map(|&at| at as usize);
        Some((slot(2 * index)?, slot(2 * index + 1)?))
    }

    pub(super) fn keep(&mut self, sources: &[Source], here: u32) {
        for (place, &source) in self.found.iter_mut().zip(sources) {
            *place = match source {
                UNSET => NONE,
                HERE => here,
                register => self.registers.get(usize::from(register)).copied().unwrap_or(NONE),
            };
        }
        if let Some(start) = self.found.first_mut() {
            *start = here;
        }
    }

    pub(super) fn shift(&mut self, moves: &[(Source, Source)]) {
        for &(to, from) in moves {
            let value = self.registers.get(usize::from(from)).copied().unwrap_or(NONE);
            self.set(to, value);
        }
    }

    pub(super) fn set(&mut self, register: Source, value: u32) {
        if let Some(place) = self.registers.get_mut(usize::from(register)) {
            *place = value;
        }
    }
}

impl Linear {
    /// Prepares a pattern; `None` when it is not regular in Java's hands, or too large.
    pub(super) fn new(pattern: &Pattern) -> Option<Self> {
        if pattern.group_count() > GROUP_LIMIT {
            return None;
        }
        let nfa = Nfa::new(pattern)?;
        let alphabet = Alphabet::new(&nfa)?;
        let (first, may_be_empty) = taken_first_of(pattern);
        let splits = may_be_empty || first.ranges().iter().any(|r| r.0 < 0xE000 && r.1 >= 0xDC00);
        let bail = Bail {
            wide: pattern.uses_word_boundary(),
            astral: splits && !pattern.traits().steps_by_code_point,
            young: pattern.traits().unicode_tables,
        };
        Some(Self { nfa, alphabet, bail, find: OnceLock::new(), full: OnceLock::new() })
    }

    /// Matches a name.
    pub(super) fn run(&self, slots: &mut Slots, name: &str, full: bool) -> Verdict {
        let cell = if full { &self.full } else { &self.find };
        let reverse = Reverse { nfa: &self.nfa, alphabet: &self.alphabet, full };
        if u32::try_from(name.len()).is_err() {
            return Verdict::Bail;
        }
        match cell.get_or_init(|| Table::new(&reverse)) {
            Some(table) => table.run(self, slots, name, full),
            None => self.walk(&reverse, slots, name),
        }
    }

    /// Matches a name without a table.
    #[cfg(test)]
    pub(super) fn walk_only(&self, slots: &mut Slots, name: &str, full: bool) -> Verdict {
        self.walk(&Reverse { nfa: &self.nfa, alphabet: &self.alphabet, full }, slots, name)
    }

    /// The letter of a character beyond ASCII; `None` when the name is left to backtracking.
    #[cold]
    pub(super) fn wide_letter(&self, c: char, full: bool) -> Option<Letter> {
        let point = u32::from(c);
        let bails = self.bail.wide
            || (self.bail.astral && !full && point > 0xFFFF)
            || (self.bail.young && unicode::contested().contains(point));
        (!bails).then(|| self.alphabet.letter(point))
    }

    /// Matches without a table, for patterns whose table would be too large: the same steps,
    /// worked out for each character anew.
    fn walk(&self, reverse: &Reverse<'_>, slots: &mut Slots, name: &str) -> Verdict {
        if name.len().saturating_mul(self.nfa.states.len()) > WALK_LIMIT {
            return Verdict::TooMuch;
        }
        let mut config = Config::initial();
        let mut matched = false;
        let fronts = name.char_indices().rev().map(|(at, c)| (at + c.len_utf8(), Some(c)));
        for (at, front) in fronts.chain([(0, None)]) {
            let letter = match front {
                Some(c) if !c.is_ascii() => match self.wide_letter(c, reverse.full) {
                    Some(letter) => Some(letter),
                    None => return Verdict::Bail,
                },
                other => other.map(|c| self.alphabet.letter(u32::from(c))),
            };
            let Some(step) = reverse.step(&config, letter) else { return Verdict::Bail };
            let here = u32::try_from(at).unwrap_or(NONE);
            if let Some(found) = &step.found {
                slots.keep(found, here);
                matched = true;
            }
            slots.shift(&step.moves);
            slots.set(step.here, here);
            config = step.next;
        }
        if matched { Verdict::Match } else { Verdict::NoMatch }
    }
}
