//! Segments of a name in another order.

use super::draft::{Draft, Glyph};
use super::{Mend, MendKind};

/// Most segments whose order is tried.
const MOST: usize = 7;

/// Fewest digits of a segment that may be an account id.
const ACCOUNT_DIGITS: usize = 10;

/// The draft with two segments swapped or one moved, an account id or the first segment among them, for
/// every character that separates segments in the filter.
pub(super) fn reordered(draft: &Draft, name: &str, separators: &[char]) -> Vec<Draft> {
    let mut marks = separators.to_vec();
    marks.sort_unstable();
    marks.dedup();
    let mut drafts = Vec::new();
    for mark in marks {
        let segments: Vec<&[Glyph]> = draft.glyphs.split(|glyph| glyph.c == mark).collect();
        if (2..=MOST).contains(&segments.len()) {
            drafts.extend(
                orders(&segments).iter().filter_map(|order| joined(draft, name, mark, order)),
            );
        }
    }
    drafts
}

fn is_account(segment: &[Glyph]) -> bool {
    segment.len() >= ACCOUNT_DIGITS && segment.iter().all(|glyph| glyph.c.is_ascii_digit())
}

/// Every order with two segments swapped or one moved, that concerns a segment whose place is told by what
/// it is: the account, or the first segment.
fn orders<'a>(segments: &[&'a [Glyph]]) -> Vec<Vec<&'a [Glyph]>> {
    let count = segments.len();
    let typed = |i: usize| i == 0 || segments.get(i).is_some_and(|segment| is_account(segment));
    let mut orders: Vec<Vec<&[Glyph]>> = Vec::new();
    for from in 0..count {
        for to in 0..count {
            if from < to && (typed(from) || typed(to)) {
                let mut order = segments.to_vec();
                order.swap(from, to);
                orders.push(order);
            }
            let first_leaves = from == 0 || to == 0;
            if from.abs_diff(to) > 1 && (typed(from) || first_leaves) {
                let mut order = segments.to_vec();
                let segment = order.remove(from);
                order.insert(to, segment);
                orders.push(order);
            }
        }
    }
    orders
}

/// The draft with its segments in another order, the separators where they were.
fn joined(draft: &Draft, name: &str, mark: char, order: &[&[Glyph]]) -> Option<Draft> {
    let mut separators = draft.glyphs.iter().filter(|glyph| glyph.c == mark);
    let mut glyphs: Vec<Glyph> = Vec::with_capacity(draft.glyphs.len());
    for (i, segment) in order.iter().enumerate() {
        if i > 0 {
            glyphs.push(separators.next()?.clone());
        }
        glyphs.extend(segment.iter().cloned());
    }
    let differs = |(old, new): (&Glyph, &Glyph)| old.c != new.c;
    let first = draft.glyphs.iter().zip(&glyphs).position(differs)?;
    let last = draft.glyphs.iter().zip(&glyphs).rposition(differs)?;
    let old = draft.glyphs.get(first..=last)?;
    let range = old.first()?.from.start..old.last()?.from.end;
    let wanted = glyphs.get(first..=last)?.iter().map(|glyph| glyph.c).collect();
    let found = name.get(range.clone())?.to_owned();
    let mut moved = draft.clone();
    moved.glyphs = glyphs;
    moved.moved = Some(Mend { kind: MendKind::Segments, range, found, wanted });
    Some(moved)
}
