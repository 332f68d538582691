//! Which user and which group of one side is which of the other.

use std::hash::BuildHasher as _;

use rustc_hash::{FxBuildHasher, FxHashMap};

use super::side::Which;
use crate::model::directory::{Directory, GroupId, NameKind, UserId};

/// Stands for nobody.
const NONE: u32 = u32::MAX;

/// What is the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matching {
    /// Users.
    pub users: Pairs,
    /// Groups.
    pub groups: Pairs,
}

/// A pairing of numbers of one side with those of the other, each at most once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pairs {
    after_of: Vec<u32>,
    before_of: Vec<u32>,
}

impl Pairs {
    fn none(before: usize, after: usize) -> Self {
        Self { after_of: vec![NONE; before], before_of: vec![NONE; after] }
    }

    /// Each number with itself.
    fn same(count: usize) -> Self {
        let all: Vec<u32> = (0..u32::try_from(count).unwrap_or(NONE)).collect();
        Self { after_of: all.clone(), before_of: all }
    }

    fn tie(&mut self, before: u32, after: u32) {
        let slots =
            (self.after_of.get_mut(before as usize), self.before_of.get_mut(after as usize));
        if let (Some(there), Some(back)) = slots {
            (*there, *back) = (after, before);
        }
    }

    /// The number on the other side.
    pub fn other(&self, which: Which, number: u32) -> Option<u32> {
        let list = match which {
            Which::Before => &self.after_of,
            Which::After => &self.before_of,
        };
        list.get(number as usize).copied().filter(|&other| other != NONE)
    }

    /// Numbers of this side that have none on the other.
    pub fn alone(&self, which: Which) -> impl Iterator<Item = u32> {
        let list = match which {
            Which::Before => &self.after_of,
            Which::After => &self.before_of,
        };
        (0..).zip(list).filter(|&(_, &other)| other == NONE).map(|(number, _)| number)
    }

    /// Every pair, in the order of before.
    pub fn pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        (0..)
            .zip(&self.after_of)
            .filter(|&(_, &after)| after != NONE)
            .map(|(at, &after)| (at, after))
    }
}

impl Matching {
    /// Pairs users and groups by id, then by what they are called. Who has another name and no id that both
    /// sides know is somebody else.
    pub fn of(before: &Directory, after: &Directory) -> Self {
        Self { users: users(before, after), groups: groups(before, after) }
    }

    /// The pairing of a directory with a changed copy of it.
    pub fn same(directory: &Directory) -> Self {
        Self {
            users: Pairs::same(directory.user_count()),
            groups: Pairs::same(directory.group_count()),
        }
    }
}

fn users(before: &Directory, after: &Directory) -> Pairs {
    let mut pairs = Pairs::none(before.user_count(), after.user_count());
    let named = |directory: &Directory, kind| {
        let rows = directory.user_names.iter().filter(move |row| row.1 == kind);
        rows.map(|row| (row.0.0, folded(directory.text(row.2)))).collect::<Vec<_>>()
    };
    let logins = |directory: &Directory| {
        let users = directory.users();
        users.map(|(id, _)| (id.0, folded(directory.login(id)))).collect::<Vec<_>>()
    };
    for kind in [NameKind::Id, NameKind::Sid] {
        pair(&mut pairs, &named(before, kind), &named(after, kind));
    }
    pair(&mut pairs, &logins(before), &logins(after));
    pair(&mut pairs, &named(before, NameKind::Dn), &named(after, NameKind::Dn));
    pairs
}

fn groups(before: &Directory, after: &Directory) -> Pairs {
    let mut pairs = Pairs::none(before.group_count(), after.group_count());
    let named = |directory: &Directory, kind| {
        let rows = directory.group_names.iter().filter(move |row| row.1 == kind);
        rows.map(|row| (row.0.0, folded(directory.text(row.2)))).collect::<Vec<_>>()
    };
    let called = |directory: &Directory, exact: bool| {
        let own = |(id, _): (GroupId, _)| {
            let name = directory.group_name(id);
            (id.0, if exact { hash(name) } else { folded(name) })
        };
        directory.groups().map(own).collect::<Vec<_>>()
    };
    for kind in [NameKind::Id, NameKind::Sid] {
        pair(&mut pairs, &named(before, kind), &named(after, kind));
    }
    for exact in [true, false] {
        pair(&mut pairs, &called(before, exact), &called(after, exact));
    }
    pair(&mut pairs, &named(before, NameKind::Dn), &named(after, NameKind::Dn));
    pairs
}

/// Pairs what has the same key and no partner yet; a key that two of one side have decides nothing.
fn pair(pairs: &mut Pairs, before: &[(u32, u64)], after: &[(u32, u64)]) {
    let open = |which: Which, rows: &[(u32, u64)]| {
        let mut keys: FxHashMap<u64, u32> = FxHashMap::default();
        for &(number, key) in rows.iter().filter(|row| pairs.other(which, row.0).is_none()) {
            let known = keys.entry(key).or_insert(number);
            if *known != number {
                *known = NONE;
            }
        }
        keys
    };
    let (ours, theirs) = (open(Which::Before, before), open(Which::After, after));
    for &(number, key) in before {
        let mine = ours.get(&key).copied() == Some(number);
        if let Some(&other) = theirs.get(&key).filter(|&&other| mine && other != NONE) {
            pairs.tie(number, other);
        }
    }
}

/// A name without its case, as a number: sixty-four bits tell the names of a directory apart.
fn folded(name: &str) -> u64 {
    if name.is_ascii() { hash(&name.to_ascii_lowercase()) } else { hash(&name.to_lowercase()) }
}

fn hash(name: &str) -> u64 {
    FxBuildHasher.hash_one(name)
}

/// A user or group that is called otherwise on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renamed<T> {
    /// Number before.
    pub before: T,
    /// Number after.
    pub after: T,
}

/// Users that both sides have by another login.
pub fn renamed_users(
    matching: &Matching,
    before: &Directory,
    after: &Directory,
) -> Vec<Renamed<UserId>> {
    let pairs =
        matching.users.pairs().map(|(b, a)| Renamed { before: UserId(b), after: UserId(a) });
    pairs.filter(|pair| !same_name(before.login(pair.before), after.login(pair.after))).collect()
}

fn same_name(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}
