//! The change that would mend a finding.

use super::Label;
use crate::text::Place;

/// A change that would mend a finding, for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FixHint {
    /// Another name for a group.
    RenameGroup {
        /// The name it has.
        from: String,
        /// The name that would do.
        to: String,
    },
    /// A name that a group may be meant to have: which one it is has to be said by somebody.
    ProposeName {
        /// The name it has.
        from: String,
        /// The likeliest name.
        to: String,
    },
    /// Another value for a setting of the Okta app.
    SetSetting {
        /// Its key, as in `settings.app`: `groupFilter`.
        setting: &'static str,
        /// Where it is set.
        at: Place,
        /// The value it has; numbers and booleans as they are written.
        from: String,
        /// The one value that would do.
        to: String,
    },
    /// Another value in a role's trust policy.
    ReplaceInPolicy {
        /// The role.
        role: PolicyOwner,
        /// Where the value stands.
        at: Place,
        /// The value it has.
        from: String,
        /// The one value that would do.
        to: String,
        /// The whole policy with that, as JSON, where all of it is known.
        policy: Option<String>,
    },
}

/// A role whose trust policy would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyOwner {
    /// Its name, or the address of the code that declares it.
    pub name: String,
    /// Its account, where that is known.
    pub account: Option<String>,
}

impl FixHint {
    /// What is there now, and what should be.
    pub fn values(&self) -> (&str, &str) {
        match self {
            Self::RenameGroup { from, to }
            | Self::ProposeName { from, to }
            | Self::SetSetting { from, to, .. }
            | Self::ReplaceInPolicy { from, to, .. } => (from, to),
        }
    }

    /// Where the value stands, with the value marked; a group's name stands at many places.
    pub fn label(&self) -> Option<Label> {
        match self {
            Self::RenameGroup { .. } | Self::ProposeName { .. } => None,
            Self::SetSetting { at, from, .. } | Self::ReplaceInPolicy { at, from, .. } => {
                Some(Label::new(*at, "").mark(from.as_str()))
            }
        }
    }
}
