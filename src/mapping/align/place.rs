//! Where reading stops: of the cheapest alignments, the furthest first edit; and the furthest exact reading.

use super::super::java::ast::Assertion;
use super::super::shape::{Shape, State, StateId};
use super::{Alignment, NEVER, sum};

/// How much dearer than the cheapest a way on may be for what it expects to be named.
const SLACK: u16 = 2;

/// A place in the name, in characters, and the states that wait there for something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Stuck {
    pub(in super::super) place: usize,
    /// The likeliest first.
    pub(in super::super) waiting: Vec<StateId>,
}

impl Alignment<'_> {
    /// The furthest place where a cheapest alignment has its first edit. `None` where none has any.
    pub(in super::super) fn stuck(&self) -> Option<Stuck> {
        let best = self.best();
        if best >= NEVER {
            return None;
        }
        let mut starts: Vec<usize> =
            self.places().filter(|&place| self.at(place, self.shape.start) == best).collect();
        let on_best = self.reach(&starts, |from, to, points| from == to.saturating_add(points));
        let place = self.places().rev().find_map(|place| self.first_edit(place, &on_best))?;
        if !self.shape.floating && !starts.contains(&0) {
            starts.push(0);
        }
        let reached = self.reach(&starts, |_, _, _| true);
        Some(Stuck { place, waiting: self.waiting(place, &reached) })
    }

    /// The place of an edit that the cheapest way takes from a state reached at `place`.
    fn first_edit(&self, place: usize, reached: &[u16]) -> Option<usize> {
        let edited = |&(id, _): &(StateId, u16)| self.edit(place, id) == Some(self.at(place, id));
        let (id, _) = self.states_at(place, reached).find(edited)?;
        // What is left out before the start of the filter begins at the start of the name.
        let at_start = matches!(self.shape.state(id), State::Check(Assertion::Begin, _));
        Some(if at_start { 0 } else { place })
    }

    /// The states reached at a place, with the points of the way there.
    fn states_at<'s>(
        &'s self,
        place: usize,
        reached: &'s [u16],
    ) -> impl Iterator<Item = (StateId, u16)> + 's {
        let states = self.shape.states.len();
        let row = &reached[place * states..(place + 1) * states];
        row.iter().copied().enumerate().filter(|&(_, points)| points < NEVER)
    }

    /// The states reached at a place that cannot go on as the name is, the hopeless ones left out.
    fn waiting(&self, place: usize, reached: &[u16]) -> Vec<StateId> {
        let blocked = |id: StateId| match self.shape.state(id) {
            State::Take { element, .. } => !self.accepts(place, *element),
            State::Check(..) => true,
            _ => false,
        };
        let mut priced: Vec<(u16, StateId)> = self
            .states_at(place, reached)
            .filter(|&(id, _)| blocked(id))
            .filter_map(|(id, before)| Some((sum(before, self.edit(place, id)?), id)))
            .collect();
        priced.sort_unstable();
        let least = priced.iter().map(|&(points, _)| points).min().unwrap_or(NEVER);
        let near = |&&(points, _): &&(u16, StateId)| points <= least.saturating_add(SLACK);
        priced.iter().filter(near).map(|&(_, id)| id).collect()
    }

    /// By place and state, the fewest points of reading exactly from `starts` to there, over the edges that
    /// `admit` takes (given the points left before and after the edge, and those of the edge).
    fn reach(&self, starts: &[usize], admit: impl Fn(u16, u16, u16) -> bool) -> Vec<u16> {
        let states = self.shape.states.len();
        let places = self.context.chars.len() + 1;
        let mut reached = vec![NEVER; places * states];
        let mut open: Vec<(usize, StateId, u16)> =
            starts.iter().map(|&place| (place, self.shape.start, 0)).collect();
        while let Some((place, id, before)) = open.pop() {
            let cell = &mut reached[place * states + id];
            if *cell <= before {
                continue;
            }
            *cell = before;
            let points = match self.shape.state(id) {
                State::Take { element, .. } if place + 1 < places => self.take(place, *element),
                _ => 0,
            };
            self.exact(place, id, |after, next| {
                if admit(self.at(place, id), self.at(after, next), points) {
                    open.push((after, next, sum(before, points)));
                }
            });
        }
        reached
    }
}

/// Whether a condition holds between two characters of a name.
pub(in super::super) fn holds(check: Assertion, chars: &[char], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|i| chars.get(i)).copied();
    let after = chars.get(place).copied();
    let is_end = |c: char, unix: bool| {
        c == '\n' || (!unix && matches!(c, '\r' | '\u{85}' | '\u{2028}' | '\u{2029}'))
    };
    let inside_pair = |unix: bool| !unix && before == Some('\r') && after == Some('\n');
    match check {
        Assertion::Begin => place == 0,
        Assertion::End => after.is_none(),
        Assertion::Dollar { unix } => match chars.get(place..) {
            Some([]) | None => true,
            Some([only]) => is_end(*only, unix) && !inside_pair(unix),
            Some(rest) => !unix && rest == ['\r', '\n'],
        },
        Assertion::LineBegin { unix } => {
            after.is_some() && before.is_none_or(|c| is_end(c, unix)) && !inside_pair(unix)
        }
        Assertion::LineEnd { unix } => after.is_none_or(|c| is_end(c, unix)) && !inside_pair(unix),
        Assertion::WordBoundary { negated, .. } => {
            let is_word = |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_alphanumeric());
            (is_word(before) != is_word(after)) != negated
        }
        Assertion::GraphemeBoundary => true,
    }
}

/// The longest exact reading of a name (the leftmost of equals), in time linear in the name. `None` where
/// the automaton reads the name to the end of the filter.
pub(in super::super) fn furthest(shape: &Shape, chars: &[char]) -> Option<Stuck> {
    let mut longest: Option<(usize, Stuck)> = None;
    let mut now: Vec<Option<usize>> = vec![None; shape.states.len()];
    let mut open: Vec<(StateId, usize)> = Vec::new();
    for place in 0..=chars.len() {
        if place == 0 || shape.floating {
            open.push((shape.start, place));
        }
        // The threads that began first come first: they are the longest at this place.
        open.sort_by_key(|&(id, start)| (start, id));
        let mut next = Vec::new();
        let mut waiting: Vec<(usize, StateId)> = Vec::new();
        for (id, start) in std::mem::take(&mut open) {
            let mut stack = vec![id];
            while let Some(id) = stack.pop() {
                if now[id].is_some_and(|stamp| stamp == place) {
                    continue;
                }
                now[id] = Some(place);
                match shape.state(id) {
                    State::Accept => return None,
                    State::Split(ways) => stack.extend(ways.iter().rev()),
                    State::Check(check, then) if holds(*check, chars, place) => stack.push(*then),
                    State::Take { element, next: then }
                        if chars.get(place).is_some_and(|&c| shape.elements[*element].has(c)) =>
                    {
                        next.push((*then, start));
                    }
                    State::Check(..) | State::Take { .. } => waiting.push((start, id)),
                }
            }
        }
        if let Some(&(first, _)) = waiting.first() {
            let length = place - first;
            if longest.as_ref().is_none_or(|(most, _)| length > *most) {
                let ids = waiting.iter().filter(|w| w.0 == first).map(|w| w.1).collect();
                longest = Some((length, Stuck { place, waiting: ids }));
            }
        }
        open = next;
    }
    longest.map(|(_, stuck)| stuck)
}
