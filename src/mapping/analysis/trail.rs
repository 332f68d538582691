//! The steps of a search from place to place, the text to each place with them.

use std::collections::BTreeSet;

/// Places in the order they were found; none stands twice.
#[derive(Debug)]
pub(super) struct Trail<P> {
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
    pub(super) const fn new() -> Self {
        Self { seen: BTreeSet::new(), steps: Vec::new() }
    }

    /// Adds a place, reached from another with a letter or without, unless it is known.
    pub(super) fn add(&mut self, place: P, from: Option<usize>, letter: Option<char>) {
        if self.seen.insert(place) {
            self.steps.push(Step { place, from, letter });
        }
    }

    /// The place with this number.
    pub(super) fn place(&self, at: usize) -> Option<P> {
        self.steps.get(at).map(|step| step.place)
    }

    /// Number of places.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The text that leads to a place.
    pub(super) fn text(&self, at: usize) -> String {
        let mut letters = Vec::new();
        let mut at = Some(at);
        while let Some(step) = at.and_then(|at| self.steps.get(at)) {
            letters.extend(step.letter);
            at = step.from;
        }
        letters.iter().rev().collect()
    }
}
