//! Where Okta says a group comes from: what the App Filter decides on.

use std::fmt;

/// Source of a group, in the App Filter's words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupSource {
    /// `okta`: made in Okta (`OKTA_GROUP`, `BUILT_IN`).
    Okta,
    /// `active_directory`: imported from AD.
    ActiveDirectory,
    /// Any other app key, such as `ldap_sun_one`, `bamboohr`.
    App(String),
}

impl GroupSource {
    /// The app key.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Okta => "okta",
            Self::ActiveDirectory => "active_directory",
            Self::App(key) => key,
        }
    }

    /// Reads an app key.
    pub fn parse(key: &str) -> Self {
        match key {
            "okta" => Self::Okta,
            "active_directory" => Self::ActiveDirectory,
            other => Self::App(other.to_owned()),
        }
    }
}

impl fmt::Display for GroupSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
