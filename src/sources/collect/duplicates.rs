//! Users and groups that one file states twice.

use std::collections::BTreeSet;

use super::{Collector, GroupRow, UserRow};
use crate::model::defect::{Defect, DefectKind};
use crate::sources::keys::{KeyId, KeySpace};
use crate::text::{Place, SourceId};

impl Collector {
    /// The current source states each user and group at most once.
    pub fn states_once(&mut self) {
        self.once.extend(self.current);
    }

    /// Notes every record of such a source whose key an earlier record of it has.
    pub(super) fn check_duplicates(&mut self) {
        // The pieces of a ranged member list are entries of one name.
        let ranged: BTreeSet<KeyId> = self.ranges.iter().map(|range| range.group).collect();
        let of = |row: &UserRow| (row.key, row.place);
        let users = self.duplicates(&self.users, of, &BTreeSet::new());
        let of = |row: &GroupRow| (row.key, row.place);
        let groups = self.duplicates(&self.groups, of, &ranged);
        for (what, found) in [("user", users), ("group", groups)] {
            for (source, key, places) in found {
                self.note_duplicate(source, what, key, places);
            }
        }
    }

    fn duplicates<R>(
        &self,
        rows: &[R],
        of: impl Fn(&R) -> (KeyId, Place),
        but: &BTreeSet<KeyId>,
    ) -> Vec<(SourceId, KeyId, (Place, Place))> {
        let mut found = Vec::new();
        let mut last = vec![0_u32; self.keys.len()];
        for &source in &self.once {
            let first = self.sources.place(source, 0);
            let next = match self.sources.place(SourceId(source.0 + 1), 0) {
                Place::NOWHERE => Place(u32::MAX),
                next => next,
            };
            let from = rows.partition_point(|row| of(row).1 <= first);
            let to = rows.partition_point(|row| of(row).1 <= next);
            for (key, place) in rows.get(from..to).unwrap_or_default().iter().map(&of) {
                let Some(slot) = last.get_mut(key.0 as usize) else { continue };
                let earlier = Place(std::mem::replace(slot, place.0));
                if earlier > first && !but.contains(&key) {
                    found.push((source, key, (earlier, place)));
                }
            }
        }
        found
    }

    fn note_duplicate(
        &mut self,
        source: SourceId,
        what: &str,
        key: KeyId,
        (first, place): (Place, Place),
    ) {
        let value = String::from_utf8_lossy(self.keys.text(key)).into_owned();
        let known_by = match self.keys.space(key) {
            Some(KeySpace::Dn) => "DN",
            Some(KeySpace::Sid) => "SID",
            Some(KeySpace::OktaId | KeySpace::GraphId | KeySpace::GoogleId) => "id",
            _ => "name",
        };
        let message = format!("a second {what} of this {known_by}, expected it once in a file");
        let kind = DefectKind::Duplicate;
        self.defects.push(source, Defect { kind, place, value, message, first });
    }
}
