//! The values of one entry, where they stand or copied.

use std::ops::Range;

use super::super::attribute::Field;

/// A value on its way into an entry.
#[derive(Debug, Clone, Copy)]
pub(in crate::sources::directory) enum Value<'b, 'v> {
    /// It stays where it is.
    Stays(&'b [u8]),
    /// It has to be copied.
    Passes(&'v [u8]),
}

impl<'b: 'v, 'v> Value<'b, 'v> {
    /// Its bytes.
    #[expect(clippy::match_same_arms, reason = "the lifetimes of the two differ")]
    #[inline]
    pub(in crate::sources::directory) const fn bytes(self) -> &'v [u8] {
        match self {
            Self::Stays(bytes) => bytes,
            Self::Passes(bytes) => bytes,
        }
    }

    /// Its last bytes.
    #[inline]
    pub(in crate::sources::directory) fn tail(self, length: usize) -> Self {
        match self {
            Self::Stays(bytes) => Self::Stays(last(bytes, length)),
            Self::Passes(bytes) => Self::Passes(last(bytes, length)),
        }
    }
}

fn last(bytes: &[u8], length: usize) -> &[u8] {
    bytes.len().checked_sub(length).and_then(|start| bytes.get(start..)).unwrap_or_default()
}

/// Values of attributes, in their order. Reused from one entry to the next.
#[derive(Debug, Default)]
pub(super) struct Values<'b> {
    /// What was copied.
    text: Vec<u8>,
    dn: Kept<'b>,
    kept: Vec<(Field, u32, Kept<'b>)>,
    /// Which fields are among the values, a bit each.
    fields: u32,
}

#[derive(Debug, Clone)]
enum Kept<'b> {
    InPlace(&'b [u8]),
    Copied(Range<usize>),
}

impl Default for Kept<'_> {
    fn default() -> Self {
        Self::InPlace(&[])
    }
}

impl<'b> Values<'b> {
    /// Forgets everything, keeping what is allocated.
    #[inline]
    pub(super) fn restart(&mut self, dn: Value<'b, '_>) {
        self.text.clear();
        self.kept.clear();
        self.fields = 0;
        self.dn = self.keep(dn);
    }

    #[inline]
    pub(super) fn push(&mut self, field: Field, value: Value<'b, '_>, line: u32) {
        let kept = self.keep(value);
        self.kept.push((field, line, kept));
        self.fields |= 1 << field as u32;
    }

    #[inline]
    fn keep(&mut self, value: Value<'b, '_>) -> Kept<'b> {
        match value {
            Value::Stays(bytes) => Kept::InPlace(bytes),
            Value::Passes(bytes) => {
                let start = self.text.len();
                self.text.extend_from_slice(bytes);
                Kept::Copied(start..self.text.len())
            }
        }
    }

    pub(super) fn dn(&self) -> &[u8] {
        self.bytes(&self.dn)
    }

    pub(super) fn dn_value(&self) -> Value<'b, '_> {
        match &self.dn {
            Kept::InPlace(dn) => Value::Stays(dn),
            Kept::Copied(_) => Value::Passes(self.dn()),
        }
    }

    /// All values, with their fields.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Field, &[u8])> {
        self.kept.iter().map(|(field, _, value)| (*field, self.bytes(value)))
    }

    /// The values of a field.
    pub(super) fn all(&self, field: Field) -> impl Iterator<Item = &[u8]> {
        self.iter().filter(move |(of, _)| *of == field).map(|(_, value)| value)
    }

    /// The first value of a field.
    #[inline]
    pub(super) fn first(&self, field: Field) -> Option<&[u8]> {
        if self.has(field) { self.all(field).next() } else { None }
    }

    /// Whether a field has a value.
    #[inline]
    pub(super) const fn has(&self, field: Field) -> bool {
        self.fields & 1 << field as u32 != 0
    }

    /// Where the first value of a field stands.
    pub(super) fn line_of(&self, field: Field) -> Option<u32> {
        self.kept.iter().find(|(of, _, _)| *of == field).map(|(_, line, _)| *line)
    }

    fn bytes<'v>(&'v self, kept: &Kept<'v>) -> &'v [u8] {
        match kept {
            Kept::InPlace(bytes) => bytes,
            Kept::Copied(range) => self.text.get(range.clone()).unwrap_or_default(),
        }
    }
}
