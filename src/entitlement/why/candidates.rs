//! The groups that map to a role, or were meant to.

use super::super::lookup::has_token;
use super::super::near::distance;
use super::super::resolve::Entitlements;
use super::super::role_group::{Import, import_of};
use super::Asked;
use crate::mapping::confusable::as_read;
use crate::mapping::explain::Explainer;
use crate::mapping::nearest::{Known, Nearest};
use crate::mapping::stop::Stop;
use crate::model::account::AccountId;
use crate::model::directory::GroupId;
use crate::model::federation::Federation;

/// A group that maps to the role, or was meant to.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) group: Option<GroupId>,
    /// Its index among the mapped role groups.
    pub(crate) mapped: Option<u32>,
    pub(crate) import: Import,
    pub(crate) undecided: Option<String>,
    pub(crate) stop: Option<Stop>,
    pub(crate) nearest: Option<Nearest>,
}

/// How many groups that were meant for a role are looked at closely.
const CANDIDATES: usize = 64;

impl Candidate {
    /// No group at all.
    pub(super) fn nobody() -> Self {
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

/// Groups that map to the role, then groups whose names show that they were meant to.
pub(super) fn candidates(entitlements: &Entitlements<'_>, asked: &Asked<'_>) -> Vec<Candidate> {
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
                || distance(id, captured, 1).is_some()
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

/// Where the candidate's name stops, and the nearest name that would do.
pub(super) fn diagnose(entitlements: &Entitlements<'_>, candidate: &mut Candidate) {
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
pub(crate) struct KnownNames<'f> {
    accounts: Vec<AccountId>,
    aliases: Vec<&'f str>,
    roles: Vec<&'f str>,
}

impl<'f> KnownNames<'f> {
    pub(crate) fn of(federation: &'f Federation) -> Self {
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

    pub(crate) fn known(&self) -> Known<'_> {
        Known { accounts: &self.accounts, aliases: &self.aliases, roles: &self.roles }
    }
}
