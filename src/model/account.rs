//! AWS accounts: partition, twelve-digit id, alias.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An AWS partition: accounts, roles and providers of two partitions never trust each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// `aws`, the commercial regions.
    Aws,
    /// `aws-cn`, the regions in China.
    China,
    /// `aws-us-gov`, `GovCloud`.
    GovCloud,
}

impl Partition {
    /// The partition as it stands in an ARN.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
        }
    }

    /// Reads the second part of an ARN.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == text)
    }

    /// Every partition.
    pub const ALL: [Self; 3] = [Self::Aws, Self::China, Self::GovCloud];

    /// Where responses are posted to sign in.
    pub const fn sign_in(self) -> &'static str {
        match self {
            Self::Aws => "https://signin.aws.amazon.com/saml",
            Self::China => "https://signin.amazonaws.cn/saml",
            Self::GovCloud => "https://signin.amazonaws-us-gov.com/saml",
        }
    }

    /// The partition of a sign-in endpoint: of the partition or of one region, with `/acs/ID` behind it
    /// where responses are encrypted.
    pub fn of_sign_in(url: &str) -> Option<Self> {
        let (head, id) = url.split_once("/acs/").map_or((url, None), |(h, id)| (h, Some(id)));
        let is_label = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let ends_well = id.is_none_or(is_label);
        Self::ALL.into_iter().filter(|_| ends_well).find(|partition| {
            let own = partition.sign_in();
            let host = own.strip_prefix("https://").unwrap_or_default();
            let region = head
                .strip_prefix("https://")
                .and_then(|rest| rest.strip_suffix(host))
                .and_then(|region| region.strip_suffix('.'));
            head == own || region.is_some_and(is_label)
        })
    }

    /// The partition that an Okta app's environment stands for; its values are not documented, so words
    /// in it are looked for.
    pub fn in_environment(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        if text.contains("gov") {
            Some(Self::GovCloud)
        } else if text.contains("china") || text.contains("cn") {
            Some(Self::China)
        } else {
            (text == "aws.amazon").then_some(Self::Aws)
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What roles of a kind deserve more than others for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// They may do nearly everything.
    Admin,
    /// They may do so in emergencies, and are used at no other time.
    BreakGlass,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Self; 2] = [Self::Admin, Self::BreakGlass];

    /// Name in `rolecall.toml`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::BreakGlass => "break_glass",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == text)
    }
}

/// Whether an account is in use, as a project says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Standing {
    /// It is.
    #[default]
    Active,
    /// Not yet: groups may be there before it.
    Planned,
    /// No more.
    Closed,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 3] = [Self::Active, Self::Planned, Self::Closed];

    /// Name in `rolecall.toml`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Planned => "planned",
            Self::Closed => "closed",
        }
    }

    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == text)
    }
}

/// An AWS account id: exactly twelve ASCII digits, kept as text (leading zeros count).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountId([u8; 12]);

/// Why a text is no account id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AccountIdError {
    /// Digits only, but not twelve of them.
    #[error("has {0} digits, an account id has 12")]
    Length(usize),
    /// Something else than ASCII digits.
    #[error("holds {0:?}, an account id is 12 digits")]
    NotADigit(char),
}

impl AccountId {
    /// Reads exactly twelve ASCII digits.
    pub fn parse(text: &str) -> Result<Self, AccountIdError> {
        if let Ok(digits) = <[u8; 12]>::try_from(text.as_bytes())
            && digits.iter().all(u8::is_ascii_digit)
        {
            return Ok(Self(digits));
        }
        let other = text.chars().find(|c| !c.is_ascii_digit());
        Err(other.map_or(AccountIdError::Length(text.len()), AccountIdError::NotADigit))
    }

    /// Two numbers in the order of the digits: compared in a moment, and compared often.
    fn order(&self) -> (Option<u64>, Option<u32>) {
        let first = self.0.first_chunk().map(|eight| u64::from_be_bytes(*eight));
        let last = self.0.last_chunk().map(|four| u32::from_be_bytes(*four));
        (first, last)
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Ord for AccountId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for AccountId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({})", self.as_str())
    }
}

/// Whether a text is a legal account alias: 3–63 of `[a-z0-9-]`, no hyphen at either end nor two in a row,
/// and not twelve digits.
pub fn is_account_alias(text: &str) -> bool {
    (3..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--")
        && AccountId::parse(text).is_err()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn aliases_are_lower_case_words_with_single_hyphens() {
        for alias in ["abc", "kestrel-prod", "4-eyes", "12345678901", &"a".repeat(63)] {
            assert!(is_account_alias(alias), "{alias}");
        }
        for text in ["", "ab", "Prod", "a_b", "-ab", "ab-", "a--b", "123456789012", "pröd"] {
            assert!(!is_account_alias(text), "{text}");
        }
        assert!(!is_account_alias(&"a".repeat(64)));
    }

    proptest! {
        #[test]
        fn ids_stand_in_the_order_of_their_digits(same in "[0-9]{0,11}", a in "[0-9]{12}", b in "[0-9]{12}") {
            let twelve = |digits: &str| -> String { same.chars().chain(digits.chars()).take(12).collect() };
            let (a, b) = (twelve(&a), twelve(&b));
            let (one, other) = (AccountId::parse(&a).unwrap(), AccountId::parse(&b).unwrap());
            prop_assert_eq!(one.cmp(&other), a.cmp(&b));
        }
    }

    #[test]
    fn leading_zeros_survive() {
        assert_eq!(AccountId::parse("012345678901").unwrap().as_str(), "012345678901");
    }

    #[test]
    fn eleven_digits_are_refused_with_their_number() {
        assert_eq!(AccountId::parse("12345678901"), Err(AccountIdError::Length(11)));
    }

    #[test]
    fn digits_of_another_script_are_refused() {
        assert_eq!(AccountId::parse("12345678901٣"), Err(AccountIdError::NotADigit('٣')));
    }
}
