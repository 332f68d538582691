//! A Group Filter as an automaton to explain with: which characters may stand where, ignoring priorities.
//!
//! Matching is not done here. The automaton may accept more than the filter (possessive and atomic groups
//! give back, look-around is left out), so a name it cannot follow, the filter cannot follow either.

mod lower;
mod words;

use super::java::ast::Assertion;
use super::java::class::CharSet;

pub(super) use lower::{Purpose, lower};

/// Index of a state.
pub(super) type StateId = usize;

/// One state of the automaton.
#[derive(Debug, Clone)]
pub(super) enum State {
    /// Takes one character of the element.
    Take {
        /// Index into [`Shape::elements`].
        element: usize,
        /// State after it.
        next: StateId,
    },
    /// Goes on at any of these.
    Split(Vec<StateId>),
    /// Goes on where the condition holds.
    Check(Assertion, StateId),
    /// The end of the filter.
    Accept,
}

/// Where a state comes from.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// Byte offset in the filter's text.
    pub(super) offset: usize,
    /// Index into [`Shape::captures`] of the innermost named group around it.
    pub(super) capture: Option<usize>,
}

/// What one character of the name may be.
#[derive(Debug, Clone)]
pub(super) struct Element {
    /// The characters accepted.
    pub(super) set: CharSet,
    /// The one character accepted, if it is one (in either case).
    pub(super) literal: Option<char>,
    /// One of the twelve digits of an account id, in an automaton made to repair names.
    pub(super) account_digit: bool,
    /// The element in words: `` `#` ``, "a digit".
    pub(super) words: String,
}

/// The automaton of a filter.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) states: Vec<State>,
    pub(super) origins: Vec<Origin>,
    pub(super) elements: Vec<Element>,
    pub(super) captures: Vec<String>,
    pub(super) start: StateId,
    /// Characters that stand literally in the filter and are neither letter nor digit.
    pub(super) separators: Vec<char>,
    /// Whether the filter can begin elsewhere than at the start of the name.
    pub(super) floating: bool,
}

impl Element {
    /// Whether the element accepts `c`.
    pub(super) fn has(&self, c: char) -> bool {
        self.set.contains(u32::from(c))
    }
}

impl Shape {
    /// The state with this id; an id that does not exist reads as the end of the filter.
    pub(super) fn state(&self, id: StateId) -> &State {
        self.states.get(id).unwrap_or(&State::Accept)
    }

    /// The element of a state that takes a character.
    pub(super) fn element_of(&self, id: StateId) -> Option<&Element> {
        match self.state(id) {
            State::Take { element, .. } => self.elements.get(*element),
            _ => None,
        }
    }

    /// Name of the innermost named group around a state.
    pub(super) fn capture_of(&self, id: StateId) -> Option<&str> {
        let index = self.origins.get(id)?.capture?;
        self.captures.get(index).map(String::as_str)
    }

    /// What a state expects, in words: at the first of several literal characters, all of them.
    pub(super) fn words_of(&self, id: StateId) -> Option<String> {
        let element = self.element_of(id)?;
        let run = self.literal_run(id);
        if run.chars().nth(1).is_some() && !self.is_inside_literal_run(id) {
            return Some(words::quoted(&run));
        }
        Some(element.words.clone())
    }

    fn literal_run(&self, mut id: StateId) -> String {
        let mut run = String::new();
        while let State::Take { element, next } = self.state(id) {
            let Some(c) = self.elements.get(*element).and_then(|e| e.literal) else { break };
            run.push(c);
            if run.len() > 64 {
                break;
            }
            id = *next;
        }
        run
    }

    fn is_inside_literal_run(&self, id: StateId) -> bool {
        self.states.iter().any(|state| match state {
            State::Take { element, next } => {
                *next == id && self.elements.get(*element).is_some_and(|e| e.literal.is_some())
            }
            _ => false,
        })
    }
}
