//! What a policy says, for whoever asks about more than one decision.

use super::condition::Outcome;
use super::policy::{Statement, TrustPolicy};
use super::principal::{Listed, PrincipalKind};
use crate::model::arn::{ArnError, SamlProviderArn};
use crate::model::declared::has_hole;

/// A principal that a statement names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'p> {
    /// Its kind; `None` for a kind there is none of.
    pub kind: Option<PrincipalKind>,
    /// Its name as written; `*` for everybody.
    pub name: &'p str,
    /// Whether it is everybody: `*`, alone or under `AWS`.
    pub everybody: bool,
    /// Byte offset in the document.
    pub at: usize,
}

/// What a `Federated` principal is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Federated {
    /// A SAML provider, or why its ARN is none.
    Saml(Result<SamlProviderArn, ArnError>),
    /// An OIDC provider, or a web identity provider by its domain.
    Web,
    /// Not known before deployment: a part of it is, or it has a template's placeholder.
    Unknown,
    /// Neither a domain nor an ARN of a provider.
    Malformed,
}

impl Named<'_> {
    /// What a `Federated` principal is; `None` for principals of other kinds.
    pub fn federated(&self) -> Option<Federated> {
        let name = self.name;
        (self.kind == Some(PrincipalKind::Federated)).then(|| {
            if has_hole(name) || name.contains("${") {
                Federated::Unknown
            } else if self.names_saml_provider() {
                Federated::Saml(SamlProviderArn::parse(name))
            } else if name.contains(":oidc-provider/") || is_domain(name) {
                Federated::Web
            } else {
                Federated::Malformed
            }
        })
    }

    /// Whether it looks like the ARN of a SAML provider, under whatever kind.
    pub fn names_saml_provider(&self) -> bool {
        self.name.contains("saml-provider")
    }
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let host = text.split_once('/').map_or(text, |(host, _)| host);
    host.contains('.') && host.split('.').all(label)
}

impl Statement {
    /// The principals in the document's order, also those that IAM would refuse.
    pub fn principals(&self) -> impl Iterator<Item = Named<'_>> {
        let principals = &self.principals;
        principals.listed.iter().zip(&principals.places).map(|(listed, &at)| match listed {
            Listed::Everybody => Named { kind: None, name: "*", everybody: true, at },
            Listed::One(kind, name) => Named { kind: Some(*kind), name, everybody: false, at },
            Listed::Malformed(kind, name) => {
                Named { kind: PrincipalKind::parse(kind), name, everybody: false, at }
            }
        })
    }

    /// Whether the principals are those it is *not* about: `NotPrincipal`.
    pub const fn excludes_principals(&self) -> bool {
        self.principals.negated
    }

    /// The actions as written, each with its byte offset.
    pub fn actions(&self) -> impl Iterator<Item = (&str, usize)> {
        self.actions.patterns.iter().map(|pattern| (pattern.text.as_str(), pattern.at))
    }

    /// Whether the actions are those it is *not* about: `NotAction`.
    pub const fn excludes_actions(&self) -> bool {
        self.actions.negated
    }

    /// Whether it is about an action, in any case.
    pub fn covers_action(&self, action: &str) -> bool {
        self.actions.cover(&action.to_ascii_lowercase()) == Outcome::Met
    }

    /// Whether it is about a principal.
    pub fn covers_principal(&self, principal: &str) -> bool {
        self.principals.cover(principal) == Outcome::Met
    }

    /// Its text, where IAM would refuse it as a whole and it is read as nothing.
    pub fn refused_text(&self) -> Option<&str> {
        self.broken.as_ref().map(|broken| &*broken.text)
    }
}

impl TrustPolicy {
    /// `Version` as written.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Number of the statement, from 0, that a byte offset stands in.
    pub fn statement_at(&self, at: usize) -> Option<usize> {
        self.statements.iter().position(|statement| (statement.at..statement.end).contains(&at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::policy::FaultKind;
    use super::*;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["sts:TagSession","sts:Assume*"],
         "Principal":{"Federated":["arn:aws:iam::123456789012:saml-provider/OKTA","a*"],"AWS":"*","Robot":"x"}},
        {"Effect":"Deny","NotAction":"sts:X","Principal":"*","Resource":"*"}]}"#;

    #[test]
    fn principals_and_actions_stand_at_their_bytes() {
        let policy = TrustPolicy::parse(POLICY).unwrap();
        let first = policy.statements.first().unwrap();
        let quoted = |text: &str| format!("\"{text}\"");
        for named in first.principals() {
            assert!(POLICY.get(named.at..).unwrap().starts_with(&quoted(named.name)), "{named:?}");
        }
        for (action, at) in first.actions() {
            assert!(POLICY.get(at..).unwrap().starts_with(&quoted(action)), "{action}");
        }
        let kinds: Vec<_> = first.principals().map(|named| (named.kind, named.everybody)).collect();
        let federated = Some(PrincipalKind::Federated);
        assert_eq!(kinds, [(federated, false), (federated, false), (None, true), (None, false)]);
        assert!(first.covers_action("STS:AssumeRoleWithSAML") && !first.covers_action("sts:X"));
    }

    #[test]
    fn a_fault_is_of_the_statement_it_stands_in() {
        let policy = TrustPolicy::parse(POLICY).unwrap();
        let of: Vec<_> =
            policy.faults.iter().map(|fault| (fault.kind, policy.statement_at(fault.at))).collect();
        assert_eq!(
            of,
            [
                (FaultKind::Principal, Some(0)),
                (FaultKind::Principal, Some(0)),
                (FaultKind::Prohibited, Some(1))
            ]
        );
        assert!(policy.statements.last().unwrap().refused_text().unwrap().contains("Resource"));
    }
}
