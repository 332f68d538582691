//! Backtracking, node for node as Java does it: the path for what no automaton can decide
//! (look-around, back-references, possessive and atomic parts, Java's own ways with repeated
//! groups). Its work is bounded, and it keeps its own stack.

use rustc_hash::FxHashSet;

use super::ast::{Assertion, Case, Repeat, RepeatMode};
use super::boundary;
use super::class::CharSet;
use super::program::{CurlyKind, Inst, Loop, Pc, Program};
use super::text::Text;
use super::unicode;

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
            // Patterns with `\X` are not given to this engine.
            Inst::Grapheme | Inst::BehindEnd | Inst::Match => Flow::Fail,
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

/// Repeated atoms: Java's `Curly` and `GroupCurly`.
impl Machine<'_> {
    fn curly(
        &mut self,
        pc: Pc,
        body: Pc,
        repeat: Repeat,
        kind: CurlyKind,
        start: usize,
    ) -> Steps<Flow> {
        let group = kind.group();
        if let Some(group) = group {
            self.push(Frame::GroupOnFailure { group, old: self.group(group) });
        }
        let mut at = start;
        for _ in 0..repeat.min {
            self.count()?;
            let Some(end) = self.run(body, at)? else { return Ok(Flow::Fail) };
            self.capture(group, at, end);
            if end == at && kind == CurlyKind::Atom {
                break;
            }
            at = end;
        }
        match repeat.mode {
            RepeatMode::Greedy => self.greedy_rounds(pc, body, repeat, group, at),
            RepeatMode::Lazy => {
                self.push(Frame::LazyRound { pc, at, done: repeat.min });
                Ok(Flow::Goto(pc + 1, at))
            }
            RepeatMode::Possessive => {
                let mut done = repeat.min;
                while repeat.max.is_none_or(|max| done < max) {
                    self.count()?;
                    let Some(end) = self.run(body, at)? else { break };
                    if end == at {
                        break;
                    }
                    at = end;
                    done += 1;
                }
                Ok(Flow::Goto(pc + 1, at))
            }
        }
    }

    fn capture(&mut self, group: Option<usize>, start: usize, end: usize) {
        if let Some(group) = group {
            self.set_group(group, Some((start, end)));
        }
    }

    /// As many rounds as there are. Rounds of one length are kept as a count; where the length
    /// changes, a new count starts.
    fn greedy_rounds(
        &mut self,
        pc: Pc,
        body: Pc,
        repeat: Repeat,
        group: Option<usize>,
        start: usize,
    ) -> Steps<Flow> {
        let (mut at, mut done) = (start, repeat.min);
        let more = |done: u32| repeat.max.is_none_or(|max| done < max);
        'lengths: loop {
            let before = group.and_then(|g| self.group(g));
            if !more(done) {
                return Ok(Flow::Goto(pc + 1, at));
            }
            let first = self.run(body, at)?.filter(|&end| end != at);
            let Some(end) = first else { return Ok(Flow::Goto(pc + 1, at)) };
            let mut rounds = Rounds { pc, at, length: end - at, left: 0, untried: true, before };
            loop {
                self.count()?;
                self.capture(group, at, at + rounds.length);
                at += rounds.length;
                done += 1;
                rounds.left += 1;
                rounds.at = at;
                if !more(done) {
                    break;
                }
                match self.run(body, at)? {
                    Some(end) if end == at + rounds.length => {}
                    Some(_) => {
                        self.push(Frame::Rounds(rounds));
                        continue 'lengths;
                    }
                    None => break,
                }
            }
            return Ok(self.give_back_round(rounds));
        }
    }

    /// Tries what follows behind the rounds that are left, or with one round less.
    fn give_back_round(&mut self, mut rounds: Rounds) -> Flow {
        let group = match self.program.code.get(rounds.pc) {
            Some(Inst::Curly { kind, .. }) => kind.group(),
            _ => None,
        };
        let length = rounds.length;
        if rounds.untried {
            rounds.untried = false;
        } else {
            rounds.at -= length;
            rounds.left -= 1;
            if let Some(group) = group {
                let start = rounds.at.checked_sub(length);
                self.set_group(group, start.map(|start| (start, rounds.at)));
            }
        }
        if rounds.left == 0 {
            if let Some(group) = group {
                self.set_group(group, rounds.before);
            }
            return Flow::Goto(rounds.pc + 1, rounds.at);
        }
        self.push(Frame::Rounds(rounds));
        if let Some(group) = group {
            let slot = Some((rounds.at - length, rounds.at));
            self.push(Frame::GroupOnSuccess { group, slot });
        }
        Flow::Goto(rounds.pc + 1, rounds.at)
    }

    fn lazy_round(&mut self, pc: Pc, at: usize, done: u32) -> Steps<Flow> {
        let Some(&Inst::Curly { body, repeat, kind }) = self.program.code.get(pc) else {
            return Ok(Flow::Fail);
        };
        if repeat.max.is_some_and(|max| done >= max) {
            return Ok(Flow::Fail);
        }
        let Some(end) = self.run(body, at)?.filter(|&end| end != at) else {
            return Ok(Flow::Fail);
        };
        self.capture(kind.group(), at, end);
        self.push(Frame::LazyRound { pc, at: end, done: done.saturating_add(1) });
        Ok(Flow::Goto(pc + 1, end))
    }
}

impl CurlyKind {
    fn group(self) -> Option<usize> {
        match self {
            Self::Atom => None,
            Self::Group(group) => group,
        }
    }
}

/// Loops over groups with choices: Java's `Prolog`, `Loop`, `LazyLoop`.
impl Machine<'_> {
    fn loop_init(&mut self, round: Loop, pc: Pc, at: usize) -> Flow {
        self.push(Frame::Local { index: round.count, old: self.local(round.count) });
        if round.min > 0 {
            return Flow::Goto(pc + 1, at);
        }
        if round.max == Some(0) {
            return Flow::Goto(round.next, at);
        }
        let (first, second) = if round.lazy { (round.next, pc + 1) } else { (pc + 1, round.next) };
        self.push(Frame::Choice { pc: second, at });
        Flow::Goto(first, at)
    }

    fn loop_next(&mut self, round: Loop, pc: Pc, at: usize) -> Flow {
        // A round that took nothing ends the loop.
        if at <= self.local(round.begin) {
            return Flow::Goto(round.next, at);
        }
        let count = self.local(round.count);
        if count >= round.min as usize {
            if round.lazy {
                self.push(Frame::Choice { pc: pc + 1, at });
                return Flow::Goto(round.next, at);
            }
            let failed = round.remembers && self.memory.failed.contains(&(round.begin, at));
            if failed || round.max.is_some_and(|max| count >= max as usize) {
                return Flow::Goto(round.next, at);
            }
            self.push(Frame::Choice { pc: round.next, at });
            if round.remembers {
                let (begin, index) = (round.begin, round.count);
                self.push(Frame::RoundFailed { begin, count: index, old: count, at });
                self.set_local(round.count, count + 1);
                return Flow::Goto(round.body, at);
            }
        }
        self.once_more(round, count, at)
    }

    fn loop_more(&mut self, round: Loop, at: usize) -> Flow {
        let count = self.local(round.count);
        if round.max.is_some_and(|max| count >= max as usize) {
            return Flow::Fail;
        }
        self.once_more(round, count, at)
    }

    fn once_more(&mut self, round: Loop, count: usize, at: usize) -> Flow {
        self.push(Frame::LocalOnFailure { index: round.count, old: count });
        self.set_local(round.count, count + 1);
        Flow::Goto(round.body, at)
    }
}

/// Look-behind and back-references.
impl Machine<'_> {
    fn behind(&mut self, body: Pc, reach: (i32, i32), by_point: bool, at: usize) -> Steps<bool> {
        let saved = std::mem::replace(&mut self.behind_end, at);
        let found = if by_point {
            self.behind_by_point(body, reach, at)
        } else {
            self.behind_by_unit(body, reach, at)
        };
        self.behind_end = saved;
        found
    }

    fn behind_by_unit(&mut self, body: Pc, (min, max): (i32, i32), at: usize) -> Steps<bool> {
        let here = i32::try_from(at).unwrap_or(i32::MAX);
        let low = here.wrapping_sub(max).max(0);
        let mut start = here.wrapping_sub(min);
        while start >= low {
            self.count()?;
            if self.run(body, start.unsigned_abs() as usize)?.is_some() {
                return Ok(true);
            }
            start -= 1;
        }
        Ok(false)
    }

    fn behind_by_point(&mut self, body: Pc, (min, max): (i32, i32), at: usize) -> Steps<bool> {
        let low = self.points_back(at, max);
        let mut start = self.points_back(at, min);
        while start >= low {
            self.count()?;
            if self.run(body, start)?.is_some() {
                return Ok(true);
            }
            if start == low {
                break;
            }
            start = self.points_back(start, 1);
        }
        Ok(false)
    }

    /// The place so many code points back, or the start.
    fn points_back(&self, from: usize, count: i32) -> usize {
        let mut at = from;
        for _ in 0..count {
            match self.memory.text.point_before(at) {
                Some((_, before)) => at = before,
                None => break,
            }
        }
        at
    }

    fn back_reference(&mut self, group: usize, case: Case, next: Pc, at: usize) -> Steps<Flow> {
        let Some((start, end)) = self.group(group) else { return Ok(Flow::Fail) };
        let length = end - start;
        if at + length > self.memory.text.len() {
            return Ok(Flow::Fail);
        }
        let (mut here, mut there, mut left) = (at, start, length);
        while left > 0 {
            self.count()?;
            let text = &self.memory.text;
            if case == Case::Sensitive {
                if text.unit(here) != text.unit(there) {
                    return Ok(Flow::Fail);
                }
                (here, there, left) = (here + 1, there + 1, left - 1);
                continue;
            }
            let (Some((a, after_a)), Some((b, after_b))) =
                (text.point_at(here), text.point_at(there))
            else {
                return Ok(Flow::Fail);
            };
            if !same_letter(a, b, case) {
                return Ok(Flow::Fail);
            }
            left = left.saturating_sub(if a > 0xFFFF { 2 } else { 1 });
            (here, there) = (after_a, after_b);
        }
        Ok(Flow::Goto(next, at + length))
    }
}

fn same_letter(a: u32, b: u32, case: Case) -> bool {
    let ascii_lower = |c: u32| if (0x41..=0x5A).contains(&c) { c + 32 } else { c };
    a == b
        || match case {
            Case::Sensitive => false,
            Case::IgnoreAscii => ascii_lower(a) == ascii_lower(b),
            Case::IgnoreUnicode => unicode::fold(a) == unicode::fold(b),
        }
}

fn when(holds: bool, pc: Pc, at: usize) -> Flow {
    if holds { Flow::Goto(pc, at) } else { Flow::Fail }
}
