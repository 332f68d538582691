//! Users and roles as named on the command line, or the sentence that says which were meant.

use super::CliError;
use crate::entitlement::resolve::Entitlements;
use crate::entitlement::role_names::{RoleMatch, find_role};
use crate::explain::lookup::{RoleQuery, UserMatch, find_loosely, find_user};
use crate::model::directory::{Directory, UserId};
use crate::text::Shown;

/// The user a person names.
pub(crate) fn user(directory: &Directory, name: &str) -> Result<UserId, CliError> {
    let found = match find_user(directory, name) {
        UserMatch::None(near) => match find_loosely(directory, name) {
            UserMatch::None(_) => UserMatch::None(near),
            loosely => loosely,
        },
        found => found,
    };
    match found {
        UserMatch::One(user) => Ok(user),
        UserMatch::Several(logins) => Err(CliError::Message(format!(
            "several users are called `{}`: {}; name one by login",
            Shown(name),
            list(&logins)
        ))),
        UserMatch::None(near) if near.is_empty() => {
            Err(CliError::Message(format!("no user is called `{}` in these exports", Shown(name))))
        }
        UserMatch::None(near) => Err(CliError::Message(format!(
            "no user is called `{}` in these exports; the nearest: {}",
            Shown(name),
            list(&near)
        ))),
    }
}

/// Roles that are offered.
const OFFERED: usize = 8;

/// The role a person means, in whatever words: the one that fits, told where it is not called so.
pub(crate) fn known_role(
    entitlements: &Entitlements<'_>,
    text: &str,
) -> Result<RoleQuery, CliError> {
    match find_role(entitlements, text) {
        RoleMatch::Exact(query) => Ok(query),
        RoleMatch::Read(query) => {
            super::warn(&format!("`{}` is read as `{}`", Shown(text), Shown(&query.text)));
            Ok(query)
        }
        RoleMatch::None => role(text),
        RoleMatch::Several(roles) => {
            let more = roles.len().saturating_sub(OFFERED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let told = roles.get(..OFFERED).unwrap_or(&roles);
            let message = format!("several roles fit `{}`: {}{more}", Shown(text), list(told));
            Err(CliError::Message(format!("{message}; name one of them")))
        }
    }
}

/// The role a person names.
pub(crate) fn role(text: &str) -> Result<RoleQuery, CliError> {
    RoleQuery::parse(text).map_err(|error| CliError::Message(error.to_string()))
}

fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().map(|name| format!("`{}`", Shown(name))).collect();
    shown.join(", ")
}
