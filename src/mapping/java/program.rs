//! The backtracking engine's program: one instruction for one of Java's matching nodes.

use super::Pattern;
use super::ast::{Assertion, Case, Group, Kind, NodeId, Repeat, RepeatMode};
use super::class::CharSet;

/// Index of an instruction.
pub(super) type Pc = usize;

/// One of Java's matching nodes. What is matched as a whole (its `atom`) is a sub-program that
/// ends in [`Inst::Accept`].
#[derive(Debug, Clone)]
pub(super) enum Inst {
    Set(CharSet),
    Assert(Assertion),
    LineEnding,
    Grapheme,
    Jump(Pc),
    /// Try the first, then the second.
    Split(Pc, Pc),
    GroupStart {
        local: usize,
    },
    GroupEnd {
        local: usize,
        group: usize,
    },
    /// A set repeated greedily without bound.
    GreedySet {
        set: CharSet,
        min: u32,
    },
    /// An atom repeated; a deterministic group is `GroupCurly` in Java, and keeps its capture here.
    Curly {
        body: Pc,
        repeat: Repeat,
        kind: CurlyKind,
    },
    /// An atom or nothing.
    Optional {
        body: Pc,
        mode: RepeatMode,
    },
    /// Enters a loop over a group with choices; the body follows the next instruction.
    LoopInit(Loop),
    /// Enters the loop's body for the first time.
    LoopFirst(Loop),
    /// The end of the loop's body.
    LoopNext(Loop),
    /// A lazy loop goes round once more.
    LoopMore(Loop),
    Atomic {
        body: Pc,
    },
    Ahead {
        body: Pc,
        negative: bool,
    },
    Behind {
        body: Pc,
        negative: bool,
        reach: (i32, i32),
        by_code_point: bool,
    },
    BackReference {
        group: usize,
        case: Case,
    },
    Accept,
    BehindEnd,
    Match,
}

/// What a repeated atom is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CurlyKind {
    /// Anything but a group (Java's `Curly`).
    Atom,
    /// A group without choices (Java's `GroupCurly`), and its number if it captures.
    Group(Option<usize>),
}

/// A loop over a group with choices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loop {
    pub(super) body: Pc,
    pub(super) next: Pc,
    pub(super) min: u32,
    pub(super) max: Option<u32>,
    pub(super) lazy: bool,
    /// The local that counts the rounds.
    pub(super) count: usize,
    /// The local that holds the start of the round.
    pub(super) begin: usize,
    /// Whether places where a further round failed are remembered, as Java does for loops
    /// without bound that stand in no other repeated group, where nothing refers back to a group.
    pub(super) remembers: bool,
}

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) code: Vec<Inst>,
    pub(super) locals: usize,
    pub(super) groups: usize,
}

impl Program {
    /// Compiles; nesting is bounded by the parser, and counts are not unrolled.
    pub(super) fn new(pattern: &Pattern) -> Self {
        let remembers = !pattern.refers_back();
        let mut compiler = Compiler { pattern, code: Vec::new(), locals: 0, remembers };
        compiler.node(pattern.root());
        compiler.code.push(Inst::Match);
        Self { code: compiler.code, locals: compiler.locals, groups: pattern.group_count() }
    }
}

struct Compiler<'p> {
    pattern: &'p Pattern,
    code: Vec<Inst>,
    locals: usize,
    /// Whether loops compiled now remember where they failed.
    remembers: bool,
}

impl Compiler<'_> {
    fn local(&mut self) -> usize {
        self.locals += 1;
        self.locals - 1
    }

    fn put(&mut self, inst: Inst) -> Pc {
        self.code.push(inst);
        self.code.len() - 1
    }

    fn patch(&mut self, pc: Pc, inst: Inst) {
        if let Some(place) = self.code.get_mut(pc) {
            *place = inst;
        }
    }

    fn node(&mut self, id: NodeId) {
        let pattern = self.pattern;
        match &pattern.node(id).kind {
            Kind::Empty => {}
            Kind::Set(set) => {
                self.put(Inst::Set(set.clone()));
            }
            Kind::Assert(assertion) => {
                self.put(Inst::Assert(*assertion));
            }
            Kind::LineEnding => {
                self.put(Inst::LineEnding);
            }
            Kind::Grapheme => {
                self.put(Inst::Grapheme);
            }
            Kind::BackReference { group, case } => {
                self.put(Inst::BackReference { group: *group, case: *case });
            }
            Kind::Concat(parts) => parts.iter().for_each(|&part| self.node(part)),
            Kind::Alternate(branches) => self.alternatives(branches),
            Kind::Group(group, body) => self.group(group, *body),
            Kind::Repeat(repeat, body) => self.repeat(*repeat, *body),
        }
    }

    fn alternatives(&mut self, branches: &[NodeId]) {
        let mut jumps = Vec::new();
        let Some((last, firsts)) = branches.split_last() else { return };
        for &branch in firsts {
            let split = self.put(Inst::Jump(0));
            self.node(branch);
            jumps.push(self.put(Inst::Jump(0)));
            self.patch(split, Inst::Split(split + 1, self.code.len()));
        }
        self.node(*last);
        for jump in jumps {
            self.patch(jump, Inst::Jump(self.code.len()));
        }
    }

    /// A sub-program, jumped over by what stands before it; gives its first instruction.
    fn atom(&mut self, end: Inst, body: impl FnOnce(&mut Self)) -> (Pc, Pc) {
        let head = self.put(Inst::Jump(0));
        let jump = self.put(Inst::Jump(0));
        let start = self.code.len();
        body(self);
        self.put(end);
        self.patch(jump, Inst::Jump(self.code.len()));
        (head, start)
    }

    fn group(&mut self, group: &Group, body: NodeId) {
        match *group {
            Group::Plain => self.node(body),
            Group::Capture { index, .. } => {
                let local = self.local();
                self.captured(index, local, body);
            }
            Group::Atomic => {
                let (head, body) = self.atom(Inst::Accept, |c| c.node(body));
                self.patch(head, Inst::Atomic { body });
            }
            Group::Ahead { negative } => {
                let (head, body) = self.atom(Inst::Accept, |c| c.node(body));
                self.patch(head, Inst::Ahead { body, negative });
            }
            Group::Behind { negative, reach, by_code_point } => {
                let remembers = std::mem::replace(&mut self.remembers, false);
                let (head, body) = self.atom(Inst::BehindEnd, |c| c.node(body));
                self.remembers = remembers;
                self.patch(head, Inst::Behind { body, negative, reach, by_code_point });
            }
        }
    }

    fn captured(&mut self, group: usize, local: usize, body: NodeId) {
        self.put(Inst::GroupStart { local });
        self.node(body);
        self.put(Inst::GroupEnd { local, group });
    }

    fn repeat(&mut self, repeat: Repeat, body: NodeId) {
        let pattern = self.pattern;
        let possessive = repeat.mode == RepeatMode::Possessive;
        let outer = self.remembers;
        let grouped =
            matches!(pattern.node(body).kind, Kind::Group(Group::Capture { .. } | Group::Plain, _));
        self.remembers &= !grouped;
        match &pattern.node(body).kind {
            Kind::Set(set) if repeat.mode == RepeatMode::Greedy && repeat.max.is_none() => {
                self.put(Inst::GreedySet { set: set.clone(), min: repeat.min });
            }
            Kind::Group(group @ (Group::Capture { .. } | Group::Plain), inside) if !possessive => {
                let index = match group {
                    Group::Capture { index, .. } => Some(*index),
                    _ => None,
                };
                if repeat.min == 0 && repeat.max == Some(1) {
                    self.optional_group(repeat.mode, body);
                } else if repeat.deterministic {
                    let (head, body) = self.atom(Inst::Accept, |c| c.node(*inside));
                    let kind = CurlyKind::Group(index);
                    self.patch(head, Inst::Curly { body, repeat, kind });
                } else {
                    self.looped(repeat, index, *inside, outer);
                }
            }
            _ => {
                let (head, body) = self.atom(Inst::Accept, |c| c.node(body));
                let inst = if repeat.min == 0 && repeat.max == Some(1) {
                    Inst::Optional { body, mode: repeat.mode }
                } else {
                    Inst::Curly { body, repeat, kind: CurlyKind::Atom }
                };
                self.patch(head, inst);
            }
        }
        self.remembers = outer;
    }

    fn optional_group(&mut self, mode: RepeatMode, group: NodeId) {
        let split = self.put(Inst::Jump(0));
        self.node(group);
        let (inside, behind) = (split + 1, self.code.len());
        let split_inst = match mode {
            RepeatMode::Lazy => Inst::Split(behind, inside),
            _ => Inst::Split(inside, behind),
        };
        self.patch(split, split_inst);
    }

    fn looped(&mut self, repeat: Repeat, group: Option<usize>, body: NodeId, remembers: bool) {
        let init = self.put(Inst::Jump(0));
        let first = self.put(Inst::Jump(0));
        let (begin, count) = (self.local(), self.local());
        if let Some(index) = group {
            self.captured(index, begin, body);
        } else {
            self.put(Inst::GroupStart { local: begin });
            self.node(body);
        }
        let next = self.put(Inst::Jump(0));
        let more = self.put(Inst::Jump(0));
        let round = Loop {
            body: first + 1,
            next: self.code.len(),
            min: repeat.min,
            max: repeat.max,
            lazy: repeat.mode == RepeatMode::Lazy,
            count,
            begin,
            remembers: remembers && repeat.max.is_none() && repeat.mode == RepeatMode::Greedy,
        };
        self.patch(init, Inst::LoopInit(round));
        self.patch(first, Inst::LoopFirst(round));
        self.patch(next, Inst::LoopNext(round));
        self.patch(more, Inst::LoopMore(round));
    }
}
