//! A grammar for the names there are, as a first draft.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::entitlement::names::Parts;
use crate::entitlement::resolve::Entitlements;
use crate::mapping::grammar::{Declaration, GrammarReader, NamingGrammar, Part};
use crate::mapping::group_filter::Reading;
use crate::mapping::nearest::MendKind;
use crate::model::account::{AccountId, is_account_alias};
use crate::model::arn::is_role_name;
use crate::text::near::distance;

/// Most words that are listed; of more the part may be any text.
const LISTED: usize = 60;

/// A word that so many groups have is meant.
const COMMON: usize = 3;

/// Names that do not obey and are given.
const SHOWN: usize = 5;

/// Words for what accounts are for, as aliases have them.
const ENVIRONMENTS: [&str; 26] = [
    "dev",
    "development",
    "test",
    "tst",
    "testing",
    "qa",
    "uat",
    "stage",
    "staging",
    "stg",
    "preprod",
    "nonprod",
    "prod",
    "production",
    "prd",
    "live",
    "sandbox",
    "sbx",
    "lab",
    "demo",
    "int",
    "integration",
    "shared",
    "dr",
    "perf",
    "training",
];

/// A draft of a grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What to declare.
    pub declaration: Declaration,
    /// Role groups there are, as the app's Group Filter sees them.
    pub names: usize,
    /// How many of them obey.
    pub obey: usize,
    /// Some that do not.
    pub others: Vec<String>,
    /// Words that were left out as likely slips, each with the word that was meant.
    pub slips: Vec<(String, String)>,
}

/// Why there is no draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotPropose {
    /// There are no role groups.
    #[error("no group's name is matched by the Group Filter, so that there are no names to go by")]
    NoRoleGroups,
    /// The names have nothing in common.
    #[error(
        "the names of the role groups have no form in common, expected one that half of them have"
    )]
    NoForm,
    /// Every draft has more than one reading.
    #[error("the names of the role groups can be read in more than one way, whatever is declared")]
    Ambiguous,
}

/// The grammar that most names there are have.
pub fn propose(entitlements: &Entitlements<'_>) -> Result<Proposal, CannotPropose> {
    let directory = &entitlements.federation.directory;
    let mapped = entitlements.role_groups.mapped.iter().zip(&entitlements.names().parts);
    let usable = mapped.filter(|(role_group, _)| role_group.pair.is_ok());
    let all: Vec<(&str, &Parts)> =
        usable.map(|(role_group, parts)| (directory.group_name(role_group.group), parts)).collect();
    let mut forms: BTreeMap<String, Vec<(&str, &Parts)>> = BTreeMap::new();
    for &(name, parts) in &all {
        forms.entry(form(name, parts)).or_default().push((name, parts));
    }
    let most = forms.iter().max_by_key(|(_, names)| names.len());
    let Some((template, names)) = most else { return Err(CannotPropose::NoRoleGroups) };
    if names.len() * 2 < all.len() {
        return Err(CannotPropose::NoForm);
    }
    let mut slips = Vec::new();
    let known = known_accounts(entitlements, names);
    let drafts = drafts(template, names, (known, meant_roles(entitlements)), &mut slips);
    let ids = || entitlements.federation.accounts.in_use();
    let found = drafts.into_iter().find_map(|draft| {
        let grammar = draft.grammar(ids())?;
        Some((draft, grammar))
    });
    let (declaration, grammar) = found.ok_or(CannotPropose::Ambiguous)?;
    slips.sort();
    slips.dedup();
    Ok(judged(declaration, &grammar, &all, slips))
}

fn judged(
    declaration: Declaration,
    grammar: &NamingGrammar,
    all: &[(&str, &Parts)],
    slips: Vec<(String, String)>,
) -> Proposal {
    let mut reader = GrammarReader::new(grammar);
    let mut others: Vec<String> = all
        .iter()
        .filter(|(name, _)| reader.read(name).is_none())
        .map(|(name, _)| (*name).to_owned())
        .collect();
    others.sort();
    others.dedup();
    let obey = all.iter().filter(|(name, _)| reader.read(name).is_some()).count();
    others.truncate(SHOWN);
    Proposal { declaration, names: all.len(), obey, others, slips }
}

/// A name with its parts as placeholders.
fn form(name: &str, parts: &Parts) -> String {
    let mut places: Vec<(Range<usize>, Part)> =
        vec![(parts.role.clone(), Part::Role), (parts.account.clone(), Part::AccountId)];
    places.extend(parts.alias.clone().map(|range| (range, Part::Alias)));
    places.sort_by_key(|(range, _)| range.start);
    let literal = |text: &str| text.replace('{', "{{").replace('}', "}}");
    let mut form = String::new();
    let mut from = 0;
    for (range, part) in places {
        form.push_str(&literal(name.get(from..range.start).unwrap_or_default()));
        form.extend(["{", part.as_str(), "}"]);
        from = range.end;
    }
    form.push_str(&literal(name.get(from..).unwrap_or_default()));
    form
}

/// Roles of names that the Group Filter does not match and nearly does, as they were meant.
fn meant_roles(entitlements: &Entitlements<'_>) -> Vec<String> {
    let mapping = entitlements.mapping;
    let mut reader = mapping.filter.reader();
    let deviations = entitlements.names().deviations.iter().filter(|deviation| !deviation.mapped);
    // A role that the filter does not take may well be right.
    let is_sure = |kind: MendKind| kind != MendKind::IllegalRoleCharacter;
    let deviations = deviations.filter(|it| it.mends.iter().all(|mend| is_sure(mend.kind)));
    let meant = deviations.filter_map(|deviation| {
        let Reading::Match(read) = reader.read(deviation.suggestion.as_deref()?, mapping.mode)
        else {
            return None;
        };
        read.role.map(str::to_owned)
    });
    meant.collect()
}

/// Whether every account in names is one that an export or the project names.
fn known_accounts(entitlements: &Entitlements<'_>, names: &[(&str, &Parts)]) -> bool {
    let accounts: BTreeSet<AccountId> = entitlements.federation.accounts.in_use().collect();
    let is_known = |(name, parts): &(&str, &Parts)| {
        let text = name.get(parts.account.clone()).unwrap_or_default();
        AccountId::parse(text).is_ok_and(|id| accounts.contains(&id))
    };
    names.iter().all(is_known)
}

/// Declarations, the one that says most first; any of them may be no grammar.
fn drafts(
    template: &str,
    names: &[(&str, &Parts)],
    (known_accounts, meant): (bool, Vec<String>),
    slips: &mut Vec<(String, String)>,
) -> Vec<Declaration> {
    let text =
        |name: &str, range: &Range<usize>| name.get(range.clone()).unwrap_or_default().to_owned();
    let aliases = names.iter().filter_map(|(name, parts)| Some(text(name, parts.alias.as_ref()?)));
    let aliases = common(aliases.filter(|alias| is_account_alias(alias)), slips);
    let roles = names.iter().map(|(name, parts)| text(name, &parts.role)).chain(meant);
    let roles = common(roles.filter(|role| is_role_name(role)), slips);
    let few =
        |words: &[String]| (!words.is_empty() && words.len() <= LISTED).then(|| words.to_vec());
    let least = Declaration { template: Some(template.to_owned()), ..Declaration::default() };
    let plain =
        Declaration { roles: few(&roles), aliases: few(&aliases), known_accounts, ..least.clone() };
    let made = made(&aliases, slips).map(|(alias, environments, owners)| Declaration {
        alias: Some(alias.to_owned()),
        environments: Some(environments),
        owners: Some(owners),
        aliases: None,
        ..plain.clone()
    });
    made.into_iter().chain([plain, least]).collect()
}

/// The words that are meant: all but those of one group that are almost a common one.
fn common(words: impl Iterator<Item = String>, slips: &mut Vec<(String, String)>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    let meant: Vec<&String> =
        counts.iter().filter(|(_, count)| **count >= COMMON).map(|(word, _)| word).collect();
    let slip = |word: &String| {
        let lower = word.to_lowercase();
        let near = |other: &&&String| distance(&lower, &other.to_lowercase(), 1).is_some();
        // Of short words many are almost another.
        (word.len() > 4).then(|| meant.iter().find(near)).flatten()
    };
    let mut kept = Vec::new();
    for (word, count) in &counts {
        match slip(word).filter(|_| *count == 1) {
            Some(other) => slips.push((word.clone(), (*other).clone())),
            None => kept.push(word.clone()),
        }
    }
    kept
}

/// What aliases are made of, where most of them are made of an owner and an environment.
fn made(
    aliases: &[String],
    slips: &mut Vec<(String, String)>,
) -> Option<(&'static str, Vec<String>, Vec<String>)> {
    type Cut = for<'a> fn(&'a str) -> Option<(&'a str, &'a str)>;
    let ways: [(&str, Cut); 2] = [
        ("{owner}-{environment}", |alias| alias.rsplit_once('-')),
        ("{environment}-{owner}", |alias| alias.split_once('-').map(|(one, other)| (other, one))),
    ];
    let best = ways.map(|(text, cut)| {
        let cuts = aliases.iter().filter_map(|alias| cut(alias));
        (text, cuts.filter(|(_, word)| ENVIRONMENTS.contains(word)).collect::<Vec<_>>())
    });
    let (text, cuts) = best.into_iter().max_by_key(|(_, cuts)| cuts.len())?;
    if cuts.len() * 4 < aliases.len() * 3 {
        return None;
    }
    let mut environments: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, word) in &cuts {
        *environments.entry(word).or_default() += 1;
    }
    let slip = |word: &str| {
        let mut others =
            environments.iter().filter(|(other, count)| **other != word && **count > 1);
        others.find(|(other, _)| distance(word, other, 1).is_some()).map(|(other, _)| *other)
    };
    let mut kept = Vec::new();
    for (word, count) in &environments {
        match slip(word).filter(|_| *count == 1) {
            Some(other) => slips.push(((*word).to_owned(), other.to_owned())),
            None => kept.push((*word).to_owned()),
        }
    }
    let owners: BTreeSet<&str> = cuts.iter().map(|(owner, _)| *owner).collect();
    // One environment is no pattern, and owners that are too many to list may be anything.
    let is_pattern = kept.len() > 1 && owners.len() <= LISTED;
    is_pattern.then(|| (text, kept, owners.into_iter().map(str::to_owned).collect()))
}
