//! The edits of one cheapest alignment, in the order of the name.

use super::super::java::ast::Assertion;
use super::super::nearest::MendKind;
use super::super::shape::{State, StateId};
use super::{Alignment, NEVER, sum};

/// What becomes of a character of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Step {
    /// It stays.
    Keep,
    /// Another stands in its place.
    Replace(char, MendKind),
    /// It goes.
    Drop(MendKind),
    /// One is put before the next, which is not used up by this step.
    Insert(char, MendKind),
}

impl Alignment<'_> {
    /// The steps of the leftmost cheapest alignment, which use up the name; `None` where no repair is possible.
    pub(in super::super) fn steps(&self) -> Option<Vec<Step>> {
        let best = self.best();
        if best >= NEVER {
            return None;
        }
        let mut place = self.places().find(|&place| self.at(place, self.shape.start) == best)?;
        let mut steps = vec![Step::Keep; place];
        let mut id = self.shape.start;
        // Each pass takes a character, puts one in, or follows an edge of the automaton that takes none.
        let budget = (self.context.chars.len() + 1) * (self.shape.states.len() + 1);
        for _ in 0..budget {
            if matches!(self.shape.state(id), State::Accept) {
                steps.extend((place..self.context.chars.len()).map(|_| Step::Keep));
                return Some(steps);
            }
            (place, id) = self.step(place, id, &mut steps)?;
        }
        None
    }

    fn step(&self, place: usize, id: StateId, steps: &mut Vec<Step>) -> Option<(usize, StateId)> {
        let left = self.at(place, id);
        match self.shape.state(id) {
            State::Accept => None,
            State::Split(ways) => {
                let way = ways.iter().find(|&&way| self.at(place, way) == left)?;
                Some((place, *way))
            }
            State::Check(check, next) => Some((self.check(*check, place, steps), *next)),
            State::Take { element, next } => {
                let shown = &self.shape.elements[*element];
                if let Some(&c) = self.context.chars.get(place) {
                    if left == sum(self.take(place, *element), self.at(place + 1, *next)) {
                        steps.push(if shown.has(c) {
                            Step::Keep
                        } else {
                            let price = self.context.substitute(c, shown);
                            Step::Replace(price.wanted?, self.kind(price.kind, id))
                        });
                        return Some((place + 1, *next));
                    }
                    if left == sum(self.prices.delete[place], self.at(place + 1, id)) {
                        steps.push(Step::Drop(self.context.delete(place).kind));
                        return Some((place + 1, id));
                    }
                }
                let price = self.context.insert(place, shown);
                steps.push(Step::Insert(price.wanted?, price.kind));
                Some((place, *next))
            }
        }
    }

    /// Steps over a condition, leaving out what keeps it from holding.
    fn check(&self, check: Assertion, place: usize, steps: &mut Vec<Step>) -> usize {
        if super::holds(check, self.context.chars, place) {
            return place;
        }
        match check {
            Assertion::Begin => {
                for (before, step) in steps.iter_mut().enumerate() {
                    *step = Step::Drop(self.context.delete(before).kind);
                }
                place
            }
            Assertion::End | Assertion::Dollar { .. } => {
                let end = self.context.chars.len();
                steps.extend((place..end).map(|i| Step::Drop(self.context.delete(i).kind)));
                end
            }
            _ => place,
        }
    }

    fn kind(&self, kind: MendKind, id: StateId) -> MendKind {
        match (kind, self.shape.capture_of(id)) {
            (MendKind::IllegalCharacter, Some("role")) => MendKind::IllegalRoleCharacter,
            _ => kind,
        }
    }
}
