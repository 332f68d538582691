//! `naming`: names of role groups.
//!
//! One slip in a name gives one finding. Rules about what is wrong in a name have the name as their subject
//! and stand in [`ORDER`]: each follows those before it, so of several only the first is printed.

mod account_id_length;
mod account_id_typo;
mod alias_id_conflict;
mod ambiguous_split;
mod case_deviates;
mod convention_violated;
mod duplicate_target;
mod environment_conflict;
mod filter_near_miss;
mod illegal_alias;
mod illegal_role_name;
mod invisible_character;
mod mixed_script;
mod near_duplicate;
mod segment_count;
mod surrounding_space;
mod too_long;
mod unknown_account;
mod unmatchable_role_name;

use std::collections::BTreeMap;
use std::ops::Range;

use super::Rule;
use crate::entitlement::names::{Deviation, Parts};
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_group::{RoleGroup, place_of};
use crate::finding::{Finding, FixHint, Label, Quoted, RuleInfo};
use crate::mapping::nearest::{Mend, MendKind};
use crate::model::directory::GroupId;

/// The group's rules, sorted.
pub(super) const RULES: &[&Rule] = &[
    &account_id_length::RULE,
    &account_id_typo::RULE,
    &alias_id_conflict::RULE,
    &ambiguous_split::RULE,
    &case_deviates::RULE,
    &convention_violated::RULE,
    &duplicate_target::RULE,
    &environment_conflict::RULE,
    &filter_near_miss::RULE,
    &illegal_alias::RULE,
    &illegal_role_name::RULE,
    &invisible_character::RULE,
    &mixed_script::RULE,
    &near_duplicate::RULE,
    &segment_count::RULE,
    &surrounding_space::RULE,
    &too_long::RULE,
    &unknown_account::RULE,
    &unmatchable_role_name::RULE,
];

/// Rules about what is wrong in one name, the one that explains most first.
const ORDER: &[&str] = &[
    "mapping/filter-beyond-convention",
    "input/account-id-lost-zero",
    "input/account-id-float",
    "input/account-id-octal",
    "naming/near-duplicate",
    "naming/too-long",
    "naming/invisible-character",
    "naming/mixed-script",
    "naming/surrounding-space",
    "naming/segment-count",
    "naming/account-id-length",
    "naming/illegal-role-name",
    "naming/unmatchable-role-name",
    "naming/case-deviates",
    "naming/filter-near-miss",
    "naming/ambiguous-split",
    "naming/account-id-typo",
    "naming/illegal-alias",
    "naming/unknown-account",
    "naming/convention-violated",
    "naming/environment-conflict",
    "naming/alias-id-conflict",
];

/// The rules of [`ORDER`] before one.
const fn before(id: &str) -> &'static [&'static str] {
    let mut rest = ORDER;
    while let [rule, after @ ..] = rest {
        if same(rule.as_bytes(), id.as_bytes()) {
            break;
        }
        rest = after;
    }
    ORDER.split_at(ORDER.len() - rest.len()).0
}

/// Whether two texts are equal, for a constant.
const fn same(mut a: &[u8], mut b: &[u8]) -> bool {
    while let ([first, rest @ ..], [other, others @ ..]) = (a, b) {
        if *first != *other {
            return false;
        }
        (a, b) = (rest, others);
    }
    a.is_empty() && b.is_empty()
}

/// Pages of the guide that says how role groups are named.
const GUIDE: &str =
    "https://help.okta.com/oie/en-us/Content/Topics/DeploymentGuides/AWS/aws-enable-role-based.htm";

/// How many names a count shows.
const EXAMPLES: usize = 3;

/// The deviations that have a mend of a kind, each with the first such mend.
fn deviating<'e>(
    entitlements: &'e Entitlements<'_>,
    kind: MendKind,
) -> impl Iterator<Item = (&'e Deviation, &'e Mend)> {
    entitlements.names().deviations.iter().filter_map(move |deviation| {
        let mend = deviation.mends.iter().find(|mend| mend.kind == kind)?;
        Some((deviation, mend))
    })
}

/// A finding about a mend of a name: the place marked, the whole rename as help.
fn mend_finding(
    info: &RuleInfo,
    entitlements: &Entitlements<'_>,
    deviation: &Deviation,
    mend: &Mend,
    message: String,
) -> Finding {
    let federation = entitlements.federation;
    let name = federation.directory.group_name(deviation.group);
    let place = place_of(federation, deviation.group);
    let mut finding = Finding::new(info, name, message)
        .at(Label::new(place, "").mark_part(name, mend.range.clone()));
    if !deviation.mapped {
        let filter = Label::new(
            entitlements.mapping.places.filter,
            "the Group Filter, which does not match it",
        );
        finding = finding.related(filter);
    }
    with_rename(finding, name, deviation)
}

/// A finding about a part of a mapped group's name.
fn part_finding(
    info: &RuleInfo,
    entitlements: &Entitlements<'_>,
    group: GroupId,
    part: Range<usize>,
    message: String,
) -> Finding {
    let name = entitlements.federation.directory.group_name(group);
    Finding::new(info, name, message).at(part_label(entitlements, group, part, ""))
}

/// The finding with the rename that mends the name.
fn with_rename(finding: Finding, name: &str, deviation: &Deviation) -> Finding {
    match &deviation.suggestion {
        Some(to) if deviation.taken => finding.help(format!(
            "move its members to {}, which is there already, and delete it: {}",
            Quoted(to),
            changes(&deviation.mends)
        )),
        Some(to) => {
            let (from, to, mends) = (name.to_owned(), to.clone(), &deviation.mends);
            let finding = finding.help(format!("rename it to {}: {}", Quoted(&to), changes(mends)));
            let is_sure = mends.iter().all(|mend| mend.kind.leaves_one_reading());
            finding.fix(if is_sure {
                FixHint::RenameGroup { from, to }
            } else {
                FixHint::ProposeName { from, to }
            })
        }
        None => finding.help("type the name anew where the group was created"),
    }
}

/// The finding with a fix that writes something else for a part of the group's name.
fn with_other_part(finding: Finding, name: &str, part: &Range<usize>, other: &str) -> Finding {
    let (Some(head), Some(tail)) = (name.get(..part.start), name.get(part.end..)) else {
        return finding;
    };
    let to = format!("{head}{other}{tail}");
    finding.fix(FixHint::RenameGroup { from: name.to_owned(), to })
}

/// Every change, in the order of the name.
fn changes(mends: &[Mend]) -> String {
    let changes: Vec<String> = mends.iter().map(change).collect();
    changes.join(", ")
}

fn change(mend: &Mend) -> String {
    let (found, wanted, at) = (Quoted(&mend.found), Quoted(&mend.wanted), mend.range.start);
    let change = match (mend.found.is_empty(), mend.wanted.is_empty()) {
        (true, _) => format!("add {wanted} at byte {at}"),
        (false, true) => format!("remove {found} at byte {at}"),
        (false, false) => format!("{wanted} for {found} at byte {at}"),
    };
    format!("{change} ({})", mend.kind.as_str())
}

/// The mapped groups with the text of their alias, where the filter leaves room for one.
fn aliases<'e>(
    entitlements: &'e Entitlements<'_>,
) -> impl Iterator<Item = (&'e RoleGroup, &'e str)> {
    let directory = &entitlements.federation.directory;
    let parts = &entitlements.names().parts;
    entitlements.role_groups.mapped.iter().zip(parts).filter_map(|(role_group, parts)| {
        let alias = directory.group_name(role_group.group).get(parts.alias.clone()?)?;
        Some((role_group, alias))
    })
}

/// The mapped groups by the account in their names.
fn by_account<'e>(entitlements: &'e Entitlements<'_>) -> BTreeMap<&'e str, Vec<GroupId>> {
    let mut groups: BTreeMap<&str, Vec<GroupId>> = BTreeMap::new();
    for role_group in &entitlements.role_groups.mapped {
        groups.entry(&role_group.account).or_default().push(role_group.group);
    }
    groups
}

/// So many groups with up to three of their names: ``2 role groups (`a`, `b`)``.
fn counted(entitlements: &Entitlements<'_>, groups: &[GroupId]) -> String {
    let directory = &entitlements.federation.directory;
    let names: Vec<String> = groups
        .iter()
        .take(EXAMPLES)
        .map(|&group| Quoted(directory.group_name(group)).to_string())
        .collect();
    let more = if groups.len() > EXAMPLES { ", …" } else { "" };
    let word = if groups.len() == 1 { "role group" } else { "role groups" };
    format!("{} {word} ({}{more})", groups.len(), names.join(", "))
}

/// Where a part of a mapped group's name stands.
fn part_label(
    entitlements: &Entitlements<'_>,
    group: GroupId,
    part: Range<usize>,
    message: impl Into<String>,
) -> Label {
    let federation = entitlements.federation;
    let name = federation.directory.group_name(group);
    Label::new(place_of(federation, group), message).mark_part(name, part)
}

/// The parts of a mapped group's name.
fn parts_of<'e>(entitlements: &'e Entitlements<'_>, group: GroupId) -> Option<&'e Parts> {
    let at = entitlements.role_groups.mapped.binary_search_by_key(&group, |it| it.group).ok()?;
    entitlements.names().parts.get(at)
}

/// Where the account stands in a mapped group's name.
fn account_part(entitlements: &Entitlements<'_>, group: GroupId) -> Range<usize> {
    parts_of(entitlements, group).map(|parts| parts.account.clone()).unwrap_or_default()
}

/// Where the alias stands in a mapped group's name.
fn alias_part(entitlements: &Entitlements<'_>, group: GroupId) -> Range<usize> {
    parts_of(entitlements, group).and_then(|parts| parts.alias.clone()).unwrap_or_default()
}
