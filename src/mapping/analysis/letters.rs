//! Characters that two filters cannot tell apart, one for all of each kind.

use std::collections::BTreeMap;

use super::super::java::class::CharSet;
use super::automaton::{Automaton, LIKELY, showable};

/// A kind of character.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    /// One that can be shown.
    pub(super) shown: char,
    /// Which of the first filter's sets it is in.
    pub(super) old: Vec<bool>,
    /// Which of the second's.
    pub(super) new: Vec<bool>,
}

/// Every kind of character but line ends, the likeliest in a name first.
pub(super) fn letters(old: &Automaton, new: &Automaton) -> Vec<Letter> {
    let sets: Vec<&CharSet> = old.sets.iter().chain(&new.sets).collect();
    let line_ends = CharSet::of("\n\r\u{85}\u{2028}\u{2029}");
    let mut bounds: Vec<u32> = vec![0, 0xD800, 0xE000, 0x11_0000];
    for set in sets.iter().copied().chain([&line_ends]) {
        bounds.extend(set.ranges().iter().flat_map(|&(first, last)| [first, last + 1]));
    }
    bounds.sort_unstable();
    bounds.dedup();
    let mut kinds: BTreeMap<Vec<bool>, CharSet> = BTreeMap::new();
    for pair in bounds.windows(2) {
        let &[first, end] = pair else { continue };
        if line_ends.contains(first) || first >= 0x11_0000 || (0xD800..0xE000).contains(&first) {
            continue;
        }
        let kind: Vec<bool> = sets.iter().map(|set| set.contains(first)).collect();
        let range = CharSet::range(first, end - 1);
        let known = kinds.entry(kind).or_insert_with(CharSet::empty);
        *known = known.union(&range);
    }
    let any = |set: &CharSet| {
        let first = set.ranges().first().map(|range| range.0);
        first.and_then(char::from_u32)
    };
    let mut letters: Vec<Letter> = kinds
        .into_iter()
        .filter_map(|(kind, set)| {
            let (old, new) = kind.split_at_checked(old.sets.len())?;
            let shown = showable(&set).or_else(|| any(&set))?;
            Some(Letter { shown, old: old.to_vec(), new: new.to_vec() })
        })
        .collect();
    letters.sort_by_key(|letter| (likely(letter.shown), letter.shown));
    letters
}

/// How unlikely a character is in a name.
fn likely(c: char) -> usize {
    let rest = if c.is_ascii_alphanumeric() { LIKELY.len() } else { LIKELY.len() + 1 };
    LIKELY.chars().position(|likely| likely == c).unwrap_or(rest)
}
