//! What, of the chains of groups that lead to a goal on one side, the other side lacks.
//!
//! For each group that leads to the goal here and not there: the fewest facts that, restored there, make one
//! chain whole (`restore`), and facts that, taken away here, leave no chain (`cut`): on every chain the one
//! that is nearest to the goal.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::fact::Fact;
use super::mapped;
use super::side::Which;
use super::targets::PairId;
use super::two::View;
use crate::model::directory::{Group, GroupId};

/// The chains to one goal.
#[derive(Debug, Default)]
pub(super) struct Chains {
    labels: FxHashMap<u32, Label>,
    cuts: FxHashMap<u32, Vec<usize>>,
    items: Vec<Vec<Fact>>,
}

/// The cheapest way from a group to the goal.
#[derive(Debug, Clone)]
struct Label {
    cost: usize,
    /// What is missing there of the next step.
    missing: Vec<Fact>,
    next: Option<u32>,
}

impl Chains {
    /// The chains to the groups that give a pair.
    pub(super) fn to_pair(view: View<'_, '_>, pair: PairId) -> Self {
        let entitlements = view.has().entitlements();
        let target = view.two.targets.get(pair).and_then(|both| both.on(view.holds));
        let Some(target) = target else { return Self::default() };
        if !view.has().mapping().maps_groups() {
            let groups = entitlements.saml_role_groups(target);
            return Self::new(view, groups.map(|group| (group, saml_roles(view, group, pair))));
        }
        let at = entitlements.target(target).map_or(&[][..], |target| &target.role_groups);
        let mapped = at.iter().filter_map(|&at| entitlements.role_group(at));
        let groups = mapped.filter(|mapped| mapped.is_visible()).map(|mapped| mapped.group);
        Self::new(view, groups.map(|group| (group, mapped::differences(view, group, pair))))
    }

    /// The chains to the groups that the app is assigned to.
    pub(super) fn to_assignment(view: View<'_, '_>) -> Self {
        let assigned = |which: Which| {
            view.two.side(which).directory().assignments().groups.as_deref().unwrap_or_default()
        };
        let there = assigned(view.holds.other());
        let goals = assigned(view.holds).iter().map(|assigned| {
            let group = view.group_ref(assigned.to);
            let missing = match view.group_there(assigned.to) {
                None => vec![Fact::Group { group, holds: view.holds }],
                Some(id) if there.binary_search_by_key(&id, |one| one.to).is_ok() => Vec::new(),
                Some(_) => vec![Fact::Assigned { group, holds: view.holds }],
            };
            (assigned.to, missing)
        });
        Self::new(view, goals)
    }

    fn new(view: View<'_, '_>, goals: impl Iterator<Item = (GroupId, Vec<Fact>)>) -> Self {
        let mut chains = Self::default();
        let goals: Vec<(GroupId, Vec<Fact>)> = goals.collect();
        chains.label(view, &goals);
        chains.find_cuts(view, &goals);
        chains
    }

    /// Walks down from the goals, what lacks least first.
    fn label(&mut self, view: View<'_, '_>, goals: &[(GroupId, Vec<Fact>)]) {
        let mut open = BinaryHeap::new();
        let mut order = 0_usize;
        for (group, missing) in goals {
            let label = Label { cost: missing.len(), missing: missing.clone(), next: None };
            open.push(Reverse((label.cost, order, group.0)));
            self.labels.insert(group.0, label);
            order += 1;
        }
        while let Some(Reverse((cost, _, outer))) = open.pop() {
            if self.labels.get(&outer).is_none_or(|label| label.cost < cost) {
                continue;
            }
            for inner in members(view, outer) {
                let missing = step(view, inner, outer);
                let cost = cost + missing.len();
                if self.labels.get(&inner).is_some_and(|known| known.cost <= cost) {
                    continue;
                }
                self.labels.insert(inner, Label { cost, missing, next: Some(outer) });
                order += 1;
                open.push(Reverse((cost, order, inner)));
            }
        }
    }

    /// Notes, for each group that leads to the goal here only, what cuts each of its chains.
    fn find_cuts(&mut self, view: View<'_, '_>, goals: &[(GroupId, Vec<Fact>)]) {
        for (group, missing) in goals {
            if !missing.is_empty() {
                self.cut(view, group.0, missing.clone());
            }
        }
        let mut whole: Vec<u32> =
            self.labels.iter().filter(|(_, label)| label.cost == 0).map(|(&at, _)| at).collect();
        whole.sort_unstable();
        for outer in whole {
            let inner: Vec<u32> = members(view, outer).collect();
            for inner in inner {
                let missing = step(view, inner, outer);
                if !missing.is_empty() && !self.is_whole(inner) {
                    self.cut(view, inner, missing);
                }
            }
        }
    }

    /// Everything from a group down hangs on these facts.
    fn cut(&mut self, view: View<'_, '_>, from: u32, facts: Vec<Fact>) {
        let item = self.items.len();
        self.items.push(facts);
        let mut open = vec![from];
        while let Some(group) = open.pop() {
            if self.is_whole(group) {
                continue;
            }
            let cuts = self.cuts.entry(group).or_default();
            if cuts.last() == Some(&item) {
                continue;
            }
            cuts.push(item);
            open.extend(members(view, group));
        }
    }

    fn is_whole(&self, group: u32) -> bool {
        self.labels.get(&group).is_some_and(|label| label.cost == 0)
    }

    /// Whether a group leads to the goal here.
    pub(super) fn leads(&self, group: GroupId) -> bool {
        self.labels.contains_key(&group.0)
    }

    /// The fewest facts whose restoring lets a group lead to the goal there.
    pub(super) fn restore(&self, group: GroupId) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut at = Some(group.0);
        while let Some(label) = at.and_then(|at| self.labels.get(&at)) {
            facts.extend(&label.missing);
            at = label.next;
        }
        facts
    }

    /// Facts whose taking away lets a group lead to the goal here no more.
    pub(super) fn cuts(&self, group: GroupId) -> Vec<Fact> {
        let items = self.cuts.get(&group.0).into_iter().flatten();
        items.filter_map(|&item| self.items.get(item)).flatten().copied().collect()
    }
}

/// The groups whose members a group takes in.
fn members<'c>(view: View<'c, '_>, outer: u32) -> impl Iterator<Item = u32> + use<'c> {
    let directory = view.has().directory();
    let nests = directory.group(GroupId(outer)).is_some_and(Group::nests);
    let inner = directory.nested().targets(outer).iter().copied();
    inner.filter(move |&inner| nests && inner != outer)
}

/// What the other side lacks of a membership of a group in a group.
fn step(view: View<'_, '_>, inner: u32, outer: u32) -> Vec<Fact> {
    let (one, other) = (GroupId(inner), GroupId(outer));
    let holds = view.holds;
    let there = (view.group_there(one), view.group_there(other));
    let gone = |group| Fact::Group { group: view.group_ref(group), holds };
    let (Some(one_there), Some(other_there)) = there else {
        let lost = [(one, there.0), (other, there.1)];
        return lost.into_iter().filter(|pair| pair.1.is_none()).map(|pair| gone(pair.0)).collect();
    };
    let directory = view.lacks().directory();
    let mut missing = Vec::new();
    if !directory.containers().targets(one_there.0).contains(&other_there.0) {
        let (inner, outer) = (view.group_ref(one), view.group_ref(other));
        missing.push(Fact::Nested { inner, outer, holds });
    }
    if !directory.group(other_there).is_some_and(Group::nests) {
        missing.push(Fact::Source(view.group_ref(other)));
    }
    missing
}

/// With Use Group Mapping off here: why the other side's group does not give the pair.
fn saml_roles(view: View<'_, '_>, group: GroupId, pair: PairId) -> Vec<Fact> {
    let name = view.group_ref(group);
    let Some(there) = view.group_there(group) else {
        return vec![Fact::Group { group: name, holds: view.holds }];
    };
    let lacks = view.lacks();
    if lacks.mapping().maps_groups() {
        return mapped::settings_that_differ(view);
    }
    let target = view.two.targets.get(pair).and_then(|both| both.on(view.holds.other()));
    let gives = target.is_some_and(|target| {
        lacks.entitlements().saml_role_groups(target).any(|giving| giving == there)
    });
    if gives { Vec::new() } else { vec![Fact::GroupRoles(name)] }
}
