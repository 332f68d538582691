//! What is, as what could be expected: the other direction of judging.

use super::expectation::{Assertion, Expectation, Key, Kind, RoleChoice, Select, Wants};
use super::judge::Judge;
use super::names::Names;
use crate::entitlement::holdings::{Holdings, RoleNo};
use crate::entitlement::stage::{Answer, Stage};
use crate::model::directory::UserId;

/// What an assertion would have to say to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Index of the expectation.
    pub expectation: usize,
    /// Index of its assertion.
    pub assertion: usize,
    /// What it is to say.
    pub becomes: Becomes,
}

/// What is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Becomes {
    /// These names, as people call them: those that are there already in front, which stay as written.
    List {
        /// Indices of what is written that still holds.
        kept: Vec<usize>,
        /// What is to be added.
        added: Vec<String>,
        /// What goes, as written.
        removed: Vec<String>,
    },
    /// This number.
    Count(usize),
    /// It cannot be told, or one text cannot say it; the reason.
    Stays(String),
}

/// What the lists and numbers of expectations that do not hold would have to say; of lists that say exactly
/// what is, of numbers that say how many. Others are never changed.
pub fn updates(judge: &Judge<'_>, expectations: &[Expectation]) -> Vec<Update> {
    let mut found = Vec::new();
    for (at, expectation) in expectations.iter().enumerate() {
        let (Kind::OfUsers { assertions, .. } | Kind::OfRoles { assertions, .. }) =
            &expectation.kind
        else {
            continue;
        };
        for (number, assertion) in assertions.iter().enumerate() {
            if let Some(becomes) = update(judge, &expectation.kind, assertion) {
                found.push(Update { expectation: at, assertion: number, becomes });
            }
        }
    }
    found
}

fn update(judge: &Judge<'_>, kind: &Kind, assertion: &Assertion) -> Option<Becomes> {
    match (kind, assertion.key, &assertion.wants) {
        (Kind::OfUsers { who, except, .. }, Key::SeesExactly, Wants::Roles(said)) => {
            let texts: Vec<&str> = said.iter().map(|said| said.text.as_str()).collect();
            let named: Vec<Option<&[RoleNo]>> =
                said.iter().map(|said| judge.names.roles(said).ok()).collect();
            let mut users = chosen(judge.names, who)?;
            let except = chosen(judge.names, except)?;
            users.retain(|user| !except.contains(user));
            let mut all: Option<Vec<RoleNo>> = None;
            for &user in &users {
                match roles_of(judge.holdings, user) {
                    Err(why) => return Some(Becomes::Stays(why)),
                    Ok(roles) if all.as_ref().is_some_and(|all| *all != roles) => {
                        let why = "its users see different roles, which one list cannot say";
                        return Some(Becomes::Stays(why.to_owned()));
                    }
                    Ok(roles) => all = Some(roles),
                }
            }
            let list = Listed { texts: &texts, named: &named };
            list.becomes(&all?, |&role| judge.holdings.named_by(role).to_owned())
        }
        (Kind::OfRoles { roles, .. }, Key::ReachedByExactly, Wants::Users(who)) => {
            let texts: Vec<&str> = who.iter().map(|selector| text_of(&selector.what)).collect();
            let named: Vec<Option<&[UserId]>> =
                who.iter().map(|selector| judge.names.users(selector).ok()).collect();
            let mut all: Option<Vec<UserId>> = None;
            for role in roles_chosen(judge.names, roles)? {
                match users_of(judge.holdings, role) {
                    Err(why) => return Some(Becomes::Stays(why)),
                    Ok(users) if all.as_ref().is_some_and(|all| *all != users) => {
                        let why =
                            "its roles are reached by different users, which one list cannot say";
                        return Some(Becomes::Stays(why.to_owned()));
                    }
                    Ok(users) => all = Some(users),
                }
            }
            let directory = &judge.holdings.entitlements.federation.directory;
            let list = Listed { texts: &texts, named: &named };
            list.becomes(&all?, |&user| directory.login(user).to_owned())
        }
        (Kind::OfRoles { roles, .. }, Key::Count, &Wants::Count { min, max }) => {
            let mut all = None;
            for role in roles_chosen(judge.names, roles)? {
                let count = match users_of(judge.holdings, role) {
                    Err(why) => return Some(Becomes::Stays(why)),
                    Ok(users) => users.len(),
                };
                if all.is_some_and(|all| all != count) {
                    let why = "its roles are reached by different numbers of users";
                    return Some(Becomes::Stays(why.to_owned()));
                }
                all = Some(count);
            }
            let count = all?;
            let holds = min <= count && max.is_none_or(|max| count <= max);
            (!holds).then_some(Becomes::Count(count))
        }
        _ => None,
    }
}

fn text_of(select: &Select) -> &str {
    match select {
        Select::User(text) | Select::Like(text) | Select::Group(text) => text,
        Select::Everybody => "everybody",
    }
}

fn chosen(names: &Names, who: &[super::expectation::Selector]) -> Option<Vec<UserId>> {
    let mut users = Vec::new();
    for selector in who {
        users.extend_from_slice(names.users(selector).ok()?);
    }
    users.sort_unstable();
    users.dedup();
    Some(users)
}

fn roles_chosen(names: &Names, roles: &RoleChoice) -> Option<Vec<RoleNo>> {
    let mut found = Vec::new();
    match roles {
        RoleChoice::Tier(tier) => found.extend_from_slice(names.tier(tier).ok()?),
        RoleChoice::Named(said) => {
            for one in said {
                found.extend_from_slice(names.roles(one).ok()?);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

/// A list as written, and what each text of it names.
struct Listed<'l, T> {
    texts: &'l [&'l str],
    named: &'l [Option<&'l [T]>],
}

impl<T: Copy + Ord> Listed<'_, T> {
    /// What the list would have to say; `None` where it says it.
    fn becomes(&self, is: &[T], name: impl Fn(&T) -> String) -> Option<Becomes> {
        let (mut kept, mut removed, mut said) = (Vec::new(), Vec::new(), Vec::new());
        for (at, (text, named)) in self.texts.iter().zip(self.named).enumerate() {
            match named {
                Some(named) if named.iter().all(|one| is.binary_search(one).is_ok()) => {
                    kept.push(at);
                    said.extend_from_slice(named);
                }
                _ => removed.push((*text).to_owned()),
            }
        }
        let mut added: Vec<String> =
            is.iter().filter(|one| !said.contains(one)).map(name).collect();
        added.sort();
        added.dedup();
        (!removed.is_empty() || !added.is_empty()).then_some(Becomes::List { kept, added, removed })
    }
}

/// The roles a user sees, by number.
fn roles_of(holdings: &Holdings<'_>, user: UserId) -> Result<Vec<RoleNo>, String> {
    let login = holdings.entitlements.federation.directory.login(user);
    let mut roles: Vec<RoleNo> = holdings.of(user).iter().map(|held| held.role).collect();
    roles.dedup();
    let unknown = roles.iter().any(|&role| holdings.sees(user, role) == Answer::Unknown);
    if unknown || holdings.sees_more(user) == Answer::Unknown {
        return Err(format!("what `{login}` sees is not known"));
    }
    Ok(roles)
}

/// The users who see a role, by number.
fn users_of(holdings: &Holdings<'_>, role: RoleNo) -> Result<Vec<UserId>, String> {
    let holders = holdings.holders(role);
    let known = holders.iter().all(|one| one.1 == Answer::Holds);
    if !known || *holdings.unsure() != crate::entitlement::holdings::Unsure::Nobody {
        return Err(format!("who sees `{}` is not known", holdings.called(role)));
    }
    Ok(holders.iter().map(|one| one.0).collect())
}

/// What is of one user, one role or one group, as an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// A user, with the roles they see.
    User {
        /// The login.
        user: String,
        /// The roles.
        sees_exactly: Vec<String>,
        /// Those that AWS lets them into.
        can_assume: Vec<String>,
        /// Those that it refuses them, with the stage and the text.
        refused: Vec<(String, Stage, Option<&'static str>)>,
    },
    /// A role, with the users who see it.
    Role {
        /// The role.
        role: String,
        /// The logins.
        reached_by_exactly: Vec<String>,
    },
    /// A group, with the roles that all of its users see.
    Group {
        /// The group.
        group: String,
        /// The roles.
        sees: Vec<String>,
        /// Whether all of its users see these and no others.
        exactly: bool,
    },
    /// Nothing that is known.
    NotKnown {
        /// Of whom.
        of: String,
        /// Why not.
        why: String,
    },
}

/// What is of a user.
pub fn of_user(judge: &Judge<'_>, user: UserId) -> Recorded {
    let holdings = judge.holdings;
    let login = holdings.entitlements.federation.directory.login(user).to_owned();
    let roles = match roles_of(holdings, user) {
        Ok(roles) => roles,
        Err(why) => return Recorded::NotKnown { of: login, why },
    };
    let (mut can_assume, mut refused) = (Vec::new(), Vec::new());
    for &role in &roles {
        let name = holdings.named_by(role).to_owned();
        match judge.admission(user, role) {
            Some(admission) if admission.answer == Answer::Holds => can_assume.push(name),
            Some(admission) if admission.answer == Answer::Fails => {
                let text = admission.refusal.map(crate::entitlement::refusal::Refusal::text);
                refused.extend(admission.stage.map(|stage| (name, stage, text)));
            }
            _ => {}
        }
    }
    let sees_exactly = roles.iter().map(|&role| holdings.named_by(role).to_owned()).collect();
    Recorded::User { user: login, sees_exactly, can_assume, refused }
}

/// What is of a role, as it is called.
pub fn of_role(holdings: &Holdings<'_>, role: RoleNo) -> Recorded {
    let name = holdings.named_by(role).to_owned();
    let users = match users_of(holdings, role) {
        Ok(users) => users,
        Err(why) => return Recorded::NotKnown { of: name, why },
    };
    let directory = &holdings.entitlements.federation.directory;
    let mut logins: Vec<String> =
        users.iter().map(|&user| directory.login(user).to_owned()).collect();
    logins.sort();
    Recorded::Role { role: name, reached_by_exactly: logins }
}

/// What is of the users of a group.
pub fn of_group(holdings: &Holdings<'_>, group: &str, users: &[UserId]) -> Recorded {
    let mut common: Option<Vec<RoleNo>> = None;
    let mut exactly = true;
    for &user in users {
        let roles = match roles_of(holdings, user) {
            Ok(roles) => roles,
            Err(why) => return Recorded::NotKnown { of: group.to_owned(), why },
        };
        common = Some(match common {
            None => roles,
            Some(before) => {
                exactly &= before == roles;
                before.into_iter().filter(|role| roles.binary_search(role).is_ok()).collect()
            }
        });
    }
    let roles = common.unwrap_or_default();
    let sees = roles.iter().map(|&role| holdings.named_by(role).to_owned()).collect();
    Recorded::Group { group: group.to_owned(), sees, exactly }
}
