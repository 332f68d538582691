//! A pattern ready to match: picks the engine, and says so where none can decide.

use std::ops::Range;

use super::Pattern;
use super::backtrack::{Machine, Memory, Mode, OutOfSteps, Slot};
use super::first::{First, first_of};
use super::grapheme;
use super::linear::{Linear, Slots, Verdict};
use super::program::Program;
use super::unicode;
use crate::mapping::group_filter::{Engine, Undecided};

/// What matching a name gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Matched; the groups are in memory.
    Match,
    /// Did not match.
    NoMatch,
    /// It cannot be said.
    Undecided(Undecided),
}

/// A pattern ready to match.
#[derive(Debug)]
pub(crate) struct Matcher {
    pattern: Pattern,
    program: Program,
    linear: Option<Linear>,
    first: First,
    has_letter_boundary: bool,
    has_clusters: bool,
}

/// Scratch memory of a matcher.
#[derive(Debug, Default)]
pub(crate) struct MatcherMemory {
    backtrack: Memory,
    slots: Slots,
    groups: Vec<Option<(usize, usize)>>,
    /// Number of groups that are in `slots` instead, the whole match counted.
    in_slots: usize,
}

impl MatcherMemory {
    /// The bytes of a group in the last match.
    #[inline]
    pub(crate) fn group(&self, index: usize) -> Option<Range<usize>> {
        let bytes = if index < self.in_slots {
            self.slots.group(index)
        } else {
            self.groups.get(index).copied().flatten()
        };
        bytes.map(|(start, end)| start..end)
    }
}

impl Matcher {
    /// Prepares a pattern.
    pub(crate) fn new(pattern: Pattern) -> Self {
        let program = Program::new(&pattern);
        let linear = Linear::new(&pattern);
        let first = first_of(&pattern);
        let has_clusters = pattern.uses_clusters();
        let has_letter_boundary = pattern.uses_letter_boundary();
        Self { pattern, program, linear, first, has_letter_boundary, has_clusters }
    }

    /// The pattern.
    pub(crate) fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// The engine names are given to.
    pub(crate) fn engine(&self) -> Engine {
        match self.pattern.traits().undecidable {
            Some(reason) => Engine::Undecidable(reason),
            None if self.linear.is_some() => Engine::Linear,
            None => Engine::Backtracking,
        }
    }

    /// Matches a name, as a whole or any part of it.
    pub(crate) fn run(&self, memory: &mut MatcherMemory, name: &str, full: bool) -> Outcome {
        memory.groups.clear();
        memory.in_slots = 0;
        if let Some(reason) = self.pattern.traits().undecidable {
            return Outcome::Undecided(Undecided::Pattern(reason));
        }
        let Some(linear) = &self.linear else { return self.backtrack(memory, name, full) };
        match linear.run(&mut memory.slots, name, full) {
            Verdict::Bail => self.backtrack(memory, name, full),
            Verdict::NoMatch => Outcome::NoMatch,
            Verdict::TooMuch => Outcome::Undecided(Undecided::Steps),
            Verdict::Match => {
                memory.in_slots = self.pattern.group_count() + 1;
                Outcome::Match
            }
        }
    }

    /// Matches by backtracking.
    pub(crate) fn backtrack(&self, memory: &mut MatcherMemory, name: &str, full: bool) -> Outcome {
        let plain = name.is_ascii();
        if !plain
            && self.pattern.traits().unicode_tables
            && name.chars().any(|c| unicode::contested().contains(u32::from(c)))
        {
            let reason = "Java releases differ on the properties of a character in the name";
            return Outcome::Undecided(Undecided::Releases(reason));
        }
        if !plain && self.has_clusters && !name.chars().all(|c| grapheme::is_plain(u32::from(c))) {
            let reason = "grapheme clusters of such characters are not modelled";
            return Outcome::Undecided(Undecided::Pattern(reason));
        }
        memory.backtrack.text.load(name);
        let outcome = self.search(memory, Mode { full, ascii_boundary: false });
        if plain || !self.has_letter_boundary || matches!(outcome, Outcome::Undecided(_)) {
            return outcome;
        }
        let before = memory.groups.clone();
        if self.search(memory, Mode { full, ascii_boundary: true }) == outcome
            && memory.groups == before
        {
            return outcome;
        }
        let reason = "Java releases differ on `\\b` beside letters beyond ASCII";
        Outcome::Undecided(Undecided::Releases(reason))
    }

    fn search(&self, memory: &mut MatcherMemory, mode: Mode) -> Outcome {
        match self.find(&mut memory.backtrack, mode) {
            Err(OutOfSteps) => Outcome::Undecided(Undecided::Steps),
            Ok(false) => {
                memory.groups.clear();
                Outcome::NoMatch
            }
            Ok(true) => keep_groups(memory),
        }
    }

    fn find(&self, memory: &mut Memory, mode: Mode) -> Result<bool, OutOfSteps> {
        let len = memory.text.len();
        let by_point = self.pattern.traits().steps_by_code_point;
        let mut machine = Machine::new(&self.program, memory, mode);
        if mode.full || matches!(self.first, First::Start) {
            return machine.match_at(0);
        }
        let mut at = 0;
        while at <= len {
            let here = machine.text().point_at(at);
            let possible = match &self.first {
                First::Before(set) => here.is_some_and(|(point, _)| set.contains(point)),
                First::Start | First::Anywhere => true,
            };
            if possible && machine.match_at(at)? {
                return Ok(true);
            }
            at = here.filter(|_| by_point).map_or(at + 1, |(_, end)| end);
        }
        Ok(false)
    }
}

/// Turns the groups from UTF-16 units to bytes.
fn keep_groups(memory: &mut MatcherMemory) -> Outcome {
    memory.groups.clear();
    for &slot in &memory.backtrack.groups {
        let bytes = match slot {
            None => None,
            Some(slot) => match to_bytes(memory, slot) {
                None => return Outcome::Undecided(Undecided::SplitCharacter),
                bytes => bytes,
            },
        };
        memory.groups.push(bytes);
    }
    Outcome::Match
}

fn to_bytes(memory: &MatcherMemory, slot: (usize, usize)) -> Slot {
    let text = &memory.backtrack.text;
    Some((text.byte(slot.0)?, text.byte(slot.1)?))
}
