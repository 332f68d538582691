//! The linear engine: the reverse run of [`super::reverse`], worked out beforehand as a table, so
//! that a character of a name costs one look-up.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::Pattern;
use super::alphabet::{Alphabet, Letter};
use super::first::taken_first_of;
use super::nfa::Nfa;
use super::reverse::{Config, HERE, NOBODY, REGISTERS, Reverse, Source, Step, UNSET};
use super::unicode;

/// Most entries of a table: 1 MiB of them.
const ENTRY_LIMIT: usize = 1 << 18;
/// Most work for a table, in states looked at.
const BUILD_LIMIT: usize = 20_000_000;
/// Most work for a name without a table, in states looked at.
const WALK_LIMIT: usize = 20_000_000;
/// Most capturing groups; what has more goes to backtracking.
const GROUP_LIMIT: usize = 24;

/// From here on, an entry is not the row of the next state but counts the special ones.
const SPECIAL: u32 = 1 << 31;

/// A regular pattern ready to match.
#[derive(Debug)]
pub(super) struct Linear {
    nfa: Nfa,
    alphabet: Alphabet,
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
const NONE: u32 = u32::MAX;

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

    fn keep(&mut self, sources: &[Source], here: u32) {
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

    fn shift(&mut self, moves: &[(Source, Source)]) {
        for &(to, from) in moves {
            let value = self.registers.get(usize::from(from)).copied().unwrap_or(NONE);
            self.set(to, value);
        }
    }

    fn set(&mut self, register: Source, value: u32) {
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
    fn wide_letter(&self, c: char, full: bool) -> Option<Letter> {
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

/// The reverse run as a table.
#[derive(Debug)]
struct Table {
    /// For each state and letter, the row of the next state, or a special entry.
    entries: Vec<u32>,
    specials: Vec<Special>,
    /// For each state, the slots of a match that starts at the start of the name.
    starts: Vec<Option<Box<[Source]>>>,
    letters: usize,
}

/// An entry that does more than lead to the next state.
#[derive(Debug)]
struct Special {
    row: u32,
    here: Source,
    moves: Box<[(Source, Source)]>,
    found: Option<Box<[Source]>>,
    /// Nothing can match from here on.
    dead: bool,
}

impl Table {
    fn new(reverse: &Reverse<'_>) -> Option<Self> {
        let letters = reverse.alphabet.len();
        let mut builder = TableBuilder {
            known: FxHashMap::default(),
            configs: Vec::new(),
            steps: Vec::new(),
            starts: Vec::new(),
        };
        builder.number(Config::initial());
        let mut work = 0;
        while let Some(config) = builder.configs.get(builder.starts.len()).cloned() {
            work += (letters + 1) * reverse.nfa.states.len();
            if work > BUILD_LIMIT || builder.configs.len() * letters > ENTRY_LIMIT {
                return None;
            }
            for letter in 0..letters {
                let step = reverse.step(&config, Letter::try_from(letter).ok())?;
                let next = builder.number(step.next.clone());
                builder.steps.push((next, step));
            }
            builder.starts.push(reverse.step(&config, None)?.found.map(Vec::into_boxed_slice));
        }
        Some(builder.finish(letters))
    }

    fn run(&self, linear: &Linear, slots: &mut Slots, name: &str, full: bool) -> Verdict {
        let ascii = linear.alphabet.ascii();
        let mut run = Run { row: 0, at: name.len(), matched: false };
        loop {
            self.plain_steps(ascii, name.as_bytes(), &mut run);
            let Some(&byte) = run.at.checked_sub(1).and_then(|at| name.as_bytes().get(at)) else {
                break;
            };
            let (letter, before) = if let Some(&letter) = ascii.get(usize::from(byte)) {
                (letter, run.at - 1)
            } else {
                let c = name.get(..run.at).and_then(|front| front.chars().next_back());
                let Some(c) = c else { return Verdict::Bail };
                let Some(letter) = linear.wide_letter(c, full) else { return Verdict::Bail };
                (letter, run.at - c.len_utf8())
            };
            if self.step(letter, slots, &mut run) == Ahead::Nothing {
                return run.verdict();
            }
            run.at = before;
        }
        if let Some(Some(found)) = self.starts.get(run.row as usize / self.letters) {
            slots.keep(found, 0);
            run.matched = true;
        }
        run.verdict()
    }

    /// Goes on as long as characters are ASCII and only lead to the next state.
    #[expect(
        clippy::indexing_slicing,
        reason = "the hot loop: rows and letters are made by the builder, places are in the name"
    )]
    fn plain_steps(&self, ascii: &[Letter; 128], bytes: &[u8], run: &mut Run) {
        let (mut row, mut at) = (run.row, run.at.min(bytes.len()));
        'rows: while at > 0 {
            let entries = &self.entries[row as usize..row as usize + self.letters];
            // Most characters lead back to the state itself: a loop of its own, in which no
            // look-up waits for the one before.
            let next = loop {
                let Some(&letter) = ascii.get(usize::from(bytes[at - 1])) else { break 'rows };
                let next = entries[usize::from(letter)];
                if next != row {
                    break next;
                }
                at -= 1;
                if at == 0 {
                    break 'rows;
                }
            };
            if next >= SPECIAL {
                break;
            }
            row = next;
            at -= 1;
        }
        (run.row, run.at) = (row, at);
    }

    /// Goes over one place, with all there is to do there.
    fn step(&self, letter: Letter, slots: &mut Slots, run: &mut Run) -> Ahead {
        let entry = self.entries.get(run.row as usize + usize::from(letter)).copied().unwrap_or(0);
        let Some(special) = entry.checked_sub(SPECIAL).and_then(|i| self.specials.get(i as usize))
        else {
            run.row = entry;
            return Ahead::More;
        };
        let here = u32::try_from(run.at).unwrap_or(NONE);
        if let Some(found) = &special.found {
            slots.keep(found, here);
            run.matched = true;
        }
        if special.dead {
            return Ahead::Nothing;
        }
        slots.shift(&special.moves);
        slots.set(special.here, here);
        run.row = special.row;
        Ahead::More
    }
}

/// Where a run over a name is.
#[derive(Debug)]
struct Run {
    row: u32,
    at: usize,
    matched: bool,
}

impl Run {
    fn verdict(&self) -> Verdict {
        if self.matched { Verdict::Match } else { Verdict::NoMatch }
    }
}

/// Whether a match can still start further in front.
#[derive(Debug, PartialEq, Eq)]
enum Ahead {
    More,
    Nothing,
}

struct TableBuilder {
    known: FxHashMap<Config, u32>,
    configs: Vec<Config>,
    steps: Vec<(u32, Step)>,
    starts: Vec<Option<Box<[Source]>>>,
}

impl TableBuilder {
    fn number(&mut self, config: Config) -> u32 {
        let next = u32::try_from(self.configs.len()).unwrap_or(u32::MAX);
        *self.known.entry(config).or_insert_with_key(|config| {
            self.configs.push(config.clone());
            next
        })
    }

    /// The states from which a match can still start somewhere in front.
    fn live(&self, letters: usize) -> Vec<bool> {
        let mut live: Vec<bool> = self.starts.iter().map(Option::is_some).collect();
        loop {
            let mut grown = false;
            for (state, steps) in self.steps.chunks(letters).enumerate() {
                let leads = steps.iter().any(|(next, step)| {
                    step.found.is_some() || live.get(*next as usize) == Some(&true)
                });
                if let Some(place) = live.get_mut(state).filter(|place| leads && !**place) {
                    *place = true;
                    grown = true;
                }
            }
            if !grown {
                return live;
            }
        }
    }

    fn finish(self, letters: usize) -> Table {
        let live = self.live(letters);
        let stride = u32::try_from(letters).unwrap_or(u32::MAX);
        let mut entries = Vec::with_capacity(self.steps.len());
        let mut specials = Vec::new();
        for (next, step) in self.steps {
            let row = next * stride;
            let dead = live.get(next as usize) != Some(&true);
            let still = step.moves.is_empty() && step.here == NOBODY && step.found.is_none();
            if still && !dead {
                entries.push(row);
                continue;
            }
            entries.push(SPECIAL | u32::try_from(specials.len()).unwrap_or(0));
            specials.push(Special {
                row,
                here: step.here,
                moves: step.moves.into_boxed_slice(),
                found: step.found.map(Vec::into_boxed_slice),
                dead,
            });
        }
        Table { entries, specials, starts: self.starts, letters }
    }
}

const _: () = assert!((NOBODY as usize) < REGISTERS && ENTRY_LIMIT < SPECIAL as usize);
