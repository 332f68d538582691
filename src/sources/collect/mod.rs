//! Batches in, directory out: takes up what readers found and joins identities at the end.

mod assignments;
mod duplicates;
mod identity;
mod member_rows;
mod memberships;
mod names;
mod ranges;

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::batch::{
    Assignment, Attribute, Edge, Found, GroupFacts, KeyRef, Loss, MemberRange, RecordRef, Waiting,
};
use super::defects;
use super::focus::Later;
use super::keys::{FORESEEN, KeyId, KeySpace, Keys, KeysFull, Size, foreseen};
use crate::model::defect::{Defect, DefectKind, Defects};
use crate::model::directory::{Directory, Status};
use crate::model::names::Text;
use crate::text::{Landmark, Place, SourceId, SourceMap};
pub(super) use identity::folded;

/// Something wrong with an input, with its source.
#[derive(Debug)]
pub struct SourceProblem {
    /// The input.
    pub source: SourceId,
    /// 1-based line, 0 for the file as a whole.
    pub line: u32,
    /// What is lost by it.
    pub loss: Loss,
    /// What is wrong: found and expected, one sentence.
    pub message: String,
}

/// How many keys are reached for at once.
const AT_ONCE: usize = 32;

/// Takes up batches, source by source.
#[derive(Debug, Default)]
pub struct Collector {
    keys: Keys,
    /// How many keys and users there were when the current source began.
    before: Size,
    users_before: usize,
    sources: SourceMap,
    next_place: u32,
    current: Option<SourceId>,
    chunks: Vec<Chunk>,
    /// By source, memberships that are left for later.
    later: Vec<(SourceId, Later<KeyId>)>,
    users: Vec<UserRow>,
    groups: Vec<GroupRow>,
    attributes: Vec<AttributeOf>,
    ranges: Vec<RangeOf>,
    assignments: Vec<AssignmentOf>,
    /// First and last place of sources whose memberships are Okta's flattened copy of a directory's.
    mirrors: Vec<(u32, u32)>,
    group_assignments_stated: bool,
    user_assignments_stated: bool,
    members_left_out: bool,
    /// Whether each row of the current source stands on one line, as far as blocks of it were taken up.
    rows_are_lines: Option<bool>,
    /// Where lines of the current source begin, now and then.
    landmarks: Vec<Landmark>,
    problems: Vec<SourceProblem>,
    defects: Defects,
    /// Sources that state a user or group at most once.
    once: Vec<SourceId>,
}

/// Memberships of one batch; all keys are known, lines count from `base`.
#[derive(Debug)]
struct Chunk {
    base: u32,
    edges: Vec<Edge>,
}

#[derive(Debug, Clone, Copy)]
struct UserRow {
    key: KeyId,
    status: Status,
    place: Place,
}

#[derive(Debug)]
struct GroupRow {
    key: KeyId,
    name: Text,
    facts: GroupFacts,
    place: Place,
}

#[derive(Debug, Clone, Copy)]
struct AttributeOf {
    of: RecordRef,
    attribute: Attribute,
    text: Text,
}

#[derive(Debug, Clone, Copy)]
struct RangeOf {
    group: KeyId,
    range: MemberRange,
    source: SourceId,
}

#[derive(Debug, Clone, Copy)]
struct AssignmentOf {
    key: KeyId,
    to_group: bool,
    place: Place,
}

impl Collector {
    /// Begins a source; its lines count from one.
    pub fn begin(&mut self, name: &str) -> SourceId {
        let id = self.sources.add(name.to_owned(), self.next_place);
        self.current = Some(id);
        self.rows_are_lines = None;
        self.landmarks = Vec::new();
        (self.before, self.users_before) = (self.keys.size(), self.users.len());
        id
    }

    /// So many times what was taken up of the current source is likely to follow.
    pub(super) fn expect(&mut self, times: usize) {
        self.keys.expect(self.before, times);
        let users = self.users.len() - self.users_before;
        self.users.reserve(foreseen(users, times, FORESEEN));
    }

    /// Keeps where lines of the current source begin, now and then.
    pub(super) fn keep_landmarks(&mut self, landmarks: Vec<Landmark>) {
        self.landmarks = landmarks;
    }

    /// Ends a source that had so many lines.
    pub fn end(&mut self, lines: u32) {
        self.next_place = self.next_place.saturating_add(lines).saturating_add(1);
        self.sources.close(lines, self.rows_are_lines.unwrap_or(false));
        if self.rows_are_lines == Some(true) {
            self.sources.keep_landmarks(std::mem::take(&mut self.landmarks));
        }
        self.current = None;
    }

    /// Goes on with a source that ended.
    pub(super) const fn resume(&mut self, source: SourceId) {
        self.current = Some(source);
    }

    /// Memberships that a source leaves for later, if any.
    pub(super) fn take_later(&mut self, source: SourceId) -> Option<Later<KeyId>> {
        let at = self.later.iter().position(|(of, _)| *of == source)?;
        Some(self.later.swap_remove(at).1)
    }

    /// Whether a source leaves memberships for later.
    pub(super) fn left_some(&self, source: SourceId) -> bool {
        self.later.iter().any(|(of, _)| *of == source)
    }

    /// Memberships whose member is no user for sure: container and member.
    pub(super) fn nested(&self) -> Vec<(KeyId, KeyId)> {
        let edges = self.chunks.par_iter().flat_map_iter(|chunk| &chunk.edges);
        let pairs = edges.filter_map(|edge| {
            let (Ok(group), Ok(member)) = (edge.group.resolve(), edge.member.resolve()) else {
                return None;
            };
            (self.keys.space(member) != Some(KeySpace::Login)).then_some((group, member))
        });
        pairs.collect()
    }

    /// Memberships were passed over that are not needed.
    pub(super) const fn leave_out(&mut self) {
        self.members_left_out = true;
    }

    /// The keys taken up so far, for the next batches to look up.
    pub const fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Whether any record states a user, so that memberships imply none.
    pub const fn states_users(&self) -> bool {
        !self.users.is_empty()
    }

    /// Sources read so far.
    pub const fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// The place of a line of the current source.
    pub fn place(&self, line: u32) -> Place {
        self.current.map_or(Place::NOWHERE, |source| self.sources.place(source, line))
    }

    /// Notes a problem of a source.
    pub fn problem(&mut self, problem: SourceProblem) {
        self.problems.push(problem);
    }

    /// Notes what happened to a source, at a line.
    pub(super) fn defect(
        &mut self,
        (source, line): (SourceId, u32),
        kind: DefectKind,
        value: String,
        message: String,
    ) {
        let place = self.sources.place(source, line.max(1));
        let defect = Defect { kind, place, value, message, first: Place::NOWHERE };
        self.defects.push(source, defect);
    }

    /// How many users, groups and assignments are taken up so far.
    pub(super) const fn record_count(&self) -> usize {
        self.users.len() + self.groups.len() + self.assignments.len()
    }

    /// An app-groups (or app-users) export was read: whoever it does not list is not assigned.
    pub fn assignments_stated(&mut self, of_groups: bool) {
        if of_groups {
            self.group_assignments_stated = true;
        } else {
            self.user_assignments_stated = true;
        }
    }

    /// The source that ended last lists memberships as Okta holds them: flat.
    pub fn mirrors_directory(&mut self, source: SourceId) {
        let from = self.sources.place(source, 0).0;
        self.mirrors.push((from, self.next_place.saturating_sub(1)));
    }

    /// Takes up what a batch found; nothing is left in it.
    pub(super) fn absorb(&mut self, found: &mut Found) -> Result<(), KeysFull> {
        self.take_from(found)?;
        found.clear();
        Ok(())
    }

    fn take_from(&mut self, found: &mut Found) -> Result<(), KeysFull> {
        let Some(source) = self.current else { return Ok(()) };
        let waiting = self.intern_waiting(found)?;
        let known = |key: KeyRef| match key.resolve() {
            Ok(id) => id,
            Err(index) => waiting.get(index).copied().unwrap_or(KeyId(0)),
        };
        if !waiting.is_empty() {
            for edge in &mut found.edges {
                edge.group = KeyRef::known(known(edge.group));
                edge.member = KeyRef::known(known(edge.member));
            }
        }
        let (first_user, first_group) = (count(&self.users), count(&self.groups));
        let first_assignment = count(&self.assignments);
        for user in &found.users {
            let place = self.sources.place(source, user.line);
            self.users.push(UserRow { key: known(user.key), status: user.status, place });
        }
        let slice = |(start, end): (u32, u32)| {
            found.text.get(start as usize..end as usize).unwrap_or_default()
        };
        for group in &found.groups {
            let name = self.keys.store(slice(group.name))?;
            let place = self.sources.place(source, group.line);
            let facts = group.facts.clone();
            self.groups.push(GroupRow { key: known(group.key), name, facts, place });
        }
        for row in &found.attributes {
            let of = match row.of {
                RecordRef::User(at) => RecordRef::User(first_user + at),
                RecordRef::Group(at) => RecordRef::Group(first_group + at),
                RecordRef::Assignment(at) => RecordRef::Assignment(first_assignment + at),
            };
            let text = self.keys.store(slice((row.start, row.end)))?;
            self.attributes.push(AttributeOf { of, attribute: row.attribute, text });
        }
        for &range in &found.ranges {
            self.ranges.push(RangeOf { group: known(range.group), range, source });
        }
        self.absorb_assignments(found, source, known);
        for problem in found.problems.drain(..) {
            let message = problem.error.to_string();
            if let Some((kind, value)) = defects::of(problem.error.as_ref(), problem.loss) {
                self.defect((source, problem.line), kind, value, message.clone());
            }
            self.problems.push(SourceProblem {
                source,
                line: problem.line,
                loss: problem.loss,
                message,
            });
        }
        self.members_left_out |= found.members_left_out;
        let lines = found.rows_are_lines.unwrap_or(false);
        self.rows_are_lines = Some(lines && self.rows_are_lines.unwrap_or(true));
        if !found.later.is_empty() {
            let at = self.later.iter().position(|(of, _)| *of == source);
            let at = at.unwrap_or_else(|| {
                self.later.push((source, Later::default()));
                self.later.len() - 1
            });
            if let Some((_, later)) = self.later.get_mut(at) {
                later.absorb(std::mem::take(&mut found.later), known);
            }
        }
        if !found.edges.is_empty() {
            let base = self.sources.place(source, 0).0;
            self.chunks.push(Chunk { base, edges: std::mem::take(&mut found.edges) });
        }
        Ok(())
    }

    fn intern_waiting(&mut self, found: &Found) -> Result<Vec<KeyId>, KeysFull> {
        let text = |(start, end): (u32, u32)| {
            found.text.get(start as usize..end as usize).unwrap_or_default()
        };
        let mut ids = Vec::with_capacity(found.waiting.len());
        for waiting in found.waiting.chunks(AT_ONCE) {
            self.keys.reach_for(waiting.iter().map(|waiting| (waiting.space, waiting.hash)));
            for &Waiting { hash, space, text: at } in waiting {
                ids.push(self.keys.intern_hashed(hash, space, text(at))?);
            }
        }
        Ok(ids)
    }

    fn absorb_assignments(
        &mut self,
        found: &Found,
        source: SourceId,
        known: impl Fn(KeyRef) -> KeyId,
    ) {
        for (assignment, line) in &found.assignments {
            let (key, to_group) = match *assignment {
                Assignment::Group(key) => (known(key), true),
                Assignment::User { key, .. } => (known(key), false),
            };
            let place = self.sources.place(source, *line);
            self.assignments.push(AssignmentOf { key, to_group, place });
        }
    }

    /// Joins identities and builds the directory. `apps` names Okta app instances by id, for groups
    /// whose source is one.
    pub fn finish(mut self, apps: &BTreeMap<String, String>) -> Collected {
        self.check_ranges();
        // Where only what one question needs is read, no rule asks.
        if !self.members_left_out {
            self.check_duplicates();
        }
        let identities = identity::join(&mut self, apps);
        let directory = memberships::build(&mut self, identities);
        let (sources, problems, defects) = (self.sources, self.problems, self.defects);
        Collected { directory, sources, problems, defects }
    }
}

/// What a collector gives back.
#[derive(Debug)]
pub struct Collected {
    /// Users, groups, memberships.
    pub directory: Directory,
    /// All sources.
    pub sources: SourceMap,
    /// Everything that was wrong with them.
    pub problems: Vec<SourceProblem>,
    /// What they suffered.
    pub defects: Defects,
}

fn count<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}
