//! A name as Java sees it: UTF-16 units.

/// A name in UTF-16 with the way back to bytes. Kept between names, so that reading one takes no
/// memory once the longest has been seen.
#[derive(Debug, Default)]
pub(super) struct Text {
    units: Vec<u16>,
    /// For each unit and the end, its byte offset; [`INSIDE`] for the second half of a pair.
    bytes: Vec<usize>,
}

/// Marks the middle of a surrogate pair.
const INSIDE: usize = usize::MAX;

impl Text {
    /// Takes in a name.
    pub(super) fn load(&mut self, name: &str) {
        self.units.clear();
        self.bytes.clear();
        for (at, c) in name.char_indices() {
            let mut buffer = [0; 2];
            for (i, &unit) in c.encode_utf16(&mut buffer).iter().enumerate() {
                self.units.push(unit);
                self.bytes.push(if i == 0 { at } else { INSIDE });
            }
        }
        self.bytes.push(name.len());
    }

    pub(super) fn len(&self) -> usize {
        self.units.len()
    }

    /// The byte offset of a unit; `None` inside a surrogate pair.
    pub(super) fn byte(&self, at: usize) -> Option<usize> {
        self.bytes.get(at).copied().filter(|&b| b != INSIDE)
    }

    /// The unit at `at`; past the end, zero.
    pub(super) fn unit(&self, at: usize) -> u32 {
        self.units.get(at).copied().map_or(0, u32::from)
    }

    /// Java's `codePointAt`, with the place behind it. `None` at the end.
    #[inline]
    pub(super) fn point_at(&self, at: usize) -> Option<(u32, usize)> {
        let high = u32::from(*self.units.get(at)?);
        if (0xD800..0xDC00).contains(&high)
            && let Some(low) = self.units.get(at + 1).copied().map(u32::from)
            && (0xDC00..0xE000).contains(&low)
        {
            return Some((0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00), at + 2));
        }
        Some((high, at + 1))
    }

    /// Java's `codePointBefore`, with the place before it. `None` at the start.
    pub(super) fn point_before(&self, at: usize) -> Option<(u32, usize)> {
        let before = at.checked_sub(1)?;
        if let Some(start) = at.checked_sub(2)
            && let Some((point, end)) = self.point_at(start)
            && end == at
            && point > 0xFFFF
        {
            return Some((point, start));
        }
        Some((self.unit(before), before))
    }
}
