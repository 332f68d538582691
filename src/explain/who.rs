//! `who ROLE`: everybody who sees a role, with the shortest path; the exact inverse of `picker`.

use super::lookup::RoleQuery;
use crate::entitlement::admission::{Admission, Admissions};
use crate::entitlement::derivation::{Derivation, Distances};
use crate::entitlement::resolve::{Assigned, Entitlements, TargetId, Ways, visible};
use crate::entitlement::sign_in::SignInSettings;
use crate::entitlement::stage::Answer;
use crate::model::directory::{GroupId, UserId};

/// One user who sees the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The user.
    pub user: UserId,
    /// The login.
    pub login: String,
    /// How they are in the role group; `None` for `samlRoles`.
    pub derivation: Option<Derivation>,
    /// How many of the user's direct groups lead there.
    pub ways: u32,
    /// Whether no export says that the user can sign in, or is assigned to the app.
    pub unknown: bool,
    /// What AWS does when they choose the role.
    pub admission: Admission,
}

/// Everybody who sees a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holders {
    /// The targets that are the role.
    pub targets: Vec<TargetId>,
    /// The users, by login.
    pub holders: Vec<Holder>,
}

/// Finds everybody whose picker shows the role, and whom AWS lets in, as far as the exports tell.
pub fn who(entitlements: &Entitlements<'_>, query: &RoleQuery) -> Holders {
    let settings = SignInSettings::default();
    who_signs_in(entitlements, &Admissions::new(entitlements, &settings), query)
}

/// [`who`], with what the project says about sign-ins.
pub fn who_signs_in(
    entitlements: &Entitlements<'_>,
    admissions: &Admissions<'_>,
    query: &RoleQuery,
) -> Holders {
    let targets = query.targets(entitlements);
    let wanted: Vec<u32> = targets
        .iter()
        .filter_map(|&target| entitlements.target(target))
        .flat_map(|target| target.role_groups.iter().copied())
        .filter(|&at| entitlements.role_group(at).is_some_and(visible))
        .collect();
    let groups =
        wanted.iter().filter_map(|&at| entitlements.role_group(at)).map(|mapped| mapped.group);
    let distances = Distances::to_groups(entitlements, groups.collect());
    let Ok(grants) = entitlements.grants(visible, Ways::DirectGroups) else {
        return Holders { targets, holders: Vec::new() };
    };
    let by_user = entitlements.by_user(&grants);
    let directory = &entitlements.federation.directory;
    let mut entries = Vec::new();
    let mut holders: Vec<Holder> = entitlements
        .users_by_login(&by_user, &grants)
        .into_iter()
        .filter_map(|user| {
            let direct: Vec<GroupId> = by_user.groups(user).iter().copied().map(GroupId).collect();
            entitlements.entries(user, &direct, &grants, &mut entries);
            let chosen = || entries.iter().filter(|entry| targets.contains(&entry.0));
            let ways = chosen().map(|entry| entry.1).max()?;
            let session = admissions.session(None, Some(user));
            let admissions =
                chosen().filter_map(|entry| admissions.entry(entry.0, Some(user), &session));
            let best = admissions.min_by_key(|admission| admission.answer)?;
            Some(Holder {
                user,
                login: directory.login(user).to_owned(),
                derivation: distances.derive(entitlements, user, &direct),
                ways,
                unknown: entitlements.can_sign_in(user) == Answer::Unknown
                    || matches!(
                        entitlements.assignment(user, &direct),
                        Assigned::Unknown | Assigned::UnknownUsers
                    ),
                admission: best,
            })
        })
        .collect();
    holders.sort_by(|a, b| (&a.login, a.user).cmp(&(&b.login, b.user)));
    Holders { targets, holders }
}
