//! Account ids a typing error away from one that is known.

use super::draft::{Draft, Glyph};
use super::{Known, MendKind};
use crate::model::account::AccountId;

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
            let digits: String = run.iter().map(|glyph| glyph.c).collect();
            let is_near = |id: &&str| *id == digits || one_off(digits.as_bytes(), id.as_bytes());
            let near: Vec<&str> =
                known.accounts.iter().map(AccountId::as_str).filter(is_near).collect();
            if !near.contains(&&*digits) {
                drafts.extend(near.iter().map(|id| replaced(draft, start, end, id)));
            }
        }
        start = end;
    }
    drafts
}

fn replaced(draft: &Draft, start: usize, end: usize, id: &str) -> Draft {
    let mut next = draft.clone();
    let run = draft.glyphs.get(start..end).unwrap_or_default();
    let from = run.first().map_or(0, |glyph| glyph.from.start);
    let to = run.last().map_or(from, |glyph| glyph.from.end);
    let kind = Some(MendKind::AccountDigits);
    let glyphs = id.chars().enumerate().map(|(i, c)| {
        let from = if i == 0 { from..to } else { to..to };
        Glyph { c, from, kind }
    });
    next.glyphs.splice(start..end, glyphs);
    next
}

/// Whether one digit too many, too few or wrong, or two neighbours swapped, makes `a` of `b`.
fn one_off(a: &[u8], b: &[u8]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let rest_of_a = |skip: usize| a.get(same + skip..);
    let rest_of_b = |skip: usize| b.get(same + skip..);
    let one = rest_of_a(1);
    let swapped = match (a.get(same..same + 2), b.get(same..same + 2)) {
        (Some([a, b]), Some([c, d])) => a == d && b == c,
        _ => false,
    };
    (one.is_some() && (one == rest_of_b(1) || one == rest_of_b(0)))
        || (rest_of_a(0).is_some() && rest_of_a(0) == rest_of_b(1))
        || (swapped && rest_of_a(2) == rest_of_b(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_is_told_from_two() {
        let near = |a: &str, b: &str| one_off(a.as_bytes(), b.as_bytes());
        for a in ["12345678901", "123456789102", "123456789013", "1123456789012", "1234567890122"] {
            assert!(near(a, "123456789012"), "{a}");
        }
        for a in ["1234567890", "123456789123", "213456789021"] {
            assert!(!near(a, "123456789012"), "{a}");
        }
    }
}
