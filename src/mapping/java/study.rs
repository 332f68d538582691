//! What Java works out about a part of a pattern before matching: how much it can take, and
//! whether it has choices. Numbers wrap around as Java's `int` does, and sums start anew behind a
//! branch as Java's do, since look-behind and the handling of repeated groups hang on the result.

use super::ast::{Group, Kind, Node, NodeId, RepeatMode};

/// Java's `TreeInfo` at the end of a chain of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Study {
    /// Fewest code points.
    pub(super) min: i32,
    /// Most code points, where `max_valid`.
    pub(super) max: i32,
    /// Whether there is a most.
    pub(super) max_valid: bool,
    /// Whether there is no choice to make.
    pub(super) deterministic: bool,
}

/// Studies the part of a pattern below `id`. Nesting is bounded by the parser.
pub(super) fn study_of(nodes: &[Node], id: NodeId) -> Study {
    let mut chain = Chain::default();
    chain.take(nodes, id);
    Study {
        min: chain.before.0.wrapping_add(chain.min),
        max: chain.before.1.wrapping_add(chain.max),
        max_valid: !chain.unbounded,
        deterministic: !chain.has_choice,
    }
}

/// The sums while going along a chain.
#[derive(Debug, Clone, Copy, Default)]
struct Chain {
    min: i32,
    max: i32,
    unbounded: bool,
    has_choice: bool,
    /// Fewest and most up to the last branch: Java counts from zero behind it.
    before: (i32, i32),
    /// A loop ended the study; Java does not look behind it.
    ended: bool,
}

impl Chain {
    fn add(&mut self, min: i32, max: i32) {
        self.min = self.min.wrapping_add(min);
        self.max = self.max.wrapping_add(max);
    }

    fn take(&mut self, nodes: &[Node], id: NodeId) {
        let Some(node) = nodes.get(id.0 as usize).filter(|_| !self.ended) else { return };
        match &node.kind {
            Kind::Empty
            | Kind::Assert(_)
            | Kind::Group(Group::Ahead { .. } | Group::Behind { .. }, _) => {}
            Kind::Set(_) => self.add(1, 1),
            Kind::LineEnding => self.add(1, 2),
            Kind::Grapheme => {
                self.add(1, 0);
                self.has_choice = true;
            }
            Kind::BackReference { .. } => self.unbounded = true,
            Kind::Concat(parts) => parts.iter().for_each(|&part| self.take(nodes, part)),
            Kind::Alternate(branches) => {
                let all: Vec<Study> = branches.iter().map(|&b| study_of(nodes, b)).collect();
                self.branch(&all);
            }
            Kind::Group(Group::Atomic, body) => self.atom(nodes, *body),
            Kind::Group(_, body) => self.take(nodes, *body),
            Kind::Repeat(repeat, body) => {
                let grouped = matches!(
                    nodes.get(body.0 as usize).map(|n| &n.kind),
                    Some(Kind::Group(Group::Capture { .. } | Group::Plain, _))
                );
                let single =
                    matches!(nodes.get(body.0 as usize).map(|n| &n.kind), Some(Kind::Set(_)));
                let inner = study_of(nodes, *body);
                let possessive = repeat.mode == RepeatMode::Possessive;
                if repeat.min == 0 && repeat.max == Some(1) {
                    if grouped && !possessive {
                        let nothing =
                            Study { min: 0, max: 0, max_valid: true, deterministic: true };
                        self.branch(&[inner, nothing]);
                    } else {
                        let min = self.min;
                        self.atom(nodes, *body);
                        (self.min, self.has_choice) = (min, true);
                    }
                } else if grouped && !inner.deterministic && !possessive {
                    (self.unbounded, self.has_choice, self.ended) = (true, true, true);
                } else if single && repeat.max.is_none() && repeat.mode == RepeatMode::Greedy {
                    self.add(repeat.min.cast_signed(), if self.unbounded { 0 } else { i32::MAX });
                    self.has_choice = true;
                } else {
                    self.counted(inner, repeat.min, repeat.max);
                }
            }
        }
    }

    fn branch(&mut self, branches: &[Study]) {
        let min = branches.iter().map(|b| b.min).min().unwrap_or(0);
        let max = branches.iter().map(|b| b.max).max().unwrap_or(0);
        self.unbounded |= branches.iter().any(|b| !b.max_valid);
        self.before.0 = self.before.0.wrapping_add(self.min).wrapping_add(min);
        self.before.1 = self.before.1.wrapping_add(self.max).wrapping_add(max.max(-1));
        (self.min, self.max, self.has_choice) = (0, 0, true);
    }

    /// A part matched as a whole: studied with the sums so far, but what ends the study within
    /// it does not end it behind it.
    fn atom(&mut self, nodes: &[Node], body: NodeId) {
        let mut inner = Self { before: (0, 0), ended: false, ..*self };
        inner.take(nodes, body);
        self.min = inner.before.0.wrapping_add(inner.min);
        self.max = inner.before.1.wrapping_add(inner.max);
        self.unbounded = inner.unbounded;
        self.has_choice = inner.has_choice;
    }

    fn counted(&mut self, inner: Study, min: u32, max: Option<u32>) {
        let fewest = inner.min.wrapping_mul(min.cast_signed()).wrapping_add(self.min);
        self.min = if fewest < self.min { 0x0FFF_FFFF } else { fewest };
        let most = max.map_or(i32::MAX, u32::cast_signed);
        let most = inner.max.wrapping_mul(most).wrapping_add(self.max);
        if self.unbounded || !inner.max_valid || most < self.max {
            self.unbounded = true;
        } else {
            self.max = most;
        }
        self.has_choice |= !inner.deterministic || Some(min) != max;
    }
}
