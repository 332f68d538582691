//! Okta's exports: users, groups, memberships, app assignments, the AWS app, and the CSVs of admin
//! exporters.

mod app;
mod apps;
mod assignments;
mod csv;
mod detect;
mod groups;
mod members;
mod settings;
mod users;

pub(in crate::sources) use app::read_settings;
pub use app::{AppError, AppPart, read_app};
pub use apps::AppName;
pub use assignments::{AppGroupsReader, AppUsersReader};
pub use csv::{CsvError, OktaCsvReader};
pub use detect::{group_in_name, looks_like};
pub use groups::GroupsReader;
pub use members::MembersReader;
pub use settings::{Found, SettingError};
pub use users::UsersReader;

use super::batch::{Batch, Loss};
use crate::model::directory::Status;

/// What is wrong with one of Okta's records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OktaError {
    /// A user status that Okta does not document.
    #[error("user status is `{0}`, expected one of Okta's, such as `ACTIVE` or `SUSPENDED`")]
    Status(String),
    /// A group type that Okta does not document.
    #[error("group type is `{0}`, expected `OKTA_GROUP`, `APP_GROUP` or `BUILT_IN`")]
    GroupType(String),
    /// A record without what it is known by.
    #[error("{record} without {field}, expected one")]
    Missing {
        /// Which record.
        record: &'static str,
        /// Which field.
        field: &'static str,
    },
    /// A list of users, and nothing that says of which group.
    #[error(
        "a list of users without its group, expected `group = \"…\"` for this source or the group's id in the file name"
    )]
    NoGroup,
    /// An assignment scope that Okta does not document.
    #[error("scope of the app assignment is `{0}`, expected `USER` or `GROUP`")]
    Scope(String),
}

/// Reads a user status as the API or the admin console writes it.
pub fn status(text: &str) -> Option<Status> {
    let word: String = text
        .chars()
        .map(|c| if c == ' ' || c == '-' { '_' } else { c.to_ascii_uppercase() })
        .collect();
    match word.as_str() {
        "ACTIVE"
        | "PROVISIONED"
        | "PENDING_USER_ACTION"
        | "RECOVERY"
        | "PASSWORD_RESET"
        | "PASSWORD_EXPIRED"
        | "LOCKED_OUT" => Some(Status::Active),
        "STAGED" | "SUSPENDED" | "DEPROVISIONED" | "DEACTIVATED" => Some(Status::Disabled),
        _ => None,
    }
}

/// A user's status, reported where it is none that Okta documents.
fn status_or_report(batch: &mut Batch<'_>, text: Option<&str>, line: u32) -> Status {
    match text {
        // The spelling of nearly every record, without the detour.
        Some("ACTIVE") => Status::Active,
        Some(text) => status(text).unwrap_or_else(|| {
            batch.problem(line, Loss::Nothing, OktaError::Status(text.to_owned()));
            Status::Unknown
        }),
        None => Status::Unknown,
    }
}
