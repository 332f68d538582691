//! Who a statement is about.

use super::condition::Outcome;

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(super) struct Principals {
    pub(super) negated: bool,
    pub(super) listed: Vec<Listed>,
    /// Byte offset of each.
    pub(super) places: Vec<usize>,
}

/// One principal a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Listed {
    /// `"*"`, also under `AWS`.
    Everybody,
    /// Kind and name, both exact.
    One(PrincipalKind, String),
    /// A form that IAM does not store, kind and name: a wildcard inside a name, or a kind there is none of.
    Malformed(String, String),
}

/// The kinds of principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// Accounts, users, roles.
    Aws,
    /// Identity providers.
    Federated,
    /// Services of AWS.
    Service,
    /// Accounts by their canonical ids.
    CanonicalUser,
}

impl PrincipalKind {
    /// Reads a policy's spelling.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "AWS" => Some(Self::Aws),
            "Federated" => Some(Self::Federated),
            "Service" => Some(Self::Service),
            "CanonicalUser" => Some(Self::CanonicalUser),
            _ => None,
        }
    }

    /// As a policy spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Federated => "Federated",
            Self::Service => "Service",
            Self::CanonicalUser => "CanonicalUser",
        }
    }

    /// The kind of who asks.
    fn of(principal: &str) -> Self {
        if principal.contains(":saml-provider/") || principal.contains(":oidc-provider/") {
            Self::Federated
        } else if principal.ends_with(".amazonaws.com") || principal.ends_with(".amazonaws.com.cn")
        {
            Self::Service
        } else {
            Self::Aws
        }
    }
}

impl Listed {
    /// Reads one name under its kind.
    pub(super) fn parse(kind: PrincipalKind, name: &str) -> Self {
        if kind == PrincipalKind::Aws && name == "*" {
            Self::Everybody
        } else if name.contains(['*', '?']) {
            Self::Malformed(kind.as_str().to_owned(), name.to_owned())
        } else {
            Self::One(kind, name.to_owned())
        }
    }

    fn is(&self, principal: &str) -> Outcome {
        let found = match self {
            Self::Everybody => true,
            Self::Malformed(..) => return Outcome::Unreadable,
            Self::One(kind, name) => {
                *kind == PrincipalKind::of(principal)
                    && (name == principal
                        || (*kind == PrincipalKind::Aws && is_account_of(name, principal)))
            }
        };
        if found { Outcome::Met } else { Outcome::Unmet }
    }
}

/// Whether a name is an account, by id or by root, that a user or role is of.
fn is_account_of(name: &str, principal: &str) -> bool {
    let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
    let partition = |arn: &str| arn.split(':').nth(1).map(str::to_owned);
    match name.strip_suffix(":root") {
        Some(_) => account(name) == account(principal) && partition(name) == partition(principal),
        None => account(principal).is_some_and(|own| own == name && !own.is_empty()),
    }
}

impl Principals {
    /// Whether these name who asks.
    pub(super) fn cover(&self, principal: &str) -> Outcome {
        let found =
            self.listed.iter().map(|listed| listed.is(principal)).max().unwrap_or(Outcome::Unmet);
        if self.negated { found.not() } else { found }
    }
}
