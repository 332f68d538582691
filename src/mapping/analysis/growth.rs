//! Loops that a backtracking engine can go round in exponentially many ways.

use std::collections::BTreeMap;

use super::automaton::{Automaton, State, StateId, showable};
use super::trail::Trail;

/// Most pairs of states looked at in all.
const BUDGET: usize = 2_000_000;

/// Rounds of the pump that are counted before the growth is believed.
const PROOF_ROUNDS: usize = 16;

/// A text that can be read in ever more ways the more often it stands in a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pump {
    /// What leads to the loop.
    pub(super) before: String,
    /// What goes round it.
    pub(super) text: String,
    /// A state of the loop.
    pub(super) state: StateId,
}

/// States that take a character, and which may follow which: with two for more than one way.
struct Graph<'a> {
    automaton: &'a Automaton,
    next: BTreeMap<StateId, Vec<(StateId, u8)>>,
    first: Vec<StateId>,
}

/// A loop whose rounds can be gone through in two ways at least; `None` where there is none, or where
/// that takes too long to find out.
pub(super) fn exponential(automaton: &Automaton) -> Option<Pump> {
    let graph = Graph::new(automaton);
    let mut budget = BUDGET;
    for &state in graph.next.keys() {
        let Some(text) = graph.two_ways_round(state, &mut budget) else { continue };
        let before = graph.way_to(state)?;
        let pump = Pump { before, text, state };
        if graph.grows(&pump) {
            return Some(pump);
        }
    }
    None
}

/// How many ways there are through the automaton for a text, up to `f64`'s idea of many.
pub(super) fn ways(automaton: &Automaton, text: &str) -> f64 {
    let graph = Graph::new(automaton);
    graph.count(text).values().sum()
}

impl<'a> Graph<'a> {
    fn new(automaton: &'a Automaton) -> Self {
        let of = |id: StateId| match automaton.state(id) {
            State::Take(_, next) => automaton.behind(*next),
            _ => Vec::new(),
        };
        let next = automaton.takes().map(|id| (id, of(id))).collect();
        let first = automaton.behind(automaton.start).into_iter().map(|(id, _)| id).collect();
        Self { automaton, next, first }
    }

    fn after(&self, id: StateId) -> &[(StateId, u8)] {
        self.next.get(&id).map_or(&[], Vec::as_slice)
    }

    fn letter(&self, a: StateId, b: StateId) -> Option<char> {
        let (one, other) = (self.automaton.set(a)?, self.automaton.set(b)?);
        if one == other { showable(one) } else { showable(&one.intersection(other)) }
    }

    /// The shortest text that leads from a state back to it in two ways. The text begins behind the
    /// state's own character and ends with it.
    fn two_ways_round(&self, state: StateId, budget: &mut usize) -> Option<String> {
        let mut trail = Trail::new();
        trail.add((state, state, false), None, None);
        let mut at = 0;
        while let Some((a, b, differs)) = trail.place(at) {
            for &(to_a, ways_a) in self.after(a) {
                for &(to_b, ways_b) in self.after(b) {
                    *budget = budget.checked_sub(1)?;
                    let Some(letter) = self.letter(to_a, to_b) else { continue };
                    let more = a == b && to_a == to_b && (ways_a > 1 || ways_b > 1);
                    let place = (to_a, to_b, differs || to_a != to_b || more);
                    trail.add(place, Some(at), Some(letter));
                    if place == (state, state, true) {
                        return Some(trail.text(trail.len() - 1));
                    }
                }
            }
            at += 1;
        }
        None
    }

    /// A text that leads into a state, its own character included.
    fn way_to(&self, state: StateId) -> Option<String> {
        let mut trail = Trail::new();
        let add = |trail: &mut Trail<StateId>, id, from| {
            if let Some(letter) = self.letter(id, id) {
                trail.add(id, from, Some(letter));
            }
        };
        self.first.iter().for_each(|&id| add(&mut trail, id, None));
        let mut at = 0;
        while let Some(id) = trail.place(at) {
            if id == state {
                return Some(trail.text(at));
            }
            self.after(id).iter().for_each(|&(to, _)| add(&mut trail, to, Some(at)));
            at += 1;
        }
        None
    }

    /// In how many ways a text leads into each state.
    fn count(&self, text: &str) -> BTreeMap<StateId, f64> {
        let mut letters = text.chars();
        let Some(first) = letters.next() else { return BTreeMap::new() };
        let takes = |id: StateId, c: char| {
            self.automaton.set(id).is_some_and(|set| set.contains(u32::from(c)))
        };
        let mut now: BTreeMap<StateId, f64> = BTreeMap::new();
        for &id in self.first.iter().filter(|&&id| takes(id, first)) {
            now.insert(id, 1.0);
        }
        for letter in letters {
            let mut then: BTreeMap<StateId, f64> = BTreeMap::new();
            for (&id, &count) in &now {
                for &(to, ways) in self.after(id).iter().filter(|(to, _)| takes(*to, letter)) {
                    *then.entry(to).or_default() += count * f64::from(ways);
                }
            }
            now = then;
        }
        now
    }

    /// Whether every round of the pump doubles the ways at least.
    fn grows(&self, pump: &Pump) -> bool {
        let text = format!("{}{}", pump.before, pump.text.repeat(PROOF_ROUNDS));
        let doubled = (0..PROOF_ROUNDS).fold(1.0_f64, |ways, _| ways * 2.0);
        self.count(&text).get(&pump.state).is_some_and(|&ways| ways >= doubled)
    }
}
