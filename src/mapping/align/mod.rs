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

    /// Fills the row of a place: what uses up a character from the row after it, then what does not, until
    /// nothing gets cheaper.
    fn fill(&mut self, place: usize) {
        let shape = self.shape;
        let states = shape.states.len();
        let row = place * states;
        for (id, state) in shape.states.iter().enumerate() {
            self.points[row + id] = match state {
                State::Accept => 0,
                State::Take { element, next } => self.used_up(place, id, *element, *next),
                State::Split(_) | State::Check(..) => NEVER,
            };
        }
        let checks: Vec<(StateId, u16, StateId)> = shape
            .states
            .iter()
            .enumerate()
            .filter_map(|(id, state)| match state {
                State::Check(check, next) => {
                    Some((id, self.prices.check(*check, self.context.chars, place), *next))
                }
                _ => None,
            })
            .collect();
        let mut cheaper = true;
        while cheaper {
            cheaper = false;
            let mut lower = |points: &mut [u16], id: StateId, to: u16| {
                if to < points[row + id] {
                    points[row + id] = to;
                    cheaper = true;
                }
            };
            for &(id, price, next) in &checks {
                let to = sum(price, self.points[row + next]);
                lower(&mut self.points, id, to);
            }
            for (id, state) in shape.states.iter().enumerate() {
                let to = match state {
                    State::Split(ways) => {
                        ways.iter().map(|&way| self.points[row + way]).min().unwrap_or(NEVER)
                    }
                    State::Take { element, next } => {
                        let price = self.insert(place, *element);
                        if price >= NEVER || self.goes_on(place, *element) {
                            continue;
                        }
                        sum(price, self.points[row + next])
                    }
                    State::Check(..) | State::Accept => continue,
                };
                lower(&mut self.points, id, to);
            }
        }
    }

    /// Points of using up the character at `place`: taken for the element, or left out.
    fn used_up(&self, place: usize, id: StateId, element: usize, next: StateId) -> u16 {
        if place >= self.context.chars.len() {
            return NEVER;
        }
        let taken = sum(self.take(place, element), self.at(place + 1, next));
        if self.goes_on(place, element) {
            return taken;
        }
        taken.min(sum(self.prices.delete[place], self.at(place + 1, id)))
    }

    /// Whether reading has no reason to stop here: it stops only where it has to.
    fn goes_on(&self, place: usize, element: usize) -> bool {
        self.context.aim == Aim::Explain && self.accepts(place, element)
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
