//! How the names of groups read, where there is more to say than what they map to: computed once a run, for
//! all rules that ask.

use std::collections::BTreeSet;
use std::ops::Range;

use rustc_hash::FxHashSet;

use super::resolve::Entitlements;
use super::role_group::RoleGroup;
use crate::mapping::confusable;
use crate::mapping::explain::Explainer;
use crate::mapping::group_filter::{FilterReader, GroupFilter, Reading};
use crate::mapping::layout::{Layout, RoleCharacters};
use crate::mapping::nearest::{Known, Mend, MendKind, blemishes};
use crate::mapping::stop::Stop;
use crate::model::account::AccountId;
use crate::model::arn::is_role_name;
use crate::model::directory::GroupId;

/// Most accounts in names that are taken for known.
const MOST_NAMED: usize = 1000;

/// A role group's name, or one that was meant to be, with something to mend in it.
#[derive(Debug, Clone)]
pub struct Deviation {
    /// The group.
    pub group: GroupId,
    /// Whether the Group Filter maps the name as it is.
    pub mapped: bool,
    /// What has to be mended, in the order of the name; may be empty for a mapped name whose role or account
    /// cannot be and nobody can tell what was meant.
    pub mends: Vec<Mend>,
    /// The name that the filter would map, with a twelve-digit account and a legal role.
    pub suggestion: Option<String>,
    /// Whether there is a role group of that name already.
    pub taken: bool,
    /// Where a name stops that is not mapped.
    pub stop: Option<Stop>,
}

/// Where the parts of a mapped name stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// What stands between the filter's literal beginning and the first capture, the alias in the guide's form.
    pub alias: Option<Range<usize>>,
    /// The captured role.
    pub role: Range<usize>,
    /// The captured account.
    pub account: Range<usize>,
}

/// What is to be said about names, beyond what they map to.
#[derive(Debug, Default)]
pub struct NameReadings {
    /// What the names have in common; `None` where the filter has no single separator.
    pub layout: Option<Layout>,
    /// Characters that a captured role may hold; `None` where that cannot be told.
    pub role_characters: Option<RoleCharacters>,
    /// Names with something to mend, in order of the groups' numbers.
    pub deviations: Vec<Deviation>,
    /// Parts of each mapped name, beside [`super::role_group::RoleGroups::mapped`].
    pub parts: Vec<Parts>,
}

impl NameReadings {
    /// Reads every name once more: those that do not map are compared to what they might have been.
    pub(super) fn read(entitlements: &Entitlements<'_>) -> Self {
        let mapping = entitlements.mapping;
        if !mapping.maps_groups() {
            return Self::default();
        }
        let explainer = Explainer::new(&mapping.filter, mapping.mode);
        let layout = explainer.layout();
        let known = KnownNames::of(entitlements);
        let mut deviations = deviations(entitlements, &known);
        mark_taken(entitlements, &mut deviations);
        let mut reader = mapping.filter.reader();
        let mapped = &entitlements.role_groups.mapped;
        let parts = mapped
            .iter()
            .map(|role_group| parts(entitlements, &mut reader, layout.as_ref(), role_group))
            .collect();
        Self { layout, role_characters: explainer.role_characters(), deviations, parts }
    }

    /// What is to be mended in a group's name, if anything.
    pub fn deviation(&self, group: GroupId) -> Option<&Deviation> {
        let found = self.deviations.binary_search_by_key(&group, |deviation| deviation.group);
        found.ok().and_then(|at| self.deviations.get(at))
    }
}

/// A name without what people do not see or do not mean to tell apart: case, white space, look-alikes,
/// invisible characters and the Unicode form.
pub fn skeleton(name: &str) -> String {
    confusable::skeleton(name)
}

/// An alias as a reader takes it in: a [`skeleton`] in which digits that look like letters are those letters.
pub fn look(alias: &str) -> String {
    skeleton(alias).replace('0', "o").replace('1', "l").replace("rn", "m")
}

/// Names that a repair may aim at.
struct KnownNames<'f> {
    accounts: Vec<AccountId>,
    aliases: Vec<&'f str>,
    roles: Vec<&'f str>,
}

impl<'f> KnownNames<'f> {
    fn of(entitlements: &Entitlements<'f>) -> Self {
        let accounts = &entitlements.federation.accounts;
        let aliases = accounts.iter().filter_map(|(_, account)| account.alias.as_ref());
        let roles = accounts.iter().flat_map(|(_, account)| &account.roles);
        let mut names = Self {
            accounts: accounts.iter().map(|(id, _)| *id).collect(),
            aliases: aliases.map(|alias| alias.value.as_str()).collect(),
            roles: roles.map(|role| role.name.as_str()).collect(),
        };
        names.roles.sort_unstable();
        names.roles.dedup();
        if names.accounts.is_empty() {
            names.accounts = named_accounts(entitlements);
        }
        names
    }

    fn known(&self) -> Known<'_> {
        Known { accounts: &self.accounts, aliases: &self.aliases, roles: &self.roles }
    }
}

/// Accounts in the names of role groups, where no export states any; none where there are too many to
/// compare every name to.
fn named_accounts(entitlements: &Entitlements<'_>) -> Vec<AccountId> {
    let mapped = &entitlements.role_groups.mapped;
    let ids = mapped.iter().filter_map(|it| AccountId::parse(&it.account).ok());
    let ids: BTreeSet<AccountId> = ids.collect();
    if ids.len() > MOST_NAMED { Vec::new() } else { ids.into_iter().collect() }
}

/// The deviations of all groups.
///
/// On threads of its own: whoever asks first may be a worker of a pool, and one that waited for work of the
/// same pool could be given somebody who asks again.
fn deviations(entitlements: &Entitlements<'_>, known: &KnownNames<'_>) -> Vec<Deviation> {
    let count = entitlements.federation.directory.group_count();
    let numbers: Vec<u32> = (0..u32::try_from(count).unwrap_or(0)).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = count.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        let workers: Vec<_> = numbers
            .chunks(share)
            .map(|chunk| scope.spawn(move || deviations_of(entitlements, chunk, known)))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}

/// Marks the suggestions that are the name of a role group already.
fn mark_taken(entitlements: &Entitlements<'_>, deviations: &mut [Deviation]) {
    let directory = &entitlements.federation.directory;
    let suggested: FxHashSet<String> =
        deviations.iter().filter_map(|deviation| deviation.suggestion.clone()).collect();
    let mapped = entitlements.role_groups.mapped.iter();
    let taken: FxHashSet<&str> = mapped
        .map(|role_group| directory.group_name(role_group.group))
        .filter(|name| suggested.contains(*name))
        .collect();
    for deviation in deviations {
        deviation.taken = deviation.suggestion.as_ref().is_some_and(|it| taken.contains(&**it));
    }
}

fn deviations_of(
    entitlements: &Entitlements<'_>,
    groups: &[u32],
    known: &KnownNames<'_>,
) -> Vec<Deviation> {
    let mapping = entitlements.mapping;
    let mut explainer = Explainer::new(&mapping.filter, mapping.mode);
    let mut reader = mapping.filter.reader();
    let undecided = &entitlements.role_groups.undecided;
    let deviation = |group: GroupId| {
        let name = entitlements.federation.directory.group_name(group);
        if let Some(role_group) = entitlements.role_groups.of(group) {
            if is_usable(role_group) {
                return blemished(entitlements, &mut reader, group, name);
            }
            let nearest = explainer.nearest(name, &known.known());
            let (mends, suggestion) =
                nearest.map_or_else(Default::default, |it| (it.mends, Some(it.name)));
            return Some(Deviation {
                group,
                mapped: true,
                mends,
                suggestion,
                taken: false,
                stop: None,
            });
        }
        if undecided.binary_search_by_key(&group, |it| it.group).is_ok() {
            return None;
        }
        let nearest = explainer.nearest(name, &known.known())?;
        let (mends, suggestion) = (nearest.mends, Some(nearest.name));
        let stop = explainer.stop(name);
        Some(Deviation { group, mapped: false, mends, suggestion, taken: false, stop })
    };
    groups.iter().copied().map(GroupId).filter_map(deviation).collect()
}

/// Whether account and role of a mapped name can be ones.
fn is_usable(role_group: &RoleGroup) -> bool {
    AccountId::parse(&role_group.account).is_ok() && is_role_name(&role_group.role)
}

/// A name that maps, with blemishes that do not keep it from doing so.
fn blemished(
    entitlements: &Entitlements<'_>,
    reader: &mut FilterReader<'_>,
    group: GroupId,
    name: &str,
) -> Option<Deviation> {
    let mends = visible_blemishes(name)?;
    let mended = mended(name, &mends);
    let maps = matches!(reader.read(&mended, entitlements.mapping.mode), Reading::Match(_));
    let suggestion = maps.then_some(mended);
    Some(Deviation { group, mapped: true, mends, suggestion, taken: false, stop: None })
}

/// Blemishes of a mapped name that are slips: look-alikes count only in a word that is Latin without them.
fn visible_blemishes(name: &str) -> Option<Vec<Mend>> {
    if name.is_ascii() && name.trim_ascii() == name && !name.bytes().any(|b| b.is_ascii_control()) {
        return None;
    }
    let mut mends = blemishes(name);
    mends.retain(|mend| {
        mend.kind != MendKind::MixedScript || word_around(name, &mend.range).is_some_and(is_latin)
    });
    (!mends.is_empty()).then_some(mends)
}

/// The word that a part of a name stands in.
fn word_around<'n>(name: &'n str, range: &Range<usize>) -> Option<&'n str> {
    let (before, after) = (name.get(..range.start)?, name.get(range.end..)?);
    let ends = |c: char| !c.is_alphanumeric();
    let start = before.rfind(ends).map_or(0, |at| {
        at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
    });
    let end = after.find(ends).map_or(name.len(), |at| range.end + at);
    name.get(start..end)
}

fn is_latin(word: &str) -> bool {
    confusable::as_read(word).is_ascii()
}

/// A name with its mends made.
fn mended(name: &str, mends: &[Mend]) -> String {
    let mut text = String::with_capacity(name.len());
    let mut from = 0;
    for mend in mends {
        text.push_str(name.get(from..mend.range.start).unwrap_or_default());
        text.push_str(&mend.wanted);
        from = mend.range.end.max(from);
    }
    text.push_str(name.get(from..).unwrap_or_default());
    text
}

fn parts(
    entitlements: &Entitlements<'_>,
    reader: &mut FilterReader<'_>,
    layout: Option<&Layout>,
    role_group: &RoleGroup,
) -> Parts {
    let mapping = entitlements.mapping;
    let name = entitlements.federation.directory.group_name(role_group.group);
    let start = match reader.read(name, mapping.mode) {
        Reading::Match(captures) => captures.whole.start,
        Reading::NoMatch | Reading::Undecided(_) => 0,
    };
    let part = |capture: &str| {
        let (_, index) = mapping.filter.capture_names().find(|(name, _)| *name == capture)?;
        reader.group(index)
    };
    let role = part(GroupFilter::ROLE).unwrap_or_default();
    let account = part(GroupFilter::ACCOUNT_ID).unwrap_or_default();
    let first = role.start.min(account.start);
    let alias = layout.filter(|layout| !layout.prefix.is_empty()).and_then(|layout| {
        let from = start + layout.prefix.len();
        let text = name.get(from..first)?.strip_suffix(layout.separator)?;
        Some(from..from + text.len())
    });
    Parts { alias, role, account }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mends_make_the_name_they_speak_of() {
        let name = " aws#pr\u{200b}od#Аdmin#123456789012";
        assert_eq!(mended(name, &blemishes(name)), "aws#prod#Admin#123456789012");
    }

    #[test]
    fn look_alikes_in_a_word_of_another_script_are_no_slips() {
        assert_eq!(visible_blemishes("aws#прод#Admin#123456789012"), None);
        let mends = visible_blemishes("aws#prоd#Admin#123456789012").unwrap();
        assert_eq!((mends.len(), mends[0].range.clone()), (1, 6..8));
    }

    #[test]
    fn a_plain_name_has_no_blemishes() {
        assert_eq!(visible_blemishes("aws#prod#Admin#123456789012"), None);
    }
}
