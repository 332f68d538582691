//! The steps of a search from place to place, the text to each place with them.

use std::collections::BTreeSet;

/// Places in the order they were found; none stands twice.
#[derive(Debug)]
pub(in crate::mapping) struct Trail<P> {
    seen: BTreeSet<P>,
    steps: Vec<Step<P>>,
}

#[derive(Debug)]
struct Step<P> {
    place: P,
    from: Option<usize>,
    letter: Option<char>,
}

impl<P: Copy + Ord> Trail<P> {
    /// Nothing found yet.
    pub(in crate::mapping) const fn new() -> Self {
        Self { seen: BTreeSet::new(), steps: Vec::new() }
    }

    /// Adds a place, reached from another with a letter or without, unless it is known.
    pub(in crate::mapping) fn add(&mut self, place: P, from: Option<usize>, letter: Option<char>) {
        if self.seen.insert(place) {
            self.steps.push(Step { place, from, letter });
        }
    }

    /// The place with this number.
    pub(in crate::mapping) fn place(&self, at: usize) -> Option<P> {
        self.steps.get(at).map(|step| step.place)
    }

    /// Number of places.
    pub(in crate::mapping) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The text that leads to a place.
    pub(in crate::mapping) fn text(&self, at: usize) -> String {
        let mut letters = Vec::new();
        let mut at = Some(at);
        while let Some(step) = at.and_then(|at| self.steps.get(at)) {
            letters.extend(step.letter);
            at = step.from;
        }
        letters.iter().rev().collect()
    }
}
