//! A name being mended: every character with the place it came from and what was done to it.

use std::ops::Range;

use super::super::align::Step;
use super::super::confusable::{is_invisible, look_alike};
use super::{Mend, MendKind};

/// One character of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glyph {
    /// The character as it is now.
    pub(super) c: char,
    /// The bytes of the name it stands for; empty for one that was put in.
    pub(super) from: Range<usize>,
    /// Why it is not as it was.
    pub(super) kind: Option<MendKind>,
}

/// A name being mended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Draft {
    pub(super) glyphs: Vec<Glyph>,
    /// Characters left out.
    dropped: Vec<(Range<usize>, MendKind)>,
    /// Segments put in another order.
    pub(super) moved: Option<Mend>,
}

impl Draft {
    /// The name without what is wrong in any name: surrounding space, invisible characters, look-alikes.
    pub(super) fn clean(name: &str) -> Self {
        let mut draft = Self::default();
        for (start, c) in name.char_indices() {
            let from = start..start + c.len_utf8();
            let glyph = |c, kind| Glyph { c, from: from.clone(), kind };
            if is_invisible(c) {
                if c.is_whitespace() && c != '\u{85}' {
                    draft.glyphs.push(glyph(' ', Some(MendKind::InvisibleCharacter)));
                } else {
                    draft.dropped.push((from, MendKind::InvisibleCharacter));
                }
            } else if let Some(twin) = look_alike(c) {
                draft.glyphs.push(glyph(twin, Some(MendKind::MixedScript)));
            } else {
                draft.glyphs.push(glyph(c, None));
            }
        }
        draft.trim();
        draft.drop_where(|glyph| matches!(glyph.c, '\n' | '\r'), MendKind::InvisibleCharacter);
        draft
    }

    fn trim(&mut self) {
        let ink = |glyph: &Glyph| !glyph.c.is_whitespace();
        let first = self.glyphs.iter().position(ink).unwrap_or(self.glyphs.len());
        let last = self.glyphs.iter().rposition(ink).map_or(first, |last| last + 1);
        let mut place = 0;
        self.drop_where(
            |_| {
                place += 1;
                place <= first || place > last
            },
            MendKind::SurroundingSpace,
        );
    }

    fn drop_where(&mut self, mut unwanted: impl FnMut(&Glyph) -> bool, kind: MendKind) {
        let dropped = &mut self.dropped;
        self.glyphs.retain(|glyph| {
            let goes = unwanted(glyph);
            if goes {
                dropped.push((glyph.from.clone(), glyph.kind.unwrap_or(kind)));
            }
            !goes
        });
    }

    /// The characters.
    pub(super) fn chars(&self) -> Vec<char> {
        self.glyphs.iter().map(|glyph| glyph.c).collect()
    }

    /// The text.
    pub(super) fn text(&self) -> String {
        self.glyphs.iter().map(|glyph| glyph.c).collect()
    }

    /// The draft after the steps of an alignment of its characters.
    pub(super) fn after(&self, steps: &[Step]) -> Self {
        let mut next =
            Self { glyphs: Vec::new(), dropped: self.dropped.clone(), moved: self.moved.clone() };
        let mut old = self.glyphs.iter();
        let mut end = self.glyphs.first().map_or(0, |glyph| glyph.from.start);
        for step in steps {
            if let Step::Insert(c, kind) = *step {
                // Before the next character, so that a lost zero stands with its account.
                let at = old.as_slice().first().map_or(end, |glyph| glyph.from.start);
                next.glyphs.push(Glyph { c, from: at..at, kind: Some(kind) });
                continue;
            }
            let Some(glyph) = old.next() else { break };
            end = glyph.from.end;
            match *step {
                Step::Replace(c, kind) => {
                    let kind =
                        if kind == MendKind::Separator { kind } else { glyph.kind.unwrap_or(kind) };
                    next.glyphs.push(Glyph { c, from: glyph.from.clone(), kind: Some(kind) });
                }
                Step::Drop(kind) => {
                    next.dropped.push((glyph.from.clone(), glyph.kind.unwrap_or(kind)));
                }
                Step::Keep | Step::Insert(..) => next.glyphs.push(glyph.clone()),
            }
        }
        next.claim_accounts();
        next
    }

    /// Where digits were put in, the whole run of digits is what was mended.
    fn claim_accounts(&mut self) {
        let mut inside = false;
        for glyph in &mut self.glyphs {
            let put_in = glyph.from.is_empty() && glyph.kind == Some(MendKind::AccountDigits);
            inside = put_in || (inside && glyph.c.is_ascii_digit());
            if inside {
                glyph.kind = glyph.kind.or(Some(MendKind::AccountDigits));
            }
        }
    }

    /// What was done, neighbouring changes of one kind as one.
    pub(super) fn mends(&self, name: &str) -> Vec<Mend> {
        let changed = self
            .glyphs
            .iter()
            .filter_map(|glyph| Some((glyph.from.clone(), glyph.kind?, Some(glyph.c))));
        let dropped = self.dropped.iter().map(|(from, kind)| (from.clone(), *kind, None));
        let mut parts: Vec<_> = changed.chain(dropped).collect();
        parts.sort_by_key(|(from, _, _)| (from.start, from.end));
        let mut mends: Vec<Mend> = Vec::new();
        for (range, kind, c) in parts {
            let found = name.get(range.clone()).unwrap_or_default();
            match mends.last_mut() {
                Some(last) if last.kind == kind && last.range.end == range.start => {
                    last.range.end = range.end;
                    last.found.push_str(found);
                    last.wanted.extend(c);
                }
                _ => mends.push(Mend {
                    kind,
                    range,
                    found: found.to_owned(),
                    wanted: c.into_iter().collect(),
                }),
            }
        }
        mends.extend(self.moved.clone());
        mends.sort_by_key(|mend| (mend.range.start, mend.range.end));
        mends
    }
}
