//! Repetition: Java's `Curly`, `GroupCurly`, `Prolog`, `Loop` and `LazyLoop`.

use super::super::ast::{Repeat, RepeatMode};
use super::super::program::{CurlyKind, Inst, Loop, Pc};
use super::{Flow, Frame, Machine, Rounds, Steps};

/// Repeated atoms: Java's `Curly` and `GroupCurly`.
impl Machine<'_> {
    pub(super) fn curly(
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

    pub(super) fn capture(&mut self, group: Option<usize>, start: usize, end: usize) {
        if let Some(group) = group {
            self.set_group(group, Some((start, end)));
        }
    }

    /// As many rounds as there are. Rounds of one length are kept as a count; where the length
    /// changes, a new count starts.
    pub(super) fn greedy_rounds(
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
    pub(super) fn give_back_round(&mut self, mut rounds: Rounds) -> Flow {
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

    pub(super) fn lazy_round(&mut self, pc: Pc, at: usize, done: u32) -> Steps<Flow> {
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
    pub(super) fn group(self) -> Option<usize> {
        match self {
            Self::Atom => None,
            Self::Group(group) => group,
        }
    }
}

/// Loops over groups with choices: Java's `Prolog`, `Loop`, `LazyLoop`.
impl Machine<'_> {
    pub(super) fn loop_init(&mut self, round: Loop, pc: Pc, at: usize) -> Flow {
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

    pub(super) fn loop_next(&mut self, round: Loop, pc: Pc, at: usize) -> Flow {
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

    pub(super) fn loop_more(&mut self, round: Loop, at: usize) -> Flow {
        let count = self.local(round.count);
        if round.max.is_some_and(|max| count >= max as usize) {
            return Flow::Fail;
        }
        self.once_more(round, count, at)
    }

    pub(super) fn once_more(&mut self, round: Loop, count: usize, at: usize) -> Flow {
        self.push(Frame::LocalOnFailure { index: round.count, old: count });
        self.set_local(round.count, count + 1);
        Flow::Goto(round.body, at)
    }
}
