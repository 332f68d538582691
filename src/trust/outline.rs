//! What a statement says, for those who review policies rather than decide them.

use super::condition::Condition;
use super::policy::{Effect, Statement, TrustPolicy};
use super::principal::Listed;

/// A principal as a statement names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party<'p> {
    /// `AWS`, `Federated`, `Service`, `CanonicalUser`, or what the policy has in place of one.
    pub kind: &'p str,
    /// Its name; `*` for everybody.
    pub name: &'p str,
}

/// What a statement says.
#[derive(Debug, Clone)]
pub struct Outline<'p> {
    /// Allow or deny; what cannot be told from a deny is one.
    pub effect: Effect,
    /// `NotPrincipal`.
    pub not_principal: bool,
    /// Who it is about.
    pub parties: Vec<Party<'p>>,
    /// `NotAction`.
    pub not_action: bool,
    /// Its actions, as written.
    pub actions: Vec<&'p str>,
    /// Its conditions.
    pub conditions: &'p [Condition],
    /// Why it is read as nothing: IAM would refuse it as a whole.
    pub broken: Option<&'p str>,
}

impl Party<'_> {
    /// Whether it is a SAML provider.
    pub fn is_saml_provider(&self) -> bool {
        self.kind == "Federated" && self.name.contains(":saml-provider/")
    }
}

impl Statement {
    /// What it says.
    pub fn outline(&self) -> Outline<'_> {
        Outline {
            effect: self.effect,
            not_principal: self.principals.negated,
            parties: self.principals.listed.iter().map(Listed::party).collect(),
            not_action: self.actions.negated,
            actions: self.actions.patterns.iter().map(|pattern| pattern.text.as_str()).collect(),
            conditions: &self.conditions,
            broken: self.broken.as_ref().map(|broken| broken.fault.message.as_str()),
        }
    }
}

impl TrustPolicy {
    /// Whether `${...}` is a variable: in the newer version of the language only.
    pub fn has_variables(&self) -> bool {
        self.version.as_deref() == Some(super::read::WITH_VARIABLES)
    }
}

impl Listed {
    fn party(&self) -> Party<'_> {
        match self {
            Self::Everybody => Party { kind: "AWS", name: "*" },
            Self::One(kind, name) => Party { kind: kind.as_str(), name },
            Self::Malformed(kind, name) => Party { kind, name },
        }
    }
}
