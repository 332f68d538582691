//! What a reader found in one block, with keys looked up already.

mod facts;

use std::error::Error;
use std::ops::Range;

use super::focus::{Leads, Lens};
use super::keys::{KeyHash, KeySpace, Keys};
use super::limits::Limits;
use crate::model::directory::Status;
pub use facts::{
    Assignment, Attribute, GroupFacts, GroupRecord, KeyRef, Loss, MemberRange, Need, Problem,
    UserRecord,
};
pub(super) use facts::{AttributeRow, Edge, Found, RecordRef, Waiting};

/// How many keys are looked up at once.
const AT_ONCE: usize = 32;

/// For how much of a block room is made beforehand.
const MOST_EXPECTED: usize = 1 << 20;

/// Where so many keys of a block are new, most are likely to be.
const SEVERAL: usize = 64;

/// Everything a reader found in one block. See [`Batch::key`] for how keys work.
pub struct Batch<'k> {
    keys: &'k Keys,
    lens: Option<(&'k Lens, Leads<'k>)>,
    limits: Limits,
    /// How many bytes the block has, and how many memberships it may hold.
    expected: (usize, usize),
    pub(super) found: Found,
}

impl<'k> Batch<'k> {
    /// An empty batch that looks keys up in `keys`.
    pub fn new(keys: &'k Keys) -> Self {
        Self {
            keys,
            lens: None,
            limits: Limits::default(),
            expected: (0, 0),
            found: Found::default(),
        }
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// With what was found in another block, and taken up: its memory is used again.
    pub(super) fn over(self, emptied: Found) -> Self {
        Self { found: emptied, ..self }
    }

    /// Empties it for another block: its memory is used again.
    pub fn clear(&mut self) {
        self.found.clear();
    }

    /// How large what is read may be.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// With a lens: only the memberships that it needs are wanted.
    pub(super) fn through(self, lens: Option<(&'k Lens, Leads<'k>)>) -> Self {
        Self { lens, ..self }
    }

    /// Which memberships of a group are needed.
    pub fn need(&mut self, group: KeyRef, name: &[u8]) -> Need {
        let Some((lens, leads)) = &mut self.lens else { return Need::All };
        match group.resolve() {
            Ok(group) => lens.need(group),
            Err(_) if std::str::from_utf8(name).is_ok_and(leads) => Need::All,
            Err(_) => Need::First,
        }
    }

    /// Whether a member is needed whatever the group: the user that the question is about.
    pub fn is_asked_for(&self, member: &[u8]) -> bool {
        self.lens.as_ref().is_some_and(|(lens, _)| lens.is_asked_for(member))
    }

    /// Whether the question is about one user.
    pub fn asks_for_a_user(&self) -> bool {
        self.lens.as_ref().is_some_and(|(lens, _)| lens.asks_for_a_user())
    }

    /// Whether memberships can be left for later: it is not known yet which groups lead somewhere.
    pub(super) fn can_leave(&self) -> bool {
        self.lens.as_ref().is_some_and(|(lens, _)| !lens.is_settled())
    }

    /// A record of a membership, of a group that may be unknown, at its bytes of the decoded input and its
    /// line: it is not needed, as far as that is known yet.
    pub(super) fn leave(&mut self, group: Option<KeyRef>, bytes: Range<u64>, line: u32) {
        if self.can_leave() {
            self.found.later.add(group, bytes, line);
        } else {
            self.leave_out();
        }
    }

    /// A membership that is not needed.
    pub fn leave_out(&mut self) {
        self.found.members_left_out = true;
    }

    /// The key of a text, known or waiting.
    pub fn key(&mut self, space: KeySpace, text: &[u8]) -> KeyRef {
        self.key_hashed(KeyHash::of(text), space, text)
    }

    /// [`Batch::key`] with the hash at hand (hash many, then look up many: the misses overlap).
    pub fn key_hashed(&mut self, hash: KeyHash, space: KeySpace, text: &[u8]) -> KeyRef {
        match self.keys.find(hash, space, text) {
            Some(id) => KeyRef::known(id),
            None => self.wait(hash, space, text),
        }
    }

    /// The key of a text that nothing has named yet, as far as can be guessed: it is not looked up now but
    /// when the batch is taken up.
    pub fn new_key(&mut self, space: KeySpace, text: &[u8]) -> KeyRef {
        self.wait(KeyHash::of(text), space, text)
    }

    #[inline]
    fn wait(&mut self, hash: KeyHash, space: KeySpace, text: &[u8]) -> KeyRef {
        if self.found.waiting.len() == SEVERAL {
            self.make_room();
        }
        let text = self.store(text);
        let key = KeyRef::waiting(self.found.waiting.len());
        self.found.waiting.push(Waiting { hash, space, text });
        key
    }

    #[cold]
    fn make_room(&mut self) {
        self.found.text.reserve(self.expected.0);
        self.found.waiting.reserve(self.expected.1);
    }

    /// `member` stands in the member list of `group`.
    pub fn member(&mut self, group: KeyRef, member: KeyRef, line: u32) {
        self.found.edges.push(Edge { group, member, line });
    }

    /// Keys of several texts of one space, in order, each handed to `put` with its index: their look-ups do
    /// not wait for each other.
    pub fn keys(
        &mut self,
        space: KeySpace,
        wanted: &[(KeyHash, &[u8])],
        mut put: impl FnMut(&mut Self, usize, KeyRef),
    ) {
        let mut at = 0;
        for wanted in wanted.chunks(AT_ONCE) {
            let mut found = [None; AT_ONCE];
            self.keys.find_many(space, wanted, &mut found);
            for (&(hash, text), found) in wanted.iter().zip(found) {
                let key = found.map_or_else(|| self.wait(hash, space, text), KeyRef::known);
                put(self, at, key);
                at += 1;
            }
        }
    }

    /// All these members, each with the group whose list it stands in and its line.
    pub fn members(
        &mut self,
        space: KeySpace,
        members: &[(KeyHash, &[u8])],
        places: &[(KeyRef, u32)],
    ) {
        self.keys(space, members, |batch, at, member| {
            if let Some(&(group, line)) = places.get(at) {
                batch.member(group, member, line);
            }
        });
    }

    /// A user record; its attributes follow with [`Batch::user_attribute`].
    pub fn user(&mut self, key: KeyRef, status: Status, line: u32) {
        self.found.users.push(UserRecord { key, status, line });
    }

    /// An attribute of the user recorded last.
    pub fn user_attribute(&mut self, attribute: Attribute, text: &[u8]) {
        if let Some(last) = self.found.users.len().checked_sub(1) {
            self.attribute(
                RecordRef::User(u32::try_from(last).unwrap_or(u32::MAX)),
                attribute,
                text,
            );
        }
    }

    /// A group record; its attributes follow with [`Batch::group_attribute`].
    pub fn group(&mut self, key: KeyRef, name: &str, facts: GroupFacts, line: u32) {
        let name = self.store(name.as_bytes());
        self.found.groups.push(GroupRecord { key, name, facts, line });
    }

    /// An attribute of the group recorded last.
    pub fn group_attribute(&mut self, attribute: Attribute, text: &[u8]) {
        if let Some(last) = self.found.groups.len().checked_sub(1) {
            self.attribute(
                RecordRef::Group(u32::try_from(last).unwrap_or(u32::MAX)),
                attribute,
                text,
            );
        }
    }

    /// A piece of a ranged member list (`member;range=0-1499`).
    pub fn range(&mut self, range: MemberRange) {
        self.found.ranges.push(range);
    }

    /// An assignment of the Okta AWS app.
    pub fn assignment(&mut self, assignment: Assignment, line: u32) {
        self.found.assignments.push((assignment, line));
    }

    /// An attribute of the assignment recorded last: [`Attribute::SamlRole`], or [`Attribute::Login`] for
    /// the name the user has in the app.
    pub fn assignment_attribute(&mut self, attribute: Attribute, text: &[u8]) {
        if let Some(last) = self.found.assignments.len().checked_sub(1) {
            let last = u32::try_from(last).unwrap_or(u32::MAX);
            self.attribute(RecordRef::Assignment(last), attribute, text);
        }
    }

    /// Something wrong at a line; reading goes on.
    pub fn problem(
        &mut self,
        line: u32,
        loss: Loss,
        error: impl Into<Box<dyn Error + Send + Sync>>,
    ) {
        self.found.problems.push(Problem { line, loss, error: error.into() });
    }

    /// How many problems there are so far.
    pub const fn problem_count(&self) -> usize {
        self.found.problems.len()
    }

    /// Says that the block has so many bytes, a membership taking so many.
    pub(super) fn expect(&mut self, bytes: usize, membership: usize) {
        let bytes = bytes.min(MOST_EXPECTED);
        self.expected = (bytes, bytes / membership.max(1));
        self.found.edges.reserve(self.expected.1);
    }

    /// Says that the block has so many bytes, the record of a user that nothing named yet taking so many.
    pub(super) fn expect_users(&mut self, bytes: usize, record: usize) {
        let bytes = bytes.min(MOST_EXPECTED);
        self.found.text.reserve(bytes);
        self.found.waiting.reserve(bytes / record.max(1));
        self.found.users.reserve(bytes / record.max(1));
    }

    /// Room for so many memberships more.
    pub fn expect_members(&mut self, count: usize) {
        if self.lens.is_none() {
            self.found.edges.reserve(count);
        }
    }

    /// Everything in the batch, one line a fact, for tests of readers.
    pub fn describe(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for user in &self.found.users {
            lines.push(format!("{}: user {} {:?}", user.line, self.show(user.key), user.status));
        }
        for group in &self.found.groups {
            let (name, key) = (self.slice(group.name), self.show(group.key));
            lines.push(format!("{}: group {key} named `{name}` {:?}", group.line, group.facts));
        }
        for row in &self.found.attributes {
            let text = self.slice((row.start, row.end));
            lines.push(format!("{:?} {:?}: {text}", row.of, row.attribute));
        }
        for edge in &self.found.edges {
            let (group, member) = (self.show(edge.group), self.show(edge.member));
            lines.push(format!("{}: {member} in {group}", edge.line));
        }
        for range in &self.found.ranges {
            let high = range.high.map_or("*".to_owned(), |high| high.to_string());
            let group = self.show(range.group);
            lines.push(format!("{}: range {}-{high} of {group}", range.line, range.low));
        }
        for (assignment, line) in &self.found.assignments {
            lines.push(match *assignment {
                Assignment::Group(key) => {
                    format!("{line}: app assigned to group {}", self.show(key))
                }
                Assignment::User { key, direct } => {
                    format!("{line}: app assigned to user {} direct={direct}", self.show(key))
                }
            });
        }
        for problem in &self.found.problems {
            lines.push(format!("{}: problem ({:?}) {}", problem.line, problem.loss, problem.error));
        }
        lines
    }

    fn show(&self, key: KeyRef) -> String {
        match key.resolve() {
            Ok(id) => {
                format!("{:?}={}", self.keys.space(id), String::from_utf8_lossy(self.keys.text(id)))
            }
            Err(index) => self.found.waiting.get(index).map_or_else(String::new, |waiting| {
                format!("{:?}={}", waiting.space, self.slice(waiting.text))
            }),
        }
    }

    fn slice(&self, (start, end): (u32, u32)) -> std::borrow::Cow<'_, str> {
        let bytes = self.found.text.get(start as usize..end as usize).unwrap_or_default();
        String::from_utf8_lossy(bytes)
    }

    fn attribute(&mut self, of: RecordRef, attribute: Attribute, text: &[u8]) {
        let (start, end) = self.store(text);
        self.found.attributes.push(AttributeRow { of, attribute, start, end });
    }

    fn store(&mut self, text: &[u8]) -> (u32, u32) {
        let start = u32::try_from(self.found.text.len()).unwrap_or(u32::MAX);
        self.found.text.extend_from_slice(text);
        (start, u32::try_from(self.found.text.len()).unwrap_or(u32::MAX))
    }
}

/// Reads the records of one block into a batch.
///
/// Implemented once a format; must not panic on any bytes, and reports a bad record with its line and
/// goes on. Blocks of one file are read in parallel, in no particular order.
pub trait RecordReader: Sync {
    /// Whether keys are looked up while a block is read. Where not ([`Batch::new_key`]), a block is read
    /// while what the blocks before it gave is taken up.
    fn looks_up(&self) -> bool {
        true
    }

    /// Reads one block.
    fn read(&self, block: &super::blocks::Block, batch: &mut Batch<'_>);
}
