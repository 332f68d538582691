//! What AWS answers to a sign-in that it refuses: the texts that users see and search for.

use std::fmt;

/// How well it is known that AWS answers so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// AWS documents the text for this cause.
    Documented,
    /// Seen in practice, and not documented.
    Seen,
    /// Concluded from what is documented of like causes.
    Inferred,
}

impl Evidence {
    /// The evidence as a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Seen => "seen",
            Self::Inferred => "inferred",
        }
    }
}

/// An answer of AWS, by its cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// The response has no pair of role and provider.
    NoRole,
    /// The account has no provider of the name sent.
    ProviderMissing,
    /// The response's issuer is not the provider's.
    OtherIssuer,
    /// No certificate of the provider's verifies the response.
    SignatureInvalid,
    /// The account has no role of the ARN sent.
    RoleMissing,
    /// The role is one that IAM Identity Center made.
    ReservedRole,
    /// The trust policy does not let the user in.
    NotTrusted,
    /// Role and provider are in different accounts.
    OtherAccount,
    /// The session name is missing.
    NoSessionName,
    /// The session name is not one AWS takes.
    SessionName,
    /// The source identity is not one AWS takes.
    SourceIdentity,
    /// A session longer than the role's longest is asked for: API and CLI only.
    Duration,
    /// The audience is not AWS's.
    Audience,
    /// The response is handed in too long after it was issued.
    TooLate,
    /// The provider's metadata is none that IAM takes.
    Metadata,
}

/// The page of IAM's guide that lists the texts.
pub const TROUBLESHOOTING: &str =
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_saml.html";

impl Refusal {
    /// Every cause.
    pub const ALL: [Self; 15] = [
        Self::NoRole,
        Self::ProviderMissing,
        Self::OtherIssuer,
        Self::SignatureInvalid,
        Self::RoleMissing,
        Self::ReservedRole,
        Self::NotTrusted,
        Self::OtherAccount,
        Self::NoSessionName,
        Self::SessionName,
        Self::SourceIdentity,
        Self::Duration,
        Self::Audience,
        Self::TooLate,
        Self::Metadata,
    ];

    /// The text, exactly as AWS prints it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoRole => {
                "Your request included an invalid SAML response. To logout, click here."
            }
            Self::ProviderMissing => "Specified provider doesn't exist.",
            Self::OtherIssuer => "Failed to assume role: Issuer not present in specified provider",
            Self::SignatureInvalid => "Response signature invalid",
            Self::RoleMissing | Self::ReservedRole | Self::NotTrusted => {
                "Not authorized to perform sts:AssumeRoleWithSAML"
            }
            Self::OtherAccount => {
                "Principal exists outside the account of the Role being assumed.."
            }
            Self::NoSessionName => "RoleSessionName is required in AuthnResponse",
            Self::SessionName => {
                "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
            }
            Self::SourceIdentity => {
                "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\""
            }
            Self::Duration => {
                "Requested DurationSeconds exceeds MaxSessionDuration set for this role."
            }
            Self::Audience => "Response does not contain the required audience.",
            Self::TooLate => "Token must be redeemed within 5 minutes of issuance",
            Self::Metadata => "Could not parse metadata.",
        }
    }

    /// Status and error code, where AWS gives any.
    pub const fn code(self) -> Option<(u16, &'static str)> {
        match self {
            Self::RoleMissing | Self::ReservedRole | Self::NotTrusted => {
                Some((403, "AccessDenied"))
            }
            Self::OtherIssuer => Some((400, "AuthSamlInvalidSamlResponseException")),
            Self::SignatureInvalid
            | Self::NoSessionName
            | Self::SessionName
            | Self::SourceIdentity => Some((400, "InvalidIdentityToken")),
            Self::OtherAccount => Some((400, "ValidationError")),
            Self::TooLate => Some((400, "ExpiredTokenException")),
            Self::NoRole
            | Self::ProviderMissing
            | Self::Duration
            | Self::Audience
            | Self::Metadata => None,
        }
    }

    /// How well it is known.
    pub const fn evidence(self) -> Evidence {
        match self {
            Self::OtherAccount | Self::TooLate => Evidence::Seen,
            Self::ReservedRole => Evidence::Inferred,
            _ => Evidence::Documented,
        }
    }

    /// The page that documents it, or was concluded from.
    pub const fn page(self) -> &'static str {
        match self {
            Self::OtherAccount | Self::ReservedRole | Self::TooLate => {
                "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html"
            }
            _ => TROUBLESHOOTING,
        }
    }
}

/// The text with its code, and how it is known where AWS does not say so.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.text())?;
        let known = match self.evidence() {
            Evidence::Documented => None,
            other => Some(other.as_str()),
        };
        match (self.code(), known) {
            (None, None) => Ok(()),
            (None, Some(known)) => write!(f, " ({known})"),
            (Some((status, code)), None) => write!(f, " ({status} {code})"),
            (Some((status, code)), Some(known)) => write!(f, " ({status} {code}, {known})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_carries_its_code_and_how_it_is_known_where_aws_does_not_say_so() {
        assert_eq!(
            Refusal::NotTrusted.to_string(),
            "`Not authorized to perform sts:AssumeRoleWithSAML` (403 AccessDenied)"
        );
        assert_eq!(
            Refusal::OtherAccount.to_string(),
            "`Principal exists outside the account of the Role being assumed..` (400 ValidationError, seen)"
        );
        assert_eq!(Refusal::ProviderMissing.to_string(), "`Specified provider doesn't exist.`");
    }

    #[test]
    fn every_page_is_a_public_address() {
        for refusal in Refusal::ALL {
            assert!(refusal.page().starts_with("https://docs.aws.amazon.com/"), "{refusal}");
            assert!(!refusal.text().is_empty());
        }
    }
}
