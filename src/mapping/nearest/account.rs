//! Account ids a typing error away from one that is known.

use super::draft::{Draft, Glyph};
use super::{Known, MendKind};

/// Lengths of a run of digits that may be a mistyped account id.
const RUN: std::ops::RangeInclusive<usize> = 10..=14;

/// The draft with a run of digits replaced by a known account id one error away from it. Nothing where the
/// run is known itself.
pub(super) fn with_known_account(draft: &Draft, known: &Known<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut start = 0;
    for run in draft.glyphs.chunk_by(|a, b| a.c.is_ascii_digit() == b.c.is_ascii_digit()) {
        let end = start + run.len();
        if RUN.contains(&run.len()) && run.iter().all(|glyph| glyph.c.is_ascii_digit()) {
            let digits: Vec<char> = run.iter().map(|glyph| glyph.c).collect();
            let ids = known.accounts.iter().map(|id| id.as_str().chars().collect::<Vec<char>>());
            let near: Vec<_> = ids.filter(|id| *id == digits || one_off(&digits, id)).collect();
            if !near.contains(&digits) {
                drafts.extend(near.iter().map(|id| replaced(draft, start, end, id)));
            }
        }
        start = end;
    }
    drafts
}

fn replaced(draft: &Draft, start: usize, end: usize, id: &[char]) -> Draft {
    let mut next = draft.clone();
    let run = draft.glyphs.get(start..end).unwrap_or_default();
    let from = run.first().map_or(0, |glyph| glyph.from.start);
    let to = run.last().map_or(from, |glyph| glyph.from.end);
    let kind = Some(MendKind::AccountDigits);
    let glyphs = id.iter().enumerate().map(|(i, &c)| {
        let from = if i == 0 { from..to } else { to..to };
        Glyph { c, from, kind }
    });
    next.glyphs.splice(start..end, glyphs);
    next
}

/// Whether one digit too many, too few or wrong, or two neighbours swapped, makes `a` of `b`.
fn one_off(a: &[char], b: &[char]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let rest = |text: &[char], skip: usize| text.get(same + skip..).map(<[char]>::to_vec);
    let (one, two) = (rest(a, 1), rest(a, 2));
    let swapped = match (a.get(same..same + 2), b.get(same..same + 2)) {
        (Some([a, b]), Some([c, d])) => a == d && b == c,
        _ => false,
    };
    (one.is_some() && (one == rest(b, 1) || one == rest(b, 0)))
        || (rest(a, 0).is_some() && rest(a, 0) == rest(b, 1))
        || (swapped && two == rest(b, 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_is_told_from_two() {
        let near = |a: &str, b: &str| {
            one_off(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>())
        };
        for a in ["12345678901", "123456789102", "123456789013", "1123456789012", "1234567890122"] {
            assert!(near(a, "123456789012"), "{a}");
        }
        for a in ["1234567890", "123456789123", "213456789021"] {
            assert!(!near(a, "123456789012"), "{a}");
        }
    }
}
