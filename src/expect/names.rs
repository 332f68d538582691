//! Users, groups and roles that expectations name, each looked up once.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::expectation::{Expectation, Kind, RoleChoice, Said, Select, Selector, Wants};
use crate::entitlement::holdings::{Holdings, KnownRole, RoleNo};
use crate::entitlement::lookup::{
    AccountQuery, RoleQuery, UserMatch, find_group, find_user, has_token,
};
use crate::entitlement::near::nearest;
use crate::entitlement::stage::Answer;
use crate::entitlement::wildcard::fits;
use crate::mapping::group_filter::Reading;
use crate::model::account::AccountId;
use crate::model::arn::RoleArn;
use crate::model::directory::{Directory, Group, GroupId, UserId};

/// By the name of a tier, such as `admin`, whether a role is of it.
pub type Tiers<'t> = BTreeMap<&'static str, Box<dyn Fn(&RoleArn) -> bool + 't>>;

/// What names stand for, or why they stand for nothing.
#[derive(Debug, Default)]
pub struct Names {
    users: BTreeMap<Select, Result<Vec<UserId>, String>>,
    roles: BTreeMap<String, Result<Vec<RoleNo>, String>>,
    tiers: BTreeMap<String, Result<Vec<RoleNo>, String>>,
}

impl Names {
    /// Looks up all that some expectations name.
    pub fn of(expectations: &[Expectation], holdings: &Holdings<'_>, tiers: &Tiers<'_>) -> Self {
        let (mut selects, mut texts, mut wanted_tiers) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for expectation in expectations {
            selectors(expectation, &mut |selector| {
                selects.insert(selector.what.clone());
            });
            roles(expectation, &mut |said| {
                texts.insert(said.text.clone());
            });
            if let Kind::OfRoles { roles: RoleChoice::Tier(tier), .. } = &expectation.kind {
                wanted_tiers.insert(tier.text.clone());
            }
        }
        let selects: Vec<Select> = selects.into_iter().collect();
        let texts: Vec<String> = texts.into_iter().collect();
        let lookup = Lookup::new(holdings, &selects);
        let users = selects.into_par_iter().map(|select| {
            let found = lookup.users(&select);
            (select, found)
        });
        let users: Vec<_> = users.collect();
        let roles: Vec<_> = texts
            .into_par_iter()
            .map(|text| {
                let found = named_roles(holdings, &text);
                (text, found)
            })
            .collect();
        let tiers = wanted_tiers.into_iter().map(|tier| {
            let found = tier_roles(holdings, tiers, &tier);
            (tier, found)
        });
        Self {
            users: users.into_iter().collect(),
            roles: roles.into_iter().collect(),
            tiers: tiers.collect(),
        }
    }

    /// The users that one selector chooses, by number.
    pub fn users(&self, selector: &Selector) -> Result<&[UserId], &str> {
        match self.users.get(&selector.what) {
            Some(found) => found.as_deref().map_err(String::as_str),
            None => Ok(&[]),
        }
    }

    /// The roles that a text names, by number.
    pub fn roles(&self, said: &Said) -> Result<&[RoleNo], &str> {
        match self.roles.get(&said.text) {
            Some(found) => found.as_deref().map_err(String::as_str),
            None => Ok(&[]),
        }
    }

    /// The roles of a tier, by number.
    pub fn tier(&self, tier: &Said) -> Result<&[RoleNo], &str> {
        match self.tiers.get(&tier.text) {
            Some(found) => found.as_deref().map_err(String::as_str),
            None => Ok(&[]),
        }
    }
}

fn selectors(expectation: &Expectation, see: &mut impl FnMut(&Selector)) {
    let (lists, assertions): (Vec<&Vec<Selector>>, &[_]) = match &expectation.kind {
        Kind::OfUsers { who, except, assertions } => (vec![who, except], assertions),
        Kind::OfRoles { assertions, .. } => (Vec::new(), assertions),
        Kind::Forbid { except, .. } => (vec![except], &[]),
    };
    lists.into_iter().flatten().for_each(&mut *see);
    for assertion in assertions {
        if let Wants::Users(users) = &assertion.wants {
            users.iter().for_each(&mut *see);
        }
    }
}

fn roles(expectation: &Expectation, see: &mut impl FnMut(&Said)) {
    let (said, assertions): (&[Said], &[_]) = match &expectation.kind {
        Kind::OfRoles { roles: RoleChoice::Named(said), assertions } => (said, assertions),
        Kind::OfUsers { assertions, .. } | Kind::OfRoles { assertions, .. } => (&[], assertions),
        Kind::Forbid { together, .. } => (together, &[]),
    };
    said.iter().for_each(&mut *see);
    for assertion in assertions {
        match &assertion.wants {
            Wants::Roles(roles) => roles.iter().for_each(&mut *see),
            Wants::Refused(refused) => refused.iter().map(|one| &one.role).for_each(&mut *see),
            Wants::Users(_) | Wants::Count { .. } => {}
        }
    }
}

/// Users and groups by the names that are wanted, from one pass over each.
struct Lookup<'l> {
    holdings: &'l Holdings<'l>,
    logins: BTreeMap<String, Vec<UserId>>,
    groups: BTreeMap<String, Vec<GroupId>>,
}

impl<'l> Lookup<'l> {
    fn new(holdings: &'l Holdings<'l>, selects: &[Select]) -> Self {
        let directory = &holdings.entitlements.federation.directory;
        let mut logins: BTreeMap<String, Vec<UserId>> = BTreeMap::new();
        let mut groups: BTreeMap<String, Vec<GroupId>> = BTreeMap::new();
        for select in selects {
            match select {
                Select::User(text) => {
                    logins.entry(text.to_lowercase()).or_default();
                }
                Select::Group(text) => {
                    groups.entry(text.clone()).or_default();
                }
                Select::Like(_) | Select::Everybody => {}
            }
        }
        if !logins.is_empty() {
            for (user, _) in directory.users() {
                if let Some(same) = logins.get_mut(&directory.login(user).to_lowercase()) {
                    same.push(user);
                }
            }
        }
        if !groups.is_empty() {
            for (group, about) in directory.groups() {
                if let Some(same) = groups.get_mut(directory.text(about.name)) {
                    same.push(group);
                }
            }
        }
        Self { holdings, logins, groups }
    }

    fn users(&self, select: &Select) -> Result<Vec<UserId>, String> {
        let entitlements = self.holdings.entitlements;
        let directory = &entitlements.federation.directory;
        let can = |user: &UserId| entitlements.can_sign_in(*user) != Answer::Fails;
        match select {
            Select::User(text) => match self.logins.get(&text.to_lowercase()).map(Vec::as_slice) {
                Some([one]) => Ok(vec![*one]),
                _ => user(directory, text),
            },
            Select::Like(pattern) => {
                let lower = pattern.to_lowercase();
                let fit = |user: &UserId| fits(&lower, &directory.login(*user).to_lowercase());
                let users = directory.users().map(|(user, _)| user);
                some(users.filter(fit).filter(can), || {
                    format!("no user who can sign in has a login like `{pattern}`")
                })
            }
            Select::Everybody => {
                let users = directory.users().map(|(user, _)| user);
                some(users.filter(can), || "no user can sign in".to_owned())
            }
            Select::Group(name) => {
                let groups = self.groups(name)?;
                some(members(directory, groups).into_iter().filter(can), || {
                    format!("nobody who can sign in is in the group `{name}`")
                })
            }
        }
    }

    fn groups(&self, name: &str) -> Result<Vec<GroupId>, String> {
        let directory = &self.holdings.entitlements.federation.directory;
        let text = |group: &Group| directory.text(group.name);
        if name.contains('*') {
            let all = directory.groups().filter(|(_, group)| fits(name, text(group)));
            let found: Vec<GroupId> = all.map(|(id, _)| id).collect();
            return if found.is_empty() {
                Err(format!("no group fits `{name}`"))
            } else {
                Ok(found)
            };
        }
        if let Some(found) = self.groups.get(name).filter(|found| !found.is_empty()) {
            return Ok(found.clone());
        }
        if let Some(found) = find_group(directory, name) {
            return Ok(vec![found]);
        }
        let near = nearest(name, directory.groups().map(|(_, group)| text(group)), 1);
        Err(format!("no group is called `{name}` in these exports{}", offer(&near)))
    }
}

fn user(directory: &Directory, text: &str) -> Result<Vec<UserId>, String> {
    match find_user(directory, text) {
        UserMatch::One(user) => Ok(vec![user]),
        UserMatch::Several(logins) => {
            let logins: Vec<String> = logins.iter().map(|login| format!("`{login}`")).collect();
            Err(format!("several users are called `{text}`: {}", logins.join(", ")))
        }
        UserMatch::None(near) => {
            Err(format!("no user is called `{text}` in these exports{}", offer(&near)))
        }
    }
}

/// Users by number, or why there are none.
fn some(
    users: impl Iterator<Item = UserId>,
    none: impl FnOnce() -> String,
) -> Result<Vec<UserId>, String> {
    let mut users: Vec<UserId> = users.collect();
    users.sort_unstable();
    users.dedup();
    if users.is_empty() { Err(none()) } else { Ok(users) }
}

/// Users of some groups, direct and through nesting.
fn members(directory: &Directory, mut rest: Vec<GroupId>) -> Vec<UserId> {
    let mut seen: BTreeSet<GroupId> = rest.iter().copied().collect();
    let mut users = Vec::new();
    while let Some(group) = rest.pop() {
        users.extend(directory.members().targets(group.0).iter().copied().map(UserId));
        if directory.group(group).is_some_and(Group::nests) {
            let inner = directory.nested().targets(group.0).iter().copied().map(GroupId);
            rest.extend(inner.filter(|&inner| seen.insert(inner)));
        }
    }
    users
}

fn named_roles(holdings: &Holdings<'_>, text: &str) -> Result<Vec<RoleNo>, String> {
    let found = holdings.named(text);
    if !found.is_empty() {
        return Ok(found);
    }
    if !text.contains('/') {
        return Err(format!(
            "`{text}` names no role, expected `alias/Role`, `123456789012/Role` or a role ARN"
        ));
    }
    let of_text = |role: &KnownRole| {
        if text.starts_with("arn:") { role.text.to_string() } else { role.called.to_string() }
    };
    let known: BTreeSet<String> = holdings.roles().map(|(_, role)| of_text(role)).collect();
    let near = nearest(text, known.iter().map(String::as_str), 1);
    let offer = meant(holdings, text).unwrap_or_else(|| offer(&near));
    Err(format!("no account has, and no group maps to, `{text}`{offer}"))
}

/// The group whose name was meant to map to a role, and what mends it.
fn meant(holdings: &Holdings<'_>, text: &str) -> Option<String> {
    let query = RoleQuery::parse(text).ok()?;
    let entitlements = holdings.entitlements;
    let mode = entitlements.mapping.mode;
    let mut reader = entitlements.mapping.filter.reader();
    let unmapped = entitlements.names().deviations.iter().filter(|deviation| !deviation.mapped);
    unmapped.into_iter().find_map(|deviation| {
        let to = deviation.suggestion.as_deref()?;
        let Reading::Match(captures) = reader.read(to, mode) else { return None };
        let account = AccountId::parse(captures.account_id?).ok()?;
        let named = match &query.account {
            AccountQuery::Id(id) => *id == account,
            AccountQuery::Alias(alias) => {
                query.account_id(entitlements) == Some(account) || has_token(to, alias)
            }
        };
        let name = entitlements.federation.directory.group_name(deviation.group);
        (named && captures.role? == query.name)
            .then(|| format!("; `{name}` was meant to: rename it to `{to}`"))
    })
}

fn tier_roles(
    holdings: &Holdings<'_>,
    tiers: &Tiers<'_>,
    tier: &str,
) -> Result<Vec<RoleNo>, String> {
    let Some(is_of) = tiers.get(tier) else {
        let near = nearest(tier, tiers.keys().copied(), 1);
        let known: Vec<String> = tiers.keys().map(|tier| format!("`{tier}`")).collect();
        let offer = match near.first() {
            Some(near) => format!("the nearest: `{near}`"),
            None => format!("there is {}", known.join(", ")),
        };
        return Err(format!("no tier is called `{tier}` in `[tiers]` of rolecall.toml; {offer}"));
    };
    let found: Vec<RoleNo> = holdings
        .roles()
        .filter(|(_, role)| role.is_visible && is_of(&role.arn))
        .map(|(no, _)| no)
        .collect();
    if found.is_empty() {
        Err(format!("no picker shows a role of the tier `{tier}`"))
    } else {
        Ok(found)
    }
}

fn offer(near: &[String]) -> String {
    near.first().map(|near| format!("; the nearest: `{near}`")).unwrap_or_default()
}
