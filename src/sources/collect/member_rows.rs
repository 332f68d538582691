//! Second pass over the memberships: rows of users, by group.

use super::Chunk;
use crate::model::directory::Rows;
use crate::text::Place;

/// With how many threads all memberships are looked through, each for those of its own groups: with more, each
/// would pass over more that is not its own.
const SIDE_BY_SIDE: usize = 4;

/// The users of each group, side by side: those of the chunks and, behind them, others; `sizes` is how many each
/// has.
pub(super) fn member_rows(
    chunks: &[Chunk],
    groups: usize,
    sizes: &[u32],
    extra: &[(u32, u32, Place)],
) -> Rows {
    let mut offsets = Vec::with_capacity(groups + 1);
    let mut total = 0;
    for group in 0..groups {
        offsets.push(total);
        total += sizes.get(group).copied().unwrap_or(0);
    }
    offsets.push(total);
    let mut users = vec![0; total as usize];
    let mut places = vec![Place::NOWHERE; total as usize];
    let share = Share { first: 0, offsets: &offsets, users: &mut users, places: &mut places };
    share.fill(chunks, extra, rayon::current_num_threads().min(SIDE_BY_SIDE));
    Rows::new(offsets, users, places)
}

/// The rows of groups that follow each other.
struct Share<'r> {
    /// The first of the groups.
    first: usize,
    /// Where among all rows each begins, and the last ends.
    offsets: &'r [u32],
    users: &'r mut [u32],
    places: &'r mut [Place],
}

impl Share<'_> {
    /// Puts in what belongs to these groups, with so many threads.
    fn fill(mut self, chunks: &[Chunk], extra: &[(u32, u32, Place)], threads: usize) {
        if threads > 1 {
            let (one, other) = self.halves();
            rayon::join(
                || one.fill(chunks, extra, threads / 2),
                || other.fill(chunks, extra, threads - threads / 2),
            );
            return;
        }
        let start = self.offsets.first().copied().unwrap_or(0);
        let groups = self.offsets.len().saturating_sub(1);
        let starts = self.offsets.get(..groups).unwrap_or_default();
        let mut next: Vec<u32> = starts.iter().map(|offset| offset - start).collect();
        let mut put = |group: u32, user: u32, place: Place| {
            let group = (group as usize).wrapping_sub(self.first);
            if let Some(slot) = next.get_mut(group) {
                let at = *slot as usize;
                if let (Some(member), Some(line)) =
                    (self.users.get_mut(at), self.places.get_mut(at))
                {
                    (*member, *line) = (user, place);
                    *slot += 1;
                }
            }
        };
        for chunk in chunks {
            for edge in &chunk.edges {
                if let (Ok(group), Ok(user)) = (edge.group.resolve(), edge.member.resolve()) {
                    put(group.0, user.0, Place(chunk.base.saturating_add(edge.line)));
                }
            }
        }
        for &(group, user, place) in extra {
            put(group, user, place);
        }
    }

    /// Two shares of about as many users.
    fn halves(&mut self) -> (Share<'_>, Share<'_>) {
        let start = self.offsets.first().copied().unwrap_or(0);
        let half = self.users.len() / 2;
        let last = self.offsets.len().saturating_sub(1);
        let at =
            self.offsets.partition_point(|offset| ((offset - start) as usize) < half).min(last);
        let users_before = self.offsets.get(at).map_or(0, |offset| (offset - start) as usize);
        let (users, more_users) = self.users.split_at_mut(users_before);
        let (places, more_places) = self.places.split_at_mut(users_before);
        let (before, behind) = (
            self.offsets.get(..=at).unwrap_or_default(),
            self.offsets.get(at..).unwrap_or_default(),
        );
        let one = Share { first: self.first, offsets: before, users, places };
        let other = Share {
            first: self.first + at,
            offsets: behind,
            users: more_users,
            places: more_places,
        };
        (one, other)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sources::batch::{Edge, KeyRef};
    use crate::sources::keys::KeyId;

    proptest! {
        #[test]
        fn any_number_of_threads_puts_in_what_one_does(
            edges in prop::collection::vec((0_u32..7, 0_u32..99), 0..60),
            extra in prop::collection::vec((0_u32..7, 0_u32..99), 0..5),
            cut in 0_usize..60,
            threads in 1_usize..6,
        ) {
            let mut offsets = vec![0_u32];
            for group in 0..7 {
                let users = edges.iter().chain(&extra).filter(|(of, _)| *of == group).count();
                offsets.push(offsets[offsets.len() - 1] + u32::try_from(users).unwrap());
            }
            let edge = |(line, &(group, user)): (u32, &(u32, u32))| {
                let (group, member) = (KeyRef::known(KeyId(group)), KeyRef::known(KeyId(user)));
                Edge { group, member, line }
            };
            let all: Vec<Edge> = (1..).zip(&edges).map(edge).collect();
            let (one, other) = all.split_at(cut.min(all.len()));
            let chunks = [one, other].map(|edges| Chunk { base: 10, edges: edges.to_vec() });
            let extra: Vec<_> = extra.into_iter().map(|(of, user)| (of, user, Place(1))).collect();
            let total = *offsets.last().unwrap() as usize;
            let (mut users, mut places) = (vec![0; total], vec![Place::NOWHERE; total]);
            let share = Share { first: 0, offsets: &offsets, users: &mut users, places: &mut places };
            share.fill(&chunks, &extra, threads);
            let stated = (11..).zip(&edges).map(|(line, &(of, user))| (of, user, Place(line)));
            let mut wanted: Vec<_> = stated.chain(extra.iter().copied()).collect();
            wanted.sort_by_key(|(group, ..)| *group);
            let found: Vec<_> = users.into_iter().zip(places).collect();
            let wanted: Vec<_> = wanted.into_iter().map(|(_, user, place)| (user, place)).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
