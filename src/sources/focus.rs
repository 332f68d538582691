//! Reading only the memberships that a question needs: most groups of a directory lead to no role.
//!
//! A focus changes what is read, never what is answered. While memberships are passed over, those of groups
//! that are asked for by name are taken up, and so are nested groups, every group's first line and, where
//! the question is about one user, that user's own. The rest is left for later: once all are
//! passed over, nesting shows which groups lead to one that is asked for, and what was left of those is read.
//! Where that cannot be told from memberships alone, everything is read at once.

use std::fmt;
use std::hash::Hasher;
use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};

use super::batch::{KeyRef, Need};
use super::collect::folded;
use super::keys::{KeyId, KeySpace, Keys};

/// A question asked of one group's name after the other.
pub type Leads<'q> = Box<dyn FnMut(&str) -> bool + 'q>;

/// What a question needs of the memberships.
pub struct Focus<'q> {
    /// Makes the question whether a group of some name is asked for, and with it everything nested in it:
    /// one a thread.
    pub leads: &'q (dyn Fn() -> Leads<'q> + Sync),
    /// The login of the one user that the question is about.
    pub user: Option<&'q str>,
}

impl fmt::Debug for Focus<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Focus").finish_non_exhaustive()
    }
}

/// A focus while memberships are read: which groups' are needed, as far as that is known.
#[derive(Debug)]
pub(super) struct Lens {
    /// By key: a group is asked for or, once that is known, leads to one that is.
    needed: Vec<bool>,
    /// Nesting is known: what is not needed now never is.
    settled: bool,
    /// Login, without its case, of the user that the question is about.
    user: Option<Vec<u8>>,
}

impl Lens {
    /// A lens for memberships of which nothing is known yet.
    pub(super) fn new(focus: &Focus<'_>) -> Self {
        let user = focus.user.map(|login| folded(login.as_bytes()));
        Self { needed: Vec::new(), settled: false, user }
    }

    /// Takes note of the keys added since the last time.
    pub(super) fn note(&mut self, keys: &Keys, leads: &mut dyn FnMut(&str) -> bool) {
        for id in self.needed.len()..keys.len() {
            let id = KeyId(u32::try_from(id).unwrap_or(u32::MAX));
            let named = keys.space(id) == Some(KeySpace::GroupName);
            self.needed.push(named && std::str::from_utf8(keys.text(id)).is_ok_and(&mut *leads));
        }
    }

    /// All memberships were passed over: from now on those of these groups are needed, by key.
    pub(super) fn settle(&mut self, leading: Vec<bool>) {
        (self.needed, self.settled) = (leading, true);
    }

    /// Whether nesting is known.
    pub(super) const fn is_settled(&self) -> bool {
        self.settled
    }

    /// Which memberships of a group that was seen before are needed.
    pub(super) fn need(&self, group: KeyId) -> Need {
        match self.needed.get(group.0 as usize) {
            Some(true) => Need::All,
            _ if self.settled => Need::None,
            _ => Need::Later,
        }
    }

    /// Whether the question is about one user.
    pub(super) const fn asks_for_a_user(&self) -> bool {
        self.user.is_some()
    }

    /// Whether a member is the user that the question is about.
    pub(super) fn is_asked_for(&self, member: &[u8]) -> bool {
        self.user.as_deref().is_some_and(|user| {
            if member.is_ascii() {
                member.eq_ignore_ascii_case(user)
            } else {
                folded(member) == user
            }
        })
    }

    /// Which groups, by key, are asked for or lead to one that is, through nested groups (container and
    /// member); where the question is about one user, also all that are nested in another.
    pub(super) fn leading(
        &self,
        focus: &Focus<'_>,
        keys: &Keys,
        nested: &[(KeyId, KeyId)],
    ) -> Vec<bool> {
        let groups = NamedGroups::of(keys, &self.needed, focus.leads);
        let mut pairs: Vec<(u32, u32)> = nested
            .par_iter()
            .filter_map(|&(group, member)| Some((groups.of_key(group)?, groups.of_key(member)?)))
            .collect();
        pairs.par_sort_unstable();
        let mut leads = vec![false; groups.asked.len()];
        let mut open = Vec::new();
        let mut visit = |group: u32, open: &mut Vec<u32>| {
            if let Some(leads @ false) = leads.get_mut(group as usize) {
                *leads = true;
                open.push(group);
            }
        };
        for (group, _) in (0..).zip(&groups.asked).filter(|(_, asked)| **asked) {
            visit(group, &mut open);
        }
        if focus.user.is_some() {
            for &(_, member) in &pairs {
                visit(member, &mut open);
            }
        }
        while let Some(group) = open.pop() {
            let from = pairs.partition_point(|&(container, _)| container < group);
            let members = pairs.get(from..).unwrap_or_default();
            for &(_, member) in members.iter().take_while(|&&(container, _)| container == group) {
                visit(member, &mut open);
            }
        }
        let leads = |&group: &u32| leads.get(group as usize).copied().unwrap_or(false);
        groups.by_key.par_iter().map(leads).collect()
    }
}

const NO_GROUP: u32 = u32::MAX;

/// The groups that keys name: names that differ in case only are one.
struct NamedGroups {
    /// Number of each key's group; [`NO_GROUP`] for keys of others.
    by_key: Vec<u32>,
    /// Whether a group is asked for by any of its names.
    asked: Vec<bool>,
}

impl NamedGroups {
    /// The groups of all keys; which keys of groups are asked for is known already.
    fn of<'q>(keys: &Keys, known: &[bool], leads: &(dyn Fn() -> Leads<'q> + Sync)) -> Self {
        let is_group =
            |&id: &KeyId| matches!(keys.space(id), Some(KeySpace::GroupName | KeySpace::Member));
        let all = (0..u32::try_from(keys.len()).unwrap_or(u32::MAX)).into_par_iter().map(KeyId);
        let ids: Vec<KeyId> = all.filter(is_group).collect();
        let names: Vec<(u64, bool)> = ids
            .par_iter()
            .with_min_len(1024)
            .map_init(leads, |leads, &id| {
                let text = keys.text(id);
                let asked = known.get(id.0 as usize) == Some(&true)
                    || keys.space(id) == Some(KeySpace::Member)
                        && std::str::from_utf8(text).is_ok_and(leads);
                (caseless_hash(text), asked)
            })
            .collect();
        // By the hash of its name the first group, and by number the key that named a group first.
        let mut first: FxHashMap<u64, u32> = FxHashMap::default();
        first.reserve(names.len());
        let mut others: FxHashMap<Vec<u8>, u32> = FxHashMap::default();
        let mut named_by: Vec<KeyId> = Vec::new();
        let mut groups = Self { by_key: vec![NO_GROUP; keys.len()], asked: Vec::new() };
        for (&id, &(hash, asked)) in ids.iter().zip(&names) {
            let next = u32::try_from(named_by.len()).unwrap_or(u32::MAX);
            let mut number = *first.entry(hash).or_insert(next);
            if let Some(&key) = named_by.get(number as usize) {
                let name = folded(keys.text(id));
                if name != folded(keys.text(key)) {
                    number = *others.entry(name).or_insert(next);
                }
            }
            if let Some(known) = groups.asked.get_mut(number as usize) {
                *known |= asked;
            } else {
                groups.asked.push(asked);
                named_by.push(id);
            }
            if let Some(slot) = groups.by_key.get_mut(id.0 as usize) {
                *slot = number;
            }
        }
        groups
    }

    fn of_key(&self, key: KeyId) -> Option<u32> {
        self.by_key.get(key.0 as usize).copied().filter(|&number| number != NO_GROUP)
    }
}

/// A hash of a name that is one for all its cases.
fn caseless_hash(name: &[u8]) -> u64 {
    if !name.is_ascii() {
        return hash_of(folded(name).as_chunks(), |byte| byte);
    }
    hash_of(name.as_chunks(), |byte| byte.to_ascii_lowercase())
}

fn hash_of((words, rest): (&[[u8; 8]], &[u8]), each: impl Fn(u8) -> u8) -> u64 {
    let mut hasher = FxHasher::default();
    for word in words {
        hasher.write_u64(u64::from_le_bytes(word.map(&each)));
    }
    for &byte in rest {
        hasher.write_u8(each(byte));
    }
    hasher.finish()
}

/// Length of a stretch from which on another group begins another stretch.
const STRETCH: u64 = 4 << 10;

/// Records next to each other that are left for later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Where they stand in the decoded input.
    pub(super) bytes: Range<u64>,
    /// Their first line.
    pub(super) line: u32,
    /// Their groups, as indices into [`Later::groups`]; none where they may be of any group.
    groups: Range<usize>,
}

/// Memberships of an input that are left for later; `K` is how a group is known.
#[derive(Debug)]
pub(super) struct Later<K> {
    stretches: Vec<Stretch>,
    groups: Vec<K>,
}

impl<K> Default for Later<K> {
    fn default() -> Self {
        Self { stretches: Vec::new(), groups: Vec::new() }
    }
}

impl Later<KeyRef> {
    /// Whether nothing is left.
    pub(super) const fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// Leaves a record, of any group or of one that is known.
    pub(super) fn add(&mut self, group: Option<KeyRef>, bytes: Range<u64>, line: u32) {
        if let Some(last) = self.stretches.last_mut()
            && last.bytes.end == bytes.start
            && last.groups.is_empty() == group.is_none()
        {
            let same = group.is_none() || self.groups.last() == group.as_ref();
            if same || last.bytes.end - last.bytes.start < STRETCH {
                last.bytes.end = bytes.end;
                if let Some(group) = group.filter(|_| !same) {
                    self.groups.push(group);
                    last.groups.end = self.groups.len();
                }
                return;
            }
        }
        let from = self.groups.len();
        self.groups.extend(group);
        self.stretches.push(Stretch { bytes, line, groups: from..self.groups.len() });
    }
}

impl Later<KeyId> {
    /// Adds what a batch left.
    pub(super) fn absorb(&mut self, left: Later<KeyRef>, known: impl Fn(KeyRef) -> KeyId) {
        let before = self.groups.len();
        self.groups.extend(left.groups.into_iter().map(known));
        self.stretches.extend(left.stretches.into_iter().map(|mut stretch| {
            stretch.groups = stretch.groups.start + before..stretch.groups.end + before;
            stretch
        }));
    }

    /// Those in which a group's memberships are needed, in their order.
    pub(super) fn needed<'l>(&'l self, lens: &'l Lens) -> impl Iterator<Item = &'l Stretch> {
        self.stretches.iter().filter(|stretch| {
            let groups = self.groups.get(stretch.groups.clone()).unwrap_or_default();
            groups.is_empty() || groups.iter().any(|&group| lens.need(group) == Need::All)
        })
    }

    /// How many stretches there are.
    pub(super) const fn len(&self) -> usize {
        self.stretches.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(name: &str) -> bool {
        name.starts_with("aws#")
    }

    fn names(keys: &Keys, leading: &[bool]) -> Vec<String> {
        let ids = (0..u32::try_from(keys.len()).unwrap()).map(KeyId);
        let led = ids.filter(|id| leading[id.0 as usize]);
        led.map(|id| String::from_utf8_lossy(keys.text(id)).into_owned()).collect()
    }

    #[test]
    fn what_is_nested_in_a_group_asked_for_leads_there_whatever_its_case() {
        let mut keys = Keys::default();
        let mut key = |space, text: &str| keys.intern(space, text.as_bytes()).unwrap();
        let group = KeySpace::GroupName;
        let role = key(group, "aws#prod#Admin#1");
        let (ops, shouted) = (key(group, "ops"), key(group, "OPS"));
        let (deep, other) = (key(group, "deep"), key(group, "other"));
        let unsaid = key(KeySpace::Member, "unsaid");
        key(KeySpace::Login, "aws#no#Group#1");
        let nested = [(role, ops), (shouted, deep), (deep, ops), (deep, unsaid), (other, role)];
        let ask = || -> Leads<'_> { Box::new(leads) };
        let focus = Focus { leads: &ask, user: None };
        let mut lens = Lens::new(&focus);
        lens.note(&keys, &mut leads);
        assert_eq!((lens.need(role), lens.need(ops)), (Need::All, Need::Later));
        let leading = lens.leading(&focus, &keys, &nested);
        assert_eq!(names(&keys, &leading), ["aws#prod#Admin#1", "ops", "OPS", "deep", "unsaid"]);
        lens.settle(leading);
        assert_eq!((lens.need(shouted), lens.need(other)), (Need::All, Need::None));
        let about_one = Focus { leads: &ask, user: Some("ann") };
        let all = lens.leading(&about_one, &keys, &[(other, ops), (ops, deep)]);
        assert!(all[deep.0 as usize] && !all[other.0 as usize]);
    }

    #[test]
    fn a_name_has_one_hash_in_all_its_cases() {
        for (one, other) in
            [("ops-Team-1", "OPS-tEAM-1"), ("ÄRGER", "ärger"), ("\u{212a}elvin", "Kelvin")]
        {
            assert_eq!(folded(one.as_bytes()), folded(other.as_bytes()));
            assert_eq!(caseless_hash(one.as_bytes()), caseless_hash(other.as_bytes()), "{one}");
        }
        assert_ne!(caseless_hash(b"ops-team-1"), caseless_hash(b"ops-team-2"));
    }

    #[test]
    fn records_next_to_each_other_are_one_stretch_until_it_is_long() {
        let key = |id| KeyRef::known(KeyId(id));
        let mut left = Later::<KeyRef>::default();
        left.add(Some(key(1)), 0..10, 1);
        left.add(Some(key(1)), 10..STRETCH, 2);
        left.add(Some(key(1)), STRETCH..STRETCH + 9, 3);
        left.add(Some(key(2)), STRETCH + 9..STRETCH + 20, 4);
        left.add(Some(key(3)), STRETCH + 20..STRETCH + 30, 5);
        left.add(Some(key(3)), STRETCH + 31..STRETCH + 40, 7);
        left.add(None, STRETCH + 40..STRETCH + 50, 8);
        let mut later = Later::<KeyId>::default();
        later.absorb(left, |key| key.resolve().unwrap());
        let ask = || -> Leads<'_> { Box::new(leads) };
        let mut lens = Lens::new(&Focus { leads: &ask, user: None });
        lens.settle(vec![false, false, false, true]);
        let needed: Vec<_> = later.needed(&lens).map(|s| (s.bytes.clone(), s.line)).collect();
        let from = |start, end| STRETCH + start..STRETCH + end;
        assert_eq!(later.len(), 4);
        assert_eq!(needed, [(from(9, 30), 4), (from(31, 40), 7), (from(40, 50), 8)]);
    }
}
