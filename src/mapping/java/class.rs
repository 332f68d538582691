//! Sets of code points, the value of a character class.

/// The largest Unicode code point.
pub const MAX_CODE_POINT: u32 = 0x10_FFFF;

/// A set of code points: sorted, disjoint, inclusive ranges, and the ASCII part again as bits.
///
/// Surrogates may be members (`[^a]` has them); they only ever meet half of an astral character.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CharSet {
    ascii: u128,
    ranges: Vec<(u32, u32)>,
}

impl CharSet {
    /// The set of no code point.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The set of every code point.
    pub fn all() -> Self {
        Self::range(0, MAX_CODE_POINT)
    }

    /// The set of one code point.
    pub fn single(code_point: u32) -> Self {
        Self::range(code_point, code_point)
    }

    /// The code points from `first` to `last`, both included; empty when `first > last`.
    pub fn range(first: u32, last: u32) -> Self {
        Self::from_ranges(vec![(first, last)])
    }

    /// The union of inclusive ranges in any order; those with `first > last` are left out.
    pub fn from_ranges(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.retain(|&(first, last)| first <= last);
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(previous) if first <= previous.1.saturating_add(1) => {
                    previous.1 = previous.1.max(last);
                }
                _ => merged.push((first, last)),
            }
        }
        let ascii = merged.iter().take_while(|r| r.0 < 128).fold(0_u128, |bits, &(first, last)| {
            (first..=last.min(127)).fold(bits, |bits, c| bits | (1 << c))
        });
        Self { ascii, ranges: merged }
    }

    /// The set of the characters of `text`.
    pub fn of(text: &str) -> Self {
        Self::from_ranges(text.chars().map(|c| (u32::from(c), u32::from(c))).collect())
    }

    /// Whether `code_point` is in the set.
    #[inline]
    pub fn contains(&self, code_point: u32) -> bool {
        if code_point < 128 {
            return self.ascii >> code_point & 1 == 1;
        }
        let after = self.ranges.partition_point(|r| r.0 <= code_point);
        after.checked_sub(1).and_then(|i| self.ranges.get(i)).is_some_and(|r| code_point <= r.1)
    }

    /// Whether the set has no member.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The members as sorted, disjoint, inclusive ranges.
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// The members of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_ranges(self.ranges.iter().chain(&other.ranges).copied().collect())
    }

    /// The members of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.complement().union(&other.complement()).complement()
    }

    /// The code points that are not members.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut gaps = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = 0;
        for &(first, last) in &self.ranges {
            if next < first {
                gaps.push((next, first - 1));
            }
            next = last + 1;
        }
        if next <= MAX_CODE_POINT {
            gaps.push((next, MAX_CODE_POINT));
        }
        Self::from_ranges(gaps)
    }

    /// The members of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neighbouring_ranges_melt_together() {
        let set = CharSet::from_ranges(vec![(5, 9), (0, 4), (20, 10), (300, 301)]);
        assert_eq!(set.ranges(), [(0, 9), (300, 301)]);
    }

    proptest! {
        #[test]
        fn set_operations_agree_with_membership(
            a in prop::collection::vec((0_u32..400, 0_u32..400), 0..6),
            b in prop::collection::vec((0_u32..400, 0_u32..400), 0..6),
            probe in 0_u32..420,
        ) {
            let (a, b) = (CharSet::from_ranges(a), CharSet::from_ranges(b));
            prop_assert_eq!(a.union(&b).contains(probe), a.contains(probe) || b.contains(probe));
            prop_assert_eq!(
                a.intersection(&b).contains(probe),
                a.contains(probe) && b.contains(probe)
            );
            prop_assert_eq!(a.complement().contains(probe), !a.contains(probe));
            prop_assert_eq!(a.complement().complement(), a);
        }
    }
}
