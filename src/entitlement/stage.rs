//! The chain from user to assumed role, stage by stage.

use std::fmt;

use super::refusal::Refusal;
use crate::text::Place;

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

/// What one stage says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageReport {
    /// The stage.
    pub stage: Stage,
    /// Its answer.
    pub answer: Answer,
    /// The reason, one sentence without full stop; untrusted names in backticks, not yet neutralised.
    pub says: String,
    /// Lines the reason rests on.
    pub places: Vec<Place>,
    /// Existing names near one that does not exist.
    pub nearest: Vec<String>,
    /// What AWS answers where the stage fails, if that is known.
    pub refusal: Option<Refusal>,
    /// The smallest change that would mend a failure, where the stage itself tells it.
    pub change: Option<String>,
}

impl StageReport {
    /// An answer and its reason, without places.
    pub fn new(stage: Stage, answer: Answer, says: impl Into<String>) -> Self {
        Self {
            stage,
            answer,
            says: says.into(),
            places: Vec::new(),
            nearest: Vec::new(),
            refusal: None,
            change: None,
        }
    }

    /// With a line the reason rests on; nowhere is none.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        if place != Place::NOWHERE {
            self.places.push(place);
        }
        self
    }

    /// With what AWS answers.
    #[must_use]
    pub fn refused(self, refusal: Refusal) -> Self {
        Self { refusal: Some(refusal), ..self }
    }

    /// With the change that would mend it.
    #[must_use]
    pub fn change(self, change: impl Into<String>) -> Self {
        Self { change: Some(change.into()), ..self }
    }
}
