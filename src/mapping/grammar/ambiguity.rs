//! Whether some name could be read in two ways.

use std::collections::BTreeSet;

use super::layers::Layers;
use super::{NamingGrammar, Part};
use crate::mapping::analysis::automaton::{StateId, showable};
use crate::mapping::analysis::trail::Trail;

/// Most pairs of states that are looked at.
const PAIRS: usize = 400_000;

/// Why a grammar is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Doubt {
    /// A name with two readings: what differs in each.
    Twice { name: String, readings: [String; 2] },
    /// Too many pairs of states.
    TooMuch,
}

/// Two readings of the same beginning of a name; `apart` once a character belongs to other parts in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    one: StateId,
    other: StateId,
    apart: bool,
}

/// A name that has two readings, if there is any.
pub(super) fn ambiguity(grammar: &NamingGrammar) -> Option<Doubt> {
    let layers = Layers::new(grammar);
    let automaton = &layers.automaton;
    let mut trail = Trail::new();
    let add = |trail: &mut Trail<Pair>, pair: Pair, from, letter| {
        // The order of the two does not matter.
        let Pair { one, other, apart } = pair;
        let pair = Pair { one: one.min(other), other: one.max(other), apart };
        trail.add(pair, from, letter);
    };
    let starts = layers.behind(automaton.start);
    for &one in &starts.takes {
        for &other in starts.takes.iter().filter(|&&other| other >= one) {
            add(&mut trail, Pair { one, other, apart: false }, None, None);
        }
    }
    let mut at = 0;
    while let Some(pair) = trail.place(at) {
        if trail.len() > PAIRS {
            return Some(Doubt::TooMuch);
        }
        let (Some(set), Some(with)) = (automaton.set(pair.one), automaton.set(pair.other)) else {
            at += 1;
            continue;
        };
        let letter =
            if pair.one == pair.other { showable(set) } else { showable(&set.intersection(with)) };
        if let Some(letter) = letter {
            let apart = pair.apart || layers.parts_of(pair.one) != layers.parts_of(pair.other);
            let (ones, others) = (layers.after(pair.one), layers.after(pair.other));
            if apart && ones.ends && others.ends {
                let mut name = trail.text(at);
                name.push(letter);
                return Some(twice(&layers, name));
            }
            let is_same = pair.one == pair.other;
            for (number, &one) in ones.takes.iter().enumerate() {
                let skipped = if is_same { number } else { 0 };
                for &other in others.takes.iter().skip(skipped) {
                    add(&mut trail, Pair { one, other, apart }, Some(at), Some(letter));
                }
            }
        }
        at += 1;
    }
    None
}

/// The first part that two readings of a name differ in, each as `alias "x"`.
fn twice(layers: &Layers<'_>, name: String) -> Doubt {
    let readings = layers.readings(&name);
    let parts = |reading: &[(Part, std::ops::Range<usize>)]| -> BTreeSet<(Part, String)> {
        let text =
            |range: &std::ops::Range<usize>| name.get(range.clone()).unwrap_or_default().to_owned();
        reading.iter().map(|(part, range)| (*part, text(range))).collect()
    };
    let all: Vec<BTreeSet<(Part, String)>> = readings.iter().map(|one| parts(one)).collect();
    let (Some(first), Some(second)) =
        (all.first(), all.iter().find(|&other| Some(other) != all.first()))
    else {
        return Doubt::TooMuch;
    };
    let says = |one: &BTreeSet<(Part, String)>, other: &BTreeSet<(Part, String)>| {
        let differs = one.difference(other).next();
        differs.map_or(String::new(), |(part, text)| format!("{part} `{text}`"))
    };
    let readings = [says(first, second), says(second, first)];
    Doubt::Twice { name, readings }
}
