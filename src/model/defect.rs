//! What the exports themselves suffered: records that cannot be read, pages that are missing, values lost.

use std::collections::BTreeMap;

use crate::text::{Place, SourceId};

/// Most defects of one kind that are kept of one source; all are counted.
pub const DEFECTS_KEPT: usize = 100;

/// What happened to an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefectKind {
    /// A record or a value that cannot be read.
    Unreadable,
    /// The export ends before what it lists does.
    Truncated,
    /// Something that may stand once stands twice.
    Duplicate,
    /// A program wrote something else in place of a value.
    LostValue,
    /// Bytes that are not of the file's encoding.
    StrayByte,
    /// An account id that is not twelve digits of text.
    AccountId,
    /// A secret.
    Secret,
}

/// One defect, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// What happened.
    pub kind: DefectKind,
    /// The line.
    pub place: Place,
    /// The value it happened to, as written; empty where it has none, or where it is secret.
    pub value: String,
    /// What was found and expected: lower case, one sentence.
    pub message: String,
    /// For a duplicate, the line of the first.
    pub first: Place,
}

/// The defects of one kind in one source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceDefects {
    /// How many there are.
    pub count: usize,
    /// The first of them, in reading order.
    pub kept: Vec<Defect>,
}

/// Every defect, by kind and source.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Defects {
    found: BTreeMap<(DefectKind, SourceId), SourceDefects>,
}

impl Defects {
    /// Takes up a defect of a source.
    pub fn push(&mut self, source: SourceId, defect: Defect) {
        let of = self.found.entry((defect.kind, source)).or_default();
        of.count += 1;
        if of.kept.len() < DEFECTS_KEPT {
            of.kept.push(defect);
        }
    }

    /// The sources that have defects of a kind, in reading order.
    pub fn of(&self, kind: DefectKind) -> impl Iterator<Item = (SourceId, &SourceDefects)> {
        self.found
            .iter()
            .filter(move |((of, _), _)| *of == kind)
            .map(|(&(_, source), defects)| (source, defects))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defects_over_the_limit_of_a_source_are_counted_and_not_kept() {
        let mut defects = Defects::default();
        let defect = Defect {
            kind: DefectKind::Unreadable,
            place: Place(1),
            value: String::new(),
            message: String::new(),
            first: Place::NOWHERE,
        };
        for _ in 0..DEFECTS_KEPT + 5 {
            defects.push(SourceId(3), defect.clone());
        }
        defects.push(SourceId(1), defect);
        let counted: Vec<_> = defects
            .of(DefectKind::Unreadable)
            .map(|(source, found)| (source.0, found.count, found.kept.len()))
            .collect();
        assert_eq!(counted, [(1, 1, 1), (3, DEFECTS_KEPT + 5, DEFECTS_KEPT)]);
        assert_eq!(defects.of(DefectKind::Secret).count(), 0);
    }
}
