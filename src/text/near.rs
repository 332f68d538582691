//! Names that lie near a wanted one.

/// Edit distance (insertions, deletions, substitutions, swaps of neighbours) up to `limit`.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for (i, &x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        let mut left = i + 1;
        let mut swapped: Option<char> = None;
        for (j, &y) in b.iter().enumerate() {
            let diagonal = row.get(j).copied().unwrap_or(0) + usize::from(x != y);
            let above = row.get(j + 1).copied().unwrap_or(0) + 1;
            let mut best = diagonal.min(above).min(left + 1);
            if last == Some(y) && swapped == Some(x) {
                let across = j.checked_sub(1).and_then(|at| before.get(at)).copied();
                best = best.min(across.unwrap_or(usize::MAX - 1) + 1);
            }
            next.push(best);
            left = best;
            swapped = Some(y);
        }
        if next.iter().min().is_none_or(|&least| least > limit) {
            return None;
        }
        before = std::mem::replace(&mut row, next);
        last = Some(x);
    }
    row.last().copied().filter(|&distance| distance <= limit)
}

/// The nearest of some names, best first: equal but for case, then by edit distance up to a third of
/// the length.
pub fn nearest<'n>(
    wanted: &str,
    names: impl Iterator<Item = &'n str>,
    count: usize,
) -> Vec<String> {
    let lower = wanted.to_lowercase();
    let limit = (wanted.chars().count() / 3).clamp(1, 3);
    let mut found: Vec<(usize, &str)> = names
        .filter(|name| *name != wanted)
        .filter_map(|name| Some((distance(&lower, &name.to_lowercase(), limit)?, name)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(count).map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_and_swaps_count_one() {
        assert_eq!(distance("admin", "admin", 2), Some(0));
        assert_eq!(distance("admin", "amdin", 2), Some(1));
        assert_eq!(distance("admin", "admins", 2), Some(1));
        assert_eq!(distance("admin", "viewer", 3), None);
        assert_eq!(distance("", "ab", 2), Some(2));
    }

    #[test]
    fn case_is_the_nearest_difference() {
        let names = ["Admins", "admin", "Viewer"];
        assert_eq!(nearest("Admin", names.into_iter(), 3), ["admin", "Admins"]);
    }
}
