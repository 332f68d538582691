//! Users, groups and memberships, from whatever directory they come.

/// Whether a user can sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Status {
    /// No source says; taken as able to sign in, and said so.
    #[default]
    Unknown,
    /// Able to sign in (Okta `ACTIVE`, `PASSWORD_EXPIRED`, `RECOVERY`, `LOCKED_OUT`, `PROVISIONED`; AD
    /// without the disabled bit).
    Active,
    /// Not able to sign in (Okta `STAGED`, `SUSPENDED`, `DEPROVISIONED`; AD `userAccountControl` bit 2).
    Disabled,
}
