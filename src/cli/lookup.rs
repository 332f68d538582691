//! Users and roles as named on the command line, or the sentence that says which were meant.

use super::CliError;
use crate::explain::lookup::{RoleQuery, UserMatch, find_user};
use crate::model::directory::{Directory, UserId};
use crate::text::Shown;

/// The user a person names.
pub(crate) fn user(directory: &Directory, name: &str) -> Result<UserId, CliError> {
    match find_user(directory, name) {
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

/// The role a person names.
pub(crate) fn role(text: &str) -> Result<RoleQuery, CliError> {
    RoleQuery::parse(text).map_err(|error| CliError::Message(error.to_string()))
}

fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().map(|name| format!("`{}`", Shown(name))).collect();
    shown.join(", ")
}
