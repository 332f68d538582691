//! A name laid against a filter's automaton with the fewest points of edits, every place against every state.
#![expect(
    clippy::indexing_slicing,
    reason = "index arithmetic over tables of places and states, whose sizes are set together"
)]

mod place;
mod price;
mod trace;

use super::java::ast::Assertion;
use super::shape::{Shape, State, StateId};
use place::holds;
pub(super) use place::{Stuck, furthest};
pub(super) use price::{Aim, Context, NEVER};
pub(super) use trace::Step;

/// Most cells (places times states) of a table.
const CELL_LIMIT: usize = 1 << 20;

/// Most points of anything before or after the part of the name that the filter is about.
const MARGIN: u16 = 5;

/// The table of a name: for every place and state, the points from there to the end of the filter.
pub(super) struct Alignment<'a> {
    shape: &'a Shape,
    context: Context<'a>,
    prices: Prices,
    /// Points by place, then state.
    points: Vec<u16>,
}

/// Points of the edits of a name, worked out once.
struct Prices {
    elements: usize,
    /// By place, then element.
    take: Vec<u16>,
    /// By place, then element.
    insert: Vec<u16>,
    /// By place.
    delete: Vec<u16>,
    /// Of leaving out all characters before a place.
    prefix: Vec<u16>,
    /// Of leaving out all characters from a place on.
    suffix: Vec<u16>,
}

impl Prices {
    fn new(shape: &Shape, context: &Context<'_>) -> Self {
        let places = context.chars.len();
        let mut prices = Self {
            elements: shape.elements.len(),
            take: Vec::with_capacity(places * shape.elements.len()),
            insert: Vec::with_capacity((places + 1) * shape.elements.len()),
            delete: (0..places).map(|place| context.delete(place).points).collect(),
            prefix: vec![0; places + 1],
            suffix: vec![0; places + 1],
        };
        for place in 0..=places {
            for element in &shape.elements {
                if let Some(&c) = context.chars.get(place) {
                    prices.take.push(context.take(c, element));
                }
                prices.insert.push(context.insert(place, element).points);
            }
        }
        let most = if context.aim == Aim::Explain { MARGIN } else { NEVER };
        for place in 0..places {
            prices.prefix[place + 1] = sum(prices.prefix[place], prices.delete[place]).min(most);
        }
        for place in (0..places).rev() {
            prices.suffix[place] = sum(prices.suffix[place + 1], prices.delete[place]).min(most);
        }
        prices
    }

    fn check(&self, check: Assertion, chars: &[char], place: usize) -> u16 {
        if holds(check, chars, place) {
            return 0;
        }
        match check {
            Assertion::Begin => self.prefix[place],
            Assertion::End | Assertion::Dollar { .. } => self.suffix[place],
            _ => 3,
        }
    }
}

fn sum(a: u16, b: u16) -> u16 {
    (a + b).min(NEVER)
}

impl<'a> Alignment<'a> {
    /// Fills the table, unless it would be too large.
    pub(super) fn new(shape: &'a Shape, chars: &'a [char], aim: Aim) -> Option<Self> {
        let states = shape.states.len();
        if (chars.len() + 1).checked_mul(states)? > CELL_LIMIT {
            return None;
        }
        let context = Context::new(shape, chars, aim);
        let prices = Prices::new(shape, &context);
        let points = vec![NEVER; (chars.len() + 1) * states];
        let mut table = Self { shape, context, prices, points };
        for place in (0..=chars.len()).rev() {
            table.fill(place);
        }
        Some(table)
    }

    /// Fills the row of a place from the row after it, until nothing within it gets cheaper.
    fn fill(&mut self, place: usize) {
        let states = self.shape.states.len();
        let row = place * states;
        loop {
            let mut cheaper = false;
            for id in 0..states {
                let points = self.cheapest(place, id);
                if points < self.points[row + id] {
                    self.points[row + id] = points;
                    cheaper = true;
                }
            }
            if !cheaper {
                return;
            }
        }
    }

    fn cheapest(&self, place: usize, id: StateId) -> u16 {
        match &self.shape.states[id] {
            State::Accept => 0,
            State::Split(ways) => {
                ways.iter().map(|&way| self.at(place, way)).min().unwrap_or(NEVER)
            }
            State::Check(check, next) => {
                let points = self.prices.check(*check, self.context.chars, place);
                sum(points, self.at(place, *next))
            }
            State::Take { element, next }
                if self.context.aim == Aim::Explain && self.accepts(place, *element) =>
            {
                // Reading stops only where it has to.
                sum(self.take(place, *element), self.at(place + 1, *next))
            }
            State::Take { element, next } => {
                let inserted = sum(self.insert(place, *element), self.at(place, *next));
                if place >= self.context.chars.len() {
                    return inserted;
                }
                let taken = sum(self.take(place, *element), self.at(place + 1, *next));
                let deleted = sum(self.prices.delete[place], self.at(place + 1, id));
                taken.min(deleted).min(inserted)
            }
        }
    }

    fn at(&self, place: usize, id: StateId) -> u16 {
        self.points[place * self.shape.states.len() + id]
    }

    fn take(&self, place: usize, element: usize) -> u16 {
        self.prices.take[place * self.prices.elements + element]
    }

    fn insert(&self, place: usize, element: usize) -> u16 {
        self.prices.insert[place * self.prices.elements + element]
    }

    fn places(&self) -> std::ops::RangeInclusive<usize> {
        0..=self.context.chars.len()
    }

    /// Points of the cheapest alignment.
    pub(super) fn best(&self) -> u16 {
        self.places().map(|place| self.at(place, self.shape.start)).min().unwrap_or(NEVER)
    }

    /// Whether the character at `place` is accepted as it is.
    fn accepts(&self, place: usize, element: usize) -> bool {
        self.context.chars.get(place).is_some_and(|&c| self.shape.elements[element].has(c))
    }

    /// States where exact reading goes on from a state at a place, with the place after.
    fn exact(&self, place: usize, id: StateId, mut go: impl FnMut(usize, StateId)) {
        match &self.shape.states[id] {
            State::Accept => {}
            State::Split(ways) => ways.iter().for_each(|&way| go(place, way)),
            State::Check(check, next) => {
                if holds(*check, self.context.chars, place) {
                    go(place, *next);
                }
            }
            State::Take { element, next } => {
                if self.accepts(place, *element) {
                    go(place + 1, *next);
                }
            }
        }
    }

    /// Points of the cheapest way on from a state at a place that begins with an edit there, if any does.
    fn edit(&self, place: usize, id: StateId) -> Option<u16> {
        match &self.shape.states[id] {
            State::Take { element, next } if !self.accepts(place, *element) => {
                let inserted = sum(self.insert(place, *element), self.at(place, *next));
                if place >= self.context.chars.len() {
                    return Some(inserted);
                }
                let taken = sum(self.take(place, *element), self.at(place + 1, *next));
                let deleted = sum(self.prices.delete[place], self.at(place + 1, id));
                Some(inserted.min(taken).min(deleted))
            }
            State::Check(check, next) if !holds(*check, self.context.chars, place) => {
                let points = self.prices.check(*check, self.context.chars, place);
                Some(sum(points, self.at(place, *next)))
            }
            _ => None,
        }
    }
}
