//! `member;range=a-b` pieces: a list with a missing piece is incomplete.

use std::collections::BTreeMap;

use super::{Collector, SourceProblem};
use crate::model::defect::DefectKind;
use crate::sources::batch::Loss;
use crate::sources::keys::KeyId;
use crate::text::SourceId;

/// First index, last index (`None` for `*`), and where the piece stands.
type Piece = (u32, Option<u32>, SourceId, u32);

impl Collector {
    /// Reports every ranged member list whose pieces do not run from 0 to `*`.
    pub(super) fn check_ranges(&mut self) {
        let mut lists: BTreeMap<KeyId, Vec<Piece>> = BTreeMap::new();
        for piece in &self.ranges {
            lists.entry(piece.group).or_default().push((
                piece.range.low,
                piece.range.high,
                piece.source,
                piece.range.line,
            ));
        }
        for (group, mut pieces) in lists {
            pieces.sort_unstable();
            if let Some((source, line, missing)) = gap(&pieces) {
                let name = String::from_utf8_lossy(self.keys.text(group)).into_owned();
                let message = format!(
                    "the member list of `{name}` is incomplete: {missing} missing, expected `member;range` pieces from 0 to `*`"
                );
                self.defect((source, line), DefectKind::Truncated, name, message.clone());
                self.problems.push(SourceProblem { source, line, loss: Loss::Record, message });
            }
        }
    }
}

/// The first piece before or after which values are missing.
fn gap(pieces: &[Piece]) -> Option<(SourceId, u32, String)> {
    let mut next = 0;
    let mut last = None;
    for &(low, high, source, line) in pieces {
        if low > next {
            return Some((source, line, format!("values {next} to {} are", low - 1)));
        }
        let high = high?;
        next = next.max(high.saturating_add(1));
        last = Some((source, line));
    }
    last.map(|(source, line)| (source, line, format!("values from {next} on are")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(list: &[(u32, Option<u32>)]) -> Option<String> {
        let list: Vec<_> = list.iter().map(|&(a, b)| (a, b, SourceId(0), 1)).collect();
        gap(&list).map(|(_, _, missing)| missing)
    }

    #[test]
    fn whole_lists_have_no_gap() {
        assert_eq!(pieces(&[(0, None)]), None);
        assert_eq!(pieces(&[(0, Some(1499)), (1500, Some(2999)), (3000, None)]), None);
    }

    #[test]
    fn a_missing_middle_and_a_missing_end_are_named() {
        assert_eq!(pieces(&[(0, Some(1499)), (3000, None)]).unwrap(), "values 1500 to 2999 are");
        assert_eq!(pieces(&[(0, Some(1499))]).unwrap(), "values from 1500 on are");
    }
}
