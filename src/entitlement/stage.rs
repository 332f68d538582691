//! The chain from user to assumed role, stage by stage.

use std::fmt;

/// A stage of the chain, in order. The first that fails is the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The user exists and can sign in.
    Account,
    /// The user, or a group of theirs, is assigned to the Okta AWS app.
    Assignment,
    /// The user is in the role group, directly or through management groups.
    Membership,
    /// The group reaches Okta and its source is in the App Filter.
    Import,
    /// The Group Filter matches the name and captures role and account.
    Filter,
    /// The Role Value Pattern gives a well-formed pair. From here on the role picker shows the role.
    Pair,
    /// The account has the SAML provider.
    Provider,
    /// The account has the role.
    Role,
    /// The role's trust policy admits the provider.
    Trust,
    /// Duration, session name, tags and source identity are within limits.
    Session,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 10] = [
        Self::Account,
        Self::Assignment,
        Self::Membership,
        Self::Import,
        Self::Filter,
        Self::Pair,
        Self::Provider,
        Self::Role,
        Self::Trust,
        Self::Session,
    ];

    /// Name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Assignment => "assignment",
            Self::Membership => "membership",
            Self::Import => "import",
            Self::Filter => "filter",
            Self::Pair => "pair",
            Self::Provider => "provider",
            Self::Role => "role",
            Self::Trust => "trust",
            Self::Session => "session",
        }
    }

    /// Whether a failure here keeps the role out of the picker (later ones let AWS refuse it).
    pub const fn decides_picker(self) -> bool {
        (self as u8) <= (Self::Pair as u8)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a stage answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// The stage lets the user pass.
    Holds,
    /// An input that would tell is missing.
    Unknown,
    /// The chain ends here.
    Fails,
}

impl Answer {
    /// Name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Unknown => "unknown",
            Self::Fails => "fails",
        }
    }
}
