//! Users and groups that one file states twice.

use std::collections::BTreeSet;

use super::Collector;
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
        let users = self.users.iter().map(|row| (row.key, row.place)).collect::<Vec<_>>();
        let groups = self.groups.iter().map(|row| (row.key, row.place)).collect::<Vec<_>>();
        // The pieces of a ranged member list are entries of one name.
        let ranged: BTreeSet<KeyId> = self.ranges.iter().map(|range| range.group).collect();
        for (what, rows) in [("user", users), ("group", groups)] {
            self.note_duplicates(what, &rows, &ranged);
        }
    }

    fn note_duplicates(&mut self, what: &str, rows: &[(KeyId, Place)], ranged: &BTreeSet<KeyId>) {
        let mut last = vec![Place::NOWHERE; self.keys.len()];
        for source in self.once.clone() {
            let first = self.sources.place(source, 0);
            let next = match self.sources.place(SourceId(source.0 + 1), 0) {
                Place::NOWHERE => Place(u32::MAX),
                next => next,
            };
            let from = rows.partition_point(|(_, place)| *place <= first);
            let to = rows.partition_point(|(_, place)| *place <= next);
            for &(key, place) in rows.get(from..to).unwrap_or_default() {
                let Some(slot) = last.get_mut(key.0 as usize) else { continue };
                let earlier = std::mem::replace(slot, place);
                if earlier > first && !ranged.contains(&key) {
                    self.note_duplicate(source, what, key, (earlier, place));
                }
            }
        }
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
