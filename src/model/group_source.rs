//! Where an Okta group comes from: the thing the App Filter admits or not.

use std::fmt;

/// The source of an Okta group, named by the key of the app that imports it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupSource {
    /// Okta's own groups (`OKTA_GROUP` and `BUILT_IN`), key `okta`.
    Okta,
    /// Groups imported from Active Directory, key `active_directory`.
    ActiveDirectory,
    /// Groups imported by another app, with its key (`bamboohr`, `egnyte`, an LDAP agent's, …).
    Other(String),
}

impl GroupSource {
    /// Reads an app key as the App Filter names it.
    pub fn from_key(key: &str) -> Self {
        match key {
            "okta" => Self::Okta,
            "active_directory" => Self::ActiveDirectory,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The source of a group as Okta's API describes it: its `type`, its `objectClass` list, and the
    /// `name` of the app its `source.id` leads to. `None` where that app is needed and not known.
    pub fn from_okta_group(
        group_type: &str,
        object_classes: &[&str],
        app_name: Option<&str>,
    ) -> Option<Self> {
        if matches!(group_type, "OKTA_GROUP" | "BUILT_IN") {
            return Some(Self::Okta);
        }
        if object_classes.contains(&"okta:windows_security_principal") {
            return Some(Self::ActiveDirectory);
        }
        app_name.map(Self::from_key)
    }

    /// The app key.
    pub fn key(&self) -> &str {
        match self {
            Self::Okta => "okta",
            Self::ActiveDirectory => "active_directory",
            Self::Other(key) => key,
        }
    }
}

impl fmt::Display for GroupSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_windows_security_principal_comes_from_active_directory() {
        assert_eq!(
            GroupSource::from_okta_group("APP_GROUP", &["okta:windows_security_principal"], None),
            Some(GroupSource::ActiveDirectory)
        );
    }

    #[test]
    fn an_app_group_without_its_app_is_not_guessed() {
        let classes = ["okta:user_group"];
        assert_eq!(GroupSource::from_okta_group("APP_GROUP", &classes, None), None);
        assert_eq!(
            GroupSource::from_okta_group("APP_GROUP", &classes, Some("bamboohr")),
            Some(GroupSource::Other("bamboohr".to_owned()))
        );
    }

    #[test]
    fn a_key_reads_back_as_itself() {
        for key in ["okta", "active_directory", "egnyte"] {
            assert_eq!(GroupSource::from_key(key).key(), key);
        }
    }
}
