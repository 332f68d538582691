//! What each group's name maps to, and what the stages say about it: once a group, not once a user.

use rayon::prelude::*;

use crate::mapping::app_filter::AppFilter;
use crate::mapping::group_filter::{FilterReader, MatchMode, Reading};
use crate::mapping::settings::Mapping;
use crate::model::arn::{ArnPair, ArnPairError, commas_before_arns};
use crate::model::directory::{Group, GroupId};
use crate::model::federation::Federation;
use crate::text::Place;

/// A group whose name the Group Filter maps to an account and role.
#[derive(Debug, Clone)]
pub struct RoleGroup {
    /// The group.
    pub group: GroupId,
    /// The captured role.
    pub role: Box<str>,
    /// The captured account, twelve digits or not.
    pub account: Box<str>,
    /// The Role value Okta sends.
    pub value: Box<str>,
    /// The value as a pair, or why AWS reads none.
    pub pair: Result<ArnPair, ArnPairError>,
    /// Whether the group reaches Okta and its source is admitted.
    pub import: Import,
    /// Whether find and full match disagree about the name.
    pub depends_on_mode: bool,
}

/// What the import stage says of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Import {
    /// The App Filter admits its source, or every source.
    Admitted,
    /// The App Filter does not name its source.
    Excluded,
    /// An Okta groups export was given and the group is not in it.
    NotInOkta,
    /// No export says where the group comes from.
    UnknownSource,
    /// The app export does not carry the App Filter.
    UnknownFilter,
}

/// A group whose name cannot be decided.
#[derive(Debug, Clone)]
pub struct UndecidedGroup {
    /// The group.
    pub group: GroupId,
    /// Why not.
    pub reason: String,
}

/// What the names of all groups map to.
#[derive(Debug, Default)]
pub struct RoleGroups {
    /// Groups the filter maps, in order of their numbers.
    pub mapped: Vec<RoleGroup>,
    /// Groups it cannot decide.
    pub undecided: Vec<UndecidedGroup>,
    /// Index into `mapped` by group; [`NOT_MAPPED`] for the others.
    index_of: Vec<u32>,
}

const NOT_MAPPED: u32 = u32::MAX;

impl RoleGroups {
    /// Reads the name of every group once.
    pub fn read(federation: &Federation, mapping: &Mapping) -> Self {
        if !mapping.maps_groups() {
            return Self::default();
        }
        let directory = &federation.directory;
        let okta_stated = directory.groups().any(|(_, group)| group.in_okta);
        let numbers: Vec<u32> = (0..u32::try_from(directory.group_count()).unwrap_or(0)).collect();
        let read: Vec<Self> = numbers
            .par_chunks(1024)
            .map(|chunk| {
                let mut reader = mapping.filter.reader();
                let mut value = String::new();
                let mut found = Self::default();
                for &number in chunk {
                    let id = GroupId(number);
                    let Some(group) = directory.group(id) else { continue };
                    let name = directory.text(group.name);
                    let import = imported_as(group, okta_stated, mapping.app_filter.as_ref());
                    found.read_name(mapping, &mut reader, &mut value, (id, name, import));
                }
                found
            })
            .collect();
        let mut groups = Self::default();
        groups.mapped.reserve_exact(read.iter().map(|part| part.mapped.len()).sum());
        for mut part in read {
            groups.mapped.append(&mut part.mapped);
            groups.undecided.append(&mut part.undecided);
        }
        groups.index_of = vec![NOT_MAPPED; numbers.len()];
        for (at, mapped) in (0..).zip(&groups.mapped) {
            if let Some(index) = groups.index_of.get_mut(mapped.group.0 as usize) {
                *index = at;
            }
        }
        groups
    }

    /// The role group of a group, if its name maps.
    pub fn of(&self, group: GroupId) -> Option<&RoleGroup> {
        self.mapped.get(self.index_of(group)? as usize)
    }

    /// The index into [`Self::mapped`] of a group whose name maps.
    pub(super) fn index_of(&self, group: GroupId) -> Option<u32> {
        self.index_of.get(group.0 as usize).copied().filter(|&index| index != NOT_MAPPED)
    }

    fn read_name(
        &mut self,
        mapping: &Mapping,
        reader: &mut FilterReader<'_>,
        value: &mut String,
        (group, name, import): (GroupId, &str, Import),
    ) {
        let other = match mapping.mode {
            MatchMode::Find => MatchMode::Full,
            MatchMode::Full => MatchMode::Find,
        };
        let captures = match reader.read(name, mapping.mode) {
            Reading::Match(captures) => captures,
            Reading::NoMatch => return,
            Reading::Undecided(reason) => {
                return self.undecided.push(UndecidedGroup { group, reason: reason.to_string() });
            }
        };
        let role: Box<str> = captures.role.unwrap_or_default().into();
        let account: Box<str> = captures.account_id.unwrap_or_default().into();
        value.clear();
        mapping.pattern.expand(&role, &account, value);
        let pair = ArnPair::parse(value);
        let depends_on_mode = !matches!(reader.read(name, other), Reading::Match(second)
            if second.role == Some(&*role) && second.account_id == Some(&*account));
        let value = value.as_str().into();
        self.mapped.push(RoleGroup { group, role, account, value, pair, import, depends_on_mode });
    }
}

/// What the import stage says of a group, where any export of Okta's states groups or none does.
pub fn imported_as(group: &Group, okta_stated: bool, filter: Option<&AppFilter>) -> Import {
    if okta_stated && !group.in_okta {
        return Import::NotInOkta;
    }
    let Some(filter) = filter else { return Import::UnknownFilter };
    match &group.source {
        _ if filter.is_open() => Import::Admitted,
        None => Import::UnknownSource,
        Some(source) if filter.admits(source) => Import::Admitted,
        Some(_) => Import::Excluded,
    }
}

/// What the import stage says of any group.
pub fn import_of(federation: &Federation, mapping: &Mapping, id: GroupId) -> Import {
    let directory = &federation.directory;
    let okta_stated = directory.groups().any(|(_, group)| group.in_okta);
    directory.group(id).map_or(Import::UnknownSource, |group| {
        imported_as(group, okta_stated, mapping.app_filter.as_ref())
    })
}

impl RoleGroup {
    /// Whether the picker shows what this group maps to, as far as the group decides it.
    pub fn is_visible(&self) -> bool {
        self.pair.is_ok() && self.import.passes()
    }

    /// Role ARN and provider ARN as sent, for a value that is no pair too.
    pub fn arns(&self) -> (&str, &str) {
        let value: &str = &self.value;
        let cut = commas_before_arns(value).next().unwrap_or(value.len());
        let (first, second) = value.split_at(cut);
        let second = second.strip_prefix(',').unwrap_or(second);
        if first.contains(":role/") { (first, second) } else { (second, first) }
    }
}

impl Import {
    /// Whether the stage lets the group pass: an unknown source is not a wrong one.
    pub const fn passes(&self) -> bool {
        !matches!(self, Self::Excluded | Self::NotInOkta)
    }
}

/// The line of a group's record, or for a group that only memberships name the first line that does.
pub fn place_of(federation: &Federation, group: GroupId) -> Place {
    let directory = &federation.directory;
    let stated = directory.group(group).map_or(Place::NOWHERE, |group| group.place);
    if stated != Place::NOWHERE {
        return stated;
    }
    [directory.members(), directory.nested(), directory.containers()]
        .into_iter()
        .flat_map(|rows| rows.places(group.0))
        .copied()
        .filter(|&place| place != Place::NOWHERE)
        .min()
        .unwrap_or(Place::NOWHERE)
}
