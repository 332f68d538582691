//! A name that does not obey, cut at the separators of its template where that leaves least to mend.

use std::ops::Range;

use super::{Form, Segment, Slot};

/// Most cuts of one name that are weighed.
const CUTS: usize = 4_000;

/// The bytes of each slot of some segments; `None` where the separators are not all there, or where there are
/// too many ways to cut.
pub(super) fn split<'g>(
    segments: &'g [Segment],
    text: &str,
) -> Option<Vec<(&'g Slot, Range<usize>)>> {
    let mut ways = vec![Way { at: 0, cost: 0, cuts: Vec::new() }];
    let mut weighed = 0;
    for (number, segment) in segments.iter().enumerate() {
        let mut next: Vec<Way> = Vec::new();
        for way in ways {
            let rest = text.get(way.at..)?;
            match segment {
                Segment::Text(literal) => {
                    if rest.starts_with(literal.as_str()) {
                        let at = way.at + literal.len();
                        keep(&mut next, Way { at, ..way });
                    }
                }
                Segment::Slot(slot) => {
                    let ends = match segments.get(number + 1) {
                        Some(Segment::Text(literal)) => occurrences(rest, literal),
                        _ => vec![rest.len()],
                    };
                    for end in ends {
                        weighed += 1;
                        if weighed > CUTS {
                            return None;
                        }
                        let part = rest.get(..end)?;
                        let at = way.at + end;
                        let mut cuts = way.cuts.clone();
                        cuts.push(way.at..at);
                        keep(&mut next, Way { at, cost: way.cost + cost(slot, part), cuts });
                    }
                }
            }
        }
        ways = next;
    }
    let best = ways.into_iter().filter(|way| way.at == text.len()).min_by_key(|way| way.cost)?;
    let slots = segments.iter().filter_map(|segment| match segment {
        Segment::Slot(slot) => Some(slot),
        Segment::Text(_) => None,
    });
    Some(slots.zip(best.cuts).collect())
}

#[derive(Debug)]
struct Way {
    at: usize,
    cost: usize,
    cuts: Vec<Range<usize>>,
}

/// Adds a way, unless a known one comes as far and costs no more.
fn keep(ways: &mut Vec<Way>, way: Way) {
    match ways.iter_mut().find(|known| known.at == way.at) {
        Some(known) if way.cost < known.cost => *known = way,
        Some(_) => {}
        None => ways.push(way),
    }
}

/// Every place at which a text has another, overlapping ones too.
fn occurrences(text: &str, literal: &str) -> Vec<usize> {
    text.char_indices()
        .map(|(at, _)| at)
        .filter(|&at| text.get(at..).is_some_and(|rest| rest.starts_with(literal)))
        .collect()
}

/// What it takes to make a text into what a slot may be.
fn cost(slot: &Slot, text: &str) -> usize {
    match &slot.form {
        _ if text.is_empty() => 4,
        Form::Words(words) if words.admits(text) => 0,
        Form::Words(words) if words.nearest(text).is_some() => 1,
        Form::Words(words) if words.foreign(text).is_none() => 2,
        Form::Words(_) => 3,
        Form::Made(_, inner) => match split(inner, text) {
            Some(slots) => {
                let part = |(slot, range): &(&Slot, Range<usize>)| {
                    text.get(range.clone()).map_or(4, |part| cost(slot, part))
                };
                slots.iter().map(part).sum()
            }
            None => 3,
        },
    }
}
