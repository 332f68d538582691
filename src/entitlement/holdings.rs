//! What everybody holds, worked out once: for each user the roles of their picker, for each role its users.

mod roles;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::derivation::Distances;
use super::lookup::{AccountQuery, RoleQuery};
use super::resolve::{ByUser, Entitlements, Grants, TargetId, TooManyPaths, Ways, visible};
use super::role_group::{Import, RoleGroup};
use super::stage::Answer;
use super::wildcard::fits;
use crate::model::arn::RoleArn;
use crate::model::directory::{GroupId, UserId};

/// Number of a role in the order of account and ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleNo(pub u32);

/// A role that groups map to or that an account has.
#[derive(Debug, Clone)]
pub struct KnownRole {
    /// Its ARN.
    pub arn: RoleArn,
    /// The ARN as text.
    pub text: Box<str>,
    /// `alias/Role`, or the account's id where it has no alias.
    pub called: Box<str>,
    /// `123456789012/Role`.
    pub by_id: Box<str>,
    /// Targets that are the role; none where no group maps to it.
    pub targets: Vec<TargetId>,
    /// Whether anything that Okta sends may show it in a picker.
    pub is_visible: bool,
}

/// A role of a user's picker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// The role.
    pub role: RoleNo,
    /// The target that gives it.
    pub target: TargetId,
    /// `Holds`, or `Unknown` where some input is missing that would tell.
    pub answer: Answer,
}

/// Who may hold more than the exports show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsure {
    /// Nobody.
    Nobody,
    /// Users in groups whose names cannot be decided, sorted.
    Some(Vec<UserId>),
    /// Everybody: no export states memberships.
    Everybody,
}

/// What everybody holds.
#[derive(Debug)]
pub struct Holdings<'e> {
    /// Who gets what.
    pub entitlements: &'e Entitlements<'e>,
    roles: Vec<KnownRole>,
    /// The role of each target.
    role_of: Vec<Option<RoleNo>>,
    grants: Grants,
    /// The grants that are certain, where some are not.
    certain: Option<Grants>,
    by_user: ByUser,
    /// Users who hold anything, by login.
    users: Vec<UserId>,
    rows: OnceLock<Rows>,
    holders: OnceLock<Vec<Vec<(UserId, Answer)>>>,
    names: OnceLock<BTreeMap<Box<str>, Vec<RoleNo>>>,
    unsure: OnceLock<Unsure>,
}

/// What each user holds.
#[derive(Debug)]
struct Rows {
    rows: Vec<Vec<Held>>,
    /// Index into `rows` by user.
    row_of: Vec<u32>,
}

const NO_ROW: u32 = u32::MAX;

impl<'e> Holdings<'e> {
    /// Works out who may hold something, and what groups grant; what each user holds follows when somebody asks.
    pub fn new(entitlements: &'e Entitlements<'e>) -> Result<Self, TooManyPaths> {
        let ((roles, role_of), granted) =
            rayon::join(|| roles::all(entitlements), || Granted::of(entitlements));
        let Granted { grants, certain, by_user, users } = granted?;
        Ok(Self {
            entitlements,
            roles,
            role_of,
            grants,
            certain,
            by_user,
            users,
            rows: OnceLock::new(),
            holders: OnceLock::new(),
            names: OnceLock::new(),
            unsure: OnceLock::new(),
        })
    }

    /// On threads of its own: whoever asks first may be a worker of a pool, and one that waited for work of the
    /// same pool could be given somebody who asks again.
    fn rows(&self) -> &Rows {
        self.rows.get_or_init(|| {
            let threads = std::thread::available_parallelism().map_or(1, usize::from);
            let share = self.users.len().div_ceil(threads).max(1);
            let rows: Vec<Vec<Held>> = std::thread::scope(|scope| {
                let of = |users: &'_ [UserId]| -> Vec<Vec<Held>> {
                    users.iter().map(|&user| self.held(user)).collect()
                };
                let shares = self.users.chunks(share);
                let workers: Vec<_> = shares.map(|users| scope.spawn(move || of(users))).collect();
                let joined = workers.into_iter().flat_map(|worker| {
                    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                });
                joined.collect()
            });
            let mut row_of = vec![NO_ROW; self.entitlements.federation.directory.user_count()];
            for (at, user) in (0..).zip(&self.users) {
                if let Some(slot) = row_of.get_mut(user.0 as usize) {
                    *slot = at;
                }
            }
            Rows { rows, row_of }
        })
    }

    fn held(&self, user: UserId) -> Vec<Held> {
        let direct = self.by_user.direct(user);
        let entries = |grants: &Grants| {
            let mut entries = Vec::new();
            self.entitlements.entries(user, &direct, grants, &mut entries);
            entries
        };
        let certain = self.certain.as_ref().map(entries);
        let of_user = self
            .entitlements
            .can_sign_in(user)
            .max(self.entitlements.assignment(user, &direct).answer());
        let held = entries(&self.grants).into_iter().filter_map(|(target, _)| {
            let role = self.role_of(target)?;
            let is_certain = certain.as_ref().is_none_or(|certain| {
                certain.binary_search_by_key(&target, |entry| entry.0).is_ok()
            });
            let answer = if is_certain { of_user } else { Answer::Unknown };
            Some(Held { role, target, answer })
        });
        let mut held: Vec<Held> = held.collect();
        held.sort_unstable();
        held
    }

    /// The targets of a user's picker in their order, each with the number of the user's direct groups that
    /// lead there; replaces what `out` holds.
    pub fn entries(&self, user: UserId, direct: &[GroupId], out: &mut Vec<(TargetId, u32)>) {
        self.entitlements.entries(user, direct, &self.grants, out);
    }

    /// The role that a target is.
    pub fn role_of(&self, target: TargetId) -> Option<RoleNo> {
        self.role_of.get(target.0 as usize).copied().flatten()
    }

    /// Every role, by account and ARN.
    pub fn roles(&self) -> impl Iterator<Item = (RoleNo, &KnownRole)> {
        (0..).map(RoleNo).zip(&self.roles)
    }

    /// A role.
    pub fn role(&self, role: RoleNo) -> Option<&KnownRole> {
        self.roles.get(role.0 as usize)
    }

    /// A role as a person calls it.
    pub fn called(&self, role: RoleNo) -> &str {
        self.role(role).map_or("", |role| &role.called)
    }

    /// A text that names a role and no other: as people call it, else by account id, else its ARN.
    pub fn named_by(&self, role: RoleNo) -> &str {
        let Some(known) = self.role(role) else { return "" };
        [&known.called, &known.by_id]
            .into_iter()
            .find(|name| self.named(name) == [role])
            .unwrap_or(&known.text)
    }

    /// Users who hold anything, by login.
    pub fn users(&self) -> &[UserId] {
        &self.users
    }

    /// What a user holds, by role.
    pub fn of(&self, user: UserId) -> &[Held] {
        let Rows { rows, row_of } = self.rows();
        let at = row_of.get(user.0 as usize).copied().unwrap_or(NO_ROW);
        rows.get(at as usize).map_or(&[], Vec::as_slice)
    }

    /// The entry of a user's picker that is a role; of several that which is known best.
    pub fn entry(&self, user: UserId, role: RoleNo) -> Option<Held> {
        let held = self.of(user);
        let from = held.partition_point(|one| one.role < role);
        let same = held.get(from..)?.iter().take_while(|one| one.role == role);
        same.min_by_key(|one| one.answer).copied()
    }

    /// Whether a user's picker shows a role.
    pub fn sees(&self, user: UserId, role: RoleNo) -> Answer {
        match self.entry(user, role) {
            Some(held) => held.answer,
            None => self.sees_more(user),
        }
    }

    /// Whether a user may see roles that are not theirs as far as the exports tell: `Unknown`, else `Fails`.
    pub fn sees_more(&self, user: UserId) -> Answer {
        let unsure = match self.unsure() {
            Unsure::Nobody => false,
            Unsure::Some(users) => users.binary_search(&user).is_ok(),
            Unsure::Everybody => self.entitlements.can_sign_in(user) != Answer::Fails,
        };
        if unsure { Answer::Unknown } else { Answer::Fails }
    }

    /// Who holds a role, by number.
    pub fn holders(&self, role: RoleNo) -> &[(UserId, Answer)] {
        let all = self.holders.get_or_init(|| {
            let mut all: Vec<Vec<(UserId, Answer)>> = vec![Vec::new(); self.roles.len()];
            for (user, _) in self.entitlements.federation.directory.users() {
                for held in self.of(user) {
                    let Some(holders) = all.get_mut(held.role.0 as usize) else { continue };
                    match holders.last_mut().filter(|last| last.0 == user) {
                        Some(last) => last.1 = last.1.min(held.answer),
                        None => holders.push((user, held.answer)),
                    }
                }
            }
            all
        });
        all.get(role.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// A user's direct groups that grant something or assign the app.
    pub fn direct(&self, user: UserId) -> Vec<GroupId> {
        self.by_user.direct(user)
    }

    /// [`Self::direct`], one after the other.
    pub fn each_direct(&self, user: UserId) -> impl Iterator<Item = GroupId> + Clone {
        self.by_user.each_direct(user)
    }

    /// What a group grants.
    pub fn granted(&self, group: GroupId) -> &[(TargetId, u32)] {
        self.grants.of(group)
    }

    /// Role groups that show a role in pickers.
    pub fn role_groups(&self, role: RoleNo) -> Vec<GroupId> {
        let targets = self.role(role).into_iter().flat_map(|role| &role.targets);
        let indices = targets
            .filter_map(|&target| self.entitlements.target(target))
            .flat_map(|target| &target.role_groups);
        let mapped = indices.filter_map(|&at| self.entitlements.role_group(at));
        mapped.filter(|mapped| visible(mapped)).map(|mapped| mapped.group).collect()
    }

    /// Roles that a text names: `alias/Role`, `123456789012/Role` or an ARN, in each `*` for any text. Of an
    /// account's roles of one name, which differ in their paths, those that pickers show stand for all.
    pub fn named(&self, text: &str) -> Vec<RoleNo> {
        let mut found = self.all_named(text);
        if !text.starts_with("arn:") && found.len() > 1 {
            let is_visible = |no: RoleNo| self.role(no).is_some_and(|role| role.is_visible);
            let by_id = |no: RoleNo| self.role(no).map(|role| &role.by_id);
            let shown: BTreeSet<_> =
                found.iter().filter(|&&no| is_visible(no)).map(|&no| by_id(no)).collect();
            found.retain(|&no| is_visible(no) || !shown.contains(&by_id(no)));
        }
        found
    }

    fn all_named(&self, text: &str) -> Vec<RoleNo> {
        if text.contains('*') {
            let fits_any = |role: &KnownRole| {
                if text.starts_with("arn:") {
                    fits(text, &role.text)
                } else {
                    fits(text, &role.called) || fits(text, &role.by_id)
                }
            };
            let mut found: Vec<RoleNo> =
                self.roles().filter(|(_, role)| fits_any(role)).map(|(no, _)| no).collect();
            if found.is_empty() {
                found =
                    self.named_in_account_of_names(text, |name, role| fits(name, &role.arn.name));
            }
            return found;
        }
        if let Some(found) = self.by_name().get(text) {
            return found.clone();
        }
        self.named_in_account_of_names(text, |name, role| *name == role.arn.name)
    }

    /// The same for an alias that only the names of groups tell.
    fn named_in_account_of_names(
        &self,
        text: &str,
        is: impl Fn(&str, &KnownRole) -> bool,
    ) -> Vec<RoleNo> {
        let Some((alias, name)) = text.split_once('/') else { return Vec::new() };
        if text.starts_with("arn:") || alias.contains('*') {
            return Vec::new();
        }
        let query = RoleQuery {
            text: text.to_owned(),
            account: AccountQuery::Alias(alias.to_owned()),
            name: name.to_owned(),
            arn: None,
        };
        let Some(account) = query.account_id(self.entitlements) else { return Vec::new() };
        let of_account = |role: &KnownRole| role.arn.account == account && is(name, role);
        self.roles().filter(|(_, role)| of_account(role)).map(|(no, _)| no).collect()
    }

    fn by_name(&self) -> &BTreeMap<Box<str>, Vec<RoleNo>> {
        self.names.get_or_init(|| {
            let mut names: BTreeMap<Box<str>, Vec<RoleNo>> = BTreeMap::new();
            for (no, role) in self.roles() {
                for name in [&role.text, &role.called, &role.by_id] {
                    let same = names.entry(name.clone()).or_default();
                    if same.last() != Some(&no) {
                        same.push(no);
                    }
                }
            }
            names
        })
    }

    /// Who may hold more than the exports show.
    pub fn unsure(&self) -> &Unsure {
        self.unsure.get_or_init(|| {
            let entitlements = self.entitlements;
            let directory = &entitlements.federation.directory;
            if !entitlements.mapping.maps_groups() {
                return Unsure::Nobody;
            }
            if !directory.members_stated() {
                return Unsure::Everybody;
            }
            let undecided: Vec<GroupId> =
                entitlements.role_groups.undecided.iter().map(|one| one.group).collect();
            if undecided.is_empty() {
                return Unsure::Nobody;
            }
            let distances = Distances::to_groups(entitlements, undecided);
            let members = distances.groups().flat_map(|group| directory.members().targets(group.0));
            let mut users: Vec<UserId> = members.copied().map(UserId).collect();
            users.sort_unstable();
            users.dedup();
            users.retain(|&user| entitlements.can_sign_in(user) != Answer::Fails);
            if users.is_empty() { Unsure::Nobody } else { Unsure::Some(users) }
        })
    }
}

/// What groups grant, and to whom.
struct Granted {
    grants: Grants,
    certain: Option<Grants>,
    by_user: ByUser,
    users: Vec<UserId>,
}

impl Granted {
    fn of(entitlements: &Entitlements<'_>) -> Result<Self, TooManyPaths> {
        let grants = entitlements.grants(visible, Ways::DirectGroups)?;
        let doubtful = |mapped: &RoleGroup| visible(mapped) && mapped.import != Import::Admitted;
        let certain = if entitlements.role_groups.mapped.iter().any(doubtful) {
            Some(entitlements.grants(is_certain, Ways::DirectGroups)?)
        } else {
            None
        };
        let by_user = entitlements.by_user(&grants);
        let users = entitlements.users_by_login(&by_user, &grants);
        Ok(Self { grants, certain, by_user, users })
    }
}

/// Whether an export states that the group's roles are sent.
fn is_certain(mapped: &RoleGroup) -> bool {
    mapped.pair.is_ok() && mapped.import == Import::Admitted
}
