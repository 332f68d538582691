//! Roles as people write them, `prod/admin` or `the production admin role`: the one that is meant, or those that may be.

use std::collections::{BTreeMap, BTreeSet};

use super::lookup::{AccountQuery, RoleQuery, has_token};
use super::resolve::Entitlements;
use super::why::KnownNames;
use crate::mapping::explain::Explainer;
use crate::mapping::group_filter::Reading;
use crate::model::account::AccountId;

/// What a person's words for a role come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleMatch {
    /// The words say it all, whether there is such a role or not.
    Exact(RoleQuery),
    /// One role alone fits the words.
    Read(RoleQuery),
    /// Several do, the likeliest first.
    Several(Vec<String>),
    /// None does.
    None,
}

/// Fewest letters of a word that may stand for a longer one.
const ABBREVIATED: usize = 3;

/// Groups that give no role whose names are looked at closely.
const MEANT: usize = 1000;

/// Words that name nothing.
const FILLERS: [&str; 8] = ["the", "a", "in", "of", "role", "account", "aws", "iam"];

/// Finds the role a person names: by alias, id or ARN, else ignoring case, else by the words.
pub fn find_role(entitlements: &Entitlements<'_>, text: &str) -> RoleMatch {
    let parsed = RoleQuery::parse(text).ok();
    if let Some(query) = &parsed {
        if query.arn.is_some() {
            return RoleMatch::Exact(query.clone());
        }
        if let Some(account) = query.account_id(entitlements) {
            return in_account(entitlements, query, account);
        }
        if is_in_a_name(entitlements, query) {
            return RoleMatch::Exact(query.clone());
        }
    }
    let mut known = roles(entitlements);
    known.extend(meant_roles(entitlements, &known));
    let mut found: Vec<(usize, &KnownRole)> =
        known.iter().filter_map(|role| Some((role.left_over(text)?, role))).collect();
    found.sort_unstable_by(|a, b| (a.0, &a.1.called).cmp(&(b.0, &b.1.called)));
    match (found.as_slice(), parsed) {
        ([], Some(query)) => RoleMatch::Exact(query),
        ([], None) => RoleMatch::None,
        ([(_, one)], _) => one.query().map_or(RoleMatch::None, RoleMatch::Read),
        (many, _) => RoleMatch::Several(many.iter().map(|(_, role)| role.called.clone()).collect()),
    }
}

/// The role of a known account; one that is there but for its case is read as that.
fn in_account(entitlements: &Entitlements<'_>, query: &RoleQuery, account: AccountId) -> RoleMatch {
    let exported = entitlements.federation.accounts.get(&account);
    let exported = exported.is_some_and(|account| account.role(&query.name).is_some());
    if exported || !query.targets(entitlements).is_empty() {
        return RoleMatch::Exact(query.clone());
    }
    let known = roles(entitlements);
    let mut same = known
        .iter()
        .filter(|role| role.account == account && role.name.eq_ignore_ascii_case(&query.name));
    match (same.next(), same.next()) {
        (Some(one), None) => {
            let (given, _) = query.text.split_once('/').unwrap_or((&query.text, ""));
            let text = format!("{given}/{}", one.name);
            RoleQuery::parse(&text).map_or_else(|_| RoleMatch::None, RoleMatch::Read)
        }
        _ => RoleMatch::Exact(query.clone()),
    }
}

/// Whether the alias stands in the name of a group, which then may have been meant for the role.
fn is_in_a_name(entitlements: &Entitlements<'_>, query: &RoleQuery) -> bool {
    let AccountQuery::Alias(alias) = &query.account else { return false };
    let directory = &entitlements.federation.directory;
    directory.groups().any(|(_, group)| has_token(directory.text(group.name), alias))
}

/// A role that is exported, or that a group maps to.
struct KnownRole {
    /// As `why` takes it.
    called: String,
    account: AccountId,
    name: String,
    /// What the account is called, in lower case.
    aliases: Vec<String>,
}

impl KnownRole {
    fn query(&self) -> Option<RoleQuery> {
        RoleQuery::parse(&self.called).ok()
    }

    /// How many words of the account's alias were not said, where all that was said fits.
    fn left_over(&self, text: &str) -> Option<usize> {
        let (account, role) = match text.split_once('/') {
            Some((account, role)) => (words(account), words(role)),
            None => (Vec::new(), words(text)),
        };
        let of_account: Vec<String> = self.aliases.iter().flat_map(|alias| words(alias)).collect();
        let names_account = |word: &String| {
            of_account.iter().any(|own| alike(own, word)) || self.account.as_str() == word
        };
        let names_role = |word: &String| {
            let name = self.name.to_lowercase();
            alike(&name, word) || (word.len() >= ABBREVIATED && name.contains(word.as_str()))
        };
        let strict = text.contains('/');
        let fits = account.iter().all(names_account)
            && role.iter().all(|word| names_role(word) || (!strict && names_account(word)))
            && role.iter().any(names_role);
        let said = account.iter().chain(&role);
        let said = |own: &&String| said.clone().any(|word| alike(own, word));
        fits.then(|| of_account.iter().filter(|own| !said(own)).count())
    }
}

/// The words of a text in lower case; without those that name nothing, unless that leaves none.
fn words(text: &str) -> Vec<String> {
    let all = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let all: Vec<String> = all.map(str::to_lowercase).collect();
    let telling: Vec<String> =
        all.iter().filter(|word| !FILLERS.contains(&word.as_str())).cloned().collect();
    if telling.is_empty() { all } else { telling }
}

/// Whether two words are the same, or one begins like the other and has its letters in that order: `prd`.
fn alike(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut rest = long.chars();
    let begins = short.chars().next() == long.chars().next();
    a == b || (short.len() >= ABBREVIATED && begins && short.chars().all(|c| rest.any(|l| l == c)))
}

/// Every role there is, by what people call it.
fn roles(entitlements: &Entitlements<'_>) -> Vec<KnownRole> {
    let federation = entitlements.federation;
    let mut found: BTreeSet<(AccountId, &str)> = BTreeSet::new();
    let mapped = entitlements.targets().iter().filter_map(|target| target.pair.as_ref().ok());
    found.extend(mapped.map(|pair| (pair.role.account, pair.role.name.as_str())));
    for (id, account) in federation.accounts.iter() {
        found.extend(account.roles.iter().map(|role| (*id, role.name.as_str())));
    }
    let in_names = aliases_in_names(entitlements);
    found
        .into_iter()
        .map(|(id, name)| {
            let exported = federation.accounts.get(&id).and_then(|account| account.alias.as_ref());
            let alias = exported.map(|alias| alias.value.as_str()).or(in_names.get(&id).copied());
            KnownRole {
                called: format!("{}/{name}", alias.unwrap_or(id.as_str())),
                account: id,
                name: name.to_owned(),
                aliases: alias.map(str::to_lowercase).into_iter().collect(),
            }
        })
        .collect()
}

/// Roles that the names of groups which give none were meant for, by the nearest name that would give one.
fn meant_roles(entitlements: &Entitlements<'_>, known: &[KnownRole]) -> Vec<KnownRole> {
    let mapping = entitlements.mapping;
    let directory = &entitlements.federation.directory;
    let names = KnownNames::of(entitlements.federation);
    let mut explainer = Explainer::new(&mapping.filter, mapping.mode);
    let mut reader = mapping.filter.reader();
    let unmapped =
        directory.groups().filter(|(id, _)| entitlements.role_groups.of(*id).is_none()).take(MEANT);
    let mut found: BTreeSet<(AccountId, String)> = BTreeSet::new();
    for (_, group) in unmapped {
        let name = directory.text(group.name);
        let Some(near) = explainer.nearest(name, &names.known()) else { continue };
        let Reading::Match(captures) = reader.read(&near.name, mapping.mode) else { continue };
        let (Some(role), Some(account)) = (captures.role, captures.account_id) else { continue };
        let Ok(account) = AccountId::parse(account) else { continue };
        found.insert((account, role.to_owned()));
    }
    let is_known = |(account, name): &(AccountId, String)| {
        known.iter().any(|role| role.account == *account && role.name == *name)
    };
    let new = found.into_iter().filter(|key| !is_known(key));
    new.map(|(account, name)| {
        let sibling = known.iter().find(|role| role.account == account);
        let alias = sibling.and_then(|role| role.called.split_once('/')).map(|(alias, _)| alias);
        KnownRole {
            called: format!("{}/{name}", alias.unwrap_or(account.as_str())),
            aliases: sibling.map(|role| role.aliases.clone()).unwrap_or_default(),
            account,
            name,
        }
    })
    .collect()
}

/// The word that the names of an account's role groups share with those of no other account.
fn aliases_in_names<'e>(entitlements: &'e Entitlements<'_>) -> BTreeMap<AccountId, &'e str> {
    let directory = &entitlements.federation.directory;
    let mut owners: BTreeMap<&str, (Option<AccountId>, usize)> = BTreeMap::new();
    for mapped in &entitlements.role_groups.mapped {
        let Ok(pair) = &mapped.pair else { continue };
        let (account, name) = (pair.role.account, directory.group_name(mapped.group));
        let tokens: BTreeSet<&str> =
            name.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
        for token in tokens {
            if token.is_empty() || token == &*mapped.role || token == account.as_str() {
                continue;
            }
            let owner = owners.entry(token).or_insert((Some(account), 0));
            owner.0 = owner.0.filter(|&known| known == account);
            owner.1 += 1;
        }
    }
    let mut aliases: BTreeMap<AccountId, (usize, &str)> = BTreeMap::new();
    for (token, (owner, count)) in owners {
        let Some(account) = owner else { continue };
        let best = aliases.entry(account).or_insert((count, token));
        if count > best.0 {
            *best = (count, token);
        }
    }
    aliases.into_iter().map(|(account, (_, token))| (account, token)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_over(text: &str) -> Option<usize> {
        let account = AccountId::parse("305517720846").unwrap();
        let (called, name) = ("tw-prod/PowerUser".to_owned(), "PowerUser".to_owned());
        KnownRole { called, account, name, aliases: vec!["tw-prod".to_owned()] }.left_over(text)
    }

    #[test]
    fn words_fit_where_each_begins_a_word_of_the_account_or_is_in_the_role() {
        for (text, left) in [
            ("prod/poweruser", Some(1)),
            ("tw-prod/power", Some(0)),
            ("the production power user role", Some(1)),
            ("305517720846/user", Some(2)),
            ("power", Some(2)),
            ("prd/pwr", Some(1)),
            ("prd/PowerUser", Some(1)),
        ] {
            assert_eq!(left_over(text), left, "{text}");
        }
    }

    #[test]
    fn words_for_something_else_do_not_fit() {
        for text in ["prod", "dev/PowerUser", "prod/Admin", "po", "PowerUser/prod", "", "/"] {
            assert_eq!(left_over(text), None, "{text}");
        }
    }
}
