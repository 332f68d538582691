//! ARNs of the federation: IAM roles, SAML providers, and the pair of both that Okta sends.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

use super::account::{AccountId, AccountIdError, Partition};

/// Why a text is not the ARN that was expected; every variant carries what was found.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArnError {
    /// Not six colon-separated parts beginning with `arn`.
    #[error("`{0}` is not an ARN, expected `arn:partition:iam::account:…`")]
    NotAnArn(String),
    /// The second part is no partition known here.
    #[error("unknown partition `{0}`, expected `aws`, `aws-cn` or `aws-us-gov`")]
    Partition(String),
    /// The third part is not `iam`.
    #[error("service `{0}`, expected `iam`")]
    Service(String),
    /// The fourth part is not empty.
    #[error("region `{0}`, IAM ARNs have none (`iam::`)")]
    Region(String),
    /// The fifth part is no account id.
    #[error("account `{text}` {error}")]
    Account {
        /// The part as written.
        text: String,
        /// What is wrong with it.
        error: AccountIdError,
    },
    /// The last part does not begin with `role/` or `saml-provider/`.
    #[error("resource `{0}`, expected `role/…` or `saml-provider/…`")]
    Resource(String),
    /// A role or provider name outside IAM's grammar.
    #[error("`{0}` is not a legal name there")]
    Name(String),
}

/// ARN of an IAM role; the path is part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    /// Partition.
    pub partition: Partition,
    /// Account the role lives in.
    pub account: AccountId,
    /// Path with both slashes, `/` where there is none.
    pub path: String,
    /// Role name, 1–64 of `[A-Za-z0-9_+=,.@-]`, case kept.
    pub name: String,
}

/// ARN of an IAM SAML provider.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SamlProviderArn {
    /// Partition.
    pub partition: Partition,
    /// Account the provider lives in.
    pub account: AccountId,
    /// Provider name, 1–128 of `[A-Za-z0-9._-]` (the pattern of the service model; its prose says more).
    pub name: String,
}

/// An IAM ARN of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arn {
    /// `arn:…:role/…`
    Role(RoleArn),
    /// `arn:…:saml-provider/…`
    SamlProvider(SamlProviderArn),
}

/// One value of the SAML Role attribute: a provider and a role of one account and partition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArnPair {
    /// The role.
    pub role: RoleArn,
    /// The provider.
    pub provider: SamlProviderArn,
}

/// Why a Role value is no pair.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArnPairError {
    /// Not exactly two comma-separated parts that could be ARNs.
    #[error("{0} comma-separated parts, expected a provider ARN and a role ARN")]
    Parts(usize),
    /// One of the two is no ARN.
    #[error(transparent)]
    Arn(#[from] ArnError),
    /// Two roles.
    #[error("two role ARNs, expected a provider ARN and a role ARN")]
    TwoRoles,
    /// Two providers.
    #[error("two provider ARNs, expected a provider ARN and a role ARN")]
    TwoProviders,
    /// Role and provider live in different accounts.
    #[error("the role is in account {role}, the provider in {provider}")]
    AccountsDiffer {
        /// Account of the role.
        role: AccountId,
        /// Account of the provider.
        provider: AccountId,
    },
    /// Role and provider live in different partitions.
    #[error("the role is in partition {role}, the provider in {provider}")]
    PartitionsDiffer {
        /// Partition of the role.
        role: Partition,
        /// Partition of the provider.
        provider: Partition,
    },
}

/// Whether a text is a legal IAM role name: 1–64 of `[A-Za-z0-9_+=,.@-]`.
pub fn is_role_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

/// Whether a text is a legal SAML provider name: 1–128 of `[A-Za-z0-9._-]`.
pub fn is_provider_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Whether a text is a legal IAM path: `/`, or `/…/` of printable ASCII.
pub fn is_path(text: &str) -> bool {
    text == "/"
        || (text.len() >= 3
            && text.len() <= 512
            && text.starts_with('/')
            && text.ends_with('/')
            && text.bytes().all(|b| (0x21..=0x7e).contains(&b)))
}

impl Arn {
    /// Reads an ARN of a role or a SAML provider.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        let mut parts = text.splitn(6, ':');
        let mut part = || parts.next();
        let (
            Some("arn"),
            Some(partition),
            Some(service),
            Some(region),
            Some(account),
            Some(resource),
        ) = (part(), part(), part(), part(), part(), part())
        else {
            return Err(ArnError::NotAnArn(text.to_owned()));
        };
        let partition =
            Partition::parse(partition).ok_or_else(|| ArnError::Partition(partition.to_owned()))?;
        if service != "iam" {
            return Err(ArnError::Service(service.to_owned()));
        }
        if !region.is_empty() {
            return Err(ArnError::Region(region.to_owned()));
        }
        let account = AccountId::parse(account)
            .map_err(|error| ArnError::Account { text: account.to_owned(), error })?;
        if let Some(rest) = resource.strip_prefix("role/") {
            let (path, name) = match rest.rsplit_once('/') {
                Some((path, name)) => (format!("/{path}/"), name),
                None => ("/".to_owned(), rest),
            };
            if !is_role_name(name) || !is_path(&path) {
                return Err(ArnError::Name(rest.to_owned()));
            }
            return Ok(Self::Role(RoleArn { partition, account, path, name: name.to_owned() }));
        }
        if let Some(name) = resource.strip_prefix("saml-provider/") {
            if !is_provider_name(name) {
                return Err(ArnError::Name(name.to_owned()));
            }
            return Ok(Self::SamlProvider(SamlProviderArn {
                partition,
                account,
                name: name.to_owned(),
            }));
        }
        Err(ArnError::Resource(resource.to_owned()))
    }
}

impl RoleArn {
    /// Reads the ARN of a role.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        match Arn::parse(text)? {
            Arn::Role(role) => Ok(role),
            Arn::SamlProvider(provider) => {
                Err(ArnError::Resource(format!("saml-provider/{}", provider.name)))
            }
        }
    }
}

impl SamlProviderArn {
    /// Reads the ARN of a SAML provider.
    pub fn parse(text: &str) -> Result<Self, ArnError> {
        match Arn::parse(text)? {
            Arn::SamlProvider(provider) => Ok(provider),
            Arn::Role(role) => Err(ArnError::Resource(format!("role/{}", role.name))),
        }
    }
}

impl ArnPair {
    /// Reads one value of the Role attribute, in either order. A role name may itself hold commas, so
    /// the text is cut where `,arn:` stands.
    pub fn parse(text: &str) -> Result<Self, ArnPairError> {
        let mut cuts = commas_before_arns(text);
        let (Some(cut), None) = (cuts.next(), cuts.next()) else {
            return Err(ArnPairError::Parts(commas_before_arns(text).count() + 1));
        };
        let (first, second) = (text.get(..cut), text.get(cut + 1..));
        match (Arn::parse(first.unwrap_or_default())?, Arn::parse(second.unwrap_or_default())?) {
            (Arn::Role(role), Arn::SamlProvider(provider))
            | (Arn::SamlProvider(provider), Arn::Role(role)) => Self::new(role, provider),
            (Arn::Role(_), Arn::Role(_)) => Err(ArnPairError::TwoRoles),
            (Arn::SamlProvider(_), Arn::SamlProvider(_)) => Err(ArnPairError::TwoProviders),
        }
    }

    /// Joins a role and a provider of one account and partition.
    pub fn new(role: RoleArn, provider: SamlProviderArn) -> Result<Self, ArnPairError> {
        if role.partition != provider.partition {
            return Err(ArnPairError::PartitionsDiffer {
                role: role.partition,
                provider: provider.partition,
            });
        }
        if role.account != provider.account {
            return Err(ArnPairError::AccountsDiffer {
                role: role.account,
                provider: provider.account,
            });
        }
        Ok(Self { role, provider })
    }
}

/// Where a text is cut that should be a role and a provider: at commas that an ARN follows.
pub fn commas_before_arns(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let begins_arn = |at: &usize| bytes.get(at + 1..).is_some_and(|rest| rest.starts_with(b"arn:"));
    memchr::memchr_iter(b',', bytes).filter(begins_arn)
}

/// Whether a role's name is one that IAM Identity Center keeps for itself.
pub fn is_reserved_role(name: &str) -> bool {
    name.starts_with("AWSReservedSSO_")
}

/// A text that should be a value of the Role attribute, cut where another ARN begins, white space around
/// the parts left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleValue<'t> {
    text: &'t str,
    /// The parts, with where they stand in the text.
    pub parts: Vec<(Range<usize>, Result<Arn, ArnError>)>,
}

impl<'t> RoleValue<'t> {
    /// Cuts a text at every comma that an ARN follows; a role's name may hold commas.
    pub fn read(text: &'t str) -> Self {
        let begins_arn = |at: usize| {
            let rest = text.get(at + 1..).unwrap_or_default();
            rest.trim_start().starts_with("arn:")
        };
        let cuts = text.match_indices(',').map(|(at, _)| at);
        let mut cuts: Vec<usize> = cuts.filter(|&at| begins_arn(at)).collect();
        cuts.push(text.len());
        let mut from = 0;
        let mut parts = Vec::with_capacity(cuts.len());
        for cut in cuts {
            let part = text.get(from..cut).unwrap_or_default();
            let start = from + part.len() - part.trim_start().len();
            let part = part.trim();
            parts.push((start..start + part.len(), Arn::parse(part)));
            from = cut + 1;
        }
        Self { text, parts }
    }

    /// Whether anything in it begins like an ARN.
    pub fn has_arn(&self) -> bool {
        self.parts.len() > 1 || self.text.contains("arn:")
    }

    /// Role and provider, in whatever order, where it has both; they may contradict each other.
    pub fn role_and_provider(&self) -> Option<(RoleArn, SamlProviderArn)> {
        match self.parts.as_slice() {
            [(_, Ok(Arn::Role(role))), (_, Ok(Arn::SamlProvider(provider)))]
            | [(_, Ok(Arn::SamlProvider(provider))), (_, Ok(Arn::Role(role)))] => {
                Some((role.clone(), provider.clone()))
            }
            _ => None,
        }
    }

    /// The first role in it.
    pub fn role(&self) -> Option<&RoleArn> {
        self.parts.iter().find_map(|(_, part)| match part {
            Ok(Arn::Role(role)) => Some(role),
            _ => None,
        })
    }

    /// The name of a role that stands alone, or behind an account as in `123456789012 -- Name`.
    pub fn bare_role(&self) -> Option<&'t str> {
        let name = self.text.split_once(" -- ").map_or(self.text, |(_, name)| name);
        is_role_name(name).then_some(name)
    }

    /// The first `${…}` or `{{…}}` in it.
    pub fn placeholder(&self) -> Option<Range<usize>> {
        let of = |open: &str, close: &str| {
            let from = self.text.find(open)?;
            let length = self.text.get(from..)?.find(close)?;
            Some(from..from + length + close.len())
        };
        [of("${", "}"), of("{{", "}}")].into_iter().flatten().min_by_key(|range| range.start)
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:{}:iam::{}:role{}{}", self.partition, self.account, self.path, self.name)
    }
}

impl fmt::Display for SamlProviderArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:{}:iam::{}:saml-provider/{}", self.partition, self.account, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_keeps_its_path() {
        let role = RoleArn::parse("arn:aws:iam::123456789012:role/teams/net/NetOps").unwrap();
        assert_eq!((role.path.as_str(), role.name.as_str()), ("/teams/net/", "NetOps"));
        assert_eq!(role.to_string(), "arn:aws:iam::123456789012:role/teams/net/NetOps");
    }

    #[test]
    fn a_pair_reads_in_either_order_and_with_commas_in_the_role_name() {
        let role = "arn:aws:iam::123456789012:role/a,b=c";
        let provider = "arn:aws:iam::123456789012:saml-provider/OKTA";
        let one = ArnPair::parse(&format!("{role},{provider}")).unwrap();
        let other = ArnPair::parse(&format!("{provider},{role}")).unwrap();
        assert_eq!(one, other);
        assert_eq!(one.role.name, "a,b=c");
    }

    #[test]
    fn a_pair_of_two_accounts_names_both() {
        let error = ArnPair::parse(
            "arn:aws:iam::123456789012:saml-provider/OKTA,arn:aws:iam::210987654321:role/Admin",
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the role is in account 210987654321, the provider in 123456789012"
        );
    }

    #[test]
    fn a_value_keeps_its_parts_whatever_is_wrong_with_them() {
        let role = "arn:aws:iam::123456789012:role/a,b=c";
        let text = format!(" arn:aws:iam::1:saml-provider/OKTA, {role}");
        let value = RoleValue::read(&text);
        let [(first, Err(_)), (second, Ok(Arn::Role(_)))] = value.parts.as_slice() else {
            panic!("{value:?}");
        };
        assert_eq!(text.get(first.clone()), Some("arn:aws:iam::1:saml-provider/OKTA"));
        assert_eq!(text.get(second.clone()), Some(role));
        assert_eq!(value.role_and_provider(), None);
        assert_eq!(RoleValue::read("123456789012 -- Ops").bare_role(), Some("Ops"));
        assert_eq!(RoleValue::read("a/{{role}}").placeholder(), Some(2..10));
    }

    #[test]
    fn eleven_digits_say_so() {
        let error = RoleArn::parse("arn:aws:iam::12345678901:role/Admin").unwrap_err();
        assert_eq!(error.to_string(), "account `12345678901` has 11 digits, an account id has 12");
    }
}
