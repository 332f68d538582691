//! The reverse run of [`super::reverse`], worked out beforehand as a table, so that a byte of a name
//! costs one look-up.

use rustc_hash::FxHashMap;

use super::alphabet::{Alphabet, Letter};
use super::linear::{Linear, NONE, Slots, Verdict};
use super::reverse::{Config, NOBODY, REGISTERS, Reverse, Source, Step};

/// Most entries of a table: 1 MiB of them.
const ENTRY_LIMIT: usize = 1 << 18;
/// Most states that have a row by byte: 512 KiB of them.
const BYTE_ROWS: usize = 512;
/// Most work for a table, in states looked at.
const BUILD_LIMIT: usize = 20_000_000;

/// From here on, an entry is not the next state but counts the special ones.
const SPECIAL: u32 = 1 << 31;
/// In a row by byte: part of a character beyond ASCII, whose letter is worked out.
const WIDE: u32 = u32::MAX;

/// The reverse run as a table.
#[derive(Debug)]
pub(super) struct Table {
    /// For each state and letter, the next state, or a special entry.
    entries: Vec<u32>,
    /// For each state, its entries by the byte of a name; empty where there are too many states.
    by_byte: Vec<[u32; 256]>,
    specials: Vec<Special>,
    /// For each state, the slots of a match that starts at the start of the name.
    starts: Vec<Option<Box<[Source]>>>,
    letters: usize,
}

/// An entry that does more than lead to the next state.
#[derive(Debug)]
struct Special {
    state: u32,
    here: Source,
    moves: Box<[(Source, Source)]>,
    found: Option<Box<[Source]>>,
    /// Nothing can match from here on.
    dead: bool,
}

impl Table {
    /// Works the run out; `None` where the table would be too large.
    pub(super) fn new(reverse: &Reverse<'_>) -> Option<Self> {
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
        Some(builder.finish(reverse.alphabet))
    }

    /// Matches a name.
    pub(super) fn run(
        &self,
        linear: &Linear,
        slots: &mut Slots,
        name: &str,
        full: bool,
    ) -> Verdict {
        let ascii = linear.alphabet.ascii();
        let mut run = Run { state: 0, at: name.len(), matched: false };
        loop {
            self.plain_steps(name.as_bytes(), &mut run);
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
        if let Some(Some(found)) = self.starts.get(run.state as usize) {
            slots.keep(found, 0);
            run.matched = true;
        }
        run.verdict()
    }

    /// Goes on as long as bytes only lead to the next state.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "any byte is an index of a row")]
    fn plain_steps(&self, bytes: &[u8], run: &mut Run) {
        let mut front = bytes.get(..run.at).unwrap_or_default();
        while let Some(row) = self.by_byte.get(run.state as usize) {
            // Most bytes lead back to the state itself: a loop of its own, in which no look-up
            // waits for the one before.
            let next = loop {
                let Some((&byte, rest)) = front.split_last() else { break WIDE };
                let next = row[usize::from(byte)];
                if next != run.state {
                    break next;
                }
                front = rest;
            };
            if next >= SPECIAL {
                break;
            }
            run.state = next;
            front = front.get(..front.len() - 1).unwrap_or_default();
        }
        run.at = front.len();
    }

    /// Goes over one place, with all there is to do there.
    fn step(&self, letter: Letter, slots: &mut Slots, run: &mut Run) -> Ahead {
        let at = run.state as usize * self.letters + usize::from(letter);
        let entry = self.entries.get(at).copied().unwrap_or(0);
        let Some(special) = entry.checked_sub(SPECIAL).and_then(|i| self.specials.get(i as usize))
        else {
            run.state = entry;
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
        run.state = special.state;
        Ahead::More
    }
}

/// Where a run over a name is.
#[derive(Debug)]
struct Run {
    state: u32,
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

    fn finish(self, alphabet: &Alphabet) -> Table {
        let letters = alphabet.len();
        let live = self.live(letters);
        let mut entries = Vec::with_capacity(self.steps.len());
        let mut specials = Vec::new();
        for (state, step) in self.steps {
            let dead = live.get(state as usize) != Some(&true);
            let still = step.moves.is_empty() && step.here == NOBODY && step.found.is_none();
            if still && !dead {
                entries.push(state);
                continue;
            }
            entries.push(SPECIAL | u32::try_from(specials.len()).unwrap_or(0));
            specials.push(Special {
                state,
                here: step.here,
                moves: step.moves.into_boxed_slice(),
                found: step.found.map(Vec::into_boxed_slice),
                dead,
            });
        }
        let by_byte = rows_by_byte(&entries, alphabet);
        Table { entries, by_byte, specials, starts: self.starts, letters }
    }
}

/// The entries of each state by the byte of a name, where there are not too many states.
fn rows_by_byte(entries: &[u32], alphabet: &Alphabet) -> Vec<[u32; 256]> {
    let states = entries.chunks_exact(alphabet.len());
    if states.len() > BYTE_ROWS {
        return Vec::new();
    }
    let row = |state: &[u32]| {
        let mut row = [WIDE; 256];
        for (place, &letter) in row.iter_mut().zip(alphabet.ascii()) {
            *place = state.get(usize::from(letter)).copied().unwrap_or(WIDE);
        }
        row
    };
    states.map(row).collect()
}

const _: () = assert!((NOBODY as usize) < REGISTERS && ENTRY_LIMIT < SPECIAL as usize);
