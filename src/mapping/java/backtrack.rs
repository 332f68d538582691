//! Backtracking, node for node as Java does it: the path for what no automaton can decide
//! (look-around, back-references, possessive and atomic parts, Java's own ways with repeated
//! groups). Its work is bounded, and it keeps its own stack.

mod reference;
mod rounds;

use rustc_hash::FxHashSet;

use super::ast::{Assertion, RepeatMode};
use super::boundary;
use super::class::CharSet;
use super::grapheme;
use super::program::{Inst, Pc, Program};
use super::text::Text;

/// Most steps for one name.
pub(super) const STEP_LIMIT: u32 = 100_000;

/// The steps allowed for one name are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutOfSteps;

type Steps<T> = Result<T, OutOfSteps>;

/// A group's start and end, in UTF-16 units.
pub(super) type Slot = Option<(usize, usize)>;

/// What is to be done on the way back.
#[derive(Debug, Clone, Copy)]
enum Frame {
    /// Go on here.
    Choice { pc: Pc, at: usize },
    /// Give back one code point of a greedy set, down to `low`.
    GiveBack { pc: Pc, at: usize, low: usize },
    /// Restore a local, whether what follows matched or not.
    Local { index: usize, old: usize },
    /// Restore a local when what follows did not match.
    LocalOnFailure { index: usize, old: usize },
    /// Restore a loop's count when a further round did not match, and remember the place.
    RoundFailed { begin: usize, count: usize, old: usize, at: usize },
    /// Restore a group when what follows did not match.
    GroupOnFailure { group: usize, old: Slot },
    /// Set a group when what follows matched.
    GroupOnSuccess { group: usize, slot: Slot },
    /// Give back rounds of a repeated atom.
    Rounds(Rounds),
    /// Take one more round of a lazily repeated atom.
    LazyRound { pc: Pc, at: usize, done: u32 },
    /// Try the atom of a lazy optional.
    LazyOptional { pc: Pc, at: usize },
}

/// Rounds of a repeated atom that took `length` units each.
#[derive(Debug, Clone, Copy)]
struct Rounds {
    pc: Pc,
    at: usize,
    length: usize,
    /// Rounds that can be given back.
    left: u32,
    /// Nothing was tried yet behind the last round.
    untried: bool,
    /// The capture before the first of these rounds.
    before: Slot,
}

/// What one instruction leads to.
enum Flow {
    Goto(Pc, usize),
    Fail,
    Accept(usize),
}

/// Memory of the engine, kept between names.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) text: Text,
    stack: Vec<Frame>,
    locals: Vec<usize>,
    pub(super) groups: Vec<Slot>,
    /// Loops (by the local of their start) and places where a further round failed.
    failed: FxHashSet<(usize, usize)>,
}

/// How to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mode {
    /// The whole text has to match.
    pub(super) full: bool,
    /// `\b` as Java 19 and later have it: ASCII word characters.
    pub(super) ascii_boundary: bool,
}

/// One run of a program over a text.
pub(super) struct Machine<'m> {
    program: &'m Program,
    memory: &'m mut Memory,
    steps: u32,
    mode: Mode,
    behind_end: usize,
}

impl<'m> Machine<'m> {
    /// A machine over the text in `memory`, with all steps left and no group set.
    pub(super) fn new(program: &'m Program, memory: &'m mut Memory, mode: Mode) -> Self {
        memory.locals.clear();
        memory.locals.resize(program.locals, usize::MAX);
        memory.failed.clear();
        memory.groups.clear();
        memory.groups.resize(program.groups + 1, None);
        Self { program, memory, steps: 0, mode, behind_end: 0 }
    }

    /// The text.
    pub(super) fn text(&self) -> &Text {
        &self.memory.text
    }

    /// Matches from `start` on; group 0 and the others are then in memory. What an attempt that
    /// failed left in the groups stays, as in Java.
    pub(super) fn match_at(&mut self, start: usize) -> Steps<bool> {
        self.memory.stack.clear();
        let end = self.run(0, start)?;
        if let (Some(end), Some(whole)) = (end, self.memory.groups.first_mut()) {
            *whole = Some((start, end));
        }
        Ok(end.is_some())
    }

    /// Runs from `pc` to the end of its (sub-)program. Nests as deep as atoms nest in the pattern.
    fn run(&mut self, pc: Pc, at: usize) -> Steps<Option<usize>> {
        let base = self.memory.stack.len();
        let mut flow = Flow::Goto(pc, at);
        loop {
            flow = match flow {
                Flow::Goto(pc, at) => {
                    self.steps += 1;
                    if self.steps > STEP_LIMIT {
                        return Err(OutOfSteps);
                    }
                    self.step(pc, at)?
                }
                Flow::Accept(at) => {
                    self.succeed(base);
                    return Ok(Some(at));
                }
                Flow::Fail => {
                    if self.memory.stack.len() == base {
                        return Ok(None);
                    }
                    match self.memory.stack.pop() {
                        Some(frame) => self.retry(frame)?,
                        None => return Ok(None),
                    }
                }
            }
        }
    }

    /// What Java does while its nodes return `true`.
    fn succeed(&mut self, base: usize) {
        while self.memory.stack.len() > base {
            match self.memory.stack.pop() {
                Some(Frame::Local { index, old }) => self.set_local(index, old),
                Some(Frame::GroupOnSuccess { group, slot }) => self.set_group(group, slot),
                _ => {}
            }
        }
    }

    fn step(&mut self, pc: Pc, at: usize) -> Steps<Flow> {
        let program = self.program;
        let Some(inst) = program.code.get(pc) else { return Ok(Flow::Fail) };
        Ok(match inst {
            Inst::Set(set) => match self.memory.text.point_at(at) {
                Some((point, end)) if set.contains(point) => Flow::Goto(pc + 1, end),
                _ => Flow::Fail,
            },
            Inst::Assert(assertion) => when(self.holds(*assertion, at), pc + 1, at),
            Inst::LineEnding => self.line_ending(pc + 1, at),
            Inst::Grapheme => match grapheme::cluster_end(&self.memory.text, at) {
                Some(end) => Flow::Goto(pc + 1, end),
                None => Flow::Fail,
            },
            Inst::Jump(to) => Flow::Goto(*to, at),
            Inst::Split(first, second) => {
                self.push(Frame::Choice { pc: *second, at });
                Flow::Goto(*first, at)
            }
            Inst::GroupStart { local } => {
                let old = self.local(*local);
                self.push(Frame::Local { index: *local, old });
                self.set_local(*local, at);
                Flow::Goto(pc + 1, at)
            }
            Inst::GroupEnd { local, group } => {
                let old = self.group(*group);
                self.push(Frame::GroupOnFailure { group: *group, old });
                self.set_group(*group, Some((self.local(*local), at)));
                Flow::Goto(pc + 1, at)
            }
            Inst::GreedySet { set, min } => self.greedy_set(set, *min, pc + 1, at)?,
            Inst::Curly { body, repeat, kind } => self.curly(pc, *body, *repeat, *kind, at)?,
            Inst::Optional { body, mode } => self.optional(pc, *body, *mode, at)?,
            Inst::LoopInit(round) => self.loop_init(*round, pc, at),
            Inst::LoopFirst(round) => {
                self.set_local(round.count, 1);
                Flow::Goto(round.body, at)
            }
            Inst::LoopNext(round) => self.loop_next(*round, pc, at),
            Inst::LoopMore(round) => self.loop_more(*round, at),
            Inst::Atomic { body } => match self.run(*body, at)? {
                Some(end) => Flow::Goto(pc + 1, end),
                None => Flow::Fail,
            },
            Inst::Ahead { body, negative } => {
                when(self.run(*body, at)?.is_some() != *negative, pc + 1, at)
            }
            Inst::Behind { body, negative, reach, by_code_point } => {
                let found = self.behind(*body, *reach, *by_code_point, at)?;
                when(found != *negative, pc + 1, at)
            }
            Inst::BackReference { group, case } => {
                self.back_reference(*group, *case, pc + 1, at)?
            }
            Inst::Accept => Flow::Accept(at),
            Inst::BehindEnd if at == self.behind_end => Flow::Accept(at),
            Inst::Match if !self.mode.full || at == self.memory.text.len() => Flow::Accept(at),
            Inst::BehindEnd | Inst::Match => Flow::Fail,
        })
    }

    fn retry(&mut self, frame: Frame) -> Steps<Flow> {
        Ok(match frame {
            Frame::Choice { pc, at } => Flow::Goto(pc, at),
            Frame::GiveBack { pc, at, low } => {
                let at =
                    self.memory.text.point_before(at).map_or(low, |(_, before)| before.max(low));
                if at > low {
                    self.push(Frame::GiveBack { pc, at, low });
                }
                Flow::Goto(pc, at)
            }
            Frame::Local { index, old } | Frame::LocalOnFailure { index, old } => {
                self.set_local(index, old);
                Flow::Fail
            }
            Frame::RoundFailed { begin, count, old, at } => {
                self.set_local(count, old);
                self.memory.failed.insert((begin, at));
                Flow::Fail
            }
            Frame::GroupOnFailure { group, old } => {
                self.set_group(group, old);
                Flow::Fail
            }
            Frame::GroupOnSuccess { .. } => Flow::Fail,
            Frame::Rounds(rounds) => self.give_back_round(rounds),
            Frame::LazyRound { pc, at, done } => self.lazy_round(pc, at, done)?,
            Frame::LazyOptional { pc, at } => match self.program.code.get(pc) {
                Some(&Inst::Optional { body, .. }) => match self.run(body, at)? {
                    Some(end) => Flow::Goto(pc + 1, end),
                    None => Flow::Fail,
                },
                _ => Flow::Fail,
            },
        })
    }

    fn push(&mut self, frame: Frame) {
        self.memory.stack.push(frame);
    }

    fn local(&self, index: usize) -> usize {
        self.memory.locals.get(index).copied().unwrap_or(usize::MAX)
    }

    fn set_local(&mut self, index: usize, value: usize) {
        if let Some(place) = self.memory.locals.get_mut(index) {
            *place = value;
        }
    }

    fn group(&self, index: usize) -> Slot {
        self.memory.groups.get(index).copied().flatten()
    }

    fn set_group(&mut self, index: usize, slot: Slot) {
        if let Some(place) = self.memory.groups.get_mut(index) {
            *place = slot;
        }
    }

    fn count(&mut self) -> Steps<()> {
        self.steps += 1;
        if self.steps > STEP_LIMIT { Err(OutOfSteps) } else { Ok(()) }
    }

    fn holds(&self, assertion: Assertion, at: usize) -> bool {
        boundary::holds(&self.memory.text, assertion, at, self.mode.ascii_boundary)
    }

    fn line_ending(&mut self, next: Pc, at: usize) -> Flow {
        match self.memory.text.unit(at) {
            _ if at >= self.memory.text.len() => Flow::Fail,
            0x0D if self.memory.text.unit(at + 1) == 0x0A => {
                self.push(Frame::Choice { pc: next, at: at + 1 });
                Flow::Goto(next, at + 2)
            }
            0x0A..=0x0D | 0x85 | 0x2028 | 0x2029 => Flow::Goto(next, at + 1),
            _ => Flow::Fail,
        }
    }

    fn greedy_set(&mut self, set: &CharSet, min: u32, next: Pc, start: usize) -> Steps<Flow> {
        let (mut at, mut done, mut low) = (start, 0, start);
        while let Some((point, end)) = self.memory.text.point_at(at)
            && set.contains(point)
        {
            self.count()?;
            at = end;
            done += 1;
            if done == min {
                low = at;
            }
        }
        if done < min {
            return Ok(Flow::Fail);
        }
        if at > low {
            self.push(Frame::GiveBack { pc: next, at, low });
        }
        Ok(Flow::Goto(next, at))
    }

    fn optional(&mut self, pc: Pc, body: Pc, mode: RepeatMode, at: usize) -> Steps<Flow> {
        if mode == RepeatMode::Lazy {
            self.push(Frame::LazyOptional { pc, at });
            return Ok(Flow::Goto(pc + 1, at));
        }
        let Some(end) = self.run(body, at)? else { return Ok(Flow::Goto(pc + 1, at)) };
        if mode == RepeatMode::Greedy {
            self.push(Frame::Choice { pc: pc + 1, at });
        }
        Ok(Flow::Goto(pc + 1, end))
    }
}

fn when(holds: bool, pc: Pc, at: usize) -> Flow {
    if holds { Flow::Goto(pc, at) } else { Flow::Fail }
}
