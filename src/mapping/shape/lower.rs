//! From the tree of a Java pattern to the automaton, built from the end of the filter backwards.

use std::collections::BTreeMap;

use super::super::group_filter::MatchMode;
use super::super::java::Pattern;
use super::super::java::ast::{Assertion, Group, Kind, NodeId};
use super::super::java::class::CharSet;
use super::{Element, Origin, Shape, State, StateId, words};

/// Most states an automaton may have; a filter with more is not explained.
const STATE_LIMIT: usize = 2000;

/// Deepest nesting followed.
const DEPTH_LIMIT: usize = 200;

/// What the automaton is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Purpose {
    /// To say where a name stops: the filter as it is.
    Explain,
    /// To mend names: the account id is exactly twelve digits.
    Repair,
}

/// The automaton of a pattern, or `None` where it has a construct that cannot be explained this way
/// (back-references, grapheme clusters) or is too large.
pub(in super::super) fn lower(
    pattern: &Pattern,
    text: &str,
    mode: MatchMode,
    purpose: Purpose,
) -> Option<Shape> {
    let mut lowering = Lowering {
        pattern,
        text,
        purpose,
        shape: Shape {
            states: vec![State::Accept],
            origins: vec![Origin { offset: text.len(), capture: None }],
            elements: Vec::new(),
            captures: Vec::new(),
            start: 0,
            separators: Vec::new(),
            floating: false,
        },
        known: BTreeMap::new(),
        at: Origin { offset: text.len(), capture: None },
        depth: 0,
    };
    let end = match mode {
        MatchMode::Find => 0,
        MatchMode::Full => lowering.add(State::Check(Assertion::End, 0))?,
    };
    let body = lowering.node(pattern.root(), end)?;
    lowering.at = Origin::default();
    lowering.shape.start = match mode {
        MatchMode::Find => body,
        MatchMode::Full => lowering.add(State::Check(Assertion::Begin, body))?,
    };
    let mut shape = lowering.shape;
    shape.floating = floats(&shape);
    shape.separators =
        shape.elements.iter().filter_map(|e| e.literal.filter(|c| !c.is_alphanumeric())).collect();
    Some(shape)
}

struct Lowering<'a> {
    pattern: &'a Pattern,
    text: &'a str,
    purpose: Purpose,
    shape: Shape,
    known: BTreeMap<(CharSet, bool), usize>,
    at: Origin,
    depth: usize,
}

impl Lowering<'_> {
    fn add(&mut self, state: State) -> Option<StateId> {
        if self.shape.states.len() >= STATE_LIMIT {
            return None;
        }
        self.shape.states.push(state);
        self.shape.origins.push(self.at.clone());
        Some(self.shape.states.len() - 1)
    }

    fn node(&mut self, id: NodeId, next: StateId) -> Option<StateId> {
        if self.depth >= DEPTH_LIMIT {
            return None;
        }
        self.depth += 1;
        let before = self.at.offset;
        let node = self.pattern.node(id);
        self.at.offset = node.span.start;
        let entry = match &node.kind {
            Kind::Empty => Some(next),
            Kind::Set(set) => self.take(set, next),
            Kind::Assert(Assertion::GraphemeBoundary)
            | Kind::Grapheme
            | Kind::BackReference { .. } => None,
            Kind::Assert(check) => self.add(State::Check(*check, next)),
            Kind::LineEnding => self.line_ending(next),
            Kind::Concat(parts) => {
                parts.iter().rev().try_fold(next, |next, &part| self.node(part, next))
            }
            Kind::Alternate(ways) => {
                let entries: Option<Vec<_>> =
                    ways.iter().map(|&way| self.node(way, next)).collect();
                entries.and_then(|entries| self.add(State::Split(entries)))
            }
            Kind::Group(group, body) => self.group(group, *body, next),
            Kind::Repeat(repeat, body) => self.repeat(*body, repeat.min, repeat.max, next),
        };
        self.at.offset = before;
        self.depth -= 1;
        entry
    }

    fn take(&mut self, set: &CharSet, next: StateId) -> Option<StateId> {
        let element = self.element(set, false);
        self.add(State::Take { element, next })
    }

    fn element(&mut self, set: &CharSet, account_digit: bool) -> usize {
        let key = (set.clone(), account_digit);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let source = self.pattern_source();
        self.shape.elements.push(Element {
            literal: literal_of(set),
            words: words::describe(set, &source),
            set: set.clone(),
            account_digit,
        });
        let index = self.shape.elements.len() - 1;
        self.known.insert(key, index);
        index
    }

    fn pattern_source(&self) -> String {
        let rest = self.text.get(self.at.offset..).unwrap_or_default();
        rest.chars().take(24).collect()
    }

    fn line_ending(&mut self, next: StateId) -> Option<StateId> {
        let one = self.take(&CharSet::of("\n\u{b}\u{c}\r\u{85}\u{2028}\u{2029}"), next)?;
        let feed = self.take(&CharSet::of("\n"), next)?;
        let pair = self.take(&CharSet::of("\r"), feed)?;
        self.add(State::Split(vec![pair, one]))
    }

    fn group(&mut self, group: &Group, body: NodeId, next: StateId) -> Option<StateId> {
        match group {
            Group::Ahead { .. } | Group::Behind { .. } => Some(next),
            Group::Plain | Group::Atomic | Group::Capture { name: None, .. } => {
                self.node(body, next)
            }
            Group::Capture { name: Some(name), .. } => {
                let outer = self.at.capture;
                self.at.capture = Some(self.capture(name));
                let entry = if name == "accountid" && self.purpose == Purpose::Repair {
                    self.account(next)
                } else {
                    self.node(body, next)
                };
                self.at.capture = outer;
                entry
            }
        }
    }

    fn account(&mut self, next: StateId) -> Option<StateId> {
        let digits = CharSet::range(u32::from('0'), u32::from('9'));
        let element = self.element(&digits, true);
        (0..12).try_fold(next, |next, _| self.add(State::Take { element, next }))
    }

    fn capture(&mut self, name: &str) -> usize {
        let captures = &mut self.shape.captures;
        captures.iter().position(|known| known == name).unwrap_or_else(|| {
            captures.push(name.to_owned());
            captures.len() - 1
        })
    }

    fn repeat(
        &mut self,
        body: NodeId,
        min: u32,
        max: Option<u32>,
        next: StateId,
    ) -> Option<StateId> {
        let mut entry = next;
        let mut fixed = min;
        if let Some(max) = max {
            for _ in min..max {
                let once = self.node(body, entry)?;
                entry = self.add(State::Split(vec![once, next]))?;
            }
        } else {
            let again = self.add(State::Split(Vec::new()))?;
            let once = self.node(body, again)?;
            if let Some(state) = self.shape.states.get_mut(again) {
                *state = State::Split(vec![once, next]);
            }
            entry = if min == 0 { again } else { once };
            fixed = min.saturating_sub(1);
        }
        for _ in 0..fixed {
            entry = self.node(body, entry)?;
        }
        Some(entry)
    }
}

/// The one character of a set, in lower case where the set holds both cases of it.
fn literal_of(set: &CharSet) -> Option<char> {
    let members = |&(first, last): &(u32, u32)| first..=last;
    let count: u64 = set.ranges().iter().map(|&(a, b)| u64::from(b - a) + 1).sum();
    if count > 4 {
        return None;
    }
    let chars: Option<Vec<char>> =
        set.ranges().iter().flat_map(members).map(char::from_u32).collect();
    let chars = chars?;
    let last = *chars.iter().rfind(|c| c.is_ascii()).or(chars.last())?;
    let folds = |c: &char| c.to_lowercase().eq(last.to_lowercase());
    chars.iter().all(folds).then_some(last)
}

/// Whether some way into the automaton takes a character without having checked for the start.
fn floats(shape: &Shape) -> bool {
    let mut seen = vec![false; shape.states.len()];
    let mut open = vec![shape.start];
    while let Some(id) = open.pop() {
        match seen.get_mut(id) {
            Some(mark) if !*mark => *mark = true,
            _ => continue,
        }
        match shape.state(id) {
            State::Take { .. } | State::Accept => return true,
            State::Check(Assertion::Begin, _) => {}
            State::Check(_, next) => open.push(*next),
            State::Split(ways) => open.extend(ways),
        }
    }
    false
}
