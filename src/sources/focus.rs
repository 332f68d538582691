//! Reading only the memberships that a question needs: most groups of a directory lead to no role.
//!
//! A focus changes what is read, never what is answered: memberships of groups that lead, through
//! nesting, to a group the question asks for are all read, and so are nested groups and every group's
//! first line; where the question is about one user, so are all of that user's own, and those of every
//! group that is nested in another. Where that cannot be told before memberships are read, everything is.

use std::fmt;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use super::batch::{Batch, Found};
use super::collect::folded;
use super::keys::{KeyId, KeySpace, Keys, KeysFull};

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

/// A focus while memberships are read: which groups are known to lead nowhere.
#[derive(Debug)]
pub(super) struct Lens {
    /// Names, without their case, of groups that lead somewhere.
    leading: FxHashSet<Vec<u8>>,
    /// By key: the key is a group's that leads nowhere.
    idle: Vec<bool>,
    /// Login, without its case, of the user that the question is about.
    user: Option<Vec<u8>>,
}

impl Lens {
    /// A lens for memberships whose nesting is known.
    pub(super) fn new(focus: &Focus<'_>, nesting: &Nesting) -> Self {
        let user = focus.user.map(|login| folded(login.as_bytes()));
        Self { leading: nesting.leading(focus), idle: Vec::new(), user }
    }

    /// Takes note of the keys added since the last time. Groups that exports state come before the
    /// groups that only memberships name, so that a name spelled in another case finds the stated one.
    pub(super) fn note(&mut self, keys: &Keys, leads: &mut dyn FnMut(&str) -> bool) {
        for id in self.idle.len()..keys.len() {
            let id = KeyId(u32::try_from(id).unwrap_or(u32::MAX));
            let idle = keys.space(id) == Some(KeySpace::GroupName) && !self.leads(keys, id, leads);
            self.idle.push(idle);
        }
    }

    fn leads(&mut self, keys: &Keys, id: KeyId, leads: &mut dyn FnMut(&str) -> bool) -> bool {
        let text = keys.text(id);
        let name = folded(text);
        if self.leading.contains(&name) {
            return true;
        }
        let asked = std::str::from_utf8(text).is_ok_and(leads);
        if asked {
            self.leading.insert(name);
        }
        asked
    }

    /// Whether the memberships of a group that was seen before are not needed.
    pub(super) fn is_idle(&self, group: KeyId) -> bool {
        self.idle.get(group.0 as usize) == Some(&true)
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

    /// Whether the memberships of a group that was not seen before are needed.
    pub(super) fn may_lead(&self, name: &[u8], leads: &mut Leads<'_>) -> bool {
        self.leading.contains(&folded(name)) || std::str::from_utf8(name).is_ok_and(leads)
    }
}

/// Which groups are members of which, by name, from a first pass over the memberships.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    keys: Keys,
    /// Container and member.
    pairs: Vec<(KeyId, KeyId)>,
}

impl Nesting {
    /// An empty batch for the next block.
    pub(super) fn batch(&self) -> Batch<'_> {
        Batch::new(&self.keys)
    }

    /// Takes up the nested groups of a batch; members of unsaid kind may be groups.
    pub(super) fn absorb(&mut self, found: &Found) -> Result<(), KeysFull> {
        let mut waiting = Vec::with_capacity(found.waiting.len());
        for &(space, start, end) in &found.waiting {
            let text = found.text.get(start as usize..end as usize).unwrap_or_default();
            waiting.push(self.keys.intern(space, text)?);
        }
        for edge in &found.edges {
            let known = |key: super::batch::KeyRef| {
                key.resolve().or_else(|at| waiting.get(at).copied().ok_or(at)).ok()
            };
            if let (Some(group), Some(member)) = (known(edge.group), known(edge.member))
                && self.keys.space(member) != Some(KeySpace::Login)
            {
                self.pairs.push((group, member));
            }
        }
        Ok(())
    }

    /// Names, without their case, of groups that are asked for or nested in one that is; where the question
    /// is about one user, of all nested groups.
    fn leading(&self, focus: &Focus<'_>) -> FxHashSet<Vec<u8>> {
        let ids: Vec<u32> = (0..u32::try_from(self.keys.len()).unwrap_or(u32::MAX)).collect();
        // Names that differ in case only are one.
        let names: Vec<(Vec<u8>, bool)> = ids
            .par_chunks(1024)
            .flat_map_iter(|ids| {
                let mut asked = (focus.leads)();
                let named = ids.iter().map(|&id| {
                    let text = self.keys.text(KeyId(id));
                    let asked = std::str::from_utf8(text).is_ok_and(&mut asked);
                    (folded(text), asked)
                });
                named.collect::<Vec<_>>()
            })
            .collect();
        let mut first: FxHashMap<&[u8], u32> = FxHashMap::default();
        first.reserve(names.len());
        let same: Vec<u32> = ids
            .iter()
            .zip(&names)
            .map(|(&id, (name, _))| *first.entry(name).or_insert(id))
            .collect();
        let of = |id: u32| same.get(id as usize).copied().unwrap_or(id);
        let mut pairs: Vec<(u32, u32)> =
            self.pairs.iter().map(|&(group, member)| (of(group.0), of(member.0))).collect();
        pairs.sort_unstable();
        let mut leads = vec![false; names.len()];
        let mut open = Vec::new();
        let mut visit = |id: u32, open: &mut Vec<u32>| {
            if let Some(leads @ false) = leads.get_mut(id as usize) {
                *leads = true;
                open.push(id);
            }
        };
        for (&id, (_, asked)) in ids.iter().zip(&names) {
            if *asked {
                visit(of(id), &mut open);
            }
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
        names
            .into_iter()
            .zip(leads)
            .filter_map(|((name, _), leads)| leads.then_some(name))
            .collect()
    }
}
