//! The roles of both sides in one order.

use std::cmp::Ordering;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::side::{Side, Which};
use crate::entitlement::resolve::TargetId;
use crate::model::account::{AccountId, Partition};
use crate::model::arn::{ArnPair, SamlProviderArn};

/// Number of a pair of role and provider in the order of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PairId(pub u32);

/// Number of a role, whatever its path and provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleId(pub u32);

/// A pair, and its number on each side that has it.
#[derive(Debug)]
pub struct Both<'s> {
    /// The pair.
    pub pair: &'s ArnPair,
    /// The role.
    pub role: RoleId,
    /// The first pair with the same provider.
    pub provider: PairId,
    before: Option<TargetId>,
    after: Option<TargetId>,
}

impl Both<'_> {
    /// Its number on a side.
    pub const fn on(&self, which: Which) -> Option<TargetId> {
        match which {
            Which::Before => self.before,
            Which::After => self.after,
        }
    }
}

/// Every pair that a picker of either side could show.
#[derive(Debug)]
pub struct Targets<'s> {
    /// The pairs, by role and provider.
    pub pairs: Vec<Both<'s>>,
    before: Vec<Option<PairId>>,
    after: Vec<Option<PairId>>,
}

impl<'s> Targets<'s> {
    /// Joins the targets of two sides.
    pub fn of(before: &Side<'s>, after: &Side<'s>) -> Self {
        let sides = [(Which::Before, before), (Which::After, after)];
        let mut found: Vec<(Key<'s>, Which, TargetId)> = Vec::new();
        for (which, side) in sides {
            let targets = (0..).map(TargetId).zip(side.entitlements().targets());
            let pairs = targets.filter_map(|(id, target)| Some((id, target.pair.as_ref().ok()?)));
            found.extend(pairs.map(|(id, pair)| (Key::of(pair), which, id)));
        }
        found.par_sort_unstable();
        let mut all = Self {
            pairs: Vec::new(),
            before: vec![None; before.entitlements().targets().len()],
            after: vec![None; after.entitlements().targets().len()],
        };
        let mut providers = FxHashMap::default();
        for same in found.chunk_by(|one, other| one.0 == other.0) {
            let Some((key, ..)) = same.first() else { continue };
            all.add(key.pair, same, &mut providers);
        }
        all
    }

    fn add(
        &mut self,
        pair: &'s ArnPair,
        same: &[(Key<'s>, Which, TargetId)],
        providers: &mut FxHashMap<&'s SamlProviderArn, PairId>,
    ) {
        let id = PairId(u32::try_from(self.pairs.len()).unwrap_or(u32::MAX));
        let role = self.pairs.last().map_or(RoleId(0), |last| {
            let differs = Key::of(last.pair).role() != Key::of(pair).role();
            RoleId(last.role.0 + u32::from(differs))
        });
        let provider = *providers.entry(&pair.provider).or_insert(id);
        let on = |side| same.iter().find(|row| row.1 == side).map(|row| row.2);
        let (before, after) = (on(Which::Before), on(Which::After));
        for &(_, which, target) in same {
            let list = match which {
                Which::Before => &mut self.before,
                Which::After => &mut self.after,
            };
            if let Some(slot) = list.get_mut(target.0 as usize) {
                *slot = Some(id);
            }
        }
        self.pairs.push(Both { pair, role, provider, before, after });
    }

    /// The pair of a target.
    pub fn pair_of(&self, which: Which, target: TargetId) -> Option<PairId> {
        let list = match which {
            Which::Before => &self.before,
            Which::After => &self.after,
        };
        list.get(target.0 as usize).copied().flatten()
    }

    /// A pair.
    pub fn get(&self, id: PairId) -> Option<&Both<'s>> {
        self.pairs.get(id.0 as usize)
    }
}

/// A pair, in the order of account, name, path and provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key<'s> {
    pair: &'s ArnPair,
}

impl<'s> Key<'s> {
    const fn of(pair: &'s ArnPair) -> Self {
        Self { pair }
    }

    fn role(self) -> (Partition, AccountId, &'s str) {
        let role = &self.pair.role;
        (role.partition, role.account, role.name.as_str())
    }
}

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let rest = |key: &Self| (&key.pair.role.path, &key.pair.provider);
        self.role().cmp(&other.role()).then_with(|| rest(self).cmp(&rest(other)))
    }
}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
