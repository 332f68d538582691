//! Why a group gives a role on one side and not on the other: the fewest things that make the difference.

use super::fact::{Fact, Setting};
use super::side::Side;
use super::targets::PairId;
use super::two::View;
use crate::entitlement::role_group::imported_as;
use crate::mapping::app_filter::AppFilter;
use crate::mapping::group_filter::{GroupFilter, MatchMode, Reading};
use crate::mapping::role_value::RoleValuePattern;
use crate::model::arn::ArnPair;
use crate::model::directory::{Group, GroupId};

/// Everything that decides whether a group gives a role.
#[derive(Clone, Copy)]
struct Deciders<'s> {
    name: &'s str,
    source: &'s Group,
    in_okta: bool,
    filter: &'s GroupFilter,
    mode: MatchMode,
    pattern: &'s RoleValuePattern,
    app_filter: Option<&'s AppFilter>,
    maps_groups: bool,
    okta_stated: bool,
}

impl<'s> Deciders<'s> {
    fn of(side: &Side<'s>, group: &'s Group) -> Self {
        let (directory, mapping) = (side.directory(), side.mapping());
        Self {
            name: directory.text(group.name),
            source: group,
            in_okta: group.in_okta,
            filter: &mapping.filter,
            mode: mapping.mode,
            pattern: &mapping.pattern,
            app_filter: mapping.app_filter.as_ref(),
            maps_groups: mapping.maps_groups(),
            okta_stated: side.okta_stated,
        }
    }

    /// The same with what `fact` is about as `other` has it.
    fn with(self, fact: Fact, other: &Self) -> Self {
        match fact {
            Fact::Renamed(_) => Self { name: other.name, ..self },
            Fact::Source(_) => Self { source: other.source, ..self },
            Fact::Imported { .. } => Self { in_okta: other.in_okta, ..self },
            Fact::Setting(Setting::GroupFilter) => Self { filter: other.filter, ..self },
            Fact::Setting(Setting::MatchMode) => Self { mode: other.mode, ..self },
            Fact::Setting(Setting::RoleValuePattern) => Self { pattern: other.pattern, ..self },
            Fact::Setting(Setting::AppFilter) => Self { app_filter: other.app_filter, ..self },
            Fact::Setting(Setting::GroupMapping) => Self { maps_groups: other.maps_groups, ..self },
            _ => self,
        }
    }

    /// Whether a picker shows the pair because of the group.
    fn give(self, pair: &ArnPair) -> bool {
        let group = Group { in_okta: self.in_okta, ..self.source.clone() };
        if !self.maps_groups || !imported_as(&group, self.okta_stated, self.app_filter).passes() {
            return false;
        }
        let mut reader = self.filter.reader();
        let Reading::Match(captures) = reader.read(self.name, self.mode) else { return false };
        let mut value = String::new();
        let role = captures.role.unwrap_or_default();
        self.pattern.expand(role, captures.account_id.unwrap_or_default(), &mut value);
        ArnPair::parse(&value).is_ok_and(|given| given == *pair)
    }
}

/// Why the other side's group does not give the pair that this side's group gives; nothing where it does.
///
/// Restoring what is named there makes it give the pair, and taking it away here makes this one give it no more.
pub(super) fn differences(view: View<'_, '_>, group: GroupId, pair: PairId) -> Vec<Fact> {
    let (has, lacks) = (view.has(), view.lacks());
    let Some(wanted) = view.two.targets.get(pair).map(|both| both.pair) else { return Vec::new() };
    let Some(own) = has.directory().group(group) else { return Vec::new() };
    let name = view.group_ref(group);
    let there = view.group_there(group).and_then(|there| lacks.directory().group(there));
    let here = Deciders::of(has, own);
    let Some(there) = there else {
        // Restored, it would have the name and source it has here.
        let settings = Deciders::of(lacks, own);
        let restored = Deciders { name: here.name, in_okta: own.in_okta, ..settings };
        let gone = Fact::Group { group: name, holds: view.holds };
        let candidates = settings_that_differ(view);
        let enough = fewest(&candidates, |chosen| {
            chosen.iter().fold(restored, |made, &fact| made.with(fact, &here)).give(wanted)
        });
        return [vec![gone], enough].concat();
    };
    let other = Deciders::of(lacks, there);
    if other.give(wanted) {
        return Vec::new();
    }
    let mut candidates = Vec::new();
    if here.name != other.name {
        candidates.push(Fact::Renamed(name));
    }
    if own.source != there.source {
        candidates.push(Fact::Source(name));
    }
    if own.in_okta != there.in_okta {
        candidates.push(Fact::Imported { group: name, holds: view.holds });
    }
    candidates.extend(settings_that_differ(view));
    // What decides whether groups nest here has to be as it was, or its members do not arrive.
    let needed =
        |chosen: &[Fact]| own.nests() == there.nests() || chosen.contains(&Fact::Source(name));
    fewest(&candidates, |chosen| {
        let restored = chosen.iter().fold(other, |made, &fact| made.with(fact, &here));
        let broken = chosen.iter().fold(here, |made, &fact| made.with(fact, &other));
        needed(chosen) && restored.give(wanted) && !broken.give(wanted)
    })
}

/// The settings of the mapping that differ.
pub(super) fn settings_that_differ(view: View<'_, '_>) -> Vec<Fact> {
    let (one, other) = (view.two.before.mapping(), view.two.after.mapping());
    let mut found = Vec::new();
    if one.filter.text() != other.filter.text() {
        found.push(Setting::GroupFilter);
    }
    if one.mode != other.mode {
        found.push(Setting::MatchMode);
    }
    if one.pattern.text() != other.pattern.text() {
        found.push(Setting::RoleValuePattern);
    }
    if one.app_filter != other.app_filter {
        found.push(Setting::AppFilter);
    }
    if one.maps_groups() != other.maps_groups() {
        found.push(Setting::GroupMapping);
    }
    found.into_iter().map(Fact::Setting).collect()
}

/// The first of the smallest choices that make the difference; all where none smaller does.
fn fewest(candidates: &[Fact], makes: impl Fn(&[Fact]) -> bool) -> Vec<Fact> {
    let count = u32::try_from(candidates.len()).unwrap_or(u32::MAX).min(12);
    let mut choices: Vec<u32> = (0..1_u32 << count).collect();
    choices.sort_by_key(|choice| (choice.count_ones(), *choice));
    let chosen = |choice: u32| -> Vec<Fact> {
        let bits = (0..).zip(candidates).filter(|&(bit, _)| choice >> bit & 1 == 1);
        bits.map(|(_, &fact)| fact).collect()
    };
    let found = choices.into_iter().map(chosen).find(|choice| makes(choice));
    found.unwrap_or_else(|| candidates.to_vec())
}
