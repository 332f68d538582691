//! `why USER ROLE`: the chain stage by stage, the first that fails, and the smallest change to mend it.

use super::lookup::{RoleQuery, has_token};
use super::stages::{self, StageReport};
use crate::entitlement::derivation::Derivation;
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_group::{Import, import_of};
use crate::entitlement::stage::{Answer, Stage};
use crate::mapping::confusable::as_read;
use crate::mapping::explain::Explainer;
use crate::mapping::group_filter::Reading;
use crate::mapping::nearest::{Known, Nearest};
use crate::mapping::stop::Stop;
use crate::model::account::AccountId;
use crate::model::arn::ArnPair;
use crate::model::directory::{GroupId, UserId};
use crate::model::federation::Federation;

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The user's login.
    pub user: String,
    /// The role as asked for.
    pub role: String,
    /// The account's id, where it is known.
    pub account: Option<AccountId>,
    /// Name of the role group the answer is about.
    pub group: Option<String>,
    /// The chain of groups from the user's own to the role group, where there is one.
    pub path: Vec<String>,
    /// What every stage up to `role` says.
    pub stages: Vec<StageReport>,
    /// The smallest change that would mend the first failure.
    pub change: Option<String>,
    /// Further groups that map to the same role.
    pub other_groups: Vec<String>,
}

impl Explanation {
    /// The first stage that fails.
    pub fn first_failure(&self) -> Option<&StageReport> {
        self.stages.iter().find(|report| report.answer == Answer::Fails)
    }

    /// Whether the role picker shows the role.
    pub fn is_visible(&self) -> bool {
        !self
            .stages
            .iter()
            .any(|report| report.answer == Answer::Fails && report.stage.decides_picker())
    }

    /// Stages that cannot be answered.
    pub fn unknown(&self) -> impl Iterator<Item = &StageReport> {
        self.stages.iter().filter(|report| report.answer == Answer::Unknown)
    }
}

/// One question: a user, with their direct groups, and a role.
#[derive(Debug)]
pub(super) struct Asked<'q> {
    pub(super) user: UserId,
    pub(super) direct: Vec<GroupId>,
    pub(super) query: &'q RoleQuery,
}

/// A group that maps to the role, or was meant to.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) group: Option<GroupId>,
    /// Its index among the mapped role groups.
    pub(super) mapped: Option<u32>,
    pub(super) import: Import,
    pub(super) undecided: Option<String>,
    pub(super) stop: Option<Stop>,
    pub(super) nearest: Option<Nearest>,
}

/// How many groups that were meant for a role are looked at closely.
const CANDIDATES: usize = 64;

/// Explains why a user sees a role or does not.
pub fn explain(entitlements: &Entitlements<'_>, user: UserId, query: &RoleQuery) -> Explanation {
    let asked = Asked { user, direct: entitlements.direct_groups(user), query };
    if let Some(pair) = saml_role(entitlements, &asked) {
        return by_saml_roles(entitlements, &asked, &pair);
    }
    let wanted = wanted_pair(entitlements, query);
    let mut best: Option<Chain> = None;
    let candidates = candidates(entitlements, &asked);
    for candidate in &candidates {
        let chain = chain(entitlements, &asked, candidate.clone(), wanted.as_ref());
        // The candidate that gets furthest says most; the first of equals is the likeliest.
        if best.as_ref().is_none_or(|best| chain.reaches() > best.reaches()) {
            best = Some(chain);
        }
    }
    let chain =
        best.unwrap_or_else(|| chain(entitlements, &asked, Candidate::nobody(), wanted.as_ref()));
    finish(entitlements, &asked, &candidates, chain)
}

/// With Use Group Mapping off: the pair that the user's `samlRoles` give for the role, if they do.
fn saml_role(entitlements: &Entitlements<'_>, asked: &Asked<'_>) -> Option<ArnPair> {
    if entitlements.mapping.maps_groups() {
        return None;
    }
    let targets = asked.query.targets(entitlements);
    let granted = entitlements.saml_roles_of(asked.user, &asked.direct);
    let target = granted.into_iter().find(|target| targets.contains(target))?;
    entitlements.target(target)?.pair.clone().ok()
}

fn by_saml_roles(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    pair: &ArnPair,
) -> Explanation {
    let stages = vec![
        stages::account(entitlements, asked),
        stages::assignment(entitlements, asked),
        stages::saml_role(entitlements, pair),
        stages::provider(entitlements, &pair.provider),
        stages::role(entitlements, &pair.role),
    ];
    let mut explanation = Explanation {
        user: entitlements.federation.directory.login(asked.user).to_owned(),
        role: asked.query.text.clone(),
        account: Some(pair.role.account),
        group: None,
        path: Vec::new(),
        stages,
        change: None,
        other_groups: Vec::new(),
    };
    let nobody = Candidate::nobody();
    let failing = explanation.first_failure().map(|report| (report.stage, report.nearest.clone()));
    if let Some((stage, near)) = failing {
        explanation.change = change(entitlements, asked, &nobody, None, (stage, &near));
    }
    explanation
}

impl Candidate {
    /// No group at all.
    fn nobody() -> Self {
        Self {
            group: None,
            mapped: None,
            import: Import::UnknownSource,
            undecided: None,
            stop: None,
            nearest: None,
        }
    }
}

struct Chain {
    candidate: Candidate,
    stages: Vec<StageReport>,
    derivation: Option<Derivation>,
}

impl Chain {
    /// The first failing stage, or a number past all of them.
    fn reaches(&self) -> usize {
        let failing = self.stages.iter().find(|report| report.answer == Answer::Fails);
        failing.map_or(usize::MAX, |report| report.stage as usize)
    }
}

fn chain(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    mut candidate: Candidate,
    wanted: Option<&ArnPair>,
) -> Chain {
    if candidate.mapped.is_none() || !pair_holds(entitlements, &candidate) {
        diagnose(entitlements, &mut candidate);
    }
    let (membership, derivation) = stages::membership(entitlements, asked, &candidate);
    let mut reports = vec![
        stages::account(entitlements, asked),
        stages::assignment(entitlements, asked),
        membership,
    ];
    reports.extend(stages::import(entitlements, asked, &candidate, derivation.is_some()));
    reports.extend(stages::filter(entitlements, &candidate));
    reports.extend(stages::pair(entitlements, asked, &candidate, wanted));
    let mapped = candidate.mapped.and_then(|at| entitlements.role_group(at));
    let pair = mapped.and_then(|mapped| mapped.pair.as_ref().ok()).or(wanted);
    if let Some(pair) = pair {
        reports.push(stages::provider(entitlements, &pair.provider));
        reports.push(stages::role(entitlements, &pair.role));
    }
    Chain { candidate, stages: reports, derivation }
}

fn pair_holds(entitlements: &Entitlements<'_>, candidate: &Candidate) -> bool {
    let mapped = candidate.mapped.and_then(|at| entitlements.role_group(at));
    mapped.is_some_and(|mapped| mapped.pair.is_ok())
}

/// Where the candidate's name stops, and the nearest name that would do.
fn diagnose(entitlements: &Entitlements<'_>, candidate: &mut Candidate) {
    let Some(group) = candidate.group else { return };
    let federation = entitlements.federation;
    let name = federation.directory.group_name(group);
    let mut explainer = Explainer::new(&entitlements.mapping.filter, entitlements.mapping.mode);
    let names = KnownNames::of(federation);
    if candidate.mapped.is_none() {
        candidate.stop = explainer.stop(name);
    }
    candidate.nearest = explainer.nearest(name, &names.known());
}

/// What is known of the federation's accounts and roles, to tell the nearest names.
pub(super) struct KnownNames<'f> {
    accounts: Vec<AccountId>,
    aliases: Vec<&'f str>,
    roles: Vec<&'f str>,
}

impl<'f> KnownNames<'f> {
    pub(super) fn of(federation: &'f Federation) -> Self {
        let accounts: Vec<AccountId> = federation.accounts.iter().map(|(id, _)| *id).collect();
        let aliases: Vec<&str> = federation
            .accounts
            .iter()
            .filter_map(|(_, account)| account.alias.as_ref().map(|alias| alias.value.as_str()))
            .collect();
        let mut roles: Vec<&str> = federation
            .accounts
            .iter()
            .flat_map(|(_, account)| account.roles.iter().map(|role| role.name.as_str()))
            .collect();
        roles.sort_unstable();
        roles.dedup();
        Self { accounts, aliases, roles }
    }

    pub(super) fn known(&self) -> Known<'_> {
        Known { accounts: &self.accounts, aliases: &self.aliases, roles: &self.roles }
    }
}

/// The pair the role's right name would give.
fn wanted_pair(entitlements: &Entitlements<'_>, query: &RoleQuery) -> Option<ArnPair> {
    let account = query.account_id(entitlements)?;
    let pair = entitlements.mapping.pattern.pair(&query.name, account.as_str()).ok()?;
    match &query.arn {
        Some(arn) => ArnPair::new(arn.clone(), pair.provider).ok(),
        None => Some(pair),
    }
}

/// Groups that map to the role, then groups whose names show that they were meant to.
fn candidates(entitlements: &Entitlements<'_>, asked: &Asked<'_>) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for target in asked.query.targets(entitlements) {
        let groups = entitlements.target(target).into_iter().flat_map(|target| &target.role_groups);
        found.extend(groups.filter_map(|&at| mapped_candidate(entitlements, at)));
    }
    sort_by_name(entitlements, &mut found);
    let account = asked.query.account_id(entitlements);
    let alias = asked.query.alias(entitlements.federation);
    let meant = Meant { name: asked.query.name.to_lowercase(), account, alias };
    let mut others: Vec<Candidate> = (0..)
        .zip(&entitlements.role_groups.mapped)
        .filter(|(_, mapped)| !found.iter().any(|one| one.group == Some(mapped.group)))
        .filter(|(_, mapped)| {
            let name = entitlements.federation.directory.group_name(mapped.group);
            let same_role = mapped.role.eq_ignore_ascii_case(&asked.query.name);
            let other_account =
                mapped.pair.as_ref().is_ok_and(|pair| Some(pair.role.account) != account);
            same_role && !other_account && meant.names_account(name, &mapped.account)
        })
        .filter_map(|(at, _)| mapped_candidate(entitlements, at))
        .collect();
    sort_by_name(entitlements, &mut others);
    found.extend(others);
    found.extend(unmapped(entitlements, &meant));
    found.truncate(CANDIDATES);
    found
}

fn mapped_candidate(entitlements: &Entitlements<'_>, at: u32) -> Option<Candidate> {
    let mapped = entitlements.role_group(at)?;
    Some(Candidate {
        group: Some(mapped.group),
        mapped: Some(at),
        import: mapped.import.clone(),
        undecided: None,
        stop: None,
        nearest: None,
    })
}

fn sort_by_name(entitlements: &Entitlements<'_>, candidates: &mut [Candidate]) {
    let directory = &entitlements.federation.directory;
    candidates.sort_by_key(|candidate| {
        candidate.group.map(|group| (directory.group_name(group).to_owned(), group))
    });
}

/// What a name must show to have been meant for a role.
struct Meant<'q> {
    name: String,
    account: Option<AccountId>,
    alias: Option<&'q str>,
}

impl Meant<'_> {
    /// Whether a name, or the account it gives, points at the account: its id, the id without leading
    /// zeros or with one digit more or less, or its alias.
    fn names_account(&self, name: &str, captured: &str) -> bool {
        let by_alias = self.alias.is_some_and(|alias| has_token(name, alias));
        let by_id = self.account.is_some_and(|id| {
            let id = id.as_str();
            let bare = id.trim_start_matches('0');
            name.contains(id)
                || captured == bare
                || (bare.len() > 6 && has_token(name, bare))
                || super::near::distance(id, captured, 1).is_some()
        });
        by_alias || by_id
    }

    /// Whether a name that maps nowhere was meant for the role.
    fn is_meant(&self, name: &str) -> bool {
        let plain = as_read(name);
        plain.contains(&self.name) && self.names_account(&plain, "")
    }
}

fn unmapped(entitlements: &Entitlements<'_>, meant: &Meant<'_>) -> Vec<Candidate> {
    let directory = &entitlements.federation.directory;
    let mut found: Vec<Candidate> = directory
        .groups()
        .filter(|&(id, _)| entitlements.role_groups.of(id).is_none())
        .filter(|(_, group)| meant.is_meant(directory.text(group.name)))
        .map(|(id, _)| Candidate {
            group: Some(id),
            mapped: None,
            import: import_of(entitlements.federation, entitlements.mapping, id),
            undecided: entitlements
                .role_groups
                .undecided
                .iter()
                .find(|undecided| undecided.group == id)
                .map(|undecided| undecided.reason.clone()),
            stop: None,
            nearest: None,
        })
        .collect();
    sort_by_name(entitlements, &mut found);
    found
}

fn finish(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    candidates: &[Candidate],
    chain: Chain,
) -> Explanation {
    let directory = &entitlements.federation.directory;
    let name = |group: GroupId| directory.group_name(group).to_owned();
    let mut explanation = Explanation {
        user: directory.login(asked.user).to_owned(),
        role: asked.query.text.clone(),
        account: asked.query.account_id(entitlements),
        group: chain.candidate.group.map(name),
        path: chain
            .derivation
            .iter()
            .flat_map(|derivation| &derivation.path)
            .map(|step| name(step.group))
            .collect(),
        stages: chain.stages,
        change: None,
        other_groups: candidates
            .iter()
            .filter(|other| other.mapped.is_some() && other.group != chain.candidate.group)
            .filter_map(|other| other.group)
            .map(name)
            .collect(),
    };
    let failing = explanation.first_failure().map(|report| (report.stage, report.nearest.clone()));
    if let Some((stage, near)) = failing {
        explanation.change = change(
            entitlements,
            asked,
            &chain.candidate,
            chain.derivation.as_ref(),
            (stage, &near),
        );
    }
    explanation
}

/// The smallest change that mends a failure.
fn change(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    candidate: &Candidate,
    derivation: Option<&Derivation>,
    (stage, near): (Stage, &[String]),
) -> Option<String> {
    let directory = &entitlements.federation.directory;
    let user = directory.login(asked.user);
    let group = candidate.group.map(|group| directory.group_name(group));
    Some(match stage {
        Stage::Account => format!("enable `{user}`"),
        Stage::Assignment => match derivation.and_then(|derivation| derivation.path.first()) {
            Some(step) => {
                format!(
                    "assign the Okta app to `{}`, or to `{user}`",
                    directory.group_name(step.group)
                )
            }
            None => format!("assign the Okta app to `{user}`, or to a group of theirs"),
        },
        Stage::Membership => membership_change(entitlements, asked, candidate)?,
        Stage::Import => match candidate.import {
            Import::NotInOkta => format!("import `{}` into Okta", group?),
            _ if derivation.is_none() => format!("add `{user}` to `{}` itself", group?),
            _ => {
                let source = directory.group(candidate.group?)?.source.clone()?;
                format!("add `{source}` to the App Filter, or make the group in a source it names")
            }
        },
        Stage::Filter if !entitlements.mapping.maps_groups() => {
            format!("turn Use Group Mapping on, or give `{user}` the role in `samlRoles`")
        }
        Stage::Filter | Stage::Pair => {
            let near = match &candidate.nearest {
                Some(near) => near.name.clone(),
                None => right_name(entitlements, asked.query, candidate)?,
            };
            format!("rename `{}` to `{near}`", group?)
        }
        Stage::Provider => match near.first() {
            Some(near) => format!(
                "use the provider name `{near}` in the Role Value Pattern, or create the provider"
            ),
            None => "create the SAML provider in the account, with Okta's metadata".to_owned(),
        },
        Stage::Role => match near.first() {
            Some(near) => {
                format!("use `{near}` in the group's name, or create the role as the name says")
            }
            None => "create the role, or remove the group".to_owned(),
        },
        Stage::Trust | Stage::Session => return None,
    })
}

fn membership_change(
    entitlements: &Entitlements<'_>,
    asked: &Asked<'_>,
    candidate: &Candidate,
) -> Option<String> {
    let directory = &entitlements.federation.directory;
    let user = directory.login(asked.user);
    let Some(group) = candidate.group else {
        let name = example_name(entitlements, asked.query)?;
        return Some(format!(
            "create the role group `{name}`, with a management group of `{user}` as its member"
        ));
    };
    let name = directory.group_name(group);
    let smallest = directory
        .nested()
        .targets(group.0)
        .iter()
        .filter(|_| directory.group(group).is_some_and(crate::model::directory::Group::nests))
        .map(|&inner| {
            let mut users = directory.members().targets(inner).to_vec();
            users.sort_unstable();
            users.dedup();
            (users.len(), directory.group_name(GroupId(inner)))
        })
        .min();
    Some(match smallest {
        Some((count, inner)) => {
            let users = if count == 1 { "user" } else { "users" };
            format!(
                "add `{user}` to `{inner}`, which is a member of `{name}` ({count} {users} there now)"
            )
        }
        None => format!("add `{user}` to `{name}`"),
    })
}

/// A name for the wanted role, made from a group of the same account and proved by the filter.
fn example_name(entitlements: &Entitlements<'_>, query: &RoleQuery) -> Option<String> {
    let account = query.account_id(entitlements)?;
    let wanted = wanted_pair(entitlements, query)?;
    let mut names: Vec<(&str, &str)> = entitlements
        .role_groups
        .mapped
        .iter()
        .filter(|mapped| mapped.pair.as_ref().is_ok_and(|pair| pair.role.account == account))
        .map(|mapped| (entitlements.federation.directory.group_name(mapped.group), &*mapped.role))
        .collect();
    names.sort_unstable();
    names
        .into_iter()
        .find_map(|(name, role)| with_role(entitlements, (name, role), &query.name, &wanted))
}

/// The name a group that maps to another role should have.
fn right_name(
    entitlements: &Entitlements<'_>,
    query: &RoleQuery,
    candidate: &Candidate,
) -> Option<String> {
    let mapped = entitlements.role_group(candidate.mapped?)?;
    let name = entitlements.federation.directory.group_name(mapped.group);
    let wanted = wanted_pair(entitlements, query)?;
    with_role(entitlements, (name, &mapped.role), &query.name, &wanted)
}

/// A name with another role in it, where the filter then gives the wanted pair.
fn with_role(
    entitlements: &Entitlements<'_>,
    (name, role): (&str, &str),
    other: &str,
    wanted: &ArnPair,
) -> Option<String> {
    let (before, after) = name.rsplit_once(role)?;
    let made = format!("{before}{other}{after}");
    let mut reader = entitlements.mapping.filter.reader();
    let Reading::Match(captures) = reader.read(&made, entitlements.mapping.mode) else {
        return None;
    };
    let pair = entitlements.mapping.pattern.pair(captures.role?, captures.account_id?).ok()?;
    (pair.role == wanted.role).then_some(made)
}
