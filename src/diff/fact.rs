//! What can differ between two sides, one fact at a time.

use super::side::Which;
use super::targets::PairId;

/// Number of a group on whichever side has it; the same on both where both have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupRef(pub u32);

/// A difference that an access can hang on. Where it says *holds*, one side has the thing and the other lacks
/// it; facts about the user say nothing of who that is, so that many users share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// A setting of the app, or how the filter is applied.
    Setting(Setting),
    /// A group is called otherwise.
    Renamed(GroupRef),
    /// A group comes from another source.
    Source(GroupRef),
    /// One side has a group, with all of its memberships.
    Group {
        /// The group.
        group: GroupRef,
        /// The side that has it.
        holds: Which,
    },
    /// Okta's own export has a group on one side only.
    Imported {
        /// The group.
        group: GroupRef,
        /// The side where it is imported.
        holds: Which,
    },
    /// A group is a member of a group.
    Nested {
        /// The member.
        inner: GroupRef,
        /// The group it is in.
        outer: GroupRef,
        /// The side where it is.
        holds: Which,
    },
    /// The app is assigned to a group.
    Assigned {
        /// The group.
        group: GroupRef,
        /// The side where it is.
        holds: Which,
    },
    /// With Use Group Mapping off: `samlRoles` of a group's assignment.
    GroupRoles(GroupRef),
    /// The account has the SAML provider, or it has other metadata.
    Provider(PairId),
    /// The account has the role, or under another path.
    Role(PairId),
    /// The role's trust policy.
    TrustPolicy(PairId),
    /// The user exists, with all of their memberships.
    User {
        /// The side that has them.
        holds: Which,
    },
    /// The user can sign in.
    SignsIn {
        /// The side where they can.
        holds: Which,
    },
    /// The user is directly in a group.
    Member {
        /// The group.
        group: GroupRef,
        /// The side where they are.
        holds: Which,
    },
    /// The app's users name the user.
    Listed {
        /// The side where they do.
        holds: Which,
    },
    /// With Use Group Mapping off: `samlRoles` of the user's assignment.
    OwnRoles,
    /// What the user is called.
    Names,
}

/// A setting that counts for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// `groupFilter`.
    GroupFilter,
    /// Find or full match.
    MatchMode,
    /// `roleValuePattern`.
    RoleValuePattern,
    /// `appFilter`.
    AppFilter,
    /// `useGroupMapping`.
    GroupMapping,
    /// The app's own metadata: its issuer and certificate.
    Metadata,
    /// What else the app sends: session duration, attribute statements, user name, ACS URL.
    Sent,
    /// What the project says of sign-ins.
    SignIn,
}

impl Fact {
    /// Its name in JSON.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Setting(Setting::GroupFilter) => "group-filter",
            Self::Setting(Setting::MatchMode) => "match-mode",
            Self::Setting(Setting::RoleValuePattern) => "role-value-pattern",
            Self::Setting(Setting::AppFilter) => "app-filter",
            Self::Setting(Setting::GroupMapping) => "use-group-mapping",
            Self::Setting(Setting::Metadata) => "app-metadata",
            Self::Setting(Setting::Sent) => "app-settings",
            Self::Setting(Setting::SignIn) => "sign-in",
            Self::Renamed(_) => "group-renamed",
            Self::Source(_) => "group-source",
            Self::Group { holds, .. } => either(holds, "group-gone", "group-new"),
            Self::Imported { holds, .. } => either(holds, "group-not-imported", "group-imported"),
            Self::Nested { holds, .. } => either(holds, "nesting-removed", "nesting-added"),
            Self::Assigned { holds, .. } => either(holds, "app-unassigned", "app-assigned"),
            Self::GroupRoles(_) | Self::OwnRoles => "saml-roles",
            Self::Provider(_) => "provider",
            Self::Role(_) => "role",
            Self::TrustPolicy(_) => "trust-policy",
            Self::User { holds } => either(holds, "user-gone", "user-new"),
            Self::SignsIn { holds } => either(holds, "user-disabled", "user-enabled"),
            Self::Member { holds, .. } => either(holds, "member-removed", "member-added"),
            Self::Listed { holds } => either(holds, "user-unassigned", "user-assigned"),
            Self::Names => "user-names",
        }
    }
}

const fn either(holds: Which, before: &'static str, after: &'static str) -> &'static str {
    match holds {
        Which::Before => before,
        Which::After => after,
    }
}
